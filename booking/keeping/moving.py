"""Moving a house from SQLite to an empty PostgreSQL database, with nobody in it meanwhile.

Who sits where is not copied: the triggers of the new database find it out
again from the dates, its constraint looks that nothing overlaps, and the result
must be what SQLite has. Afterwards each row of each table is compared. All of
it is one transaction, so what is there at the end is all or nothing.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
from flask import Flask, current_app

import config
from booking import guard, in_use
from booking.database import Base, db, not_reached, writing
from booking.keeping.files import NotKept
from booking.migrating import missing_migrations
from booking.models import occupancy

#: Rows that travel in one statement.
BATCH = 500

#: The parts of rooms are fixed while dates hold them, so they come before all dates.
_FIRST = ("part", "room", "room_part")


def copy_to(url: str, create_app: Callable[..., Flask]) -> dict[str, int]:
    """Copy all there is into the database at ``url``; gives the number of rows by table.

    Raises ``NotKept``, where the new database is as empty as before, and
    ``InUse`` while a service runs.
    """
    if db.engine.dialect.name != "sqlite":
        raise NotKept("This house is on PostgreSQL already.")
    if not url.startswith("postgres"):
        raise NotKept("The new database must be like postgresql://user:password@host/name.")
    source_engine = db.engine
    settings = {name: current_app.config[name] for name in vars(config) if name.isupper()}
    target_app = create_app(settings | {"DATABASE_URL": url}, serving=False)
    with target_app.app_context():
        target_engine = db.engine
    try:
        with in_use.alone(Path(str(source_engine.url.database))):
            with target_app.app_context():
                try:
                    _set_up(target_engine)
                except sa.exc.OperationalError as fault:
                    raise NotKept(not_reached(fault)) from None
            with writing(), source_engine.connect() as source, target_engine.begin() as target:
                return _copy(source, target)
    finally:
        target_engine.dispose()


def _set_up(engine: sa.Engine) -> None:
    """Bring an empty database to today's tables, which may be there already."""
    with engine.connect() as connection:
        names = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
        full = sorted(
            name for name in names & set(Base.metadata.tables) if _count(connection, Base.metadata.tables[name])
        )
        foreign = sorted(names - set(Base.metadata.tables))
        missing = missing_migrations(connection)
    if full or foreign:
        raise NotKept(f"The new database is not empty: it has {', '.join(full or foreign)}. Take one that is.")
    if missing:
        flask_migrate.upgrade()


def _copy(source: sa.Connection, target: sa.Connection) -> dict[str, int]:
    for timeout in ("statement_timeout", "idle_in_transaction_session_timeout"):
        target.exec_driver_sql(f"SET LOCAL {timeout} = 0")
    tables = sorted(Base.metadata.sorted_tables, key=lambda table: table.name not in _FIRST)
    for table in tables:
        if table is not occupancy:
            _copy_rows(table, source, target)
            _set_sequence(table, target)
    for table in tables:
        if differing := _first_difference(table, source, target):
            raise NotKept(f"A row of {table.name} is another one in the new database: {differing}. Nothing was moved.")
    try:
        guard.prove(target)
    except guard.Unguarded as fault:
        raise NotKept(str(fault)) from None
    if guard.untruths(target):
        raise NotKept("Occupancy and dates disagree in the new database. Nothing was moved.")
    return {table.name: _count(target, table) for table in tables}


def _copy_rows(table: sa.Table, source: sa.Connection, target: sa.Connection) -> None:
    for rows in source.execute(_ordered(table)).mappings().partitions(BATCH):
        try:
            target.execute(table.insert(), [dict(row) for row in rows])
        except sa.exc.DBAPIError as fault:  # its words may hold what people wrote
            ids = f"{tuple(rows[0].values())[0]} to {tuple(rows[-1].values())[0]}"
            raise NotKept(
                f"PostgreSQL does not take the rows {ids} of {table.name} ({type(fault).__name__}). Nothing was moved."
            ) from None


def _set_sequence(table: sa.Table, target: sa.Connection) -> None:
    """Let the next row get the next number."""
    for column in table.primary_key:
        if sequence := target.scalar(sa.select(sa.func.pg_get_serial_sequence(f'"{table.name}"', column.name))):
            last = target.scalar(sa.select(sa.func.max(column)))
            target.execute(sa.select(sa.func.setval(sequence, last or 1, last is not None)))


def _first_difference(table: sa.Table, source: sa.Connection, target: sa.Connection) -> Sequence[Any] | None:
    """The key of the first row that is not the same in both."""
    if _count(source, table) != _count(target, table):
        return ("another number of rows",)
    keys = [table.columns.keys().index(column.key) for column in table.primary_key]
    mine, theirs = (connection.execute(_ordered(table)) for connection in (source, target))
    return next(
        ([row[key] for key in keys] for row, other in zip(mine, theirs, strict=True) if tuple(row) != tuple(other)),
        None,
    )


def _ordered(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table).order_by(*table.primary_key)


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
