"""Files that are there whole or not at all, and that nobody else can read."""

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

_DATED = re.compile(r"booking-\d{8}T\d{6}Z\.(sqlite|dump)")


class NotKept(Exception):
    """A backup, a restore or a move that cannot be; nothing was changed, and the text says what to do."""


@contextlib.contextmanager
def arriving(path: Path) -> Iterator[Path]:
    """An empty file beside ``path``, to be filled; in its place and on disk at the end, gone after an exception."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # whatever the umask
    try:
        yield unfinished
        sync(unfinished)
        unfinished.replace(path)
        sync(path.parent)
    finally:
        for left in path.parent.glob(f"{unfinished.name}*"):  # with what stands beside a database
            left.unlink()


#: What SQLite keeps beside a database.
SIDE_FILES = ("-wal", "-shm", "-journal")


def sync(path: Path) -> None:
    """Put a file or folder on disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def stamp(now: datetime) -> str:
    """An instant as it stands in names of files: 20261130T090000Z."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def rotate(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest ``keep`` backups that bear a date as ours do; gives those that are gone."""
    dated = sorted(path for path in folder.iterdir() if _DATED.fullmatch(path.name))
    surplus = dated[: max(len(dated) - keep, 0)]
    for path in surplus:
        path.unlink()
    return surplus
