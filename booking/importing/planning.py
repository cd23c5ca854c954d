"""From entries of a file to bookings: which room, which series, and what is there already."""

import hashlib
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from booking.availability.check import Availability, found_at
from booking.availability.wanted import AnyRoom, Wanted
from booking.database import db
from booking.domain.parts import parts_at
from booking.domain.recurrence import MOST_DATES, RecurrenceRule
from booking.domain.rhythm import find_rule
from booking.domain.slot import Slot, usual_times
from booking.domain.status import GOING_ON
from booking.house import house, room_rows
from booking.importing.calendars import read_calendar
from booking.importing.documents import read_document
from booking.importing.entries import FAULTS, Fault, ForeignDate, WhatWasRead
from booking.importing.tables import read_table
from booking.models import Booking, Occurrence, day_of

#: How far series without an end are followed.
HORIZON = timedelta(days=366)

#: How the ``form_id`` of what was brought in begins; the run and the key follow.
PREFIX = "import"

#: Of a shorter name than this, no room is known in a text.
SHORTEST_NAME = 2


class PlannedDate(NamedTuple):
    """A date to be brought in. ``state``: what it meets with; where that is not free, the office decides later."""

    slot: Slot
    room: AnyRoom
    state: Availability
    is_undecided: bool

    @property
    def is_approved(self) -> bool:
        return self.state in (Availability.FREE, Availability.REQUESTED) and not self.is_undecided


class PlannedBooking(NamedTuple):
    """A booking to be brought in. ``key``: by which it is known again, whatever file it comes from."""

    key: str
    title: str
    group: str
    kind: str
    text: str
    people: int
    is_open: bool
    rule: RecurrenceRule
    dates: list[PlannedDate]

    @property
    def undecided(self) -> list[PlannedDate]:
        return [each for each in self.dates if not each.is_approved]


class ImportPlan(NamedTuple):
    """What would be brought in; ``known``: how many dates of the file are there already."""

    bookings: list[PlannedBooking]
    faults: list[Fault]
    endless: list[str]
    known: int
    horizon: datetime

    @property
    def number(self) -> int:
        return sum(len(each.dates) for each in self.bookings)


def read_file(name: str, content: bytes, now: datetime) -> WhatWasRead:
    """The entries of a file, by its name or else by how it begins. Raises ``UnreadableFile``."""
    begins = content[:200].lstrip(b"\xef\xbb\xbf \r\n").upper()
    if name.casefold().endswith(".ics") or begins.startswith(b"BEGIN:VCALENDAR"):
        read = read_calendar
    elif name.casefold().endswith(".json") or begins.startswith(b"{"):
        read = read_document
    else:
        read = read_table
    return read(content, house().zone, now + HORIZON).made_sound()


def plan_import(read: WhatWasRead, now: datetime, *, room_id: int | None = None, is_open: bool = False) -> ImportPlan:
    """What the entries come to. ``room_id``: where entries go that name no room; else they are told of as faults.

    ``is_open`` holds where the file says nothing. Where two dates want the same room, the earlier one gets it.
    """
    faults = list(read.faults)
    placed = []
    rooms = room_rows()
    find = finder(rooms.values())
    for entry in read.entries:
        found = find(entry.place) or find(entry.title) or ([rooms[room_id]] if room_id else [])
        if not found:
            faults.append(Fault(FAULTS["no_room"], {"place": entry.place or entry.title}, entry.line))
        placed += [(_told(entry, room), room) for room in found]
    new = _without_twins(placed)
    bookings, known = _without_known(_gathered(new, is_open=is_open))
    return ImportPlan(states_now(bookings), faults, read.endless, known + len(placed) - len(new), now + HORIZON)


def finder(rooms: Iterable[AnyRoom]) -> Callable[[str], list[AnyRoom]]:
    """A question which rooms a text names, by their names, short names or slugs; longer names first."""
    names: dict[str, AnyRoom] = {}
    for room in rooms:
        for name in (room.name, room.short_name, room.slug):
            if len(name) >= SHORTEST_NAME:
                names.setdefault(_folded(name), room)
    ordered = sorted(names, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)") if ordered else None

    def find(text: str) -> list[AnyRoom]:
        found = {names[name].id: names[name] for name in pattern.findall(_folded(text))} if pattern else {}
        return list(found.values())

    return find


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[-_/]+", " ", text.casefold()).split())


def _told(entry: ForeignDate, room: AnyRoom) -> ForeignDate:
    """An entry without the room in its title: "Werkstatt: Nähcafé" and "Nähcafé (Werkstatt)" are a Nähcafé."""
    for name in (room.name, room.short_name):
        if name:
            own = re.escape(name)
            title = re.sub(rf"^{own}\s*[:–|-]\s+|\s*[([]{own}[)\]]$|\s+[–|-]\s+{own}$", "", entry.title, flags=re.I)
            if title:
                entry = entry._replace(title=title)
    return entry if entry.title else entry._replace(title=room.name)


