"""A house in a database, and a connection past all of our own code."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from flask import Flask

from booking import guard
from booking.database import db, sqlite_library
from tests import make

DAY = datetime(2027, 1, 6, tzinfo=UTC)
REFUSED = {"sqlite": sqlite_library.IntegrityError, "postgresql": psycopg.IntegrityError}

#: How the two databases say that a room is taken.
DOUBLE = "double_booking|occupancy_no_overlap|pk_occupancy"


class Raw:
    """A connection of its own, without our code. In its SQL ``@10:30`` is an instant, ``#10:30`` its epoch."""

    def __init__(self, app: Flask) -> None:
        self.engine = db.engine.dialect.name
        self.connection: Any
        if self.engine == "sqlite":
            self.connection = sqlite_library.connect(db.engine.url.database, isolation_level=None)
        else:
            self.connection = psycopg.connect(app.config["SQLALCHEMY_DATABASE_URI"], autocommit=True)

    def __call__(self, statement: str) -> list[tuple[Any, ...]]:
        statement = re.sub(r"@(\d+):(\d+)", lambda time: self._instant(_epoch(time)), statement)
        statement = re.sub(r"#(\d+):(\d+)", lambda time: str(_epoch(time)), statement)
        cursor = self.connection.execute(statement)
        return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    def _instant(self, epoch: int) -> str:
        return str(epoch) if self.engine == "sqlite" else f"to_timestamp({epoch})"

    def answer(self, statement: str) -> str:
        """What the database says against a statement, and afterwards all is as before."""
        self("BEGIN")
        try:
            self(statement)
        except REFUSED[self.engine] as refusal:
            return str(refusal)
        finally:
            if self.engine == "postgresql" or self.connection.in_transaction:
                self("ROLLBACK")
        return "accepted"

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table: sorted(self(f"SELECT * FROM {table}"), key=repr)
            for table in ("occurrence", "occupancy", "room_part")
        }

    def occupied(self, occurrence_id: int) -> list[str]:
        """``north 10:00-12:00`` for each row of a date."""
        found = self(
            'SELECT name, start, "end" FROM occupancy JOIN part ON part.id = part_id'
            f" WHERE occurrence_id = {occurrence_id} ORDER BY name"
        )
        return [f"{name} {_clock(start)}-{_clock(end)}" for name, start, end in found]


def _epoch(time: re.Match[str]) -> int:
    return int(DAY.timestamp()) + 3600 * int(time[1]) + 60 * int(time[2])


def _clock(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%H:%M")


def insert(
    number: int,
    room: int,
    start: str,
    end: str,
    status: str = "approved",
    *,
    before: int = 0,
    after: int = 0,
    how: str = "INSERT",
) -> str:
    """SQL for a date of the one booking there is."""
    return (
        f'{how} INTO occurrence (id, booking_id, room_id, start, "end", before_minutes, after_minutes, original_start,'
        " original_room_id, status, reason, cancelled_by_group, uid, sequence, changed_at)"
        f" VALUES ({number}, 1, {room}, {start}, {end}, {before}, {after}, @10:00, 1, '{status}', '', false,"
        f" 'uid-{number}', 0, @10:00)"
    )


def world(app: Flask) -> Raw:
    """A hall (room 1) of two halves (2 north, 3 south), a room without parts (4), and one booking.

    Its date 1 holds the hall from 10 to 12, date 2 the north half from 13 to 14; date 3 asks for the north half from
    11 to 13, date 4 for the room without parts; date 5 was declined.
    """
    make.house()
    hall = make.room("Saal", parts=["north", "south"])
    make.room("Saal Nord", parts=["north"])
    make.room("Saal Süd", parts=["south"])
    make.room("Nirgends", parts=["nowhere"])
    make.booking(hall, "2027-01-01T10:00")
    db.session.rollback()
    raw = Raw(app)
    for statement in (
        "DELETE FROM occurrence",
        "DELETE FROM room_part WHERE room_id = 4",
        insert(1, 1, "@10:00", "@12:00"),
        insert(2, 2, "@13:00", "@14:00"),
        insert(3, 2, "@11:00", "@13:00", "requested"),
        insert(4, 4, "@11:00", "@13:00", "requested"),
        insert(5, 2, "@10:00", "@14:00", "declined"),
    ):
        raw(statement)
    return raw


@pytest.fixture
def raw(engine_app: Flask) -> Iterator[Raw]:
    raw = world(engine_app)
    yield raw
    raw.connection.close()


def truth_holds(raw: Raw) -> bool:
    """Occupancy is what it should be, and nothing in it overlaps, seen without any of the guard's own cleverness."""
    with db.engine.connect() as connection:
        assert guard.untruths(connection) == []
    overlaps = raw(
        "SELECT a.part_id FROM occupancy AS a JOIN occupancy AS b ON a.part_id = b.part_id"
        ' AND a.start < b."end" AND b.start < a."end" AND (a.occurrence_id <> b.occurrence_id OR a.start <> b.start)'
    )
    return overlaps == []
