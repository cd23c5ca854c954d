"""Being forgotten, at one's own wish."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import lazyload

from booking import erased, lifecycle, log, traces
from booking.database import db, transaction
from booking.domain.status import Action, Status
from booking.letters import outbox
from booking.lifecycle import updating
from booking.models import Booking, Contact, Draft, Letter, Link, StaffMember
from booking.retention import PERSONAL, contacts_of, forget_notes, forget_texts
from booking.sharing.handover import end_handovers
from booking.sharing.people import forget_person


class HoldsKey(Exception):
    """Somebody who has a key of ours must be found until it is back."""


def erase(booking: Booking, now: datetime) -> None:
    """Forget everybody who had to do with a booking, and what they wrote.

    Its dates to come are cancelled or taken back: nobody could be told of a
    change. Raises ``HoldsKey`` while the group has a key.
    """
    with updating(booking):
        if any(loan.returned_at is None for loan in booking.key_loans):
            raise HoldsKey
        erased.note_down("booking", booking.id, now)
        steps = {
            Action.WITHDRAW: booking.dates(Status.REQUESTED),
            Action.REFUSE: booking.dates(Status.PROPOSED),
            Action.CANCEL: booking.coming(now),
        }
        lifecycle.take(booking, steps, actor="group", now=now)
        end_handovers(booking, now)
        for contact in contacts_of(booking):
            forget_person(booking, contact, now)
        forget_texts([booking.id])
        forget_notes([booking.id])
        booking.title_wish, booking.reminders = "", False
        about_it = Letter.booking_id == booking.id
        outbox.stop_all(about_it & (Letter.kind != log.NEWS_LETTER))  # which tells the office of this, and names nobody
        here = about_it & Letter.state.not_in(("waiting", "sending"))  # not one to the office that is on its way
        db.session.execute(sa.update(Letter).where(here).values(body="", calendar=None))
        _forget_drafts(booking)
        log.record("erase", booking, actor="group", now=now)
    traces.wipe()


def _forget_drafts(booking: Booking) -> None:
    """The draft that a booking was made of, and those that its page began.

    PostgreSQL fails at reading a value from JSON that holds a NUL anywhere, so it only looks for the reference in the
    text of it.
    """
    mentioned = sa.cast(Draft.data, sa.Text).contains(booking.reference, autoescape=True)
    for row in db.session.scalars(sa.select(Draft).where(sa.or_(Draft.form_id == booking.form_id, mentioned))):
        if row.form_id == booking.form_id or row.data.get("again") == booking.reference:
            db.session.delete(row)


def leave(booking: Booking, reader: Contact, now: datetime) -> None:
    """Forget a second person, at their own wish."""
    with updating(booking):
        forget_person(booking, reader, now)
        log.record("leave", booking, actor="group", now=now)
    traces.wipe()


def erase_people(people: Sequence[Contact], now: datetime, by: StaffMember | None = None) -> None:
    """Forget people with all links to all bookings; what they asked for stays. ``by``: who of the team does it."""
    with transaction():
        ids = [each.id for each in people]
        held = sa.select(Link.booking_id).where(Link.contact_id.in_(ids))
        concerned = sa.select(Booking).where(sa.or_(Booking.contact_id.in_(ids), Booking.id.in_(held)))
        alone = concerned.options(lazyload(Booking.occurrences)).order_by(Booking.id)
        bookings = db.session.scalars(alone.with_for_update(of=Booking)).all()
        for id_ in ids:
            erased.note_down("contact", id_, now)
        db.session.execute(sa.update(Link).where(Link.contact_id.in_(ids)).values(revoked_at=now))
        theirs = Letter.contact_id.in_(ids)
        outbox.stop_all(theirs)  # one that is to be tried again finds no address and stops
        db.session.execute(sa.update(Letter).where(theirs).values(body="", calendar=None))
        db.session.execute(sa.update(Contact).where(Contact.id.in_(ids)).values(dict.fromkeys(PERSONAL)))
        for booking in bookings if by else ():
            log.record("erase_contact", booking, by=by, now=now)
    traces.wipe()
