"""The service as it really runs: a process of its own, with its worker, on a port of the loopback address."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests import make
from tests.support.app import Clock
from tests.support.mail import MailServer, free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30
STOP_SECONDS = 10


class Server:
    """A running service. ``app`` is the application in the test's own process, on the same database.

    ``member`` is one of the team, who signs in with ``make.PASSWORD``.
    """

    def __init__(self, app: Flask, clock: Clock, folder: Path, smtp: MailServer) -> None:
        self.app = app
        self.clock = clock
        self.port = free_port()
        self.log = folder / "server.log"
        self.member = make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD)
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": app.config["DATABASE_URL"],
            "BOOKING_INSTANCE": app.instance_path,
            "BOOKING_SECRET_KEY": app.config["SECRET_KEY"],
            "BOOKING_PUBLIC_URL": self.url,
            "BOOKING_PORT": str(self.port),
            "BOOKING_RATE_LIMITS": "off",
            "BOOKING_SMTP_URL": smtp.url,
        }
        app.config["PUBLIC_URL"] = self.url

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, now: str = "", **settings: object) -> None:
        """Start at a local time of the house, with further settings such as ``undo_seconds=1``."""
        if now:
            self.clock.set(now)
        environment = {f"BOOKING_{name.upper()}": str(value) for name, value in settings.items()}
        environment["BOOKING_NOW"] = f"{self.clock.now.astimezone(make.ZONE):%Y-%m-%dT%H:%M:%S}"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env=self._environment | environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, f"the service did not start:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"the service does not answer:\n{self.log.read_text()}"
            time.sleep(0.05)

    def stop(self) -> None:
        """End the service as an operator does, and look that it had nothing to complain about."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._process = None
        log = self.log.read_text()
        assert "Traceback" not in log, log

    def restart(self, now: str = "", **settings: object) -> None:
        """The same house at another time, or with other settings."""
        self.stop()
        self.start(now, **settings)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@pytest.fixture
def idle_server(app: Flask, clock: Clock, tmp_path: Path, smtp: MailServer) -> Iterator[Server]:
    """The service with the house and rooms of the acceptance walks, not started yet: ``start(now=…)`` does."""
    make.house()
    make.rooms()
    server = Server(app, clock, tmp_path, smtp)
    yield server
    server.stop()


@pytest.fixture
def server(idle_server: Server) -> Server:
    """The service with the house and rooms of the acceptance walks, running."""
    idle_server.start()
    return idle_server
