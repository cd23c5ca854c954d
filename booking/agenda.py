"""The public plan of a period: what is approved, moved or cancelled."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from booking.database import db
from booking.domain.slot import Slot
from booking.domain.status import PUBLIC, Status
from booking.house import house
from booking.models import Booking, Closure, Occurrence, Room


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
