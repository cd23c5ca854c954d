"""The public plan of a period as plain rows: what is approved, moved or cancelled."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from booking.database import db
from booking.domain.slot import Slot
from booking.domain.status import PUBLIC, Status
from booking.house import RoomRow, closures, house, room_rows
from booking.models import Booking, Closure, Initiative, Occurrence, Room


class AgendaRow(NamedTuple):
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


class AgendaDay(NamedTuple):
    """What the public sees of one day, earliest first. ``closure``: the whole house is closed all day.

    ``number``: how many lines there are, where ``rows`` are only the first of them.
    """

    day: date
    closure: Closure | None
    rows: list[AgendaRow]
    number: int


class Look(NamedTuple):
    """Which lines are asked for: those that stand between two instants, half-open.

    ``most``: not more than the first so many. ``room_ids``: only what is in these rooms.
    """

    begin: datetime
    end: datetime
    most: int | None = None
    open_only: bool = False
    room_ids: Sequence[int] = ()


def agenda(first: date, days: int, *, most: int | None = None, room_ids: Sequence[int] = ()) -> list[AgendaDay]:
    """The public plan of ``days`` days from ``first``, both local.

    ``most``: end before the day on which there would be more lines than that. Of
    the first day with any, which always is there, the first so many.
    """
    midnights = _midnights(first, days)
    (found,) = agenda_rows(Look(midnights[0], midnights[-1], most and most + 1, room_ids=room_ids))
    rows: dict[int, list[AgendaRow]] = defaultdict(list)
    for row in found:
        rows[bisect_right(midnights, row.slot.start) - 1].append(row)
    numbers = {}
    if most is not None and len(found) > most:
        *whole, cut = rows
        days = cut if whole else cut + 1
        if not whole:
            rows[cut].pop()
            numbers[cut] = _number_of_lines(midnights[cut], midnights[cut + 1])
    closed = closed_days(first, days)
    every = [first + timedelta(days=n) for n in range(days)]
    return [AgendaDay(day, closed.get(day), rows[n], numbers.get(n, len(rows[n]))) for n, day in enumerate(every)]


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


def agenda_rows(*looks: Look) -> list[list[AgendaRow]]:
    """The lines of each look, earliest first, all of them read by one statement."""
    room_of = room_rows()
    found: list[list[AgendaRow]] = [[] for _ in looks]
    for place, *values in db.session.execute(_statement(*map(_shape, looks)), _parameters(looks)):
        found[place // 2].append(_row(place % 2 == 1, room_of, *values))
    for rows in found:
        rows.sort(key=lambda row: (row.slot.start, row.room.position, row.occurrence_id))
    return [rows[: look.most] for rows, look in zip(found, looks, strict=True)]


def _number_of_lines(begin: datetime, end: datetime) -> int:
    looks = (Look(begin, end),)
    lines = sa.union_all(*_lines(0, _shape(looks[0]))).subquery()
    return db.session.execute(sa.select(sa.func.count()).select_from(lines), _parameters(looks)).scalar_one()


#: Of the tables and not of the classes: rows are all that is wanted, and the session takes longer for them.
_DATE, _BOOKING, _GROUP, _ROOM = (each.__table__ for each in (Occurrence, Booking, Initiative, Room))


class _Shape(NamedTuple):
    """What of a look makes another statement, while its values do not."""

    has_most: bool
    open_only: bool
    has_rooms: bool


def _shape(look: Look) -> _Shape:
    return _Shape(look.most is not None, look.open_only, bool(look.room_ids))


def _parameters(looks: Sequence[Look]) -> dict[str, Any]:
    return {f"{name}_{number}": value for number, look in enumerate(looks) for name, value in look._asdict().items()}


@cache
def _statement(*shapes: _Shape) -> sa.Select[Any]:
    """The dates of some looks, once for each line. ``place``: the number of the look, times two, and one for a line
    that stands where the date used to be."""
    lines = sa.union_all(*(line for number, shape in enumerate(shapes) for line in _lines(number, shape))).subquery()
    return (
        sa.select(
            lines.c.place,
            _DATE.c.id,
            _DATE.c.start,
            _DATE.c.end,
            _DATE.c.room_id,
            _DATE.c.original_start,
            _DATE.c.original_room_id,
            _DATE.c.doors,
            _DATE.c.status,
            _BOOKING.c.title,
            _BOOKING.c.url,
            _BOOKING.c.is_open,
            _BOOKING.c.open_end,
            _GROUP.c.name,
        )
        .select_from(lines)
        .join(_DATE, _DATE.c.id == lines.c.id)
        .join(_BOOKING, _BOOKING.c.id == _DATE.c.booking_id)
        .join(_GROUP, _GROUP.c.id == _BOOKING.c.initiative_id)
    )


def _lines(number: int, shape: _Shape) -> list[sa.Select[Any]]:
    """The ids of the dates of one look: for each status those that are there, and those that were moved away.

    Each of them goes through an index of its own.
    """
    return [
        _lines_of(status, number, shape, is_former=is_former)
        for status in sorted(PUBLIC)
        for is_former in (False, True)
        if not (is_former and status is Status.CANCELLED)
    ]


def _lines_of(status: Status, number: int, shape: _Shape, *, is_former: bool) -> sa.Select[Any]:
    def given(name: str, kind: Any, **options: Any) -> Any:
        return sa.bindparam(f"{name}_{number}", type_=kind, **options)

    moment, room_id = (
        (_DATE.c.original_start, _DATE.c.original_room_id) if is_former else (_DATE.c.start, _DATE.c.room_id)
    )
    begin, end = given("begin", moment.type), given("end", moment.type)
    place: sa.Label[int] = sa.literal_column(str(2 * number + is_former)).label("place")
    lines = sa.select(_DATE.c.id, place).where(_DATE.c.status == status, moment >= begin, moment < end)
    if is_former:
        lines = lines.where(_DATE.c.start != _DATE.c.original_start)
    if shape.open_only:
        lines = lines.where(sa.exists().where(_BOOKING.c.id == _DATE.c.booking_id, _BOOKING.c.is_open))
    if shape.has_rooms:
        lines = lines.where(room_id.in_(given("room_ids", sa.Integer, expanding=True)))
    if shape.has_most:
        lines = lines.join(_ROOM, _ROOM.c.id == room_id).order_by(moment, _ROOM.c.position, _DATE.c.id)
        lines = sa.select(lines.limit(given("most", sa.Integer)).subquery())
    return lines


def _row(
    moved_away: bool,
    room_of: dict[int, RoomRow],
    occurrence_id: int,
    start: datetime,
    end: datetime,
    room_id: int,
    former: datetime,
    former_room_id: int,
    doors: datetime | None,
    status: Status,
    title: str,
    url: str,
    is_open: bool,
    open_end: bool,
    group: str,
) -> AgendaRow:
    room, former_room = room_of[room_id], room_of[former_room_id]
    return AgendaRow(
        occurrence_id,
        Slot(former, former + (end - start)) if moved_away else Slot(start, end),
        former_room if moved_away else room,
        title if is_open else "",
        group if is_open and group != title else "",
        url if is_open else "",
        is_open,
        open_end,
        doors,
        status is Status.CANCELLED,
        moved_away,
        start,
        end,
        room,
        former,
        former_room,
    )
