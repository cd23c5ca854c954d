"""What was asked for, and the fate of each date."""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.database import Base
from booking.domain.policy import LATE
from booking.domain.recurrence import RecurrenceRule
from booking.domain.slot import Slot, WeekdayTimes, times_of_weekdays, usual_times
from booking.domain.status import HOLDS_ROOM, ChangeState, Status
from booking.models.house import EPOCH_SECONDS, Room
from booking.models.people import Contact, Initiative, StaffMember


def _words(length: int, enum: type[Any], name: str) -> sa.Enum:
    """A word of a closed list, checked by the database itself.

    No native enum: PostgreSQL keeps its type when a migration is taken back.
    """
    return sa.Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        length=length,
        values_callable=lambda members: [member.value for member in members],
        name=name,
    )


def _one_while(name: str, column: str, condition: str) -> sa.Index:
    """No two rows have the same value there while the condition, in SQL, holds for both."""
    return sa.Index(name, column, unique=True, sqlite_where=sa.text(condition))


#: Columns that came when there were rows already.
Words = Annotated[str, mapped_column(default="", server_default=sa.text("''"))]
Unless = Annotated[bool, mapped_column(default=False, server_default=sa.false())]


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
    doors_open: Mapped[Unless]  # guests may come in during the time before
    reminders: Mapped[Unless]  # a letter before every date, not only the first
    rules_version: Mapped[str]
    title_wish: Mapped[Words]  # a new title that waits for the team's yes

    url_wish: Mapped[Words]  # likewise

    question: Mapped[Words]  # what the team wants to know before it decides …
    asked_at: Mapped[datetime | None]
    answer: Mapped[Words]  # … and what the group wrote back
    end_told_at: Mapped[datetime | None]  # when the group was told that its series ends soon

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
    key_loans: Mapped[list[KeyLoan]] = relationship(back_populates="booking", order_by="KeyLoan.id")

    @property
    def recurrence_rule(self) -> RecurrenceRule:
        return RecurrenceRule.from_json(self.rule)

    def dates(self, *statuses: Status) -> list[Occurrence]:
        """The dates in one of these statuses, earliest first."""
        return [occurrence for occurrence in self.occurrences if occurrence.status in statuses]

    def usual_times(self, zone: ZoneInfo) -> tuple[time, int]:
        """When most of its dates begin, as local wall time, and their minutes: what its rule says may have moved."""
        return usual_times([each.slot for each in self.occurrences], zone)

    def times_of_weekdays(self, zone: ZoneInfo) -> tuple[WeekdayTimes, ...]:
        """The usual times of those weekdays of its rule that meet at others than most of its dates."""
        return times_of_weekdays([each.slot for each in self.occurrences], zone, self.recurrence_rule.weekdays)

    @property
    def usual_room(self) -> Room:
        """The room of most of its dates: the one that was wished for may not have had any."""
        return Counter(each.room for each in self.occurrences).most_common(1)[0][0]

    def coming(self, now: datetime) -> list[Occurrence]:
        """The approved dates that are not over."""
        return [occurrence for occurrence in self.dates(Status.APPROVED) if occurrence.end > now]

    @property
    def addressee(self) -> Contact | None:
        """Who gets its letters; ``None`` where nobody's address is known, as the office entered it or it is erased."""
        return self.contact if self.contact and self.contact.email else None

    @property
    def wishes_words(self) -> bool:
        """Whether the group would like the public to read something else, which the team has not seen yet."""
        return bool(self.title_wish or self.url_wish)

    @property
    def waits_for_answer(self) -> bool:
        """Whether the team has asked something that the group has not answered yet."""
        return bool(self.question and not self.answer)


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
    status: Mapped[Status] = mapped_column(_words(16, Status, "status"), default=Status.REQUESTED)
    reason: Mapped[str] = mapped_column(default="")  # why declined or cancelled, the sentence the group reads
    cancelled_by_group: Mapped[bool] = mapped_column(default=False)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff_member.id"))
    letter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("letter.id"))  # that tells of the last decision
    uid: Mapped[str] = mapped_column(
        unique=True,
        default=lambda: secrets.token_hex(16),
        insert_sentinel=True,  # by which rows that are inserted together are told apart, so that a series is one INSERT
    )
    sequence: Mapped[int] = mapped_column(default=0)  # SEQUENCE of RFC 5545, 3.8.7.4
    changed_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    no_show: Mapped[Unless]  # nobody came; it counts as no use of the house

    booking: Mapped[Booking] = relationship(back_populates="occurrences")
    room: Mapped[Room] = relationship(foreign_keys=room_id, lazy="joined", innerjoin=True)
    original_room: Mapped[Room] = relationship(foreign_keys=original_room_id)
    decided_by: Mapped[StaffMember | None] = relationship()
    changes: Mapped[list[Change]] = relationship(back_populates="occurrence", order_by="Change.id")

    __table_args__ = (
        sa.CheckConstraint('"end" > start', name="order"),
        sa.CheckConstraint("before_minutes BETWEEN 0 AND 1440", name="before"),
        sa.CheckConstraint("after_minutes BETWEEN 0 AND 1440", name="after"),
        sa.Index("ix_occurrence_status_start", "status", "start", "room_id", "booking_id"),
        sa.Index("ix_occurrence_start", "start"),
        sa.Index(  # of the moved dates alone, which are few
            "ix_occurrence_moved",
            "status",
            "original_start",
            sqlite_where=sa.text("start <> original_start"),
        ),
    )

    @property
    def slot(self) -> Slot:
        """The meeting itself, as the public sees it."""
        return Slot(self.start, self.end)

    @property
    def occupied(self) -> Slot:
        """What it takes of its room, set-up and tidying up included."""
        return self.occupied_at(self.slot)

    def occupied_at(self, slot: Slot) -> Slot:
        """What it would take of a room at another time."""
        return slot.widened(timedelta(minutes=self.before_minutes), timedelta(minutes=self.after_minutes))

    @property
    def is_cancelled_late(self) -> bool:
        """Whether its group cancelled it so late that nobody else could have had the room."""
        is_late = self.decided_at is not None and self.start - self.decided_at < LATE
        return self.cancelled_by_group and is_late

    @property
    def holds_room(self) -> bool:
        return self.status in HOLDS_ROOM

    @property
    def is_moved(self) -> bool:
        return self.start != self.original_start or self.room_id != self.original_room_id

    @property
    def open_change(self) -> Change | None:
        """Another time or room that is still being talked about."""
        return next((change for change in reversed(self.changes) if change.state is ChangeState.OPEN), None)


