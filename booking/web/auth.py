"""Signing in to the team's pages and out: Flask-Security's passwords and sessions behind a page of our own."""

import re
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import current_user
from flask_security.utils import hash_password, login_user, logout_user, verify_password
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.database import db, transaction
from booking.extensions import security, sender
from booking.models import StaffMember
from booking.signing_in import EXAMPLE_ACCOUNT, members, passkeys
from booking.web import limits
from booking.web.access import first_page, public
from booking.web.errors import signed_out
from booking.web.forms.people import InvitationForm

bp = Blueprint("auth", __name__, url_prefix="/team")

SECURITY_SETTINGS: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],  # it salts by itself; a second secret would have to be kept for ever
    "SECURITY_FLASH_MESSAGES": False,
    "SECURITY_CLI_USERS_NAME": None,
    "SECURITY_CLI_ROLES_NAME": None,
}

FAILED = 422

#: Where a session keeps whose password was right, until the second step; and for how many seconds.
WAITING = "waiting"
PATIENCE = 600

#: Hashing costs work with each character; nobody types as many.
LONGEST_PASSWORD = 1000
LONGEST_ADDRESS = 254


def _email() -> str:
    """The address that was typed, without what no address has."""
    return "".join(filter(str.isprintable, request.form.get("email", ""))).strip()[:LONGEST_ADDRESS]


def _account() -> str:
    return f"{sender()} {_email().lower()}"


@bp.get("/anmelden")
@public
def sign_in() -> AnyResponse | str:
    """Address and password, for whoever is not signed in yet."""
    return redirect(way_on()) if current_user.is_authenticated else sign_in_page([])


@bp.post("/anmelden")
@public
@limits.guesses("passwords", _account, lambda sentence: sign_in_page([("email", sentence)], _email()))
def send_sign_in() -> AnyResponse | tuple[str, int]:
    """The same sentence, after the same work, whether the address is unknown or the password wrong."""
    if current_user.is_authenticated:
        return redirect(way_on())
    email, password = _email(), request.form.get("password", "")
    errors = []
    if not email:
        errors.append(("email", gettext("Enter your e-mail address.")))
    if not password:
        errors.append(("password", gettext("Enter your password.")))
    member = None if errors else _find_member(email, password)
    if member is None:
        sentence = gettext("These two do not go together. Check the e-mail address and the password.")
        return sign_in_page(errors or [("email", sentence)], email), FAILED
    if member.has_second_factor:
        wait_for_second_step(member)
        return redirect(url_for("auth.second_step", next=wanted()), 303)
    sign_in_as(member)
    return redirect(way_on())


def sign_in_as(member: StaffMember) -> None:
    """Begin a session anew: nothing that was put into the browser before is worth anything from here on."""
    session.clear()
    login_user(member)
    session.permanent = True


def wait_for_second_step(member: StaffMember) -> None:
    """Remember that the password was right, and sign nobody in."""
    session.clear()
    session[WAITING] = {"member": member.fs_uniquifier, "since": int(clock.now().timestamp())}


def who_waits() -> StaffMember | None:
    """Whose password was right in this browser some minutes ago."""
    waiting = session.get(WAITING, {})
    if abs(clock.now().timestamp() - waiting.get("since", 0)) > PATIENCE:
        return None
    member = security.datastore.find_user(fs_uniquifier=waiting["member"])
    return member if isinstance(member, StaffMember) and may_sign_in(member) else None


@bp.get("/einladung/<token>")
@public
def invitation(token: str) -> AnyResponse | str:
    """For a new colleague, who chooses a password."""
    member = members.invited(token, clock.now())
    return _invitation_page(InvitationForm(email=member.email, name=member.name), token) if member else _over()


@bp.post("/einladung/<token>")
@public
def send_invitation(token: str) -> AnyResponse | tuple[str, int]:
    member = members.invited(token, clock.now())
    if member is None:
        return _over()
    form = InvitationForm(request.form, email=member.email)
    if not form.validate():
        return _invitation_page(form, token), FAILED
    member = members.accept_invitation(token, form.name.meant, form.chosen, clock.now())
    if member is None:
        return _over()
    if member.has_second_factor:
        wait_for_second_step(member)
        return redirect(url_for("auth.second_step"), 303)
    sign_in_as(member)
    flash(gettext("Welcome! From now on you sign in with your address and this password."))
    return redirect(way_on(), 303)


def _invitation_page(form: InvitationForm, token: str) -> str:
    return render_template("auth/invitation.html", form=form, token=token)


def _over() -> AnyResponse:
    limits.count_unknown_link()
    flash(gettext("This invitation has ended, or was accepted before. An admin can send you a new one."), "error")
    return redirect(url_for("auth.sign_in"), 303)


@bp.post("/abmelden")
@public
def sign_out() -> AnyResponse:
    """End the sessions of this person everywhere, so that a copied cookie is worth nothing either."""
    if current_user.is_authenticated:
        with transaction():
            security.datastore.set_uniquifier(db.session.get_one(StaffMember, current_user.id))
        logout_user()
    session.clear()
    flash(gettext("You are signed out."))
    return redirect(url_for("auth.sign_in"))


@security.unauthn_handler
def _to_sign_in(_mechanisms: list[str], headers: dict[str, str] | None = None) -> AnyResponse:
    """Where somebody goes who is not signed in; afterwards back to the page they wanted."""
    return signed_out() or redirect(url_for("auth.sign_in", next=_here()))


@security.reauthn_handler
def _to_password(_within: timedelta, _grace: timedelta) -> AnyResponse:
    """Where somebody goes whose sign-in was some time ago, before they change how they sign in."""
    return redirect(url_for("staff.confirm", next=_here()), 303)


def _here() -> str | None:
    """The page that was asked for; a form that was sent is none to come back to."""
    return request.script_root + request.full_path.removesuffix("?") if request.method == "GET" else None


def _find_member(email: str, password: str) -> StaffMember | None:
    if len(password) > LONGEST_PASSWORD:
        return None
    member = security.datastore.find_user(case_insensitive=True, email=email)
    if not isinstance(member, StaffMember) or not member.password or not may_sign_in(member):
        hash_password(password)  # as much work as checking one, so that the time tells nothing
        return None
    return member if verify_password(password, member.password) else None


def may_sign_in(member: StaffMember) -> bool:
    """Whether they are one of the team still; the account of the example house is none at a real address."""
    is_example = member.email == EXAMPLE_ACCOUNT and bool(current_app.config["SESSION_COOKIE_SECURE"])
    return member.active and not is_example


def way_on() -> str:
    """To the page that was wanted, or the first of the team."""
    return wanted() or url_for(first_page(current_user.role))


def wanted() -> str | None:
    """The page that somebody was on the way to."""
    return local_path(request.args.get("next", "")) or None


def local_path(target: str) -> str:
    """The target if it is certainly a path of this site, else nothing.

    Browsers read a backslash as a slash, drop tabs and line breaks, and take
    what follows two slashes for a host.
    """
    return target if re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", target) else ""


def sign_in_page(errors: list[tuple[str, str]], email: str = "") -> str:
    return render_template(
        "auth/sign_in.html",
        errors=errors,
        email=email,
        next=wanted(),
        has_sign_on=bool(current_app.config["OIDC_ISSUER"]),
        has_passkeys=passkeys.site_of(current_app.config["PUBLIC_URL"]) is not None,
    )
