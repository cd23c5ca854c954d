"""The second step of signing in, after the password: a code or a passkey. A passkey does without the password too."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, current_app, flash, jsonify, redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.extensions import sender
from booking.models import StaffMember
from booking.signing_in import codes, passkeys
from booking.web import auth, limits
from booking.web.access import public
from booking.web.auth import FAILED, bp

__all__ = ["asked_last", "bp", "handed_on", "site", "typed_code"]

#: Where a session keeps what the browser was asked last, until it answers.
CHALLENGE = "challenge"


def site() -> passkeys.Site:
    """For whom passkeys are good; 404 where browsers have none."""
    return passkeys.site_of(current_app.config["PUBLIC_URL"]) or abort(404)


def handed_on(question: dict[str, Any]) -> Response:
    """What a script hands on to the browser; the session keeps its challenge until the answer comes."""
    session[CHALLENGE] = [question["challenge"], clock.now().timestamp()]
    return jsonify(question)


def asked_last() -> tuple[str, datetime]:
    """The challenge that is to be answered, which can be done once, and since when it has been there."""
    challenge, asked_at = session.pop(CHALLENGE, ("", 0))
    return challenge, datetime.fromtimestamp(asked_at, UTC)


def typed_code() -> str:
    """The code as it was typed, without what only helps the eye."""
    return request.form.get("code", "")[:40].replace(" ", "").replace("-", "")


def _account() -> str:
    member = auth.who_waits()
    return str(member.id) if member else sender()


@bp.get("/anmelden/code")
@public
def second_step() -> AnyResponse | str:
    """For whoever has typed the right password."""
    member = auth.who_waits()
    return _page(member, []) if member else _from_the_start()


@bp.post("/anmelden/code")
@public
@limits.guesses("codes", _account, lambda sentence: _page(auth.who_waits(), [("code", sentence)]))
def send_second_step() -> AnyResponse | tuple[str, int]:
    """Sign in with a code that fits."""
    member = auth.who_waits()
    if member is None:
        return _from_the_start()
    code = typed_code()
    if not codes.use_up(member.id, code):
        sentence = gettext("That code does not fit. Look at your app for the present one, and try again.")
        return _page(member, [("code", sentence if code else gettext("Enter the code."))]), FAILED
    return _signed_in(member)


@bp.post("/anmelden/passkey/frage")
@public
@limits.try_passkey
def ask_for_passkey() -> Response:
    return handed_on(passkeys.question(site()))


@bp.post("/anmelden/passkey")
@public
@limits.try_passkey
def send_passkey() -> AnyResponse | tuple[str, int]:
    """Sign in with a passkey, with or without a password before."""
    waiting = auth.who_waits()
    member = passkeys.member_of(site(), *asked_last(), request.form.get("credential", ""))
    if member is None or not auth.may_sign_in(member) or (waiting and waiting.id != member.id):
        sentence = gettext("That passkey opens nothing here. Take another one, or sign in without it.")
        errors = [("passkey", sentence)]
        return _page(waiting, errors) if waiting else auth.sign_in_page(errors), FAILED
    return _signed_in(member)


def _signed_in(member: StaffMember) -> AnyResponse:
    auth.sign_in_as(member)
    return redirect(auth.way_on(), 303)


def _from_the_start() -> AnyResponse:
    flash(gettext("Please begin again with your password: too much time has passed."), "error")
    return redirect(url_for("auth.sign_in", next=auth.wanted()), 303)


def _page(member: StaffMember | None, errors: list[tuple[str, str]]) -> str:
    return render_template(
        "auth/second_step.html",
        errors=errors,
        has_codes=member is None or bool(member.totp_secret),
        has_passkeys=member is not None and bool(member.passkeys),
        next=auth.wanted(),
    )
