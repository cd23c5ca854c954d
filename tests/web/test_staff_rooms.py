"""The pages on which the office describes its rooms."""

import pytest
from flask import Flask

from booking.database import db
from booking.models import LogEntry, Room
from tests import make
from tests.support.app import CheckedClient
from tests.support.pages import parse, text

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
