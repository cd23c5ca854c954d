"""What is said to the database."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from booking.database import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """All that is said to the database meanwhile."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", hear)
    yield heard
    sa.event.remove(db.engine, "before_cursor_execute", hear)
