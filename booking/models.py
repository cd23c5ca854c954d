"""The tables: rows, and the plain questions that one row can answer.

Rules live in ``booking.domain``, reading across rows in ``schedule``, and what
the public and the office do in ``requesting`` and ``deciding``.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_security.core import RoleMixin, UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.database import Base
from booking.domain.policy import HouseRules
from booking.domain.recurrence import RecurrenceRule
from booking.domain.slot import Slot
from booking.domain.status import HOLDS_ROOM, Status


def _words(length: int, enum: type[Any]) -> sa.Enum:
    """A word of a closed list, checked by the database itself.

    No native enum: PostgreSQL keeps its type when a migration is taken back.
    """
    return sa.Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        length=length,
        values_callable=lambda members: [member.value for member in members],
        name=enum.__name__.lower(),
    )


class House(Base):
    """The one house of this installation: who it is, and its rules. One row, id 1.

    ``version`` is raised by every transaction that changes what the public
    sees; it is the ETag of all public pages and feeds.
    """

    __tablename__ = "house"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    site_name: Mapped[str]
    site_name_en: Mapped[str]
    operator: Mapped[str]
    welcome: Mapped[str]
    welcome_en: Mapped[str]
    street: Mapped[str]
    postcode: Mapped[str]
    city: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]  # as dialled from abroad: +49 521 51-34408
    website: Mapped[str]
    zone_name: Mapped[str]
    country: Mapped[str]  # ISO 3166-1 alpha-2, for public and school holidays
    subdivision: Mapped[str]  # ISO 3166-2 without the country, such as NW
    reference_prefix: Mapped[str]
    way_in: Mapped[str]  # how groups get in outside opening hours; a sentence for letters and the group's page
    way_in_en: Mapped[str]
    lobby_hint: Mapped[str]

    lead_working_days: Mapped[int]
    answer_working_days: Mapped[int]
    latest_end: Mapped[time]
    tight_minutes: Mapped[int]  # a gap to the neighbour below this is worth a note
    most_dates: Mapped[int]  # in one request
    rules_version: Mapped[str]  # of the house rules that groups agree to

    version: Mapped[int] = mapped_column(default=1)
    reference_year: Mapped[int] = mapped_column(default=0)
    reference_number: Mapped[int] = mapped_column(default=0)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)

    @property
    def address(self) -> str:
        return f"{self.street}, {self.postcode} {self.city}"

    @property
    def national_phone(self) -> str:
        """The number as written inside the country: 0521 51-34408."""
        return self.phone.replace("+49 ", "0", 1)

    def rules(self, hours: dict[int, tuple[time, time]]) -> HouseRules:
        return HouseRules(
            zone=self.zone,
            hours=hours,
            latest_end=self.latest_end,
            lead_working_days=self.lead_working_days,
            most_dates=self.most_dates,
            tight=timedelta(minutes=self.tight_minutes),
        )


class Part(Base):
    """A piece of the house that can hold one meeting at a time."""

    __tablename__ = "part"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


room_part = sa.Table(
    "room_part",
    Base.metadata,
    sa.Column("room_id", sa.ForeignKey("room.id"), primary_key=True),
    sa.Column("part_id", sa.ForeignKey("part.id"), primary_key=True),
)


class Room(Base):
    """What people book. It occupies one part or more: a divisible hall has two, its halves one each."""

    __tablename__ = "room"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    short_name: Mapped[str]  # on the lobby screen, about 12 characters
    seats: Mapped[int]
    way: Mapped[str]  # "EG, links"
    way_en: Mapped[str]
    direction: Mapped[str]  # from the lobby screen: up, right, down or left
    step_free: Mapped[bool]
    equipment: Mapped[list[str]] = mapped_column(sa.JSON)
    position: Mapped[int]
    is_example: Mapped[bool] = mapped_column(default=False)

    parts: Mapped[list[Part]] = relationship(secondary=room_part, order_by=Part.id, lazy="selectin")


class OpeningHours(Base):
    """When the house is open on a weekday, in local time, half-open. No row: closed that day."""

    __tablename__ = "opening_hours"

    weekday: Mapped[int] = mapped_column(primary_key=True)  # Monday is 0
    opens: Mapped[time]
    closes: Mapped[time]


class Closure(Base):
    """A time in which the house (``room_id`` None) or one room is closed, with the reason people see."""

    __tablename__ = "closure"

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id"))
    start: Mapped[datetime]
    end: Mapped[datetime]
    reason: Mapped[str]
    reason_en: Mapped[str]

    __table_args__ = (sa.CheckConstraint('"end" > start', name="order"),)

    @property
    def slot(self) -> Slot:
        return Slot(self.start, self.end)


class Initiative(Base):
    """A group that meets in the house."""

    __tablename__ = "initiative"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(sa.String(16))  # initiative (external), department, own, other
    is_public: Mapped[bool] = mapped_column(default=False)  # may be named in suggestions and lists

    __table_args__ = (sa.CheckConstraint("kind IN ('initiative', 'department', 'own', 'other')", name="kind"),)


class Contact(Base):
    """Who speaks for a booking: the only personal data, in a row of its own, so that erasing is one update."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    onsite_name: Mapped[str | None]  # responsible on the evening, and how to reach them
    onsite_phone: Mapped[str | None]


