"""A SQLite file: how its connections are set up, whether it is still the one we opened, and leaving no traces in it."""

import contextlib
import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from booking.database import turns

try:
    import pysqlite3 as found
except ImportError:  # no wheel for this machine: Python's own library, and see journal_mode()
    import sqlite3 as found

#: The SQLite library in use.
library = found

#: Older libraries can lose or damage committed rows in WAL mode (sqlite.org/wal.html, "WAL-reset bug").
WAL_IS_SAFE_FROM = (3, 51, 3)

#: Bytes to which the log file shrinks when it begins anew.
LOG_STAYS_BELOW = 4 * 1024 * 1024

MILLISECONDS = 1000


def journal_mode(version: tuple[int, ...]) -> str:
    """WAL where the library is safe with it, else a rollback journal."""
    return "WAL" if version >= WAL_IS_SAFE_FROM else "DELETE"


def options(url: sa.URL) -> dict[str, Any]:
    """What SQLAlchemy's engine is made with."""
    options: dict[str, Any] = {"module": library, "connect_args": {"timeout": turns.PATIENCE}}
    if is_file(url):
        options.update(pool_size=25, pool_timeout=turns.PATIENCE)
    return options


def is_file(url: sa.URL) -> bool:
    return url.database not in (None, "", ":memory:")


def set_up(engine: sa.Engine) -> None:
    """Let each connection of the engine keep what it confirms, and write only where it may."""
    sa.event.listen(engine, "connect", _set_up_connection)
    sa.event.listen(engine, "begin", _begin)
    if is_file(engine.url):
        path = Path(str(engine.url.database)).absolute()
        engine.update_execution_options(lock_file=path.with_name(f"{path.name}.lock"))
        OpenedFile(path).watch(engine)


def _set_up_connection(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late and in the wrong kind
    for pragma in (
        f"journal_mode={journal_mode(library.sqlite_version_info)}",
        f"journal_size_limit={LOG_STAYS_BELOW}",
        "synchronous=FULL",  # NORMAL loses acknowledged requests when the power goes
        "foreign_keys=ON",
        "recursive_triggers=ON",  # REPLACE fires the guard's triggers only with this
        "secure_delete=ON",  # what is erased is overwritten, not only no longer referred to
        "trusted_schema=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    if turns.until.get() is None:
        driver: Any = connection.connection.dbapi_connection  # past SQLAlchemy, as every answer begins like this
        driver.execute("PRAGMA query_only=ON")
        driver.execute("BEGIN")
        return
    connection.exec_driver_sql("PRAGMA query_only=OFF")
    _wait_at_most(connection, turns.left())
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        _wait_at_most(connection, turns.PATIENCE)


def _wait_at_most(connection: sa.Connection, seconds: float) -> None:
    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(seconds * MILLISECONDS)}")


def truncate_log(engine: sa.Engine) -> bool:
    """Take all of the log over into the database file and cut it to nothing; ``False`` while somebody else is busy."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=100")
        is_busy: int = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout={int(turns.PATIENCE * MILLISECONDS)}")
        cursor.close()
    except library.OperationalError:
        return False
    finally:
        connection.close()
    return not is_busy


class OpenedFile:
    """The database file that an engine has opened, to notice when somebody deletes or replaces it.

    Open connections would go on with the old file, which nobody finds again,
    and a new one would begin an empty file. So nothing is stored any more until
    the service is started anew (or ``Engine.dispose`` has closed the old file).
    """

    def __init__(self, path: Path) -> None:
        self.files = (path, path.with_name(f"{path.name}-wal"))
        self.opened: dict[Path, tuple[int, int] | None] = {}

    def watch(self, engine: sa.Engine) -> None:
        sa.event.listen(engine, "do_connect", self._before_connect)
        sa.event.listen(engine, "connect", self._after_connect)
        sa.event.listen(engine, "begin", self._check)  # registered after _begin: the log file is open by now
        sa.event.listen(engine, "commit", self._check)
        sa.event.listen(engine, "engine_disposed", lambda _engine: self.opened.clear())

    def _before_connect(self, *_: Any) -> None:
        if self.opened:
            self._compare(self.files[0])
            return
        for path in self.files[0].parent.glob(f"{self.files[0].name}*"):  # of an earlier start, with another umask
            with contextlib.suppress(OSError):
                path.chmod(0o600)

    def _after_connect(self, *_: Any) -> None:
        self._compare(self.files[0])

    def _check(self, _connection: sa.Connection) -> None:
        if turns.until.get() is not None:
            for path in self.files:
                self._compare(path)

    def _compare(self, path: Path) -> None:
        there = None
        with contextlib.suppress(FileNotFoundError):
            stat = os.stat(path)
            there = (stat.st_dev, stat.st_ino)
        if self.opened.setdefault(path, there) != there:
            happened = "deleted" if there is None else "replaced"
            raise turns.NotStored(f"{path} was {happened} while it was open; start the service again")
