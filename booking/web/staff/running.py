"""What takes place on a day or in a week as the office runs it: who is where, how to reach them, how they get in."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

from booking import wording
from booking.database import db
from booking.domain.parts import parts_at
from booking.domain.policy import is_outside_hours
from booking.domain.slot import Slot
from booking.domain.status import PUBLIC, Status
from booking.house import RoomRow, house, house_rules, room_rows
from booking.languages import in_language
from booking.models import Booking, Contact, Initiative, KeyLoan, Occurrence
from booking.web import locale
from booking.web.staff import desk
from booking.web.staff.requests import path_of_request


class RunningRow(NamedTuple):
    """A date with all that is told of it, read as a plain row."""

    id: int
    room_id: int
    start: datetime
    end: datetime
    before_minutes: int
    after_minutes: int
    doors: datetime | None
    status: Status
    cancelled_by_group: bool
    no_show: bool
    booking_id: int
    reference: str
    title: str
    is_open: bool
    people: int
    access_needs: str
    way_in: str
    group: str
    name: str | None
    phone: str | None
    onsite_name: str | None
    onsite_phone: str | None

    @property
    def slot(self) -> Slot:
        return Slot(self.start, self.end)

    @property
    def occupied(self) -> Slot:
        """What it takes of its room, set-up and tidying up included."""
        return self.slot.widened(timedelta(minutes=self.before_minutes), timedelta(minutes=self.after_minutes))


_FIELDS = RunningRow._fields
_BOOKING, _GROUP = _FIELDS.index("booking_id"), _FIELDS.index("group")
# Made once: that would take longer than to run them.
_BETWEEN = (
    sa.select(
        *(getattr(Occurrence, name) for name in _FIELDS[: _BOOKING + 1]),
        *(getattr(Booking, name) for name in _FIELDS[_BOOKING + 1 : _GROUP]),
        Initiative.name,
        *(getattr(Contact, name) for name in _FIELDS[_GROUP + 1 :]),
    )
    .join(Occurrence.booking)
    .join(Booking.initiative)
    .outerjoin(Booking.contact)
    .where(
        Occurrence.status.in_(PUBLIC),
        Occurrence.start >= sa.bindparam("begin"),
        Occurrence.start < sa.bindparam("end"),
    )
    .order_by(Occurrence.start, Occurrence.id)
)
_OUT = sa.select(KeyLoan.booking_id, KeyLoan.number).where(KeyLoan.returned_at.is_(None)).order_by(KeyLoan.id)


class ToldDate(NamedTuple):
    """What a line of the running order tells of a date, but for who is there. ``way_in``: where none of our keys opens
    and the house is closed."""

    begins: str
    ends: str
    title: str
    group: str
    is_open: bool
    place: str
    people: int
    around: str
    tight: tuple[int, str] | None
    needs_access: bool
    keys: tuple[str, ...]
    way_in: str
    takes_place: bool
    is_on: bool
    is_over: bool


class RunningDate(NamedTuple):
    """A date of the running order at one moment.

    ``begins`` and ``ends`` are its times on the clock. ``url``: of its request. ``keys``: the numbers of those that its
    group has. ``tight``: how few minutes it leaves to what comes next in its room, and to what; none where they are
    enough.
    """

    row: RunningRow
    room: RoomRow
    place: str  # Große Fläche, EG, links
    keys: tuple[str, ...]
    url: str
    begins: str
    ends: str
    around: str  # Einlass 18:30 Uhr · Aufbau ab 18:00 Uhr
    takes_place: bool
    has_begun: bool
    is_over: bool
    is_outside: bool  # the house is closed then, so that somebody has to let them in
    way_in: str  # and how they get in, if it is
    tight: tuple[int, str] | None

    @property
    def told(self) -> ToldDate:
        row = self.row
        return ToldDate(
            self.begins,
            self.ends,
            row.title,
            row.group,
            row.is_open,
            self.place,
            row.people,
            self.around,
            self.tight,
            bool(row.access_needs),
            self.keys,
            "" if self.keys else self.way_in,
            self.takes_place,
            self.is_on,
            self.is_over,
        )

    @property
    def is_on(self) -> bool:
        return self.takes_place and self.has_begun and not self.is_over and not self.row.no_show

    @property
    def look(self) -> str:
        """The class of its line."""
        if self.is_on:
            return "order__on"
        return "order__past" if self.is_over or not self.takes_place or self.row.no_show else ""

    @property
    def person(self) -> tuple[str, str]:
        """Who is there on the evening, and the number to call; empty where nobody is known."""
        row = self.row
        if row.onsite_name or row.onsite_phone:
            return row.onsite_name or row.name or "", row.onsite_phone or row.phone or ""
        return row.name or "", row.phone or ""


def running(begin: datetime, end: datetime, now: datetime) -> list[RunningDate]:
    """What takes place between two instants, or was called off, earliest first: two statements, and no object of the
    session for a line."""
    rows = list(map(RunningRow._make, db.session.execute(_BETWEEN, {"begin": begin, "end": end})))
    if not rows:
        return []
    zone, language, rules, rooms = house().zone, locale.selected(), house_rules(), room_rows()
    keys: dict[int, tuple[str, ...]] = defaultdict(tuple)
    for booking_id, number in db.session.execute(_OUT):
        keys[booking_id] += (number,)
    used = [rooms[id_] for id_ in {row.room_id for row in rows}]
    places = {room.id: f"{room.name}, {in_language(room, 'way', language)}" for room in used}
    there, tight = path_of_request(""), _tight(rows)
    ways_in = {way_in: desk.outside_hours(way_in) for way_in in {row.way_in for row in rows}}

    # A large house has few times in a day, and few rooms with hours of their own.
    @cache
    def on_the_clock(start: datetime, end: datetime) -> tuple[str, str]:
        return wording.clock(start.astimezone(zone)), wording.clock(end.astimezone(zone))

    @cache
    def is_outside(start: datetime, end: datetime, room_id: int | None) -> bool:
        return is_outside_hours(Slot(start, end), rules, room_id)

    found = []
    for row in rows:
        outside = is_outside(row.start, row.end, row.room_id if row.room_id in rules.room_hours else None)
        found.append(
            RunningDate(
                row,
                rooms[row.room_id],
                places[row.room_id],
                keys.get(row.booking_id, ()),
                there + row.reference,
                *on_the_clock(row.start, row.end),
                wording.times_around(row, zone, language),
                takes_place=row.status is Status.APPROVED,
                has_begun=row.start <= now,
                is_over=row.end <= now,
                is_outside=outside,
                way_in=ways_in[row.way_in] if outside else "",
                tight=tight.get(row.id),
            )
        )
    return found


def _tight(rows: Sequence[RunningRow]) -> dict[int, tuple[int, str]]:
    """Of the dates that leave less time than the house likes, by their ids, how many minutes that is, and to what."""
    tight, rooms, found = house_rules().tight, room_rows(), {}
    next_in: dict[int, tuple[datetime, RunningRow]] = {}  # by the parts of the house: from when on they are taken
    for row in reversed(rows):
        if row.status is not Status.APPROVED:
            continue
        taken = row.occupied if row.before_minutes or row.after_minutes else row
        parts = parts_at(rooms[row.room_id], taken.start)
        others = [next_in[part] for part in parts if part in next_in]
        next_in |= dict.fromkeys(parts, (taken.start, row))
        if others:
            begins, after = min(others, key=lambda other: other[1].start) if len(others) > 1 else others[0]
            if (gap := begins - taken.end) < tight:
                found[row.id] = gap // timedelta(minutes=1), after.title
    return found
