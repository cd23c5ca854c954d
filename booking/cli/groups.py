"""Commands that find a database they can work on, or say the one command that makes it so."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import click
import flask_migrate
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from booking.database import NotStored, db, not_reached
from booking.migrating import TooNew, missing_migrations

INSUFFICIENT_PRIVILEGE = "42501"


class DatabaseGroup(AppGroup):
    """A group whose commands all need the database; see ``needs_database``."""

    def command(  # type: ignore[override]  # ours are all written with parentheses, the one way that this knows
        self, *args: Any, **options: Any
    ) -> Callable[[Callable[..., Any]], click.Command]:
        make = super().command(*args, **options)
        return lambda function: make(needs_database(function))


def needs_database(function: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command on a database that is up to date.

    An empty one is set up, so that a new installation can begin with any
    command. One that holds something is left alone: bringing it up to date may
    take its time, and whoever does so makes a backup before.
    """

    def checked(*args: Any, **options: Any) -> Any:
        make_ready(upgrade=False)
        return function(*args, **options)

    return with_appcontext(update_wrapper(checked, function))


def make_ready(*, upgrade: bool) -> None:
    """Set an empty database up, and with ``upgrade`` bring one up to date that is behind.

    Raises ``click.ClickException`` with what to do where that is not possible.
    A guard that is missing otherwise was taken away, and is not put back in
    silence.
    """
    try:
        with db.engine.connect() as connection:
            missing = missing_migrations(connection)
            is_empty = not db.inspect(connection).get_table_names()
        if missing and not (upgrade or is_empty):
            raise click.ClickException("The database is not up to date. Run first: flask --app app db upgrade")
        if missing:
            flask_migrate.upgrade()
    except (OperationalError, NotStored) as fault:
        raise click.ClickException(not_reached(fault)) from None
    except TooNew as fault:
        raise click.ClickException(str(fault)) from None
    except ProgrammingError as fault:
        if getattr(fault.orig, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
            raise
        raise click.ClickException(
            "This role may not set the database up. Run first, as the owner: flask --app app db upgrade"
        ) from None
