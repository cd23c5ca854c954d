"""A process that has loaded the service and forks a new one on demand: a start takes a tenth of the time.

What runs in the fork is ``app.py``, as ``python app.py`` runs it, or gunicorn. Where
the service has the settings of most tests, it is given an application that has
answered before: it takes its settings from the environment again, proves and
begins as any other, and knows its templates, statements and locales already.

Each line of standard input is an order in JSON, each line of standard output its
answer. When the orders end, so do all services.
"""

import gc
import json
import os
import runpy
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path
from threading import Event
from typing import Any

# Loaded for the forks to have.
import alembic.migration
import alembic.script
import flask_migrate
import waitress
from flask import Flask
from gunicorn.app import wsgiapp as gunicorn_app

import booking
import booking.cli
from booking import deadlines, links, retention
from booking.database import db
from booking.letters import dispatch
from booking.migrating import missing_migrations
from booking.outside import following
from tests import make
from tests.support.app import Client, Compiled, settings

PRELOADED = (alembic.migration, alembic.script, booking.cli, flask_migrate, waitress)
STOP_SECONDS = 60

#: Pages that between them need most of what a process keeps from one answer to the next.
PAGES = ("/", "/en/", "/kalender/woche/2026-W50", "/lobby", "/anfrage", "/hilfe", "/team")

#: What a service does beside answering, each beginning as it starts.
WORKS = (dispatch.run_worker, deadlines.run_every_minute, following.run_every_quarter, retention.run_daily)

#: What an application reads when it is asked, so that one which was made before can be told otherwise.
READ_LATE = {f"BOOKING_{name}" for name in ("NOW", "PORT", "PUBLIC_URL", "SECOND_FACTOR", "SMTP_URL", "UNDO_SECONDS")}


class OneRound(Event):
    """Ends a work where it would wait for its next round."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return super().wait(timeout)


class Practised:
    """An application that has answered pages of a house in this database before, and done all else that a service does,
    to be had by forks."""

    def __init__(self, url: str, instance: str) -> None:
        self._environment = {
            "DATABASE_URL": url,
            "BOOKING_INSTANCE": instance,
            "BOOKING_RATE_LIMITS": "off",
            "BOOKING_SECRET_KEY": settings(url)["SECRET_KEY"],
        }
        os.environ.update(self._environment)
        Path(instance).mkdir(exist_ok=True)
        self._app = booking.create_app(serving=False)
        self._extensions = dict(self._app.extensions)
        with self._app.app_context():
            assert missing_migrations(db.session.connection()) == []
            make.house()
            room, *_ = make.rooms()
            asked = make.booking(room, "2026-12-09T16:00")
            member = Client(self._app)
            member.sign_in(make.staff())
            for path in (*PAGES, f"/team/anfragen/{asked.reference}", f"/a/{links.token(make.link(asked))}"):
                assert member.get(path).status_code == 200, path
            for work in WORKS:
                work(self._app, OneRound())
            db.session.remove()
            db.engine.dispose()
        shutil.rmtree(instance)

    def is_meant(self, environment: dict[str, str]) -> bool:
        """Whether a service with these settings differs from it in nothing that is read once only."""
        read = {name for name in environment if name.startswith("BOOKING_") or name == "DATABASE_URL"}
        return {name: environment[name] for name in read - READ_LATE} == self._environment

    def create_app(self, *, serving: bool) -> Flask:
        """What ``booking.create_app`` is in a fork."""
        self._app._got_first_request = False  # what a start adds to an application, this one lets be added again
        self._app.extensions.clear()
        self._app.extensions.update(self._extensions)
        booking._configure(self._app, {})
        booking._begin(self._app, serving)
        return self._app


def start(practised: Practised, log: str, environment: dict[str, str], gunicorn: list[str] | None = None) -> int:
    """Start a service, with these arguments of ``gunicorn`` or else with the bundled server; its process id."""
    pid = os.fork()
    if pid:
        return pid
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number, file in ((0, os.open(os.devnull, os.O_RDONLY)), (1, output), (2, output)):
        os.dup2(file, number)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["app.py"] if gunicorn is None else ["gunicorn", *gunicorn]
    if gunicorn is None and practised.is_meant(environment):
        booking.create_app = practised.create_app
    try:
        if gunicorn is None:
            runpy.run_path("app.py", run_name="__main__")
        else:
            gunicorn_app.run()
    except SystemExit as end:
        if end.code:
            print(end.code, file=sys.stderr)
    except BaseException:  # whatever it is, it stays in this process
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # without taking the interpreter apart, which takes longer than the service to end


def has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def stop(pid: int) -> bool:
    """End a service as an operator does; whether it ended by itself in time."""
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        if os.waitpid(pid, os.WNOHANG) != (0, 0):
            return True
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def main(url: str, instance: str, compiled: str) -> None:
    """Take orders; services at this address of a migrated database and with this folder start most quickly.

    What is ``compiled`` of templates is read there, and added to.
    """
    Flask.jinja_options = {"bytecode_cache": Compiled(compiled)}
    practised = Practised(url, instance)
    print(json.dumps("ready"), flush=True)
    gc.collect()
    gc.freeze()  # what is loaded is shared by all forks, and looked through by none
    serve(practised)


def serve(practised: Practised) -> None:
    running: set[int] = set()
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        if "start" in order:
            answer: Any = start(practised, **order["start"])
            running.add(answer)
        elif "stop" in order:
            answer = stop(order["stop"])
            running.remove(order["stop"])
        else:
            answer = has_ended(order["has_ended"])
        print(json.dumps(answer), flush=True)
    for pid in running:
        stop(pid)


if __name__ == "__main__":
    main(*sys.argv[1:])
