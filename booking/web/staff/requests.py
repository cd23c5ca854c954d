"""Requests and dates as plain rows, for lists and numbers: what is open, since when, and what waits to be sent."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import request
from flask_babel import gettext, ngettext

from booking import clock
from booking.database import db, is_known, once
from booking.domain.days_off import days_off
from booking.domain.policy import before_working_days
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import RoomRow, house, opening_hours, room_rows, working_days
from booking.letters import outbox
from booking.models import Booking, Initiative, Occurrence, StaffMember, day_of
from booking.web import filters


class PlainDate(NamedTuple):
    """A date, read as a plain row: of lists, where an object for each would take longer than the page may."""

    id: int
    booking_id: int
    room_id: int
    start: datetime
    end: datetime
    before_minutes: int
    after_minutes: int
    status: Status

    @classmethod
    def columns(cls) -> list[Any]:
        return [getattr(Occurrence, name) for name in cls._fields]

    @property
    def room(self) -> RoomRow:
        return room_rows()[self.room_id]

    @property
    def slot(self) -> Slot:
        return Slot(self.start, self.end)

    @property
    def occupied(self) -> Slot:
        """What it takes of its room, set-up and tidying up included."""
        if not (self.before_minutes or self.after_minutes):
            return Slot(self.start, self.end)  # without a further call, as a page asks this of hundreds
        return self.slot.widened(timedelta(minutes=self.before_minutes), timedelta(minutes=self.after_minutes))


class NamedDate(NamedTuple):
    """A date of any booking, with what the team reads of it."""

    date: PlainDate
    title: str
    reference: str
    group: str
    decided_at: datetime | None
    decided_by: str | None

    @property
    def words(self) -> str:
        """KI-Meetup (eigenes Team): the title of a booking and whose it is."""
        if self.group == self.title:
            return self.title
        return gettext("%(title)s (%(group)s)", title=self.title, group=self.group)


def named_dates(ids: Collection[int], also: sa.ColumnElement[bool]) -> list[NamedDate]:
    """The dates of these ids and some others, earliest first."""
    more = (Booking.title, Booking.reference, Initiative.name, Occurrence.decided_at, StaffMember.name)
    rows = db.session.execute(
        db.select(*PlainDate.columns(), *more)
        .join(Occurrence.booking)
        .join(Booking.initiative)
        .outerjoin(Occurrence.decided_by)
        .where(db.or_(Occurrence.id.in_(ids), also))
        .order_by(Occurrence.start, Occurrence.id)
    )
    return [NamedDate(PlainDate(*row[: -len(more)]), *row[-len(more) :]) for row in rows]


def path_of_request(reference: str) -> str:
    """The page of a request: of lists, where ``url_for`` would take longer than all else of a line."""
    return f"{request.script_root}/team/anfragen/{reference}"


class OpenRequest(NamedTuple):
    """A request with dates that nobody has decided, read as a plain row."""

    id: int
    reference: str
    created_at: datetime
    title: str
    people: int
    initiative_id: int
    group: str


class ToDo(NamedTuple):
    """What waits for the team: requests, by the ids of their bookings, the longest wait first; and letters."""

    requests: dict[int, OpenRequest]
    letters: outbox.NotGone


class ToDoInShort(NamedTuple):
    """How many requests wait, and what is known of the letters."""

    requests: int
    letters: outbox.NotGone


def is_open() -> sa.ColumnElement[bool]:
    """Whether a booking has dates that nobody has decided: they are few, and found by their status."""
    return Booking.id.in_(open_ids())


def open_ids() -> sa.Select[int]:
    """The bookings with such dates, by their ids."""
    return sa.select(Occurrence.booking_id).where(Occurrence.status == Status.REQUESTED)


# Every page of the team asks one of these; to make it anew takes longer than to run it. A row of letters at least.
_LETTERS = outbox.NOT_GONE.subquery()
_TO_DO = (
    sa.select(*_LETTERS.c, *(getattr(Booking, name) for name in OpenRequest._fields[:-1]), Initiative.name)
    .select_from(_LETTERS)
    .outerjoin(Booking, is_open())
    .outerjoin(Booking.initiative)
    .order_by(Booking.created_at, Booking.id)
)
_IN_SHORT = sa.select(
    *_LETTERS.c,
    sa.select(sa.func.count(Occurrence.booking_id.distinct()))
    .where(Occurrence.status == Status.REQUESTED)
    .scalar_subquery(),
)


def to_do() -> ToDo:
    """One statement, asked once for a page."""
    return once(_to_do)


def to_do_in_short() -> ToDoInShort:
    """The same for pages that tell the number of requests alone."""
    if is_known(_to_do):
        requests, letters = to_do()
        return ToDoInShort(len(requests), letters)
    return once(_to_do_in_short)


def _to_do() -> ToDo:
    now = clock.now()
    rows = db.session.execute(_TO_DO, {"now": now}).all()
    requests = (OpenRequest(*request) for _, _, _, *request in rows)
    return ToDo({each.id: each for each in requests if each.id}, outbox.NotGone.read(now, *rows[0][:3]))


def _to_do_in_short() -> ToDoInShort:
    now = clock.now()
    *letters, requests = db.session.execute(_IN_SHORT, {"now": now}).one()
    return ToDoInShort(requests, outbox.NotGone.read(now, *letters))


def overdue_before(now: datetime) -> datetime:
    """What came in before this instant has been waiting for longer than the house promises."""
    place, number = house(), house().answer_working_days + 1
    today = day_of(now, place.zone)
    off = days_off(today - timedelta(weeks=2 * number + 9), today, place.country, place.subdivision, "de").public
    last = before_working_days(today, number, opening_hours(), off)
    return Slot.on(last + timedelta(days=1), time(0), 1, place.zone).start


def age(created_at: datetime, now: datetime) -> tuple[str, bool]:
    """For how long a request has been waiting, in words, and whether that is too long."""
    return ages([created_at], now)[0]


def ages(every: Sequence[datetime], now: datetime) -> list[tuple[str, bool]]:
    """The same for several: most of a list came in on a few days."""
    zone, known = house().zone, dict[date, tuple[str, bool]]()
    today, found = day_of(now, zone), []
    for created_at in every:
        received = day_of(created_at, zone)
        if received == today:
            found.append((gettext("today, %(time)s", time=filters.local_clock(created_at)), False))
            continue
        if received not in known:
            known[received] = _age_of_day(received, working_days(created_at, now))
        found.append(known[received])
    return found


def _age_of_day(received: date, days: int) -> tuple[str, bool]:
    if days > house().answer_working_days:
        return ngettext("overdue: %(num)d working day", "overdue: %(num)d working days", days), True
    if days:
        return ngettext("for %(num)d working day", "for %(num)d working days", days), False
    return gettext("since %(day)s", day=filters.short_day(received)), False
