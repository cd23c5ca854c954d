"""The own account of one of the team: how they sign in. Each change asks for a sign-in of the last minutes."""

from collections.abc import Iterator
from typing import Any

import segno
from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_security.utils import verify_password
from itsdangerous import BadSignature
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField

from booking.extensions import security
from booking.house import house
from booking.signing_in import codes, members, passkeys
from booking.web import auth, limits, locale
from booking.web.access import is_factor_demanded, own_account, own_account_anew, role_may_open
from booking.web.auth import FAILED
from booking.web.forms.fields import LanguageField, TextLine
from booking.web.forms.page import PageForm
from booking.web.forms.people import NewPasswordForm
from booking.web.second_step import asked_last, handed_on, site, typed_code
from booking.web.staff.forms import AppForm, PasskeyForm, PasswordForm
from booking.web.staff.frame import bp, member
from booking.web.staff.members import ROLE_NAMES


class AccountForm(PageForm):
    """What somebody says of themselves."""

    name = TextLine(lazy_gettext("Name"), lazy_gettext("Enter your name, as colleagues read it."), 80)
    language = LanguageField(lazy_gettext("Language of letters to you"), whole=True)
    hears_daily = BooleanField(lazy_gettext("Mail me in the morning what is on, and what has been left lying"))
    hears_of_requests = BooleanField(lazy_gettext("Mail me every new request, beside the office"))
    has_shortcuts = BooleanField(lazy_gettext("Single keys do what buttons do"))


#: What each key does, in the order of the list. ``static/js/shortcuts.js`` does it.
SHORTCUTS = {
    "?": lazy_gettext("this list"),
    "g h": lazy_gettext("to the page “Today”"),
    "j": lazy_gettext("next request; at a request: next date"),
    "k": lazy_gettext("previous request; at a request: previous date"),
    "o": lazy_gettext("open the request"),
    "x": lazy_gettext("choose the date, or not"),
    "a": lazy_gettext("choose all free dates"),
    "z": lazy_gettext("confirm what is chosen"),
    "v": lazy_gettext("make a suggestion"),
    "n": lazy_gettext("not possible"),
    "u": lazy_gettext("undo"),
    "Ctrl + Enter": lazy_gettext("send what has been looked at"),
}


@bp.get("/konto")
@own_account
def account() -> str:
    return _account(AccountForm(obj=member()))


@bp.post("/konto")
@own_account
def send_account() -> AnyResponse | tuple[str, int]:
    form = AccountForm(request.form)
    if not form.validate():
        return _account(form), FAILED
    members.save_account(
        current_user.id,
        name=form.name.meant,
        language=form.language.data,
        hears_daily=form.hears_daily.data,
        hears_of_requests=form.hears_of_requests.data,
        has_shortcuts=form.has_shortcuts.data,
    )
    flash(gettext("Saved."))
    return redirect(url_for(".account"), 303)


@bp.get("/konto/tasten")
@own_account
def shortcuts() -> str:
    """What single keys do, for those who have switched them on."""
    return render_template("staff/shortcuts.html", shortcuts=SHORTCUTS, is_on=member().has_shortcuts)


@bp.get("/konto/passwort")
@own_account_anew
def set_password() -> str:
    return _password(NewPasswordForm(email=current_user.email))


@bp.post("/konto/passwort")
@own_account_anew
def send_password() -> AnyResponse | str | tuple[str, int]:
    form = NewPasswordForm(request.form, email=current_user.email)
    if not form.validate():
        return _password(form), FAILED
    members.set_password(current_user.id, form.chosen)
    return _changed(gettext("Your new password is set. Everywhere else you are signed out."))


def _password(form: NewPasswordForm) -> str:
    return render_template("staff/password.html", form=form)


def _account(form: AccountForm) -> str:
    someone = member()
    return render_template(
        "staff/account.html",
        form=form,
        role=ROLE_NAMES[someone.role],
        languages=[(code, locale.name_of(code)) for code in locale.codes_here(whole=True)],
        hears=role_may_open(someone.role, "staff.inbox"),
        someone=someone,
        codes_left=codes.recovery_codes_left(someone),
        has_passkeys=passkeys.site_of(current_app.config["PUBLIC_URL"]) is not None,
        is_demanded=is_factor_demanded(),
        longest_name=passkeys.LONGEST_NAME,
        most=passkeys.MOST,
    )


@bp.get("/konto/app")
@own_account_anew
def set_up_app() -> str:
    return _set_up(codes.new_secret(), [])


