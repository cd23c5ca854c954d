"""Who of the team may sign in."""

import secrets
from collections.abc import Sequence
from pathlib import Path

import click
from flask import current_app
from flask_security.utils import hash_password

from booking import clock
from booking.cli.groups import DatabaseGroup
from booking.database import db, transaction
from booking.models import StaffMember
from booking.signing_in import EXAMPLE_ACCOUNT, codes
from booking.signing_in.members import LONGEST, ROLES, SHORTEST, invitation_address, is_easily_guessed

staff_group = DatabaseGroup("staff", help="Who may decide.")
COMMANDS = (staff_group,)


_asked_password = click.option(
    "--password",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    help=f"At least {SHORTEST} characters. Asked for where it is left out, and then in no list of processes.",
)


@staff_group.command("list")
def staff_list() -> None:
    """Show everybody of the team, their roles, who has a second factor, and who cannot sign in."""
    for member in _members():
        marks = [
            member.role,
            "second factor" if member.has_second_factor else "",
            "" if member.can_sign_in else "cannot sign in",
        ]
        click.echo("  ".join([member.email, member.name, *(f"({mark})" for mark in marks if mark)]))


@staff_group.command("add")
@click.argument("email")
@click.option("--name", prompt="Name, as colleagues read it")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    help="What they may open: team where it is left out, admin for the first.",
)
@click.option("--link", is_flag=True, help="Print a link by which they choose a password, instead of asking for one.")
@click.option("--password", help=f"At least {SHORTEST} characters. Asked for where it is left out.")
def staff_add(email: str, name: str, role: str | None, link: bool, password: str | None) -> None:
    """Let a new colleague sign in with EMAIL."""
    email = email.strip().lower()
    if "@" not in email:
        raise click.ClickException(f"{email!r} is no e-mail address.")
    if any(member.email == email for member in _members()):
        raise click.ClickException(
            f"{email} is known already. For a new password: flask --app app staff password {email}"
        )
    if link and password:
        raise click.ClickException("Either --link or --password: by the link they choose one themselves.")
    if not link:
        password = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
        _require_good(password, email)
    has_admin = any(member.role == "admin" and member.can_sign_in for member in _members())
    member = _add(email, name, password, role or ("team" if has_admin else "admin"))
    if link:
        click.echo(f"{name} chooses a password here, once, within a week:\n{invitation_address(member)}")
    else:
        click.echo(f"{name} can sign in as {email}.")


@staff_group.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
def staff_role(email: str, role: str) -> None:
    """Say what a colleague may open: team decides, admin runs the house too, reception sees today and keys."""
    member = _member(email)
    with transaction():
        member.role = role
    click.echo(f"{member.name} has the role {role} now.")


@staff_group.command("password")
@click.argument("email")
@_asked_password
def staff_password(email: str, password: str) -> None:
    """Set the password of a colleague anew, and end their sessions everywhere."""
    member = _member(email)
    _require_good(password, member.email)
    with transaction():
        member.password = hash_password(password)
        codes.end_sessions(member)
    if member.email == EXAMPLE_ACCOUNT:
        _note().unlink(missing_ok=True)
    click.echo(f"{member.name} has a new password. All sessions of {member.email} have ended.")


@staff_group.command("disable")
@click.argument("email")
def staff_disable(email: str) -> None:
    """Keep a colleague from signing in, and end their sessions everywhere. What they have decided stays theirs.

    Passkeys, and what else they had as a second factor, are forgotten.
    """
    member = _member(email)
    with transaction():
        member.active = False
        codes.forget_all(member)
    click.echo(f"{member.name} can sign in no more. All sessions of {member.email} have ended.")
    if not any(each.can_sign_in for each in _members()):
        click.echo("Nobody can sign in now. Let somebody in: flask --app app staff add name@example.org", err=True)


@staff_group.command("enable")
@click.argument("email")
def staff_enable(email: str) -> None:
    """Let a colleague sign in again, with the password they had."""
    member = _member(email)
    with transaction():
        member.active = True
    click.echo(f"{member.name} can sign in again as {member.email}.")


@staff_group.command("second-factor")
@click.argument("email")
@click.option("--off", is_flag=True, required=True, help="Forget it.")
def staff_second_factor(email: str, off: bool) -> None:
    """Help a colleague who has lost phone and passkeys: from then on the password is enough.

    Their sessions end everywhere. Where a second factor is demanded, they are asked to set one up when they sign in.
    """
    member = _member(email)
    with transaction():
        codes.forget_all(member)
    click.echo(f"{member.name} has no second factor now. All sessions of {member.email} have ended.")


def how_to_sign_in(with_example: bool) -> str:
    """A sentence for the start. ``with_example`` makes an account for the example house where it has none."""
    if with_example and not any(member.email == EXAMPLE_ACCOUNT for member in _members()):
        password = secrets.token_urlsafe(9)
        _add(EXAMPLE_ACCOUNT, "Kim Beispiel", password, "admin")
        note = _note()
        note.touch(mode=0o600)
        note.write_text(f"{EXAMPLE_ACCOUNT} with the password {password}")
    if with_example and _note().exists():
        return f"Sign in as {_note().read_text()}"
    if any(member.can_sign_in for member in _members()):
        return "Sign in with your own account."
    return "Nobody can sign in yet. Let somebody in: flask --app app staff add name@example.org --link"


def _note() -> Path:
    """Where the password of the example house's account is kept, to be printed at each start."""
    return Path(current_app.instance_path) / "team-sign-in.txt"


def _members() -> Sequence[StaffMember]:
    return db.session.scalars(db.select(StaffMember).order_by(StaffMember.email)).all()


def _member(email: str) -> StaffMember:
    for member in _members():
        if member.email == email.strip().lower():
            return member
    raise click.ClickException(f"Nobody of the team has the address {email}. All are in: flask --app app staff list")


def _require_good(password: str, email: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise click.ClickException(f"The password needs at least {SHORTEST} characters, and at most {LONGEST}.")
    if is_easily_guessed(password, email):
        raise click.ClickException("This password is easily guessed. Take some words that do not belong together.")


def _add(email: str, name: str, password: str | None, role: str) -> StaffMember:
    """Without a password they are invited."""
    with transaction():
        member = StaffMember(email=email, name=name, active=True, role=role)
        if password:
            member.password = hash_password(password)
        else:
            member.invited_at = clock.now()
        codes.end_sessions(member)
        db.session.add(member)
    return member
