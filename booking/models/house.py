"""The house: who it is, its rooms, its hours, and when it is closed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from booking.database import Base
from booking.domain.parts import EVER, DatedIds, read_lists
from booking.domain.policy import Hours, HouseRules
from booking.domain.remembering import Retention
from booking.domain.repeats import Repeats
from booking.domain.slot import Slot

#: What stands in front of a number inside the country with this code.
TRUNKS = {
    **dict.fromkeys(("+31", "+32", "+33", "+41", "+43", "+44", "+46", "+49", "+353", "+358"), "0"),
    **dict.fromkeys(("+30", "+34", "+39", "+45", "+47", "+48", "+351", "+352", "+420"), ""),
}


class House(Base):
    """The one house of this installation: who it is, and its rules. One row, id 1.

    ``version`` is raised by every transaction that changes what the public
    sees; it is the ETag of all public pages and feeds.
    """

    __tablename__ = "house"
    counters = frozenset({"version", "reference_year", "reference_number"})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    article: Mapped[str] = mapped_column(sa.String(3), default="")  # der, die, das, or none: "in Tor 6"
    inflected: Mapped[str] = mapped_column(default="")  # the name after "im" or "in der", where it is another there
    site_name: Mapped[str]
    site_name_en: Mapped[str]
    is_formal: Mapped[bool] = mapped_column(default=False)  # Sie instead of du and ihr, see booking.catalogues
    operator: Mapped[str]
    operator_en: Mapped[str] = mapped_column(default="")
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
    lobby_hint_en: Mapped[str]

    lead_working_days: Mapped[int]
    answer_working_days: Mapped[int]
    latest_end: Mapped[time]
    tight_minutes: Mapped[int]  # a gap to the neighbour below this is worth a note
    most_dates: Mapped[int]  # in one request
    rules_version: Mapped[str]  # of the house rules that groups agree to
    # What letters and pages say instead of their originals, see booking.texts.
    own_words: Mapped[dict[str, dict[str, str]]] = mapped_column(sa.JSON, default=dict)
    facts: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)  # for the law, see booking.facts
    files: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)  # digests of its files, by name
    retention: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)  # empty: not decided, see ``remembers``

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
        """The number as written inside the country: 030 12-345. As it is, where we do not know how."""
        code, _, number = self.phone.partition(" ")
        return f"{TRUNKS[code]}{number}" if code in TRUNKS else self.phone

    @property
    def remembers(self) -> Retention:
        """How long it knows people; where it has not decided that, what is usual."""
        return Retention(**(self.retention or {}))

    def rules(self, hours: Hours, room_hours: Mapping[int, Hours]) -> HouseRules:
        return HouseRules(
            zone=self.zone,
            hours=hours,
            room_hours=room_hours,
            latest_end=self.latest_end,
            lead_working_days=self.lead_working_days,
            most_dates=self.most_dates,
            tight=timedelta(minutes=self.tight_minutes),
        )


class HouseFile(Base):
    """A file of the house's own: its logo, or a text as it stands on a page."""

    __tablename__ = "house_file"

    name: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]


class Part(Base):
    """A piece of the house that can hold one meeting at a time."""

    __tablename__ = "part"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


#: Whole seconds since 1970, UTC. A strict table of SQLite knows no other word for them.
EPOCH_SECONDS = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class RoomPart(Base):
    """A part in a list of those that a room takes, which holds from ``since`` on until the next list of the room does.

    A date takes the list that holds when it begins, set-up included; the guard compares the two in epoch seconds.
    """

    __tablename__ = "room_part"

    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id"), primary_key=True)
    since: Mapped[int] = mapped_column(EPOCH_SECONDS, primary_key=True, default=EVER, server_default=sa.text("0"))
    part_id: Mapped[int] = mapped_column(sa.ForeignKey("part.id"), primary_key=True)

    part: Mapped[Part] = relationship(lazy="joined")


class ListsOfParts(sa.types.TypeDecorator[DatedIds]):
    """The parts of a room that a statement has put together in one column."""

    impl = sa.String
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> DatedIds:
        return read_lists(value or "")


class StoredList(sa.types.TypeDecorator[tuple[Any, ...]]):
    """A list that is stored as JSON, read as its text: of two hundred rooms, few have one of their own."""

    impl = sa.String
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> tuple[Any, ...]:
        return _read_list(value or "[]")


@lru_cache(1024)
def _read_list(text: str) -> tuple[Any, ...]:
    return tuple(json.loads(text))


