"""Bringing a database to today's tables: for commands alone, so that what serves does not hold Alembic in memory."""

from functools import cache
from pathlib import Path

import flask_migrate
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from flask import Flask

from booking.database import db

_SCRIPTS = str(Path(__file__).parents[1] / "migrations")


class TooNew(Exception):
    """A database that a newer version of the service has changed."""


@cache
def _scripts() -> ScriptDirectory:
    """The migrations there are: read once, as they stay as they are for as long as a process runs."""
    return ScriptDirectory(_SCRIPTS)


def missing_migrations(connection: sa.Connection) -> list[str]:
    """The numbers of the migrations that have not run on a database, first one first. Raises ``TooNew``."""
    scripts = _scripts()
    present = MigrationContext.configure(connection).get_current_heads()
    try:
        done = {script.revision for head in present for script in scripts.iterate_revisions(head, "base")}
    except RevisionError:
        raise TooNew("The database comes from a newer version of the service. Update the service first.") from None
    return [script.revision for script in scripts.walk_revisions() if script.revision not in done][::-1]


def init_app(app: Flask) -> None:
    """Put in the commands ``flask db``."""
    flask_migrate.Migrate().init_app(app, db, directory=_SCRIPTS, render_as_batch=True)
