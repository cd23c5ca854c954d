"""Many rooms against many times: which cannot be had, and which room suits a series best. Plain rows only."""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from booking.availability.check import closures_between
from booking.availability.occupied import asked_for
from booking.availability.wanted import AnyRoom
from booking.database import db
from booking.domain.slot import Slot
from booking.house import RoomRow, house_rules, offered_rooms

# One step in the index for each part and time, as in ``occupied``, and a second one where somebody is near, who may sit
# there too; what comes back is a row for each part: the numbers of both kinds.
_SITTING = {
    "sqlite": sa.text("""
        WITH wanted (nth, start, "end") AS MATERIALIZED (
            SELECT key, value ->> 0, value ->> 1 FROM json_each(:wanted)
        )
        SELECT part.value, group_concat(wanted.nth), group_concat(
            CASE WHEN wanted.start < (
                SELECT occupancy."end" FROM occupancy
                WHERE occupancy.part_id = part.value AND occupancy.start < wanted."end"
                    AND occupancy.occurrence_id NOT IN (SELECT value FROM json_each(:exclude))
                ORDER BY occupancy.start DESC LIMIT 1
            ) THEN wanted.nth END
        )
        FROM json_each(:part_ids) AS part
        CROSS JOIN wanted
        WHERE wanted.start - :tight < (
            SELECT occupancy."end" FROM occupancy
            WHERE occupancy.part_id = part.value AND occupancy.start < wanted."end" + :tight
                AND occupancy.occurrence_id NOT IN (SELECT value FROM json_each(:exclude))
            ORDER BY occupancy.start DESC LIMIT 1
        )
        GROUP BY part.value
    """),
    "postgresql": sa.text("""
        SELECT part.id, string_agg(CAST(wanted.nth - 1 AS text), ','), string_agg(
            CASE WHEN wanted.start < (
                SELECT occupancy."end" FROM occupancy
                WHERE occupancy.part_id = part.id AND occupancy.start < wanted."end"
                    AND occupancy.occurrence_id <> ALL (CAST(:exclude AS integer[]))
                ORDER BY occupancy.start DESC LIMIT 1
            ) THEN CAST(wanted.nth - 1 AS text) END, ','
        )
        FROM unnest(CAST(:part_ids AS integer[])) AS part (id)
        CROSS JOIN unnest(CAST(:starts AS bigint[]), CAST(:ends AS bigint[]))
            WITH ORDINALITY AS wanted (start, "end", nth)
        CROSS JOIN LATERAL (
            SELECT occupancy."end" FROM occupancy
            WHERE occupancy.part_id = part.id AND occupancy.start < wanted."end" + :tight
                AND occupancy.occurrence_id <> ALL (CAST(:exclude AS integer[]))
            ORDER BY occupancy.start DESC LIMIT 1
        ) AS near
        WHERE near."end" > wanted.start - :tight
        GROUP BY part.id
    """),
}

#: Those that fit best are looked at first, as these mostly will do; the others only for what needs them.
BATCHES = (slice(6), slice(6, 30), slice(30, None))


class Blocked(NamedTuple):
    """Which of the times a room cannot be had at, or others ask for too; and at which a neighbour is near."""

    clashes: set[int]
    tight: set[int]


