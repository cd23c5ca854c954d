"""When rooms are free, as calendar and room pages tell it: by day, within the hours that can be asked for."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote_plus, urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from booking.availability.check import closures_between
from booking.database import db
from booking.domain.days_off import days_off
from booking.domain.parts import parts_at
from booking.domain.policy import Hours, HouseRules, earliest, horizon
from booking.domain.slot import Slot
from booking.house import RoomRow, house, house_rules, is_offered, offered_rooms
from booking.models import occupancy
from booking.web import locale

SHORTEST = timedelta(minutes=30)  # shorter gaps are of no use to a group
MEETING = timedelta(hours=4)  # few are longer
QUARTER = timedelta(minutes=15)
WIDEST = timedelta(days=4)  # no date occupies its room longer, set-up included


#: From when to when a part is occupied, in epoch seconds, and by which date.
_Occupied = tuple[int, int, int]


class Sitting(NamedTuple):
    """An occupied stretch of a room, set-up and tidying up included."""

    slot: Slot
    occurrence_id: int


class RoomDay(NamedTuple):
    """One room on one day.

    ``window`` is from opening to the latest end. ``reason`` says why nothing is
    to be had: a closure or a public holiday. ``is_outside``: the house has no
    opening hours on that weekday, and groups can meet all the same.
    ``can_be_asked_for``: not too soon for the form, not beyond the planning
    horizon.
    """

    room: RoomRow
    day: date
    window: Slot
    reason: str
    is_outside: bool
    sittings: tuple[Sitting, ...]
    free: tuple[Slot, ...]
    can_be_asked_for: bool
    zone: ZoneInfo

    def __hash__(self) -> int:
        """By what tells most of them apart: pages look up by them what they have kept."""
        return hash((self.room.id, self.day, self.free))

    def query(self, slot: Slot) -> str:
        """What a link brings along to ask for a free time; of a long one its beginning."""
        return f"{_when_asked(self.day, slot, self.zone)}&room={_quoted(self.room.slug)}"

    @property
    def is_closed(self) -> bool:
        return bool(self.reason)

    @property
    def is_all_free(self) -> bool:
        return self.free == (self.window,)


_quoted = lru_cache(1024)(quote_plus)


@lru_cache(4096)  # a week of a large house has hundreds of free times, of which most are those of other rooms too
def _when_asked(day: date, slot: Slot, zone: ZoneInfo) -> str:
    """Day and times of a free time, as the form takes them from a link."""
    begins, ends = (at.astimezone(zone) for at in (slot.start, slot.end))
    times = {"start": f"{begins:%H:%M}"} | ({"end": f"{ends:%H:%M}"} if slot.end - slot.start <= MEETING else {})
    return urlencode({"date": day.isoformat(), **times})


@lru_cache(4096)  # rooms are used at the same times
def _slot(begins: int, ends: int) -> Slot:
    return Slot(datetime.fromtimestamp(begins, UTC), datetime.fromtimestamp(ends, UTC))


class _Hours(NamedTuple):
    """One day, before anybody looks at a room. ``past_until``: for what of it nobody can ask any more."""

    day: date
    whole: Slot
    window: Slot
    is_outside: bool
    holiday: str
    can_be_asked_for: bool
    past_until: datetime | None


def room_days(
    first: date, days: int, now: datetime, rooms: Collection[RoomRow] | None = None
) -> dict[tuple[int, date], RoomDay]:
    """Each room, or each of these, on each of ``days`` days from ``first``, by the room's id and the day."""
    hours = _hours(first, days, now)
    own = {id_: _hours(first, days, now, id_) for id_ in house_rules().room_hours}
    begin, end = hours[0].whole.start, hours[-1].whole.end
    rooms = offered_rooms() if rooms is None else rooms
    sitting = _sittings(begin, end, {part_id for room in rooms for part_id in room.part_lists.ever})
    told = closures_between([Slot(begin, end)])
    closed = [(closure.slot, locale.translated(closure, "reason"), shut) for closure, shut in told]
    zone = house().zone
    found = {}
    for room in rooms:
        occupied = tuple([_of_parts(parts, sitting) for parts in room.part_lists.ids])
        here = tuple([(slot, reason) for slot, reason, shut in closed if room.id in shut])
        for one in days_of_room(room, own.get(room.id, hours), occupied, here, is_offered(room), zone):
            found[room.id, one.day] = one
    return found


def _hours(first: date, days: int, now: datetime, room_id: int | None = None) -> tuple[_Hours, ...]:
    rules, the_house = house_rules(), house()
    last = first + timedelta(days=days - 1)
    today = now.astimezone(rules.zone).date()
    place = (the_house.country, the_house.subdivision, locale.selected())
    holidays = days_off(min(first, today), max(last, today) + timedelta(days=30), *place).public
    soonest, latest = earliest(now, rules, holidays), horizon(today)
    hours = rules.hours_of(room_id)
    past_until = _next_quarter(now)
    found = []
    for day in (first + timedelta(days=n) for n in range(days)):
        whole, window = _stretches(day, *_span(day, rules, hours), rules.zone)
        is_outside, can_be_asked_for = day.weekday() not in hours, soonest <= day <= latest
        until = past_until if now > window.start else None
        found.append(_Hours(day, whole, window, is_outside, holidays.get(day, ""), can_be_asked_for, until))
    return tuple(found)