@bp.post("/konto/app")
@own_account_anew
def switch_app_on() -> AnyResponse | tuple[str, int] | str:
    """Ask for codes from now on, once a code shows that the app makes them."""
    try:
        secret = security.tf_setup_serializer.loads(AppForm(request.form).setup.text, salt=_salt())
    except BadSignature:
        abort(400)
    if not codes.switch_on(current_user.id, secret, typed_code()):
        sentence = gettext("That code does not fit. Look at your app for the present one, and try again.")
        return _set_up(secret, [("code", sentence)]), FAILED
    return _changed(gettext("From now on we ask for a code from your app when you sign in."))


@bp.post("/konto/app/aus")
@own_account_anew
def switch_app_off() -> AnyResponse | str:
    codes.switch_off(current_user.id)
    return _changed(gettext("We no longer ask for a code from your app."))


@bp.post("/konto/ersatzcodes")
@own_account_anew
def renew_recovery_codes() -> AnyResponse | str:
    """Show new ones, this once; without another factor there are none."""
    if not member().has_second_factor:
        return redirect(url_for(".account"), 303)
    return _show_recovery_codes(gettext("Your old recovery codes are void. These are the new ones."))


@bp.post("/konto/passkeys/frage")
@own_account_anew
def ask_for_new_passkey() -> Response:
    return handed_on(passkeys.question_to_register(current_user.id, site(), _house_name()))


@bp.post("/konto/passkeys")
@own_account_anew
def add_passkey() -> AnyResponse | str:
    form = PasskeyForm(request.form)
    name = form.name.text or gettext("Passkey")
    challenge, _asked_at = asked_last()
    if not passkeys.register(current_user.id, site(), challenge, form.credential.text, name):
        flash(gettext("That passkey could not be kept. Try again, or take another one."), "error")
        return redirect(url_for(".account"), 303)
    return _changed(gettext("You can sign in with the passkey “%(name)s” now.", name=name))


@bp.post("/konto/passkeys/<int:passkey_id>/entfernen")
@own_account_anew
def remove_passkey(passkey_id: int) -> AnyResponse | str:
    if not passkeys.forget_passkey(current_user.id, passkey_id):
        abort(404)
    return _changed(gettext("The passkey is removed. Nobody can sign in with it any more."))


def _account_key() -> str:
    return str(current_user.get_id())


@bp.get("/konto/bestaetigen")
@own_account
def confirm() -> str:
    return _confirm([])


@bp.post("/konto/bestaetigen")
@own_account
@limits.guesses("passwords again", _account_key, lambda sentence: _confirm([("password", sentence)]))
def send_confirm() -> AnyResponse | tuple[str, int]:
    """The password once more, from whoever sits there now."""
    someone, password = member(), PasswordForm(request.form).password.text
    is_right = bool(someone.password) and len(password) <= auth.LONGEST_PASSWORD
    if not is_right or not verify_password(password, str(someone.password)):
        return _confirm([("password", gettext("That is not your password. Check it, and try again."))]), FAILED
    auth.sign_in_as(someone)
    return redirect(auth.wanted() or url_for(".account"), 303)


def _confirm(errors: list[tuple[str, str]]) -> str:
    return render_template("staff/confirm.html", errors=errors, next=auth.wanted())


def _set_up(secret: str, errors: list[tuple[str, str]]) -> str:
    code = segno.make(codes.address_of(secret, current_user.email, _house_name()), error="m", micro=False)
    return render_template(
        "staff/set_up_app.html",
        errors=errors,
        size=len(code.matrix),
        squares="".join(_squares(code.matrix)),
        key=codes.key_to_type(secret),
        setup=security.tf_setup_serializer.dumps(secret, salt=_salt()),
    )


def _squares(matrix: Any) -> Iterator[str]:
    """The dark squares of a picture as pieces of an SVG path."""
    for y, row in enumerate(matrix):
        for x, is_dark in enumerate(row):
            if is_dark:
                yield f"M{x} {y}h1v1h-1z"


def _salt() -> str:
    """So that what was begun in one account is worth nothing in another."""
    return f"set up an app {current_user.id}"


def _house_name() -> str:
    return locale.translated(house(), "site_name")


def _changed(sentence: str) -> AnyResponse | str:
    """A change has ended all sessions: begin a new one here, and hand out recovery codes where they are missing."""
    someone = member()
    auth.sign_in_as(someone)
    if someone.has_second_factor and not someone.mf_recovery_codes:
        return _show_recovery_codes(sentence)
    flash(sentence)
    return redirect(url_for(".account"), 303)


def _show_recovery_codes(sentence: str) -> str:
    shown = codes.new_recovery_codes(current_user.id)
    return render_template(
        "staff/recovery_codes.html",
        sentence=sentence,
        codes=[" ".join((code[:4], code[4:8], code[8:])) for code in shown],
    )
