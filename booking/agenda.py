"""The public plan of a period as plain rows: what is approved, moved or cancelled."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import sqlalchemy as sa

from booking.database import db
from booking.domain.board import LINGERS
from booking.domain.days_off import days_off
from booking.domain.slot import Slot
from booking.domain.status import HOLDS_ROOM, PUBLIC, Status
from booking.house import RoomRow, closures, house, room_rows
from booking.languages import DEFAULT, WHOLE
from booking.models import Booking, Closure, Initiative, Occurrence, Room

#: What began longer ago than this is among the first to be left out of a plan that is too long.
LATE = timedelta(minutes=30)


class AgendaRow(NamedTuple):
    """One line of the public plan. A closed group has no title, group and slug here.

    ``group`` is empty where the title names it, ``slug`` where the group is not
    named in public. ``slot`` is where the line stands; ``moved_away``: on the day
    or time where the date used to be, while ``start`` tells when it is now.
    """

    slot: Slot
    room: RoomRow
    moved_away: bool
    now_in: RoomRow
    original_room: RoomRow
    start: datetime
    end: datetime
    original_start: datetime
    occurrence_id: int
    doors: datetime | None
    cancelled: bool
    title: str
    group: str
    slug: str
    is_open: bool
    open_end: bool

    def __hash__(self) -> int:
        """By what tells most rows apart: pages look up by them what they have kept."""
        return hash((self.occurrence_id, self.slot))

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


class Beginning(NamedTuple):
    """The first lines of a day, or those for which people come now.

    ``left_out``: how many more meetings take place, by the time at which they end
    or, of a day to come, all by its end.
    """

    day: date
    closure: Closure | None
    rows: list[AgendaRow]
    left_out: Counter[datetime]


class LookKind(NamedTuple):
    """By what the statements of looks differ."""

    has_most: bool
    open_only: bool
    has_rooms: bool
    is_of_now: bool


class Look(NamedTuple):
    """Which lines are asked for: those that stand between two instants, half-open.

    ``most``: not more than the first so many. ``room_ids``: only what is in these rooms. ``now``: none that can go from
    the plan of the day by then.
    """

    begin: datetime
    end: datetime
    most: int | None = None
    open_only: bool = False
    room_ids: Sequence[int] = ()
    now: datetime | None = None

    @property
    def kind(self) -> LookKind:
        return LookKind(self.most is not None, self.open_only, bool(self.room_ids), self.now is not None)


def agenda(
    first: date, days: int, *, most: int | None = None, open_only: bool = False, room_ids: Sequence[int] = ()
) -> list[AgendaDay]:
    """The public plan of ``days`` days from ``first``, both local.

    ``most``: end before the day on which there would be more lines than that. Of
    the first day with any, which always is there, the first so many.
    """
    midnights = _midnights(first, days)
    whole_period = Look(midnights[0], midnights[-1], most and most + 1, open_only, room_ids)
    (found,) = agenda_rows(whole_period)
    rows: dict[int, list[AgendaRow]] = defaultdict(list)
    for row in found:
        rows[bisect_right(midnights, row.slot.start) - 1].append(row)
    numbers = {}
    if most is not None and len(found) > most:
        *whole, cut = rows
        days = cut if whole else cut + 1
        if not whole:
            rows[cut].pop()
            cut_day = whole_period._replace(begin=midnights[cut], end=midnights[cut + 1], most=None)
            numbers[cut] = number_of_lines(cut_day)
    closed = closed_days(first, days)
    every = [first + timedelta(days=n) for n in range(days)]
    return [AgendaDay(day, closed.get(day), rows[n], numbers.get(n, len(rows[n]))) for n, day in enumerate(every)]


def beginnings(
    today: date, days: int, now: datetime, *, most_today: int, most: int, room_ids: Sequence[int] = ()
) -> list[Beginning]:
    """The public plan of ``days`` days from ``today`` on, with so many lines of it and of each day to come.

    The first to be left out are those that are over, then those that began a while ago.
    """
    midnights = _midnights(today, days)
    ahead = [Look(begin, end, most, room_ids=room_ids) for begin, end in pairwise(midnights[1:])]
    here, *found = agenda_rows(Look(midnights[0], midnights[1], room_ids=room_ids), *ahead)
    ranked = sorted(here, key=lambda row: (row.slot.end <= now, row.slot.start < now - LATE))
    found.insert(0, sorted(ranked[:most_today], key=lambda row: row.slot.start))
    starts = _meetings(midnights[1], midnights[-1], room_ids)
    left_out = [Counter(row.slot.end for row in ranked[most_today:] if not row.is_off)]
    for (begin, end), rows in zip(pairwise(midnights[1:]), found[1:], strict=True):
        taking_place = sum(number for start, number in starts.items() if begin <= start < end)
        left_out.append(+Counter({end: taking_place - sum(not row.is_off for row in rows)}))
    closed = closed_days(today, days)
    every = [today + timedelta(days=n) for n in range(days)]
    return [
        Beginning(day, closed.get(day), *each)
        for day, each in zip(every, zip(found, left_out, strict=True), strict=True)
    ]


def rooms_of_plan(begin: datetime, end: datetime) -> list[RoomRow]:
    """The rooms that a plan of a period shows: those that can be asked for, and others in which something is on."""
    every = [room for room in room_rows().values() if not room.together]  # those stand in the rows of each
    if all(room.is_active for room in every):
        return every
    is_on = sa.and_(Occurrence.status.in_(HOLDS_ROOM), Occurrence.start < end, Occurrence.end > begin)
    by_id = room_rows()
    ids = db.session.scalars(sa.select(Occurrence.room_id).where(is_on).distinct())
    busy = {part for id_ in ids for part in (id_, *by_id[id_].together)}
    return [room for room in every if room.is_active or room.id in busy]


def _meetings(begin: datetime, end: datetime, room_ids: Sequence[int]) -> dict[datetime, int]:
    """How many meetings that take place between two instants begin at which moment."""
    here = [_DATE.c.status == Status.APPROVED, _DATE.c.start >= begin, _DATE.c.start < end]
    here += [_DATE.c.room_id.in_(room_ids)] if room_ids else []
    found = db.session.execute(sa.select(_DATE.c.start, sa.func.count()).where(*here).group_by(_DATE.c.start))
    return dict(map(tuple, found))


def closed_days(first: date, days: int) -> dict[date, Closure]:
    """The days of ``days`` from ``first`` on which the whole house is closed all day, with their closures.

    A public holiday closes it too, by its name, where no closure says another reason.
    """
    midnights = _midnights(first, days)
    every = [first + timedelta(days=n) for n in range(days)]
    names = {
        "reason" if code == DEFAULT else f"reason_{code}": days_off(
            first, every[-1], house().country, house().subdivision, code
        ).public
        for code in WHOLE
    }
    holidays = {
        day: Closure(start=begins, end=ends, **{name: of_days[day] for name, of_days in names.items()})
        for day, (begins, ends) in zip(every, pairwise(midnights), strict=True)
        if day in names["reason"]
    }
    return holidays | {
        every[n]: closure
        for closure in reversed(closures(midnights[0], midnights[-1]))
        for n in range(days)
        if closure.is_of_house and closure.start <= midnights[n] and closure.end >= midnights[n + 1]
    }


def _midnights(first: date, days: int) -> list[datetime]:
    """When each of the days begins, and when the last one is over."""
    zone = house().zone
    return [Slot.on(first + timedelta(days=n), time(0), 1, zone).start for n in range(days + 1)]


def agenda_rows(*looks: Look) -> list[list[AgendaRow]]:
    """The lines of each look, earliest first, all of them read by one statement."""
    room_of = room_rows()
    found: list[list[AgendaRow]] = [[] for _ in looks]
    for place, room_id, original_room_id, start, end, original, *others in _read(_statement, looks):
        room, original_room, moved_away = room_of[room_id], room_of[original_room_id], place % 2 == 1
        slot = Slot(original, original + (end - start)) if moved_away else Slot(start, end)
        here = original_room if moved_away else room
        row = AgendaRow(slot, here, moved_away, room, original_room, start, end, original, *others)
        found[place // 2].append(row)
    for rows in found:
        rows.sort(key=lambda row: (row.slot.start, row.room.position, row.occurrence_id))
    return [rows[: look.most] for rows, look in zip(found, looks, strict=True)]


def number_of_lines(look: Look) -> int:
    """How many lines there are, whatever ``most`` says."""
    (row,) = _read(_number, [look._replace(most=None)])
    return int(row[0])


def _read(statement: Callable[..., sa.Executable], looks: Sequence[Look]) -> Sequence[Any]:
    """Ask for some looks by a statement that is made once for all that differ in their values alone."""
    values = {f"{name}_{n}": value for n, look in enumerate(looks) for name, value in look._asdict().items()}
    values |= {f"lingering_{n}": look.now - LINGERS for n, look in enumerate(looks) if look.now}
    return db.session.execute(statement(*(look.kind for look in looks)), values).all()


#: Of the tables and not of the classes: rows are all that is wanted, and the session takes longer for them.
_DATE, _BOOKING, _GROUP, _ROOM = (each.__table__ for each in (Occurrence, Booking, Initiative, Room))


@cache
def _number(kind: LookKind) -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(_all_lines(kind).subquery())


@cache
def _statement(*kinds: LookKind) -> sa.Select[Any]:
    """The dates of some looks, once for each line."""
    lines = _all_lines(*kinds).subquery()

    def if_open(column: Any, *also: Any) -> Any:
        return sa.case((sa.and_(_BOOKING.c.is_open, *also), column), else_="")

    return (
        sa.select(
            lines.c.place,
            *_DATE.c["room_id", "original_room_id", "start", "end", "original_start", "id", "doors"],
            _DATE.c.status == Status.CANCELLED,
            if_open(_BOOKING.c.title),
            if_open(_GROUP.c.name, _GROUP.c.name != _BOOKING.c.title),
            if_open(_GROUP.c.slug, _GROUP.c.is_public),
            *_BOOKING.c["is_open", "open_end"],
        )
        .select_from(lines)
        .join(_DATE, _DATE.c.id == lines.c.id)
        .join(_BOOKING, _BOOKING.c.id == _DATE.c.booking_id)
        .join(_GROUP, _GROUP.c.id == _BOOKING.c.initiative_id)
    )


@cache
def _all_lines(*kinds: LookKind) -> sa.CompoundSelect[Any]:
    """The ids of the dates of some looks: for each status those that are there, and those that were moved away.

    Each of them goes through an index of its own. ``place``: the number of the look, times two, and one for a line
    that stands where the date used to be.
    """
    return sa.union_all(
        *(
            _lines(number, status, kind, is_former=is_former)
            for number, kind in enumerate(kinds)
            for status in sorted(PUBLIC)
            for is_former in (False, True)
            if not (is_former and status is Status.CANCELLED)
        )
    )


def _lines(number: int, status: Status, kind: LookKind, *, is_former: bool) -> sa.Select[Any]:
    moment, room_id = _DATE.c["original_start", "original_room_id"] if is_former else _DATE.c["start", "room_id"]
    begin, end = (sa.bindparam(f"{name}_{number}", type_=moment.type) for name in ("begin", "end"))
    place: sa.Label[int] = sa.literal_column(str(2 * number + is_former)).label("place")
    lines = sa.select(_DATE.c.id, place).where(_DATE.c.status == status, moment >= begin, moment < end)
    if is_former:
        lines = lines.where(_DATE.c.start != _DATE.c.original_start)
    if kind.is_of_now:
        is_off = is_former or status is Status.CANCELLED
        ends = moment + (_DATE.c.end - _DATE.c.start) if is_former else _DATE.c.end
        lines = lines.where(ends > sa.bindparam(f"{'now' if is_off else 'lingering'}_{number}", type_=moment.type))
    if kind.open_only:
        lines = lines.where(sa.exists().where(_BOOKING.c.id == _DATE.c.booking_id, _BOOKING.c.is_open))
    if kind.has_rooms:
        lines = lines.where(room_id.in_(sa.bindparam(f"room_ids_{number}", expanding=True)))
    if kind.has_most:
        lines = lines.join(_ROOM, _ROOM.c.id == room_id).order_by(moment, _ROOM.c.position, _DATE.c.id)
        lines = sa.select(lines.limit(sa.bindparam(f"most_{number}")).subquery())
    return lines
