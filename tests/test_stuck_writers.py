"""Somebody else writes and does not end: posts are told so, nobody else waits, and afterwards all is as before."""

import fcntl
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError

from booking import links
from booking.availability.claim import claim_booking
from booking.database import NotStored, db, transaction, turns, writing
from booking.domain.status import Status
from booking.models import Draft, Occurrence
from tests import make
from tests.support.app import CheckedClient, Clock, application
from tests.support.pages import find_form, parse, text
from tests.support.raw import Raw
from tests.support.server import Server

Blocker = Callable[[Flask], AbstractContextManager[None]]


def database_file() -> Path:
    return Path(str(db.engine.url.database))


@contextmanager
def writer(app: Flask) -> Iterator[None]:
    """Another program that writes into the file and knows nothing of our lock file."""
    raw = Raw(app)
    raw("BEGIN IMMEDIATE")
    yield
    raw.connection.close()


@contextmanager
def lock_file(_app: Flask) -> Iterator[None]:
    """Another process of ours."""
    handle = os.open(f"{database_file()}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    yield
    os.close(handle)


@contextmanager
def rows(app: Flask) -> Iterator[None]:
    """Another session that has the booking's row."""
    raw = Raw(app)
    raw("BEGIN")
    raw("SELECT 1 FROM booking FOR UPDATE")
    yield
    raw.connection.close()


@pytest.fixture(
    params=[
        pytest.param(("sqlite_url", writer), id="sqlite"),
        pytest.param(("sqlite_url", lock_file), id="lock file"),
        pytest.param(("postgresql_url", rows), id="postgresql", marks=pytest.mark.postgresql),
    ]
)
def blocked(
    request: pytest.FixtureRequest, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Flask, Blocker]]:
    """The application, with less patience than usual, and what keeps it from writing."""
    monkeypatch.setattr(turns, "PATIENCE", 0.3)
    url, blocker = request.param
    with application(request.getfixturevalue(url), own=True) as app:
        make.house()
        yield app, blocker


def statuses() -> list[str]:
    db.session.expire_all()
    return [each.status.value for each in db.session.scalars(db.select(Occurrence))]


def test_post_behind_a_stuck_writer_is_told_so_and_can_be_sent_again(blocked: tuple[Flask, Blocker]) -> None:
    app, blocker = blocked
    booking = make.booking(make.room(), "2027-01-06T16:00", status=Status.APPROVED)
    page = f"/a/{links.token(make.link(booking))}/absagen?date={booking.occurrences[0].id}"
    visitor = CheckedClient(app, use_cookies=True)
    visitor.get("/")

    with blocker(app):
        refused = visitor.submit(page, form="question")
        others = [visitor.get(path).status_code for path in (page, "/lobby", "/kalender", "/team/anmelden", "/healthz")]

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "120")
    assert text(parse(refused.text)[0].find("body//h1")) == "Das konnten wir gerade nicht speichern"
    assert "von dem, was du abgeschickt hast, ist nichts gespeichert" in refused.text
    assert others == [200] * 5
    assert statuses() == ["approved"]

    again = find_form(refused.text, "").filled({}, "")
    visitor.post(refused.request.path + "?" + refused.request.query_string.decode(), data=again.data)

    assert statuses() == ["cancelled"]


def test_worker_behind_a_stuck_writer_gives_up_for_now(blocked: tuple[Flask, Blocker]) -> None:
    app, blocker = blocked
    booking = make.booking(make.room(), "2027-01-06T16:00")

    with blocker(app), pytest.raises((NotStored, OperationalError)), transaction():
        claim_booking(booking)

    with transaction():
        claim_booking(booking)


def test_password_is_in_no_page_that_offers_to_send_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    make.house()
    visitor = CheckedClient(app, use_cookies=True)
    with writing():
        db.session.execute(sa.text("ALTER TABLE staff_member RENAME TO gone"))
        db.session.commit()

    page = visitor.submit("/team/anmelden", {"email": "henrike@bielefeld.de", "password": make.PASSWORD})

    assert (page.status_code, make.PASSWORD in page.text) == (503, False)


def test_those_who_wait_to_write_leave_threads_to_those_who_read(server: Server) -> None:
    """Twelve people send while another process holds the lock file; the server has eight threads."""
    form = server.form("/anfrage")

    with ThreadPoolExecutor(12) as visitors:
        with lock_file(server.app):
            sent = [visitors.submit(server.ask, "POST", "/anfrage", form) for _ in range(12)]
            refused = next(as_completed(sent)).result()
            others = [server.ask("GET", path) for path in ("/healthz", "/lobby", "/kalender")]
        answers = [each.result() for each in sent]

    assert (refused, others, set(answers) - {503, 303, 302}) == (503, [200] * 3, set())
    stored = db.session.scalars(sa.select(sa.func.count()).select_from(Draft)).one()
    assert stored == len(answers) - answers.count(503)
