"""Who sits where already: what every decision about a room asks first."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from booking.availability.wanted import Wanted
from booking.database import db

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
                    AND occupancy.occurrence_id NOT IN (SELECT value FROM json_each(:exclude))
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
                AND occupancy.occurrence_id <> ALL (CAST(:exclude AS integer[]))
            ORDER BY occupancy.start DESC LIMIT 1
        ) AS sitting
        WHERE sitting."end" > wanted.start
    """),
}


def conflicts(wanted: Sequence[Wanted], exclude: Collection[int] = ()) -> dict[int, int]:
    """Which of the wanted times are taken: index in ``wanted`` to the id of an occurrence that sits there.

    ``exclude``: ids of occurrences that do not count, such as those that are to
    move. One statement for all of them.
    """
    parts = {room: room.part_ids for room in {wish.room for wish in wanted}}
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
        values["exclude"] = json.dumps(list(exclude))
    else:
        values = {
            "part_ids": [part_id for part_id, _ in runs],
            "seconds": [seconds for _, seconds in runs],
            "starts": [f"{{{','.join(map(str, starts.values()))}}}" for starts in runs.values()],
            "exclude": list(exclude),
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
                    AND occurrence_id NOT IN (SELECT value FROM json_each(:exclude))
                ORDER BY start DESC LIMIT 1
            ),
            (
                SELECT start FROM occupancy
                WHERE part_id = wanted.value ->> 0 AND start >= wanted.value ->> 2
                    AND occurrence_id NOT IN (SELECT value FROM json_each(:exclude))
                ORDER BY start LIMIT 1
            ) - (wanted.value ->> 2)
        FROM json_each(:wanted) AS wanted
    """),
    "postgresql": sa.text("""
        SELECT wanted.nth - 1,
            wanted.start - (
                SELECT occupancy."end" FROM occupancy
                WHERE occupancy.part_id = wanted.part_id AND occupancy.start < wanted.start
                    AND occupancy.occurrence_id <> ALL (CAST(:exclude AS integer[]))
                ORDER BY occupancy.start DESC LIMIT 1
            ),
            (
                SELECT occupancy.start FROM occupancy
                WHERE occupancy.part_id = wanted.part_id AND occupancy.start >= wanted."end"
                    AND occupancy.occurrence_id <> ALL (CAST(:exclude AS integer[]))
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


def gaps_around(wanted: Sequence[Wanted], exclude: Collection[int] = ()) -> dict[int, Gap]:
    """How much time there is to the nearest neighbour of wanted times that are free, by index in ``wanted``.

    ``exclude``: ids of occurrences that do not count. One statement for all of them.
    """
    spans = [
        (index, part_id, int(want.slot.start.timestamp()), int(want.slot.end.timestamp()))
        for index, want in enumerate(wanted)
        for part_id in want.room.part_ids
    ]
    if not spans:
        return {}
    engine = db.engine.dialect.name
    values: dict[str, Any]
    if engine == "sqlite":
        values = {"wanted": json.dumps([span[1:] for span in spans]), "exclude": json.dumps(list(exclude))}
    else:
        part_ids, starts, ends = ([span[column] for span in spans] for column in (1, 2, 3))
        values = {"part_ids": part_ids, "starts": starts, "ends": ends, "exclude": list(exclude)}
    found: dict[int, Gap] = {}
    for nth, before, later in db.session.execute(_NEIGHBOURS[engine], values).all():
        index = spans[nth][0]
        near = [found[index]] if index in found else []
        near += [Gap(before // 60, before=True)] if before is not None else []
        near += [Gap(later // 60, before=False)] if later is not None else []
        if near:
            found[index] = min(near, key=lambda gap: (gap.minutes, not gap.before))
    return found
