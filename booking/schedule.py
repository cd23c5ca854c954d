"""The reading side: the house, what stands in the way of a wish, and what is on. Nothing here changes a row."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from booking.conflicts import Wanted, conflicts
from booking.database import db
from booking.domain.policy import HouseRules
from booking.domain.slot import Slot
from booking.domain.status import PUBLIC, Status
from booking.models import Booking, Closure, House, Occurrence, OpeningHours, Room


class NoHouse(Exception):
    """This installation has no house yet: ``flask house load FILE`` or ``flask demo load``."""


class State(StrEnum):
    """What stands in the way of a wanted time."""

    FREE = "free"
    REQUESTED = "requested"  # others have asked for it too
    TAKEN = "taken"
    CLOSED = "closed"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Checked:
    """A wanted time and what was found there. ``tight``: free, but a neighbour is closer than the house likes."""

    wanted: Wanted
    state: State
    taken_by: Occurrence | None = None
    closure: Closure | None = None
    rivals: tuple[Occurrence, ...] = ()
    tight: bool = False


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """One line of the public plan. A closed group has neither title nor group here.

    ``moved_away``: the line stands on the day or time where the date used to be.
    """

    occurrence: Occurrence
    slot: Slot
    room: Room
    title: str
    group: str
    cancelled: bool
    moved_away: bool

    @property
    def is_open(self) -> bool:
        return self.occurrence.booking.is_open

    @property
    def open_end(self) -> bool:
        return self.occurrence.booking.open_end


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """What the public sees of one day, earliest first. ``closure``: the whole house is closed all day."""

    day: date
    closure: Closure | None
    rows: tuple[AgendaRow, ...]


def house() -> House:
    """The one house; ``NoHouse`` before it is set up."""
    found = db.session.get(House, 1)
    if found is None:
        raise NoHouse
    db.session.info["house"] = found  # a session forgets rows that nobody holds, and this one is asked for all the time
    return found


def opening_hours() -> dict[int, tuple[time, time]]:
    """Opening and closing time per weekday (Monday is 0); a day without an entry is closed."""
    rows = db.session.scalars(db.select(OpeningHours).order_by(OpeningHours.weekday))
    return {row.weekday: (row.opens, row.closes) for row in rows}


def house_rules() -> HouseRules:
    return house().rules(opening_hours())


def rooms() -> list[Room]:
    """All rooms, in the order in which the office shows them."""
    return list(db.session.scalars(db.select(Room).order_by(Room.position, Room.id)))


def check(
    wanted: Sequence[Wanted], now: datetime, tight: timedelta = timedelta(0), but: Collection[int] = ()
) -> list[Checked]:
    """What stands in the way of each wanted time: a fixed number of statements, however many there are.

    ``but``: ids of occurrences that do not stand in the way.
    """
    taken = conflicts(wanted, but)
    closures = closures_for(wanted)
    rivals = requests_for(wanted, but)
    near = conflicts([Wanted(w.room, w.slot.widened(tight, tight)) for w in wanted], but) if tight else {}
    sitting = _occurrences(set(taken.values()))
    checked = []
    for index, want in enumerate(wanted):
        state = State.FREE
        if want.slot.start < now:
            state = State.PAST
        elif index in closures:
            state = State.CLOSED
        elif index in taken:
            state = State.TAKEN
        elif index in rivals:
            state = State.REQUESTED
        checked.append(
            Checked(
                want,
                state,
                taken_by=sitting[taken[index]] if index in taken else None,
                closure=closures.get(index),
                rivals=tuple(rivals.get(index, ())),
                tight=index in near and index not in taken,
            )
        )
    return checked


def requests_for(wanted: Sequence[Wanted], but: Collection[int] = ()) -> dict[int, list[Occurrence]]:
    """Dates that others have asked for and nobody has decided, by the index of the wanted time they overlap."""
    if not wanted:
        return {}
    widest = timedelta(days=1)  # more than any set-up time
    first, last = min(w.slot.start for w in wanted) - widest, max(w.slot.end for w in wanted) + widest
    asked = db.session.scalars(
        db.select(Occurrence)
        .where(Occurrence.status == Status.REQUESTED, Occurrence.start < last, Occurrence.end > first)
        .options(joinedload(Occurrence.booking))
        .order_by(Occurrence.id)
    ).all()
    by_part: dict[int, list[tuple[Slot, Occurrence]]] = defaultdict(list)
    for occurrence in asked:
        for part in occurrence.room.parts:
            by_part[part.id].append((occurrence.occupied, occurrence))
    found: dict[int, list[Occurrence]] = {}
    for index, want in enumerate(wanted) if by_part else ():
        rivals = {
            occurrence.id: occurrence
            for part in want.room.parts
            for slot, occurrence in by_part[part.id]
            if slot.overlaps(want.slot) and occurrence.id not in but
        }
        if rivals:
            found[index] = list(rivals.values())
    return found


def closures_for(wanted: Sequence[Wanted]) -> dict[int, Closure]:
    """The closure of the house or the room that a wanted time falls into, by its index."""
    if not wanted:
        return {}
    first, last = min(w.slot.start for w in wanted), max(w.slot.end for w in wanted)
    closures = db.session.scalars(
        db.select(Closure).where(Closure.start < last, Closure.end > first).order_by(Closure.start)
    ).all()
    parts_of = {room.id: {part.id for part in room.parts} for room in rooms()} if closures else {}
    return {
        index: closure
        for index, want in enumerate(wanted)
        for closure in reversed(closures)
        if closure.slot.overlaps(want.slot)
        and (closure.room_id is None or parts_of[closure.room_id] & parts_of[want.room.id])
    }


def agenda(first: date, days: int) -> list[AgendaDay]:
    """The public plan of ``days`` days from ``first``: what is approved, moved or cancelled, not what is asked for."""
    zone = house().zone
    midnights = [Slot.on(first + timedelta(days=n), time(0), 1, zone).start for n in range(days + 1)]
    begin, end = midnights[0], midnights[-1]
    # Two looks into an index each: of one condition with "or" SQLite would look at all dates of the statuses.
    here = sa.union(
        *(
            sa.select(Occurrence.id).where(Occurrence.status.in_(PUBLIC), moment >= begin, moment < end)
            for moment in (Occurrence.start, Occurrence.original_start)
        )
    )
    shown = db.session.scalars(
        db.select(Occurrence)
        .where(Occurrence.id.in_(here))
        .options(joinedload(Occurrence.booking).joinedload(Booking.initiative), joinedload(Occurrence.original_room))
    ).all()
    rows: dict[date, list[AgendaRow]] = defaultdict(list)
    for occurrence in shown:
        for row in _agenda_rows(occurrence):
            rows[row.slot.start.astimezone(zone).date()].append(row)
    closures = db.session.scalars(
        db.select(Closure).where(Closure.room_id.is_(None), Closure.start < end, Closure.end > begin)
    ).all()
    plan = []
    for n in range(days):
        day = first + timedelta(days=n)
        whole_day = [c for c in closures if c.start <= midnights[n] and c.end >= midnights[n + 1]]
        ordered = sorted(rows[day], key=lambda row: (row.slot.start, row.room.position, row.occurrence.id))
        plan.append(AgendaDay(day, whole_day[0] if whole_day else None, tuple(ordered)))
    return plan


def _agenda_rows(occurrence: Occurrence) -> Iterator[AgendaRow]:
    booking = occurrence.booking
    title = booking.title if booking.is_open else ""
    group = booking.initiative.name if booking.is_open and booking.initiative.name != booking.title else ""
    cancelled = occurrence.status is Status.CANCELLED
    yield AgendaRow(occurrence, occurrence.slot, occurrence.room, title, group, cancelled, moved_away=False)
    if occurrence.start != occurrence.original_start and not cancelled:
        former = Slot(occurrence.original_start, occurrence.original_start + (occurrence.end - occurrence.start))
        yield AgendaRow(occurrence, former, occurrence.original_room, title, group, False, moved_away=True)


def _occurrences(ids: set[int]) -> dict[int, Occurrence]:
    if not ids:
        return {}
    rows = db.session.scalars(
        db.select(Occurrence).where(Occurrence.id.in_(ids)).options(joinedload(Occurrence.booking))
    )
    return {row.id: row for row in rows}
