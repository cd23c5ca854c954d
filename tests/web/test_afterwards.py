"""The pages on which the team moves an approved date, or cancels some."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from booking import afterwards
from booking.database import transaction
from booking.domain.status import Status
from booking.models import Booking, Room
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.pages import find_form, parse, text
from tests.web.test_decision import HERE, hall, ids, letters, page_text, states

__all__ = ["hall"]

REASON = "Wir brauchen den Raum an diesem Tag selbst."


@pytest.fixture
def series(hall: Room) -> Booking:
    return make.booking(
        hall,
        *[f"2027-01-{day}T16:00" for day in ("06", "13", "20")],
        reference="IO-26-0142",
        title="Arbeitsgruppen",
        status=Status.APPROVED,
    )


def move_page(booking: Booking, number: int = 0) -> str:
    return f"{HERE}/verlegen/{ids(booking)[number]}"


def send(client: CheckedClient, path: str, values: dict[str, Any], button: str = "send") -> TestResponse:
    return client.submit(path, values, form="panel", button=button)


def links(page: str) -> list[str]:
    """Where the confirmed dates lead to."""
    return [
        link.get("href", "").replace(HERE, "")
        for link in parse(page)[0].iter("a")
        if link.get("class") == "step" and HERE in link.get("href", "")
    ]


# -- From the page of the request


def test_confirmed_date_to_come_can_be_moved_and_cancelled(
    staff_client: CheckedClient, series: Booking, clock: Clock
) -> None:
    clock.set("2027-01-07T10:00")
    _, second, third = ids(series)

    page = staff_client.get(HERE).text

    assert links(page) == [
        f"/verlegen/{second}",
        f"/faellt-aus?date={second}",
        f"/verlegen/{third}",
        f"/faellt-aus?date={third}",
    ]


# -- Moving


def test_move_shows_the_letter_before_anything_happens(staff_client: CheckedClient, series: Booking) -> None:
    make.room("Werkstatt", 20)
    values = {"reason": "own_need", "message": "Tut uns leid!"}

    shown = send(staff_client, move_page(series), values, button="show")

    page = page_text(shown)
    assert "Mi, 6. Januar verlegen" in page
    assert "Bisher: Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche" in page
    assert "Geändert: Arbeitsgruppen am Mi, 6. Januar 2027" in page
    assert "Neu: Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Werkstatt Bisher: Große Fläche" in page
    assert [text(mark) for mark in parse(shown.text)[0].iter("mark")] == ["Tut uns leid!"]
    assert letters(series) == []


def test_move_holds_at_once_and_tells_the_group(staff_client: CheckedClient, series: Booking) -> None:
    make.room("Werkstatt", 20)

    done = send(staff_client, move_page(series), {"reason": "own_need"})

    page = page_text(done)
    assert (
        "Henrike: 1 Termin verlegt. Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Werkstatt. Mail geht in 60 Sekunden raus."
        in page
    )
    assert states(series) == [("approved", REASON), ("approved", ""), ("approved", "")]
    assert series.occurrences[0].room.name == "Werkstatt"
    assert letters(series) == [("Geändert: Arbeitsgruppen am Mi, 6. Januar 2027 (IO-26-0142)", "waiting")]
    assert "1 Termin verlegt" in page_text(staff_client.get(HERE))


def test_move_goes_wherever_somebody_writes(staff_client: CheckedClient, series: Booking) -> None:
    first = ids(series)[0]
    values = {
        f"date-{first}-place": "own",
        f"date-{first}-day": "Do 7.1.",
        f"date-{first}-start": "18",
        f"date-{first}-end": "20:30",
        "reason": "other",
        "sentence": "Die Heizung wird repariert.",
    }

    done = send(staff_client, move_page(series), values)

    assert "1 Termin verlegt. Do, 7. Januar 2027, 18:00 bis 20:30 Uhr, Große Fläche. Mail geht" in page_text(done)
    assert states(series)[0] == ("approved", "Die Heizung wird repariert.")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        pytest.param({}, "Wähl einen Grund aus.", id="no reason"),
        pytest.param({"reason": "other"}, "Schreib den Grund auf", id="a reason without words"),
        pytest.param(
            {"reason": "size", "message": "x" * 2001},
            "auf höchstens 2000.",
            id="a message that is too long",
        ),
        pytest.param({"reason": "size", "place": "own"}, "Da ist der Termin schon.", id="nowhere else"),
        pytest.param({"reason": "size", "place": "x"}, "Wähl eine andere Zeit", id="no place"),
    ],
)
def test_move_says_what_is_missing_and_saves_nothing(
    staff_client: CheckedClient, series: Booking, values: dict[str, str], sentence: str
) -> None:
    first = ids(series)[0]
    named = {f"date-{first}-place" if name == "place" else name: value for name, value in values.items()}

    answer = send(staff_client, move_page(series), named)

    assert answer.status_code == 422
    assert "<title>Fehler: " in answer.text
    assert sentence in page_text(answer)
    assert letters(series) == []


def test_move_names_who_took_the_place_meanwhile(staff_client: CheckedClient, series: Booking) -> None:
    workshop = make.room("Werkstatt", 20)
    page = staff_client.get(move_page(series))
    make.booking(workshop, "2027-01-06T17:00", status=Status.APPROVED, group="Chor", title="Chor")

    filled = find_form(page.text, "panel").filled({"reason": "own_need", "message": "Sorry"}, "send")
    answer = staff_client.post(move_page(series), data=filled.data)

    assert answer.status_code == 422
    assert "Werkstatt ist am Mi, 6. Januar 2027 belegt: Chor, 17:00 bis 19:00 Uhr." in page_text(answer)
    assert "Sorry" in answer.text
    assert letters(series) == []


def test_move_sent_twice_moves_once(staff_client: CheckedClient, series: Booking) -> None:
    make.room("Werkstatt", 20)
    page = staff_client.get(move_page(series))
    filled = find_form(page.text, "panel").filled({"reason": "own_need"}, "send")

    answers = [staff_client.post(move_page(series), data=filled.data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(letters(series)) == 1


@pytest.mark.parametrize("verb", ["verlegen", "faellt-aus"])
def test_stale_page_changes_nothing_and_keeps_the_message(
    staff_client: CheckedClient, series: Booking, clock: Clock, verb: str
) -> None:
    first, second, _ = ids(series)
    path = f"{HERE}/verlegen/{first}" if verb == "verlegen" else f"{HERE}/faellt-aus?date={first}"
    page = staff_client.get(path)
    afterwards.cancel(series, {int(second): REASON}, seen_version=1, by=make.staff("Jonas"), now=clock.now)

    filled = find_form(page.text, "panel").filled({"reason": "own_need", "message": "Bis dann"}, "send")
    answer = staff_client.post(filled.target, data=filled.data)

    assert answer.status_code == 409
    shown = page_text(answer)
    assert "Geändert um 10:00 Uhr (Jonas): 1 Termin abgesagt. Was du gesendet hast, wurde nicht gespeichert." in shown
    assert "Bis dann" in shown
    assert [status for status, _ in states(series)] == ["approved", "cancelled", "approved"]

    filled = find_form(answer.text, "again").filled({}, "")
    again = staff_client.post(filled.target, data=filled.data)

    assert (again.status_code, "Bis dann" in again.text) == (200, True)


def test_date_that_cannot_be_moved_leads_back(staff_client: CheckedClient, series: Booking, clock: Clock) -> None:
    clock.set("2027-01-07T10:00")

    answer = staff_client.get(move_page(series))

    assert (answer.status_code, answer.location) == (303, HERE)
    assert staff_client.get(f"{HERE}/verlegen/99").status_code == 404


# -- Cancelling


def test_cancel_takes_several_dates_in_one_letter(staff_client: CheckedClient, series: Booking) -> None:
    first, second, _ = ids(series)
    page = staff_client.get(f"{HERE}/faellt-aus?date={first}")
    assert "Mi, 6. Januar fällt aus" in page_text(page)
    assert "Fällt aus: Arbeitsgruppen am Mi, 6. Januar 2027" in page_text(page)
    values = {"date": [first, second], "reason": "closed", "message": "Tut uns leid!"}

    done = send(staff_client, f"{HERE}/faellt-aus?date={first}", values)

    assert "Henrike: 2 Termine abgesagt. Mail geht in 60 Sekunden raus." in page_text(done)
    closed = "Das Haus ist an diesem Tag geschlossen."
    assert states(series) == [("cancelled", closed), ("cancelled", closed), ("approved", "")]
    assert [state for _, state in letters(series)] == ["waiting"]


def test_cancel_asks_for_dates_and_a_reason(staff_client: CheckedClient, series: Booking) -> None:
    answer = send(staff_client, f"{HERE}/faellt-aus", {})

    assert answer.status_code == 422
    assert "Bitte schau dir 2 Stellen noch einmal an" in page_text(answer)
    assert "Wähl zuerst Termine aus." in page_text(answer)
    assert "Wähl einen Grund aus." in page_text(answer)
    assert letters(series) == []


def test_cancel_sent_twice_cancels_once(staff_client: CheckedClient, series: Booking) -> None:
    path = f"{HERE}/faellt-aus?date={ids(series)[0]}"
    filled = find_form(staff_client.get(path).text, "panel").filled({"reason": "closed"}, "send")

    answers = [staff_client.post(f"{HERE}/faellt-aus", data=filled.data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(letters(series)) == 1


def test_cancel_without_anything_left_leads_back(staff_client: CheckedClient, hall: Room) -> None:
    make.booking(hall, "2027-01-06T16:00", reference="IO-26-0142")

    assert staff_client.get(f"{HERE}/faellt-aus").location == HERE


def test_booking_of_the_office_itself_is_moved_without_a_letter(staff_client: CheckedClient, hall: Room) -> None:
    make.room("Werkstatt", 20)
    booking = make.booking(hall, "2027-01-06T16:00", reference="IO-26-0142", contact=None, status=Status.APPROVED)

    done = send(staff_client, move_page(booking), {"reason": "own_need"})

    assert "Verlegt: Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Werkstatt." in page_text(done)
    assert "Die Mail ist unterwegs" not in page_text(done)
    assert letters(booking) == []


def test_group_that_asked_in_english_reads_the_reason_in_english(staff_client: CheckedClient, hall: Room) -> None:
    booking = make.booking(hall, "2027-01-06T16:00", reference="IO-26-0142", language="en", status=Status.APPROVED)

    send(staff_client, f"{HERE}/faellt-aus?date={ids(booking)[0]}", {"reason": "short_notice"})

    assert states(booking) == [("cancelled", "That is too short notice for us.")]


def test_pages_can_be_read_in_english(staff_client: CheckedClient, series: Booking) -> None:
    assert "Move Wed 6 January" in page_text(staff_client.get(f"/en{move_page(series)}"))
    assert "Which dates?" in page_text(staff_client.get(f"/en{HERE}/faellt-aus"))


@pytest.mark.postgresql
def test_office_moves_and_cancels_on_postgresql_too(app_pg: Flask) -> None:
    make.house()
    hall = make.room()
    make.room("Werkstatt", 20)
    booking = make.booking(hall, "2027-01-06T16:00", "2027-01-13T16:00", reference="IO-26-0142", status=Status.APPROVED)
    make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD)
    client = CheckedClient(app_pg)
    client.submit(HERE, {"email": "henrike@bielefeld.de", "password": make.PASSWORD})

    send(client, move_page(booking), {"reason": "own_need"})
    send(client, f"{HERE}/faellt-aus?date={ids(booking)[1]}", {"reason": "closed"})

    assert [status for status, _ in states(booking)] == ["approved", "cancelled"]
    assert booking.occurrences[0].room.name == "Werkstatt"


# -- Taking back


def cancel_page(booking: Booking, *numbers: int) -> str:
    return f"{HERE}/faellt-aus?{'&'.join(f'date={ids(booking)[number]}' for number in numbers)}"


def test_what_was_done_can_be_taken_back_while_its_letter_waits(staff_client: CheckedClient, series: Booking) -> None:
    send(staff_client, cancel_page(series, 0, 2), {"reason": "own_need"})

    undone = staff_client.submit(HERE, button="Rückgängig", form=f"{HERE}/zuruecknehmen")

    assert "Zurückgenommen. Es ging keine Mail raus." in page_text(undone)
    assert [state for state, _ in states(series)] == ["approved"] * 3


def test_page_names_who_did_what_can_be_taken_back(staff_client: CheckedClient, series: Booking, clock: Clock) -> None:
    afterwards.cancel(series, {int(ids(series)[0]): REASON}, seen_version=1, by=make.staff("Jonas"), now=clock.now)

    page = page_text(staff_client.get(HERE))

    assert "Jonas: 1 Termin abgesagt. Mail geht in 60 Sekunden raus." in page
    assert "Zurücknehmen, was Jonas getan hat" in page


def test_letter_that_is_held_back_leaves_later(staff_client: CheckedClient, series: Booking) -> None:
    send(staff_client, cancel_page(series, 1), {"reason": "own_need"})

    held = staff_client.submit(HERE, button="Mail noch zurückhalten", form=f"{HERE}/zurueckhalten")

    assert "Mail geht um 10:10 Uhr raus." in page_text(held)


def test_cancellation_stays_where_others_have_the_room(staff_client: CheckedClient, series: Booking) -> None:
    send(staff_client, cancel_page(series, 0), {"reason": "own_need"})
    make.booking(series.occurrences[0].room, "2027-01-06T16:00", status=Status.APPROVED, group="Chor")

    answer = staff_client.submit(HERE, button="Rückgängig", form=f"{HERE}/zuruecknehmen")

    assert "Das geht nicht mehr: Den Raum haben inzwischen andere." in page_text(answer)
    assert states(series)[0][0] == "cancelled"


def test_group_without_an_address_is_told_nothing_by_letter(
    staff_client: CheckedClient, series: Booking, clock: Clock
) -> None:
    with transaction():
        series.contact.email = None

    page = staff_client.get(f"{HERE}/faellt-aus?date={ids(series)[0]}").text
    send(staff_client, f"{HERE}/faellt-aus?date={ids(series)[0]}", {"reason": "own_need"})

    assert "Von dieser Gruppe ist keine E-Mail-Adresse bekannt" in text(parse(page)[0])
    assert "0521 123456" in page_text(staff_client.get(HERE))
    assert states(series)[0] == ("cancelled", REASON)
    assert letters(series) == []


# -- Further dates of a series


def test_move_of_further_dates_names_what_stays_before_it_is_sent(staff_client: CheckedClient, series: Booking) -> None:
    first, _, third = ids(series)
    make.booking(series.occurrences[0].room, "2027-01-20T18:00", status=Status.APPROVED, group="Chor", title="Chor")
    place = {f"date-{first}-place": "own", f"date-{first}-start": "17", f"date-{first}-end": "19"}
    values = {**place, "scope": "from", "reason": "own_need"}

    unseen = send(staff_client, move_page(series), values)
    shown = send(staff_client, move_page(series), values, button="show")
    filled = find_form(shown.text, "panel").filled({}, "send")
    done = staff_client.post(filled.target, data=filled.data, follow_redirects=True)

    assert unseen.status_code == 422
    assert "Du hast neu ausgewählt. Schau dir die Mail an" in page_text(unseen)
    assert "Ab Mi, 6. Januar (3)" in page_text(shown)
    assert "2 Termine werden verlegt." in page_text(shown)
    assert "Mi, 20. Januar bleibt: Große Fläche ist am Mi, 20. Januar 2027 belegt: Chor" in page_text(shown)
    assert "Geändert: Arbeitsgruppen, 2 Termine" in page_text(shown)
    assert "Henrike: 2 Termine verlegt." in page_text(done)
    assert [f"{each.start.astimezone(make.ZONE):%d %H}" for each in series.occurrences] == ["06 17", "13 17", "20 16"]
    assert third == ids(series)[2]


def test_date_does_not_go_where_another_of_its_series_stays(staff_client: CheckedClient, hall: Room) -> None:
    days = [f"2027-01-{day:02}T16:00" for day in (4, 5, 6)]
    course = make.booking(hall, *days, reference="IO-26-0142", status=Status.APPROVED)
    first = ids(course)[0]
    place = {f"date-{first}-place": "own", f"date-{first}-day": "Di 5.1.", f"date-{first}-start": "16"}

    shown = send(staff_client, move_page(course), {**place, "scope": "all", "reason": "own_need"}, button="show")

    # Those of other weekdays keep theirs, and the first cannot go where the second stays.
    assert "Große Fläche ist am Di, 5. Januar 2027 belegt" in page_text(shown)


def test_cancellation_of_a_series_counts_what_it_reaches(staff_client: CheckedClient, series: Booking) -> None:
    path = f"{HERE}/faellt-aus?date={ids(series)[1]}"
    shown = send(staff_client, path, {"scope": "from", "reason": "closed"}, button="show")
    filled = find_form(shown.text, "panel").filled({}, "send")
    done = staff_client.post(filled.target, data=filled.data, follow_redirects=True)

    assert "2 Termine fallen aus." in page_text(shown)
    assert "Henrike: 2 Termine abgesagt." in page_text(done)
    assert [status for status, _ in states(series)] == ["approved", "cancelled", "cancelled"]


# -- Putting back


def test_cancelled_date_is_put_back_from_its_row(staff_client: CheckedClient, series: Booking, clock: Clock) -> None:
    first, second, _ = map(int, ids(series))
    make.room("Werkstatt", 20)
    afterwards.cancel(series, {first: REASON, second: REASON}, seen_version=1, by=make.staff("Jonas"), now=clock.now)
    make.booking(series.occurrences[1].room, "2027-01-13T17:00", status=Status.APPROVED, group="Chor", title="Chor")
    clock.set("2026-12-01T10:00")

    assert f"/findet-statt?date={first}" in links(staff_client.get(HERE).text)
    shown = staff_client.get(f"{HERE}/findet-statt?date={first}")
    done = send(staff_client, f"{HERE}/findet-statt?date={first}", {"message": "Der Raum ist wieder frei."})

    assert "Große Fläche ist am Mi, 13. Januar 2027 belegt: Chor, 17:00 bis 19:00 Uhr." in page_text(shown)
    assert "Die Mail geht sofort raus." in page_text(shown)
    assert "1 Termin findet doch statt. Die Mail ist unterwegs." in page_text(done)
    assert [status for status, _ in states(series)] == ["approved", "cancelled", "approved"]


def test_put_back_without_anything_cancelled_leads_back(staff_client: CheckedClient, series: Booking) -> None:
    assert staff_client.get(f"{HERE}/findet-statt").location == HERE
