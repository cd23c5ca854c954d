"""Who has to do with a booking, as it stands in the database."""

import sqlalchemy as sa

from booking import links
from booking.database import db
from booking.models import Booking, Contact, Handover, Letter, Link, LogEntry

ALI = "ali@example.org"


def letters() -> list[tuple[str, str | None, str]]:
    """Kind, recipient and state of all letters, in the order in which they were put."""
    return [
        (each.kind, each.contact.email if each.contact else "office", each.state)
        for each in db.session.scalars(db.select(Letter).order_by(Letter.id))
    ]


def live(purpose: str = "page") -> list[str | None]:
    """Whose links open something, by address, the newest last."""
    found = db.session.scalars(
        db.select(Link).where(Link.purpose == purpose, Link.revoked_at.is_(None)).order_by(Link.id)
    )
    return [link.contact.email if link.contact else None for link in found]


def actions() -> list[tuple[str, str]]:
    """What the record says was done, and by whom."""
    return [(entry.action, entry.actor) for entry in db.session.scalars(db.select(LogEntry).order_by(LogEntry.id))]


def everything() -> str:
    """All that stands in the database, as one text."""
    tables = db.metadata.sorted_tables
    return "\n".join(str(tuple(row)) for table in tables for row in db.session.execute(sa.select(table)))


def link_of(contact: Contact | None, booking: Booking, purpose: str = "page") -> Link | None:
    """The newest link of a person."""
    return links.current(booking, contact, purpose)


def both_links(handover: Handover) -> list[Link | None]:
    """Those on which the former and the new person say yes."""
    return [link_of(contact, handover.booking, "handover") for contact in (handover.former_contact, handover.contact)]
