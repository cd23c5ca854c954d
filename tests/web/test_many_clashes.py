"""Step 2 where most dates of a series clash: one question for all of them, before any list."""

from datetime import date, timedelta

import pytest
from werkzeug.test import TestResponse

from booking import wording
from booking.database import db
from booking.domain.status import Status
from booking.models import Booking, Room
from tests import make
from tests.support.pages import parse, text
from tests.support.request_form import OUTSIDE, WEEKLY, Asking, main_of

THURSDAYS = [date(2027, 1, 14) + timedelta(weeks=n) for n in range(10)]
SERIES = {**WEEKLY, "date": "14.1.2027", "start": "17:30", "end": "19", "until": "18.3.2027", "people": "6"}
SERIES |= {"room": "besprechung"}


def offers(response: TestResponse) -> dict[str, str]:
    """What else the whole series could be: the words of each button, and what it says."""
    root, _ = parse(response.text)
    return {
        text(each).replace("\u00a0", " "): str(each.get("value"))
        for each in root.iter("button")
        if each.get("name") == "instead"
    }


@pytest.fixture
def busy(house_with_rooms: tuple[Room, Room, Room]) -> None:
    """The small room is taken every Thursday but one, from 17 to 20:30; the others now and then."""
    hall, workshop, small = house_with_rooms
    for room, days in ((small, THURSDAYS[:4] + THURSDAYS[5:]), (workshop, THURSDAYS[2:4]), (hall, THURSDAYS[:6])):
        starts = [f"{day}T17:00" for day in days]
        make.booking(room, *starts, minutes=210, status=Status.APPROVED, group=f"Kreis {room.name}")


def test_room_and_time_that_fit_most_are_offered_for_the_whole_series(asking: Asking, busy: None) -> None:
    response = asking.when(SERIES)

    assert "Besprechung ist an 9 von 10 Terminen nicht frei" in main_of(response)
    assert offers(response) == {
        "15:30 bis 17:00 Uhr: alle 10 frei": "time_15:30",
        "Werkstatt: 8 von 10 frei": "room_werkstatt",
    }


@pytest.mark.parametrize(
    ("choice", "place", "free", "way_in"),
    [
        pytest.param("time_15:30", "15:30 bis 17:00 Uhr, Besprechung", 10, {}, id="time"),
        pytest.param("room_werkstatt", "17:30 bis 19:00 Uhr, Werkstatt", 8, OUTSIDE, id="room"),
    ],
)
def test_one_click_changes_the_whole_series(
    asking: Asking, busy: None, choice: str, place: str, free: int, way_in: dict[str, str]
) -> None:
    asking.when(SERIES)
    page = asking.dates({"instead": choice}, button="")

    assert f"({free})" in main_of(page)
    asking.dates({"for_all": "skip"}, button="bulk") if free < 10 else None
    asking.dates()
    asking.about(**way_in)
    asking.send()
    booking = db.session.scalars(db.select(Booking).where(Booking.title == "Netzwerktreffen")).one()
    lines = {wording.date_line(each, make.ZONE, "de").split(", ", 2)[2] for each in booking.occurrences}
    assert (lines, len(booking.occurrences)) == ({place}, free)


def test_series_of_which_one_date_is_free_takes_one_decision(
    asking: Asking, house_with_rooms: tuple[Room, Room, Room]
) -> None:
    hall, workshop, _ = house_with_rooms
    wednesdays = [date(2027, 1, 6) + timedelta(weeks=n) for n in range(26)]
    taken = [f"{day}T10:00" for day in wednesdays[:12] + wednesdays[13:]]
    make.booking(hall, *taken, minutes=180, status=Status.APPROVED, group="Kreis")
    make.booking(workshop, *taken[:2], minutes=180, status=Status.APPROVED, group="Runde")
    wanted = {"date": "6.1.2027", "start": "10:30", "end": "11:30", "until": "30.6.2027", "room": "grosse-flaeche"}
    page = asking.when({**WEEKLY, **wanted, "people": "12"})

    assert "Große Fläche ist an 25 von 26 Terminen nicht frei" in main_of(page)
    best, value = next(iter(offers(page).items()))
    assert best.endswith("alle 26 frei")
    asking.dates({"instead": value}, button="")
    asking.dates()
    asking.about()
    asking.send()
    booking = db.session.scalars(db.select(Booking).where(Booking.title == "Netzwerktreffen")).one()
    assert len(booking.occurrences) == 26


def test_bulk_choice_tells_for_how_many_it_is_one_and_counts_at_once(asking: Asking, busy: None) -> None:
    page = asking.when(SERIES)
    root, _ = parse(page.text)
    (bulk,) = [each for each in root.iter("select") if each.get("name") == "for_all"]
    assert [text(each) for each in bulk.iter("option")] == [
        "auslassen",
        "anderer Raum, wo es geht (7)",
        "andere Uhrzeit",
        "anderer Tag",
    ]

    chosen = asking.dates({"for_all": "room"}, button="bulk")

    assert "10 Termine: Bei 2 müsst ihr euch noch entscheiden." in main_of(chosen)
    assert "Hier müsst ihr euch entscheiden (2)" in main_of(chosen)
    assert offers(chosen) == {}


def test_few_clashes_are_decided_one_by_one(asking: Asking, house_with_rooms: tuple[Room, Room, Room]) -> None:
    small = house_with_rooms[2]
    make.booking(small, *(f"{day}T17:00" for day in THURSDAYS[:5]), status=Status.APPROVED, group="Andere")

    assert offers(asking.when(SERIES)) == {}
