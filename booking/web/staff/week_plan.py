"""The plan of a week to print: days and rooms on one sheet, as the public may read it, or for the office."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import NamedTuple

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, wording
from booking.agenda import AgendaRow, agenda, closed_days
from booking.availability.check import closures_between
from booking.domain.slot import Slot
from booking.house import RoomRow, house, opening_hours, room_rows
from booking.models import Closure, day_of
from booking.web import locale
from booking.web.access import staff_only
from booking.web.dates.weeks import WEEK_PATTERN, day_or_404, iso_week, week_title
from booking.web.staff.frame import bp
from booking.web.staff.running import RunningDate, running

DAY = timedelta(days=1)


class Paper(NamedTuple):
    """A sheet: rooms side by side, and millimetres for the rows of days and for the columns of rooms."""

    rooms: int
    height: int
    width: int


PAPERS = {"a4": Paper(6, 158, 246), "a3": Paper(9, 243, 369)}

#: Sizes of letters in points, the first that lets everything stand on the sheet; and the smallest that people read
#: without effort: where it would be smaller, the days take several sheets.
SIZES = (11, 10, 9, 8, 7, 6, 5)
READABLE = 7

#: Between what stands below an entry, so that it takes as few lines as it can.
SEPARATOR = " · "

#: Millimetres of a line and of a letter for each point; and of what stands around an entry and a day.
LINE, LETTER, AROUND = 0.45, 0.2, 1.1


class PlanEntry(NamedTuple):
    """What stands in a cell: when, what, and what stands below it. ``off``: it does not take place."""

    start: datetime
    times: str
    title: str
    below: tuple[str, ...]
    off: bool = False


class PlanDay(NamedTuple):
    """A row of the plan: a day, why the house is closed then, and the entries of each room."""

    day: date
    closed: str
    cells: list[list[PlanEntry]]


class PlanSheet(NamedTuple):
    """One sheet of paper. ``size``: of its letters, in points."""

    rooms: Sequence[RoomRow]
    days: list[PlanDay]
    size: int


Entries = dict[tuple[int, date], list[PlanEntry]]


@bp.get("/wochenplan", endpoint="week_plan")
@staff_only
def week_plan_now() -> AnyResponse:
    """The plan of the week that runs, at its own address."""
    return redirect(url_for(".week_plan_page", text=iso_week(day_of(clock.now(), house().zone))))


@bp.get("/wochenplan/<text>")
@staff_only
def week_plan_page(text: str) -> str:
    """The plan of a week; ``?fuer=team`` with contacts, ``?papier=a3`` for larger paper."""
    now, monday = clock.now(), day_or_404(text, WEEK_PATTERN)
    is_internal = request.args.get("fuer") == "team"
    paper = request.args.get("papier") if request.args.get("papier") in PAPERS else "a4"
    entries = _internal(monday, now) if is_internal else _public(monday)
    _add_closures(entries, monday)
    return render_template(
        "staff/week_plan.html",
        title=week_title(monday),
        text=text,
        before=iso_week(monday - 7 * DAY),
        after=iso_week(monday + 7 * DAY),
        is_internal=is_internal,
        paper=paper,
        sheets=_sheets(monday, entries, PAPERS[paper or ""]),
        now=now,
    )


def _public(monday: date) -> Entries:
    """What the public reads: closed groups without name and title."""
    found: Entries = defaultdict(list)
    for of_day in agenda(monday, 7):
        for row in of_day.rows:
            if not row.moved_away:
                for room_id in row.room.together or (row.room.id,):
                    found[room_id, of_day.day].append(_public_entry(row))
    return found


def _public_entry(row: AgendaRow) -> PlanEntry:
    below = [gettext("does not take place") if row.cancelled else "", row.group]
    title = row.title if row.is_open else gettext("Closed meeting")
    times = gettext("from %(time)s", time=_clock(row.start)) if row.open_end else _span(row.slot)
    return PlanEntry(row.start, times, title, tuple(filter(None, below)), row.cancelled)


def _internal(monday: date, now: datetime) -> Entries:
    """What the office needs to know: who comes, how to reach them, and how they get in."""
    found: Entries = defaultdict(list)
    begin, end = (Slot.on(day, time(0), 1, house().zone).start for day in (monday, monday + 7 * DAY))
    for each in running(begin, end, now):
        row, keys = each.row, ", ".join(each.keys)
        below = [
            "" if each.takes_place else gettext("does not take place"),
            row.group,
            gettext("about %(number)d", number=row.people) + (f" · {each.around}" if each.around else ""),
            ", ".join(filter(None, each.person)),
            gettext("Key %(number)s", number=keys) if keys else _way_in(each) if each.is_outside else "",
        ]
        lines = tuple(filter(None, below if each.takes_place else below[:2]))
        entry = PlanEntry(row.start, f"{each.begins}–{each.ends}", row.title, lines, not each.takes_place)
        for room_id in each.room.together or (row.room_id,):
            found[room_id, day_of(row.start, house().zone)].append(entry)
    return found


def _way_in(each: RunningDate) -> str:
    """How a group that has no key from us gets in, in few words."""
    said = {"have": gettext("has a key"), "need": gettext("needs a key")}
    return said.get(each.row.way_in, gettext("way in to be talked about"))


def _add_closures(entries: Entries, monday: date) -> None:
    """What shuts single rooms, or the house for a part of a day."""
    zone = house().zone
    midnights = [Slot.on(monday + n * DAY, time(0), 1, zone).start for n in range(8)]
    whole = closed_days(monday, 7)
    for closure, shut in closures_between([Slot(midnights[0], midnights[-1])]):
        for n, (begins, ends) in enumerate(zip(midnights, midnights[1:], strict=False)):
            day = monday + n * DAY
            if closure.start < ends and closure.end > begins and day not in whole:
                slot = Slot(max(closure.start, begins), min(closure.end, ends))
                for room_id in shut:
                    entries[room_id, day].append(_closed_entry(closure, slot, is_all_day=slot == Slot(begins, ends)))
    for rows in entries.values():
        rows.sort(key=lambda entry: entry.start)


def _closed_entry(closure: Closure, slot: Slot, *, is_all_day: bool) -> PlanEntry:
    title = gettext("closed: %(reason)s", reason=locale.translated(closure, "reason"))
    return PlanEntry(slot.start, "" if is_all_day else _span(slot), title, (), off=True)


def _sheets(monday: date, entries: Entries, paper: Paper) -> list[PlanSheet]:
    """As many sheets as rooms and days take to be read, with the days on which the house opens or something is on."""
    whole = closed_days(monday, 7)
    used = {id_ for id_, _ in entries}
    every = [room for room in room_rows().values() if not room.together and (room.is_active or room.id in used)]
    busy = {day for (_, day), rows in entries.items() if rows}
    days = [monday + n * DAY for n in range(7)]
    shown = [day for day in days if day in busy or day in whole or day.weekday() in opening_hours()]
    found = []
    for first in range(0, len(every), paper.rooms):
        rooms = every[first : first + paper.rooms]
        rows = [
            PlanDay(
                day,
                locale.translated(whole[day], "reason") if day in whole else "",
                [entries.get((room.id, day), []) for room in rooms],
            )
            for day in shown
        ]
        for run in _runs_of_days(rows, paper, len(rooms)):
            found.append(PlanSheet(rooms, run, _size(run, paper, len(rooms))))
    return found


def _runs_of_days(days: Sequence[PlanDay], paper: Paper, columns: int) -> list[list[PlanDay]]:
    """The days of each sheet: all on one, or as many in a row as can be read on it."""
    runs: list[list[PlanDay]] = [[]]
    for day in days:
        if runs[-1] and _size([*runs[-1], day], paper, columns) < READABLE:
            runs.append([])
        runs[-1].append(day)
    return runs


def _size(days: Sequence[PlanDay], paper: Paper, columns: int) -> int:
    """The largest letters in which the days have room on the sheet; the smallest where none is small enough."""
    width = paper.width / columns - AROUND

    def height(entry: PlanEntry, size: int) -> float:
        texts = (f"{entry.times} {entry.title}", *filter(None, [SEPARATOR.join(entry.below)]))
        return sum(ceil(len(text) * LETTER * size / width) for text in texts) * LINE * size + AROUND

    def fits(size: int) -> bool:
        rows = (max(sum(height(entry, size) for entry in cell) for cell in day.cells) for day in days)
        return sum(max(row, 2 * LINE * size) + AROUND for row in rows) <= paper.height

    return next((size for size in SIZES if fits(size)), SIZES[-1])


def _span(slot: Slot) -> str:
    return f"{_clock(slot.start)}–{_clock(slot.end)}"


def _clock(instant: datetime) -> str:
    return wording.clock(instant.astimezone(house().zone))
