"""What stands in the way of a wanted time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import joinedload

from booking.availability.occupied import conflicts
from booking.availability.wanted import Wanted, WishedDate
from booking.database import db
from booking.domain import policy
from booking.domain.days_off import days_off
from booking.domain.policy import HouseRules, Objection
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import house, house_rules, rooms
from booking.models import Closure, Occurrence


class Availability(StrEnum):
    """What stands in the way of a wanted time."""

    FREE = "free"
    REQUESTED = "requested"  # others have asked for it too
    TAKEN = "taken"
    CLOSED = "closed"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Checked:
    """A wanted time and what was found there. ``tight``: free, but a neighbour is closer than the house likes."""

    wanted: Wanted
    state: Availability
    taken_by: Occurrence | None = None
    closure: Closure | None = None
    rivals: tuple[Occurrence, ...] = ()
    tight: bool = False


def check(
    wanted: Sequence[Wanted], now: datetime, tight: timedelta = timedelta(0), exclude: Collection[int] = ()
) -> list[Checked]:
    """What stands in the way of each wanted time: a fixed number of statements, however many there are.

    ``exclude``: ids of occurrences that do not stand in the way.
    """
    taken = conflicts(wanted, exclude)
    closures = closures_for(wanted)
    rivals = requests_for(wanted, exclude)
    near = conflicts([Wanted(w.room, w.slot.widened(tight, tight)) for w in wanted], exclude) if tight else {}
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


def requests_for(wanted: Sequence[Wanted], exclude: Collection[int] = ()) -> dict[int, list[Occurrence]]:
    """Dates that others have asked for and nobody has decided, by the index of the wanted time they overlap."""
    if not wanted:
        return {}
    widest = timedelta(days=1)  # more than any set-up time
    first, last = min(w.slot.start for w in wanted) - widest, max(w.slot.end for w in wanted) + widest
    asked = db.session.scalars(
        db.select(Occurrence)
        .where(Occurrence.status == Status.REQUESTED, Occurrence.start < last, Occurrence.end > first)
        .options(joinedload(Occurrence.booking))
        .order_by(Occurrence.id)
    ).all()
    by_part: dict[int, list[tuple[Slot, Occurrence]]] = defaultdict(list)
    for occurrence in asked:
        for part in occurrence.room.parts:
            by_part[part.id].append((occurrence.occupied, occurrence))
    found: dict[int, list[Occurrence]] = {}
    for index, want in enumerate(wanted) if by_part else ():
        rivals = {
            occurrence.id: occurrence
            for part in want.room.parts
            for slot, occurrence in by_part[part.id]
            if slot.overlaps(want.slot) and occurrence.id not in exclude
        }
        if rivals:
            found[index] = list(rivals.values())
    return found


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
        db.select(Occurrence).where(Occurrence.id.in_(ids)).options(joinedload(Occurrence.booking))
    )
    return {row.id: row for row in rows}
