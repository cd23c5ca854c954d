"""Backup, restore, and the move to PostgreSQL."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from booking import clock
from booking.cli.groups import needs_database
from booking.database import db
from booking.in_use import InUse
from booking.keeping import moving, restore
from booking.keeping.backup import make_backup
from booking.keeping.files import NotKept

CREATE_APP = "booking-create-app"


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(1), help="In a folder: remove all but this many of the backups made there.")
@needs_database
def backup(file: Path, keep: int | None) -> None:
    """Store a checked copy of the database in FILE, while the house is open; in a folder, under a dated name."""
    if keep and not file.is_dir():
        raise click.ClickException(f"--keep is for a folder of backups, and {file} is none.")
    try:
        made = make_backup(file, clock.now(), keep)
    except NotKept as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(
        f"{made.bookings} bookings with {made.dates} dates, and {made.waiting_letters} letters that wait, are in"
        f" {made.path} ({made.path.stat().st_size // 1024} kB, checked)."
    )
    for path in made.removed:
        click.echo(f"{path} is removed.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def restore_backup(file: Path) -> None:
    """Put the backup FILE in the place of the database, while the service is stopped. What was there is kept."""
    try:
        restored = restore.restore_backup(file, clock.now(), current_app.extensions[CREATE_APP])
    except (InUse, NotKept) as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(f"{restored.bookings} bookings are back, checked, and ready to be served.")
    if restored.replaced:
        click.echo(f"The former database is {restored.replaced}. Remove it when all is well: it names people.")
    if restored.letters_held:
        click.echo(f"{restored.letters_held} letters may have left before. They wait for the team on the page Ausgang.")
    click.echo(f"Who can sign in: {', '.join(restored.colleagues) or 'nobody'}. Look whether all of them still should.")
    if restored.other_key:
        click.echo("The secret key is not the one of this backup: links in earlier mails do not work.", err=True)


@click.command("copy-to")
@click.argument("url")
@needs_database
def copy_to(url: str) -> None:
    """Move the house from SQLite to the empty PostgreSQL database URL, while the service is stopped."""
    try:
        rows = moving.copy_to(url, current_app.extensions[CREATE_APP])
    except (InUse, NotKept) as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(
        f"{rows['booking']} bookings with {rows['occurrence']} dates and all else, {sum(rows.values())} rows,"
        " are in the new database, compared one by one; its guard is proved."
    )
    click.echo(
        f"Set DATABASE_URL to the new database, start the service, and put {db.engine.url.database} away:"
        " nobody should go on with it. The secret key and the instance folder stay as they are."
    )


COMMANDS = (backup, restore_backup, copy_to)
