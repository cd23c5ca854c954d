"""Who sits where already, and who has asked for it: what every decision about a room asks first. Plain rows only."""

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa

from booking.availability.wanted import Wanted
from booking.database import db, once
from booking.domain.slot import Slot
from booking.house import room_rows
from booking.models import Occurrence, Part, Room, RoomPart

# Rows of one part never overlap, so in order of their starts they are also in order of their ends: the last row that
# starts before a wanted end is the only one that can reach beyond the wanted start. One descent in the index decides,
# however many rows there are; asking for "start < :end AND end > :start" would read half the table for each date.
# What is wanted comes in runs of one part and one length (a series in one room is one run), because a list of plain
# numbers is what both databases read fastest. One more step to either side tells how near the neighbours are.
_SQLITE = """
    WITH
    runs (run, part_id, seconds, starts) AS MATERIALIZED (
        SELECT key, value ->> 0, value ->> 1, value ->> 2 FROM json_each(:runs)
    ),
    found (run, nth, occurrence_id{names}) AS MATERIALIZED (
        SELECT runs.run, wanted.key, (
            SELECT CASE WHEN occupancy."end" > wanted.value THEN occupancy.occurrence_id END
            FROM occupancy
            WHERE occupancy.part_id = runs.part_id AND occupancy.start < wanted.value + runs.seconds
                AND occupancy.occurrence_id NOT IN (SELECT value FROM json_each(:exclude))
            ORDER BY occupancy.start DESC LIMIT 1
        ){gaps}
        FROM runs CROSS JOIN json_each(runs.starts) AS wanted
    )
    SELECT run, nth, occurrence_id{names} FROM found WHERE occurrence_id IS NOT NULL{near}
"""
_SQLITE_GAPS = """,
        wanted.value - (
            SELECT occupancy."end" FROM occupancy
            WHERE occupancy.part_id = runs.part_id AND occupancy.start < wanted.value
                AND occupancy.occurrence_id NOT IN (SELECT value FROM json_each(:exclude))
            ORDER BY occupancy.start DESC LIMIT 1
        ),
        (
            SELECT occupancy.start FROM occupancy
            WHERE occupancy.part_id = runs.part_id AND occupancy.start >= wanted.value + runs.seconds
                AND occupancy.occurrence_id NOT IN (SELECT value FROM json_each(:exclude))
            ORDER BY occupancy.start LIMIT 1
        ) - wanted.value - runs.seconds
"""
_POSTGRESQL = """
    SELECT runs.run - 1, wanted.nth - 1,
        CASE WHEN sitting."end" > wanted.start THEN sitting.occurrence_id END AS occurrence_id{names}
    FROM unnest(CAST(:part_ids AS integer[]), CAST(:seconds AS integer[]), CAST(:starts AS text[]))
        WITH ORDINALITY AS runs (part_id, seconds, starts, run)
    CROSS JOIN unnest(CAST(runs.starts AS bigint[])) WITH ORDINALITY AS wanted (start, nth)
    LEFT JOIN LATERAL (
        SELECT occupancy."end", occupancy.occurrence_id
        FROM occupancy
        WHERE occupancy.part_id = runs.part_id AND occupancy.start < wanted.start + runs.seconds
            AND occupancy.occurrence_id <> ALL (CAST(:exclude AS integer[]))
        ORDER BY occupancy.start DESC LIMIT 1
    ) AS sitting ON true{gaps}
    WHERE sitting."end" > wanted.start{near}
"""
_POSTGRESQL_GAPS = """
    LEFT JOIN LATERAL (
        SELECT wanted.start - occupancy."end" AS before FROM occupancy
        WHERE occupancy.part_id = runs.part_id AND occupancy.start < wanted.start
            AND occupancy.occurrence_id <> ALL (CAST(:exclude AS integer[]))
        ORDER BY occupancy.start DESC LIMIT 1
    ) AS earlier ON true
    LEFT JOIN LATERAL (
        SELECT occupancy.start - wanted.start - runs.seconds AS after FROM occupancy
        WHERE occupancy.part_id = runs.part_id AND occupancy.start >= wanted.start + runs.seconds
            AND occupancy.occurrence_id <> ALL (CAST(:exclude AS integer[]))
        ORDER BY occupancy.start LIMIT 1
    ) AS later ON true
"""
_NEAR = " OR before < :tight OR after < :tight"
_SITTING_THERE = {
    "sqlite": sa.text(_SQLITE.format(names="", gaps="", near="")),
    "postgresql": sa.text(_POSTGRESQL.format(names="", gaps="", near="")),
}
_AROUND = {
    "sqlite": sa.text(_SQLITE.format(names=", before, after", gaps=_SQLITE_GAPS, near=_NEAR)),
    "postgresql": sa.text(_POSTGRESQL.format(names=", before, after", gaps=_POSTGRESQL_GAPS, near=_NEAR)),
}

