"""Who works on a SQLite file: services together, or one command alone."""

import subprocess
import sys

import pytest
import sqlalchemy as sa

from booking import create_app, in_use
from tests.support.app import settings

SERVE = "import sqlalchemy as sa, sys; from booking import in_use; in_use.take_part(sa.make_url(sys.argv[1]))"


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'booking.sqlite'}"


def service(url):
    """A process that serves, until its standard input ends."""
    code = f"{SERVE}; print('serves', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "serves\n"
    return process


def test_services_serve_together_and_keep_a_command_out_until_the_last_has_ended(url, tmp_path):
    first, second = service(url), service(url)
    found = []
    for process in (first, second):
        with pytest.raises(in_use.InUse, match="a service runs on it"), in_use.alone(tmp_path / "booking.sqlite"):
            found.append("alone")
        process.kill()
        process.communicate()

    with in_use.alone(tmp_path / "booking.sqlite"):
        found.append("alone at last")

    assert found == ["alone at last"]


def test_no_service_starts_while_a_command_is_alone(sqlite_url):
    url = sa.make_url(sqlite_url)
    elsewhere = url.set(database=f"{url.database}.other")

    refused = pytest.raises(SystemExit, match="another database is being put in its place")
    with in_use.alone(elsewhere.database), refused:
        create_app(settings(elsewhere.render_as_string()), serving=True)
