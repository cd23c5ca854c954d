"""What must be done again and again, and whether all is well."""

import signal
import sys
from threading import Event

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from booking import clock, deadlines, doctor, in_use, retention, workers
from booking.cli.groups import DatabaseGroup
from booking.database import db
from booking.letters import dispatch
from booking.outside import following

retention_group = DatabaseGroup("retention", help="Forgetting what is no longer needed.")
letters_group = DatabaseGroup("letters", help="The mails that are owed.")
deadlines_group = DatabaseGroup("deadlines", help="What happens by itself when its time has come.")


@letters_group.command("send")
@click.option("--once", is_flag=True, help="Send what is due now and end.")
def letters_send(once: bool) -> None:
    """Send letters as they fall due, keep the deadlines that cause some, and look at calendars from outside, until
    stopped."""
    if once:
        click.echo(f"{dispatch.deliver_due(clock.now())} sent.")
        return
    try:
        in_use.take_part(db.engine.url)
    except in_use.InUse as fault:
        raise click.ClickException(str(fault)) from None
    # Another thread needs the application itself.
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's types lack its method
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):  # this thread only waits, so that it never holds the event's lock
        signal.signal(number, lambda *_: stop.set())
    works: dict[str, workers.Work] = {
        "letters": dispatch.run_worker,
        "deadlines": deadlines.run_every_minute,
        "calendars": following.run_every_quarter,
    }
    letters, *others = workers.start_all(app, stop, works)
    while letters.is_alive():  # after a signal it still sends the letter in hand
        letters.join(timeout=1)  # a signal that another thread was given is heard when this one wakes
    for worker in others:
        worker.join(timeout=5)
    if workers.ended_early(app):
        sys.exit(1)


@deadlines_group.command("run")
def deadlines_run() -> None:
    """Do what is due now, such as reminders, and tell how much that was."""
    for name, number in deadlines.settle(clock.now())._asdict().items():
        click.echo(f"{name}: {number}")


@retention_group.command("run")
def retention_run() -> None:
    """Forget what is due, as the privacy notice says, and tell how much that was."""
    for name, number in retention.forget_what_is_due(clock.now())._asdict().items():
        click.echo(f"{name}: {number}")


@click.command("doctor")
@with_appcontext
def look_after() -> None:
    """Look whether all is as it must be: database, house, letters, addresses and files; exit code 1 if not."""
    for note in doctor.notes():
        click.echo(f"Note: {note}")
    faults = doctor.faults(clock.now())
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        sys.exit(1)
    click.echo("All is well.")


COMMANDS = (letters_group, deadlines_group, retention_group, look_after)
