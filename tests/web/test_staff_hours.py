"""The page on which the office says when the house is open, and rooms that differ."""

from datetime import date, timedelta

import pytest

from booking import housekeeping
from booking.database import db
from booking.domain.status import Status
from booking.house import opening_hours
from booking.web import phrases
from booking.web.dates import free_times
from booking.web.lobby import words
from tests import make
from tests.support.pages import find_form, parse, text

HERE = "/team/haus/oeffnungszeiten"


@pytest.fixture
def house(app):
    make.house()
    return make.rooms()


def said(page: str) -> str:
    return text(parse(page)[0].find(".//div[@id='said']"))


def told(hours) -> dict[int, list[str]]:
    return {day: [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in spans] for day, spans in hours.items()}


def test_house_with_a_break_and_a_room_with_hours_of_its_own(staff_client, house):
    hall, workshop, _ = house
    make.booking(hall, "2026-12-09T12:00", minutes=60, status=Status.APPROVED)
    make.booking(workshop, "2026-12-09T12:00", "2026-12-16T18:00", minutes=60, status=Status.APPROVED)
    filled = find_form(staff_client.get(HERE).text, "hours").filled({}, "").data
    assert (filled["monday"], filled["saturday"]) == ("9–17 Uhr", "")

    changed = staff_client.submit(
        HERE, {"wednesday": "13-17 Uhr und 9 bis 12", "saturday": "10-12, 12-14"}, form="hours"
    )

    assert said(changed.text) == "Gespeichert. 2 kommende Termine liegen jetzt außerhalb der Öffnungszeiten."
    assert find_form(changed.text, "hours").filled({}, "").data["wednesday"] == "9–12, 13–17 Uhr"
    own = staff_client.submit(f"{HERE}?raum=werkstatt", {"wednesday": "9–20", "thursday": "9–17"}, form="hours")
    assert said(own.text) == "Gespeichert. Deswegen liegt kein kommender Termin außerhalb der Öffnungszeiten."
    db.session.rollback()
    usual = ["09:00-17:00"]
    week = {0: usual, 1: usual, 2: ["09:00-12:00", "13:00-17:00"], 3: usual, 4: usual, 5: ["10:00-14:00"]}
    assert told(opening_hours()) == told(opening_hours(hall.id)) == week
    assert told(opening_hours(workshop.id)) == {2: ["09:00-20:00"], 3: usual}
    footer, room = (text(parse(staff_client.get(each).text)[0]) for each in ("/", "/raeume/werkstatt"))
    assert "Mittwoch, 9 bis 12 Uhr und 13 bis 17 Uhr" in footer
    assert "Mittwoch, 9 bis 20 Uhr; Donnerstag, 9 bis 17 Uhr" in room
    form = find_form(staff_client.get(f"{HERE}?raum=werkstatt").text, "hours").filled({}, "").data
    staff_client.submit(f"{HERE}?raum=werkstatt", {name: "" for name in form if name.endswith("day")}, form="hours")
    db.session.rollback()
    assert told(opening_hours(workshop.id)) == week


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("17-9", "Das Ende (09:00) liegt vor dem Beginn (17:00). Bitte prüf beide Zeiten."),
        ("9-13, 12-17", "Zwei dieser Zeiten überschneiden sich. Schreib jede Zeit nur einmal."),
        ("vormittags", "Schreib von wann bis wann, zum Beispiel 9–12, 13–17."),
        ("9-25", "„25“ können wir nicht als Uhrzeit lesen. Schreib zum Beispiel 19:30."),
    ],
)
def test_hours_that_cannot_be_are_said_and_kept(staff_client, house, typed, sentence):
    page = staff_client.submit(HERE, {"monday": typed}, form="hours")

    assert page.status_code == 422
    found = [text(each) for each in parse(page.text)[0].iterfind(".//ul[@class='kern-alert__body']/li")]
    assert found == [sentence]
    assert find_form(page.text, "hours").filled({}, "").data["monday"] == typed
    db.session.rollback()
    assert told(opening_hours())[0] == ["09:00-17:00"]


def test_house_is_open_on_one_day_at_least(staff_client, house):
    page = staff_client.submit(
        HERE, dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), ""), form="hours"
    )

    assert page.status_code == 422
    assert "Mindestens an einem Tag muss das Haus offen sein." in page.text
    assert staff_client.get(f"{HERE}?raum=keiner").status_code == 404
    assert "wie das Haus" in staff_client.get(HERE).text


def test_hours_with_a_break_and_of_a_room_are_told_everywhere(app, client, clock):
    break_ = [(make.time(9), make.time(12)), (make.time(13), make.time(17))]
    make.house(hours=dict.fromkeys(range(5), break_))
    make.room("Werkstatt")
    housekeeping.set_hours({0: [(make.time(12), make.time(20))]}, 1, by=make.staff(), now=clock.now)
    make.room("Besprechung")
    rule = {"start": "2026-12-14T12:00", "duration_minutes": 60, "freq": "weekly", "count": 1, "weekdays": ["MO"]}
    asked = {"rule": rule, "room": "besprechung", "before_minutes": 0, "after_minutes": 0, "limit": 60}

    with app.test_request_context():
        days = free_times.room_days(date(2026, 12, 14), 2, clock.now)
        told = [(day.is_outside, day.window.start) for _, day in sorted(days.items())]
        opening = words.opening(make.instant("2026-12-14T12:15"))
        keys = phrases.key_hours()

    monday, tuesday = (make.instant(f"2026-12-{day}T00:00") for day in (14, 15))
    assert told == [
        (False, monday + timedelta(hours=12)),
        (True, tuesday + timedelta(hours=12)),
        (False, monday + timedelta(hours=9)),
        (False, tuesday + timedelta(hours=9)),
    ]
    assert " ".join(opening.split()) == "Montag, 14. Dezember, 13:00 Uhr"
    assert keys == "montags bis freitags zwischen 9 und 12 Uhr und zwischen 13 und 17 Uhr"
    (met,) = client.post("/api/v1/preview", json=asked).json["occurrences"]
    assert [note["en"] for note in met["notes"]] == [
        "Outside opening hours (09:00–12:00, 13:00 to 17:00). Allowed, but the group needs a way in."
    ]
