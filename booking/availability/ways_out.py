"""Ways out of a clash: another room, time or day that was just found to be free. Nothing is stored."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.availability.check import Availability, found_at, holidays_after, holidays_among
from booking.availability.rooms_at import BATCHES, blocked_in
from booking.availability.wanted import AnyRoom, Times, Wanted
from booking.database import db
from booking.domain import policy
from booking.domain.policy import HouseRules, is_outside_hours
from booking.domain.slot import Slot
from booking.house import house_rules, offered_rooms
from booking.models import Occurrence

#: How far from the wished time another time of the same day is looked for, and in which steps.
NEARBY = timedelta(hours=3)
STEP = timedelta(minutes=15)
NO_TIME = timedelta(0)
WEEK = timedelta(days=7)


class Alternative(NamedTuple):
    """A way out that was just found to be free. ``kind`` is room, time or day."""

    kind: str
    room: AnyRoom
    slot: Slot


@dataclass(frozen=True, slots=True)
class Clash:
    """A date that cannot be as it is wished.

    ``step_free``: rooms with steps come last. On a holiday only another day is a way out. ``occupied``: what is in the
    way with its set-up and tidying, where it has any.
    """

    room: AnyRoom
    slot: Slot
    times: Times
    people: int
    step_free: bool
    is_holiday: bool = False
    occupied: Slot | None = None
    weeks: int = 0  # before and after its own, whose days would do as well

    @classmethod
    def of_date(cls, date: Occurrence, zone: ZoneInfo, weeks: int = 0) -> "Clash":
        """That of a stored date."""
        people, step_free = date.booking.people, bool(date.booking.access_needs)
        return cls(date.room, date.slot, Times.of_date(date, zone), people, step_free, weeks=weeks)

    def is_next_to(self, way: "Alternative") -> bool:
        """Whether one would come in as soon as the others have tidied up, or leave when they set up."""
        if self.occupied is None:
            return False
        own = self.times.occupied(way.slot)
        return any(NO_TIME <= gap < STEP for gap in (own.start - self.occupied.end, self.occupied.start - own.end))


class WayForAll(NamedTuple):
    """Another room or time for a whole series, and for how many of its dates it is free. ``kind`` is room or time."""

    kind: str
    room: AnyRoom
    times: Times
    free: int

    @property
    def value(self) -> str:
        """What a button says that chooses it."""
        return f"room_{self.room.slug}" if self.kind == "room" else f"time_{self.times.begins:%H:%M}"


Ways = Sequence[Alternative]


def ways_out(
    clashes: Mapping[int, Clash], now: datetime, exclude: Collection[int] = (), *, bound: bool = True
) -> dict[int, tuple[Alternative, ...]]:
    """What is offered for each clash, by its key: a room, a time and a day that the house rules allow who is ``bound``.

    ``exclude``: ids of occurrences that do not stand in the way; where one of
    them is already is no way out for it.
    """
    rules = house_rules()
    holidays = holidays_after(now, rules)
    moving = db.select(Occurrence.room_id, Occurrence.start).where(Occurrence.id.in_(exclude))
    places = {(room_id, start) for room_id, start in db.session.execute(moving)} if exclude else set()

    def is_allowed(way: Alternative) -> bool:
        broken = policy.objections(way.slot, now=now, rules=rules, public_holidays=holidays) if bound else ()
        return (way.room.id, way.slot.start) not in places and not broken

    def has_enough(_clash: Clash, roomy: Ways) -> bool:
        return any(way.kind == "room" and is_allowed(way) for way in roomy)

    found = _free_ways(clashes, now, exclude, has_enough, in_all_rooms=False)
    return {key: _one_of_each(ways, clashes[key], is_allowed) for key, ways in found.items()}


def ways_for_all(
    room: AnyRoom, days: Sequence[date], times: Times, people: int, now: datetime, exclude: Collection[int] = ()
) -> list[WayForAll]:
    """Two rooms and a time that are free for more of these days than the room is then, and for half of them at least.

    Looks at the rooms that fit best. Those that are free for most come first; of equals the smallest room and the
    nearest time.
    """
    rules = house_rules()
    slots = [times.slot(day, rules) for day in days]
    fitting = _fitting(Clash(room, slots[0], times, people, room.step_free), in_all_rooms=False)[: BATCHES[1].stop]
    # Where the times differ, no one time would do for all.
    later = () if times.others else _other_times(slots[0], rules, room.id)
    begins = [slot.start.astimezone(rules.zone).time() for slot in later]
    tried = [(place, times) for place in fitting] + [(fitting[0], replace(times, begins=at)) for at in begins]
    wanted = [Wanted(place, then.occupied(then.slot(day, rules))) for place, then in tried for day in days]
    states = [found.state for found in found_at(wanted, now, exclude=exclude)]
    free = [states[n : n + len(days)].count(Availability.FREE) for n in range(0, len(states), len(days))]
    ways = [
        WayForAll("room" if then is times else "time", place, then, number)
        for (place, then), number in zip(tried[1:], free[1:], strict=True)
    ]
    of_kind = [[way for way in ways if way.kind == kind] for kind in ("room", "time")]
    best = [sorted(some, key=lambda way: -way.free)[:most] for some, most in zip(of_kind, (2, 1), strict=True)]
    least = max(free[0] + 1, len(days) / 2)
    return sorted((way for some in best for way in some if way.free >= least), key=lambda way: -way.free)


def places_for(
    dates: Sequence[Occurrence],
    now: datetime,
    most: int = 5,
    weeks: int = 0,
    batches: Sequence[slice] = BATCHES,
) -> dict[int, list[Alternative]]:
    """What the team can offer for each of these dates, by its id: of each kind some, in any room that seats the group.

    ``weeks``: so many before and after that of the date are looked through as well. ``batches``: of the rooms, those
    that fit best first. The dates themselves do not stand in the way. House rules that bind groups do not bind the
    team.
    """
    zone = house_rules().zone
    clashes = {each.id: Clash.of_date(each, zone, weeks) for each in dates}

    def has_enough(clash: Clash, roomy: Ways) -> bool:
        return len(_first_of_each(roomy, clash.slot)) == sum(_OF_EACH.values())

    found = _free_ways(clashes, now, list(clashes), has_enough, in_all_rooms=True, batches=batches)
    return {key: _some_of_each(ways, clashes[key].slot, most) for key, ways in found.items()}


def _free_ways(
    clashes: Mapping[int, Clash],
    now: datetime,
    exclude: Collection[int],
    has_enough: Callable[[Clash, Ways], bool],
    *,
    in_all_rooms: bool,
    batches: Sequence[slice] = BATCHES,
) -> dict[int, list[Alternative]]:
    """The ways out that are free, by the key of their clash: roomy ones before tight ones, then the nearest first.

    Looks at the few rooms that fit best; at others for clashes that do not have
    enough of roomy ways then. Other times and days are looked for in the own
    room alone, or ``in_all_rooms``.
    """
    if not clashes:
        return {}
    rules = house_rules()
    days = sorted(clash.slot.start.astimezone(rules.zone).date() for clash in clashes.values())
    around = (1 + max(clash.weeks for clash in clashes.values())) * WEEK
    public = holidays_among([days[0] - around, days[-1] + around], now, "de").public
    times = {key: list(_times(clash, rules, public)) for key, clash in clashes.items()}
    fitting = {key: _fitting(clash, in_all_rooms=in_all_rooms) for key, clash in clashes.items()}
    free: dict[int, list[tuple[bool, Alternative]]] = {key: [] for key in clashes}
    open_keys = list(clashes)
    for batch in batches:
        open_keys = [key for key in open_keys if fitting[key][batch]]
        here = {room.id: room for key in open_keys for room in fitting[key][batch]}
        occupied = [clashes[key].times.occupied(slot) for key in open_keys for _, slot in times[key]]
        found = blocked_in(list(here.values()), occupied, now, rules.tight, exclude)
        first = 0
        for key in open_keys:
            for room in fitting[key][batch]:
                is_own = room.id == clashes[key].room.id
                taken, tight = found[room.id]
                for number, (kind, slot) in enumerate(times[key], first):
                    is_a_way = not is_own if kind == "room" else is_own or in_all_rooms
                    if is_a_way and number not in taken:
                        free[key].append((number in tight, Alternative(kind, room, slot)))
            first += len(times[key])
        open_keys = [
            key for key in open_keys if not has_enough(clashes[key], [way for tight, way in free[key] if not tight])
        ]
        if not in_all_rooms:  # the own room was among the first
            times = {key: [each for each in times[key] if each[0] == "room"] for key in open_keys}
    return {key: [way for _, way in sorted(ways, key=itemgetter(0))] for key, ways in free.items()}


def _times(clash: Clash, rules: HouseRules, public: Mapping[date, str]) -> Iterable[tuple[str, Slot]]:
    """The wished time for other rooms, then other times of that day and other days of that week, nearest first."""
    if not clash.is_holiday:
        yield "room", clash.slot
        yield from (("time", slot) for slot in _other_times(clash.slot, rules, clash.room.id))
    yield from (("day", slot) for slot in _other_days(clash, rules, public))


def _fitting(clash: Clash, *, in_all_rooms: bool) -> list[AnyRoom]:
    """The wished room and those that seat the group, or are one of several that it wishes, the smallest first; without
    the wished one where others fit and it does not, unless the group is to stay there."""
    several = clash.room.together
    others = [room for room in offered_rooms() if room.id != clash.room.id and seats(room, clash.people, several)]
    others.sort(key=lambda room: (clash.step_free > room.step_free, room.seats))
    stays = not in_all_rooms or clash.room.seats >= clash.people or not others
    return [clash.room, *others] if stays else [*others]


def seats(room: AnyRoom, people: int, several: Collection[int] = ()) -> bool:
    """Whether a room is large enough for a group, or one of ``several`` that it wishes at once, with others or not."""
    return room.seats >= people or room.id in several


def _other_times(wished: Slot, rules: HouseRules, room_id: int) -> Iterable[Slot]:
    """Times of that day that end on it and not later than the house allows, within opening hours if the wish is."""
    was_outside = is_outside_hours(wished, rules, room_id)
    for n in range(1, NEARBY // STEP + 1):
        for shift in (n * STEP, -n * STEP):
            slot = Slot(wished.start + shift, wished.end + shift)
            start, end = slot.start.astimezone(rules.zone), slot.end.astimezone(rules.zone)
            ends_in_time = start.date() == end.date() and end.time() <= rules.latest_end
            if ends_in_time and (was_outside or not is_outside_hours(slot, rules, room_id)):
                yield slot


def _other_days(clash: Clash, rules: HouseRules, public: Mapping[date, str]) -> Iterable[Slot]:
    """The same time on open days of that week, or those around it, the nearest first."""
    wished = clash.slot.start.astimezone(rules.zone).date()
    monday = wished - timedelta(days=wished.weekday())
    near = [monday + timedelta(days=n) for n in range(-7 * clash.weeks, 7 + 7 * clash.weeks)]
    for day in sorted(near, key=lambda day: (abs(day - wished), day)):
        if day != wished and day.weekday() in rules.hours_of(clash.room.id) and day not in public:
            yield clash.times.slot(day, rules)


def _one_of_each(ways: Ways, clash: Clash, is_allowed: Callable[[Alternative], bool]) -> tuple[Alternative, ...]:
    """One room, one time and one day; a second day where nothing else is free, and a second time next to what is in the
    way, which has its own time to tidy up."""
    rooms, later, days = (
        filter(is_allowed, [way for way in ways if way.kind == kind]) for kind in ("room", "time", "day")
    )
    room, times = [*islice(rooms, 1)], [*islice(later, 1)]
    times += islice(filter(clash.is_next_to, later), 1)
    return (*room, *times, *islice(days, 1 if room or times else 2))


#: How many of each kind the team is shown first.
_OF_EACH = {"room": 2, "later": 1, "earlier": 1, "day": 3}


def _first_of_each(ways: Ways, wished: Slot) -> list[Alternative]:
    """Two rooms, a later and an earlier time, other days."""
    of_kind: dict[str, list[Alternative]] = {kind: [] for kind in _OF_EACH}
    for way in ways:
        kind = ("later" if way.slot.start > wished.start else "earlier") if way.kind == "time" else way.kind
        if len(of_kind[kind]) < _OF_EACH[kind]:
            of_kind[kind].append(way)
    return [way for chosen in of_kind.values() for way in chosen]


def _some_of_each(ways: Ways, wished: Slot, most: int) -> list[Alternative]:
    """Of each kind some, then whatever is nearest; in the order of kinds."""
    chosen = _first_of_each(ways, wished)[:most]
    in_order = [way for kind in ("room", "time", "day") for way in ways if way.kind == kind]
    chosen += [way for way in in_order if way not in chosen][: most - len(chosen)]
    return [way for kind in ("room", "time", "day") for way in chosen if way.kind == kind]
