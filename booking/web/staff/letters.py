"""The letters that went out, or wait, or failed."""

from datetime import time, timedelta

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, log
from booking.database import db, transaction
from booking.domain.slot import Slot
from booking.house import house
from booking.letters import dispatch, outbox
from booking.models import Booking, Contact, Initiative, Letter, StaffMember, day_of
from booking.notices.frame import for_the_team
from booking.sharing import fresh_links
from booking.web.access import MISTAKES, staff_only
from booking.web.forms.fields import AddressField
from booking.web.forms.page import PageForm
from booking.web.staff.forms import LONGEST_SEARCH, LineField
from booking.web.staff.frame import bp, member, page_of

#: Databases have no number beyond it.
LAST_NUMBER = 2**31 - 1

#: A letter that is due for longer than this has met no mail server: the sender looks every few seconds.
PATIENCE = timedelta(minutes=2)


#: By what is asked for, the states of a letter.
STATES = {
    "waiting": ("waiting", "sending"),
    "failed": ("failed",),
    "sent": ("sent",),
    "stopped": ("stopped",),
}


class LettersForm(PageForm):
    """Which letters."""

    search = LineField()
    state = LineField()


class NewAddressForm(PageForm):
    """Where a letter shall go that did not arrive."""

    email = AddressField(lazy_gettext("E-mail address"))


@bp.get("/ausgang", endpoint="outbox")
@staff_only
def letters() -> str:
    """What needs somebody first, then what goes next, then what is gone, newest first."""
    now, form = clock.now(), LettersForm(request.args)
    wanted = _wanted(form)
    ordered = db.select(Letter).options(
        joinedload(Letter.contact), joinedload(Letter.staff_member), joinedload(Letter.booking)
    )
    pending = db.session.scalars(
        ordered.where(*wanted, Letter.state.in_(("waiting", "sending", "failed"))).order_by(Letter.id.desc())
    ).all()
    left_at = db.func.coalesce(Letter.sent_at, Letter.send_at)
    midnight = Slot.on(day_of(now, house().zone), time(0), 1, house().zone).start
    is_gone = Letter.state.in_(("sent", "stopped"))
    sent_today = db.case((db.and_(Letter.state == "sent", Letter.sent_at >= midnight), 1))
    is_wanted = db.case((db.and_(True, *wanted), 1))
    numbers = db.select(db.func.count(is_wanted), db.func.count(sent_today)).where(is_gone)
    number, today = db.session.execute(numbers).one()
    gone = page_of(ordered.where(is_gone, *wanted).order_by(left_at.desc(), Letter.id.desc()), number)
    return render_template(
        "staff/outbox.html",
        now=now,
        troubled=[letter for letter in pending if letter.state == "failed" or letter.error],
        coming=[letter for letter in pending if letter.state != "failed" and not letter.error],
        gone=gone,
        patience=now - PATIENCE,
        paused_since=dispatch.report(now).paused_since,
        sent_today=today,
        readable=for_the_team,
        form=form,
        page_url=lambda number: url_for(
            ".outbox", page=number, search=form.search.text or None, state=form.state.text or None
        ),
    )


def _wanted(form: LettersForm) -> list[sa.ColumnElement[bool]]:
    text = form.search.text.strip()[:LONGEST_SEARCH]
    found: list[sa.ColumnElement[bool]] = []
    if form.state.text in STATES:
        found.append(Letter.state.in_(STATES[form.state.text]))
    if text:
        people = [
            sa.or_(who.email.icontains(text, autoescape=True), who.name.icontains(text, autoescape=True))
            for who in (Contact, StaffMember)
        ]
        about = sa.or_(
            Booking.reference.icontains(text, autoescape=True), Initiative.name.icontains(text, autoescape=True)
        )
        found.append(
            sa.or_(
                Letter.subject.icontains(text, autoescape=True),
                Letter.contact_id.in_(sa.select(Contact.id).where(people[0])),
                Letter.staff_member_id.in_(sa.select(StaffMember.id).where(people[1])),
                Letter.booking_id.in_(sa.select(Booking.id).join(Booking.initiative).where(about)),
            )
        )
    return found


@bp.get("/ausgang/<int:letter_id>")
@staff_only
def letter(letter_id: int) -> str:
    """One letter as it was sent, but for the group's secret address."""
    found = _letter(letter_id)
    return _page(found, NewAddressForm(email=found.contact.email if found.contact else ""))


@bp.post("/ausgang/<int:letter_id>/adresse")
@staff_only
def send_elsewhere(letter_id: int) -> AnyResponse | tuple[str, int]:
    """Correct the address of whom a letter did not reach, and send it once more."""
    found, form = _letter(letter_id), NewAddressForm(request.form)
    if found.contact is None or found.contact.email is None:
        abort(404)
    if not form.validate():
        return _page(found, form), MISTAKES
    fresh_links.send_elsewhere(found, form.email.meant, by=member(), now=clock.now())
    flash(gettext("The letter is on its way to %(address)s, and so is all further mail.", address=form.email.meant))
    return redirect(url_for(".outbox", _anchor="said"), 303)


@bp.post("/ausgang/<int:letter_id>/zurueck")
@staff_only
def came_back(letter_id: int) -> AnyResponse:
    """Note that a letter was sent and came back, as mail to a mailbox that is gone does."""
    with transaction():
        found = _letter(letter_id)
        if outbox.note_return(found):
            log.record("came_back", found.booking, by=member(), now=clock.now())
    flash(gettext("Noted: this letter did not arrive."))
    return redirect(url_for(".letter", letter_id=letter_id, _anchor="said"), 303)


def _page(found: Letter, form: NewAddressForm) -> str:
    now = clock.now()
    return render_template(
        "staff/letter.html",
        letter=found,
        form=form,
        dates=(found.calendar or "").count("BEGIN:VEVENT"),
        now=now,
        patience=now - PATIENCE,
        readable=for_the_team,
    )


@bp.post("/ausgang/<int:letter_id>/senden")
@staff_only
def send_again(letter_id: int) -> AnyResponse:
    """Let a letter that failed or waits go at once."""
    with transaction():
        found = _letter(letter_id)
        if found.state in ("failed", "waiting"):
            outbox.release(found, clock.now())
            log.record("send_again", found.booking, by=member(), now=clock.now())
    flash(gettext("The letter is on its way."))
    return redirect(url_for(".outbox", _anchor="said"), 303)


def _letter(letter_id: int) -> Letter:
    found: Letter = db.get_or_404(Letter, min(letter_id, LAST_NUMBER))
    return found
