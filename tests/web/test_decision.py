"""The page on which a request is decided, its panel, and what happens when somebody else was faster."""

import re
from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from booking import deciding, requesting
from booking.database import db, transaction
from booking.domain.status import Status
from booking.house import house, public_changed
from booking.letters import dispatch
from booking.models import Booking, Letter, OpeningHours, Room, StaffMember
from tests import make
from tests.support.app import CheckedClient, Client, Clock
from tests.support.pages import find_form, parse, text
from tests.web.test_inbox import statements

HERE = "/team/anfragen/IO-26-0142"
DAYS = ["2027-01-06", "2027-01-13", "2027-02-24", "2027-03-17"]


@pytest.fixture
def hall(app: Flask) -> Room:
    make.house()
    return make.room()


@pytest.fixture
def request_(hall: Room) -> Booking:
    """Four Wednesdays: two free, one taken by the office, one that the food council wants too."""
    make.booking(hall, "2027-02-24T16:30", minutes=90, status=Status.APPROVED, group="eigenes Team", title="KI-Meetup")
    make.booking(hall, "2027-03-17T16:30", group="Ernährungsrat", title="Runder Tisch")
    return make.booking(
        hall,
        *[f"{day}T16:00" for day in DAYS],
        reference="IO-26-0142",
        title="Arbeitsgruppen",
        note="Gern auch später.",
        url="javascript:alert(1)",
        created_at=make.instant("2026-11-26T14:05"),
    )


def page_text(answer: TestResponse) -> str:
    return text(parse(answer.text)[0])


def states(booking: Booking) -> list[tuple[str, str]]:
    db.session.rollback()
    return [(date.status.value, date.reason) for date in booking.occurrences]


def ids(booking: Booking) -> list[str]:
    return [str(date.id) for date in booking.occurrences]


def panel(client: CheckedClient, values: dict[str, Any], button: str) -> TestResponse:
    return client.submit(HERE, values, button=button, form="decision")


def decide(client: CheckedClient, shown: TestResponse, values: dict[str, Any] | None = None) -> TestResponse:
    """Send the panel that is shown, filled in."""
    filled = find_form(shown.text, "panel").filled(values or {}, "send")
    return client.post(filled.target, data=filled.data, follow_redirects=True)


def letters(booking: Booking) -> list[tuple[str, str]]:
    db.session.rollback()
    found = db.session.scalars(db.select(Letter).where(Letter.booking_id == booking.id).order_by(Letter.id))
    return [(letter.subject, letter.state) for letter in found]


# -- What the page shows


def test_decision_page_tells_what_stands_in_the_way(staff_client: CheckedClient, request_: Booking) -> None:
    page = page_text(staff_client.get(HERE))

    assert "4 Termine: 2 frei 1 auch angefragt 1 belegt" in page
    assert "KI-Meetup (eigenes Team), 16:30 bis 18:00 Uhr." in page
    assert "Ernährungsrat, 16:30 bis 18:30 Uhr, 4 Tage später angefragt." in page
    assert "Alle freien zusagen (2)" in page
    assert "Die Woche vom 22. Februar" in page


def test_decision_page_shows_the_week_of_another_date(staff_client: CheckedClient, request_: Booking) -> None:
    page = page_text(staff_client.get(f"{HERE}?week={ids(request_)[3]}"))

    assert "Die Woche vom 15. März" in page
    assert "16:30–18:30 Runder Tisch, angefragt" in page
    assert "16–18 hier angefragt" in page


def columns(page: str) -> list[str]:
    """The rooms that the week shows."""
    (week,) = [each for each in parse(page)[0].iter("table") if each.get("class") == "week"]
    return [str(each.text) for each in week.iter("th") if each.find("small") is not None]


