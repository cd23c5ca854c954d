"""Being forgotten, at one's own wish."""

from datetime import datetime

import sqlalchemy as sa

from booking import erased, lifecycle, log, traces
from booking.availability.claim import claim_booking
from booking.database import db, transaction
from booking.domain.status import Action, Status
from booking.letters import outbox
from booking.lifecycle import updating
from booking.models import Booking, Contact, Draft, Letter, Link
from booking.retention import contacts_of, forget_contact, forget_texts
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


def erase_person(contact: Contact, now: datetime) -> None:
    """Forget a person with all links to all bookings; what they asked for stays."""
    held = sa.select(Link.booking_id).where(Link.contact_id == contact.id)
    concerned = sa.select(Booking).where(sa.or_(Booking.contact_id == contact.id, Booking.id.in_(held)))
    with transaction():
        for booking in db.session.scalars(concerned.order_by(Booking.id)).all():
            claim_booking(booking)
            forget_person(booking, contact, now)
        forget_contact(contact)
    traces.wipe()
