"""Whether the service can do its work: what ``/readyz`` answers, and the proof of the guard before the first answer."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from booking import guard, workers
from booking.database import NotStored, db, transaction, writing
from booking.letters import dispatch
from booking.models import House

logger = logging.getLogger(__name__)

#: A letter that is due for so long is late.
LATE = timedelta(minutes=15)

#: Seconds for which what costs more is believed. The guard's texts are compared every time; to try to get around it
#: leaves lines in PostgreSQL's log, and to compare all dates takes long where there are many.
PROOF_LASTS = 3600
TRUTH_LASTS = 300

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Readiness(NamedTuple):
    """Whether the service can do its work."""

    states: dict[str, str]
    """By what it needs for its work: ``ok``, or what is wrong in a few words."""
    mail: dispatch.Report | None
    """How sending goes; ``None`` where the database could not be asked."""


def is_public() -> bool:
    """Whether others than this machine reach the service."""
    reached_at = urlsplit(current_app.config["PUBLIC_URL"]).hostname, current_app.config["HOST"]
    return not {*reached_at} <= {*LOOPBACK}


def readiness(now: datetime) -> Readiness:
    """A quick look, for those who ask again and again."""
    states = dict.fromkeys(("database", "guard", "occupancy", "letters", "workers"), "ok")
    mail = None
    if ended := workers.ended_early(current_app):
        states["workers"] = f"{', '.join(ended)} ended"
    try:
        write()
        connection = db.session.connection()
        if guard.missing(connection):
            states["guard"] = "missing"
        else:
            _rarely(PROOF_LASTS, prove_guard)
        if not _rarely(TRUTH_LASTS, _is_true):
            states["occupancy"] = "not what the dates say"
        mail = dispatch.report(now)
        if mail.oldest_waiting is not None and mail.oldest_waiting > LATE.total_seconds():
            states["letters"] = "late"
    except guard.Unguarded as fault:
        logger.error("%s", fault)
        states["guard"] = "missing"
    except SQLAlchemyError as error:
        logger.error("readyz: %s", error if isinstance(error, NotStored) else type(error).__name__)
        states["database"] = "not writable"
    return Readiness(states, mail)


def prove_guard() -> bool:
    """Let the guard be proved in a transaction of its own. Raises ``Unguarded``; what else goes wrong with the proof is
    only logged, as it says nothing against the guard."""
    with writing():
        try:
            guard.prove(db.session.connection())
        except guard.Unproved as fault:
            logger.warning("%s", fault)
    _note(prove_guard)
    return True


def write() -> None:
    """A real write that changes nothing. SQLite writes no row that is already so, but always a number of its own."""
    with transaction():
        if db.engine.dialect.name == "sqlite":
            number = db.session.execute(sa.text("PRAGMA user_version")).scalar_one()
            db.session.execute(sa.text(f"PRAGMA user_version = {number}"))
        else:
            db.session.execute(sa.update(House).values(version=House.version))


def _is_true() -> bool:
    return not guard.untruths(db.session.connection())


def _rarely(seconds: float, look: Callable[[], bool]) -> bool:
    """Look, unless that has gone well within so many seconds."""
    seen: float | None = current_app.extensions.get(f"checkup-{look.__name__}")
    if seen is not None and time.monotonic() - seen < seconds:
        return True
    if is_well := look():
        _note(look)
    return is_well


def _note(look: Callable[[], bool]) -> None:
    current_app.extensions[f"checkup-{look.__name__}"] = time.monotonic()
