"""Bookings from elsewhere, and all of them as a file."""

from collections import Counter
from pathlib import Path

import click

from booking import clock, exporting, wording
from booking.availability.check import Availability
from booking.cli.groups import DatabaseGroup
from booking.database import db
from booking.house import house
from booking.importing.entries import UnreadableFile
from booking.importing.planning import ImportPlan, plan_import, read_file
from booking.importing.storing import NoSuchRun, bring_in, new_run, runs, undo_import
from booking.models import Room

bookings_group = DatabaseGroup("bookings", help="Bookings from elsewhere, and all of them as a file.")
COMMANDS = (bookings_group,)

_LANGUAGE = "en"
_TAKE_BACK = "flask --app app bookings take-back"
#: Imports that are named where another one was meant.
_MOST_RUNS = 10
_WHY = {Availability.TAKEN: "taken", Availability.CLOSED: "closed"}


@bookings_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be brought in; nothing changes.")
@click.option("--room", "slug", help="The room of entries that name none, by its slug.")
@click.option("--open", "is_open", is_flag=True, help="Everybody may come, where the file says nothing of it.")
@click.option("--with-descriptions", is_flag=True, help="Keep descriptions as notes for the team.")
def bookings_import(file: Path, *, dry_run: bool, slug: str | None, is_open: bool, with_descriptions: bool) -> None:
    """Bring the dates of a calendar (.ics), a table (.csv) or an export (.json) in. Nobody is written to.

    What is free is confirmed, what is taken or closed is left for the team to decide. What came in before is left as it
    is. Descriptions may hold personal data, and stay out unless they are asked for.
    """
    now = clock.now()
    room = db.session.scalars(db.select(Room).where(Room.slug == slug)).first() if slug else None
    if slug and room is None:
        raise click.ClickException(f"There is no room with the slug {slug}.")
    try:
        plan = plan_import(
            read_file(file.name, file.read_bytes(), now), now, room_id=room.id if room else None, is_open=is_open
        )
    except UnreadableFile as refusal:
        raise click.ClickException(refusal.fault.say(_LANGUAGE)) from None
    _tell(plan)
    if dry_run or not plan.number:
        click.echo("Nothing was changed." if dry_run else "There is nothing new to bring in.")
        return
    run = new_run()
    click.echo(f"To take it back, also where it does not come to its end: {_TAKE_BACK} {run}")
    with click.progressbar(length=plan.number, label="Dates", show_pos=True) as bar:
        done = bring_in(plan, run=run, with_texts=with_descriptions, now=now, progress=bar.update)
    click.echo(
        f"{done.dates} dates of {done.bookings} bookings are there now, {done.undecided} of them to be decided by the"
        f" team.\nTo take it back: {_TAKE_BACK} {done.run}"
    )


@bookings_group.command("take-back")
@click.argument("run")
def bookings_take_back(run: str) -> None:
    """Remove what came in by one import, but for bookings in which something has happened since."""
    try:
        gone = undo_import(run, now=clock.now())
    except NoSuchRun:
        there = ", ".join(f"{each.run} ({each.dates} dates, {each.at:%Y-%m-%d})" for each in runs(_MOST_RUNS))
        hint = f" There are: {there}." if there else ""
        raise click.ClickException(f"Nothing is there of an import {run}.{hint}") from None
    click.echo(f"{gone.dates} dates of {gone.bookings} bookings are gone.")
    if gone.kept:
        click.echo(f"Something has happened since to {', '.join(gone.kept)}, which stay.")


@bookings_group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def bookings_export(file: Path) -> None:
    """Write all dates into FILE: .ics or .csv with those that go on, .json with everything, personal data included."""
    try:
        content = exporting.export(file.suffix.lower())
    except KeyError:
        raise click.ClickException(f"FILE ends with one of {', '.join(exporting.suffixes())}.") from None
    try:
        file.write_bytes(content)
    except OSError as fault:
        raise click.ClickException(f"{file} cannot be written: {fault.strerror}.") from None
    click.echo(f"{file} is written.")


def _tell(plan: ImportPlan) -> None:
    """What would come in, and what is wrong with the file."""
    zone = house().zone
    for booking in plan.bookings:
        why = Counter(_WHY.get(each.state, "tentative") for each in booking.undecided)
        open_ones = f" ({', '.join(f'{number} {name}' for name, number in why.items())}: to be decided)" if why else ""
        first = booking.dates[0]
        more = f", {len(booking.dates)} dates" if len(booking.dates) > 1 else ""
        click.echo(f"{booking.title}: {wording.date_line(first, zone, _LANGUAGE)}{more}{open_ones}")
    for title in plan.endless:
        until = wording.day(plan.horizon.astimezone(zone).date(), _LANGUAGE)
        click.echo(f"“{title}” has no end; its dates until {until} are taken.")
    for fault in plan.faults:
        click.echo(f"! {fault.say(_LANGUAGE)}")
    if plan.known:
        click.echo(f"{plan.known} dates are there already.")
