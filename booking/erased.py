"""Who was erased, kept outside the database, so that no backup brings them back.

``instance/erased.log`` is only ever added to: a line for each person and each
booking that was erased at somebody's wish, with the instant and the number of
its row, and nothing else. A restore reads it and erases them again. What is
forgotten because its day has come needs no line: it is forgotten again by the
same rule.
"""

import os
import re
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from flask import current_app

Kind = Literal["booking", "contact"]

#: A line that was cut off by a power cut spoils no other.
_LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+00:00) (booking|contact) (\d+)\n")


class Erasure(NamedTuple):
    at: datetime
    kind: str
    number: int


def note_down(kind: Kind, number: int, at: datetime) -> None:
    """Write down that a row was erased, at an instant in UTC; on disk when this returns. Twice is once.

    Belongs into the transaction that erases: if that fails in the end, a line
    too many does no harm, and one too few would.
    """
    erasure = Erasure(at, kind, number)
    if erasure in noted():
        return
    file = os.open(_path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, f"{at.isoformat()} {kind} {number}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)


def noted() -> list[Erasure]:
    """All erasures, in the order in which they happened."""
    text = _path().read_text() if _path().exists() else ""
    return [Erasure(datetime.fromisoformat(at), kind, int(number)) for at, kind, number in _LINE.findall(text)]


def _path() -> Path:
    return Path(current_app.instance_path) / "erased.log"
