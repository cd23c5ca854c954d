"""PostgreSQL with an owner that migrates and a role that serves, made by the statements of docs/operations.md."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from booking import deciding, guard
from booking.database import db, writing
from booking.keeping.backup import make_backup
from booking.keeping.postgresql import grants
from booking.models import Booking
from tests import make
from tests.support.app import CheckedClient, Clock, application, migrate
from tests.support.postgresql import neighbour
from tests.support.raw import Raw
from tests.support.request_form import ONCE, Asking

pytestmark = pytest.mark.postgresql

OPERATIONS = Path(__file__).parent.parent / "docs" / "operations.md"
NAME = f"roles_{os.getpid()}"


def documented(number: int) -> list[str]:
    """The statements of a block of SQL, with names of this test."""
    block = re.findall(r"^```sql\n(.*?)^```", OPERATIONS.read_text(), re.DOTALL | re.MULTILINE)[number]
    named = re.sub(r"\bbooking(_owner|_service)?\b", lambda found: f"{NAME}{found[1] or ''}", block)
    return [statement for statement in (each.strip() for each in named.split(";")) if statement]


def run(url: str, statements: list[str]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture(scope="module")
def service_url(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The database as the role that serves reaches it: made by an administrator, migrated by its owner."""
    administrator = neighbour(postgresql_server, NAME)
    run(postgresql_server, documented(0))
    run(administrator, documented(1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOOKING_INSTANCE", str(tmp_path_factory.mktemp("roles")))
        migrate(as_role(administrator, "owner"))
    run(as_role(administrator, "owner"), documented(2))
    yield as_role(administrator, "service")
    run(postgresql_server, [f"DROP DATABASE {NAME} WITH (FORCE)"])
    run(postgresql_server, [f"DROP ROLE {NAME}_{role}" for role in ("owner", "service")])


def as_role(url: str, role: str) -> str:
    made = sa.make_url(url).set(username=f"{NAME}_{role}", password="secret")
    return made.render_as_string(hide_password=False)


FORBIDDEN = {
    "a row of occupancy more": "INSERT INTO occupancy VALUES (1, 0, 60, 1)",
    "a row of occupancy changed": "UPDATE occupancy SET start = start + 60",
    "a row of occupancy less": "DELETE FROM occupancy",
    "no rows at all": "TRUNCATE occupancy",
    "no dates at all": "TRUNCATE occurrence CASCADE",
    "an entry of the record changed": "UPDATE log_entry SET action = ''",
    "an entry of the record less": "DELETE FROM log_entry",
    "another step of the tables": "UPDATE alembic_version SET version_num = ''",
    "a trigger less": "DROP TRIGGER occurrence_sync ON occurrence",
    "a trigger switched off": "ALTER TABLE occurrence DISABLE TRIGGER ALL",
    "triggers that are not heard": "SET session_replication_role = replica",
    "a constraint less": "ALTER TABLE occupancy DROP CONSTRAINT occupancy_no_overlap",
    "another function": "CREATE OR REPLACE FUNCTION occupancy_check() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "a function with another path": "ALTER FUNCTION occurrence_sync() RESET search_path",
    "a table": "CREATE TABLE other (id integer)",
    "a schema": "CREATE SCHEMA other",
    "a temporary table": "CREATE TEMP TABLE occupancy (part_id integer)",
    "the owner's rights": f"SET ROLE {NAME}_owner",
}


def refusal(raw: Raw, statement: str) -> str:
    raw("BEGIN")
    try:
        raw(statement)
    except psycopg.Error as error:
        return type(error).__name__
    finally:
        raw("ROLLBACK")
    return "accepted"


def test_role_that_serves_does_all_of_its_work_and_nothing_else(service_url: str, clock: Clock, tmp_path: Path) -> None:
    with application(service_url, own=True) as app:  # which has proved the guard
        make.house()
        make.rooms()
        asking = Asking(CheckedClient(app, use_cookies=True))
        asking.all_of(ONCE)
        assert asking.send().status_code == 200
        booking = db.session.scalars(sa.select(Booking)).one()
        ids = [each.id for each in booking.occurrences]
        deciding.decide(booking, approve=ids, seen_version=booking.version, by=make.staff(), now=clock.now)
        with writing():
            guard.prove(db.session.connection())
        assert guard.untruths(db.session.connection()) == []

        assert make_backup(tmp_path / "booking.dump", clock.now).bookings == 1

        assert make_backup(tmp_path / "copy", clock.now).dates == 1
        raw = Raw(app)
        assert raw("SELECT occurrence_id FROM occupancy") == [(ids[0],)]
        answers = {name: refusal(raw, statement) for name, statement in FORBIDDEN.items()}
        raw("DELETE FROM occurrence")
        assert raw("SELECT * FROM occupancy") == []
        raw.connection.close()

    assert answers == dict.fromkeys(FORBIDDEN, "InsufficientPrivilege")


def test_role_that_serves_may_do_as_much_after_a_restore(service_url: str, clock: Clock, tmp_path: Path) -> None:
    def granted(app: Flask) -> list[tuple[object, ...]]:
        with app.app_context(), db.engine.connect() as connection:
            return grants(connection)

    owner_url = sa.make_url(service_url).set(username=f"{NAME}_owner").render_as_string(hide_password=False)
    with application(owner_url, own=True, serving=False) as app:
        before = granted(app)
        make_backup(tmp_path / "copy", clock.now)
        db.session.remove()
        db.engine.dispose()

        result = app.test_cli_runner().invoke(args=["restore", str(tmp_path / "copy")])

        assert (result.exit_code, granted(app)) == (0, before), result.output
        assert ("occupancy", f"{NAME}_service", "SELECT") in before
        assert ("occupancy", f"{NAME}_service", "INSERT") not in before


def test_role_that_serves_is_told_who_sets_a_database_up(service_url: str, clock: Clock, tmp_path: Path) -> None:
    empty = f"{NAME}_empty"
    owner = sa.make_url(service_url).set(username="postgres")
    run(owner.render_as_string(hide_password=False), [f"CREATE DATABASE {empty}"])
    try:
        url = sa.make_url(service_url).set(database=empty).render_as_string(hide_password=False)
        with application(url, own=True, serving=False) as app:
            result = app.test_cli_runner().invoke(args=["staff", "list"])
    finally:
        run(owner.render_as_string(hide_password=False), [f"DROP DATABASE {empty} WITH (FORCE)"])

    sentence = "Error: This role may not set the database up. Run first, as the owner: flask --app app db upgrade\n"
    assert (result.exit_code, result.output) == (1, sentence)
