"""The service as it really runs: a process of its own, with its worker, on a port of the loopback address."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from flask import Flask

from tests import make
from tests.support.app import Clock, remove_database
from tests.support.mail import MailServer, free_port
from tests.support.pages import find_form

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120  # a busy machine may need them


class Zygote:
    """The process that starts and ends services; see ``zygote.py``."""

    def __init__(self, url: str, instance: Path, compiled: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.zygote", url, str(instance), str(compiled)],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith("BOOKING_")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()  # from then on, the database is for tests

    def _answer(self) -> Any:
        answers = self._process.stdout
        assert answers is not None
        return json.loads(answers.readline())

    def ask(self, order: str, value: Any) -> Any:
        orders = self._process.stdin
        assert orders is not None
        print(json.dumps({order: value}), file=orders, flush=True)
        return self._answer()

    def close(self) -> None:
        self._process.communicate()


class SentForm(NamedTuple):
    """What a browser sends."""

    cookie: str
    body: str


class Server:
    """A running service. ``app`` is the application in the test's own process, on the same database.

    ``member`` is one of the team, who signs in with ``make.PASSWORD``. ``host`` is the name in its address.
    """

    host = "127.0.0.1"

    def __init__(self, zygote: Zygote, app: Flask, clock: Clock, folder: Path, smtp: MailServer) -> None:
        self._zygote = zygote
        self.app = app
        self.clock = clock
        self.port = free_port()
        self.log = folder / "server.log"
        self.member = make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD)
        self._pid: int | None = None
        self.before_restart: list[Callable[[], None]] = []
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": app.config["DATABASE_URL"],
            "BOOKING_INSTANCE": app.instance_path,
            "BOOKING_SECRET_KEY": app.config["SECRET_KEY"],
            "BOOKING_PORT": str(self.port),
            "BOOKING_RATE_LIMITS": "off",
            "BOOKING_SMTP_URL": smtp.url,
        }
        app.config["PUBLIC_URL"] = self.url

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self, now: str = "", **settings: object) -> None:
        """Start at a local time of the house, with further settings such as ``undo_seconds=1``."""
        if now:
            self.clock.set(now)
        environment = {f"BOOKING_{name.upper()}": str(value) for name, value in settings.items()}
        environment.setdefault("BOOKING_PUBLIC_URL", self.url)
        self.app.config["PUBLIC_URL"] = environment["BOOKING_PUBLIC_URL"]
        environment["BOOKING_NOW"] = f"{self.clock.now.astimezone(make.ZONE):%Y-%m-%dT%H:%M:%S}"
        self._pid = self._zygote.ask("start", {"log": str(self.log), "environment": self._environment | environment})
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert not self._zygote.ask("has_ended", self._pid), f"the service did not start:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"the service does not answer:\n{self.log.read_text()}"
            time.sleep(0.02)

    def stop(self) -> None:
        """End the service as an operator does, and look that it had nothing to complain about."""
        if self._pid is None:
            return
        pid, self._pid = self._pid, None
        assert self._zygote.ask("stop", pid), "the service had to be killed"
        log = self.log.read_text()
        assert "Traceback" not in log, log

    def restart(self, now: str = "", **settings: object) -> None:
        """The same house at another time, or with other settings. Browsers leave it first, and begin anew."""
        for leave in self.before_restart:
            leave()
        self.stop()
        self.start(now, **settings)

    def ask(self, method: str, path: str, form: "SentForm | None" = None) -> int:
        """The status of an answer, redirects included."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": form.cookie, "Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection.request(method, path, form.body if form else None, headers)
        status = connection.getresponse().status
        connection.close()
        return status

    def form(self, path: str) -> "SentForm":
        """The form of a page as a browser would send it, with the cookie that belongs to it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path)
        answer = connection.getresponse()
        html = answer.read().decode()
        connection.close()
        return SentForm(answer.headers["Set-Cookie"].partition(";")[0], urlencode(find_form(html).filled({}, "").data))

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=10) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@pytest.fixture(scope="session")
def zygote(_instance: Path, _migrated_sqlite: Path, _sqlite_file: Path, compiled_templates: Path) -> Iterator[Zygote]:
    remove_database(_sqlite_file)
    shutil.copy(_migrated_sqlite, _sqlite_file)
    zygote = Zygote(f"sqlite:///{_sqlite_file}", _instance, compiled_templates)
    yield zygote
    zygote.close()


@pytest.fixture
def idle_server(zygote: Zygote, app: Flask, clock: Clock, tmp_path: Path, smtp: MailServer) -> Iterator[Server]:
    """The service with the house and rooms of the acceptance walks, not started yet: ``start(now=…)`` does."""
    make.house()
    make.rooms()
    server = Server(zygote, app, clock, tmp_path, smtp)
    yield server
    server.stop()


@pytest.fixture
def server(idle_server: Server) -> Server:
    """The service with the house and rooms of the acceptance walks, running."""
    idle_server.start()
    return idle_server
