"""Further people with a link of their own, beside the one who speaks for the booking."""

from datetime import datetime

import sqlalchemy as sa

from booking import links, log
from booking.database import db
from booking.lifecycle import updating
from booking.models import Booking, Contact, Link
from booking.notices.frame import to_group
from booking.sharing.person import forget_person, has_address, require_known

MOST_SECONDS = 3


class TooMany(Exception):
    """So many people have a link already that nobody else gets one."""


class KnownAlready(Exception):
    """The address belongs to somebody who has a link already."""


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
