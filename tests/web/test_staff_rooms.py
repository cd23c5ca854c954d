"""The pages on which the office describes its rooms."""

import re
from datetime import date, time
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from booking import requesting
from booking.availability.wanted import Times, WishedDate
from booking.database import db
from booking.domain.status import Status
from booking.models import LogEntry, Room
from tests import make
from tests.support.app import CheckedClient, Client
from tests.support.pages import find_form, parse, text

HERE = "/team/haus/raeume"
ROOM = {
    "name": "Küche",
    "short_name": "Küche",
    "seats": "12",
    "way": "EG, hinten",
    "way_en": "ground floor, back",
    "direction": "right",
    "equipment": "Herd,  Spüle ,",
    "equipment_en": "Cooker, Sink",
}


@pytest.fixture(autouse=True)
def house(app: Flask) -> None:
    make.house()
    make.rooms()


def rooms() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(db.select(Room.name).order_by(Room.position, Room.id)))


def test_room_is_added_and_can_be_asked_for_at_once(staff_client: CheckedClient) -> None:
    answer = staff_client.submit(f"{HERE}/neu", {**ROOM, "step_free": "y"}, form="room")

    assert "Küche ist gespeichert. Formular, Kalender und Lobby zeigen es sofort." in text(parse(answer.text)[0])
    assert rooms() == ["Große Fläche", "Werkstatt", "Besprechung", "Küche"]
    row = db.session.scalars(db.select(Room).where(Room.name == "Küche")).one()
    assert (row.slug, row.seats, row.step_free, row.direction, row.equipment, row.equipment_en, len(row.parts)) == (
        *("kueche", 12, True, "right", ["Herd", "Spüle"], ["Cooker", "Sink"], 1),
    )
    assert "Küche" in staff_client.get("/raeume").text
    assert "Cooker" in staff_client.get("/en/raeume/kueche").text
    assert [each.action for each in db.session.scalars(db.select(LogEntry))] == ["add_room"]


def test_room_is_changed_and_keeps_its_address(staff_client: CheckedClient) -> None:
    staff_client.submit(f"{HERE}/werkstatt", {"name": "Atelier", "seats": "25"}, form="room")

    row = db.session.scalars(db.select(Room).where(Room.slug == "werkstatt")).one()
    assert (row.name, row.seats, row.way, row.equipment, [part.name for part in row.parts]) == (
        *("Atelier", 25, "EG, links", ["Screen"], ["Werkstatt"]),
    )
    assert "Atelier" in staff_client.get("/raeume/werkstatt").text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": ""}, "Schreib, wie der Raum heißt."),
        ({"name": "werkstatt"}, "So heißt schon etwas im Haus. Wähl einen anderen Namen."),
        ({"seats": "0"}, ""),
        ({"seats": "viele"}, ""),
        ({"short_name": "Ein viel zu langer Name"}, "Das sind 23 Zeichen. Bitte kürzt es auf höchstens 16."),
        ({"equipment_en": "Cooker"}, "Nenn dieselben Dinge wie oben, in ihrer Reihenfolge."),
    ],
)
def test_room_is_refused_with_a_sentence_and_keeps_what_was_typed(
    staff_client: CheckedClient, values: dict[str, str], sentence: str
) -> None:
    answer = staff_client.submit(f"{HERE}/neu", {**ROOM, **values}, form="room")

    assert answer.status_code == 422
    assert sentence in text(parse(answer.text)[0])
    assert 'value="EG, hinten"' in answer.text
    assert len(rooms()) == 3


def test_rooms_change_their_order(staff_client: CheckedClient) -> None:
    staff_client.submit(HERE, form=f"{HERE}/besprechung/nach-oben")
    staff_client.submit(HERE, form=f"{HERE}/besprechung/nach-oben")

    assert rooms() == ["Besprechung", "Große Fläche", "Werkstatt"]


def test_room_that_is_none_is_not_there(staff_client: CheckedClient) -> None:
    assert staff_client.get(f"{HERE}/keller").status_code == 404


WORDS = {"photo_text": "Langer Tisch vor Fenstern", "photo_text_en": "Long table before windows"}
PHOTO = "/raeume/werkstatt/foto.jpg"


def red(kind: str = "PNG") -> tuple[BytesIO, str]:
    file = BytesIO()
    Image.new("RGB", (30, 20), "red").save(file, kind)
    return BytesIO(file.getvalue()), "C:\\Bilder\\Werkstatt.exe"


