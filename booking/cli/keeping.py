"""Backup, restore, and the move to PostgreSQL."""

from pathlib import Path

import click

from booking import clock
from booking.cli.groups import needs_database
from booking.keeping.backup import make_backup
from booking.keeping.files import NotKept


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


COMMANDS = (backup,)
