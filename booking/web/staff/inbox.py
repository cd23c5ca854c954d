"""The inbox: who has asked, and what of it is undecided."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from markupsafe import Markup
from sqlalchemy.orm import aliased, joinedload, lazyload
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, deciding, log, wording
from booking.availability.check import found_at
from booking.availability.wanted import Wanted
from booking.database import db
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import house, house_rules, room_rows, rooms_with
from booking.lifecycle import Stale
from booking.models import Booking, Change, Initiative, KeyLoan, LogEntry, Occurrence, StaffMember, day_of
from booking.web import filters, locale
from booking.web.access import staff_only
from booking.web.staff import desk
from booking.web.staff.forms import SearchForm
from booking.web.staff.frame import booking_of, bp, page_of, signed
from booking.web.staff.requests import PlainDate, age, is_open, open_ids, overdue, path_of_request, to_do

#: Of these somebody waits for an answer.
WAITING = ("new", "group", "wishes")
TABS = (*WAITING, "done", "all")

#: Units from mark to mark in the run of dates, and the further gap where a month begins.
STEP, GAP = 9, 5
#: How dates are drawn there, by what they are: what stands before and after where a mark begins, which may be some
#: units further right.
_CROSS = ('<path class="run__taken" d="m', 0, ' 7.2 5.6 5.6m0-5.6-5.6 5.6"/>')
MARKS = {
    "free": ('<rect class="run__free" x="', 0, '" y="4" width="6" height="12" rx="2"/>'),
    "approved": ('<rect class="run__yes" x="', 0, '" y="4" width="6" height="12" rx="2"/>'),
    "tight": ('<rect class="run__tight" x="', 1, '" y="4" width="4" height="12"/>'),
    "asked": ('<circle class="run__asked" cx="', 3, '" cy="10" r="3.75"/>'),
    "taken": _CROSS,
    "closed": _CROSS,
}
GONE = ('<path class="run__gone" d="M', 0, ' 10h6"/>')
RUN = (
    '<svg class="run" width="{0}" height="20" viewBox="0 0 {0} 20" preserveAspectRatio="xMinYMid"'
    ' aria-hidden="true">{1}</svg>'
)


#: So many entries of the record are looked through for news, and so many of them shown.
NEWS_AMONG, MOST_NEWS = 20_000, 40
MOST_PUT_OFF = 300


class InboxLine(NamedTuple):
    """A request in the inbox: all that its line tells. ``kind``: of the group. ``counts``: how many dates are what.

    ``run``: its dates as marks, where there are several. ``received``: in place of how old it is, where no date waits
    for the team. ``put_off_by``: who has noted it for later, if nothing has happened since.
    """

    url: str
    reference: str
    title: str
    sentence: Markup
    group: str
    kind: str
    people: int
    rooms: str
    any_room: bool
    is_for_all: bool
    way_in: str
    needs_access: bool
    run: Markup
    counts: tuple[tuple[str, int], ...]
    wishes: int
    wishes_words: bool
    has_question: bool
    has_answer: bool
    received: str
    age: str
    is_late: bool
    put_off_by: str


#: A date of a request with its kind, and whether it is tight.
Seen = tuple[PlainDate, str, bool]


class NewsLine(NamedTuple):
    """What a group has done that nobody of the team has seen, the first thing first."""

    reference: str
    title: str
    group: str
    version: int
    at: datetime
    what: str


@bp.get("")
@staff_only
def inbox() -> str:
    now = clock.now()
    tab = request.args.get("tab", "new")
    if tab not in TABS:
        abort(404)
    form = SearchForm(request.args)
    search, all_rooms = form.search.text, [room for room in room_rows().values() if not room.together]
    room_id = next((room.id for room in all_rooms if str(room.id) == form.room.text), None)
    shown = list(_wanted(search, room_id))
    numbers, total, keys_today = _count(tab, shown, now)
    page = page_of(_ordered(tab).where(*shown).params(now=now), total)
    noted = _noted()
    return render_template(
        "staff/inbox.html",
        now=now,
        tab=tab,
        numbers=numbers,
        keys_today=keys_today,
        last_id=max(to_do().requests, default=0),
        lines=_lines(page.items, noted.put_off_by, now),
        late=overdue(now),
        page=page,
        news=noted.news,
        search=search,
        room_id=room_id,
        rooms=all_rooms,
        page_url=lambda number: url_for(
            ".inbox", tab=request.args.get("tab"), search=search or None, room=room_id, page=number
        ),
    )


@bp.get("/neu")
@staff_only
def newcomers() -> Response:
    """How many requests have come in since the one with this id (``?nach=12``), in words; empty where none has."""
    last = request.args.get("nach", 0, type=int)
    number = sum(id_ > last for id_ in to_do().requests)
    words = ngettext("Show %(num)d new request", "Show %(num)d new requests", number) if number else ""
    return Response(words, mimetype="text/plain")


@bp.post("/anfragen/<reference>/gesehen")
@staff_only
def seen(reference: str) -> AnyResponse:
    """Take what a group has done from the inbox."""
    try:
        deciding.note_seen(booking_of(reference), **signed())
    except Stale:
        flash(gettext("The group has done something else meanwhile. Have a look at it first."), "error")
    return redirect(url_for(".inbox", _anchor="news"), 303)


def _select_noted() -> sa.Select[LogEntry, str, str, str, str, int]:
    later = aliased(LogEntry)
    is_newer = sa.and_(later.booking_id == LogEntry.booking_id, later.id > LogEntry.id)
    is_news = sa.and_(
        LogEntry.actor == "group",
        LogEntry.action.in_(log.NEWS),
        ~sa.exists().where(is_newer, later.actor == "team"),
    )
    is_put_off = sa.and_(LogEntry.action == "later", ~sa.exists().where(is_newer), LogEntry.booking_id.in_(open_ids()))
    latest = sa.select(sa.func.max(LogEntry.id)).scalar_subquery()
    return (
        sa.select(LogEntry, StaffMember.name, *(Booking.reference, Booking.title, Initiative.name, Booking.version))
        .join(Booking, Booking.id == LogEntry.booking_id)
        .join(Booking.initiative)
        .outerjoin(LogEntry.staff_member)
        .where(LogEntry.id > latest - NEWS_AMONG, sa.or_(is_news, is_put_off))
        .order_by(LogEntry.id.desc())
        .limit(MOST_NEWS + MOST_PUT_OFF)
    )


_NOTED = _select_noted()  # to make it anew takes longer than to run it


class Noted(NamedTuple):
    """What the record says of bookings until something else happens: news of groups, and who has put one off."""

    news: list[NewsLine]
    put_off_by: dict[int, str]  # by the ids of bookings


def _noted() -> Noted:
    """What groups have done since somebody of the team last did something with their bookings, the latest first, and
    what was put off."""
    rows = db.session.execute(_NOTED).all()
    lines: dict[str, NewsLine] = {}
    for entry, _, reference, *about in [row for row in rows if row[0].actor == "group"][:MOST_NEWS]:
        what = log.step(entry).team.of(entry.count)
        if known := lines.get(str(reference)):
            lines[known.reference] = known._replace(what=f"{what}, {known.what}")
        else:
            lines[str(reference)] = NewsLine._make((reference, *about, entry.at, what))
    put_off = {entry.booking_id or 0: name or "" for entry, name, *_ in rows if entry.action == "later"}
    return Noted([*lines.values()], put_off)


def _tabs() -> dict[str, sa.ColumnElement[bool]]:
    """Which bookings each tab shows at the instant ``now``. One can be in several, as each of its dates has its own
    fate."""
    is_asked = db.and_(Booking.question != "", Booking.answer == "", is_open())
    wished = (
        sa.select(Occurrence.booking_id)
        .join(Occurrence.changes)
        .where(Change.state == "open", Change.proposed_by == "group", Occurrence.end > sa.bindparam("now"))
    )
    # Such dates are few and found by their status; of each booking asked for, they would be looked for among all.
    proposed = sa.select(Occurrence.booking_id).where(Occurrence.status == Status.PROPOSED)
    waiting = {
        "new": is_open(),
        "group": db.or_(is_asked, Booking.id.in_(proposed)),
        "wishes": db.or_(Booking.title_wish != "", Booking.url_wish != "", Booking.id.in_(wished)),
    }
    return {**waiting, "done": ~db.or_(*waiting.values()), "all": db.true()}


def _count(tab: str, shown: Sequence[sa.ColumnElement[bool]], now: datetime) -> tuple[dict[str, int], int, int]:
    """How many bookings there are in each tab, how many of this one are shown, and how many keys are to be handed out
    today: one statement."""
    zone = house().zone
    today = day_of(now, zone)
    begin, end = (Slot.on(day, time(0), 1, zone).start for day in (today, today + timedelta(days=1)))
    counting = _counting(tab, *shown) if shown else _counting_all(tab)
    row = db.session.execute(counting, {"now": now, "begin": begin, "end": end}).one()
    return dict(zip(TABS, row, strict=False)), row[-2], row[-1]


def _counting(tab: str, *shown: sa.ColumnElement[bool]) -> sa.Select[Any]:
    is_shown = db.and_(db.true(), *shown).label("shown")
    each = db.select(is_shown, *(found.label(name) for name, found in _tabs().items())).subquery()
    numbers = [db.func.count(db.case((each.c[name], 1))).label(name) for name in TABS]
    is_counted = db.case((db.and_(each.c.shown, each.c[tab]), 1))
    counting: sa.Select[Any] = db.select(*numbers, db.func.count(is_counted), _keys_today())
    return counting


_counting_all = cache(_counting)  # without a filter: to make it anew takes longer than to run it


def _keys_today() -> sa.ScalarSelect[int]:
    """How many groups need a key for a date between ``begin`` and ``end`` and have none."""
    has_one = sa.exists().where(KeyLoan.booking_id == Booking.id, KeyLoan.returned_at.is_(None))
    return (
        sa.select(sa.func.count(Booking.id.distinct()))
        .join(Booking.occurrences)
        .where(Occurrence.status == Status.APPROVED)
        .where(Occurrence.start >= sa.bindparam("begin"), Occurrence.start < sa.bindparam("end"))
        .where(Occurrence.end > sa.bindparam("now"), Booking.way_in == "need", ~has_one)
        .scalar_subquery()
    )


@cache
def _ordered(tab: str) -> sa.Select[Booking]:
    """The bookings of a tab at the instant ``now``: what somebody waits for, the longest wait first; all else, the
    newest first.

    What is shown of their dates is read apart, without an object for each.
    """
    bookings = sa.select(Booking).options(joinedload(Booking.initiative), lazyload(Booking.occurrences))
    if tab in WAITING:
        return bookings.where(_tabs()[tab]).order_by(Booking.created_at, Booking.id)
    return bookings.where(_tabs()[tab]).order_by(Booking.created_at.desc(), Booking.id.desc())


def _wanted(search: str, room_id: int | None) -> Iterator[sa.ColumnElement[bool]]:
    if search:
        yield db.or_(
            Booking.title.icontains(search, autoescape=True),
            Booking.reference.icontains(search, autoescape=True),
            Booking.initiative.has(Initiative.name.icontains(search, autoescape=True)),
        )
    if room_id:
        wanted = [room.id for room in rooms_with(room_rows()[room_id])]
        yield Booking.occurrences.any(Occurrence.room_id.in_(wanted))


_DATES = (
    sa.select(*PlainDate.columns(), Change.id)
    .outerjoin(
        Change, sa.and_(Change.occurrence_id == Occurrence.id, Change.state == "open", Change.proposed_by == "group")
    )
    .where(Occurrence.booking_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(Occurrence.start)
)


def _lines(bookings: Sequence[Booking], put_off_by: Mapping[int, str], now: datetime) -> list[InboxLine]:
    """Requests as the inbox shows them. Their dates are read as plain rows; what they meet is asked in one go."""
    found = db.session.execute(_DATES, {"ids": [booking.id for booking in bookings]})
    rooms, rows, wishes = room_rows(), [], Counter[int]()
    for *values, wish_id in found:
        rows.append(PlainDate._make(values))
        wishes[rows[-1].booking_id] += wish_id is not None
    still_open = [row for row in rows if row.status is Status.REQUESTED]
    met = found_at([Wanted(rooms[row.room_id], row.occupied) for row in still_open], now, house_rules().tight)
    kinds = {}
    for row, each in zip(still_open, met, strict=True):
        kind = desk.kind_of(each, is_wanted=any(rival.booking_id != row.booking_id for rival in each.rivals))
        kinds[row.id] = kind, each.gap is not None and kind == "free"
    dates = defaultdict(list)
    for row in rows:
        dates[row.booking_id].append((row, *kinds.get(row.id, (row.status.value, False))))
    return [_line(each, dates[each.id], wishes[each.id], put_off_by.get(each.id, ""), now) for each in bookings]


def _line(booking: Booking, dates: Sequence[Seen], wishes: int, put_off_by: str, now: datetime) -> InboxLine:
    rooms, is_open = room_rows(), any(date.status is Status.REQUESTED for date, _, _ in dates)
    waits, is_late = age(booking.created_at, now) if is_open else ("", False)
    return InboxLine(
        url=path_of_request(booking.reference),
        reference=booking.reference,
        title=booking.title,
        sentence=filters.sentence(booking, [date for date, _, _ in dates]),
        group=booking.initiative.name,
        kind=booking.initiative.kind,
        people=booking.people,
        rooms=", ".join(rooms[id_].name for id_ in dict.fromkeys(date.room_id for date, _, _ in dates)),
        any_room=not booking.room_wish_id,
        is_for_all=booking.is_open,
        way_in=booking.way_in,
        needs_access=bool(booking.access_needs),
        run=_run(dates) if len(dates) > 1 else Markup(),
        counts=_counts(dates),
        wishes=wishes,
        wishes_words=booking.wishes_words,
        has_question=is_open and bool(booking.question),
        has_answer=is_open and bool(booking.question and booking.answer),
        received="" if is_open else wording.full_date(day_of(booking.created_at, house().zone), locale.selected()),
        age=waits,
        is_late=is_late,
        put_off_by=put_off_by if is_open else "",
    )


def _counts(dates: Sequence[Seen]) -> tuple[tuple[str, int], ...]:
    """How many dates are what; after the free ones, how many of them are tight."""
    tight, found = sum([is_tight for _, _, is_tight in dates]), []
    for kind, number in desk.count([kind for _, kind, _ in dates]):
        found.append((kind, number))
        if kind == "free" and tight:
            found.append(("tight", tight))
    return tuple(found)


def _run(dates: Sequence[Seen]) -> Markup:
    """All dates as one line of marks, from left to right, months apart; the same in words stands beside it."""
    zone, x, before, marks = house().zone, 2, None, ""
    for row, kind, is_tight in dates:
        local = row.start.astimezone(zone)
        month = local.year, local.month
        x += GAP if before not in (None, month) else 0
        begin, right, end = MARKS.get("tight" if is_tight else kind, GONE)
        marks += f"{begin}{x + right}{end}"
        x, before = x + STEP, month
    return Markup(RUN.format(x - STEP + 8, marks))  # noqa: S704 - all of it stands above
