"""A house moves from SQLite to PostgreSQL, whole and guarded."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from booking import clock as house_clock
from booking import guard, in_use, log
from booking.cli import setting_up
from booking.database import Base, RoomTaken, db, transaction
from booking.domain.status import Status
from booking.letters import outbox
from booking.models import Booking, Room
from tests import make
from tests.support.app import application

pytestmark = pytest.mark.postgresql


@pytest.fixture
def app(sqlite_url, clock) -> Flask:
    with application(sqlite_url, own=True, serving=False) as app:
        yield app


@pytest.fixture
def url(postgresql_url: str) -> str:
    """A PostgreSQL database without any table."""
    engine = sa.create_engine(postgresql_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return postgresql_url


def run(app: Flask, *arguments: str):
    db.session.remove()
    return app.test_cli_runner().invoke(args=list(arguments))


def rows() -> dict[str, list[tuple]]:
    db.session.remove()
    return {
        table.name: [tuple(row) for row in db.session.execute(sa.select(table).order_by(*table.primary_key))]
        for table in Base.metadata.sorted_tables
    }


def test_the_example_house_moves_with_every_row_and_goes_on(app, url):
    setting_up.load_example_if_empty()
    make.other_parts(db.session.get_one(Room, 1), "2029-05-01T00:00", ["Fläche hinten"])
    before = rows()

    result = run(app, "copy-to", url)

    assert (result.exit_code, result.exception) == (0, None), result.output
    assert "compared one by one; its guard is proved." in result.output
    assert f"put {db.engine.url.database} away" in result.output
    with application(url, own=True):
        assert rows() == before
        assert (len(before["occurrence"]) > 500, len(before["occupancy"]) > 400) == (True, True)
        held = db.session.scalars(sa.select(make.Occurrence).where(make.Occurrence.status == Status.APPROVED)).first()
        local = f"{held.start.astimezone(make.ZONE):%Y-%m-%dT%H:%M}"
        booking = make.booking(held.room, local)
        with pytest.raises(RoomTaken), transaction():
            booking.occurrences[0].status = Status.APPROVED
        with transaction():
            log.record("ask", None, actor="team", now=house_clock.now())
            outbox.put("x", subject="x", body="x", language="de", now=house_clock.now())
        with db.engine.connect() as connection:
            assert guard.untruths(connection) == []
        assert booking.id == max(row[0] for row in before["booking"]) + 1


def test_a_database_that_holds_something_is_no_place_to_move_to(app, postgresql_url):
    make.house()
    with application(postgresql_url, own=True):
        make.house()

    result = run(app, "copy-to", postgresql_url)

    assert (result.exit_code, "not empty: it has house, opening_hours" in result.output) == (1, True), result.output


def test_nothing_moves_while_a_service_runs(app, url):
    make.house()

    with in_use.alone(Path(db.engine.url.database)):
        result = run(app, "copy-to", url)

    assert (result.exit_code, "a service runs on it. Stop the service" in result.output) == (1, True)


def test_what_postgresql_cannot_hold_is_said_and_nothing_is_left_there(app, url):
    make.house()
    booking = make.booking(make.room(), "2027-01-06T16:00", status=Status.APPROVED)
    with transaction():
        booking.note = "Ein\0Zeichen"

    first = run(app, "copy-to", url)
    with transaction():
        db.session.get(Booking, 1).note = ""
    second = run(app, "copy-to", url)

    sentence = "Error: PostgreSQL does not take the rows 1 to 1 of booking (DataError). Nothing was moved.\n"
    assert (first.exit_code, first.output) == (1, sentence)
    assert (second.exit_code, "1 bookings with 1 dates" in second.output) == (0, True), second.output


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("sqlite:////tmp/other.sqlite", "must be like postgresql://"),
        ("postgresql://booking:secret@127.0.0.1:1/booking", "cannot be reached"),
    ],
)
def test_copy_to_says_what_cannot_be_meant(app, target, complaint):
    make.house()

    result = run(app, "copy-to", target)

    assert (result.exit_code, complaint in result.output, "secret" in result.output) == (1, True, False), result.output


def test_a_house_on_postgresql_is_there_already(url, postgresql_url, clock):
    with application(postgresql_url, own=True, serving=False) as app:
        result = run(app, "copy-to", url)

    assert (result.exit_code, "on PostgreSQL already" in result.output) == (1, True)
    assert not Path(app.instance_path, "mail").exists()
