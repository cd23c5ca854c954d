"""Commands for operators. Each is as thin as a view: read, call, print."""

from collections.abc import Callable

from flask import Flask

from booking import migrating
from booking.cli import bookings, keeping, setting_up, staff, upkeep


def init_app(app: Flask, create_app: Callable[..., Flask]) -> None:
    """``create_app`` is for commands that work on a second database: they make a second application."""
    app.extensions[keeping.CREATE_APP] = create_app
    migrating.init_app(app)
    for part in (setting_up, staff, bookings, upkeep, keeping):
        for command in part.COMMANDS:
            app.cli.add_command(command)
