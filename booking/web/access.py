"""Who may see what, and the headers that keep it so.

Every view carries one of these marks; a test walks the URL map and demands it.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import idna
import sqlalchemy as sa
from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import current_user
from flask_security.core import UserMixin
from flask_security.datastore import SQLAlchemyUserDatastore
from flask_security.decorators import auth_required
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as BaseResponse

from booking import clock
from booking.database import db
from booking.house import shown_at, shown_version
from booking.models import House, StaffMember

#: A page that says what cannot be meant of what was sent.
MISTAKES = 422

#: How long after signing in somebody may change how they sign in.
FRESH = timedelta(minutes=15)

#: By so much may the clock be set back while somebody is signed in.
SET_BACK = timedelta(days=1)

OWN_ADDRESSES = {"127.0.0.1", "::1"}
OWN_HOSTS = {"127.0.0.1", "localhost"}

#: By which proxies tell that a request is not their own.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")

QUIET = {"GET", "HEAD", "OPTIONS"}

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # KERN's icons are data: addresses
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

#: Who may open a page of the team's that ``OPEN_TO`` does not name.
TEAM = ("team", "admin")

#: Which roles may open a page of the team's, by its endpoint.
OPEN_TO = {
    **dict.fromkeys(
        (
            "staff.account",
            "staff.shortcuts",
            "staff.set_up_app",
            "staff.switch_app_on",
            "staff.switch_app_off",
            "staff.renew_recovery_codes",
            "staff.ask_for_new_passkey",
            "staff.add_passkey",
            "staff.remove_passkey",
            "staff.send_account",
            "staff.set_password",
            "staff.send_password",
            "staff.confirm",
            "staff.send_confirm",
            "staff.today",
            "staff.keys",
            "staff.receipt",
            "staff.hand_out_key",
            "staff.take_key_back",
        ),
        ("team", "admin", "reception"),
    ),
    **dict.fromkeys(
        ("staff.members", "staff.send_invite", "staff.send_invite_again", "staff.send_member", "staff.send_let_go"),
        ("admin",),
    ),
}

View = Callable[..., Any]
#: What a view returns: a page, a page with its status, or the way to another.
PageAnswer = str | BaseResponse | tuple[str, int]


def _for(audience: str, view: View) -> View:
    view.audience = audience  # type: ignore[attr-defined]  # a mark of ours, which functions do not have for mypy
    return view


def public(view: View) -> View:
    """For everybody."""
    return _for("public", view)


def link_holder(view: View) -> View:
    """For whoever knows the secret address; the view looks the token up and answers 404 otherwise."""
    return _for("link_holder", view)


def staff_only(view: View) -> View:
    """For the team, signed in, whose role may open it by ``OPEN_TO``; the sign-in page for everybody else.

    Who lacks a second factor where it is demanded is sent to set one up. A page that only shows something shares with
    all others what it reads of the house.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if is_factor_demanded() and not current_user.has_second_factor:
            return redirect(url_for("staff.account"), 303)
        if request.method not in QUIET:
            return view(*args, **kwargs)
        with shown_at(g.get("shown_version") or shown_version(), clock.now()) as g.pieces:
            return view(*args, **kwargs)

    return own_account(guarded)


def is_factor_demanded() -> bool:
    """Whether whoever is signed in may work with a second factor alone, as everybody here or by themselves."""
    return current_app.config["SECOND_FACTOR"] == "demanded" or bool(current_user.needs_second_factor)


def own_account(view: View) -> View:
    """For the team, signed in, with or without a second factor: where one is set up."""
    return _for("staff", auth_required("session")(view))


def own_account_anew(view: View) -> View:
    """For one of the team who has signed in some minutes ago, or said the password again since."""
    return _for("staff", auth_required("session", within=lambda: FRESH, grace=timedelta)(view))


class Members(SQLAlchemyUserDatastore):
    """The team, for Flask-Security. With whoever asks for a page comes the version of the house, which the page needs
    too."""

    def find_user(self, case_insensitive: bool = False, **sought: Any) -> UserMixin | None:
        if sought.keys() != {"fs_uniquifier"}:
            return super().find_user(case_insensitive, **sought)
        member, g.shown_version = db.session.execute(_MEMBER, sought).first() or (None, None)
        return member


_MEMBER = (
    sa.select(StaffMember, House.version)
    .outerjoin(House, sa.true())
    .where(StaffMember.fs_uniquifier == sa.bindparam("fs_uniquifier"))
)


class SignedIn(NamedTuple):
    """Who of the team asks for a page, as they were when it was asked for."""

    name: str
    role: str
    has_shortcuts: bool


def who_is_signed_in() -> SignedIn | None:
    if "signed_in" not in g:
        g.signed_in = (
            SignedIn(current_user.name, current_user.role, current_user.has_shortcuts)
            if current_user.is_authenticated
            else None
        )
    found: SignedIn | None = g.signed_in
    return found


