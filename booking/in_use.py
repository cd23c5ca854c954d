"""Who works on a SQLite file at the moment: any number of services, or one command that puts another file in its place.

A lock of the system on a file beside the database, which ends with the process
that holds it. PostgreSQL knows by itself who is connected.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

#: The files that this process serves, for as long as it lives.
_served: dict[str, int] = {}


class InUse(Exception):
    """Somebody else works on the database; the text says who."""


def take_part(url: sa.URL) -> None:
    """Be one of the services that work on a database, until the process ends.

    Raises ``InUse`` while a command has the database for itself.
    """
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:", *_served):
        return
    with contextlib.suppress(OSError):  # what cannot be written, nobody replaces
        _served[str(url.database)] = _lock(Path(str(url.database)), fcntl.LOCK_SH)


@contextlib.contextmanager
def alone(database: Path) -> Iterator[None]:
    """Have a database for oneself, and keep services from starting. Raises ``InUse`` where one runs."""
    file = _lock(database, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(file)


def _lock(database: Path, kind: int) -> int:
    file = os.open(f"{database}.serving", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        is_served = "a service runs on it. Stop the service, then try again."
        is_replaced = "another database is being put in its place."
        said = is_served if kind == fcntl.LOCK_EX else is_replaced
        raise InUse(f"The database {database} is in use: {said}") from None
    return file
