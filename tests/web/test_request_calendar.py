"""The month to choose a day from, as a page."""

import pytest

from booking.domain.status import Status
from tests import make
from tests.support.pages import parse, text
from tests.support.request_form import ONCE, by_id, main_of, value_of


def links(response):
    """The days that can be chosen, by their names, with where they lead to."""
    root, _ = parse(response.text)
    return {
        text(link).partition(" ")[2].replace("\u00a0", " "): link.get("href")
        for link in root.iter("a")
        if link.get("data-day")
    }


def words(response, day):
    """What is said about one day."""
    root, _ = parse(response.text)
    cell = next(each for each in root.iter() if each.get("data-day") == day)
    return text(cell).partition(" ")[2].replace("\u00a0", " ")


def month(response):
    root, _ = parse(response.text)
    return next(each.get("data-calendar-month") for each in root.iter("div") if each.get("data-calendar-month"))


@pytest.fixture
def busy_december(house_with_rooms):
    hall, workshop, small = house_with_rooms
    make.booking(hall, "2026-12-08T19:00", status=Status.APPROVED)
    make.booking(workshop, "2026-12-10T09:00", minutes=13 * 60, status=Status.APPROVED)
    make.booking(small, "2026-12-11T10:00")
    make.closure("2026-12-24T00:00", "2027-01-01T00:00")
    make.closure("2026-12-17T00:00", "2026-12-18T00:00", room=workshop, reason="Bodenarbeiten")


@pytest.mark.parametrize(
    ("room", "day", "said"),
    [
        ("any", "2026-12-08", "Dienstag, 8. Dezember 2026, noch frei"),
        ("grosse-flaeche", "2026-12-08", "Dienstag, 8. Dezember 2026, teilweise belegt"),
        ("any", "2026-12-10", "Donnerstag, 10. Dezember 2026, noch frei"),
        ("werkstatt", "2026-12-10", "Donnerstag, 10. Dezember 2026, belegt"),
        pytest.param("besprechung", "2026-12-11", "Freitag, 11. Dezember 2026, noch frei", id="only asked for"),
        ("any", "2026-12-17", "Donnerstag, 17. Dezember 2026, noch frei"),
        ("werkstatt", "2026-12-17", "Donnerstag, 17. Dezember 2026, geschlossen: Bodenarbeiten"),
        pytest.param(
            "any", "2026-12-26", "Samstag, 26. Dezember 2026, geschlossen: Betriebsferien", id="on a Saturday"
        ),
        ("any", "2026-12-12", "Samstag, 12. Dezember 2026, außerhalb der Öffnungszeiten"),
        ("any", "2026-12-25", "Freitag, 25. Dezember 2026, geschlossen: Betriebsferien"),
        ("any", "2027-01-01", "Freitag, 1. Januar 2027, geschlossen: Neujahr"),
        pytest.param("any", "2026-12-02", "Mittwoch, 2. Dezember 2026, zu kurzfristig", id="too soon"),
        ("any", "2026-11-29", "Sonntag, 29. November 2026, schon vorbei"),
    ],
)
def test_calendar_says_how_free_a_day_is_in_the_wished_room(asking, busy_december, room, day, said):
    response = asking.client.get("/anfrage/kalender", query_string={"month": day[:7], "date": "", "room": room})

    assert words(response, day) == said


def test_calendar_speaks_english(asking, busy_december):
    response = asking.client.get("/en/anfrage/kalender?month=2026-12&date=&room=grosse-flaeche")

    assert words(response, "2026-12-08") == "Tuesday 8 December 2026, partly booked"
    assert words(response, "2026-12-24") == "Thursday 24 December 2026, closed: Closed for holidays"


def test_calendar_looks_at_rooms_that_seat_the_group(asking, house_with_rooms):
    make.booking(house_with_rooms[0], "2026-12-10T09:00", minutes=13 * 60, status=Status.APPROVED)

    response = asking.client.get("/anfrage/kalender?month=2026-12&date=&room=any&people=30")

    assert words(response, "2026-12-10") == "Donnerstag, 10. Dezember 2026, belegt"


