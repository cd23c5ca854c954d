"""What stands in the way of a wanted time."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy.orm import joinedload, lazyload

from booking.availability.occupied import conflicts
from booking.availability.wanted import Wanted, WishedDate
from booking.database import db
from booking.domain import policy
from booking.domain.days_off import days_off
from booking.domain.policy import HouseRules, Objection
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import house, house_rules, rooms
from booking.models import Booking, Closure, Occurrence


class Availability(StrEnum):
    """What stands in the way of a wanted time."""

    FREE = "free"
    REQUESTED = "requested"  # others have asked for it too
    TAKEN = "taken"
    CLOSED = "closed"
    PAST = "past"


class Requested(NamedTuple):
    """A date that somebody has asked for and nobody has decided, read as a plain row."""

    id: int
    booking_id: int
    slot: Slot


@dataclass(frozen=True, slots=True)
class Checked:
    """A wanted time and what was found there. ``tight``: free, but a neighbour is closer than the house likes."""

    wanted: Wanted
    state: Availability
    taken_by: Occurrence | None = None
    closure: Closure | None = None
    rivals: tuple[Requested, ...] = ()
    tight: bool = False


def check(
    wanted: Sequence[Wanted], now: datetime, tight: timedelta = timedelta(0), exclude: Collection[int] = ()
) -> list[Checked]:
    """What stands in the way of each wanted time: a fixed number of statements, however many there are.

    ``exclude``: ids of occurrences that do not stand in the way.
    """
    widened = [Wanted(want.room, want.slot.widened(tight, tight)) for want in wanted] if tight else []
    met = conflicts([*wanted, *widened], exclude)
    taken = {index: found for index, found in met.items() if index < len(wanted)}
    near = {index - len(wanted) for index in met if index >= len(wanted)}
    closures = closures_for(wanted)
    rivals = requests_for(wanted, exclude)
    sitting = _occurrences(set(taken.values()))
    checked = []
    for index, want in enumerate(wanted):
        state = Availability.FREE
        if want.slot.start < now:
            state = Availability.PAST
        elif index in closures:
            state = Availability.CLOSED
        elif index in taken:
            state = Availability.TAKEN
        elif index in rivals:
            state = Availability.REQUESTED
        checked.append(
            Checked(
                want,
                state,
                taken_by=sitting[taken[index]] if index in taken else None,
                closure=closures.get(index),
                rivals=tuple(rivals.get(index, ())),
                tight=index in near and index not in taken,
            )
        )
    return checked


def requests_for(wanted: Sequence[Wanted], exclude: Collection[int] = ()) -> dict[int, list[Requested]]:
    """Dates that others have asked for and nobody has decided, by the index of the wanted time they overlap."""
    if not wanted:
        return {}
    first, last = min(want.slot.start for want in wanted), max(want.slot.end for want in wanted)
    of_part = _asked_between(first, last, exclude)
    found: dict[int, list[Requested]] = {}
    for index, want in enumerate(wanted) if of_part else ():
        rivals = {id_: each for part in want.room.parts for id_, each in of_part[part.id].during(want.slot)}
        if rivals:
            found[index] = [Requested(id_, *rivals[id_]) for id_ in sorted(rivals)]
    return found


class _Asked:
    """What is asked for of one part of the house, earliest first, so that what overlaps a time is found at once."""

    def __init__(self) -> None:
        self.starts: list[datetime] = []
        self.rows: list[tuple[datetime, int, tuple[int, Slot]]] = []  # until when, of which date, and what it is
        self.longest = timedelta(0)

    def during(self, slot: Slot) -> Iterable[tuple[int, tuple[int, Slot]]]:
        after = bisect_left(self.starts, slot.end)
        before = bisect_left(self.starts, slot.start - self.longest, hi=after)
        return ((id_, each) for end, id_, each in self.rows[before:after] if end > slot.start)


def _asked_between(first: datetime, last: datetime, exclude: Collection[int]) -> dict[int, _Asked]:
    """What is asked for between two instants, by the id of the part of the house."""
    widest = timedelta(days=1)  # more than any set-up time
    asked = db.session.execute(
        db.select(
            Occurrence.id,
            Occurrence.booking_id,
            Occurrence.room_id,
            Occurrence.start,
            Occurrence.end,
            Occurrence.before_minutes,
            Occurrence.after_minutes,
        ).where(
            Occurrence.status == Status.REQUESTED, Occurrence.start < last + widest, Occurrence.end > first - widest
        )
    )
    occupied = [
        (
            start - timedelta(minutes=before),
            end + timedelta(minutes=later),
            room_id,
            id_,
            (booking_id, Slot(start, end)),
        )
        for id_, booking_id, room_id, start, end, before, later in asked
        if id_ not in exclude
    ]
    parts_of = {room.id: [part.id for part in room.parts] for room in rooms()}
    of_part: dict[int, _Asked] = defaultdict(_Asked)
    for begins, ends, room_id, id_, each in sorted(occupied, key=lambda row: row[0]):
        for part_id in parts_of[room_id]:
            part = of_part[part_id]
            part.starts.append(begins)
            part.rows.append((ends, id_, each))
            part.longest = max(part.longest, ends - begins)
    return of_part


def closures_for(wanted: Sequence[Wanted]) -> dict[int, Closure]:
    """The closure of the house or the room that a wanted time falls into, by its index."""
    if not wanted:
        return {}
    first, last = min(w.slot.start for w in wanted), max(w.slot.end for w in wanted)
    closures = db.session.scalars(
        db.select(Closure).where(Closure.start < last, Closure.end > first).order_by(Closure.start)
    ).all()
    by_id = {room.id: room for room in rooms()} if closures else {}
    return {
        index: closure
        for index, want in enumerate(wanted)
        for closure in reversed(closures)
        if closure.slot.overlaps(want.slot)
        and (closure.room_id is None or by_id[closure.room_id].shares_part_with(want.room))
    }


def objections(dates: Iterable[WishedDate], now: datetime) -> list[tuple[WishedDate, Objection]]:
    """The house rules that wished dates break, each with its date."""
    rules = house_rules()
    holidays = holidays_after(now, rules)
    return [
        (wished, objection)
        for wished in dates
        for objection in policy.objections(
            Slot.on(wished.day, wished.begins, wished.minutes, rules.zone),
            now=now,
            rules=rules,
            public_holidays=holidays,
        )
    ]


def holidays_after(now: datetime, rules: HouseRules) -> Mapping[date, str]:
    today = now.astimezone(rules.zone).date()
    row = house()
    return days_off(today, today + timedelta(days=60), row.country, row.subdivision, "de").public


def _occurrences(ids: set[int]) -> dict[int, Occurrence]:
    if not ids:
        return {}
    rows = db.session.scalars(
        db.select(Occurrence)
        .where(Occurrence.id.in_(ids))
        .options(
            joinedload(Occurrence.booking).options(lazyload(Booking.occurrences), joinedload(Booking.initiative)),
            joinedload(Occurrence.decided_by),
        )
    )
    return {row.id: row for row in rows}
