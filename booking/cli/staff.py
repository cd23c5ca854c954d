"""Who of the team may sign in."""

import secrets
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from flask_security.utils import hash_password

from booking.database import db, transaction
from booking.models import Role, StaffMember

staff_group = AppGroup("staff", help="Who may decide.")
COMMANDS = (staff_group,)


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
