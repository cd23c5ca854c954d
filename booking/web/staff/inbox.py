"""The inbox: who has asked, and what of it is undecided."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Bundle, aliased
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, deciding, log
from booking.database import db
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import house, room_rows, rooms_with
from booking.lifecycle import Stale
from booking.models import Booking, Change, Initiative, KeyLoan, LogEntry, Occurrence, StaffMember, day_of
from booking.web.access import staff_only
from booking.web.staff.forms import SearchForm
from booking.web.staff.frame import booking_of, bp, page_of, signed
from booking.web.staff.inbox_lines import PlainRequest, read_lines
from booking.web.staff.requests import open_ids, overdue_before, to_do

#: Of these somebody waits for an answer.
WAITING = ("new", "group", "wishes")
TABS = (*WAITING, "done", "all")

#: So many entries of the record are looked through for news, and so many of them shown.
NEWS_AMONG, MOST_NEWS = 20_000, 40
MOST_PUT_OFF = 300


class Numbers(NamedTuple):
    """How many bookings each tab has, and how many of the one at hand are shown; how many requests have waited for too
    long, and the id of the last one; how many keys are to be handed out today."""

    of_tabs: dict[str, int]
    shown: int
    late: int
    last_id: int
    keys_today: int


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
    numbers = _count(tab, shown, now)
    page = page_of(_ordered(tab).where(*shown).params(now=now), numbers.shown)
    noted = _noted()
    return render_template(
        "staff/inbox.html",
        now=now,
        tab=tab,
        numbers=numbers.of_tabs,
        keys_today=numbers.keys_today,
        last_id=numbers.last_id,
        lines=read_lines([PlainRequest(*row) for row in page.items], noted.put_off_by, now),
        late=numbers.late,
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


def _waiting(undecided: sa.Select[int]) -> dict[str, list[sa.Select[int]]]:
    """The ids of the bookings in each tab of those that wait, at the instant ``now``. One can be in several, as each of
    its dates has its own fate. ``undecided``: the ids of those with dates that nobody has decided.

    All of them are few and found as what they are; of each booking it would be asked in vain.
    """
    asked = sa.select(Booking.id).where(Booking.question != "", Booking.answer == "", Booking.id.in_(undecided))
    proposed = sa.select(Occurrence.booking_id).where(Occurrence.status == Status.PROPOSED)
    words = sa.select(Booking.id).where(sa.or_(Booking.title_wish != "", Booking.url_wish != ""))
    dates = (
        sa.select(Occurrence.booking_id)
        .join(Occurrence.changes)
        .where(Change.state == "open", Change.proposed_by == "group", Occurrence.end > sa.bindparam("now"))
    )
    return {"new": [undecided], "group": [asked, proposed], "wishes": [words, dates]}


def _is_in(tab: str) -> sa.ColumnElement[bool]:
    """Whether a booking is in a tab."""
    if tab == "all":
        return sa.true()
    waiting = _waiting(open_ids())
    return Booking.id.in_(sa.union(*waiting[tab])) if tab in waiting else ~Booking.id.in_(_all_of(waiting))


def _count(tab: str, shown: Sequence[sa.ColumnElement[bool]], now: datetime) -> Numbers:
    """All numbers of the page in one statement."""
    zone = house().zone
    today = day_of(now, zone)
    begin, end = (Slot.on(day, time(0), 1, zone).start for day in (today, today + timedelta(days=1)))
    counting = _counting(tab, *shown) if shown else _counting_all(tab)
    values = {"now": now, "begin": begin, "end": end, "late": overdue_before(now)}
    *of_tabs, number, late, last_id, keys_today = db.session.execute(counting, values).one()
    return Numbers(dict(zip(TABS, of_tabs, strict=True)), number, late, last_id or 0, keys_today)


def _counting(tab: str, *shown: sa.ColumnElement[bool]) -> sa.Select[Any]:
    undecided = open_ids().distinct().cte("undecided").prefix_with("MATERIALIZED")
    ids = sa.select(undecided.c.booking_id)
    waiting = _waiting(ids)
    numbers = {name: _number_of(sa.union(*found).subquery()) for name, found in waiting.items()}
    numbers["all"] = _number_of(Booking.__table__)
    numbers["done"] = numbers["all"] - _number_of(_all_of(waiting).subquery())
    is_late = Booking.created_at < sa.bindparam("late"), Booking.id.in_(ids)
    columns = [
        *(numbers[name].label(name) for name in TABS),
        _number_of(Booking.__table__, *shown, _is_in(tab)) if shown else numbers[tab],
        _number_of(Booking.__table__, *is_late),
        sa.select(sa.func.max(undecided.c.booking_id)).scalar_subquery(),
        _keys_today(),
    ]
    return sa.select(*columns)


def _all_of(waiting: dict[str, list[sa.Select[int]]]) -> sa.CompoundSelect[int]:
    return sa.union(*itertools.chain(*waiting.values()))


def _number_of(rows: sa.FromClause, *these: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.select(sa.func.count()).select_from(rows).where(*these).scalar_subquery()


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
def _ordered(tab: str) -> sa.Select[Any]:
    """The bookings of a tab at the instant ``now``, as plain rows: what somebody waits for, the longest wait first; all
    else, the newest first."""
    *of_booking, _, _, _ = PlainRequest._fields
    more = sa.cast(Booking.rule, sa.String), Initiative.name, Initiative.kind
    columns = [*(getattr(Booking, name) for name in of_booking), *more]
    line = Bundle[Any]("line", *columns)  # one column for the pagination
    bookings = sa.select(line).join(Booking.initiative).where(_is_in(tab))
    if tab in WAITING:
        return bookings.order_by(Booking.created_at, Booking.id)
    return bookings.order_by(Booking.created_at.desc(), Booking.id.desc())


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
