"""Pages for everybody: start, calendar, rooms, help and what the law asks for."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from booking import clock, house, rulebook
from booking.agenda import AgendaDay, Look, agenda, agenda_rows, closed_days, number_of_lines, rooms_of_plan
from booking.database import db
from booking.domain.slot import Slot
from booking.house import RoomRow
from booking.models import Photo, Room, day_of
from booking.web import look, phrases, shared
from booking.web.access import public
from booking.web.dates import outlook
from booking.web.dates.free_times import RoomDay, room_days
from booking.web.dates.weeks import WEEK_PATTERN, day_or_404, iso_week, page_or_404, pages_or_404, week_title
from booking.web.filters import local_clock
from booking.web.forms.line import LONGEST_LINE, takes_lines
from booking.web.narrowed import PARAMETERS, narrowed
from booking.web.public import vocabulary
from booking.web.public.drawings import seat_plan
from booking.web.public.groups import find_groups
from booking.web.public.plan import PlanLine, has_gone, lines

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
MOST_OF_A_DAY_IN_A_MONTH = 4

GLOBALS: tuple[Callable[..., Any], ...] = (seat_plan, phrases.opening_times, phrases.key_hours)
FILTERS: tuple[Callable[..., Any], ...] = (
    phrases.hours,
    phrases.free_hours,
    phrases.free_when,
    phrases.request_on,
    phrases.until,
    phrases.breakable,
    phrases.day_names,
    phrases.column_day,
    phrases.listed,
    phrases.group_link,
    phrases.dialled,
    phrases.bare_address,
)
for function in GLOBALS:
    bp.add_app_template_global(function)
for function in FILTERS:
    bp.add_app_template_filter(function)


class Cell(NamedTuple):
    """One room on one day of the week's table. ``taken``: from when to when, and the public does not learn by what."""

    room_day: RoomDay
    lines: tuple[PlanLine, ...]
    taken: tuple[tuple[str, str], ...]


@bp.get("/")
@public
@shared.shared()
def start() -> str:
    """The start page: what is on, who meets here, and the way to an own room."""
    now, today = _now()
    here = Look(*_period(today, 1), most=MOST_TODAY + 1, now=now)
    ahead = Look(*_period(today + DAY, LIST_DAYS - 1), most=NEXT_MEETINGS, open_only=True)
    rows, next_rows = agenda_rows(here, ahead)
    more_today = number_of_lines(here) - MOST_TODAY if len(rows) > MOST_TODAY else 0
    next_days = groupby(next_rows, key=lambda row: day_of(row.slot.start, house.house().zone))
    all_rooms = house.offered_rooms()
    return render_template(
        "public/start.html",
        longest_line=LONGEST_LINE if takes_lines() else 0,
        now=now,
        today=today,
        closure=closed_days(today, 1).get(today),
        has_rows=bool(rows) or number_of_lines(here._replace(now=None)) > 0,
        lines=lines(rows[:MOST_TODAY], now),
        more_today=more_today,
        next_days=[(day, lines(rows, now)) for day, rows in next_days],
        groups=find_groups(now),
        rooms=all_rooms[:MOST_ROOMS],
        more_rooms=len(all_rooms) > MOST_ROOMS,
    )


@bp.get("/kalender")
@public
@shared.shared("von", *PARAMETERS)
def calendar() -> str:
    """The plan of four weeks as a list, from today or from the day in ``von``."""
    now, today = _now()
    shown = narrowed()
    first = day_or_404(request.args["von"]) if "von" in request.args else today
    plan = agenda(first, LIST_DAYS, most=MOST_LINES, open_only=shown.open_only, room_ids=shown.room_ids)
    return render_template(
        "public/calendar.html",
        narrowed=shown,
        today=today,
        first=first,
        last=plan[-1].day,
        before=first - timedelta(days=len(plan)),
        after=plan[-1].day + DAY,
        days=[(days, day, lines(day.rows, now)) for days, day in _listed(plan)],
        week=iso_week(first),
    )


@bp.get("/kalender/tag/<text>", endpoint="day")
@public
@shared.shared("seite", *PARAMETERS)
def day_page(text: str) -> str:
    """The plan of one day."""
    now, today = _now()
    wanted = day_or_404(text)
    page = page_or_404()
    shown = narrowed()
    (plan,) = agenda(wanted, 1, most=page * MOST_LINES, open_only=shown.open_only, room_ids=shown.room_ids)
    pages = pages_or_404(page, plan.number, MOST_LINES)
    free = [one for one in room_days(wanted, 1, now, shown.rooms).values() if one.room.is_active]
    return render_template(
        "public/day.html",
        narrowed=shown,
        today=today,
        plan=plan,
        lines=lines(plan.rows[(page - 1) * MOST_LINES :], now),
        page=page,
        pages=pages,
        free=free[:MOST_ROOMS_OF_A_DAY],
        folded=free[MOST_ROOMS_OF_A_DAY:],
        outside=outlook.outside() if wanted.weekday() not in house.opening_hours() else "",
        before=wanted - DAY,
        after=wanted + DAY,
        week=iso_week(wanted),
    )


