"""The log of the house: who did what, filtered, and as a table."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask

from booking import deciding, hosting, log
from booking.database import db, transaction
from booking.models import LogEntry, StaffMember
from tests import make
from tests.support.app import CheckedClient, Clock

LOG = "/team/protokoll"


@pytest.fixture
def henrike(engine_app: Flask, clock: Clock) -> StaffMember:
    """Of a day on which she has confirmed a date of the choir, which has been handed a key before by Jonas."""
    make.house()
    room = make.room()
    choir = make.booking(room, "2027-01-06T16:00", group="Chor", reference="IO-26-0001")
    make.booking(room, "2027-01-07T16:00", group="100 % Garten", reference="IO-26-0002")
    member, jonas = make.staff("Henrike"), make.staff("Jonas")
    clock.set("2026-11-28T09:00")
    hosting.hand_out_key(choir, "17", by=jonas, now=clock.now)
    clock.set("2026-11-30T10:00")
    ids = [date.id for date in choir.occurrences]
    deciding.decide(choir, approve=ids, seen_version=choir.version, by=member, now=clock.now)
    with transaction():
        log.record("forget", None, now=clock.now)
    return member


@pytest.fixture
def client(engine_app: Flask, henrike: StaffMember) -> CheckedClient:
    client = CheckedClient(engine_app, use_cookies=True)
    client.sign_in(henrike)
    return client


def told(client: CheckedClient, query: str = "") -> list[list[str]]:
    """The table, without its head."""
    answer = client.get(f"{LOG}.csv?{query}")
    text = answer.get_data(as_text=True)
    assert text.startswith("﻿Zeit;Wer;Was;")
    return list(csv.reader(io.StringIO(text.removeprefix("﻿")), delimiter=";"))[1:]


FORGOTTEN = ["2026-11-30 10:00:00", "System", "persönliche Daten wie zugesagt gelöscht", "", "", ""]
CONFIRMED = ["2026-11-30 10:00:00", "Henrike", "1 Termin zugesagt", "1", "Chor", "IO-26-0001"]
KEY = ["2026-11-28 09:00:00", "Jonas", "Schlüssel ausgegeben", "", "Chor", "IO-26-0001"]


def test_log_tells_in_words_and_is_filtered(client: CheckedClient, henrike: StaffMember) -> None:
    page = client.get(LOG)
    assert page.text.count("<tr>") == 4
    for words in ("1 Termin zugesagt", "Schlüssel 17", "Mi, 6. Januar", "IO-26-0001", "Niemand kann einen"):
        assert words in page.text
    assert page.text.index("1 Termin zugesagt") < page.text.index("Schlüssel 17")

    found = {
        query: told(client, query)
        for query in (
            "",
            f"who={henrike.id}",
            "who=system",
            "what=key_out",
            "group=CHOR",
            "group=0002",
            "group=%25",
            "since=30.11.",
            "since=28.11.2026&until=29.11.2026",
            "since=gestern%20oder%20so",
            f"who={10**30}",
        )
    }

    assert found == {
        "": [FORGOTTEN, CONFIRMED, KEY],
        f"who={henrike.id}": [CONFIRMED],
        "who=system": [FORGOTTEN],
        "what=key_out": [KEY],
        "group=CHOR": [CONFIRMED, KEY],
        "group=0002": [],
        "group=%25": [],
        "since=30.11.": [FORGOTTEN, CONFIRMED],
        "since=28.11.2026&until=29.11.2026": [KEY],
        "since=gestern%20oder%20so": [],
        f"who={10**30}": [],
    }


def test_day_that_cannot_be_read_is_told(client: CheckedClient) -> None:
    page = client.get(f"{LOG}?since=neulich")

    assert "error-summary" in page.text
    assert 'value="neulich"' in page.text
    assert "Nichts im Protokoll passt dazu." in page.text


def test_log_goes_on_from_page_to_page_and_keeps_its_filter(client: CheckedClient, clock: Clock) -> None:
    with transaction():
        for n in range(100):
            db.session.add(LogEntry(at=clock.now + timedelta(seconds=n), actor="system", action="forget", detail={}))

    page = client.get(f"{LOG}?who=system&page=4")

    assert "101 Einträge" in page.text
    assert 'href="/team/protokoll?page=3&amp;who=system"' in page.text
    assert page.text.count("<tr>") == 1 + 11
    assert client.get(f"{LOG}?page=9").status_code == 404


def test_whom_it_was_about_is_named(client: CheckedClient, henrike: StaffMember, clock: Clock) -> None:
    with transaction():
        log.record("change_member", None, by=henrike, member=henrike.id, role="admin", now=clock.now)

    assert "Rolle im Team geändert: Henrike" in client.get(LOG).text
    assert "role of a colleague changed: Henrike" in client.get(f"/en{LOG}").text
