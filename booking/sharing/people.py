"""The people who have to do with a booking: found by their address, given a link or another calendar, and forgotten."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from booking import erased, links, log
from booking.database import db
from booking.letters import outbox
from booking.lifecycle import updating
from booking.models import Booking, Contact, Letter, Link
from booking.notices.frame import to_group
from booking.retention import forget_contact

#: Further people with a link of their own, beside the one who speaks for the booking.
MOST_SECONDS = 3


class TooMany(Exception):
    """So many people have a link already that nobody else gets one."""


class KnownAlready(Exception):
    """The address belongs to somebody who has a link already."""


class Forgotten(Exception):
    """Whoever acts was forgotten while they did; nothing was saved."""


def require_known(contact: Contact | None) -> None:
    """Refuse what would write somebody down again who was forgotten after their page was opened."""
    if contact is not None and contact.email is None:
        raise Forgotten


def has_address(email: str, contacts: Sequence[Contact | None]) -> bool:
    """Whether this is the address of one of them."""
    return email.lower() in {(contact.email or "").lower() for contact in contacts if contact}


def forget_person(booking: Booking, contact: Contact, now: datetime) -> None:
    """A person, all of their links, and what the letters to them said; in the transaction at hand, and for good."""
    erased.note_down("contact", contact.id, now)
    links.revoke(booking, contact, now)
    theirs = Letter.contact_id == contact.id
    outbox.stop_all(theirs)  # one that is to be tried again finds no address and stops
    db.session.execute(sa.update(Letter).where(theirs).values(body="", calendar=None))
    forget_contact(contact)


def speaks_for(booking: Booking, reader: Contact | None) -> bool:
    """Whether this is the person who speaks for the booking, and may hand it over, share it and erase it."""
    return reader is not None and reader is booking.contact


def seconds(booking: Booking) -> list[Contact]:
    """Who has a link to the booking besides the person who speaks for it, longest first."""
    held = sa.select(Link.contact_id).where(
        Link.booking_id == booking.id, Link.purpose == "page", Link.revoked_at.is_(None)
    )
    return list(
        db.session.scalars(
            sa.select(Contact)
            .where(Contact.id.in_(held), Contact.id != booking.contact_id, Contact.email.is_not(None))
            .order_by(Contact.id)
        )
    )


def share(booking: Booking, name: str, email: str, now: datetime) -> None:
    """Give a second person a link of their own, and mail it. Raises ``TooMany``, ``KnownAlready`` or ``Forgotten``."""
    with updating(booking):
        require_known(booking.contact)
        others = seconds(booking)
        if has_address(email, [*others, booking.contact]):
            raise KnownAlready
        if len(others) >= MOST_SECONDS:
            raise TooMany
        contact = Contact(name=name, email=email)
        links.issue(booking, now, contact)
        db.session.flush()
        log.record("share", booking, actor="group", now=now)
        to_group("link_for_second", booking, contact=contact, now=now)


def take_link_back(booking: Booking, contact_id: int, now: datetime) -> bool:
    """End a second person's link and forget them; ``False`` where nobody has one by this id."""
    with updating(booking):
        found = [contact for contact in seconds(booking) if contact.id == contact_id]
        for contact in found:
            forget_person(booking, contact, now)
            log.record("unshare", booking, actor="group", now=now)
        return bool(found)


def renew_calendar(booking: Booking, reader: Contact | None, now: datetime) -> None:
    """Give a person another address for their calendar program; the one they had is over. Raises ``Forgotten``."""
    with updating(booking):
        require_known(reader)
        links.revoke(booking, reader, now, "calendar")
        links.issue(booking, now, reader, "calendar")
        log.record("renew_calendar", booking, actor="group", now=now)


def end_calendar(booking: Booking, reader: Contact | None, now: datetime) -> bool:
    """End the address of a person's calendar program; ``False`` where they have none."""
    with updating(booking):
        if links.current(booking, reader, "calendar") is None:
            return False
        links.revoke(booking, reader, now, "calendar")
        log.record("end_calendar", booking, actor="group", now=now)
        return True
