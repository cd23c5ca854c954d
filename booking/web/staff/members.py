"""Who is one of the team: for admins, who invite, give roles and let go."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField
from wtforms.validators import AnyOf

from booking import clock
from booking.database import db
from booking.models import StaffMember
from booking.signing_in import members as team
from booking.web.access import MISTAKES, staff_only
from booking.web.forms.fields import AddressField, TextLine
from booking.web.forms.page import PageForm
from booking.web.staff.forms import LineField
from booking.web.staff.frame import bp, member

ROLE_NAMES = {
    "team": lazy_gettext("Team"),
    "admin": lazy_gettext("Admin"),
    "reception": lazy_gettext("Reception"),
}


class MemberForm(PageForm):
    """What an admin says of a colleague."""

    role = LineField(lazy_gettext("Role"), default="team", validators=[AnyOf(team.ROLES)])
    needs_second_factor = BooleanField(lazy_gettext("Second step demanded"))


class InviteForm(PageForm):
    """A new colleague."""

    name = TextLine(lazy_gettext("Name"), lazy_gettext("Enter the name of your colleague."), 80)
    email = AddressField(lazy_gettext("E-mail address"))
    role = LineField(lazy_gettext("Role"), default="team", validators=[AnyOf(team.ROLES)])


@bp.get("/haus/team")
@staff_only
def members() -> str:
    return _page(InviteForm())


@bp.post("/haus/team")
@staff_only
def send_invite() -> AnyResponse | tuple[str, int]:
    """Mail a link to a new colleague."""
    form = InviteForm(request.form)
    if not form.validate():
        return _page(form), MISTAKES
    if not team.invite(form.email.meant, form.name.meant, form.role.text, by=member(), now=clock.now()):
        form.refuse(form.email, gettext("Somebody of the team has this address. Invite them once more from the list."))
        return _page(form), MISTAKES
    return _back(gettext("An invitation goes to %(address)s.", address=form.email.meant))


@bp.post("/haus/team/<int:member_id>")
@staff_only
def send_member(member_id: int) -> AnyResponse | tuple[str, int]:
    """Change what a colleague may open, and what their sign-in needs."""
    someone, form = _colleague(member_id), MemberForm(request.form)
    if not form.validate():
        abort(400)
    try:
        team.change_member(someone.id, form.role.text, form.needs_second_factor.data, by=member(), now=clock.now())
    except team.LastAdmin:
        return _refused()
    return _back(gettext("Saved: %(name)s.", name=someone.name))


@bp.post("/haus/team/<int:member_id>/einladen")
@staff_only
def send_invite_again(member_id: int) -> AnyResponse:
    """Mail a link again, to somebody who has gone as well."""
    someone = _colleague(member_id)
    team.invite_again(someone.id, by=member(), now=clock.now())
    return _back(gettext("An invitation goes to %(address)s.", address=someone.email))


@bp.post("/haus/team/<int:member_id>/entfernen")
@staff_only
def send_let_go(member_id: int) -> AnyResponse | tuple[str, int]:
    """End the sessions of a colleague, who can sign in no more."""
    someone = _colleague(member_id)
    try:
        team.remove_member(someone.id, by=member(), now=clock.now())
    except team.LastAdmin:
        return _refused()
    return _back(gettext("%(name)s can sign in no more.", name=someone.name))


def _colleague(member_id: int) -> StaffMember:
    found: StaffMember = db.get_or_404(StaffMember, min(member_id, 2**31 - 1))
    return found


def _back(sentence: str) -> AnyResponse:
    flash(sentence)
    return redirect(url_for(".members", _anchor="said"), 303)


def _refused() -> AnyResponse:
    sentence = gettext("Nothing has changed: one admin has to stay. Make somebody else an admin first.")
    flash(sentence, "error")
    return redirect(url_for(".members", _anchor="said"), 303)


def _page(form: InviteForm) -> str:
    now = clock.now()
    return render_template(
        "staff/members.html",
        form=form,
        everybody=team.everybody(),
        role_names=ROLE_NAMES,
        ended_before=now - team.INVITATION_WAITS,
    )
