"""Commands for operators. Each is as thin as a view: read, call, print."""

from flask import Flask

from booking.cli import keeping, setting_up, staff, upkeep


def init_app(app: Flask) -> None:
    for part in (setting_up, staff, upkeep, keeping):
        for command in part.COMMANDS:
            app.cli.add_command(command)