def blocked_in(
    rooms: Sequence[AnyRoom],
    slots: Sequence[Slot],
    now: datetime,
    tight: timedelta = timedelta(0),
    exclude: Collection[int] = (),
) -> dict[int, Blocked]:
    """What stands in the way in each of these rooms, by their ids: a fixed number of statements.

    ``slots``: what would be occupied, set-up and tidying up included. ``exclude``: ids of occurrences that do not
    stand in the way.
    """
    past = {number for number, slot in enumerate(slots) if slot.start < now}
    found = {room.id: Blocked(set(past), set()) for room in rooms}
    part_ids = {part_id for room in rooms for part_id in room.part_lists.ever}
    if not slots or not part_ids:
        return found
    sitting = _sitting(part_ids, slots, tight, exclude)
    asked = _asked_for(part_ids, slots, exclude)
    for room in rooms:
        clashes, close = found[room.id]
        for part_id in room.part_lists.ever:
            near, taken = sitting.get(part_id, ((), ()))
            close.update(_taking(part_id, room, slots, near))
            clashes.update(_taking(part_id, room, slots, taken))
            clashes.update(_taking(part_id, room, slots, asked.get(part_id, ())))
    for closure, shut in closures_between(slots):
        closed = [number for number, slot in enumerate(slots) if slot.overlaps(closure.slot)]
        for room_id in shut & found.keys():
            found[room_id].clashes.update(closed)
    return found


def _taking(part_id: int, room: AnyRoom, slots: Sequence[Slot], numbers: Collection[int]) -> Collection[int]:
    """Of the times with these numbers those at which the room takes the part."""
    lists = room.part_lists
    if len(lists.ids) == 1:
        return numbers
    return [n for n in numbers if part_id in lists.at(slots[n].start.timestamp())]


def best_room(slots: Sequence[Slot], people: int, now: datetime) -> RoomRow:
    """The room with the fewest clashes for a series among those that seat everybody.

    Taken, asked for by others, closed and past are clashes. Of equals it is the
    one in which the fewest dates are close to a neighbour, then the smallest.
    """
    every = offered_rooms()
    fitting = [room for room in every if room.seats >= people] or sorted(every, key=lambda room: -room.seats)[:1]
    fitting.sort(key=lambda room: (room.seats, room.position))
    found: dict[int, Blocked] = {}

    def cost(room: RoomRow) -> tuple[int, int]:
        clashes, close = found[room.id]
        return len(clashes), len(close - clashes)

    best = fitting[0]
    for batch in filter(lambda batch: fitting[batch], BATCHES):
        found |= blocked_in(fitting[batch], slots, now, house_rules().tight)
        best = min((room for room in fitting if room.id in found), key=cost)
        if not any(cost(best)):
            break
    return best


def _sitting(
    part_ids: Collection[int], slots: Sequence[Slot], tight: timedelta, exclude: Collection[int]
) -> dict[int, tuple[list[int], list[int]]]:
    """By parts, the numbers of the times at which somebody is near, and at which somebody is there."""
    starts, ends = ([int(getattr(slot, name).timestamp()) for slot in slots] for name in ("start", "end"))
    values: dict[str, object] = {"tight": int(tight.total_seconds())}
    engine = db.engine.dialect.name
    if engine == "sqlite":
        wanted = json.dumps([*zip(starts, ends, strict=True)])
        values |= {"part_ids": json.dumps([*part_ids]), "wanted": wanted, "exclude": json.dumps([*exclude])}
    else:
        values |= {"part_ids": [*part_ids], "starts": starts, "ends": ends, "exclude": [*exclude]}
    return {
        part_id: (_read(near), _read(taken)) for part_id, near, taken in db.session.execute(_SITTING[engine], values)
    }


def _read(numbers: str | None) -> list[int]:
    return [int(number) for number in numbers.split(",")] if numbers else []


def _asked_for(part_ids: Collection[int], slots: Sequence[Slot], exclude: Collection[int]) -> dict[int, set[int]]:
    spans = sorted((int(slot.start.timestamp()), int(slot.end.timestamp()), n) for n, slot in enumerate(slots))
    starts = [start for start, _, _ in spans]
    longest = max(end - start for start, end, _ in spans)
    found: dict[int, set[int]] = defaultdict(set)
    for part_id, asked in asked_for(slots, part_ids):
        begins = asked.begins
        first, last = bisect_left(starts, begins - longest), bisect_left(starts, asked.ends)
        if first < last and asked.id not in exclude:
            found[part_id].update(number for _, end, number in spans[first:last] if begins < end)
    return found
