"""The calendar of the team: a week as a table and as a list, a month, and what can be done with a free time."""

import re

import pytest

from booking.domain.status import Status
from tests import make
from tests.support.pages import parse, text
from tests.support.statements import statements


@pytest.fixture
def house(app, clock):
    make.house()
    clock.set("2026-12-08T15:20")
    return make.rooms()


def table(page):
    """By room, the words of each day."""
    rows = [
        [text(cell).replace("\u00a0", " ").replace("\u00ad", "").replace("\u2060", "") for cell in row]
        for row in parse(page)[0].iter("tr")
    ]
    return {re.sub("bis zu .*", "", row[0]): row[1:] for row in rows[1:]}


def test_week_tells_apart_what_is_confirmed_suggested_asked_for_and_closed(staff_client, house, clock):
    hall, workshop, small = house
    make.booking(hall, "2026-12-09T18:30", status=Status.APPROVED, title="Probe", group="Chor")
    make.booking(workshop, "2026-12-09T09:00", minutes=60, status=Status.PROPOSED, title="Treff", group="OK Lab")
    make.booking(small, "2026-12-10T14:00", minutes=60, title="Lesen", group="Lesekreis")
    make.booking(hall, "2026-12-10T14:00", status=Status.CANCELLED, title="Fällt weg")
    make.closure("2026-12-11T00:00", "2026-12-12T00:00", reason="Betriebsausflug")
    make.closure("2026-12-10T09:00", "2026-12-10T12:00", room=workshop, reason="Maler")

    page = staff_client.get("/team/kalender/2026-W50").text
    found = [[cell.split(" eintragen")[0] for cell in row] for row in table(page).values()]

    assert found[0] == [
        "",
        "frei 15:30–22 Uhr, Große Fläche, Di, 8. Dezember",
        "frei 9–18:30 Uhr, Große Fläche, Mi, 9. Dezember",
        "frei 9–22 Uhr, Große Fläche, Do, 10. Dezember",
        "Betriebsausflug",
        *(f"frei 9–22 Uhr, Große Fläche, {day}" for day in ("Sa, 12. Dezember", "So, 13. Dezember")),
    ]
    assert table(page)["Große Fläche"][2].endswith(
        "eintragen sperren 18:30–20:30 Probe frei 20:30–22 Uhr, Große Fläche, Mi, 9. Dezember eintragen sperren"
    )
    assert found[1][2].startswith("9–10 Treff Vorschlag frei 10–")
    assert found[1][3].startswith("09:00–12:00 Maler frei 12–")
    assert "14–15 Lesen wird geprüft" in table(page)["Besprechung"][3]
    assert "Fällt weg" not in page


def test_free_time_leads_to_entering_and_closing_with_all_that_is_known(staff_client, house, clock):
    page = staff_client.get("/team/kalender/2026-W50").text

    wanted = "tag=2026-12-09&amp;von=09:00&amp;bis=22:00&amp;raum=werkstatt"
    links = {link for link in re.findall(r'href="([^"]+)"', page.replace("%3A", ":")) if link.endswith(wanted)}
    assert links == {f"/team/eintragen?{wanted}", f"/team/haus/sperrzeiten/neu?{wanted}"}
    for link in links:
        filled = {
            each.get("value") for each in parse(staff_client.get(link.replace("&amp;", "&")).text)[0].iter("input")
        }
        assert {"09:00", "22:00"} <= filled, link


def test_half_of_a_hall_shows_what_is_on_in_the_whole(staff_client, app, clock):
    make.house()
    hall = make.room("Saal", parts=["Nord", "Süd"])
    make.room("Saal Nord", parts=["Nord"])
    make.booking(hall, "2026-12-09T09:00", minutes=780, status=Status.APPROVED, title="Messe", group="Messe")

    found = list(table(staff_client.get("/team/kalender/2026-W50").text).values())

    assert [row[2] for row in found] == ["9–22 Messe", "9–22 Messe (Saal)"]


def test_month_is_a_list_of_the_days_with_anything(staff_client, house, clock):
    make.booking(house[0], "2026-12-09T18:30", status=Status.APPROVED, title="Probe", group="Chor")
    make.closure("2026-12-24T00:00", "2026-12-25T00:00", reason="Heiligabend")
    make.booking(house[0], "2027-01-09T18:30", status=Status.APPROVED, title="Später", group="Chor")

    page = staff_client.get("/team/kalender/2026-12").text

    days = [text(each).replace("\u00a0", " ") for each in parse(page)[0].iter("section")]
    assert days == [
        "Mittwoch, 9. Dezember 18:30–20:30 Probe, Große Fläche",
        "Donnerstag, 24. Dezember 00:00–00:00 Heiligabend",
    ]
    assert "Nichts geplant." in staff_client.get("/team/kalender/2026-11").text


def test_calendar_leads_to_this_week_and_its_neighbours(staff_client, house, clock):
    page = staff_client.get("/team/kalender", follow_redirects=True)

    assert page.request.path == "/team/kalender/2026-W50"
    neighbours = re.findall(r'href="/team/kalender/([^"]+)"', page.text)
    assert neighbours == ["2026-W49", "2026-W50", "2026-W51", "2026-12"]
    for wrong in ("2026-W54", "2026-13", "2026-00", "heute", "2026-W1"):
        assert staff_client.get(f"/team/kalender/{wrong}").status_code == 404


def test_week_of_a_large_house_goes_on_on_a_next_page_and_asks_no_more(staff_client, house, clock):
    with statements() as few:
        staff_client.get("/team/kalender/2026-W50")
    for number in range(30):
        room = make.room(f"Raum {number}")
        make.booking(room, "2026-12-09T18:30", status=Status.APPROVED, group=f"Gruppe {number}")

    with statements() as many:  # what all pages share is read by the first after a change
        first = staff_client.get("/team/kalender/2026-W50").text

    assert len(many) == len(few)
    second = staff_client.get("/team/kalender/2026-W50?seite=2").text
    assert [len(table(page)) for page in (first, second)] == [30, 3]
    assert staff_client.get("/team/kalender/2026-W50?seite=3").status_code == 404


def test_free_times_of_a_large_house_stand_on_its_week_once(staff_client, house, clock):
    """On narrow screens a day leads to entering and closing, where any room that fits can be had."""
    links = {"": [], "large": []}
    for size in links:
        page = staff_client.get("/team/kalender/2026-W50").text
        links[size] = re.findall(r'href="(/team/eintragen\?tag=2026-12-10[^"]*)"', page)
        for number in range(7 if not size else 0):
            make.room(f"Raum {number}")

    assert (len(links[""]), len(set(links[""]))) == (6, 3)  # in the table, and in the list of the day
    assert len(links["large"]) == len(set(links["large"])) == 11
    assert "/team/eintragen?tag=2026-12-10" in links["large"]
