"""The page on which the office lets a room take other parts of the house from a day on."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from booking import guard
from booking.availability.check import Availability, found_at
from booking.availability.wanted import Wanted
from booking.database import db, transaction
from booking.domain.status import Status
from booking.house import room_rows, store_together
from booking.models import LogEntry, Part, Room
from tests import make
from tests.support.app import CheckedClient
from tests.support.pages import find_form, parse, text

HERE = "/team/haus/raeume/grosse-flaeche/teile"
DAY = "2027-05-03"  # a Monday


@pytest.fixture(autouse=True)
def house(app: Flask, clock: Any) -> None:
    make.house()
    make.rooms()
    clock.set("2027-01-04T10:00")


def room(name: str) -> Room:
    return db.session.scalars(db.select(Room).where(Room.name == name)).one()


def ids(*names: str) -> list[str]:
    known = {part.name: str(part.id) for part in db.session.scalars(db.select(Part))}
    return [known[name] for name in names]


def send(client: CheckedClient, day: str, *names: str, **more: str) -> Any:
    return client.submit(HERE, {"day": day, "parts": ids(*names), **more}, form="parts-form")


def occupied() -> dict[int, list[str]]:
    """The names of the parts that each date takes."""
    rows = db.session.execute(
        sa.text("SELECT occurrence_id, name FROM occupancy JOIN part ON part.id = part_id ORDER BY occurrence_id, name")
    ).all()
    return {number: [name for of, name in rows if of == number] for number, _ in rows}


def lines(answer: Any) -> str:
    return text(parse(answer.text)[0])


def test_dates_take_the_parts_of_their_day(staff_client: CheckedClient) -> None:
    hall, workshop = room("Große Fläche"), room("Werkstatt")
    times = ("2027-04-30T18:00", "2027-05-02T22:00", "2027-05-03T18:00", "2027-06-07T18:00")
    make.booking(hall, *times, minutes=240, status=Status.APPROVED)
    make.booking(workshop, "2027-04-30T18:00", status=Status.APPROVED)

    answer = send(staff_client, "3.5.2027", "Große Fläche", "Werkstatt", further="Nische")

    assert "Ab dem 3. Mai 2027 belegt Große Fläche andere Teile." in lines(answer).replace("\u00a0", " ")
    every = ["Große Fläche", "Nische", "Werkstatt"]
    assert occupied() == {1: every[:1], 2: every[:1], 3: every, 4: every, 5: ["Werkstatt"]}
    assert guard.untruths(db.session.connection()) == []
    wanted = [Wanted(room_rows()[workshop.id], make.slot(f"{day}T18:00")) for day in ("2027-05-02", DAY, "2027-05-10")]
    states = [each.state for each in found_at(wanted, make.instant("2027-01-04T10:00"))]
    assert states == [Availability.FREE, Availability.TAKEN, Availability.FREE]
    assert [each.action for each in db.session.scalars(db.select(LogEntry))][-1] == "edit_room"
    page = lines(staff_client.get("/team/haus/raeume/grosse-flaeche"))
    assert "Jetzt: Große Fläche Ab dem 3. Mai 2027: Große Fläche, Werkstatt und Nische" in page.replace("\u00a0", " ")


def test_nothing_changes_where_two_dates_would_meet_and_the_page_names_them(staff_client: CheckedClient) -> None:
    booking = make.booking(room("Große Fläche"), "2027-05-03T18:00", status=Status.APPROVED, title="Chor")
    other = make.booking(room("Werkstatt"), "2027-05-03T19:00", status=Status.APPROVED, title="Löten")
    before = occupied()

    answer = send(staff_client, "3.5.2027", "Große Fläche", "Werkstatt", further="Nische")

    assert answer.status_code == 409
    assert "Es wurde nichts geändert: Diese Termine wären gleichzeitig im selben Teil." in lines(answer)
    for each in (booking, other):
        assert f'href="/team/anfragen/{each.reference}"' in answer.text
    assert "Chor" in answer.text
    assert 'value="3.5.2027"' in answer.text
    assert 'value="Nische"' in answer.text
    db.session.rollback()
    assert (occupied(), db.session.scalars(db.select(Part.name)).all()) == (
        before,
        ["Große Fläche", "Werkstatt", "Besprechung"],
    )

    assert send(staff_client, "4.5.2027", "Große Fläche", "Werkstatt").status_code == 200
    assert occupied() == before


def test_plan_is_taken_back_before_its_day_alone(staff_client: CheckedClient, clock: Any) -> None:
    hall = room("Große Fläche")
    make.booking(hall, "2027-05-03T18:00", status=Status.APPROVED)
    send(staff_client, "3.5.2027", "Große Fläche", "Werkstatt")
    page = staff_client.get(HERE)
    assert occupied() == {1: ["Große Fläche", "Werkstatt"]}

    answer = staff_client.submit(HERE, form=f"back-{DAY}")
    assert "Zurückgenommen: Ab dem 3. Mai 2027 ändert sich nichts." in lines(answer).replace("\u00a0", " ")
    assert occupied() == {1: ["Große Fläche"]}

    send(staff_client, "3.5.2027", "Große Fläche", "Werkstatt")
    clock.set("2027-05-03T08:00")
    late = staff_client.post(HERE, data=find_form(page.text, f"back-{DAY}").filled({}, "").data, follow_redirects=True)
    assert "der Tag ist da. Es wurde nichts geändert." in lines(late)
    assert "Jetzt: Große Fläche und Werkstatt" in lines(late)
    assert occupied() == {1: ["Große Fläche", "Werkstatt"]}


@pytest.mark.parametrize(
    ("day", "names", "further", "sentence"),
    [
        ("", ["Große Fläche"], "Nische", "Schreib, ab welchem Tag das gilt."),
        ("4.1.2027", ["Große Fläche"], "Nische", "Wähl einen Tag ab morgen"),
        ("5.1.2027", [], "", "Kreuz mindestens einen Teil an"),
        ("5.1.2027", ["Große Fläche"], "", "Diese Teile belegt der Raum an dem Tag ohnehin."),
        ("5.1.2027", ["Große Fläche"], "werkstatt", "So heißt schon ein Teil des Hauses."),
    ],
)
def test_parts_are_refused_with_a_sentence(
    staff_client: CheckedClient, day: str, names: list[str], further: str, sentence: str
) -> None:
    answer = send(staff_client, day, *names, further=further)

    assert answer.status_code == 422
    assert sentence in lines(answer)
    assert occupied() == {}


def test_parts_that_the_house_does_not_have_change_nothing(staff_client: CheckedClient) -> None:
    sent = find_form(staff_client.get(HERE).text, "parts-form").filled({"day": "5.1.2027"}, "").data

    answer = staff_client.post(HERE, data={**sent, "parts": ["99999", "9" * 40]})

    assert (answer.status_code, db.session.scalars(db.select(LogEntry.id)).all()) == (422, [])
    assert "Diese Teile belegt der Raum an dem Tag ohnehin." in lines(answer)


def test_several_rooms_at_once_follow(staff_client: CheckedClient) -> None:
    with transaction():
        both = store_together([room("Große Fläche"), room("Werkstatt")])
    make.booking(both, "2027-05-03T18:00", status=Status.APPROVED)

    send(staff_client, "3.5.2027", "Große Fläche", further="Nische")

    assert occupied() == {1: ["Große Fläche", "Nische", "Werkstatt"]}
