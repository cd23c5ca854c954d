"""How `flask db …` runs here: in one transaction on either database, and guarded again at its end."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

from booking import guard
from booking.database import UtcDateTime, db, writing


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """How a new migration writes our own type: by what it means today, as a migration must not change with our code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return 'sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")'
    return False


def run() -> None:
    """Take the steps asked for; on SQLite without the guard, which would be in the way of a table that is rebuilt."""
    with writing(), db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        driver: Any = connection.connection.dbapi_connection
        if is_sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")  # else rebuilding a table takes along the rows that refer to it
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            transactional_ddl=True,
            render_item=render_item,
            **current_app.extensions["migrate"].configure_args,
        )
        try:
            with context.begin_transaction():
                if is_sqlite:
                    guard.remove(connection)
                else:
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")  # an index may take its time
                context.run_migrations()
                guard.install(connection)
                if is_sqlite and (orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                    raise RuntimeError(f"rows that refer to nothing: {orphans}")
        finally:
            if is_sqlite:
                driver.execute("PRAGMA foreign_keys=ON")


if context.is_offline_mode():
    raise SystemExit("Migrations run on the database itself: its guard is put in place with them. Leave --sql out.")
run()
