"""Connections to PostgreSQL: each wait has an end."""

from typing import Any

import sqlalchemy as sa

from booking.database import turns

#: Seconds to connect, for one statement, and for a session that holds its locks and does nothing.
CONNECT = 5
STATEMENT = 10
IDLE = 30

#: Seconds after which a server that does not answer at all counts as gone, whose machine may have lost its power.
SILENCE = 15

MILLISECONDS = 1000


def options() -> dict[str, Any]:
    """What SQLAlchemy's engine is made with."""
    return {
        "pool_size": 10,
        "pool_timeout": turns.PATIENCE,
        "pool_pre_ping": True,  # the database may have been restarted
        "connect_args": {
            "connect_timeout": CONNECT,
            "tcp_user_timeout": SILENCE * MILLISECONDS,
            "keepalives_idle": SILENCE // 3,
            "keepalives_interval": SILENCE // 3,
            "keepalives_count": 2,
            "options": f"-c lock_timeout={int(turns.PATIENCE * MILLISECONDS)} -c statement_timeout={STATEMENT}s"
            f" -c idle_in_transaction_session_timeout={IDLE}s -c timezone=UTC",
        },
    }


def know_conditions(tables: sa.MetaData) -> None:
    """Let indexes hold for the same rows as on SQLite. Said with the tables, it would load this dialect into every
    service: 2 MB."""
    for table in tables.tables.values():
        for index in table.indexes:
            where = index.dialect_kwargs.get("sqlite_where")
            if where is not None:
                index.dialect_kwargs["postgresql_where"] = where


def set_up(engine: sa.Engine) -> None:
    sa.event.listen(engine, "begin", _begin)


def _begin(connection: sa.Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    driver.read_only = turns.until.get() is None