def test_picture_of_a_room_is_shown_with_its_words_and_taken_away(staff_client: CheckedClient) -> None:
    answer = staff_client.submit(f"{HERE}/werkstatt", {"photo": red(), **WORDS}, form="photo-form")

    assert "Das Bild ist gespeichert. Die Seite des Raums zeigt es." in text(parse(answer.text)[0])
    page = staff_client.get("/raeume/werkstatt").text
    address = re.search(r'src="([^"]*foto.jpg[^"]*)"', page)
    assert address
    assert 'alt="Langer Tisch vor Fenstern"' in page
    assert 'alt="Long table before windows"' in staff_client.get("/en/raeume/werkstatt").text
    told = staff_client.get(address[1])
    assert (told.mimetype, told.data[:3], told.cache_control.max_age) == ("image/jpeg", b"\xff\xd8\xff", 31536000)
    again = staff_client.get(PHOTO, headers={"If-None-Match": told.headers["ETag"]})
    assert (again.status_code, again.data, again.cache_control.no_cache) == (304, b"", True)

    staff_client.submit(f"{HERE}/werkstatt", {"photo_text": "Blauer Tisch"}, form="photo-form")
    assert 'alt="Blauer Tisch"' in staff_client.get("/raeume/werkstatt").text
    staff_client.submit(f"{HERE}/werkstatt", form="photo-form", button="Bild entfernen")
    assert staff_client.get(PHOTO).status_code == 404
    assert "foto.jpg" not in staff_client.get("/raeume/werkstatt").text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (WORDS, "Wähl ein Bild aus."),
        ({**WORDS, "photo": "C:\\bild.jpg"}, "Wähl ein Bild aus."),
        ({**WORDS, "photo": (BytesIO(b"MZ"), "bild.jpg")}, "Das lässt sich nicht als Bild lesen."),
        ({**WORDS, "photo": red("GIF")}, "Das lässt sich nicht als Bild lesen."),
        ({**WORDS, "photo": red(), "photo_text": ""}, "Schreib, was auf dem Bild zu sehen ist"),
    ],
    ids=["none", "its name alone", "a program", "another kind", "without words"],
)
def test_picture_is_refused_with_a_sentence(staff_client: CheckedClient, values: dict[str, Any], sentence: str) -> None:
    answer = staff_client.submit(f"{HERE}/werkstatt", values, form="photo-form")

    assert answer.status_code == 422
    assert sentence in text(parse(answer.text)[0])
    assert "Long table before windows" in answer.text
    assert staff_client.get(PHOTO).status_code == 404


def test_large_file_is_taken_from_the_team_alone(staff_client: CheckedClient, client: Client) -> None:
    token = find_form(staff_client.get(f"{HERE}/werkstatt").text, "photo-form").filled({}, "").data

    def send(by: Client, size: int) -> int:
        boundary, body = encode_multipart({**token, "photo": FileStorage(BytesIO(bytes(size)), "bild.jpg")})
        kind = f'multipart/form-data; boundary="{boundary}"'
        return by.post(f"{HERE}/werkstatt/foto", data=body, content_type=kind).status_code

    assert [send(staff_client, 2_000_000), send(staff_client, 9_000_000), send(client, 2_000_000)] == [422, 413, 413]


#: A room as choices and addresses name it.
IS_OFFERED = re.compile(r'["/]werkstatt["<.]')


def test_room_out_of_use_keeps_its_dates_and_is_offered_nowhere(staff_client: CheckedClient, clock: Any) -> None:
    clock.set("2026-11-30T10:00")
    workshop = db.session.scalars(db.select(Room).where(Room.slug == "werkstatt")).one()
    make.booking(workshop, "2026-12-08T19:00", status=Status.APPROVED, title="Schreibwerkstatt", is_open=True)
    offering = [
        "/",
        "/raeume",
        "/anfrage",
        "/team/eintragen",
        "/api/v1/rooms",
        "/sitemap.xml",
        "/kalender/abonnieren",
        "/kalender/tag/2026-12-09",
        "/kalender/woche/2026-W51",
    ]
    assert all(IS_OFFERED.search(staff_client.get(page).text) for page in offering)

    staff_client.submit(f"{HERE}/werkstatt", {"is_active": None}, form="room")

    for page in offering:
        assert not IS_OFFERED.search(staff_client.get(page).text), page
    assert staff_client.get("/raeume/werkstatt").status_code == 404
    for page in ("/kalender/woche/2026-W50", "/team/kalender/2026-W50", "/team/wochenplan/2026-W50", "/kalender"):
        told = staff_client.get(page).text.replace("\u00ad", "")
        assert "Schreibwerkstatt" in told, page
        assert "Werkstatt" in told, page
    assert "kann nicht angefragt werden" in staff_client.get(HERE).text

    staff_client.submit(f"{HERE}/werkstatt", {"is_active": "y"}, form="room")
    assert staff_client.get("/raeume/werkstatt").status_code == 200


def test_request_in_a_room_that_went_out_of_use_meanwhile_is_not_stored(staff_client: CheckedClient) -> None:
    room = db.session.scalars(db.select(Room).where(Room.slug == "werkstatt")).one()
    times, day = Times(time(14), 120), date(2026, 12, 9)
    wished = [WishedDate(day, time(14), 120, room.id)]
    now = make.instant("2026-11-30T10:00")
    assert requesting.look_up(wished, times, now)[1] == []

    staff_client.submit(f"{HERE}/werkstatt", {"is_active": None}, form="room")

    assert requesting.look_up(wished, times, now)[1] == [day]


def test_last_room_stays_in_use(staff_client: CheckedClient) -> None:
    for slug in ("werkstatt", "besprechung"):
        staff_client.submit(f"{HERE}/{slug}", {"is_active": None}, form="room")
    answer = staff_client.submit(f"{HERE}/grosse-flaeche", {"is_active": None}, form="room")

    assert answer.status_code == 422
    assert "Mindestens ein Raum muss angefragt werden können." in answer.text
