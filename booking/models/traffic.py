"""What goes between people: links, letters, unfinished requests, and the record of it all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.database import Base
from booking.models.booking import Booking
from booking.models.people import Contact, StaffMember


class Link(Base):
    """A right that whoever knows the secret address holds: to see and change one booking, to read its dates in a
    calendar program, or to say yes to its handover. Only the hash of the secret is stored."""

    __tablename__ = "link"

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contact.id"), index=True)  # whose it is
    purpose: Mapped[str] = mapped_column(sa.String(8), default="page", server_default="page")  # see links.FOLDERS
    token_hash: Mapped[str] = mapped_column(
        unique=True,
        insert_sentinel=True,  # as for dates: those of a page and of its calendar are one INSERT
    )  # SHA-256, hexadecimal
    nonce: Mapped[str]  # from which, with the secret key, the token can be made again for a letter
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]  # when it was first used to do something: so its letter has arrived
    revoked_at: Mapped[datetime | None]

    booking: Mapped[Booking] = relationship()
    contact: Mapped[Contact | None] = relationship()
    # All links of its booking, oldest first: which of them a person holds is asked on every page of the group.
    of_booking: Mapped[list[Link]] = relationship(
        primaryjoin="Link.booking_id == remote(foreign(Link.booking_id))", order_by="Link.id", viewonly=True
    )

    __table_args__ = (sa.CheckConstraint("purpose IN ('page', 'calendar', 'handover')", name="purpose"),)


class Handover(Base):
    """Somebody else is to speak for a booking, once the old and the new address have both said yes."""

    __tablename__ = "handover"

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    former_contact_id: Mapped[int] = mapped_column(sa.ForeignKey("contact.id"))
    contact_id: Mapped[int] = mapped_column(sa.ForeignKey("contact.id"))  # the successor
    created_at: Mapped[datetime]
    given_at: Mapped[datetime | None]  # when the old address said yes …
    taken_at: Mapped[datetime | None]  # … and the new one
    ended_at: Mapped[datetime | None]  # done, or called off

    booking: Mapped[Booking] = relationship()
    former_contact: Mapped[Contact] = relationship(foreign_keys=former_contact_id)
    contact: Mapped[Contact] = relationship(foreign_keys=contact_id)


class Letter(Base):
    """A mail that is owed: written in the transaction that causes it, sent later.

    Name, address and link are filled in when it is sent, so this table holds no personal data of its own.
    """

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(32))  # the name of its template in templates/mail/
    booking_id: Mapped[int | None] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contact.id"), index=True)  # see person
    staff_member_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"))  # to one of the team
    mailbox_key: Mapped[str | None] = mapped_column(sa.String(64), index=True)  # see quota
    language: Mapped[str] = mapped_column(sa.String(2))
    subject: Mapped[str]
    body: Mapped[str]
    calendar: Mapped[str | None]  # an iCalendar attachment
    created_at: Mapped[datetime]
    send_at: Mapped[datetime]  # not before
    state: Mapped[str] = mapped_column(sa.String(16), default="waiting")  # waiting, sending, sent, failed, stopped
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    put_off_since: Mapped[datetime | None]  # from when on its mailbox has taken nothing
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")  # the mail server's code and words, without addresses
    message_id: Mapped[str] = mapped_column(unique=True)

    booking: Mapped[Booking | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    staff_member: Mapped[StaffMember | None] = relationship()

    @property
    def person(self) -> Contact | StaffMember | None:
        """Whom it is to; ``None``: to the office."""
        return self.contact or self.staff_member

    __table_args__ = (
        sa.CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed', 'stopped')", name="state"),
        sa.Index("ix_letter_state_send_at", "state", "send_at"),
    )


class LogEntry(Base):
    """Who did what to which booking, when: append-only, no free text, no personal data."""

    __tablename__ = "log_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(sa.String(8))  # group, team or system
    staff_member_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"))
    booking_id: Mapped[int | None] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    action: Mapped[str] = mapped_column(sa.String(32))
    count: Mapped[int] = mapped_column(default=0)  # of dates concerned
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # ids and codes only

    booking: Mapped[Booking | None] = relationship()
    staff_member: Mapped[StaffMember | None] = relationship()

    __table_args__ = (sa.Index("ix_log_entry_at", "at", "id"),)


class Draft(Base):
    """A request that somebody is still writing; forgotten after 24 hours. The cookie holds the token, we its hash."""

    __tablename__ = "draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    form_id: Mapped[str] = mapped_column(unique=True)
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