def _gathered(placed: Sequence[tuple[ForeignDate, AnyRoom]], *, is_open: bool) -> list[PlannedBooking]:
    """Entries of one series or of one title, room and time become one booking."""
    zone = house().zone
    series: dict[tuple[object, ...], list[tuple[ForeignDate, AnyRoom]]] = defaultdict(list)
    for entry, room in placed:
        of_title = entry.group.casefold(), entry.title.casefold(), usual_times([entry.slot], zone)
        series[room.id, entry.series or of_title].append((entry, room))
    found = []
    for (_, named), dates in series.items():
        dates.sort(key=lambda each: each[0].slot)
        for part in range(0, len(dates), MOST_DATES):
            some = list({each[0].slot: each for each in dates[part : part + MOST_DATES]}.values())
            first, room = some[0]
            key = _key(room.slug, named, first.slot if part else None)
            found.append(
                PlannedBooking(
                    key,
                    title=first.title[:80],
                    group=(first.group or first.title)[:80],
                    kind=first.kind,
                    text=first.text,
                    people=max(entry.people for entry, _ in some),
                    is_open=is_open if first.is_open is None else first.is_open,
                    rule=find_rule(day_of(entry.slot.start, zone) for entry, _ in some),
                    dates=[PlannedDate(entry.slot, room, Availability.FREE, entry.is_undecided) for entry, _ in some],
                )
            )
    return sorted(found, key=lambda each: each.dates[0].slot)


def _without_twins(placed: Sequence[tuple[ForeignDate, AnyRoom]]) -> list[tuple[ForeignDate, AnyRoom]]:
    """Those of which the house has no date with the same title, room and time, whoever asked for it."""
    if not placed:
        return []
    first, last = min(entry.slot.start for entry, _ in placed), max(entry.slot.start for entry, _ in placed)
    there = sa.select(Booking.title, Occurrence.room_id, Occurrence.start, Occurrence.end).join(Occurrence.booking)
    there = there.where(Occurrence.start.between(first, last), Occurrence.status.in_(GOING_ON))
    twins = {(title.casefold(), *where) for title, *where in db.session.execute(there)}
    return [
        (entry, room)
        for entry, room in placed
        if (entry.title[:80].casefold(), room.id, entry.slot.start, entry.slot.end) not in twins
    ]


def _key(*told: object) -> str:
    return hashlib.sha256(repr(told).encode()).hexdigest()[:24]


def known_keys() -> set[str]:
    """The keys of all that was ever brought in and is there."""
    ids = db.session.scalars(sa.select(Booking.form_id).where(Booking.form_id.startswith(f"{PREFIX}:")))
    return {form_id.rpartition(":")[2] for form_id in ids}


def _without_known(bookings: list[PlannedBooking]) -> tuple[list[PlannedBooking], int]:
    keys = known_keys()
    new = [each for each in bookings if each.key not in keys]
    return new, sum(len(each.dates) for each in bookings if each.key in keys)


def states_now(bookings: list[PlannedBooking]) -> list[PlannedBooking]:
    """Each date with what it meets with at this moment, in the house and among these bookings."""
    states = iter(_states([each for booking in bookings for each in booking.dates]))
    held = Held()
    return [with_states(booking, [next(states) for _ in booking.dates], held) for booking in bookings]


def _states(dates: Sequence[PlannedDate]) -> list[Availability]:
    wanted = [Wanted(each.room, each.slot) for each in dates]
    long_ago = min((each.slot.start for each in wanted), default=None)  # what is over is written down too
    return [each.state for each in found_at(wanted, long_ago)] if long_ago else []


class Held:
    """The times that parts of the house are taken by dates of the file."""

    def __init__(self) -> None:
        self._slots: dict[int, list[Slot]] = defaultdict(list)  # of a part, in order

    def take(self, date: PlannedDate) -> bool:
        """Hold the room for a date, unless it is held at that time; says whether it is now."""
        places = []
        for part_id in parts_at(date.room, date.slot.start):
            slots = self._slots[part_id]
            at = bisect_left(slots, date.slot)
            if any(each.overlaps(date.slot) for each in slots[max(at - 1, 0) : at + 1]):
                return False
            places.append((slots, at))
        for slots, at in places:
            slots.insert(at, date.slot)
        return True


def with_states(booking: PlannedBooking, states: Sequence[Availability], held: Held) -> PlannedBooking:
    """The booking with what was found for each of its dates; of two that want one room, the first has it."""
    dates = []
    for date, state in zip(booking.dates, states, strict=True):
        met = date._replace(state=state)
        if met.is_approved and not held.take(met):
            met = met._replace(state=Availability.TAKEN)
        dates.append(met)
    return booking._replace(dates=dates)
