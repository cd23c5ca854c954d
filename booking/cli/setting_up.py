"""A house from a file: one's own, or the example."""

from pathlib import Path
from typing import Any

import click
from flask import current_app

from booking import clock, demo, doctor, facts, house_file
from booking.cli import new_house
from booking.cli.groups import DatabaseGroup, make_ready
from booking.cli.staff import how_to_sign_in
from booking.database import db
from booking.house_folder import FACTS_FILE, HOUSE_FILE, NotAHouse
from booking.models import House

HOUSES = Path(__file__).parents[2] / "house"
EXAMPLE_HOUSE = HOUSES / "example"
EXAMPLES = EXAMPLE_HOUSE / "examples.toml"

house_group = DatabaseGroup("house", help="The house: its name, address, rules, hours and rooms.")
demo_group = DatabaseGroup("demo", help="The example house, to look around in.")
COMMANDS = (house_group, demo_group)


@house_group.command("new")
@click.argument("folder", type=click.Path(path_type=Path))
@new_house.asked
def house_new(folder: Path, **said: Any) -> None:
    """Write the folder of a new house into FOLDER, from what is asked or given as options."""
    if folder.exists():
        raise click.ClickException(f"{folder} is there already, and is left as it is. Name another folder.")
    try:
        new_house.write_house(folder, said)
    except (NotAHouse, OSError) as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(
        f"{folder} is written. Look through {folder / HOUSE_FILE}, above all the ways to the rooms, and fill in"
        f" {folder / FACTS_FILE}. Then: flask --app app house load {folder}"
    )


@house_group.command("load")
@click.argument("house", type=click.Path(exists=True, path_type=Path))
def house_load(house: Path) -> None:
    """Set the house up from its folder HOUSE, or bring it up to date; of a file alone, its hours and rooms."""
    try:
        loaded = house_file.load_house(house)
    except (NotAHouse, OSError) as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(f"{loaded.name} is set up.")
    if house.is_dir() and (missing := facts.missing_facts(loaded)):
        click.echo(f"Missing in {FACTS_FILE} (retention: in {HOUSE_FILE}): {', '.join(missing)}.")
    if familiar := doctor.familiar_words(loaded):
        click.echo(f"The house says Sie, and these seem to say du: {'; '.join(familiar)}.")


@house_group.command("check")
@click.argument("house", type=click.Path(exists=True, path_type=Path))
def house_check(house: Path) -> None:
    """Say whether HOUSE, a folder or a file, could be loaded, and what is wrong in it; nothing changes."""
    try:
        house_file.check_house(house)
    except (NotAHouse, OSError) as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(f"{house} can be loaded.")


@demo_group.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing where there is a house already.")
def demo_load(if_empty: bool) -> None:
    """Load the example house with its groups, a year and a half of meetings and a few open requests."""
    if if_empty:
        click.echo("The example house is loaded." if load_example_if_empty() else "There is a house already.")
        return
    if db.session.get(House, 1):
        raise click.ClickException("There is a house already, and examples do not belong among real bookings.")
    load_example_if_empty()
    click.echo("The example house is loaded.")


def load_example_if_empty() -> bool:
    """Load the example house unless there is one; says whether it did.

    It belongs into an instance of its own, and neither to a public address nor to a database that others keep.
    """
    is_real = current_app.config["PUBLIC_URL"].startswith("https://")
    if is_real or db.engine.dialect.name != "sqlite":
        raise click.ClickException(
            "The example house is for looking around,"
            f" and {'BOOKING_PUBLIC_URL is a real address' if is_real else 'DATABASE_URL is a real database'}."
            " Set your own house up (flask --app app house new FOLDER) and start it: make serve"
        )
    if db.session.get(House, 1):
        return False
    house_file.load_house(EXAMPLE_HOUSE)
    demo.load_examples(EXAMPLES, clock.now())
    return True


def prepare(with_example: bool) -> str:
    """Bring a database up to date before it is served; how to sign in, as the start prints it.

    Ends the process with a sentence where that is not possible.
    """
    try:
        make_ready(upgrade=True)
        if with_example:
            load_example_if_empty()
    except click.ClickException as refusal:
        raise SystemExit(refusal.message) from None
    return how_to_sign_in(with_example and demo.is_example_house())
