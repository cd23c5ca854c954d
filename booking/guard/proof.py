"""The attempt to get around the guard: what ``prove`` does once the comparison has found nothing.

Its rows are never seen by anybody: all of it is taken back. Yet unique columns
compare even with what is taken back later, so whatever it writes there is
random: it can neither meet what people have typed, nor another proof that runs
at the same time.
"""

import re
import secrets

import sqlalchemy as sa

from booking.guard.pieces import Engine

#: A value for a column by a word in its type; the first that fits. Texts are random.
_ANYTHING: dict[str, int | str] = {
    "int": 0,
    "bool": "false",
    "json": "'[]'",
    "timestamp": "now()",
    "time": "'00:00'",
    "date": "'9000-01-01'",
}

_FAR_AWAY = 221845392000  # 1 January 9000, epoch seconds

#: How the databases say that a room is taken.
_DOUBLE = "double_booking|occupancy_no_overlap|pk_occupancy"

#: What the attempt's own statements can go wrong with; a database that is away or locked is something else.
_OF_ITS_OWN = (sa.exc.IntegrityError, sa.exc.ProgrammingError, sa.exc.DataError, sa.exc.NotSupportedError)


class Unguarded(Exception):
    """The database would let a room be booked twice; the text says what is wrong and what to do."""


class Unproved(Exception):
    """All of the guard is there, but the attempt to get around it went wrong by itself; says nothing against it."""


def try_to_get_around(connection: sa.Connection, engine: Engine) -> None:
    """Book a room of its own making twice. ``Unguarded`` where that works, ``Unproved`` where it cannot be tried."""
    try:
        _Attempt(connection, engine).run()
    except sa.exc.DBAPIError as error:
        no_such_column = getattr(error.orig, "sqlite_errorname", "") == "SQLITE_ERROR"
        if not (no_such_column or isinstance(error, _OF_ITS_OWN)):
            raise
        raise Unproved(
            f"All of the guard is there, but the test of it went wrong by itself: {error.orig}."
            " Dates are guarded; please report this."
        ) from error


class _Attempt:
    """Rows of a room, its part, and a date of nobody in the year 9000, with ids that no row of people has."""

    def __init__(self, connection: sa.Connection, engine: Engine) -> None:
        self.connection = connection
        self.engine = engine
        self.id = 2**30 + secrets.randbelow(2**30 - 1)  # sequences begin at 1
        self.wanted: dict[str, dict[str, int | str]] = {"occupancy": {}}
        for table, column, kind in connection.exec_driver_sql(engine.wanted_columns):
            self.wanted.setdefault(table, {})[column] = _anything(kind)

    def run(self) -> None:
        for statement in (
            self.insert("part", id=self.id),
            self.insert("room", id=self.id),
            self.insert("room_part", room_id=self.id, part_id=self.id),
            self.insert("initiative", id=self.id, kind="'own'"),
            self.insert("booking", id=self.id, initiative_id=self.id),
            self.book(self.id, _FAR_AWAY),
            self.insert("log_entry", id=self.id),
        ):
            self.connection.exec_driver_sql(statement)
        row = {"part_id": self.id, "start": _FAR_AWAY, "end": _FAR_AWAY + 3600, "occurrence_id": self.id}
        noted = self.connection.exec_driver_sql(f"SELECT * FROM occupancy WHERE part_id = {self.id}").mappings().all()
        if [dict(found) for found in noted] != [row]:
            raise Unguarded("The database does not note who occupies a room, although all of its guard is there.")

        twice = "The database lets a room be booked twice, although all of its guard is there."
        rewritten = "The database lets its record of who did what be changed, although all of its guard is there."
        more = self.insert("occupancy", **(row | {"start": _FAR_AWAY + 3600, "end": _FAR_AWAY + 7200}))
        self.refused(self.book(self.id + 1, _FAR_AWAY + 1800), _DOUBLE, twice)
        self.refused(more, "occupancy_not_owned", twice)
        self.refused(f"DELETE FROM occupancy WHERE part_id = {self.id}", "occupancy_owned", twice)
        self.refused(f"UPDATE log_entry SET action = '' WHERE id = {self.id}", "log_entry_fixed", rewritten)
        self.refused(f"DELETE FROM log_entry WHERE id = {self.id}", "log_entry_fixed", rewritten)

    def refused(self, attempt: str, words: str, otherwise: str) -> None:
        """Raise ``Unguarded`` unless the database refuses this with its own words."""
        try:
            with self.connection.begin_nested():
                self.connection.exec_driver_sql(attempt)
        except sa.exc.DBAPIError as error:
            may_not_even_try = getattr(error.orig, "sqlstate", "") == "42501"  # insufficient_privilege
            if not (may_not_even_try or re.search(words, str(error.orig))):
                raise
        else:
            raise Unguarded(otherwise)

    def insert(self, table: str, **values: int | str) -> str:
        values = self.wanted[table] | values
        columns = ", ".join(f'"{column}"' for column in values)
        return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(map(str, values.values()))})"

    def book(self, number: int, start: int) -> str:
        rooms = {"booking_id": self.id, "room_id": self.id, "original_room_id": self.id}
        times = {"start": self.engine.instant.format(start), "end": self.engine.instant.format(start + 3600)}
        uid = f"'{secrets.token_hex(16)}'"
        return self.insert("occurrence", id=number, uid=uid, status="'approved'", **rooms, **times)


def _anything(kind: str) -> int | str:
    """A value for a column of this type, in SQL."""
    length = re.search(r"\((\d+)\)", kind)
    text = secrets.token_hex(16)[: int(length[1]) if length else None]
    return next((value for word, value in _ANYTHING.items() if word in kind), f"'{text}'")
