"""A copy of all that a house has, made while it is open.

Left out are unfinished requests, which are gone after a day anyway, and the
secret key, which has its place in the instance folder: whoever has both can
open the groups' pages. Letters that wait are in it.
"""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from flask import current_app

from booking import guard
from booking.database import db, sqlite_library
from booking.keeping import postgresql
from booking.keeping.files import NotKept, arriving, rotate, stamp

_COUNTS = """
    SELECT (SELECT count(*) FROM booking), (SELECT count(*) FROM occurrence),
      (SELECT count(*) FROM letter WHERE state IN ('waiting', 'sending'))"""


class Backup(NamedTuple):
    """Where a backup is, what it holds, and which older ones had to go."""

    path: Path
    bookings: int
    dates: int
    waiting_letters: int
    removed: list[Path]


def make_backup(target: Path, now: datetime, keep: int | None = None) -> Backup:
    """Store a checked copy in a file, or with today's name in a folder, where older ones but ``keep`` are removed.

    A file of that name is replaced once the new one is whole and on disk.
    Raises ``NotKept``.
    """
    is_sqlite = db.engine.dialect.name == "sqlite"
    folder = target if target.is_dir() else None
    path = target / f"booking-{stamp(now)}.{'sqlite' if is_sqlite else 'dump'}" if folder else target
    if not path.parent.is_dir():
        raise NotKept(f"There is no folder {path.parent}.")
    try:
        with arriving(path) as unfinished:
            bookings, dates, letters = (_from_sqlite if is_sqlite else _from_postgresql)(unfinished)
    except (OSError, sa.exc.SQLAlchemyError, sqlite_library.Error) as fault:
        raise NotKept(f"No backup was made: {fault}") from None
    removed = rotate(folder, keep) if folder and keep else []
    return Backup(path, bookings, dates, letters, removed)


def _from_sqlite(unfinished: Path) -> tuple[int, int, int]:
    """One read transaction of SQLite's own, which keeps no writer waiting in WAL mode.

    The backup API in steps would begin anew with each commit of somebody else,
    and a copy of the file would miss what stands in its log.
    """
    source = sqlite_library.connect(str(db.engine.url.database), isolation_level=None, timeout=15)
    try:
        source.execute("VACUUM INTO ?", (str(unfinished),))
    finally:
        source.close()
    engine = open_file(unfinished)
    with engine.connect() as connection:
        for statement in ("PRAGMA journal_mode=DELETE", "PRAGMA secure_delete=ON", "DELETE FROM draft"):
            connection.exec_driver_sql(statement)
        verify(connection)
        return _counts(connection)


def _from_postgresql(unfinished: Path) -> tuple[int, int, int]:
    """What ``pg_dump`` sees in the same snapshot in which guard and truth are looked at."""
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = str(connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())
        for timeout in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {timeout} = 0")
        verify(connection)
        counts = _counts(connection)
        uri = sa.make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
        postgresql.dump(uri, server_version(connection), snapshot, unfinished)
    return counts


def open_file(path: Path) -> sa.Engine:
    """An engine for a SQLite file that nobody else has open; each statement stands for itself."""

    def connect() -> object:
        return sqlite_library.connect(str(path), isolation_level=None)

    return sa.create_engine("sqlite://", module=sqlite_library, creator=connect, poolclass=sa.pool.NullPool)


def verify(connection: sa.Connection) -> None:
    """Raise ``NotKept`` unless a database is whole, guarded and true."""
    faults = guard.missing(connection) + [f"occupancy and dates disagree: {row}" for row in guard.untruths(connection)]
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        faults += [each for each in found if each != "ok"]
        faults += [f"a row refers to nothing: {row}" for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
    if faults:
        raise NotKept(f"The database is not as it should be: {'; '.join(faults[:5])}. See: flask --app app doctor")


def server_version(connection: sa.Connection) -> int:
    """15, of a PostgreSQL server."""
    return int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000


def _counts(connection: sa.Connection) -> tuple[int, int, int]:
    bookings, dates, letters = connection.exec_driver_sql(_COUNTS).one()
    return bookings, dates, letters
