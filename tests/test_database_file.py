"""The SQLite file: nobody else reads it, nobody takes it away unnoticed, and what is erased is gone from it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from booking import clock, create_app
from booking.database import NotStored, db, transaction
from booking.letters import dispatch
from booking.models import Part
from tests import make
from tests.support.app import settings
from tests.support.letters import put
from tests.support.server import Server


def file_of_database() -> Path:
    return Path(str(db.engine.url.database))


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    """As a restore does that does not stop the service before."""
    copy = path.with_suffix(".copy")
    shutil.copy(path, copy)
    copy.replace(path)


def delete_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


FAULTS = [delete, replace, delete_log]


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_stored_once_the_file_is_not_the_one_that_was_opened(
    app: Flask, fault: Callable[[Path], None]
) -> None:
    make.room("north")

    fault(file_of_database())

    for _ in range(2):
        with pytest.raises(NotStored, match="was (deleted|replaced) while it was open"), transaction():
            db.session.add(Part(name="south"))
    assert file_of_database().exists() == (fault is not delete)  # and none is begun anew


@pytest.mark.parametrize("fault", FAULTS)
def test_file_that_goes_away_in_the_middle_of_a_transaction_is_noticed(
    app: Flask, fault: Callable[[Path], None]
) -> None:
    make.room("north")

    def store() -> None:
        with transaction():
            db.session.add(Part(name="south"))
            db.session.flush()
            fault(file_of_database())

    with pytest.raises(NotStored):
        store()


def test_replaced_file_is_used_once_the_old_one_is_closed(app: Flask) -> None:
    make.room("north")
    db.session.remove()
    db.engine.dispose()
    replace(file_of_database())

    make.room("south")

    assert db.session.scalars(sa.select(Part.name).order_by(Part.id)).all() == ["north", "south"]


@pytest.mark.parametrize("fault", FAULTS)
def test_service_acknowledges_nothing_once_its_file_is_gone(server: Server, fault: Callable[[Path], None]) -> None:
    form = server.form("/anfrage")
    before = [server.ask("POST", "/anfrage", form), server.ask("GET", "/readyz")]

    fault(file_of_database())

    after = [server.ask("POST", "/anfrage", form), server.ask("GET", "/readyz"), server.ask("GET", "/healthz")]
    assert (before, after) == ([303, 200], [503, 503, 200])


def test_what_groups_tell_is_readable_by_the_service_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine's habits are, and though an earlier start left a file that all may read."""
    monkeypatch.setenv("BOOKING_INSTANCE", str(tmp_path / "house"))
    former = os.umask(0)
    try:
        (tmp_path / "house").mkdir(0o700)
        (tmp_path / "house" / "booking.sqlite").touch(0o644)
        app = create_app({**settings(""), "SECRET_KEY": ""}, serving=False)
        with app.app_context():
            flask_migrate.upgrade()
            make.house()
            put(now=clock.now())
            dispatch.deliver_due(clock.now())
            modes = {
                str(path.relative_to(tmp_path)): path.stat().st_mode & 0o777 for path in (tmp_path / "house").rglob("*")
            }
            db.session.remove()
            db.engine.dispose()
    finally:
        os.umask(former)

    (letter,) = (path for path in modes if path.endswith(".eml"))
    files = ["booking.sqlite", "booking.sqlite-shm", "booking.sqlite-wal", "booking.sqlite.lock", "secret-key"]
    files.append("booking.sqlite.lock.next")
    assert modes == {f"house/{name}": 0o600 for name in files} | {"house/mail": 0o700, letter: 0o600}
