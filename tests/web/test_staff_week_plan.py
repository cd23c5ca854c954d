"""The plan of a week to print: for everybody, and with contacts for the office."""

import re

import pytest

from booking import hosting
from booking.database import transaction
from booking.domain.status import Status
from tests import make
from tests.support.pages import parse, text


@pytest.fixture
def house(app, clock):
    make.house()
    clock.set("2026-12-08T15:20")
    return make.rooms()


def sheets(page):
    """Of each sheet its rows in words, with the names of its rooms first, and what stands at its foot."""
    found = []
    for sheet in parse(page)[0].iter("article"):
        rows = [[text(cell).replace("\u00a0", " ").replace("\u00ad", "") for cell in row] for row in sheet.iter("tr")]
        found.append((rows, text([*sheet.iter("p")][-1]).replace("\u00a0", " ")))
    return found


@pytest.fixture
def week(house, clock):
    hall, workshop, small = house
    approved = {"status": Status.APPROVED}
    evening = make.booking(
        hall, "2026-12-09T18:30", group="OK Lab", title="Code for Bielefeld", before_minutes=30, **approved
    )
    make.booking(workshop, "2026-12-09T19:00", group="Selbsthilfe", title="Mut", is_open=False, **approved)
    make.booking(small, "2026-12-10T10:00", status=Status.CANCELLED, group="Chor", title="Probe")
    make.booking(small, "2026-12-10T14:00", group="Wer fragt", title="Noch offen")
    make.booking(hall, "2026-12-12T10:00", minutes=60, group="Markt", title="Flohmarkt", **approved)
    make.closure("2026-12-11T00:00", "2026-12-12T00:00", reason="Betriebsausflug")
    make.closure("2026-12-08T09:00", "2026-12-08T12:00", room=workshop, reason="Maler")
    hosting.hand_out_key(evening, "7", by=make.staff(), now=clock.now)
    with transaction():
        evening.contact.onsite_name, evening.contact.onsite_phone = "Ali Yıldız", "0176 04069015"
    return evening


def test_plan_for_everybody_has_what_is_public_and_nothing_else(staff_client, week):
    ((rows, foot),) = sheets(staff_client.get("/team/wochenplan/2026-W50").text)

    assert rows == [
        ["", "Große Fläche", "Werkstatt", "Besprechung"],
        ["Montag7. Dezember", "", "", ""],
        ["Dienstag8. Dezember", "", "09:00–12:00 geschlossen: Maler", ""],
        ["Mittwoch9. Dezember", "18:30–20:30 Code for BielefeldOK Lab", "19:00–21:00 Geschlossenes Treffen", ""],
        ["Donnerstag10. Dezember", "", "", "10:00–12:00 Probefällt aus · Chor"],
        ["Freitag11. Dezembergeschlossen: Betriebsausflug", "", "", ""],
        ["Samstag12. Dezember", "10:00–11:00 FlohmarktMarkt", "", ""],
    ]
    assert foot == (
        "Alter Markt 13, 33602 Bielefeld · oic-bielefeld.de Stand: Di, 8. Dezember 2026, 15:20 Uhr Seite 1 von 1"
    )


def test_plan_for_the_office_tells_how_to_reach_people_and_how_they_get_in(staff_client, week):
    page = staff_client.get("/team/wochenplan/2026-W50?fuer=team").text
    ((rows, _),) = sheets(page)

    assert rows[3][1:3] == [
        "18:30–20:30 Code for BielefeldOK Lab · etwa 15 · Aufbau ab 18:00 Uhr · Ali Yıldız, 0176 04069015"
        " · Schlüssel 7",
        "19:00–21:00 MutSelbsthilfe · etwa 15 · Zoë Müller, 0521 123456 · Zugang noch klären",
    ]
    assert "nur fürs Büro" in page
    assert "Noch offen" not in page


def test_plan_takes_as_many_sheets_as_the_rooms_need(staff_client, house, clock):
    for number in range(7):
        make.room(f"Raum {number}")

    found = {
        paper: sheets(staff_client.get(f"/team/wochenplan/2026-W50?papier={paper}").text) for paper in ("a4", "a3")
    }

    assert [foot[-13:] for _, foot in found["a4"]] == ["Seite 1 von 2", "Seite 2 von 2"]
    assert {paper: [len(rows[0]) - 1 for rows, _ in each] for paper, each in found.items()} == {
        "a4": [6, 4],
        "a3": [9, 1],
    }


def test_plan_leads_to_this_week(staff_client, house, clock):
    page = staff_client.get("/team/wochenplan", follow_redirects=True)

    assert page.request.path == "/team/wochenplan/2026-W50"
    asked = staff_client.get("/team/wochenplan/2026-W50?fuer=team&papier=a3&text=x&_method=POST").text
    assert "/team/wochenplan/2026-W51?fuer=team&amp;papier=a3" in asked
    assert staff_client.get("/team/wochenplan/2026-W54").status_code == 404


def test_letters_of_the_plan_are_the_larger_the_less_there_is_and_never_too_small_to_read(staff_client, house, clock):
    def sizes():
        page = staff_client.get("/team/wochenplan/2026-W50?fuer=team").text
        return [int(size) for size in re.findall(r"plan-table--(\d+)", page)]

    assert sizes() == [11]
    for day in range(7, 13):
        for hour in (9, 11, 13, 15, 17, 19):
            make.booking(
                house[0],
                f"2026-12-{day:02}T{hour:02}:00",
                minutes=90,
                status=Status.APPROVED,
                title="Lange Besprechung",
            )
    assert sizes() == [8, 8, 8]
