"""The week around a date as the office sees it: days down, rooms across, in each cell a bar of the hours and words."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext

from booking import catalogues
from booking.availability.check import closures_between
from booking.availability.wanted import AnyRoom, Wanted
from booking.domain.parts import parts_at, shares_parts
from booking.domain.slot import Slot
from booking.domain.status import HOLDS_ROOM, Status
from booking.house import RoomRow, house, house_rules, opening_hours, part_changes, room_rows
from booking.models import Closure, Occurrence, day_of
from booking.web import locale, phrases
from booking.web.dates.weeks import iso_week
from booking.web.staff.requests import NamedDate, PlainDate

#: Rooms that fit beside each other; a larger house shows those that matter for the date.
MOST_ROOMS = 6

#: What a bar shows at least, local hours, and how wide its drawing is.
BEGINS, ENDS = time(8), time(22)
UNITS = 56


class Bar(NamedTuple):
    """A piece of a bar. ``kind``: open, set (approved), hit (in the way), asked or want (asked for here)."""

    kind: str
    x: float
    width: float


class DayScale(NamedTuple):
    """A day as its bars show it: from when on, and for how long."""

    day: date
    zone: ZoneInfo
    zero: datetime
    whole: timedelta

    def bars(self, kind: str, start: datetime, end: datetime) -> list[Bar]:
        """The piece from start to end, cut to what the bar shows; none if nothing of it does."""
        first, last = (min(max((at - self.zero) / self.whole * UNITS, 0), UNITS) for at in (start, end))
        return [Bar(kind, first, last - first)] if last > first else []


class CellWords(NamedTuple):
    """A line below a bar. ``reference``: of a request that can be looked at; ``strong``: it is in the way."""

    text: str
    reference: str = ""
    strong: bool = False


class WeekCell(NamedTuple):
    bars: list[Bar]
    words: list[CellWords]


class WeekDay(NamedTuple):
    day: date
    is_focus: bool
    cells: list[WeekCell]


class Week(NamedTuple):
    """``rooms``: those that are no part of another; what takes place in a half stands in the whole's column.
    ``left_out``: how many more there are. ``begins`` and ``ends``: what a bar shows of a day, on the clock."""

    monday: date
    sunday: date
    begins: str
    ends: str
    rooms: list[RoomRow]
    left_out: int
    days: list[WeekDay]

    @property
    def text(self) -> str:
        """2026-W50, as addresses have it"""
        return iso_week(self.monday)


def of_the_week(focus: Occurrence) -> sa.ColumnElement[bool]:
    """Which dates the week around one shows: those that hold a room or are asked for, in the rooms it may show."""
    week = _week_of(focus)
    return sa.and_(
        Occurrence.status.in_((*HOLDS_ROOM, Status.REQUESTED)),
        Occurrence.start >= week.start,
        Occurrence.start < week.end,
        *_in_rooms(focus, week),
    )


def _in_rooms(focus: Occurrence, week: Slot) -> Iterator[sa.ColumnElement[bool]]:
    """That a date is in a room of which one that may get a column takes a part. A room that is not offered gets one by
    its dates; the pieces of it then get none, so that others move up."""
    single = [room for room in room_rows().values() if not room.together]
    if len(single) <= MOST_ROOMS:
        return
    active = _columns([room for room in single if room.is_active], week)
    taken = _ever(room for room in single if not room.is_active)
    moving_up = [room for room in active if not room.part_lists.ever.isdisjoint(taken)]
    parts = taken | _ever(_most_useful(active, focus, MOST_ROOMS + len(moving_up)))
    yield Occurrence.room_id.in_(
        [room.id for room in room_rows().values() if not room.part_lists.ever.isdisjoint(parts)]
    )


def _ever(some: Iterable[RoomRow]) -> frozenset[int]:
    return frozenset().union(*(room.part_lists.ever for room in some))


def _week_of(focus: Occurrence) -> Slot:
    zone = house().zone
    day = day_of(focus.start, zone)
    monday = day - timedelta(days=day.weekday())
    return Slot(*(Slot.on(monday + timedelta(days=n), time(0), 1, zone).start for n in (0, 7)))


def week_around(focus: Occurrence, dates: Iterable[NamedDate]) -> Week:
    """``dates``: what is on or asked for in that week."""
    zone = house().zone
    focus_day, whole = day_of(focus.start, zone), _week_of(focus)
    monday = day_of(whole.start, zone)
    dates = list(dates)
    rows: dict[int, AnyRoom] = {**room_rows()}
    here = {id_: rows[id_] for id_ in {each.date.room_id for each in dates}} | {focus.room_id: focus.room}
    used = {id_ for room in here.values() for id_ in (room.id, *room.together)}
    single = [room for room in room_rows().values() if not room.together]
    every = _columns([room for room in single if room.is_active or room.id in used], whole)
    columns = _most_useful(every, focus, MOST_ROOMS)
    busy: dict[tuple[int, int], list[int]] = {}  # columns by the room, and after how many changes of parts
    changes, place = part_changes(), Wanted(focus.room, focus.occupied)
    found: dict[tuple[date, int], list[tuple[str, NamedDate]]] = defaultdict(list)
    for each in dates:
        room, begin = here[each.date.room_id], each.date.occupied.start
        key = room.id, bisect_right(changes, begin.timestamp())
        if key not in busy:
            busy[key] = [column.id for column in columns if shares_parts(column, room, begin)]
        if not busy[key]:
            continue  # a large house shows few of its rooms
        day, kind = day_of(each.date.start, zone), _kind(each.date, room, focus, place)
        for column_id in busy[key]:
            found[day, column_id].append((kind, each))
    closed, hours = closures_between([whole]), [opening_hours(room.id) for room in columns]
    days = []
    for scale in (_scale(monday + timedelta(days=n)) for n in range(7)):
        day = scale.day
        is_busy = day.weekday() in opening_hours() or any(found[day, room.id] for room in columns)
        if is_busy or day == focus_day:
            shut = [(closure, ids) for closure, ids in closed if _touches(closure.slot, day)]
            cells = [
                _filled(scale, room, own.get(day.weekday(), ()), found[day, room.id], shut)
                for room, own in zip(columns, hours, strict=True)
            ]
            days.append(WeekDay(day, day == focus_day, cells))
    scale = _scale(focus_day)
    begins, ends = _short(scale.zero), _short(scale.zero + scale.whole)
    return Week(monday, monday + timedelta(days=6), begins, ends, columns, len(every) - len(columns), days)


def _most_useful(every: Sequence[RoomRow], focus: Occurrence, most: int) -> list[RoomRow]:
    """The rooms in which the date is, and those next in size in which it could be, in the order of the house."""
    begin, people = focus.occupied.start, focus.booking.people
    ranked = sorted(
        every, key=lambda room: (not shares_parts(room, focus.room, begin), room.seats < people, room.seats)
    )
    chosen = {room.id for room in ranked[:most]}
    return [room for room in every if room.id in chosen]


def _columns(all_rooms: Sequence[RoomRow], whole: Slot) -> list[RoomRow]:
    """Those that are not a piece of another one in all of this time."""
    ends = whole.start, whole.end - timedelta(seconds=1)
    parts = [[parts_at(room, at) for at in ends] for room in all_rooms]
    return [
        room
        for room, own in zip(all_rooms, parts, strict=True)
        if not any(own[0] < other[0] and own[1] < other[1] for other in parts)
    ]


def _scale(day: date) -> DayScale:
    zone, rules = house().zone, house_rules()
    zero = datetime.combine(day, min([BEGINS, *(spans[0][0] for spans in rules.hours.values())]), zone)
    return DayScale(day, zone, zero, datetime.combine(day, max(ENDS, rules.latest_end), zone) - zero)


def _filled(
    scale: DayScale,
    room: RoomRow,
    hours: Sequence[tuple[time, time]],
    dates: Sequence[tuple[str, NamedDate]],
    closures: Sequence[tuple[Closure, frozenset[int]]],
) -> WeekCell:
    """``hours`` and ``closures``: those of the day. ``dates``: each with its kind."""
    day, zone = scale.day, scale.zone
    bars = [bar for span in hours for bar in scale.bars("open", *(datetime.combine(day, at, zone) for at in span))]
    words = [
        CellWords(gettext("closed: %(reason)s", reason=locale.translated(closure, "reason")))
        for closure, shut in closures
        if room.id in shut
    ]
    for kind, each in dates:
        occupied = each.date.occupied
        bars += scale.bars(kind, occupied.start, occupied.end)
        words.append(_words(each, room, kind, zone))
    bars.sort(key=lambda bar: bar.kind == "want")
    return WeekCell(bars, words)


def _kind(each: PlainDate, room: AnyRoom, focus: Occurrence, place: Wanted) -> str:
    """``place``: where the focus is."""
    if each.booking_id == focus.booking_id:
        return "want" if each.status is Status.REQUESTED else "set"
    if each.status is Status.REQUESTED:
        return "asked"
    is_hit = focus.status is Status.REQUESTED and Wanted(room, each.occupied).meets(place)
    return "hit" if is_hit else "set"


def _words(each: NamedDate, column: RoomRow, kind: str, zone: ZoneInfo) -> CellWords:
    text, title = catalogues.words(locale.selected()), phrases.breakable(each.title)
    if each.date.room_id != column.id:
        title = text.gettext("%(title)s, %(room)s") % {"title": title, "room": each.date.room.short_name}
    values = {"times": _short_times(each.date.start, each.date.end, zone), "title": title}
    if kind == "want":
        return CellWords(text.gettext("%(times)s asked for here") % values)
    if kind == "asked":
        return CellWords(text.gettext("%(times)s %(title)s, asked for") % values, reference=each.reference)
    return CellWords(text.gettext("%(times)s %(title)s") % values, strong=kind == "hit")


def short_span(slot: Slot) -> str:
    """16:30–18, for tables where every letter counts"""
    return _short_times(slot.start, slot.end, house().zone)


def _short_times(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    return f"{_short(start.astimezone(zone))}–{_short(end.astimezone(zone))}"


def _short(at: datetime) -> str:
    return f"{at.hour}:{at:%M}" if at.minute else str(at.hour)


def _touches(slot: Slot, day: date) -> bool:
    zone = house().zone
    return day_of(slot.start, zone) <= day <= day_of(slot.end - timedelta(seconds=1), zone)
