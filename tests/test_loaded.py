"""What a serving process loads, in an interpreter of its own: its memory is that of its modules."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import make

ROOT = Path(__file__).parent.parent

#: By whom each is needed that a process may not load which only serves.
NEEDLESS = {
    "alembic": "commands",
    "asyncio": "services of another kind",
    "backports.zstd": "other ways to pack",
    "booking.cli": "commands",
    "booking.demo": "commands",
    "booking.doctor": "commands",
    "booking.keeping": "commands",
    "brotli": "other ways to pack",
    "cryptography": "a second factor",
    "flask_login.test_client": "tests",
    "flask_migrate": "commands",
    "flask_wtf.recaptcha": "pictures with letters",
    "gunicorn": "its own processes",
    "holidays.countries.france": "a house in France",
    "limits.aio": "services of another kind",
    "markdown_it": "who brings in a house or writes its rules",
    "passlib.totp": "a second factor",
    "PIL": "who puts in the picture of a room",
    "psycopg": "a house on PostgreSQL",
    "pygments": "commands",
    "redis": "limits that several processes count together",
    "sqlalchemy.dialects.postgresql": "a house on PostgreSQL",
    "webauthn": "passkeys",
    "wrapt": "notes on versions in libraries",
    "yaml": "commands",
}

SERVICE = """
import gc, json, sys
sys.argv = ["app.py"]
from app import app  # as gunicorn does
idle = list(sys.modules)
frozen, looked_through = gc.get_freeze_count(), len(gc.get_objects())
pages = ("/", "/en/", "/kalender", "/lobby", "/anfrage", "/team/anmelden", "/readyz")
client = app.test_client()
answers = [client.get(path, base_url="http://localhost").status_code for path in pages]
serving = list(sys.modules)
with app.app_context():
    from booking.signing_in import codes, passkeys
    key = codes.key_to_type(codes.new_secret())
    question = passkeys.question(passkeys.Site("localhost", "http://localhost"))
print(json.dumps([answers, frozen > looked_through, idle, serving, len(key), question["rpId"], list(sys.modules)]))
"""


@pytest.fixture
def environment(sqlite_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("BOOKING_PUBLIC_URL", "http://localhost")


def test_a_service_loads_nothing_that_only_commands_and_second_factors_need(app, environment):
    make.house()
    make.room()

    found = subprocess.run([sys.executable, "-c", SERVICE], cwd=ROOT, capture_output=True, text=True, check=True)

    answers, is_frozen, idle, serving, key, domain, afterwards = json.loads(found.stdout)
    assert (set(answers), is_frozen) == ({200}, True)
    assert set(NEEDLESS) & set(serving) == set()
    assert "holidays.calendars.islamic" not in idle  # all of them come with the first holiday
    assert (key, domain, {"passlib.totp", "cryptography", "webauthn"} <= set(afterwards)) == (39, "localhost", True)
