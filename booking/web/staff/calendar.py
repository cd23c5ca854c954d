"""The calendar of the team: what is confirmed, suggested, asked for and closed, and the way to enter more or to close.

A week as a table of rooms and days, and as a list for narrow screens; a month as a list. A day is the running order.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from urllib.parse import quote_plus

import sqlalchemy as sa
from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, wording
from booking.agenda import rooms_of_plan
from booking.availability.check import closures_between
from booking.domain.parts import shares_parts
from booking.domain.slot import Slot
from booking.domain.status import HOLDS_ROOM, Status
from booking.house import RoomRow, house, room_rows, rooms
from booking.models import Closure, Occurrence, day_of
from booking.web import locale
from booking.web.access import staff_only
from booking.web.dates.free_times import RoomDay, room_days
from booking.web.dates.weeks import WEEK_PATTERN, day_or_404, iso_week, page_or_404, pages_or_404, week_title
from booking.web.staff.frame import bp
from booking.web.staff.requests import NamedDate, named_dates, path_of_request
from booking.web.staff.week import short_span

DAY = timedelta(days=1)

#: Above so many rooms the list of a day does not repeat the free times of each.
MOST_LISTED = 8
#: Rooms in one table; a larger house goes on on the next page.
MOST_ROOMS = 30


class Entry(NamedTuple):
    """A date in the calendar. ``elsewhere``: the name of its room, where that only shares a part with this one."""

    date: NamedDate
    elsewhere: str = ""

    def told(self, room: str = "") -> tuple[str, str, str, str, str, str]:
        """What it tells; lists name its ``room``."""
        date = self.date.date
        times = short_span(date.slot)
        return date.status.value, path_of_request(self.date.reference), times, self.date.title, room, self.elsewhere


class CalendarCell(NamedTuple):
    """One room on one day. ``closed``: what shuts it for a part of the day."""

    room_day: RoomDay
    entries: list[Entry]
    closed: list[Closure]

    @property
    def lines(self) -> list[tuple[datetime, str, Entry | Closure | Slot]]:
        """What is on, closed or free, earliest first: when it begins, which of these it is, and it."""
        found: list[tuple[datetime, str, Entry | Closure | Slot]] = [
            *((each.date.date.start, "entry", each) for each in self.entries),
            *((each.start, "closed", each) for each in self.closed),
            *((each.start, "free", each) for each in self.room_day.free),
        ]
        return sorted(found, key=lambda line: line[:2])


class ListedDay(NamedTuple):
    """A day as a list: all entries, earliest first, and what shuts the house or rooms."""

    day: date
    entries: list[Entry]
    closed: list[Closure]


@bp.get("/kalender", endpoint="calendar")
@staff_only
def calendar_now() -> AnyResponse:
    """The week that runs, at its own address."""
    return redirect(url_for(".calendar_week", text=iso_week(day_of(clock.now(), house().zone))))


@bp.get("/kalender/<text>", endpoint="calendar_week")
@staff_only
def calendar_page(text: str) -> str:
    """A week as 2026-W50, or a month as 2026-12."""
    return _month(text) if len(text) == len("2026-12") else _week(text)


def _week(text: str) -> str:
    now, monday = clock.now(), day_or_404(text, WEEK_PATTERN)
    every = rooms_of_plan(*(_instants(monday, 7)[n] for n in (0, -1)))
    page = page_or_404()
    pages = pages_or_404(page, len(every), MOST_ROOMS)
    shown = every[(page - 1) * MOST_ROOMS : page * MOST_ROOMS]
    days = [monday + n * DAY for n in range(7)]
    dates = _dates(monday, 7)
    return render_template(
        "staff/calendar.html",
        title=week_title(monday),
        today=day_of(now, house().zone),
        monday=monday,
        iso_week=iso_week,
        before=iso_week(monday - 7 * DAY),
        after=iso_week(monday + 7 * DAY),
        now_text=iso_week(day_of(now, house().zone)),
        other=f"{monday + 3 * DAY:%Y-%m}",
        days=_listed(days, dates),
        table=_table(days, shown, dates, now),
        page=page,
        pages=pages,
        text=text,
        brings=brings,
        lists_free=len(every) <= MOST_LISTED,
    )


def brings(room: RoomRow, day: date, free: Slot) -> str:
    """What a free time brings along to the pages on which it is filled or closed."""
    begins, ends = (at.astimezone(house().zone) for at in (free.start, free.end))
    return f"tag={day}&von={begins:%H:%M}&bis={ends:%H:%M}&raum={quote_plus(room.slug)}"


def _month(text: str) -> str:
    first = day_or_404(f"{text}-01")
    after = (first + 31 * DAY).replace(day=1)
    today = day_of(clock.now(), house().zone)
    days = _listed([first + n * DAY for n in range((after - first).days)], _dates(first, (after - first).days))
    return render_template(
        "staff/calendar.html",
        title=wording.month(first, locale.selected()),
        today=today,
        iso_week=iso_week,
        before=f"{first - DAY:%Y-%m}",
        after=f"{after:%Y-%m}",
        now_text=f"{today:%Y-%m}",
        other=iso_week(today if today.replace(day=1) == first else first),
        days=[each for each in days if each.entries or each.closed],
        table=None,
        text=text,
    )


def _instants(first: date, days: int) -> list[datetime]:
    """When each of the days begins, and when the last one is over."""
    return [Slot.on(first + n * DAY, time(0), 1, house().zone).start for n in range(days + 1)]


def _dates(first: date, days: int) -> list[NamedDate]:
    """What holds a room or is asked for in these days, earliest first: one statement."""
    begin, *_, end = _instants(first, days)
    rooms()  # where the dates find theirs
    shown = (*HOLDS_ROOM, Status.REQUESTED)
    return named_dates((), sa.and_(Occurrence.status.in_(shown), Occurrence.start >= begin, Occurrence.start < end))


def _listed(days: Sequence[date], dates: Iterable[NamedDate]) -> list[ListedDay]:
    entries: dict[date, list[Entry]] = defaultdict(list)
    for each in dates:
        entries[day_of(each.date.start, house().zone)].append(Entry(each))
    instants = _instants(days[0], len(days))
    every = (closure for closure, _ in closures_between([Slot(instants[0], instants[-1])]))
    all_closed = [closure for closure in every if closure.id]  # and not what calendars from outside say of one room
    return [
        ListedDay(day, entries[day], [each for each in all_closed if each.start < end and each.end > begin])
        for day, begin, end in zip(days, instants, instants[1:], strict=False)
    ]


def _by_part(shown: Sequence[RoomRow]) -> dict[int, list[RoomRow]]:
    """The rooms that take a part at some time, by the part."""
    found: dict[int, list[RoomRow]] = defaultdict(list)
    for room in shown:
        for part in room.part_lists.ever:
            found[part].append(room)
    return found


def _table(
    days: Sequence[date], shown: Sequence[RoomRow], dates: Sequence[NamedDate], now: datetime
) -> list[tuple[RoomRow, list[CalendarCell]]]:
    """The week of each room. What is on in a hall stands at its halves too, as it keeps them from others."""
    found = room_days(days[0], len(days), now, shown)
    zone = house().zone
    entries: dict[tuple[int, date], list[Entry]] = defaultdict(list)
    by_id = room_rows()
    shown_in = _by_part(shown)
    for each in dates:
        day, its, begin = day_of(each.date.start, zone), by_id[each.date.room_id], each.date.occupied.start
        for room in {room.id: room for part in its.part_lists.ever for room in shown_in[part]}.values():
            if room.id == its.id or room.id in its.together:
                entries[room.id, day].append(Entry(each, its.short_name if its.together else ""))
            elif each.date.status in HOLDS_ROOM and shares_parts(room, its, begin):
                entries[room.id, day].append(Entry(each, its.short_name))
    all_closed = closures_between([Slot(*(_instants(days[0], len(days))[n] for n in (0, -1)))])

    def cell(room: RoomRow, day: date) -> CalendarCell:
        one = found[room.id, day]
        closed = [each for each, shut in all_closed if room.id in shut and each.slot.overlaps(one.window)]
        return CalendarCell(one, entries[room.id, day], [] if one.is_closed else closed)

    return [(room, [cell(room, day) for day in days]) for room in shown]