def test_week_of_a_large_house_shows_the_room_asked_for_and_those_next_in_size(
    staff_client: CheckedClient, request_: Booking
) -> None:
    """Besides its own, five of those in which 15 people fit, in the order of the house; the others by a link."""
    alone = staff_client.get(HERE).text
    for seats in (8, 40, 10, 26, 30, 25, 35, 50):
        make.room(f"{seats} Plätze", seats)

    page = staff_client.get(HERE).text

    assert columns(alone) == ["Große Fläche"]
    assert columns(page) == ["Große Fläche", "40 Plätze", "26 Plätze", "30 Plätze", "25 Plätze", "35 Plätze"]
    assert "3 weitere Räume stehen hier nicht." in page_text(staff_client.get(HERE))
    assert 'href="/team/kalender/2027-W08"' in page
    assert "stehen hier nicht" not in alone


def test_bars_of_a_week_reach_as_far_as_their_key_says(staff_client: CheckedClient, request_: Booking) -> None:
    usual = page_text(staff_client.get(HERE))
    with transaction():
        house().latest_end = time(23, 30)
        for span in db.session.scalars(db.select(OpeningHours)):
            span.opens = time(6)
        public_changed()

    assert "Balken: 8 bis 22 Uhr" in usual
    assert "Balken: 6 bis 23:30 Uhr" in page_text(staff_client.get(HERE))


def test_decision_page_tells_of_set_up_time_in_the_way(staff_client: CheckedClient, hall: Room) -> None:
    make.booking(
        hall,
        "2027-01-06T18:00",
        status=Status.APPROVED,
        group="Chor",
        title="Chor",
        before_minutes=30,
        after_minutes=15,
    )
    make.booking(hall, "2027-01-06T16:00", reference="IO-26-0142")

    page = page_text(staff_client.get(HERE))

    assert "Chor, 18:00 bis 20:00 Uhr; mit Auf- und Abbau 17:30 bis 20:15 Uhr." in page


def test_decision_page_shows_a_half_in_the_column_of_the_whole(staff_client: CheckedClient, app: Flask) -> None:
    make.house()
    hall = make.room("Große Fläche", parts=["vorn", "hinten"])
    half = make.room("Fläche vorn", parts=["vorn"])
    make.booking(half, "2027-01-06T10:00", status=Status.APPROVED, title="Workshop", group="Workshop")
    make.booking(hall, "2027-01-06T16:00", reference="IO-26-0142")

    answer = staff_client.get(HERE)

    columns = [text(cell) for cell in parse(answer.text)[0].iter("th") if cell.get("scope") == "col"]
    assert columns == ["Tag", "Große Fläche60 · stufenfrei"]
    assert "10–12 Workshop, Fläche vorn" in page_text(answer)


def test_decision_page_shows_the_closure_of_a_half_in_the_column_of_the_whole(
    staff_client: CheckedClient, app: Flask
) -> None:
    make.house()
    hall = make.room("Große Fläche", parts=["vorn", "hinten"])
    half = make.room("Fläche vorn", parts=["vorn"])
    make.closure("2027-01-06T00:00", "2027-01-07T00:00", room=half, reason="Boden wird gewachst")
    make.booking(hall, "2027-01-06T16:00", reference="IO-26-0142")

    (cells,) = [row for row in parse(staff_client.get(HERE).text)[0].iter("tr") if text(row).startswith("Mi 6.")]

    assert "geschlossen: Boden wird gewachst" in text(cells)


def test_decision_page_runs_nothing_that_a_group_wrote(staff_client: CheckedClient, request_: Booking) -> None:
    page = staff_client.get(HERE).text

    assert 'href="javascript' not in page
    assert "javascript:alert(1)" in page


def test_decision_page_tells_what_happened(staff_client: CheckedClient, request_: Booking, clock: Clock) -> None:
    member = make.staff("Jonas")
    clock.set("2026-11-30T10:42")
    first, second, *_ = (date.id for date in request_.occurrences)
    deciding.decide(request_, approve={first}, decline={second: "Zu klein."}, seen_version=1, by=member, now=clock.now)

    page = page_text(staff_client.get(HERE))

    assert "30. November, 10:42 Uhr Jonas: 1 Termin zugesagt, 1 Termin nicht möglich" in page
    assert "Zu klein." in page


@pytest.mark.parametrize("reference", ["IO-26-9999", "%00", "%C3%BC", "x" * 300])
def test_decision_page_of_an_unknown_number_is_not_there(client: Client, hall: Room, reference: str) -> None:
    client.sign_in(make.staff())

    assert client.get(f"/team/anfragen/{reference}").status_code == 404


