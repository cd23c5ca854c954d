"""Pages for everybody: start, calendar, rooms, help and what the law asks for."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking import clock, house, wording
from booking.agenda import AgendaDay, AgendaRow, agenda, agenda_rows
from booking.database import db
from booking.domain.slot import Slot
from booking.house import RoomRow
from booking.models import Room, day_of
from booking.web import locale, phrases, shared
from booking.web.access import public
from booking.web.dates.free_times import RoomDay, room_days
from booking.web.public.drawings import rhythm_dots, seat_plan
from booking.web.public.groups import find_groups
from booking.web.public.plan import has_gone, link, note

bp = Blueprint("public", __name__)

DAY = timedelta(days=1)
LIST_DAYS = 28
FREE_DAYS = 14
NEXT_MEETINGS = 5

#: What a page shows at most; a house that is larger goes on on the next one.
MOST_TODAY = 12
MOST_LINES = 100
MOST_ROOMS = 12
MOST_ROOMS_OF_A_DAY = 12
MOST_ROOMS_OF_A_WEEK = 12

FIRST_YEAR, LAST_YEAR = 2000, 2099  # what the calendar shows; beyond is no page

GLOBALS: tuple[Callable[..., Any], ...] = (seat_plan, rhythm_dots, phrases.opening_times, phrases.key_hours)
FILTERS: tuple[Callable[..., Any], ...] = (
    note,
    link,
    phrases.hours,
    phrases.free_hours,
    phrases.breakable,
    phrases.day_names,
    phrases.column_day,
    phrases.listed,
    phrases.dialled,
    phrases.bare_address,
)
for function in GLOBALS:
    bp.add_app_template_global(function)
for function in FILTERS:
    bp.add_app_template_filter(function)


@dataclass(frozen=True, slots=True)
class Cell:
    """One room on one day of the week's table. ``taken``: occupied, and the public does not learn by what."""

    room_day: RoomDay
    rows: list[AgendaRow]
    taken: list[Slot]


@bp.get("/")
@public
@shared.shared()
def start() -> str:
    """The start page: what is on, who meets here, and the way to an own room."""
    now, today = _now()
    (plan,) = agenda(today, 1)
    rows = [row for row in plan.rows if not has_gone(row, now)]
    all_rooms = house.room_rows()
    return render_template(
        "public/start.html",
        now=now,
        today=today,
        plan=plan,
        rows=rows[:MOST_TODAY],
        more_today=len(rows[MOST_TODAY:]),
        next_days=_next_days(today),
        groups=find_groups(now),
        rooms=list(all_rooms.values())[:MOST_ROOMS],
        more_rooms=len(all_rooms) > MOST_ROOMS,
    )


@bp.get("/kalender")
@public
@shared.shared("von")
def calendar() -> str:
    """The plan of four weeks as a list, from today or from the day in ``von``."""
    now, today = _now()
    first = _day_or_404(request.args["von"]) if "von" in request.args else today
    plan = agenda(first, LIST_DAYS, most=MOST_LINES)
    return render_template(
        "public/calendar.html",
        now=now,
        today=today,
        first=first,
        last=plan[-1].day,
        before=first - timedelta(days=len(plan)),
        after=plan[-1].day + DAY,
        days=_listed(plan),
        most=MOST_LINES,
        week=_iso_week(first),
    )


@bp.get("/kalender/tag/<text>", endpoint="day")
@public
@shared.shared("seite")
def day_page(text: str) -> str:
    """The plan of one day."""
    now, today = _now()
    wanted = _day_or_404(text)
    (plan,) = agenda(wanted, 1)
    page, pages = _page_or_404(len(plan.rows), MOST_LINES)
    free = list(room_days(wanted, 1, now).values())
    return render_template(
        "public/day.html",
        now=now,
        today=today,
        plan=plan,
        rows=plan.rows[(page - 1) * MOST_LINES : page * MOST_LINES],
        page=page,
        pages=pages,
        free=free[:MOST_ROOMS_OF_A_DAY],
        folded=free[MOST_ROOMS_OF_A_DAY:],
        before=wanted - DAY,
        after=wanted + DAY,
        week=_iso_week(wanted),
    )


@bp.get("/kalender/woche")
@public
def this_week() -> Response:
    """The week that runs, at its own address."""
    _, today = _now()
    return redirect(url_for(".week", text=_iso_week(today)))


@bp.get("/kalender/woche/<text>")
@public
@shared.shared("seite")
def week(text: str) -> str:
    """One week: rooms in lines, days in columns; on narrow screens the same as a list."""
    now, today = _now()
    monday = _monday_or_404(text)
    all_rooms = list(house.room_rows().values())
    page, pages = _page_or_404(len(all_rooms), MOST_ROOMS_OF_A_WEEK)
    shown = all_rooms[(page - 1) * MOST_ROOMS_OF_A_WEEK : page * MOST_ROOMS_OF_A_WEEK]
    plan = agenda(monday, 7, room_ids=[room.id for room in shown] if pages > 1 else ())
    lines = _cells(plan, shown, now)
    columns = zip(plan, *(cells for _, cells in lines), strict=True)
    return render_template(
        "public/week.html",
        now=now,
        today=today,
        monday=monday,
        sunday=monday + 6 * DAY,
        before=monday - 7 * DAY,
        after=monday + 7 * DAY,
        title=_week_title(monday),
        days=plan,
        rooms=lines,
        page=page,
        pages=pages,
        closed={one.day for one, *cells in columns if all(cell.room_day.is_closed for cell in cells)},
        iso_week=_iso_week,
    )


@bp.get("/raeume")
@public
@shared.shared(by_minute=False)
def rooms() -> str:
    """All rooms."""
    return render_template("public/rooms.html", rooms=house.rooms())


