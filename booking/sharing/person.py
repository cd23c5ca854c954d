"""One person who has to do with a booking: found by their address, and forgotten."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from booking import erased, links
from booking.database import db
from booking.letters import outbox
from booking.models import Booking, Contact, Letter
from booking.retention import forget_contact


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