@bp.get("/kalender/woche")
@public
def this_week() -> Response:
    """The week that runs, at its own address."""
    _, today = _now()
    return redirect(url_for(".week", text=iso_week(today)))


@bp.get("/kalender/woche/<text>")
@public
@shared.shared("seite", *PARAMETERS)
def week(text: str) -> str:
    """One week: rooms in lines, days in columns; on narrow screens the same as a list."""
    now, today = _now()
    monday = day_or_404(text, WEEK_PATTERN)
    shown = narrowed()
    of_plan = rooms_of_plan(*_period(monday, 7))
    wanted = [room for room in shown.rooms if room in of_plan]
    page = page_or_404()
    pages = pages_or_404(page, len(wanted), MOST_ROOMS_OF_A_WEEK)
    on_page = wanted[(page - 1) * MOST_ROOMS_OF_A_WEEK : page * MOST_ROOMS_OF_A_WEEK]
    room_ids = [room.id for room in house.rooms_with(*on_page)] if pages > 1 else shown.room_ids
    plan = agenda(monday, 7, open_only=shown.open_only, room_ids=room_ids)
    days = [(one, lines(one.rows, now)) for one in plan]
    table = _table(days, on_page, now)
    by_day = zip(plan, *(cells for _, cells in table), strict=True)
    outside = {one.day for one in plan if one.day.weekday() not in house.opening_hours()}
    return render_template(
        "public/week.html",
        narrowed=shown,
        today=today,
        monday=monday,
        sunday=monday + 6 * DAY,
        before=monday - 7 * DAY,
        after=monday + 7 * DAY,
        title=week_title(monday),
        days=days,
        table=table,
        page=page,
        pages=pages,
        columns=[(one.day, one.day == today, one.day in outside and not one.closure) for one in plan],
        outside=outside,
        closed={one.day for one, *cells in by_day if cells and all(cell.room_day.is_closed for cell in cells)},
        iso_week=iso_week,
    )


@bp.get("/kalender/monat/<text>")
@public
@shared.shared(*PARAMETERS)
def month(text: str) -> str:
    """One month: weeks in lines, days in columns; on narrow screens the same as a list.

    What is more than fits on a page stands in the list that begins there.
    """
    now, today = _now()
    shown = narrowed()
    first = day_or_404(f"{text}-01")
    following = (first + 31 * DAY).replace(day=1)
    number = (following - first).days
    plan = agenda(first, number, most=MOST_LINES, open_only=shown.open_only, room_ids=shown.room_ids)
    lines_of = {one.day: lines(one.rows, now) for one in plan}
    last = plan[-1].day
    return render_template(
        "public/month.html",
        narrowed=shown,
        today=today,
        first=first,
        before=first - DAY,
        after=following,
        days=[(days, one, lines_of[one.day]) for days, one in _listed(plan)],
        weeks=Calendar().monthdatescalendar(first.year, first.month),
        plans={one.day: one for one in plan},
        lines_of=lines_of,
        most_of_day=MOST_OF_A_DAY_IN_A_MONTH,
        rest=last + DAY if last + DAY < following else None,
        week=iso_week(today if (today.year, today.month) == (first.year, first.month) else first),
    )


@bp.get("/raeume", endpoint="rooms")
@public
@shared.shared()
def rooms_page() -> str:
    return render_template("public/rooms.html", rooms=house.offered_rooms())


@bp.get("/raeume/<slug>")
@public
@shared.shared()
def room(slug: str) -> str:
    """One room: what it offers, when it is free, what is next."""
    now, today = _now()
    wanted = db.first_or_404(db.select(Room).filter_by(slug=slug, is_active=True))
    found = room_days(today, FREE_DAYS, now, [house.room_rows()[wanted.id]])
    coming = [
        row
        for plan in agenda(today, FREE_DAYS, room_ids=[each.id for each in house.rooms_with(wanted)])
        for row in plan.rows
        if not row.moved_away and not has_gone(row, now)
    ]
    return render_template(
        "public/room.html",
        room=wanted,
        facts=vocabulary.place(house.room_rows()[wanted.id]),
        today=today,
        stretches=_runs([found[wanted.id, today + n * DAY] for n in range(FREE_DAYS)], _are_closed_alike),
        coming=lines(coming[:NEXT_MEETINGS], now),
    )


