"""Somebody else is to speak for a booking: asked at both addresses, done when both have said yes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from booking import links, log
from booking.database import db
from booking.domain.policy import HANDOVER_WAITS
from booking.lifecycle import updating
from booking.models import Booking, Contact, Draft, Handover, Letter, Link
from booking.notices import people
from booking.sharing.people import KnownAlready, forget_person, has_address, require_known, seconds


def open_handover(booking: Booking, now: datetime) -> Handover | None:
    """The handover that still waits for somebody to say yes."""
    return db.session.scalars(
        sa.select(Handover)
        .where(
            Handover.booking_id == booking.id,
            Handover.ended_at.is_(None),
            Handover.created_at > now - HANDOVER_WAITS,
        )
        .order_by(Handover.id.desc())
        .options(joinedload(Handover.contact), joinedload(Handover.former_contact))
    ).first()


def handover_of(link: Link) -> Handover | None:
    """The handover that a link of this kind belongs to, ended ones too."""
    return db.session.scalars(
        sa.select(Handover)
        .where(
            Handover.booking_id == link.booking_id,
            Handover.created_at == link.created_at,
            sa.or_(Handover.contact_id == link.contact_id, Handover.former_contact_id == link.contact_id),
        )
        .order_by(Handover.id.desc())
    ).first()


def hand_over(booking: Booking, name: str, email: str, now: datetime) -> None:
    """Ask the present and the new address whether the new person shall speak for the booking from now on.

    Raises ``KnownAlready`` for the present address, and ``Forgotten``. One handover at a time: an
    earlier one is called off.
    """
    with updating(booking):
        require_known(booking.contact)
        if booking.contact is None or has_address(email, [booking.contact]):
            raise KnownAlready
        end_handovers(booking, now)
        successor = Contact(name=name, email=email)
        handover = Handover(booking=booking, former_contact=booking.contact, contact=successor, created_at=now)
        db.session.add(handover)
        for contact in (booking.contact, successor):
            links.issue(booking, now, contact, "handover")
        db.session.flush()
        log.record("hand_over", booking, actor="group", now=now)
        people.handover_begun(booking, handover, now)


def agree(link: Link, now: datetime) -> bool:
    """One of the two says yes to a handover; the second yes completes it. ``False`` where it is open no more."""
    with updating(link.booking):
        handover = handover_of(link)
        if links.is_over(link, now) or handover is None or handover.ended_at:
            return False
        if link.contact_id == handover.contact_id:
            handover.taken_at = handover.taken_at or now
        else:
            handover.given_at = handover.given_at or now
        if handover.given_at and handover.taken_at:
            _complete(handover, now)
        return True


def call_off(booking: Booking, now: datetime) -> bool:
    """End a handover that not both have said yes to; ``False`` where there is none."""
    with updating(booking):
        if open_handover(booking, now) is None:
            return False
        end_handovers(booking, now)
        log.record("call_off", booking, actor="group", now=now)
        return True


def _complete(handover: Handover, now: datetime) -> None:
    booking, former, successor = handover.booking, handover.former_contact, handover.contact
    handover.ended_at = now
    for contact in seconds(booking):
        if has_address(successor.email or "", [contact]):
            forget_person(booking, contact, now)
    if former.onsite_name != former.name:
        successor.onsite_name, successor.onsite_phone = former.onsite_name, former.onsite_phone
    former.phone = former.onsite_name = former.onsite_phone = None
    booking.contact = successor
    links.revoke(booking, former, now, "page", "calendar")
    links.issue(booking, now, successor)
    db.session.flush()
    # Whoever has sent the form may not come to the new link from its last page.
    db.session.execute(sa.delete(Draft).where(Draft.form_id == booking.form_id))
    db.session.execute(
        sa.update(Letter)
        .where(Letter.booking_id == booking.id, Letter.contact_id == former.id)
        .where(Letter.state == "waiting", Letter.attempts == 0, Letter.kind != "handover_give")
        .values(contact_id=successor.id)
    )
    log.record("handed_over", booking, actor="group", person=successor, now=now)
    people.handed_over(booking, former, successor, now)


def end_handovers(booking: Booking, now: datetime) -> None:
    """Also those that nobody has answered in time: their successors are still to be forgotten."""
    for handover in db.session.scalars(
        sa.select(Handover).where(Handover.booking_id == booking.id, Handover.ended_at.is_(None))
    ):
        handover.ended_at = now
        links.revoke(booking, handover.former_contact, now, "handover")
        forget_person(booking, handover.contact, now)
