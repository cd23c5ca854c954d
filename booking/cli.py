"""Commands for operators. Each is as thin as a view: read, call, print."""

import secrets
import sys
from pathlib import Path
from threading import Event, Thread

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_security.utils import hash_password

from booking import clock, deadlines, demo, guard, housekeeping, outbox, retention
from booking.database import db, transaction
from booking.models import House, Role, StaffMember

HOUSES = Path(__file__).parent.parent / "house"
EXAMPLE_HOUSE = HOUSES / "innovation-office.toml"
EXAMPLES = HOUSES / "innovation-office-examples.toml"

house_group = AppGroup("house", help="The house: its name, address, rules, hours and rooms.")
demo_group = AppGroup("demo", help="The example house, to look around in.")
staff_group = AppGroup("staff", help="Who may decide.")
retention_group = AppGroup("retention", help="Forgetting what is no longer needed.")
letters_group = AppGroup("letters", help="The mails that are owed.")
deadlines_group = AppGroup("deadlines", help="What happens by itself when its time has come.")


@house_group.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def house_load(file: Path) -> None:
    """Set the house up from FILE, or bring it up to date."""
    try:
        house = housekeeping.load_house(file)
    except housekeeping.NotAHouse as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(f"{house.name} is set up.")


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
    """Load the example house unless there is one; says whether it did."""
    if db.session.get(House, 1):
        return False
    housekeeping.load_house(EXAMPLE_HOUSE)
    demo.load(EXAMPLES, clock.now())
    return True


@staff_group.command("add")
@click.argument("email")
@click.option("--name", prompt="Name, as colleagues read it")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True, help="At least 8 characters.")
def staff_add(email: str, name: str, password: str) -> None:
    """Let a colleague sign in with EMAIL; for one who is known, set name and password anew."""
    if len(password) < 8:
        raise click.ClickException("The password needs at least 8 characters.")
    _add_staff(email, name, password)
    click.echo(f"{name} can sign in as {email.strip().lower()}.")


def _add_staff(email: str, name: str, password: str) -> None:
    email = email.strip().lower()
    if "@" not in email:
        raise click.ClickException(f"{email!r} is no e-mail address.")
    with transaction():
        role = db.session.scalars(db.select(Role).where(Role.name == "team")).one_or_none() or Role(name="team")
        known = db.session.scalars(db.select(StaffMember).where(StaffMember.email == email)).one_or_none()
        member = known or StaffMember(email=email, active=True, roles=[role])
        member.name = name
        member.password = hash_password(password)
        member.fs_uniquifier = secrets.token_hex(32)  # ends the sessions of an earlier password
        db.session.add(member)


def ensure_sign_in() -> str:
    """A sentence that says how to sign in: with a password made for this installation where there was nobody yet."""
    note = Path(current_app.instance_path) / "team-sign-in.txt"
    can_sign_in = db.select(StaffMember.id).where(StaffMember.active, StaffMember.password.is_not(None))
    if db.session.scalars(can_sign_in).first() is None:
        password = secrets.token_urlsafe(9)
        _add_staff("team@example.org", "Kim Beispiel", password)
        note.touch(mode=0o600)
        note.write_text(f"team@example.org with the password {password}")
    return f"Sign in as {note.read_text()}" if note.exists() else "Sign in with your own account."


@letters_group.command("send")
@click.option("--once", is_flag=True, help="Send what is due now and end.")
def letters_send(once: bool) -> None:
    """Send letters as they fall due and keep the deadlines that cause some, until stopped."""
    if once:
        click.echo(f"{outbox.deliver_due(clock.now())} sent.")
        return
    # Another thread needs the application itself; the types of the proxy do not know its own method.
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    stop = Event()
    keeper = Thread(target=deadlines.run_every_minute, args=(app, stop), name="deadlines", daemon=True)
    keeper.start()
    try:
        outbox.run_worker(app, stop)
    except KeyboardInterrupt:
        stop.set()
        keeper.join(timeout=5)


@deadlines_group.command("run")
def deadlines_run() -> None:
    """Do what is due now, such as reminders, and tell how much that was."""
    for name, number in deadlines.settle(clock.now())._asdict().items():
        click.echo(f"{name}: {number}")


@retention_group.command("run")
def retention_run() -> None:
    """Forget what is due, as the privacy notice says, and tell how much that was."""
    for name, number in retention.forget(clock.now())._asdict().items():
        click.echo(f"{name}: {number}")


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Look whether the database is guarded, true and durable; says what is wrong, with exit code 1."""
    connection = db.session.connection()
    faults = guard.faults(connection) + guard.durability_faults(connection)
    faults += [f"occupancy and dates disagree: {row}" for row in guard.untruths(connection)]
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        sys.exit(1)
    click.echo("All is well.")


def init_app(app: Flask) -> None:
    for group in (house_group, demo_group, staff_group, letters_group, deadlines_group, retention_group, doctor):
        app.cli.add_command(group)