def test_decision_page_asks_the_calendar_once(staff_client: CheckedClient, hall: Room) -> None:
    make.booking(hall, "2027-01-06T16:00", reference="IO-26-0141")
    make.booking(hall, *[f"2027-02-{day:02}T19:00" for day in range(1, 29)], reference="IO-26-0142")

    few, many = (statements(staff_client, f"/team/anfragen/{number}") for number in ("IO-26-0141", "IO-26-0142"))

    assert many - few <= 2


def place_and_time(page: str) -> list[str]:
    """The block to copy, line by line."""
    blocks = [each for each in parse(page)[0].iter("pre") if each.get("id") == "place"]
    return [line for block in blocks for line in "".join(block.itertext()).strip().splitlines()]


def test_place_and_time_of_a_date_stand_there_to_be_copied(staff_client: CheckedClient, hall: Room) -> None:
    values = {"status": Status.APPROVED, "reference": "IO-26-0142", "minutes": 90}
    series = make.booking(hall, "2026-11-29T16:00", "2026-12-08T19:00", "2026-12-15T19:00", **values)
    last = series.occurrences[2]
    with transaction():
        last.doors = make.instant("2026-12-15T18:30")

    assert place_and_time(staff_client.get(HERE).text) == [
        "Innovation Office",
        "Alter Markt 13, 33602 Bielefeld",
        "Große Fläche, EG, links",
        "Dienstag, 8. Dezember 2026",
        "Beginn: 19:00 Uhr",
        "Ende: 20:30 Uhr",
    ]
    assert place_and_time(staff_client.get(f"/en{HERE}?week={last.id}").text)[2:] == [
        "Große Fläche, ground floor, left",
        "Tuesday 15 December 2026",
        "Starts: 19:00",
        "Ends: 20:30",
        "Doors: 18:30",
    ]
    with transaction():
        series.is_open = False
    assert place_and_time(staff_client.get(HERE).text) == []


def test_decision_page_can_be_read_in_english(staff_client: CheckedClient, request_: Booking) -> None:
    assert "4 dates: 2 free 1 also asked for 1 taken" in page_text(staff_client.get(f"/en{HERE}"))


# -- Deciding


def test_all_free_dates_are_confirmed_in_one_letter(staff_client: CheckedClient, request_: Booking) -> None:
    shown = panel(staff_client, {}, "free")
    assert "2 Termine entscheiden, 2 offen lassen" in page_text(shown)
    assert states(request_) == [("requested", "")] * 4

    done = decide(staff_client, shown)

    assert "2 Termine zugesagt. Mail geht in" in page_text(done)
    assert states(request_) == [("approved", ""), ("approved", ""), ("requested", ""), ("requested", "")]
    assert letters(request_) == [("Zum Teil zugesagt: Arbeitsgruppen, 2 von 4 Terminen (IO-26-0142)", "waiting")]


def test_one_letter_can_confirm_and_decline(staff_client: CheckedClient, request_: Booking) -> None:
    first, second, taken, wanted = ids(request_)
    shown = panel(staff_client, {"date": [first, second, wanted], "decline": [taken]}, "selection")
    page = page_text(shown)
    assert "Das möchten auch: Ernährungsrat (4 Tage später angefragt)." in page
    assert "Mi, 24. Februar 2027: Der Raum ist zu dieser Zeit schon vergeben." in page
    assert "3 zusagen, 1 nicht möglich: Mail senden" in page

    done = decide(staff_client, shown, {"taken-reason": "own_need", "message": "Schön!\r\nBis bald."})

    assert "3 Termine zugesagt. 1 Termin nicht möglich." in page_text(done)
    reason = "Wir brauchen den Raum an diesem Tag selbst."
    assert states(request_) == [("approved", ""), ("approved", ""), ("declined", reason), ("approved", "")]
    assert letters(request_) == [("Zum Teil zugesagt: Arbeitsgruppen, 3 von 4 Terminen (IO-26-0142)", "waiting")]
    body = db.session.scalars(db.select(Letter.body)).one()
    assert f"Mi, 24. Februar 2027: {reason}" in body
    assert "Schön!\nBis bald." in body


