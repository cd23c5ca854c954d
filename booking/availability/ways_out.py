"""Ways out of a clash: another room, time or day that was just found to be free."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking.availability.check import Availability, check, holidays_after
from booking.availability.wanted import Times, Wanted
from booking.database import db
from booking.domain import policy
from booking.domain.policy import HouseRules
from booking.domain.slot import Slot
from booking.house import rooms
from booking.models import Occurrence, Room

#: How far from the wished time another time of the same day is looked for, and in which steps.
NEARBY = timedelta(hours=3)
STEP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Alternative:
    """A way out that was just found to be free. ``kind`` is room, time or day."""

    kind: str
    room: Room
    slot: Slot


@dataclass(frozen=True, slots=True)
class Clash:
    """A date that cannot be as it is wished; on a holiday only another day is a way out."""

    day: date
    slot: Slot
    is_holiday: bool


def ways_out(
    clashes: Mapping[int, Clash],
    room: Room,
    times: Times,
    *,
    people: int,
    rules: HouseRules,
    public_holidays: Mapping[date, str],
    now: datetime,
    exclude: Collection[int] = (),
) -> dict[int, tuple[Alternative, ...]]:
    """The ways out of each clash that are really free, best first, by its key. All are checked in one go.

    ``exclude``: ids of occurrences that do not stand in the way; where one of
    them is already is no way out for it.
    """
    flat = [
        (key, way)
        for key, clash in clashes.items()
        for way in _candidates(clash, room, times, people, rules, public_holidays)
    ]
    holidays = holidays_after(now, rules)
    moving = db.session.scalars(db.select(Occurrence).where(Occurrence.id.in_(exclude))) if exclude else ()
    places = {(each.room_id, each.start) for each in moving}
    found = check([Wanted(way.room, times.occupied(way.slot)) for _, way in flat], now, rules.tight, exclude)
    free: dict[int, list[tuple[bool, Alternative]]] = {key: [] for key in clashes}
    for (key, way), checked in zip(flat, found, strict=True):
        is_free = checked.state is Availability.FREE and (way.room.id, way.slot.start) not in places
        if is_free and not policy.objections(way.slot, now=now, rules=rules, public_holidays=holidays):
            free[key].append((checked.tight, way))
    return {key: _best(ways) for key, ways in free.items()}


def _candidates(
    each: Clash, room: Room, times: Times, people: int, rules: HouseRules, public: Mapping[date, str]
) -> Iterable[Alternative]:
    """Other rooms, then other times of that day, nearest first, then other days of that week."""
    if not each.is_holiday:
        others = [other for other in rooms() if other.id != room.id and other.seats >= people]
        for other in sorted(others, key=lambda other: (room.step_free and not other.step_free, other.seats)):
            yield Alternative("room", other, each.slot)
        was_outside = policy.is_outside_hours(each.slot, rules)
        for n in range(1, NEARBY // STEP + 1):
            for shift in (n * STEP, -n * STEP):
                moved = Slot(each.slot.start + shift, each.slot.end + shift)
                if was_outside or not policy.is_outside_hours(moved, rules):
                    yield Alternative("time", room, moved)
    monday = each.day - timedelta(days=each.day.weekday())
    week = [monday + timedelta(days=n) for n in range(7)]
    for day in sorted(week, key=lambda day: (abs(day - each.day), day)):
        if day != each.day and day.weekday() in rules.hours and day not in public:
            yield Alternative("day", room, times.slot(day, rules))


def _best(ways: Sequence[tuple[bool, Alternative]]) -> tuple[Alternative, ...]:
    """One room, one time and one day; a second day where nothing else is free. Roomy ones before tight ones."""
    ordered = sorted(ways, key=lambda way: way[0])
    chosen = [next((way for _, way in ordered if way.kind == kind), None) for kind in ("room", "time", "day")]
    best = [way for way in chosen if way]
    if best and all(way.kind == "day" for way in best):
        best = [way for _, way in ordered if way.kind == "day"][:2]
    return tuple(best)
