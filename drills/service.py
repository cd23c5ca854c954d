"""The service as it really runs, on either database, for drills: started, killed, started again, and looked at."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import psycopg
import sqlalchemy as sa
from flask import Flask

from booking import create_app, guard
from booking.database import db
from booking.models import Room
from tests import make
from tests.support.mail import free_port
from tests.support.postgresql import Cluster
from tools.machine import NO_POSTGRESQL, find_postgresql

ROOT = Path(__file__).resolve().parents[1]
TEAM = ("henrike@bielefeld.de", make.PASSWORD)
START_SECONDS = 60


class Service:
    """Processes that serve one house: the bundled server, or two gunicorn processes and one that sends letters.

    ``app`` is the application in the drill's own process, on the same
    database. Letters become files in ``folder/mail``.
    """

    def __init__(self, folder: Path, database: str, *, bundled: bool) -> None:
        self.folder = folder
        self.database = database
        self.bundled = bundled
        self.port = free_port()
        self.log = folder / "service.log"
        self.room_slugs: list[str] = []
        self.processes: list[subprocess.Popen[bytes]] = []
        os.environ["BOOKING_INSTANCE"] = str(folder)
        self.app = self._set_up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until it answers."""
        python = sys.executable
        if self.bundled:
            commands = [[python, "app.py"]]
        else:
            gunicorn = [python, "-m", "gunicorn", "--workers=2", "--threads=8", f"--bind=127.0.0.1:{self.port}"]
            commands = [[*gunicorn, "app:app"], [python, "-m", "flask", "--app", "app", "letters", "send"]]
        with self.log.open("ab") as log:
            for command in commands:
                process = subprocess.Popen(
                    command, cwd=ROOT, env=self._environment(), stdout=log, stderr=log, start_new_session=True
                )
                self.processes.append(process)
        self.wait()

    def wait(self) -> None:
        """Wait until the service answers and can store."""
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if time.monotonic() > deadline or any(each.poll() is not None for each in self.processes):
                raise SystemExit(f"the service did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End all processes at once, as a power cut of the machine's programs would."""
        self._end(signal.SIGKILL)

    def kill_and_start(self) -> None:
        self.kill()
        self.start()

    def stop(self) -> None:
        """End as an operator does."""
        self._end(signal.SIGTERM)

    def memory(self) -> int:
        """KiB that all processes use themselves."""
        pids = [str(process.pid) for process in self.processes]
        groups = subprocess.run(["ps", "-o", "rss=", "-g", ",".join(pids)], capture_output=True, text=True, check=False)
        return sum(map(int, groups.stdout.split()))

    def faults(self) -> list[str]:
        """What is wrong with the database: empty as long as the guard and the engine did their work."""
        with self.app.app_context():
            connection = db.session.connection()
            found = guard.missing(connection) + [f"untrue: {row}" for row in guard.untruths(connection)]
            overlaps = connection.scalar(
                sa.text(
                    'SELECT count(*) FROM (SELECT start, lag("end") OVER (PARTITION BY part_id ORDER BY start)'
                    " AS before FROM occupancy) AS neighbours WHERE before > start"
                )
            )
            found += [f"{overlaps} overlaps"] if overlaps else []
            if connection.dialect.name == "sqlite":
                found += [row for row in connection.exec_driver_sql("PRAGMA integrity_check").scalars() if row != "ok"]
            db.session.remove()
            return found

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=10) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def _end(self, number: int) -> None:
        for process in self.processes:
            os.killpg(process.pid, number)
        for process in self.processes:
            process.wait(60)
        self.processes.clear()

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "DATABASE_URL": self.database,
            "BOOKING_INSTANCE": str(self.folder),
            "BOOKING_SECRET_KEY": "only for drills, where nobody minds",
            "BOOKING_PUBLIC_URL": self.url,
            "BOOKING_PORT": str(self.port),
            "BOOKING_RATE_LIMITS": "off",
            "BOOKING_UNDO_SECONDS": "0",
        }

    def _set_up(self) -> Flask:
        settings = {"DATABASE_URL": self.database, "SECRET_KEY": "only for drills, where nobody minds"}
        preparing = create_app(settings, serving=False)
        with preparing.app_context():
            flask_migrate.upgrade()
            db.session.remove()
            db.engine.dispose()
        app = create_app(settings)
        with app.app_context():
            make.house(lead_working_days=0)
            make.room("Saal", 80, parts=["Nord", "Süd"])
            make.room("Saal Nord", 40, parts=["Nord"])
            make.room("Saal Süd", 40, parts=["Süd"])
            for number in range(1, 41):  # enough for all who ask, or a long drill stores nothing more in the end
                make.room(f"Raum {number}", 20)
            self.room_slugs = list(db.session.scalars(sa.select(Room.slug)))
            make.staff("Henrike", TEAM[0], password=TEAM[1])
            db.session.remove()
        return app


def settings(arguments: list[str], **usual: int) -> dict[str, int]:
    """These numbers, and those that arguments such as ``seconds=60`` give instead."""
    given = {name: number for name, _, number in (each.partition("=") for each in arguments)}
    if unknown := given.keys() - usual.keys():
        raise SystemExit(f"There is no setting named {', '.join(sorted(unknown))}; there are {', '.join(usual)}.")
    return usual | {name: int(number) for name, number in given.items()}


def _leave_nothing_running() -> None:
    """Let SIGTERM end a drill as Ctrl-C does: by way of what ends the service and the database."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


@contextmanager
def sqlite_service(*, bundled: bool = True) -> Iterator[Service]:
    """A house on SQLite, on a disk."""
    _leave_nothing_running()
    folder = Path(tempfile.mkdtemp(prefix="drill", dir="/var/tmp"))
    service = Service(folder, f"sqlite:///{folder / 'booking.sqlite'}", bundled=bundled)
    try:
        yield service
    finally:
        if service.processes:
            service.kill()
        shutil.rmtree(folder)


@contextmanager
def postgresql_service(*, bundled: bool = False) -> Iterator[tuple[Service, Cluster]]:
    """A house on a PostgreSQL server of its own that keeps what it confirms, on a disk."""
    _leave_nothing_running()
    binaries = find_postgresql()
    if binaries is None:
        raise SystemExit(NO_POSTGRESQL)
    folder = Path(tempfile.mkdtemp(prefix="drill", dir="/var/tmp"))
    folder.chmod(0o755)  # the server runs as somebody else where this runs as root
    cluster = Cluster(binaries, kept=folder / "pg")
    cluster.start()
    try:
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE booking")
        (folder / "instance").mkdir()
        service = Service(folder / "instance", cluster.url("booking"), bundled=bundled)
        try:
            yield service, cluster
        finally:
            if service.processes:
                service.kill()
            with service.app.app_context():
                db.engine.dispose()
    finally:
        cluster.stop()
        shutil.rmtree(folder)