class Change(Base):
    """Another time or room for one date: proposed by the team, asked for by the group, or simply made by the team.

    While a proposal is open its date is at the proposed place already, so that
    nobody else can have it; a change that a group asks for moves nothing until
    the team says yes.
    """

    __tablename__ = "change"

    id: Mapped[int] = mapped_column(primary_key=True)
    occurrence_id: Mapped[int] = mapped_column(
        sa.ForeignKey("occurrence.id"),
        index=True,
        insert_sentinel=True,  # no two of one date are inserted together, so that those of a series are one INSERT
    )
    proposed_by: Mapped[str] = mapped_column(sa.String(8))  # team or group
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id"))
    start: Mapped[datetime]
    end: Mapped[datetime]
    former_room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id"))
    former_start: Mapped[datetime]
    former_end: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")  # the group's own words
    answer_by: Mapped[datetime | None]  # until when a proposal holds its room; None: for as long as it takes
    state: Mapped[ChangeState] = mapped_column(_words(16, ChangeState, "state"), default=ChangeState.OPEN)
    created_at: Mapped[datetime]

    occurrence: Mapped[Occurrence] = relationship(back_populates="changes")
    room: Mapped[Room] = relationship(foreign_keys=room_id, lazy="joined", innerjoin=True)
    former_room: Mapped[Room] = relationship(foreign_keys=former_room_id, lazy="joined", innerjoin=True)

    __table_args__ = (
        sa.CheckConstraint("proposed_by IN ('team', 'group')", name="proposed_by"),
        sa.CheckConstraint('"end" > start AND former_end > former_start', name="order"),
        _one_while("ux_change_open", "occurrence_id", "state = 'open'"),  # two at once would be two truths
        sa.Index("ix_change_state_answer_by", "state", "answer_by"),
    )

    @property
    def slot(self) -> Slot:
        return Slot(self.start, self.end)

    @property
    def former_slot(self) -> Slot:
        return Slot(self.former_start, self.former_end)


class KeyLoan(Base):
    """A key that a group has, or had. Out as long as ``returned_at`` is empty."""

    __tablename__ = "key_loan"

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(32))  # as it stands on the key
    handed_out_at: Mapped[datetime]
    returned_at: Mapped[datetime | None]

    booking: Mapped[Booking] = relationship(back_populates="key_loans")

    #: Nobody can have a key that somebody else has.
    __table_args__ = (_one_while("ux_key_loan_out", "number", "returned_at IS NULL"),)


#: Who sits where and when, in epoch seconds: a row exists if and only if its date holds its room, set-up and
#: tidying up included. The database's own triggers write it (booking.guard); nobody else can.
occupancy = sa.Table(
    "occupancy",
    Base.metadata,
    sa.Column("part_id", sa.ForeignKey("part.id"), primary_key=True),
    sa.Column("start", EPOCH_SECONDS, primary_key=True),
    sa.Column("end", EPOCH_SECONDS, nullable=False),
    sa.Column("occurrence_id", sa.ForeignKey("occurrence.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.CheckConstraint('"end" > start', name="order"),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The local day on which an instant falls."""
    return instant.astimezone(zone).date()