class Room(Base):
    """What people book. It occupies one part or more: a divisible hall has two, its halves one each."""

    __tablename__ = "room"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    article: Mapped[str] = mapped_column(sa.String(3), default="")  # as of the house
    inflected: Mapped[str] = mapped_column(default="")
    short_name: Mapped[str]  # on the lobby screen, about 12 characters
    seats: Mapped[int]
    way: Mapped[str]  # "EG, links"
    way_en: Mapped[str] = mapped_column(default="")
    direction: Mapped[str]  # from the lobby screen: up, right, down or left
    step_free: Mapped[bool]
    equipment: Mapped[list[str]] = mapped_column(sa.JSON)
    equipment_en: Mapped[list[str]] = mapped_column(sa.JSON, default=list)  # the same things in the same order
    position: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)  # can be asked for; others keep the dates they have
    photo: Mapped[str] = mapped_column(default="")  # digest of the picture in ``Photo``; none without one
    photo_text: Mapped[str] = mapped_column(default="")  # what it shows, for those who do not see it
    photo_text_en: Mapped[str] = mapped_column(default="")
    busy: Mapped[str] = mapped_column(sa.Text, default="")  # by the calendar it follows, see house.busy_closures
    # Ids of rooms that are this one together: a group has asked for them at once. It is offered to nobody else.
    together: Mapped[list[int]] = mapped_column(sa.JSON, default=list)

    part_rows: Mapped[list[RoomPart]] = relationship(
        order_by=(RoomPart.since, RoomPart.part_id), cascade="all, delete-orphan"
    )
    # Read with the room, as every question of what is free needs it.
    part_lists: Mapped[DatedIds] = column_property(
        sa.select(
            sa.type_coerce(
                sa.func.aggregate_strings(
                    sa.cast(RoomPart.since, sa.String) + ":" + sa.cast(RoomPart.part_id, sa.String), ","
                ),
                ListsOfParts,
            )
        )
        .where(RoomPart.room_id == id)  # noqa: A003 - the column above
        .correlate_except(RoomPart)
        .scalar_subquery()
    )

    @property
    def parts(self) -> list[Part]:
        """The parts that it took at first, by their ids."""
        return self.parts_since(EVER)

    @parts.setter
    def parts(self, parts: Collection[Part]) -> None:
        self.take_parts(parts, EVER)

    def parts_since(self, since: int) -> list[Part]:
        """The list that begins then, if one does."""
        return [row.part for row in self.part_rows if row.since == since]

    def list_at(self, since: float) -> list[Part]:
        """The list that holds then."""
        return self.parts_since(max((row.since for row in self.part_rows if row.since <= since), default=EVER))

    def take_parts(self, parts: Collection[Part], since: int) -> None:
        """Let dates that begin from then on take these parts, until its next list holds; none: as before then."""
        kept = [row for row in self.part_rows if row.since != since or row.part in parts]
        known = self.parts_since(since)
        self.part_rows = [*kept, *(RoomPart(part=part, since=since) for part in parts if part not in known)]


class Photo(Base):
    """The picture of a room as the public gets it: a JPEG of our own making."""

    __tablename__ = "photo"

    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id"), primary_key=True, autoincrement=False)
    jpeg: Mapped[bytes]


class OpeningHours(Base):
    """A time in which the house is open on a weekday, local and half-open. No row: closed that day.

    ``room_id``: of a room whose hours are others than those of the house, on all days.
    """

    __tablename__ = "opening_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id"))
    weekday: Mapped[int]  # Monday is 0
    opens: Mapped[time]
    closes: Mapped[time]


class Closure(Base):
    """A time in which the house or some of its rooms are closed, with the reason people see.

    One that comes back every week or year is stored once, with its first time;
    ``house.closures`` tells all of its times. From ``until`` on it holds no more.
    """

    __tablename__ = "closure"

    id: Mapped[int] = mapped_column(primary_key=True)
    room_ids: Mapped[list[int]] = mapped_column(sa.JSON, default=list)  # none: the whole house
    start: Mapped[datetime]
    end: Mapped[datetime]
    repeats: Mapped[str] = mapped_column(sa.String(8), default=Repeats.ONCE)
    until: Mapped[datetime | None]
    reason: Mapped[str]
    reason_en: Mapped[str]
    undo: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))  # see ``closing``

    __table_args__ = (
        sa.CheckConstraint('"end" > start', name="order"),
        sa.CheckConstraint("repeats IN ('', 'weekly', 'yearly')", name="repeats"),
    )

    @property
    def slot(self) -> Slot:
        return Slot(self.start, self.end)

    @property
    def is_of_house(self) -> bool:
        return not self.room_ids

    def at(self, slot: Slot) -> Closure:
        """It as it is at one of its times; not a row."""
        values = {column.key: getattr(self, column.key) for column in self.__table__.columns}
        return Closure(**{**values, "start": slot.start, "end": slot.end})


class OutsideCalendar(Base):
    """A calendar from outside that a room follows; when it is busy stands in ``Room.busy``.

    Its address may be a secret of whoever published it: it stands in no log.
    """

    __tablename__ = "outside_calendar"

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("room.id"), unique=True)
    address: Mapped[str]
    checked_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]  # when it was read for the last time
    error: Mapped[str] = mapped_column(sa.String(16), default="")  # why it was not, since: see outside.fetching


class Notice(Base):
    """What the lobby says for a while, in the team's own words; there is one at most."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    text_en: Mapped[str]
    until: Mapped[datetime]
    is_important: Mapped[bool] = mapped_column(default=False)


class Display(Base):
    """A screen that the office has registered: what it shows, and when it was last heard of.

    ``ways``: by the id of a room, as text, the ``direction``, ``way`` and ``way_en`` to it as seen from this screen;
    what is missing is as seen from the lobby. ``missed_at``: when the team was told that nothing is heard of it.
    """

    __tablename__ = "display"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    room_ids: Mapped[list[int]] = mapped_column(sa.JSON, default=list)  # none: the whole house
    ways: Mapped[dict[str, dict[str, str]]] = mapped_column(sa.JSON, default=dict)
    language: Mapped[str] = mapped_column(sa.String(2))
    second_language: Mapped[str] = mapped_column(sa.String(2), default="")  # in which it says once more what matters
    token_hash: Mapped[str] = mapped_column(unique=True)  # of the secret in its address, see links
    nonce: Mapped[str]
    seen_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)  # what it told of itself then
    missed_at: Mapped[datetime | None]


class YearFigure(Base):
    """What the office plans for one kind of groups in a year, and what it counted itself before this service did."""

    __tablename__ = "year_figure"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(16), primary_key=True)  # as of an initiative
    planned: Mapped[int | None]
    counted: Mapped[int | None]
