"""What doctor says and /readyz answers: the truth, and what to do about it."""

import os
import re
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from booking import doctor, workers
from booking.database import db, writing
from booking.domain.status import Status
from booking.letters import dispatch
from booking.models import House, Room
from tests import make
from tests.support.app import Client, Clock
from tests.support.letters import put
from tests.support.mail import MailServer, free_port
from tests.support.raw import Raw

ROOT = Path(__file__).parent.parent
READY = dict.fromkeys(("status", "database", "guard", "occupancy", "letters", "workers"), "ok")
MAIL_UNUSED = dict.fromkeys(("oldest_waiting_letter_seconds", "last_letter_sent_at", "mail_server_silent_since"))


@pytest.fixture
def house(app: Flask) -> House:
    """One of which there is nothing to say."""
    make.room()
    return make.house()


@pytest.fixture
def public(app: Flask, house: House, smtp: MailServer) -> Flask:
    """At an address for all, as it should be."""
    app.config.update(PUBLIC_URL="https://raeume.bielefeld.de", PROXIES=1, SMTP_URL=smtp.url)
    return app


def sql(*statements: str) -> None:
    with writing():
        for statement in statements:
            db.session.execute(sa.text(statement))
        db.session.commit()


def take_a_row_away(app: Flask) -> None:
    """As somebody could who switches the guard off for a moment."""
    raw = Raw(app)
    ((trigger,),) = raw("SELECT sql FROM sqlite_master WHERE name = 'occupancy_before_delete'")
    raw("DROP TRIGGER occupancy_before_delete")
    raw("DELETE FROM occupancy")
    raw(trigger)
    raw.connection.close()


def test_doctor_has_nothing_to_say_where_all_is_well(public: Flask, clock: Clock) -> None:
    assert (doctor.faults(clock.now), doctor.notes()) == ([], [])


def test_doctor_tells_that_a_house_is_only_tried_out(house: House, app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["doctor"])

    assert (result.exit_code, result.output) == (
        0,
        "Note: It is reached from this machine alone: BOOKING_PUBLIC_URL leads nowhere else.\n"
        "Note: Letters become files in the instance folder's mail/: no BOOKING_SMTP_URL is set.\n"
        "All is well.\n",
    )


LOAD = "Mend its file and load it again: flask --app app house load FOLDER"
UPGRADE = "Run: flask --app app db upgrade"


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        (
            ["DELETE FROM house"],
            "There is no house yet. Make one and load it: flask --app app house new house/my-house",
        ),
        (["UPDATE house SET site_name_en = ' '"], f"The house's site_name_en is empty. {LOAD}"),
        (
            ["UPDATE house SET zone_name = 'Europe/Bielefeld'"],
            f"There is no time zone 'Europe/Bielefeld'. Is it Europe/Belfast? {LOAD}",
        ),
        (["UPDATE house SET zone_name = ''"], f"There is no time zone ''. Write one like Europe/Berlin. {LOAD}"),
        (
            ["UPDATE house SET country = 'XX'"],
            f"There are no holidays of 'XX', 'NW'. Write them like DE and HE. {LOAD}",
        ),
        (
            ["UPDATE house SET email = 'team@example.org'"],
            f"The house's address team@example.org is an example: its letters reach nobody. {LOAD}",
        ),
        (["DELETE FROM opening_hours"], f"The house is open on no day. {LOAD}"),
        (["DELETE FROM room_part", "DELETE FROM room"], f"The house has no room. {LOAD}"),
        (["DELETE FROM room_part"], f"The room Große Fläche has no parts. {LOAD}"),
        (["UPDATE alembic_version SET version_num = '0001'"], f"The database is not up to date. {UPGRADE}"),
        (
            ["DROP TRIGGER occurrence_after_update"],
            "The database is not guarded against double bookings: trigger occurrence_after_update is missing."
            ' Run "flask --app app db upgrade" and start again.',
        ),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_doctor_says_what_is_wrong_in_the_database(
    public: Flask, clock: Clock, statements: list[str], sentence: str
) -> None:
    sql(*statements)

    assert doctor.faults(clock.now) == [sentence]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"PUBLIC_URL": "http://raeume.bielefeld.de"},
            "BOOKING_PUBLIC_URL is not https: what people type can be read on its way. Put TLS in front.",
        ),
        ({"PROXIES": 0}, "BOOKING_PROXIES is 0: behind a proxy with TLS all visitors count as one. Set it to 1."),
        (
            {"PUBLIC_URL": "https://raeume.example.org"},
            "BOOKING_PUBLIC_URL is an example: links in letters lead to raeume.example.org. Set the real address.",
        ),
        ({"SMTP_URL": ""}, "No mail server is set: letters only become files. Set BOOKING_SMTP_URL."),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_doctor_says_which_setting_is_wrong(
    public: Flask, clock: Clock, settings: dict[str, Any], sentence: str
) -> None:
    public.config.update(settings)

    assert doctor.faults(clock.now) == [sentence]


