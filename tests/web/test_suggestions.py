"""Suggesting another time or room for a date: what the panel offers, reads, refuses and sends."""

import pytest

from booking import changing, deadlines, deciding
from booking.database import db
from booking.domain.status import Status
from booking.lifecycle import Place
from booking.models import Booking, Room
from tests import make
from tests.support.app import CheckedClient, Clock
from tests.support.pages import parse, text
from tests.web.test_decision import HERE, decide, hall, ids, letters, page_text, panel, request_, states

__all__ = ["hall", "request_"]


def test_panel_offers_places_that_are_free_and_shows_the_letter(
    staff_client: CheckedClient, request_: Booking, hall: Room
) -> None:
    make.room("Werkstatt", 20)
    taken = ids(request_)[2]

    shown = panel(staff_client, {"propose": [taken]}, "selection")

    page = page_text(shown)
    assert "1 Termin entscheiden, 3 offen lassen" in page
    assert "Vorschlag für Mi, 24. Februar" in page
    labels = [text(label) for label in parse(shown.text)[0].iter("label") if label.get("class") == "place"]
    assert labels == [
        "Werkstatt, gleiche Zeit",
        "18:30 bis 20:30 Uhr",
        "14:00 bis 16:00 Uhr",
        "Di, 23. Februar, gleiche Zeit",
        "Do, 25. Februar, gleiche Zeit",
        "Etwas anderes",
    ]
    assert 'name="answer_by" type="text" value="Mo, 7. Dezember 2026"' in shown.text
    assert "Bitte antworten: unser Vorschlag für IO-26-0142, 1 von 4 Terminen" in page
    assert "Mi, 24. Februar 2027, 16:00 bis 18:00 Uhr: Werkstatt statt Große Fläche" in page
    assert "1 vorschlagen und Mail senden" in page


def test_suggestion_is_made_as_chosen_and_can_be_taken_back(
    staff_client: CheckedClient, request_: Booking, hall: Room
) -> None:
    workshop = make.room("Werkstatt", 20)
    first, second, taken, wanted = ids(request_)
    shown = panel(staff_client, {"propose": [taken], "decline": [wanted]}, "free")
    assert "2 zusagen, 1 vorschlagen, 1 nicht möglich: Mail senden" in page_text(shown)

    done = decide(staff_client, shown, {"answer_by": "4.12.", "other-reason": "own_need"})

    page = page_text(done)
    assert "2 Termine zugesagt. 1 Vorschlag gemacht. 1 Termin nicht möglich. Mail geht in" in page
    assert "Statt Große Fläche; gehalten bis Fr, 4. Dezember 2026." in page
    db.session.rollback()
    proposed = request_.dates(Status.PROPOSED)[0]
    assert (proposed.room_id, proposed.open_change.answer_by) == (workshop.id, make.instant("2026-12-04T23:59"))
    assert letters(request_) == [("Zum Teil zugesagt: Arbeitsgruppen, 2 von 4 Terminen (IO-26-0142)", "waiting")]

    undone = staff_client.submit(HERE, button="Rückgängig", form=f"{HERE}/zuruecknehmen")

    assert "Zurückgenommen: 4 Termine sind wieder offen." in page_text(undone)
    assert states(request_) == [("requested", "")] * 4


@pytest.mark.parametrize(
    ("written", "place"),
    [
        pytest.param(
            {"day": "Do 25.2.", "start": "18 Uhr", "end": "20"},
            "Do, 25. Februar 18:00 bis 20:00 Uhr",
            id="day and time",
        ),
        pytest.param({"end": "16.30", "start": "14:00"}, "Mi, 24. Februar 14:00 bis 16:30 Uhr", id="longer"),
    ],
)
def test_suggestion_can_be_written_as_people_write(
    staff_client: CheckedClient, request_: Booking, written: dict[str, str], place: str
) -> None:
    taken = ids(request_)[2]
    shown = panel(staff_client, {"propose": [taken]}, "selection")

    done = decide(
        staff_client,
        shown,
        {f"date-{taken}-place": "own", **{f"date-{taken}-{name}": value for name, value in written.items()}},
    )

    assert place in page_text(done)
    assert [status for status, _ in states(request_)].count("proposed") == 1


