"""The page on which the team enters dates that nobody asked for here."""

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Booking, Initiative, Letter, LogEntry, Room
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.pages import find_form, parse, text
from tests.web.test_decision import page_text

PAGE = "/team/eintragen"
FORM = {
    "group": "Chor am Markt",
    "date": "13.1.2027",
    "start": "18:30",
    "end": "20:30",
    "people": "12",
    "is_open": "yes",
}
CONTACT = {"name": "Zoë Müller", "email": "zoe@example.org", "phone": "0521 123456"}


@pytest.fixture(autouse=True)
def rooms(app: Flask) -> tuple[Room, Room]:
    make.house()
    return make.room(), make.room("Werkstatt", 20)


def enter(client: CheckedClient, values: dict[str, Any], button: str = "Eintragen", path: str = PAGE) -> TestResponse:
    return client.submit(path, values, button=button, form=PAGE)


def entered() -> list[tuple[str, str, str, list[tuple[str, str, str]]]]:
    """Group, title, kind of group, and the dates of each booking, each as day and time, room and status."""
    db.session.rollback()
    return [
        (
            each.initiative.name,
            each.title,
            each.initiative.kind,
            [
                (f"{date.start.astimezone(make.ZONE):%d.%m.%y %H:%M}", date.room.name, date.status.value)
                for date in each.occurrences
            ],
        )
        for each in db.session.scalars(db.select(Booking).order_by(Booking.id))
    ]


def letters() -> list[tuple[str, str]]:
    db.session.rollback()
    found = db.session.scalars(db.select(Letter).order_by(Letter.id))
    return [(each.kind, each.contact.email if each.contact else "office") for each in found]


def mistakes(answer: TestResponse) -> list[str]:
    assert answer.status_code == 422
    (summary,) = parse(answer.text)[0].findall(".//section[@aria-labelledby='error-summary']")
    return [text(each) for each in summary.iter("li")]


# -- What came by telephone


