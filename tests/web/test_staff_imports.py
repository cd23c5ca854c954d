"""The page on which the office takes over what it kept elsewhere."""

import io
import secrets

import pytest
import sqlalchemy as sa
from flask import Flask

from booking.database import db
from booking.models import Booking, LogEntry, Occurrence
from tests import make
from tests.importing import files
from tests.support.app import CheckedClient
from tests.support.pages import find_form, parse, text

HERE = "/team/haus/uebernehmen"


@pytest.fixture(autouse=True)
def house(app: Flask) -> None:
    make.house()
    for name in ("Große Fläche", "Werkstatt", "Kleiner Raum"):
        make.room(name)


def upload(client: CheckedClient, file: files.ForeignFile, **values: str):
    token = find_form(client.get(HERE).text, "import").filled({}, "").data["csrf_token"]
    sent = {"csrf_token": token, **values, "file": (io.BytesIO(file.content), file.name)}
    return client.post(HERE, data=sent, content_type="multipart/form-data")


def press(client: CheckedClient, page, button: str, form: str = ""):
    filled = find_form(page.text, form).filled({}, button)
    return client.post(filled.target, data=filled.data, follow_redirects=True)


def stored() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(Occurrence)) or 0


def said(answer) -> str:
    return text(parse(answer.text)[0])


def test_file_is_shown_first_then_taken_over_once_and_removed_again(staff_client: CheckedClient) -> None:
    shown = upload(staff_client, files.EXCEL)
    assert stored() == 0
    assert "5 neue Termine in belegung.csv" in said(shown)
    assert "Zeile 8: „31.2.2027“ ist kein Datum. Schreib es wie 8.12.2026." in said(shown)
    assert "1 Termin überschneidet sich" in said(shown)

    done = press(staff_client, shown, "5 Termine übernehmen", "import")
    assert "5 Termine sind übernommen. 1 davon wartet im Eingang." in said(done)
    assert stored() == 5

    again = upload(staff_client, files.EXCEL)
    assert "0 neue Termine" in said(again)
    assert "5 Termine sind schon da und bleiben, wie sie sind." in said(again)

    page = staff_client.get(HERE)
    run = db.session.scalars(sa.select(LogEntry.detail)).one()["run"]
    gone = press(staff_client, page, "wieder entfernen", f"{HERE}/{run}/entfernen")
    assert "5 Termine sind entfernt." in said(gone)
    assert (stored(), "Früher übernommen" in said(gone)) == (0, False)


def test_room_and_options_hold_where_the_file_says_nothing(staff_client: CheckedClient) -> None:
    shown = upload(staff_client, files.ODD, room="werkstatt", is_open="y")
    press(staff_client, shown, "2 Termine übernehmen", "import")

    db.session.rollback()
    assert [(each.title, each.is_open) for each in db.session.scalars(sa.select(Booking).order_by(Booking.title))] == [
        ("Sonstwo", True),
        ("Zone", True),
    ]


def test_file_as_large_as_the_page_takes_comes_in(staff_client: CheckedClient) -> None:
    lines = (f"{day}.7.2027;Treff;Werkstatt;{secrets.token_hex(20_000)}" for day in (1, 2))
    table = "\n".join(["Datum;Titel;Raum;Bemerkung", *lines]).encode()

    shown = upload(staff_client, files.ForeignFile("lang.csv", table, [], []))
    press(staff_client, shown, "2 Termine übernehmen", "import")

    assert stored() == 2


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Wähl zuerst eine Datei aus."),
        ({"packed": "???", "step": "send"}, "Wähl zuerst eine Datei aus."),
        ({"packed": "H4sIAAAAAAAA", "step": "send"}, "Wähl zuerst eine Datei aus."),
    ],
    ids=["nothing", "no file", "half a file"],
)
def test_form_without_a_file_is_refused_with_a_sentence(staff_client: CheckedClient, values, sentence) -> None:
    token = find_form(staff_client.get(HERE).text, "import").filled({}, "").data["csrf_token"]

    answer = staff_client.post(HERE, data={"csrf_token": token, **values})

    assert (answer.status_code, sentence in said(answer)) == (422, True)


def test_file_that_is_no_calendar_is_refused_with_a_sentence(staff_client: CheckedClient) -> None:
    answer = upload(staff_client, files.ForeignFile("x.ics", b"<html>", [], []))

    assert (answer.status_code, stored()) == (422, 0)
    assert "Das ist kein Kalender, den wir lesen können." in said(answer)
    assert staff_client.get(f"{HERE}/nichts/entfernen").status_code == 405
    assert staff_client.get(HERE).status_code == 200
