"""Where dates of a booking could be instead: what the team offers a group, or moves its dates to. Nothing is stored."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from booking.availability.check import Availability, check
from booking.availability.preview import holidays_among
from booking.availability.wanted import Wanted
from booking.availability.ways_out import NEARBY, STEP, Alternative
from booking.domain.policy import HouseRules, is_outside_hours
from booking.domain.slot import Slot
from booking.house import house_rules, rooms
from booking.models import Occurrence, day_of

WEEK = timedelta(days=7)


def find(dates: Sequence[Occurrence], now: datetime, most: int = 5) -> dict[int, list[Alternative]]:
    """Free places for each of these dates, by its id: other rooms, other times of that day, other days of that week.

    All are as long as the date and in rooms that seat the group. They are
    checked in one go; the dates themselves do not stand in the way.
    """
    if not dates:
        return {}
    rules = house_rules()
    days = sorted(day_of(each.start, rules.zone) for each in dates)
    public = holidays_among([days[0] - WEEK, days[-1] + WEEK], now, "de").public
    ways = [(each, way) for each in dates for way in _ways(each, rules, public)]
    wanted = [Wanted(way.room, each.occupied_at(way.slot)) for each, way in ways]
    found = check(wanted, now, rules.tight, exclude=[each.id for each in dates])
    free: dict[int, list[tuple[bool, Alternative]]] = {each.id: [] for each in dates}
    for (each, way), checked in zip(ways, found, strict=True):
        if checked.state is Availability.FREE:
            free[each.id].append((checked.tight, way))
    roomy_first = {id_: [way for _, way in sorted(ways, key=lambda way: way[0])] for id_, ways in free.items()}
    return {each.id: _spread(roomy_first[each.id], each.slot, most) for each in dates}


def _ways(wished: Occurrence, rules: HouseRules, public: Mapping[date, str]) -> Iterable[Alternative]:
    """Places for a date, nearest first: its own room before the others."""
    booking = wished.booking
    fitting = [room for room in rooms() if room.seats >= booking.people] or [wished.room]
    fitting.sort(key=lambda room: (room.id != wished.room_id, bool(booking.access_needs) > room.step_free, room.seats))
    was_outside = is_outside_hours(wished.slot, rules)
    yield from (Alternative("room", room, wished.slot) for room in fitting if room.id != wished.room_id)
    for room in fitting:
        for n in range(1, NEARBY // STEP + 1):
            for shift in (n * STEP, -n * STEP):
                slot = Slot(wished.start + shift, wished.end + shift)
                if _is_on_one_day(slot, rules) and (was_outside or not is_outside_hours(slot, rules)):
                    yield Alternative("time", room, slot)
    local, minutes = wished.start.astimezone(rules.zone), wished.slot.wall_minutes(rules.zone)
    week = [local.date() + timedelta(days=n - local.weekday()) for n in range(7)]
    for room in fitting:
        for day in sorted(week, key=lambda day: (abs(day - local.date()), day)):
            if day != local.date() and day.weekday() in rules.hours and day not in public:
                yield Alternative("day", room, Slot.on(day, local.time(), minutes, rules.zone))


def _is_on_one_day(slot: Slot, rules: HouseRules) -> bool:
    """Whether it ends on the day on which it begins, and not later than the house allows."""
    start, end = slot.start.astimezone(rules.zone), slot.end.astimezone(rules.zone)
    return start.date() == end.date() and end.time() <= rules.latest_end


def _spread(ways: Sequence[Alternative], wished: Slot, most: int) -> list[Alternative]:
    """Of each kind some: two rooms, a later and an earlier time, other days; then whatever is nearest."""
    of_kind = {kind: [way for way in ways if way.kind == kind] for kind in ("room", "time", "day")}
    later = [way for way in of_kind["time"] if way.slot.start > wished.start]
    earlier = [way for way in of_kind["time"] if way.slot.start < wished.start]
    chosen = [*of_kind["room"][:2], *later[:1], *earlier[:1], *of_kind["day"][:3]][:most]
    rest = [way for kind in of_kind for way in of_kind[kind] if way not in chosen]
    chosen += rest[: most - len(chosen)]
    return [way for kind in of_kind for way in chosen if way.kind == kind]
