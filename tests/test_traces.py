"""What is erased is gone: from the rows of both databases, and from every file of the instance."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from booking import clock, retention, traces
from booking.database import db, transaction
from booking.domain.status import Status
from booking.letters import dispatch, outbox
from booking.models import Booking
from booking.sharing import erasing, people
from tests import make
from tests.support.app import Clock, on_either
from tests.support.people import everything
from tests.support.raw import Raw

#: So many that tables and log have many pages.
GROUPS = 16


def words(number: int) -> list[str]:
    """What is known of a person, and what they wrote."""
    kinds = ("name", "mailbox", "phone", "onsite", "purpose", "note", "answer", "letter")
    return [f"{kind}-of-{number}-" for kind in kinds]


@pytest.fixture
def bookings(engine_app: Flask) -> list[Booking]:
    """Bookings of the past, each of a person whose letters went into files."""
    make.house()
    room = make.room()
    made = []
    for number in range(GROUPS):
        name, mailbox, phone, onsite, purpose, note, answer, letter = words(number)
        booking = make.booking(
            room, f"2026-10-{number + 1:02}T10:00", status=Status.APPROVED, email=f"{mailbox}@example.org"
        )
        with transaction():
            person = booking.contact
            assert person is not None
            person.name, person.phone, person.onsite_name = name, phone, onsite
            booking.purpose, booking.note, booking.answer = purpose * 75, note * 75, answer
            for recipient in (person, None):
                outbox.put(
                    "approved",
                    subject="x",
                    body=letter + purpose,
                    language="de",
                    now=clock.now(),
                    booking=booking,
                    contact=recipient,
                )
        made.append(booking)
    dispatch.deliver_due(clock.now())
    return made


def files(app: Flask) -> Iterator[tuple[str, bytes]]:
    """All that a copy of the instance would hold."""
    folder = Path(app.instance_path)
    database = db.engine.url.database if db.engine.dialect.name == "sqlite" else None
    for path in (*folder.rglob("*"), *(Path(database).parent.glob("*.sqlite*") if database else ())):
        if path.is_file():
            yield path.name, path.read_bytes()


def found(app: Flask, numbers: range) -> set[str]:
    """Where something of these persons still stands."""
    db.session.expire_all()
    texts = [("a row", everything().encode()), *files(app)]
    db.session.rollback()
    wanted = [word.encode() for number in numbers for word in words(number)]
    return {name for name, content in texts for word in wanted if word in content}


def test_erasing_leaves_nothing_in_any_row_and_file(engine_app: Flask, bookings: list[Booking]) -> None:
    assert {"a row"} < found(engine_app, range(GROUPS))

    for number, booking in enumerate(bookings):
        if number % 2:
            erasing.erase(booking, clock.now())

    assert found(engine_app, range(1, GROUPS, 2)) == set()
    assert "a row" in found(engine_app, range(0, GROUPS, 2))


@on_either
def test_retention_leaves_nothing_in_any_row_and_file(engine_app: Flask, bookings: list[Booking], clock: Clock) -> None:
    retention.forget_what_is_due(clock.set("2027-12-01T10:00"))

    assert found(engine_app, range(GROUPS)) == set()


def test_second_person_who_leaves_is_in_no_file_any_more(app: Flask, clock: Clock) -> None:
    make.house()
    booking = make.booking(make.room(), "2027-01-06T16:00", status=Status.APPROVED)
    people.share(booking, "name-of-0-", "mailbox-of-0-@example.org", clock.now)
    dispatch.deliver_due(clock.now)
    assert any(name.endswith(".eml") for name in found(app, range(1)))

    erasing.leave(booking, people.seconds(booking)[0], clock.now)

    assert found(app, range(1)) == set()


def test_letter_to_the_office_that_is_on_its_way_is_emptied_once_it_has_left(app: Flask, clock: Clock) -> None:
    make.house()
    booking = make.booking(make.room(), "2027-01-06T16:00")
    with transaction():
        letter = outbox.put("new_request", subject="x", body=words(0)[0], language="de", now=clock.now, booking=booking)
        letter.attempts = 1

    erasing.erase(booking, clock.now)
    dispatch.deliver_due(clock.now)
    traces.wipe()

    assert (letter.state, found(app, range(1))) == ("sent", set())


def test_log_that_somebody_reads_is_emptied_later(app: Flask, clock: Clock) -> None:
    make.house()
    booking = make.booking(make.room(), "2027-01-06T16:00")
    with transaction():
        booking.purpose = words(0)[0]
    reader = Raw(app)
    reader("BEGIN")
    reader("SELECT * FROM booking")

    erasing.erase(booking, clock.now)

    assert booking.purpose == ""
    reader.connection.close()
    traces.wipe()
    assert found(app, range(1)) == set()