def test_panel_shows_the_letter_that_is_stored(staff_client: CheckedClient, request_: Booking) -> None:
    first, second, taken, _ = ids(request_)
    values = {"message": "Wir <b>freuen</b> uns.", "taken-reason": "other", "taken-sentence": "Da sind wir\nselbst da."}
    shown = panel(staff_client, {"date": [first], "decline": [taken]}, "selection")
    filled = find_form(shown.text, "panel").filled(values, "")
    shown = staff_client.post(f"{HERE}/pruefen", data=filled.data)
    preview = next(each for each in parse(shown.text)[0].iter("div") if each.get("class") == "letter__text")

    decide(staff_client, shown)

    letter = db.session.scalars(db.select(Letter)).one()
    sent = letter.body.replace("⟦name⟧", "Zoë Müller").replace("⟦link⟧", "…").replace("⟦next⟧", "")
    assert "".join(preview.itertext()) == sent
    assert "Da sind wir selbst da." in sent
    assert [text(mark) for mark in preview.iter("mark")] == ["Wir <b>freuen</b> uns.", "Da sind wir selbst da."]


def test_panel_marks_only_what_the_team_wrote(staff_client: CheckedClient, request_: Booking) -> None:
    shown = panel(staff_client, {}, "free")
    filled = find_form(shown.text, "panel").filled({"message": "e"}, "")

    preview = staff_client.post(f"{HERE}/pruefen", data=filled.data)

    assert [text(mark) for mark in parse(preview.text)[0].iter("mark")] == ["e"]


def test_selection_can_be_declined(staff_client: CheckedClient, request_: Booking) -> None:
    shown = panel(staff_client, {"date": ids(request_)[:2]}, "decline")
    refused = decide(staff_client, shown)
    assert refused.status_code == 422
    assert "Wähl einen Grund aus." in refused.text

    done = decide(staff_client, refused, {"other-reason": "size"})

    reason = "Unsere Räume sind für eure Gruppe zu klein."
    assert "2 Termine nicht möglich." in page_text(done)
    assert states(request_) == [("declined", reason), ("declined", reason), ("requested", ""), ("requested", "")]
    assert letters(request_) == [("2 von 4 Terminen nicht möglich, 2 in Arbeit: IO-26-0142", "waiting")]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        pytest.param({"other-reason": ""}, "Wähl einen Grund aus.", id="no reason"),
        pytest.param({"other-reason": "weather"}, "Wähl einen Grund aus.", id="unknown reason"),
        pytest.param({"other-reason": "other"}, "Schreib den Grund auf", id="a reason without words"),
        pytest.param({"other-reason": "size", "other-sentence": "x" * 301}, "auf höchstens 300.", id="long reason"),
        pytest.param({"other-reason": "size", "message": "x" * 2001}, "auf höchstens 2000.", id="long message"),
    ],
)
def test_panel_says_what_is_missing_and_saves_nothing(
    staff_client: CheckedClient, request_: Booking, values: dict[str, str], sentence: str
) -> None:
    shown = panel(staff_client, {"date": ids(request_)[:1]}, "decline")

    answer = decide(staff_client, shown, {"message": "bleibt stehen", **values})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<title>Fehler: " in answer.text
    assert values.get("message", "bleibt stehen") in answer.text
    assert states(request_) == [("requested", "")] * 4
    assert letters(request_) == []


def test_panel_decides_on_dates_that_were_left_open(staff_client: CheckedClient, request_: Booking) -> None:
    first, second, taken, wanted = ids(request_)
    shown = panel(staff_client, {"date": [first]}, "selection")
    choices = {f"verdict-{second}": "approve", f"verdict-{taken}": "decline"}

    anew = decide(staff_client, shown, choices)
    assert anew.status_code == 422
    assert "Du hast neu ausgewählt. Schau dir die Mail an" in page_text(anew)
    assert states(request_) == [("requested", "")] * 4

    decide(staff_client, anew)

    given = "Der Raum ist zu dieser Zeit schon vergeben."
    assert states(request_) == [("approved", ""), ("approved", ""), ("declined", given), ("requested", "")]