@bp.get("/raeume/<slug>")
@public
@shared.shared()
def room(slug: str) -> str:
    """One room: what it offers, when it is free, what is next."""
    now, today = _now()
    wanted = db.first_or_404(db.select(Room).filter_by(slug=slug))
    found = room_days(today, FREE_DAYS, now, [house.room_rows()[wanted.id]])
    coming = [
        (plan.day, row)
        for plan in agenda(today, FREE_DAYS, room_ids=[wanted.id])
        for row in plan.rows
        if not row.moved_away and not has_gone(row, now)
    ]
    return render_template(
        "public/room.html",
        room=wanted,
        now=now,
        today=today,
        stretches=_together([found[wanted.id, today + n * DAY] for n in range(FREE_DAYS)]),
        coming=coming[:NEXT_MEETINGS],
    )


@bp.get("/hilfe")
@public
@shared.shared(by_minute=False)
def help() -> str:  # noqa: A001 - the address of the page
    """Answers to what groups ask."""
    return render_template("public/help.html")


@bp.get("/impressum")
@public
@shared.shared(by_minute=False)
def imprint() -> str:
    return render_template("public/imprint.html")


@bp.get("/datenschutz")
@public
@shared.shared(by_minute=False)
def privacy() -> str:
    return render_template("public/privacy.html")


@bp.get("/barrierefreiheit")
@public
@shared.shared(by_minute=False)
def accessibility() -> str:
    return render_template("public/accessibility.html")


@bp.get("/hausordnung", endpoint="house_rules")
@public
@shared.shared(by_minute=False)
def rules_page() -> str:
    return render_template("public/house_rules.html")


def _now() -> tuple[datetime, date]:
    """This instant, and the day on the wall calendar of the house."""
    now = clock.now()
    return now, now.astimezone(house.house().zone).date()


def _day_or_404(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        abort(404)
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        abort(404)
    return wanted if FIRST_YEAR <= wanted.year <= LAST_YEAR else abort(404)


def _monday_or_404(text: str) -> date:
    parts = re.fullmatch(r"(\d{4})-W(\d{2})", text, re.ASCII)
    if not parts or not FIRST_YEAR <= int(parts[1]) <= LAST_YEAR:
        abort(404)
    try:
        return date.fromisocalendar(int(parts[1]), int(parts[2]), 1)
    except ValueError:
        abort(404)


def _iso_week(of: date) -> str:
    year, number, _ = of.isocalendar()
    return f"{year}-W{number:02}"


def _week_title(monday: date) -> str:
    sunday, language = monday + 6 * DAY, locale.selected()
    first = wording.day_and_month(monday, language)
    if monday.year != sunday.year:
        first = wording.full_date(monday, language)
    elif monday.month == sunday.month:
        first = wording.by_pattern(monday, "D", language)
    return str(gettext("Week from %(first)s to %(last)s", first=first, last=wording.full_date(sunday, language)))


def _next_days(today: date) -> list[tuple[date, list[AgendaRow]]]:
    """The next open meetings after today, by their days."""
    zone = house.house().zone
    begins, ends = (Slot.on(today + n * DAY, time(0), 1, zone).start for n in (1, LIST_DAYS))
    meetings = agenda_rows(begins, ends, most=NEXT_MEETINGS, open_only=True)
    return [(day, list(rows)) for day, rows in groupby(meetings, key=lambda row: day_of(row.slot.start, zone))]


def _page_or_404(number: int, on_a_page: int) -> tuple[int, int]:
    """Which page of so many things is asked for, and of how many."""
    pages = max(1, -(-number // on_a_page))
    wanted = request.args.get("seite", "1")
    page = int(wanted) if re.fullmatch(r"[1-9][0-9]{0,3}", wanted, re.ASCII) else 0
    return (page, pages) if 1 <= page <= pages else abort(404)


def _cells(plan: Sequence[AgendaDay], rooms: Sequence[RoomRow], now: datetime) -> list[tuple[RoomRow, list[Cell]]]:
    found = room_days(plan[0].day, len(plan), now, rooms)
    rows_of: dict[tuple[int, date], list[AgendaRow]] = defaultdict(list)
    for of_day in plan:
        for row in of_day.rows:
            rows_of[row.room.id, of_day.day].append(row)
    lines = []
    for room in rooms:
        cells = []
        for agenda_day in plan:
            room_day = found[room.id, agenda_day.day]
            rows = rows_of[room.id, agenda_day.day]
            shown = {row.occurrence_id for row in rows}
            taken = [sitting.slot for sitting in room_day.sittings if sitting.occurrence_id not in shown]
            cells.append(Cell(room_day, rows, taken))
        lines.append((room, cells))
    return lines


def _listed(plan: Sequence[AgendaDay]) -> list[tuple[list[date], AgendaDay]]:
    """Days with something to tell; days in a row on which only the house is closed are told of together."""
    days: list[tuple[list[date], AgendaDay]] = []
    for one in plan:
        previous = days[-1] if days else None
        if (
            previous
            and one.closure
            and previous[1].closure is one.closure
            and not (one.rows or previous[1].rows)
            and one.day - previous[0][-1] == DAY
        ):
            previous[0].append(one.day)
        elif one.rows or one.closure:
            days.append(([one.day], one))
    return days


def _together(days: Sequence[RoomDay]) -> list[tuple[list[date], RoomDay]]:
    """Days in a row on which the house is closed for the same reason are told of together."""
    stretches: list[tuple[list[date], RoomDay]] = []
    for one in days:
        previous = stretches[-1][1] if stretches else None
        if previous and one.is_closed and previous.is_closed and one.reason == previous.reason:
            stretches[-1][0].append(one.day)
        else:
            stretches.append(([one.day], one))
    return stretches