NOT_SUGGESTED = {
    "no date": ({"day": "32.13."}, "„32.13.“ können wir nicht als Datum lesen."),
    "other weekday": ({"day": "Do 24.2.2027"}, "ist ein Mittwoch, du hast Donnerstag geschrieben"),
    "no time": ({"start": "gegen Abend"}, "„gegen Abend“ können wir nicht als Uhrzeit lesen."),
    "no start": ({"start": ""}, "Trag eine Uhrzeit ein, zum Beispiel 19:30."),
    "wrong order": ({"start": "18", "end": "17"}, "Das Ende (17:00) liegt vor dem Beginn (18:00)."),
    "nothing new": ({}, "So hat es die Gruppe angefragt."),
    "taken": ({"start": "15", "end": "17"}, "belegt: KI-Meetup (eigenes Team), 16:30 bis 18:00 Uhr."),
    "closed": ({"day": "12.5.2027"}, "Am Mi, 12. Mai 2027 geschlossen: Betriebsferien"),
    "past": ({"day": "30.11.2026", "start": "8", "end": "9"}, "bis 09:00 Uhr ist schon vorbei."),
}


def test_panel_says_why_a_written_place_cannot_be_suggested(staff_client: CheckedClient, request_: Booking) -> None:
    make.closure("2027-05-12T00:00", "2027-05-13T00:00")
    taken = ids(request_)[2]
    shown = panel(staff_client, {"propose": [taken]}, "selection")

    for what, (values, sentence) in NOT_SUGGESTED.items():
        written = {f"date-{taken}-place": "own", **{f"date-{taken}-{name}": value for name, value in values.items()}}

        answer = decide(staff_client, shown, written)

        assert (answer.status_code, sentence in page_text(answer)) == (422, True), what
        assert all(f'value="{value}"' in answer.text for value in written.values()), what
    assert states(request_) == [("requested", "")] * 4


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("bald", "„bald“ können wir nicht als Datum lesen.", id="no date"),
        pytest.param("29.11.2026", "Wähl einen Tag ab heute.", id="past"),
        pytest.param(
            "1.3.2027",
            "Die Antwort muss vor dem Treffen da sein, spätestens am Di, 23. Februar 2027.",
            id="after what is suggested",
        ),
    ],
)
def test_panel_says_why_an_answer_date_cannot_be(
    staff_client: CheckedClient, request_: Booking, text: str, sentence: str
) -> None:
    shown = panel(staff_client, {"propose": [ids(request_)[2]]}, "selection")

    answer = decide(staff_client, shown, {"answer_by": text})

    assert answer.status_code == 422
    assert sentence in page_text(answer)
    assert states(request_) == [("requested", "")] * 4


def test_place_that_was_taken_meanwhile_is_named_and_another_can_be_chosen(
    staff_client: CheckedClient, request_: Booking
) -> None:
    workshop = make.room("Werkstatt", 20)
    shown = panel(staff_client, {"propose": [ids(request_)[2]]}, "free")
    make.booking(workshop, "2027-02-24T17:00", status=Status.APPROVED, group="Chor", title="Chor")

    answer = decide(staff_client, shown, {"message": "Bis bald!"})

    assert answer.status_code == 422
    assert "Werkstatt ist am Mi, 24. Februar 2027 belegt: Chor, 17:00 bis 19:00 Uhr." in page_text(answer)
    assert "Bis bald!" in answer.text
    assert states(request_) == [("requested", "")] * 4