@lru_cache(1024)  # most rooms are as they were when somebody asked before
def days_of_room(
    room: RoomRow,
    every: tuple[_Hours, ...],
    occupied: tuple[tuple[_Occupied, ...], ...],
    closed: tuple[tuple[Slot, str], ...],
    offered: bool,
    zone: ZoneInfo,
) -> tuple[RoomDay, ...]:
    """Some days of a room. ``occupied``: what is so in the whole period of each list of its parts; ``closed``: when it
    is, with the reasons."""
    of_parts = dict(zip(room.part_lists.ids, occupied, strict=True))
    return tuple(
        _day_of_room(room, one, of_parts[parts_at(room, one.whole.start)], closed, offered, zone) for one in every
    )


def _day_of_room(
    room: RoomRow,
    hours: _Hours,
    occupied: tuple[_Occupied, ...],
    closed: tuple[tuple[Slot, str], ...],
    offered: bool,
    zone: ZoneInfo,
) -> RoomDay:
    sittings = (Sitting(_slot(begins, ends), id_) for begins, ends, id_ in occupied)
    here = tuple(sitting for sitting in sittings if sitting.slot.overlaps(hours.whole))
    shut = [(slot, why) for slot, why in closed if slot.overlaps(hours.whole)]
    window, reason = hours.window, hours.holiday
    for slot, why in shut:
        if slot.start <= window.start and slot.end >= window.end:
            reason = why
    free: tuple[Slot, ...] = ()
    if not reason and offered:
        past = [Slot(window.start - QUARTER, hours.past_until)] if hours.past_until else []
        taken = [sitting.slot for sitting in here] + [slot for slot, _ in shut] + past
        free = tuple(gaps(window, taken))
    return RoomDay(room, hours.day, window, reason, hours.is_outside, here, free, hours.can_be_asked_for, zone)


def gaps(window: Slot, taken: Iterable[Slot]) -> list[Slot]:
    """What is left of ``window``, earliest first; gaps too short to meet in are left out."""
    left, at = [], window.start
    for start, end in [*((slot.start, slot.end) for slot in sorted(taken)), (window.end, window.end)]:
        until = min(start, window.end)
        if until - at >= SHORTEST:
            left.append(Slot(at, until))
        at = max(at, end)
    return left


def _span(day: date, rules: HouseRules, hours: Hours) -> tuple[time, time]:
    """Between when people can meet; without opening hours as on the other days."""
    spans = hours.get(day.weekday()) or min(hours.values(), default=((time(0), time(0)),))
    return spans[0][0], max(spans[-1][1], rules.latest_end)


@lru_cache(1024)
def _stretches(day: date, opens: time, closes: time, zone: ZoneInfo) -> tuple[Slot, Slot]:
    """All of a local day, and between two times of it."""
    walls = ((day, time(0)), (day + timedelta(days=1), time(0)), (day, opens), (day, closes))
    begins, ends, first, last = (datetime.combine(*wall, zone).astimezone(UTC) for wall in walls)
    return Slot(begins, ends), Slot(first, last)


#: With the start between two instants, the primary key finds it.
_OCCUPIED = (
    sa.select(*occupancy.c["part_id", "start", "end", "occurrence_id"])
    .where(
        occupancy.c.part_id.in_(sa.bindparam("part_ids", expanding=True)),
        occupancy.c.start > sa.bindparam("long_before"),
        occupancy.c.start < sa.bindparam("end"),
        occupancy.c.end > sa.bindparam("begin"),
    )
    .order_by(occupancy.c.start)
)


def _sittings(begin: datetime, end: datetime, part_ids: Collection[int]) -> dict[int, list[_Occupied]]:
    """What is occupied of these parts between two instants, by part."""
    first, last = int(begin.timestamp()), int(end.timestamp())
    period = {"begin": first, "end": last, "long_before": first - int(WIDEST.total_seconds())}
    by_part: dict[int, list[_Occupied]] = defaultdict(list)
    rows = db.session.execute(_OCCUPIED, {"part_ids": list(part_ids), **period}).all()
    for part_id, begins, ends, occurrence_id in rows:
        by_part[part_id].append((begins, ends, occurrence_id))
    return by_part


def _of_parts(parts: frozenset[int], by_part: dict[int, list[_Occupied]]) -> tuple[_Occupied, ...]:
    """A date that fills several of a room's parts counts once."""
    if len(parts) == 1:
        return tuple(by_part.get(min(parts), ()))
    return tuple(sorted({sitting for part_id in parts for sitting in by_part.get(part_id, ())}))


def _next_quarter(now: datetime) -> datetime:
    passed = timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    return now - passed + QUARTER if passed else now + timedelta(0)