Runs = dict[tuple[int, int], dict[int, int]]  # part and length in seconds: index in what is wanted, to epoch seconds


class Gap(NamedTuple):
    """The time from a meeting to its nearest neighbour in the same room; ``before``: it is the one before."""

    minutes: int
    before: bool


class Around(NamedTuple):
    """Who sits at a wanted time, as the id of an occurrence; or else how near the nearest neighbour is."""

    taken_by: int | None
    gap: Gap | None


def conflicts(wanted: Sequence[Wanted], exclude: Collection[int] = ()) -> dict[int, int]:
    """Which of the wanted times are taken: index in ``wanted`` to the id of an occurrence that sits there.

    ``exclude``: ids of occurrences that do not count, such as those that are to
    move. One statement for all of them.
    """
    taken: dict[int, int] = {}
    for index, occurrence_id in _found(_SITTING_THERE, wanted, exclude):
        taken[index] = min(occurrence_id, taken.get(index, occurrence_id))
    return taken


def around(wanted: Sequence[Wanted], tight: timedelta, exclude: Collection[int] = ()) -> dict[int, Around]:
    """As ``conflicts``, and of those that are free also the ones whose nearest neighbour is nearer than ``tight``."""
    found: dict[int, Around] = {}
    most = int(tight.total_seconds())
    for index, occurrence_id, before, after in _found(_AROUND, wanted, exclude, tight=most):
        known = found.get(index, Around(None, None))
        if occurrence_id is not None:
            found[index] = Around(min(occurrence_id, known.taken_by or occurrence_id), None)
        elif known.taken_by is None:
            near = [known.gap] if known.gap else []
            near += [Gap(before // 60, before=True)] if before is not None and before < most else []
            near += [Gap(after // 60, before=False)] if after is not None and after < most else []
            found[index] = Around(None, min(near, key=lambda gap: (gap.minutes, not gap.before)))
    return found


def _found(
    statement: dict[str, sa.TextClause], wanted: Sequence[Wanted], exclude: Collection[int], **more: int
) -> list[Any]:
    """The rows of a statement above, each with the index of what is wanted in place of its run and number."""
    runs = _runs(wanted)
    if not runs:
        return []
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
    rows = db.session.execute(statement[engine], values | more).all()
    return [(indexes[run][nth], *found) for run, nth, *found in rows]


def _runs(wanted: Sequence[Wanted]) -> Runs:
    runs: Runs = defaultdict(dict)
    for index, (room, slot) in enumerate(wanted):
        start = int(slot.start.timestamp())
        for part_id in room.part_lists.at(start):
            runs[part_id, int(slot.end.timestamp()) - start][index] = start
    return runs


# Requests hold no room and may overlap each other; but they are few, as the office decides on them within days. So all
# of them are read, once, whatever is asked. Which parts their rooms take is known.
_SELECT_UNDECIDED = """
    SELECT id, booking_id, room_id, begins, ends, begins - 60 * before_minutes, ends + 60 * after_minutes
    FROM (SELECT *, {start} AS begins, {end} AS ends FROM occurrence WHERE status = 'requested') AS undecided
"""
_UNDECIDED = {
    "sqlite": sa.text(_SELECT_UNDECIDED.format(start="start", end='"end"')),
    "postgresql": sa.text(
        _SELECT_UNDECIDED.format(
            start="CAST(extract(epoch FROM start) AS bigint)", end='CAST(extract(epoch FROM "end") AS bigint)'
        )
    ),
}
_WIDEST = 3 * 86400  # seconds; no date reaches further from its start, set-up and tidying up included


class Requested(NamedTuple):
    """A date that somebody has asked for and nobody has decided, in plain numbers; times are epoch seconds.

    It takes its room from ``begins`` until ``ends``, set-up and tidying up included.
    """

    id: int
    booking_id: int
    room_id: int
    start: int
    end: int
    begins: int
    ends: int

    @property
    def slot(self) -> Slot:
        """The meeting itself."""
        return Slot(*(datetime.fromtimestamp(at, UTC) for at in (self.start, self.end)))


_Read = Sequence[int]  # the same, as it is read
_ROOM, _BEGINS, _ENDS = (Requested._fields.index(name) for name in ("room_id", "begins", "ends"))
_as_requested = partial(tuple.__new__, Requested)  # what _make does, without its calls
_START = itemgetter(Requested._fields.index("start"))


def asked_for(slots: Collection[Slot], part_ids: Collection[int]) -> Iterator[tuple[int, Requested]]:
    """The undecided dates in these parts that may overlap one of the slots, each once with every such part."""
    if not slots or not part_ids:
        return
    first = int(min(slot.start for slot in slots).timestamp())
    last = int(max(slot.end for slot in slots).timestamp())
    undecided = once(_undecided, Occurrence, Room, Part, RoomPart)
    for part_id in part_ids:
        for row in _near(undecided.get(part_id, ()), first, last):
            yield part_id, _as_requested(row)


def _near(rows: Sequence[_Read], first: int, last: int) -> Sequence[_Read]:
    """Those of some rows, in order of their starts, that can overlap a time."""
    return rows[bisect_left(rows, first - _WIDEST, key=_START) : bisect_right(rows, last + _WIDEST, key=_START)]


def _undecided() -> dict[int, list[_Read]]:
    """All of them, by the parts that they take, in order of their starts: as they are read, since a page looks at few
    of them."""
    in_rooms: dict[int, list[_Read]] = defaultdict(list)
    for row in db.session.execute(_UNDECIDED[db.engine.dialect.name]).all():
        in_rooms[row[_ROOM]].append(row)
    found: dict[int, list[_Read]] = defaultdict(list)
    for room_id, rows in in_rooms.items():
        lists = room_rows()[room_id].part_lists
        for part_id in lists.ever:
            is_whole = len(lists.ids) == 1
            found[part_id] += rows if is_whole else [row for row in rows if part_id in lists.at(row[_BEGINS])]
    for rows in found.values():
        rows.sort(key=_START)
    return found


def asking_too(wanted: Sequence[Wanted], exclude: Collection[int] = ()) -> dict[int, dict[int, Requested]]:
    """Who has asked for wanted times too, by index in ``wanted`` and id of the occurrence."""
    undecided = once(_undecided, Occurrence, Room, Part, RoomPart) if wanted else {}
    found: dict[int, dict[int, Requested]] = defaultdict(dict)
    for (part_id, seconds), starts in _runs(wanted).items():
        rows = undecided.get(part_id, ())
        for index, begins in starts.items() if rows else ():
            ends = begins + seconds
            for row in _near(rows, begins, ends):
                if row[_BEGINS] < ends and row[_ENDS] > begins and row[0] not in exclude:
                    found[index][row[0]] = _as_requested(row)
    return {index: dict(sorted(rows.items())) if len(rows) > 1 else rows for index, rows in found.items()}