def test_doctor_says_that_the_mail_server_is_away(public: Flask, clock: Clock) -> None:
    public.config["SMTP_URL"] = f"smtp://127.0.0.1:{free_port()}"

    (sentence,) = doctor.faults(clock.now)

    assert sentence == "The mail server does not let us in: Connection refused. Look at BOOKING_SMTP_URL."


def test_doctor_says_who_can_read_what_groups_tell(public: Flask, clock: Clock) -> None:
    path = Path(str(db.engine.url.database))
    path.chmod(0o644)

    assert doctor.faults(clock.now) == [f"Others can read {path}. Run: chmod go= {path}"]


def test_untrue_occupancy_is_told(public: Flask, clock: Clock) -> None:
    make.booking(db.session.scalars(sa.select(Room)).one(), "2027-01-06T16:00", status=Status.APPROVED)
    take_a_row_away(public)

    (sentence,) = doctor.faults(clock.now)

    assert re.fullmatch(r"1 rows of occupancy and dates disagree, such as \(1, .*\)\. " + UPGRADE, sentence)


def test_overlap_is_told(public: Flask, clock: Clock) -> None:
    room = db.session.scalars(sa.select(Room)).one()
    make.booking(room, "2027-01-06T16:00", status=Status.APPROVED)
    other = make.booking(room, "2027-01-06T16:00")
    raw = Raw(public)
    triggers = raw("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%double_booking%'")
    for name, _ in triggers:
        raw(f"DROP TRIGGER {name}")
    raw(f"UPDATE occurrence SET status = 'approved', start = start + 60 WHERE booking_id = {other.id}")
    for _, definition in triggers:
        raw(definition)
    raw.connection.close()

    assert doctor.faults(clock.now) == [
        f"Dates overlap in one room: {other.occurrences[0].id}. Move or cancel one of each pair."
    ]


@pytest.mark.parametrize(("minutes", "late"), [(15, False), (16, True)])
def test_letter_that_is_late_is_told(public: Flask, client: Client, clock: Clock, minutes: int, late: bool) -> None:
    put(now=clock.now - timedelta(minutes=minutes))
    public.config.update(PUBLIC_URL="http://localhost")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["letters"]) == ((503, "late") if late else (200, "ok"))
    assert answer.json["oldest_waiting_letter_seconds"] // 60 == minutes
    assert [each.partition(". ")[0] for each in doctor.faults(clock.now)] == (
        [f"A letter has been due for {minutes} minutes"] if late else []
    )


def test_readyz_says_what_holds(house: House, client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json) == (200, READY | MAIL_UNUSED)


def test_readyz_says_when_a_letter_left_last(house: House, client: Client, clock: Clock) -> None:
    sent = put(now=clock.now)
    dispatch.deliver_due(clock.now + timedelta(minutes=1))

    left_at = f"{sent.sent_at:%Y-%m-%dT%H:%M:%SZ}"
    assert client.get("/readyz").json == READY | MAIL_UNUSED | {"last_letter_sent_at": left_at}


def test_readyz_writes_nothing_into_the_log_of_the_database(engine_app: Flask) -> None:
    """Each thing that the database refuses is a line there; the guard was proved at the start."""
    make.house()
    refused: list[str] = []

    def note(context: Any) -> None:
        refused.append(str(context.original_exception))

    sa.event.listen(db.engine, "handle_error", note)
    try:
        answers = [Client(engine_app).get("/readyz").status_code for _ in range(3)]
    finally:
        sa.event.remove(db.engine, "handle_error", note)

    assert (answers, refused) == ([200] * 3, [])


def test_readyz_notices_at_once_that_the_guard_is_gone(house: House, client: Client) -> None:
    assert client.get("/readyz").status_code == 200
    sql("DROP TRIGGER occurrence_after_update")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["guard"]) == (503, "missing")


def test_readyz_notices_an_untrue_occupancy(app: Flask, house: House, client: Client) -> None:
    make.booking(db.session.scalars(sa.select(Room)).one(), "2027-01-06T16:00", status=Status.APPROVED)
    take_a_row_away(app)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["occupancy"]) == (503, "not what the dates say")


def test_readyz_notices_a_worker_that_has_ended(app: Flask, house: House, client: Client) -> None:
    ended = Event()
    former = signal.signal(signal.SIGTERM, lambda *_: ended.set())
    try:
        (worker,) = workers.start_all(app, Event(), {"letters": lambda *_: None})
        worker.join()
        assert ended.wait(60)  # the process is told to end
    finally:
        signal.signal(signal.SIGTERM, former)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["workers"]) == (503, "letters ended")


SERVICE = """
import sys
import app
def fail(*_):
    raise MemoryError
app.deadlines.run_every_minute = fail
sys.argv = ["app.py"]
app.main()
"""


def test_service_ends_where_a_worker_does(app: Flask, house: House) -> None:
    environment = os.environ | {"DATABASE_URL": app.config["DATABASE_URL"], "BOOKING_PORT": str(free_port())}

    done = subprocess.run(
        [sys.executable, "-c", SERVICE], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "deadlines has ended by itself, and so does the service" in done.stderr