def test_taken_date_cannot_be_confirmed(staff_client: CheckedClient, request_: Booking) -> None:
    first, _, taken, _ = ids(request_)

    shown = panel(staff_client, {"date": [first, taken]}, "selection")

    assert "Mi, 24. Februar lässt sich nicht zusagen, der Raum ist belegt." in page_text(shown)
    assert "1 zusagen und Mail senden" in page_text(shown)


def test_choosing_nothing_is_explained(staff_client: CheckedClient, request_: Booking) -> None:
    answer = panel(staff_client, {}, "selection")

    assert answer.status_code == 422
    assert "Wähl zuerst Termine aus." in page_text(answer)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"version": "x", "date": "y", "step": "z"}, id="no numbers"),
        pytest.param({"version": "1", "approve": "9" * 400, "seen": "::"}, id="endless number"),
        pytest.param({"version": "1", "approve": ["-1", "\x00", "１"], "seen": "x"}, id="strange numbers"),
        pytest.param({"version": "1", "approve": "1", "seen": "1::"}, id="date of another request"),
        pytest.param({"version": "1", "message": "\x00\ud800", "decline": "2", "seen": ":2:"}, id="no text"),
    ],
)
def test_forged_forms_decide_nothing(staff_client: CheckedClient, request_: Booking, data: dict[str, Any]) -> None:
    token = re.search('name="csrf_token" value="([^"]+)"', staff_client.get(HERE).text)[1]
    sent = {name: "\ufffd" if value == "\x00\ud800" else value for name, value in data.items()}

    answers = [
        staff_client.post(f"{HERE}/{verb}", data={**sent, "csrf_token": token}) for verb in ("pruefen", "entscheiden")
    ]

    assert all(answer.status_code in (200, 303, 409, 422) for answer in answers)
    assert states(request_) == [("requested", "")] * 4
    assert letters(request_) == []


def test_group_that_asked_in_english_reads_its_reasons_in_english(staff_client: CheckedClient, hall: Room) -> None:
    booking = make.booking(hall, "2027-01-06T16:00", reference="IO-26-0142", language="en")

    decide(staff_client, panel(staff_client, {"date": ids(booking)}, "decline"), {"other-reason": "short_notice"})

    assert states(booking) == [("declined", "That is too short notice for us.")]


def test_booking_of_the_office_itself_needs_no_letter(staff_client: CheckedClient, hall: Room) -> None:
    booking = make.booking(hall, "2027-01-06T16:00", reference="IO-26-0142", contact=None)
    shown = panel(staff_client, {}, "free")
    assert "Von dieser Gruppe ist keine E-Mail-Adresse bekannt" in page_text(shown)

    done = decide(staff_client, shown)

    assert "1 Termin zugesagt." in page_text(done)
    assert states(booking) == [("approved", "")]
    assert letters(booking) == []


# -- Taking back, and sending at once


def test_undo_opens_all_dates_again_and_stops_the_letter(staff_client: CheckedClient, request_: Booking) -> None:
    decide(staff_client, panel(staff_client, {}, "free"))

    page = staff_client.submit(HERE, button="Rückgängig", form=f"{HERE}/zuruecknehmen")

    assert "Zurückgenommen: 2 Termine sind wieder offen. Es ging keine Mail raus." in page_text(page)
    assert states(request_) == [("requested", "")] * 4
    assert [state for _, state in letters(request_)] == ["stopped"]


def test_undo_comes_too_late_once_the_letter_left(staff_client: CheckedClient, request_: Booking, clock: Clock) -> None:
    decide(staff_client, panel(staff_client, {}, "free"))
    page = staff_client.get(HERE)
    clock.set("2026-11-30T10:02")
    dispatch.deliver_due(clock.now)

    filled = find_form(page.text, f"{HERE}/zuruecknehmen").filled({}, "")
    answer = staff_client.post(filled.target, data=filled.data, follow_redirects=True)

    assert "Das geht nicht mehr, die Mail ist schon raus." in page_text(answer)
    assert states(request_)[0] == ("approved", "")
    assert "Rückgängig" not in page_text(answer)


