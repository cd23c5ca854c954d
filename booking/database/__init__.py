"""The session, the one transaction, and how times are stored.

Outside ``transaction()`` nothing can write: SQLite says so itself
(``PRAGMA query_only``), so a page that only shows something cannot change it by
accident. ``commit`` stands here and nowhere else.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, TypeVar, cast

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy.orm import DeclarativeBase, registry

from booking.database import postgresql, sqlite, turns
from booking.database.sqlite import library as sqlite_library
from booking.database.turns import NotStored

__all__ = [
    "Base",
    "NotStored",
    "RoomTaken",
    "UtcDateTime",
    "db",
    "empty_log",
    "init_app",
    "is_double_booking",
    "not_reached",
    "sqlite_library",
    "transaction",
    "writing",
]


class RoomTaken(Exception):
    """The database refused a date because its room is taken at that time."""


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An instant: aware UTC in Python, timestamptz on PostgreSQL, whole epoch seconds on SQLite.

    SQLite keeps times as text by default, and two spellings of one instant do
    not compare; integers do. A naive value is refused with ``ValueError``.
    """

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.Integer())

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"{value!r} has no time zone")
        value = value.astimezone(UTC).replace(microsecond=0)
        return value if dialect.name == "postgresql" else int(value.timestamp())

    def result_processor(self, dialect: sa.Dialect, _coltype: object) -> Callable[[Any], datetime | None]:
        """What makes an instant of a stored value: without a further call for each, as a page reads thousands."""
        return _in_utc if dialect.name == "postgresql" else _from_seconds


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


@lru_cache(8192)  # pages tell of the same days again and again, and compare what they have kept by its instants
def _from_seconds(value: int | None) -> datetime | None:
    return None if value is None else datetime.fromtimestamp(value, UTC)


class Base(DeclarativeBase):
    """What every table is derived from. ``counters``: columns that only count, of which nothing else is made."""

    counters: ClassVar[frozenset[str]] = frozenset()

    registry = registry(
        metadata=sa.MetaData(
            naming_convention={
                "ix": "ix_%(column_0_N_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UtcDateTime},
    )


T = TypeVar("T")


class HoldingSession(Session):
    """Holds on to its rows while it lets go of them, or else CPython 3.11 dies on long lists.

    To detach or expire a row, SQLAlchemy sets attributes of the row's
    ``InstanceState``. Once the shared keys of that class are full, CPython 3.11
    first makes a dictionary around the attributes that are there, and that
    allocation may run the garbage collector. If it frees this very row, the
    callback of SQLAlchemy's weak reference sets the same attributes, a second
    dictionary comes to own the same memory, and the process ends with a
    segmentation fault. Python 3.12 collects between bytecodes only. A row that
    somebody holds is not freed.
    """

    def expunge_all(self) -> None:  # close() and remove() come here too
        self._holding(super().expunge_all)

    def expire_all(self) -> None:
        self._holding(super().expire_all)

    def commit(self) -> None:
        self._holding(super().commit)

    def rollback(self) -> None:
        self._holding(super().rollback)

    def _holding(self, act: Callable[[], None]) -> None:
        held = list(self)
        self.info.pop("once", None)
        try:
            act()
        finally:
            held.clear()


@sa.event.listens_for(HoldingSession, "after_flush")
def _ask_again(session: Session, _context: Any) -> None:
    altered = (row for row in session.dirty if not _only_counts(row))
    changed = {type(row) for row in (*session.new, *altered, *session.deleted)}
    known = session.info.get("once", {})
    session.info["held"] = known  # rows that nobody holds would be read again
    session.info["once"] = {read: (value, of) for read, (value, of) in known.items() if of and changed.isdisjoint(of)}


def _only_counts(row: Any) -> bool:
    """Whether this flush changes nothing of a stored row but what counts."""
    return bool(row.counters) and sa.inspect(row).committed_state.keys() <= row.counters


db = SQLAlchemy(model_class=Base, session_options={"class_": HoldingSession})


def once(read: Callable[[], T], *of: type[Base]) -> T:
    """What ``read`` returns; it is asked again only after rows may have changed. Whoever asks must not alter it.

    ``of``: of which tables it is read, where a change of others makes no difference.
    What is written by a statement, and not by a flush, goes unnoticed until the
    transaction ends.
    """
    known: dict[Callable[[], Any], Any] = db.session.registry().info.setdefault("once", {})
    if read in known:
        return cast(T, known[read][0])
    value = read()
    db.session.info.setdefault("once", {})[read] = value, of  # what was known is another now, if reading has flushed
    return value


def is_known(read: Callable[[], Any]) -> bool:
    """Whether ``once`` has its answer already."""
    return read in db.session.info.get("once", {})


@contextmanager
def transaction() -> Iterator[None]:
    """All that happens inside is stored, or nothing of it is.

    Rows loaded before are read anew inside, so that what is decided here is
    decided on the present state. Raises ``NotStored`` where another writer does
    not end in time or the database is not the one we opened, ``RoomTaken``
    where the database refuses a second use of a room.
    """
    with writing():
        try:
            yield
            db.session.commit()
        except sa.exc.DBAPIError as error:
            if is_double_booking(error):
                raise RoomTaken from error
            raise


@contextmanager
def writing() -> Iterator[None]:
    """Let what commits by itself (a library, a migration) write in this context, when it is its turn."""
    if turns.until.get() is not None:
        raise RuntimeError("transactions do not nest")
    db.session.rollback()  # a transaction that has begun to read stays one that cannot write
    with turns.turn(db.session.get_bind().get_execution_options().get("lock_file")):
        try:
            yield
        finally:
            db.session.rollback()


def empty_log() -> bool:
    """Leave nothing of what was erased in SQLite's log; ``False`` where that has to be tried again."""
    return db.engine.dialect.name != "sqlite" or sqlite.truncate_log(db.engine)


def is_double_booking(error: sa.exc.DBAPIError) -> bool:
    """Whether the guard of the database refused an overlap (its names stand in booking/guard)."""
    original: Any = error.orig
    if getattr(original, "sqlstate", None) in ("23P01", "23505"):  # two that start together meet in the primary key
        return original.diag.constraint_name in ("occupancy_no_overlap", "pk_occupancy")
    return "double_booking" in str(original)


def not_reached(fault: sa.exc.OperationalError | NotStored) -> str:
    """What to say where the database of the app at hand does not answer."""
    return f"The database {db.engine.url.render_as_string()} cannot be reached: {getattr(fault, 'orig', fault)}"


def init_app(app: Flask) -> None:
    """Bind the session to the app's database and set its connections up."""
    url = sa.make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    is_sqlite = url.get_backend_name() == "sqlite"
    options = sqlite.options(url) if is_sqlite else postgresql.options()
    options["hide_parameters"] = True  # what people wrote stands in no error, and so in no log
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", options)
    db.init_app(app)
    if not is_sqlite:
        postgresql.know_conditions(Base.metadata)
    with app.app_context():
        (sqlite if is_sqlite else postgresql).set_up(db.engine)