@bp.get("/raeume/<slug>/foto.jpg")
@public
def photo(slug: str) -> Response:
    """The picture of a room; its address on pages names its content, and so holds for good."""
    wanted = db.first_or_404(db.select(Room).where(Room.slug == slug, Room.is_active, Room.photo != ""))
    answer = Response(mimetype="image/jpeg")
    tag = quote(wanted.photo)
    answer.set_etag(tag)
    is_this_one = request.args.get("v") == wanted.photo
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_this_one else "public, no-cache"
    if not request.if_none_match.contains(tag):
        answer.data = db.session.scalars(db.select(Photo.jpeg).where(Photo.room_id == wanted.id)).first() or abort(404)
    answer.make_conditional(request)
    return answer


#: Pages of nothing but text, by their addresses; what they say stands in templates/public/_texts.
TEXTS = {
    "hilfe": "help",
    "impressum": "imprint",
    "datenschutz": "privacy",
    "barrierefreiheit": "accessibility",
    "hausordnung": "house_rules",
}


@public
@shared.shared(by_minute=False)
def text_page() -> str:
    name = str(request.endpoint).partition(".")[2]
    editions = rulebook.editions() if name == "house_rules" else []
    current = next((each for each in editions if each.name == house.house().rules_version), None)
    return render_template(
        "public/text.html",
        name=name,
        own=look.text_of_house(name),
        ours=look.text_of_service(name),
        edition=current,
        earlier=[each for each in editions if each.until],
    )


@bp.get("/hausordnung/<name>")
@public
@shared.shared(by_minute=False)
def rules_edition(name: str) -> str:
    """House rules as they were, for those who have agreed to them; those that hold stand there too."""
    if not rulebook.has_edition(name):
        abort(404)
    kept = next((each for each in rulebook.editions() if each.name == name), None)
    own = look.edition_of_rules(kept) if kept else look.text_of_house("house_rules")
    ours = look.text_of_service("house_rules")
    return render_template("public/text.html", name="house_rules", own=own, ours=ours, edition=kept, earlier=[])


for address, name in TEXTS.items():
    bp.add_url_rule(f"/{address}", name, text_page)


def _now() -> tuple[datetime, date]:
    """This instant, and the day on the wall calendar of the house."""
    now = clock.now()
    return now, now.astimezone(house.house().zone).date()


def _period(first: date, days: int) -> tuple[datetime, datetime]:
    """When the first of so many days begins, and when the last one is over."""
    begin, end = (Slot.on(day, time(0), 1, house.house().zone).start for day in (first, first + days * DAY))
    return begin, end


def _table(
    days: Sequence[tuple[AgendaDay, Sequence[PlanLine]]], rooms: Sequence[RoomRow], now: datetime
) -> list[tuple[RoomRow, tuple[Cell, ...]]]:
    """The week of each room."""
    found = room_days(days[0][0].day, len(days), now, rooms)
    lines_of: dict[tuple[int, date], list[PlanLine]] = defaultdict(list)
    for of_day, of_all in days:
        for line in of_all:
            for room_id in line.row.room.together or (line.row.room.id,):
                lines_of[room_id, of_day.day].append(line)

    def cell(room_day: RoomDay) -> Cell:
        shown = lines_of[room_day.room.id, room_day.day]
        ids = [line.row.occurrence_id for line in shown]
        taken = [each.slot for each in room_day.sittings if each.occurrence_id not in ids]
        return Cell(room_day, tuple(shown), tuple([(local_clock(slot.start), local_clock(slot.end)) for slot in taken]))

    return [(room, tuple(cell(found[room.id, of_day.day]) for of_day, _ in days)) for room in rooms]


OneDay = TypeVar("OneDay", AgendaDay, RoomDay)


def _runs(days: Iterable[OneDay], are_alike: Callable[[OneDay, OneDay], bool]) -> list[tuple[list[date], OneDay]]:
    """Days in a row that are told of together, beside the first of them."""
    runs: list[tuple[list[date], OneDay]] = []
    for one in days:
        if runs and one.day - runs[-1][0][-1] == DAY and are_alike(runs[-1][1], one):
            runs[-1][0].append(one.day)
        else:
            runs.append(([one.day], one))
    return runs


def _listed(plan: Sequence[AgendaDay]) -> list[tuple[tuple[date, ...], AgendaDay]]:
    """Days with something to tell; that of a holiday is what takes place on it all the same."""
    told = [one for one in plan if one.rows or (one.closure and one.closure.id)]
    runs = _runs(told, lambda one, after: one.closure is after.closure and not (one.rows or after.rows))
    return [(tuple(days), one) for days, one in runs]


def _are_closed_alike(one: RoomDay, after: RoomDay) -> bool:
    return one.is_closed and after.is_closed and one.reason == after.reason
