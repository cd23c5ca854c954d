"""POST /api/v1/read: what a sentence asks for."""

import pytest

from tests import make


@pytest.fixture
def house(app, clock):
    clock.set("2026-11-30T09:00")
    make.house()
    return make.rooms()


def ask(client, text):
    return client.post("/api/v1/read", json={"text": text})


def test_sentence_is_answered_with_its_pieces_and_a_question_for_the_preview(client, house):
    text = "jeden zweiten Dienstag im Monat 19 bis 21 Uhr, Januar bis März, 12 Leute, Werkstatt"

    answer = ask(client, text)

    assert answer.status_code == 200
    said = {(text[piece["start"] : piece["end"]], piece["about"]) for piece in answer.json["pieces"]}
    assert {("19 bis 21 Uhr", "time"), ("12 Leute", "people"), ("Werkstatt", "room")} < said
    (reading,) = answer.json["readings"]
    assert reading["days"] == ["2027-01-12", "2027-02-09", "2027-03-09"]
    assert reading["sentence"]["en"] == (
        "On the second Tuesday of each month, 19:00 to 21:00, from 12 January to 9 March 2027 (3 dates)"
    )
    assert (answer.json["questions"], answer.json["not_understood"], answer.json["people"]) == ([], [], 12)
    dates = client.post("/api/v1/preview", json=reading["preview"])
    assert [each["start"] for each in dates.json["occurrences"]] == [f"{day}T19:00:00+01:00" for day in reading["days"]]


def test_two_readings_stand_side_by_side_and_what_is_missing_is_asked_in_both_languages(client, house):
    answer = ask(client, "Strickkreis jeden zweiten Dienstag ab 12. Januar, 3 Mal")

    assert [reading["days"][1] for reading in answer.json["readings"]] == ["2027-02-09", "2027-01-26"]
    assert [reading["preview"] for reading in answer.json["readings"]] == [None, None]
    assert answer.json["questions"] == [
        {"code": "start", "start": None, "end": None, "de": "Ab welcher Uhrzeit?", "en": "From what time?"}
    ]
    assert answer.json["not_understood"] == [{"start": 0, "end": 11}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "text must have from 1 to 1000 characters."),
        ("x" * 1001, "text must have from 1 to 1000 characters."),
        (7, "text must be text."),
    ],
)
def test_what_is_no_sentence_is_refused(client, house, text, said):
    answer = ask(client, text)

    assert (answer.status_code, answer.json["detail"]) == (422, said)
