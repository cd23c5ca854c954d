"""What is said to the database: by a test, and by each answer, which says little and nothing once per line it shows."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.datastructures import Headers

from booking.database import db

#: More than so many statements of the same text in one answer are a loop.
MOST_ALIKE = 3
#: So many statements may a page need, by its audience.
MOST_OF_A_PAGE = {"public": 8, "link_holder": 8, "staff": 12}
#: Answers that take more: how many statements, and how many alike. Only to become fewer and smaller.
MORE = {
    # Several bookings in one answer: what is written of each is a row of its own, and when a letter leaves hangs on
    # those that were put before it.
    "staff.send_contest": (12, 6),  # two entries of the record for each of up to three requests
    "staff.send_new_closure": (90, 5),  # an entry of the record, and a letter, for each booking whose dates it hits
    "staff.send_import": (100, 8),  # a transaction for each booking that is brought in
    "staff.undo_closure": (40, 5),  # likewise for each whose dates are put back
    # Where dates clash and any room would do, the rooms that are free are one question more.
    "request_form.dates": (9, 3),
    # As there; a link and its dates are read where that reads its draft.
    "status_page.extend": (9, 3),
}
#: Lists of values, as SQLite's driver and as PostgreSQL's write them: they differ in length only.
_VALUES = re.compile(r"\((?:\?|%\(\w+\)s(?:::\w+)?)(?:, (?:\?|%\(\w+\)s(?:::\w+)?))*\)")

_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)


@contextmanager
def statements() -> Iterator[list[str]]:
    """All that is said to the database meanwhile."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", hear)
    yield heard
    sa.event.remove(db.engine, "before_cursor_execute", hear)


@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def _hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    heard = _heard.get()
    if heard is not None and not statement.startswith(("BEGIN", "PRAGMA")):  # the frame of a transaction asks nothing
        heard.append(statement)


@contextmanager
def of_this_answer() -> Iterator[list[str]]:
    """What is said meanwhile in this context, whichever engine it goes to."""
    heard: list[str] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


def cost(heard: list[str]) -> tuple[int, int]:
    """How many statements there are, and how often the most frequent one."""
    return len(heard), max(Counter(_VALUES.sub("(?)", each) for each in heard).values(), default=0)


def is_page(environ: dict[str, Any], answer: tuple[Any, str, Headers]) -> bool:
    _body, status, headers = answer
    return (
        environ["REQUEST_METHOD"] == "GET"
        and status.startswith("200")
        and headers.get("Content-Type", "").startswith("text/html")
    )


def excess(app: Flask, environ: dict[str, Any], answer: tuple[Any, str, Headers], heard: list[str]) -> str:
    """What is too much about the statements of an answer; empty where nothing is."""
    endpoint = endpoint_of(app, environ)
    number, alike = cost(heard)
    most, most_alike = MORE.get(endpoint, (budget(app, endpoint), MOST_ALIKE))
    if alike > most_alike or (number > most and is_page(environ, answer)):
        return f"{endpoint}: {number} statements, {alike} of them alike\n" + "\n".join(sorted(heard))
    return ""


def budget(app: Flask, endpoint: str) -> int:
    view = app.view_functions.get(endpoint)
    return MOST_OF_A_PAGE[getattr(view, "audience", "public")]


def endpoint_of(app: Flask, environ: dict[str, Any]) -> str:
    address = app.url_map.bind("localhost")
    path = environ["PATH_INFO"].removeprefix("/en") or "/"
    try:
        return str(address.match(path, environ["REQUEST_METHOD"])[0])
    except Exception:  # no address, another one, another method: an error page
        return ""