def test_undo_of_a_stale_page_takes_nothing_back(staff_client: CheckedClient, request_: Booking, clock: Clock) -> None:
    decide(staff_client, panel(staff_client, {"date": ids(request_)[:1]}, "selection"))
    page = staff_client.get(HERE)
    deciding.decide(request_, approve={int(ids(request_)[1])}, seen_version=2, by=make.staff("Jonas"), now=clock.now)

    filled = find_form(page.text, f"{HERE}/zuruecknehmen").filled({}, "")
    answer = staff_client.post(filled.target, data=filled.data, follow_redirects=True)

    assert "Zurückgenommen wurde nichts." in page_text(answer)
    assert [status for status, _ in states(request_)] == ["approved", "approved", "requested", "requested"]


def test_letter_can_leave_at_once(staff_client: CheckedClient, request_: Booking, clock: Clock) -> None:
    decide(staff_client, panel(staff_client, {}, "free"))

    page = staff_client.submit(HERE, button="Jetzt senden", form=f"{HERE}/jetzt-senden")
    dispatch.deliver_due(clock.now)

    assert "Die Mail ist unterwegs." in page_text(page)
    assert [state for _, state in letters(request_)] == ["sent"]


# -- Two at once


@pytest.fixture
def other(new_client: Callable[[], CheckedClient]) -> CheckedClient:
    """Jonas, signed in beside the first member."""
    client = new_client()
    client.sign_in(make.staff("Jonas"))
    return client


def test_second_decision_on_a_stale_page_changes_nothing(
    staff_client: CheckedClient, other: CheckedClient, request_: Booking, clock: Clock
) -> None:
    clock.set("2026-11-30T10:42")
    mine, theirs = (panel(client, {}, "free") for client in (staff_client, other))
    decide(other, theirs)

    answer = decide(staff_client, mine, {"message": "Bis bald!"})

    assert answer.status_code == 409
    page = page_text(answer)
    assert "Was du geschrieben hast, nicht gesendet Bis bald!" in page
    assert "Schon entschieden" in page
    assert "Geändert um 10:42 Uhr (Jonas): 2 Termine zugesagt. Deine Auswahl wurde nicht gespeichert." in page
    assert len(letters(request_)) == 1

    filled = find_form(answer.text, "again").filled({}, "")
    again = staff_client.post(filled.target, data=filled.data)

    assert (again.status_code, "Bis bald!" in again.text) == (200, True)
    assert "0 Termine entscheiden, 2 offen lassen" in page_text(again)


def test_who_was_signed_out_meanwhile_goes_on_after_signing_in(staff_client: CheckedClient, request_: Booking) -> None:
    shown = panel(staff_client, {}, "free")
    token = re.search('name="csrf_token" value="([^"]+)"', staff_client.get("/team").text)[1]
    staff_client.post("/team/abmelden", data={"csrf_token": token})

    filled = find_form(shown.text, "panel").filled({}, "send")
    answer = staff_client.post(filled.target, data=filled.data)

    assert (answer.status_code, answer.location) == (303, f"/team/anmelden?next={HERE}")
    assert "Du warst inzwischen abgemeldet. Gespeichert wurde nichts." in staff_client.get(answer.location).text
    assert states(request_) == [("requested", "")] * 4


def test_history_tells_apart_what_one_member_did_within_a_second(
    staff_client: CheckedClient, request_: Booking, clock: Clock
) -> None:
    free, clash = [date.id for date in request_.occurrences][::2]
    by = make.staff("Jonas")
    for _ in range(2):
        decision = {"approve": [free], "decline": {clash: "belegt"}}
        deciding.decide(request_, **decision, seen_version=request_.version, by=by, now=clock.now)
        deciding.undo(request_, seen_version=request_.version, by=by, now=clock.now)

    root, _ = parse(staff_client.get(HERE).text)

    decided, undone = "Jonas: 1 Termin zugesagt, 1 Termin nicht möglich", "Jonas: 2 Termine wieder offen"
    lines = [text(line).replace("\u00a0", " ") for line in root.find(".//ol[@class='log']")]
    dates = "".join(f"{day} 2027, 16:00 bis 18:00 Uhr, Große Fläche" for day in ("Mi, 6. Januar", "Mi, 24. Februar"))
    assert lines == [f"30. November, 10:00 Uhr {told}{dates}" for told in (undone, decided, undone, decided)]


