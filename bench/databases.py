"""Databases of a given size, built once and kept in the folder for temporary files."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import psycopg
from flask import Flask

from booking import create_app, guard
from booking.database import db, writing
from booking.models import Room
from tests import make
from tests.support.postgresql import Cluster
from tools.machine import NO_POSTGRESQL, ROOT, find_postgresql

#: Occupied rows and the rooms they are spread over: 500 to 15,000 dates a room, over fifteen years.
SIZES = {3_000: 6, 300_000: 30, 3_000_000: 200}

_FROM = 1640995200  # 1 January 2022, UTC
_FIFTEEN_YEARS = 15 * 365 * 86400

#: What the stored databases depend on.
_SOURCES = (
    Path(__file__),
    Path(__file__).with_name("town.py"),
    *sorted(ROOT.glob("booking/models/*.py")),
    *sorted(ROOT.glob("booking/guard/*.py")),
    *sorted(ROOT.glob("migrations/versions/*.py")),
)

# Each room gets dates of 60 or 90 minutes at even distances, shifted by up to an hour in strides of seven minutes: none
# overlap, and all are the same at every run. The guard is put in place afterwards and proves it. Remainders are written
# as n - n / m * m, since the driver takes a % for a placeholder.
_FILL = """
INSERT INTO occurrence (id, booking_id, room_id, start, "end", before_minutes, after_minutes, original_start,
  original_room_id, status, reason, cancelled_by_group, uid, sequence, changed_at)
SELECT id, 1, room, {at_start}, {at_end}, 0, 0, {at_start}, room, 'approved', '', false, 'bench-' || id, 0, {at_start}
FROM (
  SELECT id, room, begins, begins + 3600 + 1800 * (id - id / 2 * 2) AS ends
  FROM (
    SELECT n + 1 AS id, n / {per_room} + 1 AS room,
      {begin} + (n - n / {per_room} * {per_room}) * CAST({distance} AS bigint) + 60 * (n * 7 - n * 7 / 60 * 60)
      AS begins
    FROM {numbers}
  ) AS starts
) AS dates
"""
_NUMBERS = {
    "sqlite": "(WITH RECURSIVE counted(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < {rows})"
    " SELECT n FROM counted)",
    "postgresql": "generate_series(0, {rows} - 1) AS counted(n)",
}
_INSTANT = {"sqlite": "{}", "postgresql": "to_timestamp({})"}


@contextmanager
def database(
    engine: str, rows: int, fill: Callable[[int], None] | None = None, name: str = "rows", *, copied: bool = False
) -> Iterator[Flask]:
    """The application on a database with so many dates, its context entered.

    ``fill`` puts them into an empty one; ``name`` tells databases of different kinds apart.
    A ``copied`` one is there already, and written to; what is kept stays as it is.
    """
    folder = Path(tempfile.gettempdir(), f"booking-bench-{_digest()}")
    for old in folder.parent.glob("booking-bench-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)  # PostgreSQL runs as somebody else
    os.environ["BOOKING_INSTANCE"] = str(folder / "instance")
    built = folder / f"{engine}-{name}-{rows}-built"
    place = _sqlite if engine == "sqlite" else _postgresql
    with place(folder, f"{name}_{rows}", anew=not built.exists(), copied=copied) as url:
        app = create_app(
            {"DATABASE_URL": url, "SECRET_KEY": "bench, bench, bench", "RATE_LIMITS": "off"}, serving=False
        )
        with app.app_context():
            if not built.exists():
                print(f"  building {engine} with {rows:,} rows, once: up to some minutes …", flush=True)
                flask_migrate.upgrade()
                (fill or _fill)(rows)
                built.touch()
            with writing():
                guard.prove(db.session.connection())
            yield app
            db.session.remove()
            db.engine.dispose()


@contextmanager
def _sqlite(folder: Path, name: str, *, anew: bool, copied: bool) -> Iterator[str]:
    path = folder / f"{name}.sqlite"
    if anew:
        path.unlink(missing_ok=True)
    if copied:
        path = Path(shutil.copy(path, folder / "copy.sqlite"))
        for left in folder.glob("copy.sqlite-*"):
            left.unlink()
    yield f"sqlite:///{path}"


@contextmanager
def _postgresql(folder: Path, name: str, *, anew: bool, copied: bool) -> Iterator[str]:
    binaries = find_postgresql()
    if binaries is None:
        raise SystemExit(NO_POSTGRESQL)
    server = Cluster(binaries, kept=folder / "pg")
    server.start()
    try:
        wanted, like = ("copy", name) if copied else (name, "template1")
        if anew or copied:
            with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {wanted}")
                connection.execute(f"CREATE DATABASE {wanted} TEMPLATE {like}")
        yield server.url(wanted)
    finally:
        server.stop()


def _digest() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in _SOURCES)).hexdigest()[:12]


def _fill(rows: int) -> None:
    rooms = SIZES[rows]
    engine = db.engine.dialect.name
    for n in range(rooms):
        make.room(f"Raum {n + 1}")
    make.booking(db.session.get_one(Room, 1), "2021-01-04T10:00")
    db.session.rollback()
    per_room = rows // rooms
    begins, ends = (_INSTANT[engine].format(name) for name in ("begins", "ends"))
    fill = _FILL.format(
        at_start=begins,
        at_end=ends,
        per_room=per_room,
        distance=_FIFTEEN_YEARS // per_room,
        begin=_FROM,
        numbers=_NUMBERS[engine].format(rows=rows),
    )
    with writing(), db.engine.begin() as connection:
        if engine == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
        guard.remove(connection)
        connection.exec_driver_sql("DELETE FROM occurrence")  # the one that came with the booking
        connection.exec_driver_sql(fill)
        connection.exec_driver_sql(
            'INSERT INTO occupancy (part_id, start, "end", occurrence_id)'
            f" SELECT room_id, {_epoch(engine, 'start')}, {_epoch(engine, 'end')}, id FROM occurrence ORDER BY 1, 2"
        )
        guard.install(connection)
        if engine == "postgresql":
            connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('occurrence', 'id'), {rows})")
        connection.exec_driver_sql("ANALYZE")
    if engine == "postgresql":  # or the server does it by itself, while we measure
        url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM (FREEZE, ANALYZE)")
            connection.execute("CHECKPOINT")
    make.house()


def _epoch(engine: str, column: str) -> str:
    return f'"{column}"' if engine == "sqlite" else f'CAST(extract(epoch FROM "{column}") AS bigint)'
