"""A copy of the house while it is open, on both databases."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from booking import clock, guard
from booking.database import db, transaction
from booking.domain.status import Status
from booking.keeping import postgresql
from booking.keeping.backup import make_backup, open_file
from booking.keeping.files import NotKept
from booking.models import Draft
from tests import make

WRITERS = 4


def furnish() -> None:
    make.house()
    hall = make.room()
    make.initiative()
    make.booking(hall, "2027-01-06T16:00", "2027-01-13T16:00", status=Status.APPROVED)


@pytest.fixture
def house(engine_app: Flask) -> Flask:
    furnish()
    return engine_app


@pytest.fixture
def small_house(app: Flask) -> Flask:
    """On SQLite, for what is no matter of the database."""
    furnish()
    return app


@contextmanager
def writers(app: Flask) -> Iterator[None]:
    """Four who ask again and again, each time for two dates at once."""
    stop, begun = threading.Event(), threading.Barrier(WRITERS + 1, timeout=60)

    def write(number: int) -> None:
        with app.app_context():
            room = make.room(f"Raum {number}")
            make.booking(room, "2027-02-06T16:00", "2027-02-13T16:00")
            begun.wait()
            while not stop.is_set():
                make.booking(room, "2027-02-06T16:00", "2027-02-13T16:00")
            db.session.remove()

    threads = [threading.Thread(target=write, args=[number]) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    begun.wait()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_backup_made_while_four_write_is_whole_and_true(house, tmp_path):
    db.session.rollback()
    with writers(house):
        made = make_backup(tmp_path / "copy", clock.now())

    assert made.bookings >= 1 + WRITERS
    assert made.dates == 2 * made.bookings
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]
    if db.engine.dialect.name == "sqlite":
        with open_file(made.path).connect() as copy:
            assert copy.exec_driver_sql("SELECT count(*) FROM occurrence").scalar_one() == made.dates
            assert (guard.missing(copy), guard.untruths(copy)) == ([], [])


def test_nobody_else_can_read_a_backup(small_house, tmp_path):
    before = os.umask(0)
    try:
        made = make_backup(tmp_path / "copy", clock.now())
    finally:
        os.umask(before)

    assert made.path.stat().st_mode & 0o777 == 0o600


def test_unfinished_requests_and_the_secret_key_are_in_no_backup(small_house, tmp_path, clock):
    with transaction():
        db.session.add(
            Draft(token_hash="x", form_id="y", data={"title": "Noch-nicht"}, created_at=clock.now, changed_at=clock.now)
        )

    stored = make_backup(tmp_path / "copy", clock.now).path.read_bytes()

    assert [word in stored for word in (b"Noch-nicht", small_house.config["SECRET_KEY"].encode())] == [False, False]


def test_backups_in_a_folder_bear_their_date_and_the_oldest_go(small_house, tmp_path, clock):
    others = {"letter.txt", "booking-mine.sqlite", "booking.sqlite"}
    for name in others:
        (tmp_path / name).touch()
    runner = small_house.test_cli_runner()

    for day in (1, 2, 3):
        clock.set(f"2026-12-0{day}T03:00")
        result = runner.invoke(args=["backup", str(tmp_path), "--keep", "2"])

    assert {path.name for path in tmp_path.iterdir()} - others == {
        "booking-20261202T020000Z.sqlite",
        "booking-20261203T020000Z.sqlite",
    }
    assert "1 bookings with 2 dates, and 0 letters that wait, are in" in result.output
    assert "booking-20261201T020000Z.sqlite is removed." in result.output


def test_a_database_that_is_not_true_is_not_stored(house, tmp_path):
    with db.engine.connect() as connection:
        piece = "TRIGGER occurrence_after_update"
        if connection.dialect.name == "postgresql":
            piece = "TRIGGER occurrence_sync ON occurrence"
    raw = db.engine.raw_connection()
    raw.driver_connection.execute(f"DROP {piece}")
    raw.commit()
    raw.close()

    with pytest.raises(NotKept, match="not as it should be: trigger occurrence_"):
        make_backup(tmp_path / "copy", clock.now())

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(["nowhere/copy"], "There is no folder", id="no folder"),
        pytest.param(["copy", "--keep", "3"], "--keep is for a folder", id="rotation of one file"),
        pytest.param([".", "--keep", "0"], "Invalid value for '--keep'", id="keeping none"),
    ],
)
def test_backup_says_what_cannot_be_meant(app, tmp_path, monkeypatch, arguments, complaint):
    make.house()
    monkeypatch.chdir(tmp_path)

    result = app.test_cli_runner().invoke(args=["backup", *arguments])

    assert (result.exit_code != 0, complaint in result.output) == (True, True), result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.postgresql
def test_backup_says_which_program_is_missing_or_too_old(app_pg, tmp_path, monkeypatch):
    make.house()
    monkeypatch.setattr(postgresql, "FOLDERS", tmp_path)
    for name in ("pg_dump", "pg_restore"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")

    with pytest.raises(NotKept, match=r"^pg_dump of PostgreSQL \d+ is not on this machine, or too old"):
        make_backup(tmp_path / "copy", clock.now())


@pytest.mark.postgresql
def test_the_password_of_the_database_stands_in_no_list_of_processes(app_pg, tmp_path, monkeypatch):
    make.house()
    seen = []
    run = subprocess.run

    def watch(command, **options):
        seen.extend(command)
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", watch)
    monkeypatch.setitem(
        app_pg.config,
        "SQLALCHEMY_DATABASE_URI",
        app_pg.config["SQLALCHEMY_DATABASE_URI"].replace("postgres@", "postgres:geheim@"),
    )

    make_backup(tmp_path / "copy", clock.now())

    assert [word for word in seen if "geheim" in word] == []