def test_stale_decision_page_is_told_before_the_panel(
    staff_client: CheckedClient, other: CheckedClient, request_: Booking
) -> None:
    first, second, taken, wanted = ids(request_)
    page = staff_client.get(HERE)
    decide(other, panel(other, {"date": [first, second], "decline": [taken]}, "selection"))

    filled = find_form(page.text, "decision").filled({"date": [first, wanted], "decline": [second]}, "selection")
    answer = staff_client.post(filled.target, data=filled.data)

    assert answer.status_code == 409
    rows = [[text(cell) for cell in row if isinstance(row.tag, str)] for row in parse(answer.text)[0].iter("tr")][1:]
    given = "Der Raum ist zu dieser Zeit schon vergeben."
    assert rows == [
        ["Mi, 13. Januar 2027 anders", "zugesagt", "nicht möglich"],
        ["Mi, 24. Februar 2027 anders", f"nicht möglich{given}", "offen gelassen"],
        ["Mi, 17. März 2027 anders", "wird geprüft", "zusagen"],
        ["Mi, 6. Januar 2027", "zugesagt", "zusagen"],
    ]
    onward = re.search(f'href="({HERE}[^"]*)"', answer.text)[1].replace("&amp;", "&")
    assert onward == f"{HERE}?date={wanted}"
    assert f'value="{wanted}" data-kind="conflict" aria-label="Mi, 17. März auswählen" checked' in staff_client.get(
        onward
    ).text.replace("\u00a0", " ")


def test_page_that_the_group_has_outrun_says_so(staff_client: CheckedClient, request_: Booking, clock: Clock) -> None:
    shown = panel(staff_client, {}, "free")
    requesting.withdraw(request_, clock.now)

    answer = decide(staff_client, shown)

    assert answer.status_code == 409
    assert "Geändert um 10:00 Uhr (Gruppe): 4 Termine zurückgezogen." in page_text(answer)


def test_same_panel_sent_twice_decides_once(staff_client: CheckedClient, request_: Booking) -> None:
    shown = panel(staff_client, {}, "free")
    decide(staff_client, shown)

    again = decide(staff_client, shown)

    assert again.status_code == 200
    assert "2 Termine zugesagt." in page_text(again)
    assert len(letters(request_)) == 1


def test_date_taken_meanwhile_is_named_and_only_that_one_stays_open(
    staff_client: CheckedClient, request_: Booking, hall: Room, clock: Clock
) -> None:
    first, second, _, wanted = ids(request_)
    shown = panel(staff_client, {"date": [first, second, wanted]}, "selection")
    rival = db.session.scalars(db.select(Booking).where(Booking.title == "Runder Tisch")).one()
    clock.set("2026-11-30T10:42")
    deciding.decide(rival, approve={rival.occurrences[0].id}, seen_version=1, by=make.staff("Jonas"), now=clock.now)

    answer = decide(staff_client, shown)

    page = page_text(answer)
    assert "Inzwischen vergeben: Mi, 17. März (Runder Tisch, zugesagt von Jonas um 10:42 Uhr)." in page
    assert "Dieser Termin ist noch offen." in page
    assert "2 Termine zugesagt. Mail geht in" in page
    assert [status for status, _ in states(request_)] == ["approved", "approved", "requested", "requested"]
    assert letters(request_) == [("Zum Teil zugesagt: Arbeitsgruppen, 2 von 4 Terminen (IO-26-0142)", "waiting")]


