"""The database's own guard: no room is ever booked twice, whatever code or hand writes.

The idea is one table and one fact. ``occupancy`` holds a row for each physical
part of the house and each date that holds it: from when to when, in epoch
seconds, half-open, set-up and tidying up included. A hall that can be divided
has two parts and fills two rows; each half fills one. So "the hall" and "the
north half" meet in the same row space, and one rule covers all of it:

    **two rows of one part never overlap.**

Two things make that rule worth something.

*The table tells the truth.* A row exists if and only if its date holds its
room. What the truth is stands in ``occupancy_truth``, derived from
``occurrence`` and ``room_part`` alone. Triggers on ``occurrence`` copy it into
``occupancy`` with every insert, change and delete, and look afterwards whether
all of it has arrived. Triggers on ``occupancy`` refuse every row that is not
the truth, every change, and every delete of what is still true. The parts of a
room stand in lists, each from a time on; a date takes the list that holds when
it begins, set-up included. The first list cannot change while a date holds the
room; triggers let ``occupancy`` follow what is added to later ones, or taken
from them, where nothing overlaps then. A date cannot change its ``id``, nor
be replaced by another through a unique column, as SQLite's ``OR REPLACE``
would do without firing a delete trigger.

*The engine refuses the overlap.* PostgreSQL has a means of its own, the
exclusion constraint ``occupancy_no_overlap``; it sees uncommitted rows of
others and waits for them, so no isolation level gets around it. (The part's
number stands in it as a range of one number: that needs no extension.) It has
two blind spots, NULL and the empty range, and neither can be the truth. SQLite
has one writer at a time, so a trigger can simply look: rows of a part that do
not overlap are, in order of their starts, also in order of their ends, so the
last row that starts before the new end has the greatest end of them all. If
that one ends by the new start, none is in the way: one descent in the primary
key, however many rows there are.

The record of who did what, ``log_entry``, is guarded beside it: entries can be
added, and neither changed nor taken away.

``prove`` compares all this with what the database has and tries to book a
room twice. What it does not accept is not served.

The triggers' refusals are ``IntegrityError`` with these words, on both engines:
``double_booking`` (on PostgreSQL by the names of the constraint and, where two
start together, of the primary key), ``occupancy_not_owned``,
``occupancy_owned``, ``occupancy_fixed``, ``occupancy_incomplete``,
``occurrence_exists``, ``occurrence_id_fixed``, ``occurrence_malformed``,
``room_without_parts``, ``room_in_use``, ``log_entry_fixed``.
"""

import sqlalchemy as sa

from booking.guard import postgresql, sqlite
from booking.guard.pieces import STORED, Engine, is_true
from booking.guard.proof import Unguarded, Unproved, try_to_get_around

__all__ = [
    "Unguarded",
    "Unproved",
    "durability_faults",
    "faults",
    "install",
    "prove",
    "remove",
    "untruths",
]


def install(connection: sa.Connection) -> None:
    """Put the guard in place where it is not, and make ``occupancy`` true.

    Does nothing while there are no tables, or where all is well. Raises
    ``IntegrityError`` where dates that hold their room overlap already.
    """
    engine = _engine(connection)
    if not _has_tables(connection) or not (missing(connection) or untruths(connection)):
        return
    present = _present(connection)
    for piece in engine.pieces:
        if present.get(piece.name) == piece.definition:
            continue  # on many rows, PostgreSQL's constraint takes minutes to build
        if not piece.create.startswith("CREATE OR REPLACE"):
            connection.exec_driver_sql(piece.drop)
        connection.exec_driver_sql(piece.create)
    connection.exec_driver_sql(f"DELETE FROM occupancy WHERE NOT {is_true('occupancy', engine.truth)}")
    connection.exec_driver_sql(
        'INSERT INTO occupancy (part_id, start, "end", occurrence_id)'
        f' SELECT part_id, start, "end", occurrence_id FROM {engine.truth} AS truth WHERE NOT {STORED}'
    )


def remove(connection: sa.Connection) -> None:
    """Take the guard away, for a migration that rebuilds its tables; ``install`` puts it back."""
    if _has_tables(connection):
        for piece in reversed(_engine(connection).pieces):
            connection.exec_driver_sql(piece.drop)


def missing(connection: sa.Connection) -> list[str]:
    """What is missing in the database, or is not as it is written here; empty if all is well."""
    if not _has_tables(connection):
        return ["table occupancy is missing"]
    present = _present(connection)
    return [
        f"{piece.name} is {'altered' if piece.name in present else 'missing'}"
        for piece in _engine(connection).pieces
        if present.get(piece.name) != piece.definition
    ]


def untruths(connection: sa.Connection) -> list[tuple[int, int, int, int]]:
    """Rows that ``occupancy`` has and should not have, or the reverse; empty as long as the guard does its work."""
    stored = 'SELECT part_id, start, "end", occurrence_id FROM occupancy'
    truth = f'SELECT part_id, start, "end", occurrence_id FROM {_engine(connection).truth} AS truth'
    both = f"SELECT * FROM ({stored} EXCEPT {truth}) AS a UNION ALL SELECT * FROM ({truth} EXCEPT {stored}) AS b"
    return [(row[0], row[1], row[2], row[3]) for row in connection.exec_driver_sql(both)]


def durability_faults(connection: sa.Connection) -> list[str]:
    """Settings of the database under which a power cut can take what was already confirmed."""
    return list(connection.exec_driver_sql(_engine(connection).unsafe).scalars())


def prove(connection: sa.Connection) -> None:
    """Raise ``Unguarded`` unless this database refuses to book a room twice.

    Compares the guard with what is written here, then books a room of its own
    making twice, and takes all of it back. Needs a transaction that may write.
    Raises ``Unproved`` where all of the guard is there, but the attempt itself
    goes wrong.
    """
    found = missing(connection)
    if found:
        raise Unguarded(
            f"The database is not guarded against double bookings: {', '.join(found)}."
            ' Run "flask --app app db upgrade" and start again.'
        )
    if unsafe := durability_faults(connection):
        raise Unguarded(
            f"The database may forget what it has confirmed: {', '.join(unsafe)}."
            " Switch that on in postgresql.conf and start again."
        )
    savepoint = connection.begin_nested()
    try:
        try_to_get_around(connection, _engine(connection))
    finally:
        savepoint.rollback()


def _engine(connection: sa.Connection) -> Engine:
    return sqlite.ENGINE if connection.dialect.name == "sqlite" else postgresql.engine(connection)


def _present(connection: sa.Connection) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.exec_driver_sql(_engine(connection).present)}


def _has_tables(connection: sa.Connection) -> bool:
    return sa.inspect(connection).has_table("occupancy")