def role_may_open(role: str, endpoint: str) -> bool:
    """Whether somebody of the team with this role may open such a page."""
    return role in OPEN_TO.get(endpoint, TEAM)


def first_page(role: str) -> str:
    """The endpoint of what somebody of the team comes to after signing in."""
    return "staff.inbox" if role_may_open(role, "staff.inbox") else "staff.today"


class ForOthers(Forbidden):
    """A page of the team that somebody signed in may not open; ``roles``: who may."""

    def __init__(self, roles: tuple[str, ...]) -> None:
        super().__init__()
        self.roles = roles


def only_who_may() -> None:
    """Refuse whoever of the team is signed in and may not open the page; who is not is asked who it is by the page."""
    endpoint, signed_in = str(request.endpoint), who_is_signed_in()
    if signed_in and not role_may_open(signed_in.role, endpoint):
        raise ForOthers(OPEN_TO.get(endpoint, TEAM))


def only_this_machine() -> None:
    """Refuse everybody else while the clock or the limits are set for trying things out.

    What came through a proxy is from here only where the proxy is known and all that it names is.
    """
    senders = request.headers.get("X-Forwarded-For", "").split(",")
    is_known = current_app.config["PROXIES"] and all(sender.strip() in OWN_ADDRESSES for sender in senders)
    is_forwarded = any(name in request.headers for name in FORWARDED)
    if request.remote_addr not in OWN_ADDRESSES or (is_forwarded and not is_known):
        abort(403)


class FromElsewhere(Forbidden):
    """A form that was sent from a page of another site."""


def only_from_our_pages() -> None:
    """Refuse what a browser says was sent from elsewhere, whatever token it brings.

    Our pages send no referrer, and with their forms browsers then send ``Origin: null`` (Fetch, "append a request
    Origin header"): that says nothing, and ``Sec-Fetch-Site`` counts, which browsers send to https and to this
    machine alone. Without both, the token is what there is.
    """
    if request.method in QUIET:
        return
    sent_by, site = request.headers.get("Origin", "null"), request.headers.get("Sec-Fetch-Site", "none")
    if (sent_by != "null" and sent_by not in _own_origins()) or site not in ("same-origin", "none"):
        raise FromElsewhere


def _own_origins() -> set[str]:
    """The public address; and the one asked for, as long as that is this machine's own."""
    found = {origin(current_app.config["PUBLIC_URL"])}
    if current_app.config["HOST"] in OWN_HOSTS | OWN_ADDRESSES and urlsplit(request.host_url).hostname in OWN_HOSTS:
        found.add(request.host_url.rstrip("/"))
    return found


def cookie_name(name: str, public_url: str) -> str:
    """The name of a cookie, by which browsers know that it came over https, and where the house has the host for itself
    that nobody else there can have set it (RFC 6265bis, section 4.1.3)."""
    public = urlsplit(public_url)
    return f"{'__Secure' if public.path else '__Host'}-{name}" if public.scheme == "https" else name


def origin(url: str) -> str:
    """The address as browsers write it: in ASCII, without the port that goes without saying (RFC 6454, section 6.2).

    Raises ``ValueError`` for a host or port that cannot be.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host if host.isascii() else idna.encode(host, uts46=True).decode()
    port = "" if parts.port in (None, {"http": 80, "https": 443}[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _protect(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if current_app.config["PUBLIC_URL"].startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint == "static" and response.status_code < 400:
        # Addresses of assets carry a digest of their content, so they never go stale.
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if request.args.get("v") else "no-cache"
        )
    elif "Cache-Control" not in response.headers:
        # A browser can come back to a page that answers what was sent only if it may keep it, in its own cache.
        may_keep = response.status_code == MISTAKES
        response.headers["Cache-Control"] = "private, no-cache" if may_keep else "no-store"
    return response


class _Signer(TimestampSigner):
    """A signature of the near future counts as fresh: a clock that is set back must sign nobody out.

    ItsDangerous refuses those, by a second already.
    """

    def unsign(self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False) -> Any:
        value, signed_at = super().unsign(signed_value, return_timestamp=True)
        ahead = int(signed_at.timestamp()) - self.get_timestamp()
        if max_age is not None and not -max_age <= ahead <= SET_BACK.total_seconds():
            raise SignatureExpired("too old, or of a time to come", payload=value, date_signed=signed_at)
        return (value, signed_at) if return_timestamp else value


class _Sessions(SecureCookieSessionInterface):
    """Sessions that outlive a clock that is set back, and leave files alone. Flask-Login looks into the session of
    every request, and what has done so is marked as different for each cookie: browsers and proxies would load our
    stylesheets again and again, and pages that are the same for all would carry somebody's session."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        serializer = super().get_signing_serializer(app)
        if serializer:
            serializer.signer = _Signer
        return serializer

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint != "static" and not g.get("is_shared"):
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    app.session_interface = _Sessions()
    app.before_request(only_from_our_pages)
    app.after_request(_protect)
    app.view_functions["static"] = public(app.view_functions["static"])