def test_one_evening_is_entered_confirmed_and_told(staff_client: CheckedClient) -> None:
    answer = enter(staff_client, {**FORM, **CONTACT})

    assert "1 Termin ist eingetragen: Chor am Markt, IO-26-0001. Eine Mail sagt Bescheid." in page_text(answer)
    evening = [("13.01.27 18:30", "Werkstatt", "approved")]
    assert entered() == [("Chor am Markt", "Chor am Markt", "initiative", evening)]
    assert letters() == [("approved", "zoe@example.org")]
    steps = db.session.scalars(db.select(LogEntry).order_by(LogEntry.id)).all()
    assert [(each.action, each.actor, each.count) for each in steps] == [("enter", "team", 1), ("approve", "team", 1)]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({**CONTACT, "letters": None}, []),
        ({"name": "Zoë Müller", "phone": "0521 123456"}, []),
        ({}, []),
        ({**CONTACT, "approve": "no"}, [("requested", "zoe@example.org")]),
        ({**CONTACT, "approve": "no", "letters": None}, []),
    ],
)
def test_letter_leaves_only_where_it_is_wished_and_has_an_address(
    staff_client: CheckedClient, values: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    enter(staff_client, {**FORM, **values})

    assert letters() == told
    booking = db.session.scalars(db.select(Booking)).one()
    assert booking.occurrences[0].status == (Status.REQUESTED if "approve" in values else Status.APPROVED)
    assert (booking.contact.name if booking.contact else None) == values.get("name")


def test_double_click_enters_once(staff_client: CheckedClient) -> None:
    form = find_form(staff_client.get(PAGE).text, PAGE).filled({**FORM, **CONTACT}, "Eintragen")

    first, second = (staff_client.post(PAGE, data=form.data, follow_redirects=True) for _ in range(2))

    assert "1 Termin ist eingetragen" in page_text(first)
    assert "Das war schon eingetragen: Chor am Markt, IO-26-0001." in page_text(second)
    assert (len(entered()), len(letters())) == (1, 1)


def test_address_brings_day_times_and_room_along(staff_client: CheckedClient) -> None:
    page = staff_client.get(f"{PAGE}?tag=2027-01-12&von=18:30&bis=20:30&raum=werkstatt")

    assert "Das ist ein Dienstag: 12. Januar 2027." in page_text(page)
    values = {"group": "Chor", "people": "5", "is_open": "no"}
    enter(staff_client, values, path=f"{PAGE}?tag=2027-01-12&von=18:30&bis=20:30&raum=werkstatt")
    assert entered() == [("Chor", "Chor", "initiative", [("12.01.27 18:30", "Werkstatt", "approved")])]


def test_enter_key_only_looks(staff_client: CheckedClient) -> None:
    answer = enter(staff_client, FORM, "")

    assert "Chor am Markt ist neu und wird angelegt: Initiative." in page_text(answer)
    assert "1 frei" in page_text(answer)
    assert entered() == []


def test_what_is_missing_is_said_only_when_it_is_sent(staff_client: CheckedClient) -> None:
    half = {"date": "13.1.2027", "start": "18:30", "end": "20:30"}
    assert "1 frei" in page_text(enter(staff_client, half, "Prüfen"))

    answer = enter(staff_client, {**half, "email": "zoe@example.org"})

    assert mistakes(answer) == [
        "Trag eine Zahl ein, zum Beispiel 12.",
        "Schreib, wessen Termine das sind.",
        "Wählt aus, wer kommen darf.",
        "Schreib auch den Namen dazu: Mit ihm beginnt die Mail.",
    ]
    assert find_form(answer.text, PAGE).filled({}, "Eintragen").data["email"] == "zoe@example.org"
    assert entered() == []


# -- What binds groups does not bind the office


def test_office_enters_what_is_over_without_a_letter(staff_client: CheckedClient, clock: Clock) -> None:
    clock.set("2026-12-03T10:00")
    past = {**FORM, "date": "2.12.2026"}
    assert "1 Termin ist vorbei: Er wird nur aufgeschrieben, keine Mail sagt davon." in page_text(
        enter(staff_client, past, "Prüfen")
    )
    as_request = enter(staff_client, {**past, "approve": "no"})
    assert mistakes(as_request) == ["Was vorbei ist, kann nur gleich zugesagt eingetragen werden."]

    enter(staff_client, {**past, **CONTACT})

    assert [dates for *_, dates in entered()] == [[("02.12.26 18:30", "Werkstatt", "approved")]]
    assert letters() == []


def test_office_enters_for_tonight_and_beyond_what_groups_may_ask_for(staff_client: CheckedClient) -> None:
    for day in ("30.11.2026", "2.5.2029"):
        enter(staff_client, {**FORM, "date": day})

    assert [dates[0][0] for *_, dates in entered()] == ["30.11.26 18:30", "02.05.29 18:30"]


# -- Series


KNOWN_SERIES = [
    (
        {"group": "Gesundes Städte-Netzwerk", "date": "13.1.2027", "start": "16", "end": "18", "rhythm": "week"},
        [f"{day} 16:00" for day in ("13.01.27", "20.01.27", "27.01.27", "03.02.27")],
    ),
    (
        {
            "group": "Code for Bielefeld",
            "date": "12.1.2027",
            "start": "19",
            "end": "21",
            "rhythm": "month",
            "until": "31.3.2027",
        },
        [f"{day} 19:00" for day in ("12.01.27", "09.02.27", "09.03.27")],
    ),
    (
        {"group": "Chor", "date": "14.1.2027", "start": "18:30", "end": "20", "rhythm": "week"},
        [f"{day} 18:30" for day in ("14.01.27", "21.01.27", "28.01.27")],
    ),
]


def test_three_known_series_are_entered_one_after_the_other(staff_client: CheckedClient) -> None:
    path = PAGE
    for values, _ in KNOWN_SERIES:
        ends = {"until_kind": "date", "until": "3.2.2027", "room": "grosse-flaeche"}
        shown = enter(staff_client, {**FORM, **CONTACT, **ends, **values}, "Prüfen", path=path)
        again = find_form(shown.text, PAGE).filled({}, "Eintragen und noch eine").data
        answer = staff_client.post(PAGE, data=again, follow_redirects=True)
        path = answer.request.path + "?" + answer.request.query_string.decode()

    told = find_form(staff_client.get(path).text, PAGE).filled({}, "Eintragen").data
    assert [told[name] for name in ("group", "name", "email", "people", "date")] == [
        "Chor",
        "Zoë Müller",
        "zoe@example.org",
        "12",
        "",
    ]
    assert [[each[0] for each in dates] for *_, dates in entered()] == [days for _, days in KNOWN_SERIES]


def test_taken_date_is_never_entered_and_has_ways_out(staff_client: CheckedClient, rooms: tuple[Room, Room]) -> None:
    taken = make.booking(rooms[0], "2027-01-20T16:00", status=Status.APPROVED, group="Rat", title="Runder Tisch")
    wanted = make.booking(rooms[0], "2027-01-27T16:00", group="Verein", title="Wunsch")
    series = {**FORM, "rhythm": "week", "start": "16", "end": "18", "until_kind": "date", "until": "27.1.2027"}
    series["room"] = "grosse-flaeche"

    answer = enter(staff_client, series)

    said = page_text(answer)
    assert f"Belegt: Runder Tisch, 16:00 bis 18:00 Uhr. {taken.reference}" in said.replace("\u00a0", " ")
    assert f"Auch angefragt von: {wanted.initiative.name}" in said
    assert len(mistakes(answer)) == 2
    assert len(entered()) == 2

    filled = find_form(answer.text, PAGE).filled({}, "Eintragen").data
    other_room = next(
        each.get("value")
        for each in parse(answer.text)[0].iter("option")
        if (each.get("value") or "").startswith("room_")
    )
    choices = {"d-2027-01-20": other_room, "d-2027-01-27": "anyway"}
    staff_client.post(PAGE, data={**filled, **choices})
    assert entered()[2][3] == [
        ("13.01.27 16:00", "Große Fläche", "approved"),
        ("20.01.27 16:00", "Werkstatt", "approved"),
        ("27.01.27 16:00", "Große Fläche", "approved"),
    ]


def test_date_that_is_taken_meanwhile_is_named_and_nothing_is_lost(
    staff_client: CheckedClient, rooms: tuple[Room, Room]
) -> None:
    values = {**FORM, "room": "werkstatt", "note": "bringt Kuchen mit"}
    form = find_form(staff_client.get(PAGE).text, PAGE).filled(values, "Eintragen").data
    make.booking(rooms[1], "2027-01-13T19:00", status=Status.APPROVED)

    answer = staff_client.post(PAGE, data=form)

    assert len(mistakes(answer)) == 1
    assert find_form(answer.text, PAGE).filled({}, "Eintragen").data["note"] == "bringt Kuchen mit"
    assert len(entered()) == 1


def test_other_reading_of_a_rhythm_is_shown_before_it_is_entered(staff_client: CheckedClient) -> None:
    series = {**FORM, "date": "12.1.2027", "rhythm": "two_weeks", "until_kind": "count", "count": "3"}
    shown = enter(staff_client, series, "Prüfen")
    other = next(
        each.get("value")
        for each in parse(shown.text)[0].iter("input")
        if each.get("name") == "reading" and not each.get("checked") and each.get("checked") != ""
    )
    form = find_form(shown.text, PAGE).filled({"reading": other}, "Eintragen").data

    again = staff_client.post(PAGE, data=form)
    assert mistakes(again) == ["Schau nach, ob das die gemeinten Termine sind."]
    assert entered() == []

    staff_client.post(PAGE, data=find_form(again.text, PAGE).filled({}, "Eintragen").data)
    assert [each[0] for each in entered()[0][3]] == ["12.01.27 18:30", "09.02.27 18:30", "09.03.27 18:30"]


def test_weekdays_with_other_times_are_entered_at_those(staff_client: CheckedClient) -> None:
    series = {**FORM, "date": "11.1.2027", "rhythm": "weekdays", "until_kind": "count", "count": "3", "every": "2"}

    shown = enter(staff_client, {**series, "weekday": ["0", "3"], "own_times-3": "9 bis 10:30"}, "Prüfen")
    staff_client.post(PAGE, data=find_form(shown.text, PAGE).filled({}, "Eintragen").data)

    assert "Do, 14. Januar 2027, 09:00 bis 10:30 Uhr" in page_text(shown)
    assert [each[0] for each in entered()[0][3]] == ["11.01.27 18:30", "14.01.27 09:00", "25.01.27 18:30"]


# -- Groups


def test_known_group_is_found_however_it_is_written(staff_client: CheckedClient) -> None:
    make.initiative("Fachamt für Öffnung", kind="department")

    enter(staff_client, {**FORM, "group": "FACHAMT für öffnung", "kind": "own"})
    enter(staff_client, {**FORM, "group": "Unser Haus", "kind": "own", "date": "14.1.2027"})

    assert [(name, kind) for name, _, kind, _ in entered()] == [
        ("Fachamt für Öffnung", "department"),
        ("Unser Haus", "own"),
    ]
    assert len(db.session.scalars(db.select(Initiative)).all()) == 2


def test_confirmed_dates_are_public_at_once(staff_client: CheckedClient) -> None:
    before = staff_client.get("/kalender?from=2027-01-13").text
    enter(staff_client, {**FORM, "title": "Offenes Singen"})

    assert "Offenes Singen" not in before
    assert "Offenes Singen" in staff_client.get("/kalender/tag/2027-01-13").text


def test_undo_makes_a_request_of_what_was_entered(staff_client: CheckedClient) -> None:
    answer = enter(staff_client, {**FORM, **CONTACT})

    staff_client.submit(answer.request.path, form=f"{answer.request.path}/zuruecknehmen")

    assert entered()[0][3] == [("13.01.27 18:30", "Werkstatt", "requested")]
    db.session.rollback()
    assert [each.state for each in db.session.scalars(db.select(Letter))] == ["stopped"]


def test_note_of_the_office_stays_with_the_booking(staff_client: CheckedClient) -> None:
    enter(staff_client, {**FORM, "note": "rief am Montag an"})

    with transaction():
        assert db.session.scalars(db.select(Booking.note)).all() == ["rief am Montag an"]


def test_several_rooms_at_once_are_entered_and_the_one_that_is_taken_is_named(
    staff_client: CheckedClient, rooms: tuple[Room, Room]
) -> None:
    both = {**FORM, "room": "several", "several": ["grosse-flaeche", "werkstatt"]}
    enter(staff_client, both)
    make.booking(rooms[1], "2027-01-20T19:00", status=Status.APPROVED)

    taken = enter(staff_client, {**both, "date": "20.1.2027"})

    assert "Nicht frei: Werkstatt." in page_text(taken)
    ((_, _, _, dates), _) = entered()
    assert dates == [("13.01.27 18:30", "Große Fläche & Werkstatt", "approved")]


def test_pasted_mail_is_proposed_in_the_form_and_stores_nothing(staff_client):
    mail = (
        "Von: Zoë Müller <zoe@example.org>\nAn: innovationen@example.org\nBetreff: Raum\n\n"
        "Hallo, wir würden gern jeden zweiten Dienstag im Monat von 19 bis 21 Uhr kommen, Januar bis März, 12 Leute.\n"
        "Ihr erreicht mich unter 0521 123456.\n--\nZoë, Montag ist mein freier Tag\n> am 3.12. um 8 Uhr?\n"
    )

    page = enter(staff_client, {"mail": mail}, "Aus der Mail vorschlagen")

    filled = find_form(page.text, PAGE).filled({}, "").data
    told = {
        name: filled[name] for name in ("name", "email", "phone", "date", "start", "end", "until", "people", "rhythm")
    }
    assert told == {
        "name": "Zoë Müller", "email": "zoe@example.org", "phone": "0521 123456", "date": "12.1.2027", "start": "19:00",
        "end": "21:00", "until": "31.3.2027", "people": "12", "rhythm": "month",
    }  # fmt: skip
    assert entered() == []


def test_pasted_mail_proposes_what_it_says_and_leaves_what_it_does_not(staff_client):
    typed = {**FORM, **CONTACT}
    mail = "Seepferdchen: jeden Dienstag 19-21 Uhr vom 2. bis 16. Februar, außer am 9. Februar"

    page = enter(staff_client, {**typed, "mail": mail}, "Aus der Mail vorschlagen")

    assert "Das verstehen wir nicht: Seepferdchen." in page_text(page)
    proposed = find_form(page.text, PAGE).filled({}, "Eintragen").data
    assert {name: proposed[name] for name in CONTACT} == CONTACT
    staff_client.post(PAGE, data=proposed)
    ((_, _, _, dates),) = entered()
    assert [when for when, _, _ in dates] == ["02.02.27 19:00", "16.02.27 19:00"]


def test_pasted_mail_says_what_the_form_cannot_hold(staff_client):
    mail = "alle fünf Monate am ersten Dienstag 19 bis 21 Uhr, 3 Mal ab Januar"

    page = enter(staff_client, {"mail": mail}, "Aus der Mail vorschlagen")

    assert "Das passt nicht in eine Anfrage." in page_text(page)


def test_pasted_mail_of_which_little_is_understood_is_asked_back_in_few_words(staff_client):
    page = enter(staff_client, {"mail": "um 25 Uhr " * 300 + "Xq, " * 300}, "Aus der Mail vorschlagen")

    assert page_text(page).count("Was heißt das?") == 1
    assert re.search(r"Xq … Xq[.] *Und [0-9]+ weitere Stellen[.]", page_text(page))
