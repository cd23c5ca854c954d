"""The session, the one transaction, and how times are stored."""

import gc
import multiprocessing
import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from time import sleep
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from booking import create_app
from booking.database import RoomTaken, UtcDateTime, db, sqlite, transaction, writing
from booking.domain.status import Status
from booking.models import House, Part
from tests import make
from tests.support.app import settings


def listen() -> list[str]:
    """From now on, every statement that reaches SQLite itself, over the one connection that is left."""
    seen: list[str] = []
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.set_trace_callback(seen.append)
    return seen


def test_writing_transaction_takes_the_lock_before_it_reads(app: Flask) -> None:
    heard = listen()

    with transaction():
        db.session.scalars(sa.select(Part)).all()
        db.session.add(Part(name="north"))

    assert [statement.split()[0] for statement in heard if "PRAGMA" not in statement] == [
        "BEGIN",
        "SELECT",
        "INSERT",
        "COMMIT",
    ]
    assert "BEGIN IMMEDIATE" in heard


def test_page_that_reads_takes_no_lock_and_cannot_write(engine_app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        heard = listen()
        db.session.scalars(sa.select(Part)).all()
        assert heard == ["PRAGMA query_only=ON", "BEGIN", heard[-1]]

    with pytest.raises(sa.exc.DBAPIError, match="readonly|read-only"):
        db.session.execute(sa.insert(Part).values(name="north"))
    db.session.rollback()

    assert db.session.scalars(sa.select(Part)).all() == []


def test_transaction_stores_all_or_nothing(engine_app: Flask) -> None:
    with transaction():
        db.session.add_all([Part(name="north"), Part(name="south")])
    with pytest.raises(ZeroDivisionError), transaction():
        _add_and_fail()
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.add_all([Part(name="east"), Part(name="north")])

    assert db.session.scalars(sa.select(Part.name).order_by(Part.name)).all() == ["north", "south"]
    with pytest.raises(sa.exc.DBAPIError, match="readonly|read-only"):
        db.session.execute(sa.insert(Part).values(name="west"))


def _add_and_fail() -> None:
    db.session.add(Part(name="west"))
    db.session.flush()
    raise ZeroDivisionError


@pytest.mark.parametrize("inner", [transaction, writing])
def test_transactions_do_not_nest(app: Flask, inner: Callable[[], AbstractContextManager[None]]) -> None:
    with transaction(), pytest.raises(RuntimeError, match="do not nest"), inner():
        pass


def test_library_may_write_after_something_was_read(engine_app: Flask) -> None:
    assert db.session.scalars(sa.select(Part)).all() == []

    with writing():
        db.session.add(Part(name="north"))
        db.session.commit()

    assert db.session.scalars(sa.select(Part.name)).all() == ["north"]


def test_transaction_forgets_what_was_read_before(engine_app: Flask) -> None:
    house = make.house()
    assert house.name == "Innovation Office"

    with db.engine.connect() as other, writing():
        other.execute(sa.update(House).values(name="Neues Haus"))
        other.commit()

    with transaction():
        assert house.name == "Neues Haus"


@pytest.mark.parametrize("start", ["2027-01-06T16:00", "2027-01-06T15:00", "2027-01-06T17:30"])
def test_second_use_of_a_room_is_room_taken(engine_app: Flask, start: str) -> None:
    room = make.room()
    make.booking(room, "2027-01-06T16:00", status=Status.APPROVED)
    request = make.booking(room, start)

    with pytest.raises(RoomTaken), transaction():
        request.occurrences[0].status = Status.APPROVED

    assert request.occurrences[0].status is Status.REQUESTED


def test_two_dates_of_one_request_that_overlap_are_room_taken(engine_app: Flask) -> None:
    room = make.room()

    with pytest.raises(RoomTaken):
        make.booking(room, "2027-01-06T16:00", "2027-01-06T17:00", status=Status.APPROVED)


def test_other_refusals_are_not_room_taken(engine_app: Flask) -> None:
    make.booking(make.room(), "2027-01-06T16:00", form_id="one")

    with pytest.raises(sa.exc.IntegrityError):
        make.booking(make.room("Werkstatt"), "2027-01-06T16:00", form_id="one")


@pytest.mark.parametrize("let_go", [db.session.remove, db.session.expunge_all], ids=["remove", "expunge_all"])
def test_garbage_collector_frees_no_row_that_is_being_detached(app: Flask, let_go: Callable[[], None]) -> None:
    """On CPython 3.11 it may run in the middle of that, and to free the row then ends the process."""
    load_forgotten_parts(4)
    detached: list[str] = []

    def collect(_session: Any, part: Part) -> None:
        gc.collect()
        detached.append(part.name)

    session = db.session()
    sa.event.listen(session, "persistent_to_detached", collect)
    let_go()

    assert sorted(detached) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("method", ["commit", "rollback", "expire_all"])
def test_garbage_collector_frees_no_row_that_is_being_expired(app: Flask, method: str) -> None:
    load_forgotten_parts(4)

    there: list[bool] = []

    def collect(part: Part | None, _names: Any) -> None:
        gc.collect()
        there.append(part is not None)

    sa.event.listen(Part, "expire", collect)
    try:
        getattr(db.session, method)()
    finally:
        sa.event.remove(Part, "expire", collect)

    assert there == [True] * 4


def load_forgotten_parts(count: int) -> None:
    """Rows in the session that only the garbage collector can free, and that nobody needs any more."""
    gc.freeze()  # it has nothing else to look through
    with transaction():
        db.session.add_all([Part(name=str(number)) for number in range(count)])
    for part in db.session.scalars(sa.select(Part)):
        part.itself = part  # type: ignore[attr-defined]  # a circle, for the collector


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(datetime(2027, 1, 6, 15, tzinfo=UTC), id="UTC"),
        pytest.param(datetime(2027, 1, 6, 16, tzinfo=timezone(timedelta(hours=1))), id="with an offset"),
        pytest.param(make.instant("2027-01-06T16:00").astimezone(make.ZONE), id="of Berlin"),
        pytest.param(datetime(2027, 1, 6, 15, 0, 0, 999999, tzinfo=UTC), id="with a fraction"),
    ],
)
def test_instants_come_back_as_utc_of_whole_seconds(engine_app: Flask, value: datetime) -> None:
    make.closure("2027-01-01T10:00", "2028-01-01T10:00")
    with transaction():
        db.session.execute(
            sa.text("UPDATE closure SET start = :start").bindparams(sa.bindparam("start", value, UtcDateTime()))
        )

    found = db.session.scalars(sa.text("SELECT start FROM closure").columns(start=UtcDateTime())).one()

    assert (found, found.tzinfo) == (datetime(2027, 1, 6, 15, tzinfo=UTC), UTC)