def test_calendar_offers_no_day_that_is_past_too_soon_or_not_planned_yet(asking):
    december = links(asking.client.get("/anfrage/kalender?month=2026-12"))
    june = links(asking.client.get("/anfrage/kalender?month=2027-06"))

    assert list(december)[0] == "Donnerstag, 3. Dezember 2026, noch frei"
    assert len(december) == 29
    assert list(june)[-1] == "Mittwoch, 30. Juni 2027, noch frei"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", "2026-12"),
        ("2026-11", "2026-11"),
        ("2020-01", "2026-11"),
        ("2031-01", "2027-06"),
        ("Dezember", "2026-12"),
        ("9999-99", "2026-12"),
    ],
)
def test_calendar_stays_within_the_months_that_are_planned(asking, asked, shown):
    assert month(asking.client.get("/anfrage/kalender", query_string={"month": asked})) == shown


def test_calendar_turns_from_month_to_month_and_stops_at_the_last(asking):
    def ways(response):
        root, _ = parse(response.text)
        return [link.get("href") for link in root.iter("a") if link.get("data-turn")]

    assert ways(asking.client.get("/anfrage/kalender?field=until&month=2027-01")) == [
        "/anfrage/kalender?field=until&month=2026-12",
        "/anfrage/kalender?field=until&month=2027-02",
    ]
    assert ways(asking.client.get("/anfrage/kalender?month=2027-06")) == ["/anfrage/kalender?field=date&month=2027-05"]
    assert ways(asking.client.get("/anfrage/kalender?month=2026-11")) == ["/anfrage/kalender?field=date&month=2026-12"]


TYPED = {
    "rhythm": "week",
    "start": "19 Uhr",
    "end": "21",
    "people": "etwa 12",
    "room": "werkstatt",
    "skip_school": "yes",
}


def test_button_keeps_what_was_typed_and_the_chosen_day_comes_back_with_it(asking):
    page = asking.client.submit("/anfrage", TYPED, button="date", form="request")
    assert (page.request.path, month(page)) == ("/anfrage/kalender", "2026-12")
    assert "Werkstatt: Das ist noch frei." in main_of(page)

    response = asking.client.get(links(page)["Dienstag, 8. Dezember 2026, noch frei"])

    assert [value_of(response, name) for name in ("date", "start", "end", "people")] == [
        *("8.12.2026", "19 Uhr", "21", "etwa 12"),
    ]
    assert 'id="rhythm-week" value="week" checked' in response.text
    assert 'id="skip_school" value="yes" checked' in response.text
    assert by_id(response, "date-echo").replace("\u00a0", " ") == "Das ist ein Dienstag: 8. Dezember 2026."
    sent = asking.client.submit(
        links(page)["Dienstag, 8. Dezember 2026, noch frei"], {"until_kind": "count", "count": "3"}, form="request"
    )
    assert sent.request.path == "/anfrage/termine"


@pytest.mark.parametrize(("field", "rhythm"), [("until", "week"), ("more-0", "single"), ("more-10", "single")])
def test_day_comes_back_into_the_field_it_was_chosen_for(asking, field, rhythm):
    typed = {**TYPED, "rhythm": rhythm, "date": "8.12.2026"}
    page = asking.client.submit("/anfrage", typed, button=field, form="request")

    response = asking.client.get(links(page)["Dienstag, 15. Dezember 2026, noch frei"])

    assert (value_of(response, field), value_of(response, "date")) == ("15.12.2026", "8.12.2026")
    assert by_id(response, f"{field}-echo").replace("\u00a0", " ") == "Das ist ein Dienstag: 15. Dezember 2026."
    assert ('id="until_kind-date" value="date" checked' in response.text) is (field == "until")


def test_calendar_opens_at_the_day_that_is_typed_already_and_marks_it(asking):
    page = asking.client.submit("/anfrage", {**TYPED, "date": "6. Januar"}, button="date", form="request")

    root, _ = parse(page.text)
    marked = [link.get("data-day") for link in root.iter("a") if link.get("data-day") and link.get("aria-current")]
    assert (month(page), marked) == ("2027-01", ["2027-01-06"])


@pytest.mark.parametrize("field", ["rhythm", "more-99", "../..", "%00", ""])
def test_calendar_is_for_days_only(asking, field):
    response = asking.client.get("/anfrage/kalender", query_string={"field": field})

    assert (response.status_code, "Wann ist das erste Treffen?" in main_of(response)) == (200, True)


def test_enter_key_presses_continue_and_no_calendar(asking):
    root, _ = parse(asking.open().text)
    first = next(each for each in root.iter("button") if each.get("type") == "submit")

    assert (text(first), first.get("name")) == ("Weiter", None)
    assert asking.when(ONCE).request.path == "/anfrage/ueber-euch"
