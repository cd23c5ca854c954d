"""Letters with a link that opens a booking: asked for again, or sent to the right address."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from booking import links, log, notices, outbox
from booking.conflicts import claim_booking
from booking.database import db, transaction
from booking.models import Booking, Contact, Letter, Link

#: For so long can whoever has just asked correct the address they typed.
CORRECTION = timedelta(minutes=30)


def send_fresh_links(email: str, now: datetime) -> int:
    """Mail a new link to every booking of an address, and end the old ones; returns how many that were.

    An unknown address takes about as much work, so that nobody learns from the
    time it takes who has asked for a room.
    """
    with transaction():
        _claim(sa.select(Link.booking_id).join(Link.contact).where(sa.func.lower(Contact.email) == email.lower()))
        held = [(booking, contact) for contact in _known(email) for booking in _bookings_of(contact)]
        for booking, contact in held:
            _renew(booking, contact, now)
            log.record("fresh_link", booking, actor="group", now=now)
        if not held:
            _work_as_much(now)
            log.record("fresh_link", None, actor="group", now=now)
        return len(held)


def can_correct(booking: Booking, now: datetime) -> bool:
    """Whether the address of a new request may still be corrected by the browser that sent it."""
    closed = {"correct_address", "handed_over", "erase"} & {entry.action for entry in log.history(booking)}
    return booking.contact is not None and not closed and now <= booking.created_at + CORRECTION


def correct_address(booking: Booking, email: str, now: datetime) -> bool:
    """Send the first letter once more, to another address; ``False`` where that is not possible any more.

    Nothing else goes to the address that was wrong, and the link it got is over.
    """
    with transaction():
        claim_booking(booking)
        contact = booking.contact
        if contact is None or not can_correct(booking, now):
            return False
        contact.email = email
        first = sa.select(Letter).where(Letter.contact_id == contact.id, Letter.kind == "requested")
        for letter in db.session.scalars(first):
            outbox.stop(letter)
        links.revoke(booking, contact, now)
        for purpose in ("calendar", "page"):
            links.issue(booking, now, purpose=purpose)
        booking.version += 1
        db.session.flush()
        log.record("correct_address", booking, actor="group", now=now)
        notices.received(booking, now)
        return True


def _claim(ids: sa.Select[int]) -> None:
    """Wait for whoever changes these bookings and their people: bookings come before people here and everywhere."""
    db.session.execute(sa.select(Booking.id).where(Booking.id.in_(ids)).order_by(Booking.id).with_for_update()).all()


def _renew(booking: Booking, contact: Contact, now: datetime) -> None:
    links.revoke(booking, contact, now, "page")
    links.issue(booking, now, contact)
    db.session.flush()
    notices.new_link(booking, contact, now)


def _work_as_much(now: datetime) -> None:
    """All that a known address causes, for some booking, and none of it is kept."""
    booking = db.session.scalars(
        sa.select(Booking).where(Booking.contact_id.is_not(None)).order_by(Booking.id.desc()).limit(1)
    ).first()
    if booking and booking.contact:
        _claim(sa.select(sa.literal(booking.id)))
        with db.session.begin_nested() as unheard:
            _renew(booking, booking.contact, now)
            unheard.rollback()


def _known(email: str) -> Sequence[Contact]:
    return db.session.scalars(
        sa.select(Contact)
        .where(sa.func.lower(Contact.email) == email.lower())
        .order_by(Contact.id)
        .with_for_update()  # of two who ask at once, the second ends the link of the first
    ).all()


def _bookings_of(contact: Contact) -> Sequence[Booking]:
    """The bookings whose pages a person may open."""
    held = sa.select(Link.booking_id).where(
        Link.contact_id == contact.id, Link.purpose == "page", Link.revoked_at.is_(None)
    )
    return db.session.scalars(
        sa.select(Booking).where(sa.or_(Booking.contact_id == contact.id, Booking.id.in_(held))).order_by(Booking.id)
    ).all()
