"""Several processes that serve: gunicorn as operators start it, on both databases."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from booking.database import db
from tests import make
from tests.support.mail import free_port
from tests.support.raw import Raw
from tests.support.server import START_SECONDS, Zygote

ROOT = Path(__file__).parent.parent
PATHS = ("/", "/kalender", "/lobby")


def arguments(port: int, *options: str) -> list[str]:
    return ["--workers=2", "--threads=8", f"--bind=127.0.0.1:{port}", "--no-control-socket", *options, "app:app"]


def environment(app: Flask, port: int) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": app.config["DATABASE_URL"],
        "BOOKING_INSTANCE": app.instance_path,
        "BOOKING_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "BOOKING_RATE_LIMITS": "off",
    }


@contextmanager
def gunicorn(zygote: Zygote, app: Flask, log: Path, *options: str) -> Iterator[str]:
    """Its address, as soon as it answers."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    order = {"log": str(log), "environment": environment(app, port), "gunicorn": arguments(port, *options)}
    pid = zygote.ask("start", order)
    deadline = time.monotonic() + START_SECONDS
    while status(f"{url}/healthz") != 200:
        assert not zygote.ask("has_ended", pid), log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    yield url
    assert zygote.ask("stop", pid), log.read_text()


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=START_SECONDS) as answer:  # noqa: S310 - our own address
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


@pytest.mark.parametrize("options", [(), ("--preload",)], ids=["each loads", "preload"])
def test_processes_share_no_connection(
    zygote: Zygote, engine_app: Flask, tmp_path: Path, options: tuple[str, ...]
) -> None:
    make.house()
    make.rooms()
    db.session.remove()
    log = tmp_path / "log"

    with gunicorn(zygote, engine_app, log, *options) as url, ThreadPoolExecutor(16) as pool:
        answers = Counter(pool.map(status, [url + path for path in PATHS * 30]))
        can_write = status(f"{url}/readyz")

    assert (answers, can_write) == ({200: 90}, 200), log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize(
    "options",
    [pytest.param((), id="each loads"), pytest.param(("--preload",), id="preload", marks=pytest.mark.variant)],
)
def test_gunicorn_ends_with_a_sentence_where_it_cannot_serve(app: Flask, options: tuple[str, ...]) -> None:
    raw = Raw(app)
    raw("DROP TRIGGER occupancy_before_insert")
    raw.connection.close()
    port = free_port()

    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", *arguments(port, *options)],
        check=False,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        cwd=ROOT,
        env=environment(app, port),
    )

    assert "This database is not served: The database is not guarded against double bookings" in done.stderr
    assert "/booking/" not in done.stderr
    assert done.returncode != 0
