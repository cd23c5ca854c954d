"""Pages for everybody: start, calendar, rooms, help and what the law asks for."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking import clock, house, wording
from booking.agenda import AgendaDay, AgendaRow, agenda
from booking.database import db
from booking.domain.slot import Slot
from booking.models import Room
from booking.web import locale, phrases, shared
from booking.web.access import public
from booking.web.dates.free_times import RoomDay, room_days
from booking.web.public.drawings import rhythm_dots, seat_plan
from booking.web.public.groups import find_groups
from booking.web.public.plan import is_over, link, note

bp = Blueprint("public", __name__)

DAY = timedelta(days=1)
LIST_DAYS = 28
FREE_DAYS = 14
NEXT_MEETINGS = 5
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
    today_plan, *ahead = agenda(today, LIST_DAYS)
    meetings = [(day.day, row) for day in ahead for row in day.rows if row.is_open][:NEXT_MEETINGS]
    return render_template(
        "public/start.html",
        now=now,
        today=today,
        plan=today_plan,
        rows=[row for row in today_plan.rows if not is_over(row, now)],
        next_days=[(day, [row for _, row in rows]) for day, rows in groupby(meetings, key=lambda pair: pair[0])],
        groups=find_groups(now),
        rooms=house.rooms(),
    )


@bp.get("/kalender")
@public
@shared.shared("von")
def calendar() -> str:
    """The plan of four weeks as a list, from today or from the day in ``von``."""
    now, today = _now()
    first = _day_or_404(request.args["von"]) if "von" in request.args else today
    return render_template(
        "public/calendar.html",
        now=now,
        today=today,
        first=first,
        last=first + timedelta(days=LIST_DAYS - 1),
        before=first - timedelta(days=LIST_DAYS),
        after=first + timedelta(days=LIST_DAYS),
        days=_listed(agenda(first, LIST_DAYS)),
        week=_iso_week(first),
    )


@bp.get("/kalender/tag/<text>")
@public
@shared.shared()
def day(text: str) -> str:
    """The plan of one day."""
    now, today = _now()
    wanted = _day_or_404(text)
    return render_template(
        "public/day.html",
        now=now,
        today=today,
        plan=agenda(wanted, 1)[0],
        free=list(room_days(wanted, 1, now).values()),
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
@shared.shared()
def week(text: str) -> str:
    """One week: rooms in lines, days in columns; on narrow screens the same as a list."""
    now, today = _now()
    monday = _monday_or_404(text)
    plan = agenda(monday, 7)
    lines = _cells(plan, now)
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
    found = room_days(today, FREE_DAYS, now)
    coming = [
        (plan.day, row)
        for plan in agenda(today, FREE_DAYS)
        for row in plan.rows
        if row.room.id == wanted.id and not row.moved_away and not is_over(row, now)
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


@bp.get("/hausordnung")
@public
@shared.shared(by_minute=False)
def house_rules() -> str:
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


def _cells(plan: Sequence[AgendaDay], now: datetime) -> list[tuple[Room, list[Cell]]]:
    found = room_days(plan[0].day, len(plan), now)
    lines = []
    for room in house.rooms():
        cells = []
        for agenda_day in plan:
            room_day = found[room.id, agenda_day.day]
            rows = [row for row in agenda_day.rows if row.room.id == room.id]
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
