"""What both engines' guards are made of."""

from dataclasses import dataclass

from booking.domain.status import HOLDS_ROOM

#: SQL: the statuses in which a date holds its room.
HOLDS = "(" + ", ".join(f"'{status}'" for status in sorted(HOLDS_ROOM)) + ")"

#: SQL: whether ``occupancy`` has this row ``truth``.
STORED = (
    "EXISTS (SELECT 1 FROM occupancy AS stored WHERE stored.part_id = truth.part_id AND stored.start = truth.start"
    ' AND stored."end" = truth."end" AND stored.occurrence_id = truth.occurrence_id)'
)

#: SQL: whether a row of ``room_part`` stands in the list that its room has when a date begins. {begins} is when, set-up
#: included, in epoch seconds; {schema} stands in front of the table.
LISTED = """room_part.room_id = occurrence.room_id AND room_part.since = (
    SELECT max(list.since) FROM {schema}room_part AS list
    WHERE list.room_id = occurrence.room_id AND list.since <= {begins})"""


def is_true(row: str, truth: str) -> str:
    """SQL: whether ``row`` is, to the letter, one that ``occupancy`` should have."""
    return (
        f"EXISTS (SELECT 1 FROM {truth} AS truth WHERE truth.occurrence_id = {row}.occurrence_id"
        f' AND truth.part_id = {row}.part_id AND truth.start = {row}.start AND truth."end" = {row}."end")'
    )


@dataclass(frozen=True)
class Piece:
    """A view, trigger, function or constraint. ``definition`` is what the database itself says of it."""

    name: str
    definition: str
    create: str
    drop: str


@dataclass(frozen=True)
class Engine:
    """The guard on one of the two databases."""

    pieces: list[Piece]  # in the order of creation
    present: str  # query: name and definition of what is there
    truth: str  # what occupancy should have, as it stands behind FROM
    wanted_columns: str  # query: table, column and type, where a column of the proof's tables wants a value
    instant: str  # SQL for an instant in a column of occurrence, made from {} epoch seconds
    unsafe: str  # query: settings under which a power cut takes what was confirmed


#: In these tables ``prove`` makes rows of its own, and takes them back.
PROOF_TABLES = ("part", "room", "room_part", "initiative", "booking", "occurrence", "log_entry")
