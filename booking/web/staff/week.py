"""The week around a date as the office sees it: days down, rooms across, in each cell a bar of the hours and words."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import gettext

from booking.availability.check import closures_between
from booking.availability.wanted import AnyRoom, Wanted
from booking.domain.parts import parts_at, shares_parts
from booking.domain.policy import Hours
from booking.domain.slot import Slot
from booking.domain.status import HOLDS_ROOM, Status
from booking.house import house, house_rules, opening_hours, part_changes, single_rooms
from booking.models import Closure, Occurrence, Room, day_of
from booking.web import locale, phrases
from booking.web.staff.requests import NamedDate, PlainDate

#: What a bar shows at least, local hours, and how wide its drawing is.
BEGINS, ENDS = time(8), time(22)
UNITS = 56


class Bar(NamedTuple):
    """A piece of a bar. ``kind``: open, set (approved), hit (in the way), asked or want (asked for here)."""

    kind: str
    x: float
    width: float


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
    """``rooms``: those that are no part of another; what takes place in a half stands in the whole's column."""

    monday: date
    sunday: date
    rooms: list[Room]
    days: list[WeekDay]


def of_the_week(focus: Occurrence) -> sa.ColumnElement[bool]:
    """Which dates the week around one shows: those that hold a room or are asked for."""
    week = _week_of(focus)
    return sa.and_(
        Occurrence.status.in_((*HOLDS_ROOM, Status.REQUESTED)),
        Occurrence.start >= week.start,
        Occurrence.start < week.end,
    )


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
    here: dict[int, AnyRoom] = {each.date.room_id: each.date.room for each in dates} | {focus.room_id: focus.room}
    used = {id_ for room in here.values() for id_ in (room.id, *room.together)}
    columns = _columns([room for room in single_rooms() if room.is_active or room.id in used], whole)
    busy: dict[tuple[int, int], list[int]] = {}  # columns by the room, and after how many changes of parts
    changes = part_changes()
    found: dict[tuple[date, int], list[NamedDate]] = defaultdict(list)
    for each in dates:
        room, begin = here[each.date.room_id], each.date.occupied.start
        key = room.id, bisect_right(changes, begin.timestamp())
        if key not in busy:
            busy[key] = [column.id for column in columns if shares_parts(column, room, begin)]
        for column_id in busy[key]:
            found[day_of(each.date.start, zone), column_id].append(each)
    closed = closures_between([whole])
    days = []
    for day in (monday + timedelta(days=n) for n in range(7)):
        is_busy = day.weekday() in opening_hours() or any(found[day, room.id] for room in columns)
        if is_busy or day == focus_day:
            cells = [
                _filled(_open_bars(day, opening_hours(room.id)), day, room, found[day, room.id], closed, focus)
                for room in columns
            ]
            days.append(WeekDay(day, day == focus_day, cells))
    return Week(monday, monday + timedelta(days=6), columns, days)


def _columns(all_rooms: Sequence[Room], whole: Slot) -> list[Room]:
    """Those that are not a piece of another one in all of this time."""
    ends = whole.start, whole.end - timedelta(seconds=1)
    return [
        room
        for room in all_rooms
        if not any(all(parts_at(room, at) < parts_at(other, at) for at in ends) for other in all_rooms)
    ]


def _open_bars(day: date, hours: Hours) -> list[Bar]:
    spans = [[datetime.combine(day, at, house().zone) for at in span] for span in hours.get(day.weekday(), ())]
    return [bar for opens, closes in spans for bar in _bar("open", opens, closes, day)]


def _filled(
    open_bars: Sequence[Bar],
    day: date,
    room: Room,
    dates: Sequence[NamedDate],
    closures: Sequence[tuple[Closure, frozenset[int]]],
    focus: Occurrence,
) -> WeekCell:
    bars = list(open_bars)
    words = [
        CellWords(gettext("closed: %(reason)s", reason=locale.translated(closure, "reason")))
        for closure, shut in closures
        if room.id in shut and _touches(closure.slot, day)
    ]
    for each in dates:
        kind = _kind(each.date, focus)
        bars += _bar(kind, each.date.occupied.start, each.date.occupied.end, day)
        words.append(_words(each, room, kind))
    bars.sort(key=lambda bar: bar.kind == "want")
    return WeekCell(bars, words)


def _kind(each: PlainDate, focus: Occurrence) -> str:
    if each.booking_id == focus.booking_id:
        return "want" if each.status is Status.REQUESTED else "set"
    if each.status is Status.REQUESTED:
        return "asked"
    in_the_way = Wanted(each.room, each.occupied).meets(Wanted(focus.room, focus.occupied))
    return "hit" if in_the_way and focus.status is Status.REQUESTED else "set"


def _words(each: NamedDate, column: Room, kind: str) -> CellWords:
    title = phrases.breakable(each.title)
    values = {"times": short_span(each.date.slot), "title": title}
    if each.date.room_id != column.id:
        values["title"] = gettext("%(title)s, %(room)s", title=title, room=each.date.room.short_name)
    if kind == "want":
        return CellWords(gettext("%(times)s asked for here", **values))
    if kind == "asked":
        return CellWords(gettext("%(times)s %(title)s, asked for", **values), reference=each.reference)
    return CellWords(gettext("%(times)s %(title)s", **values), strong=kind == "hit")


def short_span(slot: Slot) -> str:
    """16:30–18, for tables where every letter counts"""
    zone = house().zone
    begins, ends = slot.start.astimezone(zone), slot.end.astimezone(zone)
    return f"{_short(begins)}–{_short(ends)}"


def _short(at: datetime) -> str:
    return f"{at.hour}:{at:%M}" if at.minute else str(at.hour)


def _touches(slot: Slot, day: date) -> bool:
    zone = house().zone
    return day_of(slot.start, zone) <= day <= day_of(slot.end - timedelta(seconds=1), zone)


def _bar(kind: str, start: datetime, end: datetime, day: date) -> list[Bar]:
    """The piece of a bar from start to end, cut to what the bar shows; none if nothing of it does."""
    zone = house().zone
    rules = house_rules()
    zero = datetime.combine(day, min([BEGINS, *(spans[0][0] for spans in rules.hours.values())]), zone)
    whole = datetime.combine(day, max(ENDS, rules.latest_end), zone) - zero
    first, last = (min(max((at - zero) / whole * UNITS, 0), UNITS) for at in (start, end))
    return [Bar(kind, first, last - first)] if last > first else []