class Booking(Base):
    """One wish and its fate. Its status is that of its dates.

    ``rule`` and ``skipped`` tell what was asked for and what was left out;
    what counts are the dates in ``occurrences``. ``version`` rises with every
    change, so that nobody decides on a stale page. ``form_id`` makes sending
    the same form again harmless.
    """

    __tablename__ = "booking"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)  # IO-26-0142
    form_id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    language: Mapped[str] = mapped_column(sa.String(2))

    initiative_id: Mapped[int] = mapped_column(sa.ForeignKey("initiative.id"))
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contact.id"))  # None: entered by the office
    room_wish_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id"))  # None: any room that fits

    title: Mapped[str]
    purpose: Mapped[str]
    is_open: Mapped[bool]  # False: a closed group, whose name and title are never public
    url: Mapped[str]
    people: Mapped[int]
    equipment: Mapped[list[str]] = mapped_column(sa.JSON)
    access_needs: Mapped[str]  # what people need to take part; no names, no diagnoses
    way_in: Mapped[str] = mapped_column(sa.String(8))  # have, need, talk (a key); empty inside opening hours
    note: Mapped[str]
    open_end: Mapped[bool] = mapped_column(default=False)  # the public reads "ab 18:30"
    rules_version: Mapped[str]

    rule: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # RecurrenceRule.as_json()
    begins: Mapped[time]  # local wall time of the rule's dates
    minutes: Mapped[int]
    before_minutes: Mapped[int]
    after_minutes: Mapped[int]
    skipped: Mapped[list[dict[str, str]]] = mapped_column(sa.JSON)  # {"day": "2027-02-24", "reason": "taken"}

    initiative: Mapped[Initiative] = relationship()
    contact: Mapped[Contact | None] = relationship()
    room_wish: Mapped[Room | None] = relationship()
    occurrences: Mapped[list[Occurrence]] = relationship(
        back_populates="booking", order_by="Occurrence.start", lazy="selectin"
    )

    @property
    def recurrence_rule(self) -> RecurrenceRule:
        return RecurrenceRule.from_json(self.rule)

    def dates(self, *statuses: Status) -> list[Occurrence]:
        """The dates in one of these statuses, earliest first."""
        return [occurrence for occurrence in self.occurrences if occurrence.status in statuses]


