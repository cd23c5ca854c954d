"""Signing in to the team's pages and out: Flask-Security's passwords and sessions behind a page of our own."""

import re
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_limiter import RequestLimit
from flask_login import current_user
from flask_security.utils import hash_password, login_user, logout_user, verify_password
from werkzeug.wrappers import Response as AnyResponse

from booking.database import db, transaction
from booking.demo import EXAMPLE_ACCOUNT
from booking.extensions import limiter, security, sender
from booking.models import StaffMember
from booking.web.access import public

bp = Blueprint("auth", __name__, url_prefix="/team")

SECURITY_SETTINGS: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],  # it salts by itself; a second secret would have to be kept for ever
    "SECURITY_FLASH_MESSAGES": False,
    "SECURITY_CLI_USERS_NAME": None,
    "SECURITY_CLI_ROLES_NAME": None,
}

#: How many failed sign-ins are allowed from one address, to one account and altogether: each costs us work.
PER_ACCOUNT = "5 per 15 minutes"
PER_ADDRESS = "50 per 15 minutes"

FAILED = 422

#: Hashing costs work with each character; nobody types as many.
LONGEST_PASSWORD = 1000
LONGEST_ADDRESS = 254


def _email() -> str:
    """The address that was typed, without what no address has."""
    return "".join(filter(str.isprintable, request.form.get("email", ""))).strip()[:LONGEST_ADDRESS]


def _account() -> str:
    return f"{sender()} {_email().lower()}"


def _has_failed(response: Response) -> bool:
    return response.status_code == FAILED


def _too_many(_limit: RequestLimit) -> Response:
    sentence = gettext("That were too many attempts. Wait for a quarter of an hour, then try again.")
    return Response(_page([("email", sentence)], _email()), 429)


@bp.get("/anmelden")
@public
def sign_in() -> AnyResponse | str:
    """Address and password, for whoever is not signed in yet."""
    return redirect(_way_on()) if current_user.is_authenticated else _page([])


@bp.post("/anmelden")
@public
@limiter.limit(PER_ACCOUNT, key_func=_account, deduct_when=_has_failed, on_breach=_too_many)
@limiter.limit(PER_ADDRESS, deduct_when=_has_failed, on_breach=_too_many)
def send_sign_in() -> AnyResponse | tuple[str, int]:
    """The same sentence, after the same work, whether the address is unknown or the password wrong."""
    if current_user.is_authenticated:
        return redirect(_way_on())
    email, password = _email(), request.form.get("password", "")
    errors = []
    if not email:
        errors.append(("email", gettext("Enter your e-mail address.")))
    if not password:
        errors.append(("password", gettext("Enter your password.")))
    member = None if errors else _find_member(email, password)
    if member is None:
        sentence = gettext("These two do not go together. Check the e-mail address and the password.")
        return _page(errors or [("email", sentence)], email), FAILED
    session.clear()  # nothing that was put into the browser before is worth anything from here on
    login_user(member)
    session.permanent = True
    return redirect(_way_on())


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
    wanted = request.script_root + request.full_path.removesuffix("?")
    return redirect(url_for("auth.sign_in", next=wanted if request.method == "GET" else None))


def _find_member(email: str, password: str) -> StaffMember | None:
    if len(password) > LONGEST_PASSWORD:
        return None
    member = security.datastore.find_user(case_insensitive=True, email=email)
    is_example = email.lower() == EXAMPLE_ACCOUNT and current_app.config["SESSION_COOKIE_SECURE"]  # at a real address
    if not isinstance(member, StaffMember) or not member.password or not member.active or is_example:
        hash_password(password)  # as much work as checking one, so that the time tells nothing
        return None
    return member if verify_password(password, member.password) else None


def _way_on() -> str:
    return local_path(request.args.get("next", "")) or url_for("staff.inbox")


def local_path(target: str) -> str:
    """The target if it is certainly a path of this site, else nothing.

    Browsers read a backslash as a slash, drop tabs and line breaks, and take
    what follows two slashes for a host.
    """
    return target if re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", target) else ""


def _page(errors: list[tuple[str, str]], email: str = "") -> str:
    return render_template(
        "auth/sign_in.html",
        errors=errors,
        email=email,
        target=url_for("auth.sign_in", next=local_path(request.args.get("next", "")) or None),
    )
