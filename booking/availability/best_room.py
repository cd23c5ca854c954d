"""The room that suits a series best, where a group takes any."""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from booking.availability.check import closures_between
from booking.availability.occupied import asked_for
from booking.database import db
from booking.domain.slot import Slot
from booking.house import rooms
from booking.models import Room

# One step in the index for each part and wanted time, as in ``occupied``; what comes back is a row for each room.
_TAKEN = {
    "sqlite": sa.text("""
        WITH wanted (nth, start, "end") AS MATERIALIZED (
            SELECT key, value ->> 0, value ->> 1 FROM json_each(:wanted)
        )
        SELECT room_part.room_id, group_concat(wanted.nth)
        FROM json_each(:rooms) AS room
        CROSS JOIN room_part ON room_part.room_id = room.value
        CROSS JOIN wanted
        WHERE wanted.start < (
            SELECT occupancy."end" FROM occupancy
            WHERE occupancy.part_id = room_part.part_id AND occupancy.start < wanted."end"
            ORDER BY occupancy.start DESC LIMIT 1
        )
        GROUP BY room_part.room_id
    """),
    "postgresql": sa.text("""
        SELECT room_part.room_id, string_agg(CAST(wanted.nth - 1 AS text), ',')
        FROM room_part
        CROSS JOIN unnest(CAST(:starts AS bigint[]), CAST(:ends AS bigint[]))
            WITH ORDINALITY AS wanted (start, "end", nth)
        CROSS JOIN LATERAL (
            SELECT occupancy."end" FROM occupancy
            WHERE occupancy.part_id = room_part.part_id AND occupancy.start < wanted."end"
            ORDER BY occupancy.start DESC LIMIT 1
        ) AS sitting
        WHERE room_part.room_id = ANY (CAST(:rooms AS integer[])) AND sitting."end" > wanted.start
        GROUP BY room_part.room_id
    """),
}


def best_room(slots: Sequence[Slot], people: int, now: datetime) -> Room:
    """The room with the fewest clashes for a series among those that seat everybody; of equals the smallest.

    Taken, asked for by others and closed are clashes. A fixed number of
    statements, however many rooms there are.
    """
    fitting = [room for room in rooms() if room.seats >= people] or sorted(rooms(), key=lambda room: -room.seats)[:1]
    to_come = [slot for slot in slots if slot.start >= now]  # what is past is so in every room
    clashes: defaultdict[int, set[int]] = defaultdict(set)
    if to_come:
        for find in (_taken, _asked_for, _closed):
            for room_id, numbers in find(fitting, to_come).items():
                clashes[room_id] |= numbers
    return min(fitting, key=lambda room: (len(clashes[room.id]), room.seats, room.position))


Clashes = dict[int, set[int]]  # by the room's id: numbers of wanted times


def _taken(fitting: Sequence[Room], slots: Sequence[Slot]) -> Clashes:
    engine = db.engine.dialect.name
    ids = [room.id for room in fitting]
    starts, ends = (
        [int(at.timestamp()) for at in all_] for all_ in zip(*((s.start, s.end) for s in slots), strict=True)
    )
    values: dict[str, object] = {"rooms": ids, "starts": starts, "ends": ends}
    if engine == "sqlite":
        values = {"rooms": json.dumps(ids), "wanted": json.dumps([*zip(starts, ends, strict=True)])}
    rows = db.session.execute(_TAKEN[engine], values)
    return {room_id: {int(number) for number in numbers.split(",")} for room_id, numbers in rows}


def _asked_for(fitting: Sequence[Room], slots: Sequence[Slot]) -> Clashes:
    spans = [(int(slot.start.timestamp()), int(slot.end.timestamp()), number) for number, slot in enumerate(slots)]
    spans.sort()
    longest = max(end - start for start, end, _ in spans)
    of_part: dict[int, set[int]] = defaultdict(set)
    for asked in asked_for(slots, {part_id for room in fitting for part_id in room.part_ids}):
        begins, ends = asked.begins, asked.ends
        near = spans[bisect_left(spans, (begins - longest,)) : bisect_left(spans, (ends,))]
        if near:
            of_part[asked.part_id].update(number for _, end, number in near if begins < end)
    return {
        room.id: {number for part_id in room.part_ids for number in of_part[part_id]}
        for room in (fitting if of_part else ())
    }


def _closed(fitting: Sequence[Room], slots: Sequence[Slot]) -> Clashes:
    shut: dict[int, set[int]] = {room.id: set() for room in fitting}
    for closure, room_ids in closures_between(slots):
        numbers = {number for number, slot in enumerate(slots) if slot.overlaps(closure.slot)}
        for room_id in room_ids & shut.keys():
            shut[room_id] |= numbers
    return shut
