"""The public plan of a period as plain rows: what is approved, moved or cancelled."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from booking.database import db
from booking.domain.slot import Slot
from booking.domain.status import PUBLIC, Status
from booking.house import RoomRow, closures, house, room_rows
from booking.models import Booking, Closure, Initiative, Occurrence


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """One line of the public plan. A closed group has no title, group and link here.

    ``slot`` is where the line stands; ``moved_away``: on the day or time where
    the date used to be, while ``start`` tells when it is now.
    """

    occurrence_id: int
    slot: Slot
    room: RoomRow
    title: str
    group: str
    url: str
    is_open: bool
    open_end: bool
    doors: datetime | None
    cancelled: bool
    moved_away: bool
    start: datetime
    end: datetime
    now_in: RoomRow
    original_start: datetime
    original_room: RoomRow

    @property
    def is_off(self) -> bool:
        """Whether nothing takes place here."""
        return self.cancelled or self.moved_away

    @property
    def is_moved(self) -> bool:
        return self.start != self.original_start or self.now_in is not self.original_room


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """What the public sees of one day, earliest first. ``closure``: the whole house is closed all day."""

    day: date
    closure: Closure | None
    rows: tuple[AgendaRow, ...]


def agenda(first: date, days: int, *, most: int | None = None, room_ids: Sequence[int] = ()) -> list[AgendaDay]:
    """The public plan of ``days`` days from ``first``, both local: what is approved, moved or cancelled.

    ``most``: end before the day on which there would be more lines than that;
    each day that is there is complete, and the first with any always is there.
    ``room_ids``: only what is in these rooms.
    """
    zone = house().zone
    midnights = _midnights(first, days)
    found = agenda_rows(midnights[0], midnights[-1], most=None if most is None else most + 1, room_ids=room_ids)
    if most is not None and len(found) > most:
        first_on, cut = (_day_number(row, midnights) for row in (found[0], found[-1]))
        days = cut or 1
        if cut == first_on:
            days = cut + 1
            found = agenda_rows(midnights[0], midnights[days], room_ids=room_ids)
    rows: dict[date, list[AgendaRow]] = defaultdict(list)
    for row in found:
        rows[row.slot.start.astimezone(zone).date()].append(row)
    closed = closed_days(first, days)
    every = [first + timedelta(days=n) for n in range(days)]
    return [AgendaDay(day, closed.get(day), tuple(rows[day])) for day in every]


def _day_number(row: AgendaRow, midnights: Sequence[datetime]) -> int:
    return bisect_right(midnights, row.slot.start) - 1


def closed_days(first: date, days: int) -> dict[date, Closure]:
    """The days of ``days`` from ``first`` on which the whole house is closed all day, with their closures."""
    midnights = _midnights(first, days)
    return {
        first + timedelta(days=n): closure
        for closure in reversed(closures(midnights[0], midnights[-1]))
        for n in range(days)
        if closure.room_id is None and closure.start <= midnights[n] and closure.end >= midnights[n + 1]
    }


def _midnights(first: date, days: int) -> list[datetime]:
    """When each of the days begins, and when the last one is over."""
    zone = house().zone
    return [Slot.on(first + timedelta(days=n), time(0), 1, zone).start for n in range(days + 1)]


def agenda_rows(
    begin: datetime,
    end: datetime,
    *,
    most: int | None = None,
    open_only: bool = False,
    room_ids: Sequence[int] = (),
) -> list[AgendaRow]:
    """The lines of the public plan that stand between two instants, half-open, earliest first.

    ``most``: not more than the first so many. One statement, which looks into
    an index for each status and for where dates are and used to be.
    """
    looks = [
        _look(status, begin, end, most, open_only, room_ids, former=former)
        for status in sorted(PUBLIC)
        for former in (False, True)
        if not (former and status is Status.CANCELLED)
    ]
    here = sa.union_all(*(sa.select(look.subquery().c.id) for look in looks))
    room_of = room_rows()
    found = [
        row
        for one in db.session.execute(_COLUMNS.where(Occurrence.id.in_(here)))
        for row in _rows_of(one, room_of)
        if begin <= row.slot.start < end and (not room_ids or row.room.id in room_ids)
    ]
    found.sort(key=lambda row: (row.slot.start, row.room.position, row.occurrence_id))
    return found[:most]


def _look(
    status: Status,
    begin: datetime,
    end: datetime,
    most: int | None,
    open_only: bool,
    room_ids: Sequence[int],
    *,
    former: bool,
) -> sa.Select[int]:
    """The ids of dates of one status that are, or used to be, between two instants."""
    moment = Occurrence.original_start if former else Occurrence.start
    look = sa.select(Occurrence.id).where(Occurrence.status == status, moment >= begin, moment < end)
    if former:
        look = look.where(Occurrence.start != Occurrence.original_start)
    if open_only:
        look = look.where(sa.exists().where(Booking.id == Occurrence.booking_id, Booking.is_open))
    if room_ids:
        room_id = Occurrence.original_room_id if former else Occurrence.room_id
        look = look.where(room_id.in_(room_ids))
    return look if most is None else look.order_by(moment).limit(most)


_COLUMNS = (
    sa.select(
        Occurrence.id,
        Occurrence.start,
        Occurrence.end,
        Occurrence.room_id,
        Occurrence.original_start,
        Occurrence.original_room_id,
        Occurrence.doors,
        Occurrence.status,
        Booking.title,
        Booking.url,
        Booking.is_open,
        Booking.open_end,
        Initiative.name,
    )
    .join(Booking, Booking.id == Occurrence.booking_id)
    .join(Initiative, Initiative.id == Booking.initiative_id)
)


def _rows_of(one: Any, room_of: Mapping[int, RoomRow]) -> Iterator[AgendaRow]:
    """The line of a date, and the one that stands where it used to be."""
    start, end, room, former_room = one.start, one.end, room_of[one.room_id], room_of[one.original_room_id]
    cancelled = one.status is Status.CANCELLED
    is_open = one.is_open
    row = AgendaRow(
        occurrence_id=one.id,
        slot=Slot(start, end),
        room=room,
        title=one.title if is_open else "",
        group=one.name if is_open and one.name != one.title else "",
        url=one.url if is_open else "",
        is_open=is_open,
        open_end=one.open_end,
        doors=one.doors,
        cancelled=cancelled,
        moved_away=False,
        start=start,
        end=end,
        now_in=room,
        original_start=one.original_start,
        original_room=former_room,
    )
    yield row
    if start != one.original_start and not cancelled:
        former = Slot(one.original_start, one.original_start + (end - start))
        yield replace(row, slot=former, room=former_room, moved_away=True)