def test_choosing_in_the_panel_can_be_to_suggest(staff_client: CheckedClient, request_: Booking) -> None:
    first, second, taken, _ = ids(request_)
    shown = panel(staff_client, {"date": [first]}, "selection")

    anew = decide(staff_client, shown, {f"verdict-{taken}": "propose"})
    decide(staff_client, anew)

    assert [status for status, _ in states(request_)] == ["approved", "requested", "proposed", "requested"]


def test_button_suggests_for_all_that_is_ticked(staff_client: CheckedClient, request_: Booking) -> None:
    first, second, *_ = ids(request_)

    shown = panel(staff_client, {"date": [first, second]}, "propose")

    assert page_text(shown).count("Was schlägst du vor?") == 2


def test_forged_place_is_no_place(staff_client: CheckedClient, request_: Booking) -> None:
    taken = ids(request_)[2]
    shown = panel(staff_client, {"propose": [taken]}, "selection")

    numbers = ("1:2:1", "1:9999999999:9999999999", "1:0:9999999999", "2:1803484800:9999999999")
    for code in ("99:1803484800:1803492000", "x", *numbers):
        answer = decide(staff_client, shown, {f"date-{taken}-place": code})

        assert answer.status_code == 422
        assert states(request_) == [("requested", "")] * 4


def test_group_that_refuses_or_lets_a_suggestion_pass_is_shown(
    staff_client: CheckedClient, request_: Booking, hall: Room, clock: Clock
) -> None:
    taken, wanted = (date.id for date in request_.occurrences[2:])
    at = {id_: Place(hall.id, make.slot(f"2027-02-2{n}T19:00")) for n, id_ in enumerate((taken, wanted), 5)}
    deciding.decide(request_, propose=at, seen_version=1, by=make.staff("Jonas"), now=clock.now)
    changing.refuse(request_, [taken], "Da sind wir <b>weg</b>.", clock.now)
    clock.set("2026-12-09T10:00")
    deadlines.settle(clock.now)

    page = page_text(staff_client.get(HERE))

    assert "Aus 2 Vorschlägen ist nichts geworden" in page
    assert "Unser Vorschlag passt der Gruppe nicht: Do, 25. Februar 2027, 19:00 bis 21:00 Uhr, Große Fläche" in page
    assert "Auf unseren Vorschlag kam keine Antwort: Fr, 26. Februar 2027, 19:00 bis 21:00 Uhr, Große Fläche" in page
    assert "Da sind wir <b>weg</b>." in page


def test_row_names_ways_out_and_one_tick_chooses_one(
    staff_client: CheckedClient, request_: Booking, hall: Room
) -> None:
    make.room("Werkstatt", 20)
    _, _, taken, _ = ids(request_)
    page = parse(staff_client.get(HERE).text)[0]
    offered = {
        each.get("value", ""): text(label)
        for label in page.iter("label")
        for each in label.iter("input")
        if each.get("name") == "way"
    }
    of_taken = {words: code for code, words in offered.items() if code.startswith(f"{taken}=")}

    way = of_taken["18:30 bis 20:30 Uhr"]
    shown = panel(staff_client, {"way": [way]}, "free")

    assert list(of_taken) == ["Werkstatt, gleiche Zeit", "18:30 bis 20:30 Uhr"]
    assert len(offered) == 4
    places = [each for each in parse(shown.text)[0].iter("input") if each.get("name") == f"date-{taken}-place"]
    assert [each.get("value") for each in places if "checked" in each.attrib] == [way.partition("=")[2]]
    assert "2 zusagen, 1 vorschlagen: Mail senden" in page_text(shown)


@pytest.mark.parametrize("code", ["x", "", "1:2:1"])
def test_way_out_that_is_no_place_is_asked_for_anew(staff_client: CheckedClient, request_: Booking, code: str) -> None:
    shown = panel(staff_client, {"way": [f"{ids(request_)[2]}={code}"]}, "free")

    assert shown.status_code == 200
    assert "Wähl eine andere Zeit oder einen anderen Raum aus." in page_text(shown)