def test_step_that_is_not_possible_is_refused_with_a_sentence(staff_client: CheckedClient, hall: Room) -> None:
    booking = make.booking(hall, "2027-01-06T16:00", reference="IO-26-0142", status=Status.APPROVED)
    token = re.search('name="csrf_token" value="([^"]+)"', staff_client.get(HERE).text)[1]
    chosen = ids(booking)[0]

    answer = staff_client.post(
        f"{HERE}/entscheiden", data={"csrf_token": token, "version": 1, "approve": chosen, "seen": f"{chosen}::"}
    )

    assert answer.status_code == 409
    assert "Das geht so nicht mehr. Gespeichert wurde nichts." in page_text(answer)


def test_member_of_the_decision_is_recorded(
    app: Flask, new_client: Callable[[], CheckedClient], request_: Booking
) -> None:
    member = make.staff("Henrike")
    client = new_client()
    client.sign_in(member)

    decide(client, panel(client, {}, "free"))

    decided_by = {date.decided_by_id for date in db.session.get_one(Booking, request_.id).dates(Status.APPROVED)}
    assert decided_by == {db.session.get_one(StaffMember, member.id).id}


@pytest.mark.postgresql
def test_office_decides_on_postgresql_too(app_pg: Flask) -> None:
    make.house()
    hall = make.room()
    make.booking(hall, "2027-01-06T17:00", status=Status.APPROVED, title="KI-Meetup")
    booking = make.booking(hall, "2027-01-06T16:00", "2027-01-13T16:00", reference="IO-26-0142")
    make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD)
    client = CheckedClient(app_pg)
    client.submit(HERE, {"email": "henrike@bielefeld.de", "password": make.PASSWORD})

    shown = panel(client, {"decline": ids(booking)[:1]}, "free")
    decide(client, shown)

    assert [status for status, _ in states(booking)] == ["declined", "approved"]
    assert client.get("/team?tab=all&search=treffen&room=1").status_code == 200
    assert client.get("/team?search=%00").status_code == 200
    assert client.get("/team/ausgang").status_code == 200
    assert client.submit(HERE, form="/team/abmelden").request.path == "/team/anmelden"


# -- What is worth knowing before


@pytest.mark.parametrize(
    ("begins", "words"),
    [("2027-01-06T14:25", "5 Minuten nach Chorprobe"), ("2027-01-06T18:10", "10 Minuten vor Chorprobe")],
)
def test_tight_date_tells_the_minutes_and_the_neighbour(
    staff_client: CheckedClient, request_: Booking, hall: Room, begins: str, words: str
) -> None:
    make.booking(hall, begins, minutes=90, status=Status.APPROVED, group="Chor", title="Chorprobe")
    make.booking(hall, "2027-01-06T10:00", minutes=60, status=Status.APPROVED, group="Yoga", title="Yoga")

    assert words in page_text(staff_client.get(HERE))
    assert f"Mi, 6. Januar: {words}" in page_text(panel(staff_client, {}, "free"))


def test_panel_tells_what_speaks_against_it_and_what_the_group_wrote(
    staff_client: CheckedClient, request_: Booking, app: Flask
) -> None:
    with transaction():
        booking = db.session.get_one(Booking, request_.id)
        booking.people, booking.access_needs = 70, "Rollstuhl"

    shown = page_text(panel(staff_client, {"date": ids(request_)}, "selection"))

    assert "70 Personen, 60 Plätze: Große Fläche" in shown
    assert "Die Gruppe schreibt: Gern auch später." in shown
    assert "Das möchten auch: Ernährungsrat (4 Tage später angefragt)." in shown


def test_who_else_looks_at_a_request_is_told_for_two_minutes(
    staff_client: CheckedClient, other: CheckedClient, request_: Booking, clock: Clock
) -> None:
    def look(client: CheckedClient) -> str:
        token = re.search('name="csrf_token" value="([^"]+)"', client.get(HERE).text)[1]
        return client.post(f"{HERE}/da", data={"csrf_token": token}).text

    told = [look(staff_client), look(other)]
    clock.set("2026-11-30T10:01:30")
    told += [look(staff_client), look(staff_client)]
    clock.set("2026-11-30T10:04:00")
    told += [look(staff_client)]

    assert told == [
        "",
        "Henrike sieht sich das auch gerade an.",
        *["Jonas sieht sich das auch gerade an (seit 1 Minute)."] * 2,
        "",
    ]
    assert request_.version == 1
