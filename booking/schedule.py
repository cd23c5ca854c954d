"""The reading side: what is taken, what is free, what is on.

Nothing here changes a row; ``claim`` only makes others wait.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from booking.database import db
from booking.domain.policy import HouseRules
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.models import Booking, Closure, House, Occurrence, OpeningHours, Part, Room, room_part


class Wanted(NamedTuple):
    """A room and the time it would be occupied, set-up and tidying up included."""

    room: Room
    slot: Slot


# Rows of one part never overlap, so in order of their starts they are also in order of their ends: the last row that
# starts before a wanted end is the only one that can reach beyond the wanted start. One descent in the index decides,
# however many rows there are; asking for "start < :end AND end > :start" would read half the table for each date.
# What is wanted comes in runs of one part and one length (a series in one room is one run), because a list of plain
# numbers is what both databases read fastest.
_SITTING_THERE = {
    "sqlite": sa.text("""
        WITH
        runs (run, part_id, seconds, starts) AS MATERIALIZED (
            SELECT key, value ->> 0, value ->> 1, value ->> 2 FROM json_each(:runs)
        ),
        sitting (run, nth, occurrence_id) AS MATERIALIZED (
            SELECT runs.run, wanted.key, (
                SELECT CASE WHEN occupancy."end" > wanted.value THEN occupancy.occurrence_id END
                FROM occupancy
                WHERE occupancy.part_id = runs.part_id AND occupancy.start < wanted.value + runs.seconds
                    AND occupancy.occurrence_id NOT IN (SELECT value FROM json_each(:but))
                ORDER BY occupancy.start DESC LIMIT 1
            )
            FROM runs CROSS JOIN json_each(runs.starts) AS wanted
        )
        SELECT run, nth, occurrence_id FROM sitting WHERE occurrence_id IS NOT NULL
    """),
    "postgresql": sa.text("""
        SELECT runs.run - 1, wanted.nth - 1, sitting.occurrence_id
        FROM unnest(CAST(:part_ids AS integer[]), CAST(:seconds AS integer[]), CAST(:starts AS text[]))
            WITH ORDINALITY AS runs (part_id, seconds, starts, run)
        CROSS JOIN unnest(CAST(runs.starts AS bigint[])) WITH ORDINALITY AS wanted (start, nth)
        CROSS JOIN LATERAL (
            SELECT occupancy."end", occupancy.occurrence_id
            FROM occupancy
            WHERE occupancy.part_id = runs.part_id AND occupancy.start < wanted.start + runs.seconds
                AND occupancy.occurrence_id <> ALL (CAST(:but AS integer[]))
            ORDER BY occupancy.start DESC LIMIT 1
        ) AS sitting
        WHERE sitting."end" > wanted.start
    """),
}


def conflicts(wanted: Sequence[Wanted], but: Collection[int] = ()) -> dict[int, int]:
    """Which of the wanted times are taken: index in ``wanted`` to the id of an occurrence that sits there.

    ``but``: ids of occurrences that do not count, such as those that are to
    move. One statement for all of them.
    """
    parts = {room: [part.id for part in room.parts] for room in {wish.room for wish in wanted}}
    runs: defaultdict[tuple[int, int], dict[int, int]] = defaultdict(dict)  # part and length: index to start
    for index, (room, slot) in enumerate(wanted):
        start = int(slot.start.timestamp())
        for part_id in parts[room]:
            runs[part_id, int(slot.end.timestamp()) - start][index] = start
    if not runs:
        return {}
    engine = db.engine.dialect.name
    values: dict[str, Any]
    if engine == "sqlite":
        values = {"runs": json.dumps([(*run, list(starts.values())) for run, starts in runs.items()])}
        values["but"] = json.dumps(list(but))
    else:
        values = {
            "part_ids": [part_id for part_id, _ in runs],
            "seconds": [seconds for _, seconds in runs],
            "starts": [f"{{{','.join(map(str, starts.values()))}}}" for starts in runs.values()],
            "but": list(but),
        }
    indexes = [list(starts) for starts in runs.values()]
    taken: dict[int, int] = {}
    for run, nth, occurrence_id in db.session.execute(_SITTING_THERE[engine], values).all():
        index = indexes[run][nth]
        taken[index] = min(occurrence_id, taken.get(index, occurrence_id))
    return taken


# One step to either side in the index for each wanted time: what comes before or after never has to be read.
_NEIGHBOURS = {
    "sqlite": sa.text("""
        SELECT wanted.key,
            (wanted.value ->> 1) - (
                SELECT "end" FROM occupancy
                WHERE part_id = wanted.value ->> 0 AND start < wanted.value ->> 1
                    AND occurrence_id NOT IN (SELECT value FROM json_each(:but))
                ORDER BY start DESC LIMIT 1
            ),
            (
                SELECT start FROM occupancy
                WHERE part_id = wanted.value ->> 0 AND start >= wanted.value ->> 2
                    AND occurrence_id NOT IN (SELECT value FROM json_each(:but))
                ORDER BY start LIMIT 1
            ) - (wanted.value ->> 2)
        FROM json_each(:wanted) AS wanted
    """),
    "postgresql": sa.text("""
        SELECT wanted.nth - 1,
            wanted.start - (
                SELECT occupancy."end" FROM occupancy
                WHERE occupancy.part_id = wanted.part_id AND occupancy.start < wanted.start
                    AND occupancy.occurrence_id <> ALL (CAST(:but AS integer[]))
                ORDER BY occupancy.start DESC LIMIT 1
            ),
            (
                SELECT occupancy.start FROM occupancy
                WHERE occupancy.part_id = wanted.part_id AND occupancy.start >= wanted."end"
                    AND occupancy.occurrence_id <> ALL (CAST(:but AS integer[]))
                ORDER BY occupancy.start LIMIT 1
            ) - wanted."end"
        FROM unnest(CAST(:part_ids AS integer[]), CAST(:starts AS bigint[]), CAST(:ends AS bigint[]))
            WITH ORDINALITY AS wanted (part_id, start, "end", nth)
    """),
}


class Gap(NamedTuple):
    """The time from a meeting to its nearest neighbour in the same room; ``before``: it is the one before."""

    minutes: int
    before: bool


def gaps(wanted: Sequence[Wanted], but: Collection[int] = ()) -> dict[int, Gap]:
    """How much time there is to the nearest neighbour of wanted times that are free, by index in ``wanted``.

    ``but``: ids of occurrences that do not count. One statement for all of them.
    """
    spans = [
        (index, part.id, int(want.slot.start.timestamp()), int(want.slot.end.timestamp()))
        for index, want in enumerate(wanted)
        for part in want.room.parts
    ]
    if not spans:
        return {}
    engine = db.engine.dialect.name
    values: dict[str, Any]
    if engine == "sqlite":
        values = {"wanted": json.dumps([span[1:] for span in spans]), "but": json.dumps(list(but))}
    else:
        part_ids, starts, ends = ([span[column] for span in spans] for column in (1, 2, 3))
        values = {"part_ids": part_ids, "starts": starts, "ends": ends, "but": list(but)}
    found: dict[int, Gap] = {}
    for nth, before, later in db.session.execute(_NEIGHBOURS[engine], values).all():
        index = spans[nth][0]
        near = [found[index]] if index in found else []
        near += [Gap(before // 60, before=True)] if before is not None else []
        near += [Gap(later // 60, before=False)] if later is not None else []
        if near:
            found[index] = min(near, key=lambda gap: (gap.minutes, not gap.before))
    return found


def claim(rooms: Iterable[Room]) -> None:
    """Keep these rooms for this transaction: the first statement of every transaction that books.

    Whoever else claims a part of them waits. The parts are locked in one
    order, so that two who claim never wait for each other; PostgreSQL's
    exclusion constraint alone would let them, as it writes first and looks
    afterwards. On SQLite the transaction itself is the lock. What was read
    before is read anew, as it may have changed while we waited.
    """
    ids = {room.id for room in rooms}
    parts = sa.select(room_part.c.part_id).where(room_part.c.room_id.in_(ids))
    db.session.execute(
        sa.select(Part.id).where(Part.id.in_(parts)).order_by(Part.id).with_for_update(key_share=True)
    ).all()
    db.session.expire_all()


def claim_booking(booking: Booking) -> None:
    """Make everybody wait who would change this booking or its rooms, and read it anew.

    Rooms come before the booking here and everywhere, so that two who wait do
    not wait for each other.
    """
    claim(occurrence.room for occurrence in booking.occurrences)
    db.session.expire_all()
    db.session.refresh(booking, with_for_update=True)


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
    shown = db.session.scalars(
        db.select(Occurrence)
        .where(
            Occurrence.status.in_((Status.APPROVED, Status.CANCELLED)),
            db.or_(
                db.and_(Occurrence.start >= begin, Occurrence.start < end),
                db.and_(Occurrence.original_start >= begin, Occurrence.original_start < end),
            ),
        )
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
