"""Rooms and when they are free, and the drawings that go with them."""

import re
from datetime import UTC, datetime

import pytest

from booking.database import db, transaction
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import house, public_changed
from booking.web.dates.free_times import gaps
from booking.web.public.drawings import seat_plan
from tests import make
from tests.support.app import CheckedClient
from tests.support.pages import parse, text


@pytest.fixture
def hall(app):
    make.house()
    return make.room("Große Fläche", 60, parts=["Fläche vorn", "Fläche hinten"], equipment=["Screen", "Pult"])


def free(response):
    root, _ = parse(response.text)
    (items,) = [each for each in root.iter("ul") if each.get("class") == "free"]
    return [text(item.find("div")) for item in items]


def test_rooms_are_listed_with_seats_and_access(checked_client, hall):
    make.room("Werkstatt", 20, step_free=False, way="1. OG")

    root, _ = parse(checked_client.get("/raeume").text)

    assert [text(tile) for tile in root.iter("article")] == [
        "Große Fläche bis zu 60 Personen stufenlos erreichbar",
        "Werkstatt bis zu 20 Personen 1. OG, nicht stufenlos",
    ]


def test_room_tells_its_free_times(checked_client, hall):
    make.booking(hall, "2026-12-02T16:00", status=Status.APPROVED, before_minutes=30)
    make.closure("2026-12-03T00:00", "2026-12-04T00:00", reason="Putztag")
    make.booking(hall, "2026-12-04T09:00", minutes=13 * 60, status=Status.APPROVED)

    page = checked_client.get("/raeume/grosse-flaeche")

    assert free(page)[:7] == [
        "Mo, 30. November10 bis 22 Uhr",
        "Di, 1. Dezemberganzer Tag, 9 bis 22 Uhr",
        "Mi, 2. Dezember9 bis 15:30 Uhr und 18 bis 22 Uhr",
        "Do, 3. DezemberHaus geschlossen: Putztag",
        "Fr, 4. Dezemberganz belegt",
        "Sa, 5. Dezemberganzer Tag, 9 bis 22 Uhr, außerhalb der Öffnungszeiten",
        "So, 6. Dezemberganzer Tag, 9 bis 22 Uhr, außerhalb der Öffnungszeiten",
    ]
    assert "Der Raum lässt sich teilen: Fläche vorn und Fläche hinten." in page.text
    assert "Pult" in page.text


def test_half_of_a_hall_is_not_free_while_the_hall_is_taken_or_closed(checked_client, hall):
    make.room("Fläche vorn", 30, parts=["Fläche vorn"])
    make.booking(hall, "2026-12-01T09:00", minutes=13 * 60, status=Status.APPROVED)
    make.closure("2026-12-02T00:00", "2026-12-03T00:00", room=hall, reason="Wartung")

    assert free(checked_client.get("/raeume/flaeche-vorn"))[1:3] == [
        "Di, 1. Dezemberganz belegt",
        "Mi, 2. DezemberHaus geschlossen: Wartung",
    ]


def test_public_holiday_is_named_and_not_offered(checked_client, hall, clock):
    clock.set("2026-12-21T10:00")

    assert "Fr, 25. DezemberHaus geschlossen: Erster Weihnachtstag" in free(
        checked_client.get("/raeume/grosse-flaeche")
    )


def test_room_links_to_the_form_with_day_time_and_room(checked_client, hall):
    page = checked_client.get("/raeume/grosse-flaeche")

    assert 'href="/anfrage?date=2026-12-03&amp;start=09%3A00&amp;room=grosse-flaeche"' in page.text
    assert "date=2026-12-02" not in page.text  # too close for the form


def test_unknown_room_is_not_found(checked_client, hall):
    assert checked_client.get("/raeume/keller").status_code == 404


def test_room_of_strange_bytes_is_not_found(engine_app):
    make.house()

    assert CheckedClient(engine_app).get("/raeume/a%00b").status_code == 404


def at(clock):
    return datetime.fromisoformat(f"2026-12-08T{clock}").replace(tzinfo=UTC)


def slot(begins, ends):
    return Slot(at(begins), at(ends))


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        pytest.param([], [("09:00", "22:00")], id="nothing taken"),
        pytest.param([("12:00", "13:00")], [("09:00", "12:00"), ("13:00", "22:00")], id="in the middle"),
        pytest.param([("08:00", "10:00"), ("21:00", "23:00")], [("10:00", "21:00")], id="across the edges"),
        pytest.param([("09:20", "21:40")], [], id="gaps too short to meet in"),
        pytest.param([("09:00", "15:00"), ("10:00", "12:00")], [("15:00", "22:00")], id="one within another"),
        pytest.param([("22:00", "23:00")], [("09:00", "22:00")], id="touching the end"),
        pytest.param([("08:00", "23:00")], [], id="all taken"),
    ],
)
def test_gaps_are_what_is_left_of_the_day(taken, left):
    found = gaps(slot("09:00", "22:00"), [slot(*each) for each in taken])

    assert found == [slot(*each) for each in left]


@pytest.mark.parametrize(
    ("seats", "columns", "rows"),
    [(60, 12, 5), (30, 6, 5), (20, 5, 4), (8, 4, 2), (1, 1, 1), (7, 4, 2), (23, 6, 4), (200, 20, 10)],
)
def test_seat_plan_has_a_dot_for_each_seat(seats, columns, rows):
    plan = seat_plan(seats)

    dots = [
        (x, int(y))
        for y, length in re.findall(r"M9 (\d+)h(\d+)[.]1", plan.dots)
        for x in range(9, 9 + int(length) + 1, 9)
    ]
    assert len(set(dots)) == len(dots) == seats
    assert (plan.width, plan.height) == (9 * (columns + 1), 9 * (rows + 1))


def test_room_and_footer_speak_english_to_those_who_read_it(checked_client, hall):
    with transaction():
        house().operator = "Bürgerhaus Süd – ein Haus der Gemeinde"
        house().operator_en = "South Community Centre – a house of the municipality"
        hall.equipment, hall.equipment_en = ["Beamer", "Klavier"], ["Projector", "Piano"]
        db.session.add(hall)
        public_changed()

    german, english = (checked_client.get(f"{prefix}/raeume/grosse-flaeche") for prefix in ("", "/en"))

    for page, things, operator in (
        (german, ["Beamer", "Klavier"], "Bürgerhaus Süd – ein Haus der Gemeinde"),
        (english, ["Projector", "Piano"], "South Community Centre – a house of the municipality"),
    ):
        root, _ = parse(page.text)
        assert [text(each) for each in root.findall(".//ul[@class='facts facts--one']/li/div/b")][-2:] == things
        assert operator in text(root.find("body/footer"))


def test_equipment_without_english_names_is_read_as_the_house_says_it(checked_client, hall):
    page = checked_client.get("/en/raeume/grosse-flaeche")

    assert "<b>Pult</b>" in page.text