class Occurrence(Base):
    """One date of a booking. Its room is occupied from ``before_minutes`` ahead until ``after_minutes`` later."""

    __tablename__ = "occurrence"

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id"))
    start: Mapped[datetime]
    end: Mapped[datetime]
    before_minutes: Mapped[int] = mapped_column(default=0)
    after_minutes: Mapped[int] = mapped_column(default=0)
    doors: Mapped[datetime | None]  # from when guests may come in, where that is public
    original_start: Mapped[datetime]  # where a moved date belonged; RECURRENCE-ID of RFC 5545, 3.8.4.4
    original_room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id"))
    status: Mapped[Status] = mapped_column(_words(16, Status), default=Status.REQUESTED)
    reason: Mapped[str] = mapped_column(default="")  # why declined or cancelled, the sentence the group reads
    cancelled_by_group: Mapped[bool] = mapped_column(default=False)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"))
    letter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("letter.id"))  # that tells of the last decision
    uid: Mapped[str] = mapped_column(unique=True, default=lambda: secrets.token_hex(16))
    sequence: Mapped[int] = mapped_column(default=0)  # SEQUENCE of RFC 5545, 3.8.7.4
    changed_at: Mapped[datetime]

    booking: Mapped[Booking] = relationship(back_populates="occurrences")
    room: Mapped[Room] = relationship(foreign_keys=room_id, lazy="joined", innerjoin=True)
    original_room: Mapped[Room] = relationship(foreign_keys=original_room_id)
    decided_by: Mapped[StaffMember | None] = relationship()

    __table_args__ = (
        sa.CheckConstraint('"end" > start', name="order"),
        sa.CheckConstraint("before_minutes BETWEEN 0 AND 1440", name="before"),
        sa.CheckConstraint("after_minutes BETWEEN 0 AND 1440", name="after"),
        sa.Index("ix_occurrence_status_start", "status", "start"),
        sa.Index("ix_occurrence_start", "start"),
    )

    @property
    def slot(self) -> Slot:
        """The meeting itself, as the public sees it."""
        return Slot(self.start, self.end)

    @property
    def occupied(self) -> Slot:
        """What it takes of its room, set-up and tidying up included."""
        return self.slot.widened(timedelta(minutes=self.before_minutes), timedelta(minutes=self.after_minutes))

    @property
    def holds_room(self) -> bool:
        return self.status in HOLDS_ROOM

    @property
    def is_moved(self) -> bool:
        return self.start != self.original_start or self.room_id != self.original_room_id


_EPOCH_SECONDS = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # a strict table there knows no other word

#: Who sits where and when, in epoch seconds: a row exists if and only if its date holds its room, set-up and
#: tidying up included. The database's own triggers write it (guard.py); nobody else can.
occupancy = sa.Table(
    "occupancy",
    Base.metadata,
    sa.Column("part_id", sa.ForeignKey("part.id"), primary_key=True),
    sa.Column("start", _EPOCH_SECONDS, primary_key=True),
    sa.Column("end", _EPOCH_SECONDS, nullable=False),
    sa.Column("occurrence_id", sa.ForeignKey("occurrence.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.CheckConstraint('"end" > start', name="order"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)


class Link(Base):
    """The right to see and change one booking, held by whoever knows the secret address. Only its hash is stored."""

    __tablename__ = "link"

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256, hexadecimal
    nonce: Mapped[str]  # from which, with the secret key, the token can be made again for a letter
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    booking: Mapped[Booking] = relationship()


class Letter(Base):
    """A mail that is owed: written in the transaction that causes it, sent later.

    Name, address and link are filled in when it is sent, so this table holds no personal data of its own.
    """

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(32))  # the name of its template in templates/mail/
    booking_id: Mapped[int | None] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contact.id"))  # None: to the office
    language: Mapped[str] = mapped_column(sa.String(2))
    subject: Mapped[str]
    body: Mapped[str]
    calendar: Mapped[str | None]  # an iCalendar attachment
    created_at: Mapped[datetime]
    send_at: Mapped[datetime]  # not before
    state: Mapped[str] = mapped_column(sa.String(16), default="waiting")  # waiting, sending, sent, failed, stopped
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")  # the mail server's code and words, without addresses
    message_id: Mapped[str] = mapped_column(unique=True)

    booking: Mapped[Booking | None] = relationship()
    contact: Mapped[Contact | None] = relationship()

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

    staff_member: Mapped[StaffMember | None] = relationship()


class Draft(Base):
    """A request that somebody is still writing; forgotten after 24 hours. The cookie holds the token, we its hash."""

    __tablename__ = "draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    form_id: Mapped[str] = mapped_column(unique=True)
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


staff_role = sa.Table(
    "staff_role",
    Base.metadata,
    sa.Column("staff_member_id", sa.ForeignKey("staff_member.id"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("role.id"), primary_key=True),
)


class Role(Base, RoleMixin):
    """What a member of the team may do."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class StaffMember(Base, UserMixin):
    """One of the team. Flask-Security signs them in."""

    __tablename__ = "staff_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)

    roles: Mapped[list[Role]] = relationship(secondary=staff_role)  # type: ignore[assignment]  # of the library's mixin


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The local day on which an instant falls."""
    return instant.astimezone(zone).date()