def test_instants_are_integers_on_sqlite(app: Flask) -> None:
    make.closure("2027-01-06T16:00", "2027-01-06T18:00")

    assert db.session.execute(sa.text("SELECT typeof(start), start FROM closure")).one() == ("integer", 1799247600)


def test_time_without_a_zone_is_refused(app: Flask) -> None:
    with pytest.raises(sa.exc.StatementError, match="has no time zone"):
        db.session.execute(sa.select(sa.literal(datetime(2027, 1, 6), UtcDateTime())))  # noqa: DTZ001 - naive is what is refused


def test_sqlite_is_set_up_to_keep_what_it_confirms(app: Flask) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "secure_delete", "trusted_schema")

    found = {name: db.session.execute(sa.text(f"PRAGMA {name}")).scalar_one() for name in names}

    mode = sqlite.journal_mode(sqlite.library.sqlite_version_info).lower()
    assert found == {
        "journal_mode": mode,
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
    }


@pytest.mark.parametrize(
    ("version", "mode"),
    [((3, 40, 1), "DELETE"), ((3, 51, 2), "DELETE"), ((3, 51, 3), "WAL"), ((3, 53, 4), "WAL")],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else value,
)
def test_wal_is_used_only_where_the_library_is_safe_with_it(version: tuple[int, ...], mode: str) -> None:
    assert sqlite.journal_mode(version) == mode


def test_older_library_falls_back_to_a_rollback_journal(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "library", sqlite3)  # Python's own, 3.40.1 on Debian 12

    app = create_app(settings(sqlite_url))

    with app.app_context():
        make.house()
        mode = db.session.execute(sa.text("PRAGMA journal_mode")).scalar_one()
        db.session.remove()
        db.engine.dispose()
    assert mode == sqlite.journal_mode(sqlite3.sqlite_version_info).lower()


def test_database_in_memory_works_too(clock: object) -> None:
    app = create_app(settings("sqlite:///:memory:"), serving=False)

    with app.app_context():
        with writing():
            db.create_all()
        make.house()
        assert db.session.get_one(House, 1).city == "Bielefeld"
        db.session.remove()
        db.engine.dispose()


def _hold(url: str, begun: Any, ended: Any) -> None:
    app = create_app(settings(url))
    with app.app_context(), transaction():
        begun.set()
        sleep(0.5)  # time enough to come in, for whoever does not wait
        ended.set()


def test_writers_of_several_processes_queue(app: Flask, sqlite_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    begun, ended = spawn.Event(), spawn.Event()
    other = spawn.Process(target=_hold, args=(sqlite_url, begun, ended))
    other.start()
    assert begun.wait(60)

    with transaction():
        has_waited = ended.is_set()

    other.join()
    assert (other.exitcode, has_waited) == (0, True)
    assert Path(f"{app.config['SQLALCHEMY_DATABASE_URI'].removeprefix('sqlite:///')}.lock").exists()


def test_writers_of_one_process_queue(app: Flask) -> None:
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        with app.app_context():
            inside.wait()
            with transaction():
                order.append("second")
            db.session.remove()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction():
        inside.set()
        sleep(0.2)
        order.append("first")
    thread.join()

    assert order == ["first", "second"]
