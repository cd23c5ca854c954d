"""POST /api/v1/preview: the dates of a rule and what stands in their way."""

import json

import pytest

from booking.database import db
from booking.domain.status import Status
from booking.models import Booking
from tests import make

RULE = {
    "start": "2027-01-06T16:00",
    "duration_minutes": 120,
    "freq": "weekly",
    "interval": 1,
    "weekdays": ["WE"],
    "ordinals": [],
    "until": "2027-06-30",
    "count": None,
    "exdates": [],
    "extra_dates": [],
}


@pytest.fixture
def hall(app):
    make.house()
    return make.rooms()[0]


def ask(client, room="grosse-flaeche", **changes):
    rule = {**RULE, **changes}
    return client.post(
        "/api/v1/preview", json={"rule": rule, "room": room, "before_minutes": 0, "after_minutes": 0, "limit": 60}
    )


def starts(answer):
    return [each["start"][:10] for each in answer.json["occurrences"]]


@pytest.mark.parametrize(
    ("end", "days"),
    [
        pytest.param({"count": 4}, ["2027-01-06", "2027-01-27"], id="count, with those left out"),
        pytest.param({"meetings": 4}, ["2027-01-06", "2027-01-27", "2027-02-03", "2027-02-10"], id="meetings"),
    ],
)
def test_preview_counts_dates_as_rfc_5545_or_meetings_that_take_place(client, hall, end, days):
    answer = ask(client, until=None, exdates=["2027-01-13", "2027-01-20"], **end)

    assert starts(answer) == days
    assert f"({len(days)} Termine)" in answer.json["sentence"]["de"]


def test_preview_leaves_out_holidays_and_keeps_the_rhythm(client, hall):
    """Easter Monday is one of every second Monday; the later dates stay in their weeks."""
    rule = {**RULE, "start": "2027-03-01T16:00", "interval": 2, "weekdays": [], "until": None, "meetings": 4}

    answer = client.post("/api/v1/preview", json={"rule": rule, "room": "werkstatt", "leave_out": ["holiday"]})

    assert starts(answer) == ["2027-03-01", "2027-03-15", "2027-04-12", "2027-04-26"]
    assert answer.json["left_out"] == [
        {"day": "2027-03-29", "reason": "holiday", "de": "Ostermontag", "en": "Easter Monday"}
    ]
    assert answer.json["sentence"] == {
        "de": "Alle zwei Wochen am Montag, 16:00 bis 18:00 Uhr, vom 1. März bis 26. April 2027 (4 Termine),"
        " außer am 29. März",
        "en": "Every two weeks on Monday, 16:00 to 18:00, from 1 March to 26 April 2027 (4 dates), except on 29 March",
    }


def test_preview_of_weekdays_with_other_times(client, hall):
    other = {"weekday": "FR", "start": "09:00", "duration_minutes": 45}

    answer = ask(client, weekdays=["WE", "FR"], until="2027-01-08", other_times=[other])

    assert [(each["start"], each["end"][11:16]) for each in answer.json["occurrences"]] == [
        ("2027-01-06T16:00:00+01:00", "18:00"),
        ("2027-01-08T09:00:00+01:00", "09:45"),
    ]
    assert answer.json["sentence"]["en"] == (
        "Every Wednesday and Friday, Wednesday 16:00 to 18:00 and Friday 09:00 to 09:45,"
        " from 6 January to 8 January 2027 (2 dates)"
    )
    for wrong in ([{**other, "weekday": "SU"}], [other, other]):
        refused = ask(client, weekdays=["WE", "FR"], other_times=wrong)
        assert (refused.status_code, refused.json["field"]) == (422, "rule.other_times")
    refused = ask(client, weekdays=["WE", "FR"], other_times=[{**other, "start": "9 Uhr"}])
    assert refused.json["errors"][0]["de"] == "rule.other_times.0.start muss eine Uhrzeit wie 09:00 sein."


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        pytest.param({"meetings": 500}, "statt 500 Termine.", id="520 dates with school holidays among them"),
        pytest.param(
            {"meetings": 2, "extra_dates": ["2027-02-04", "2027-02-05"]},
            "wären es 3 statt 2 Termine.",
            id="extra dates and the start",
        ),
        pytest.param(
            {"meetings": 2, "freq": "single", "weekdays": []},
            "wären es 1 statt 2 Termine.",
            id="a single date",
        ),
    ],
)
def test_preview_refuses_a_number_of_meetings_that_the_rule_has_not(client, hall, rule, said):
    rule = {**RULE, "start": "2027-02-03T16:00", "until": None, **rule}

    answer = client.post("/api/v1/preview", json={"rule": rule, "leave_out": ["school"]})

    assert (answer.status_code, answer.json["field"]) == (422, "rule.meetings")
    assert said in answer.json["errors"][0]["de"]


def test_preview_takes_one_end_of_a_rule(client, hall):
    answer = ask(client, meetings=3)

    assert (answer.status_code, answer.json["field"]) == (422, "rule.meetings")
    assert answer.json["errors"][0]["de"] == "Gib entweder until, count oder meetings an."


def test_preview_answers_with_sentence_dates_and_states(client, hall):
    answer = ask(client)

    assert answer.status_code == 200
    assert answer.json["sentence"] == {
        "de": "Jeden Mittwoch, 16:00 bis 18:00 Uhr, vom 6. Januar bis 30. Juni 2027 (26 Termine)",
        "en": "Every Wednesday, 16:00 to 18:00, from 6 January to 30 June 2027 (26 dates)",
    }
    assert answer.json["complete"] is True
    assert len(answer.json["occurrences"]) == 26
    assert answer.json["occurrences"][1] == {
        "start": "2027-01-13T16:00:00+01:00",
        "end": "2027-01-13T18:00:00+01:00",
        "start_utc": "2027-01-13T15:00:00Z",
        "state": "free",
        "notes": [
            {
                "code": "outside_hours",
                "de": "Außerhalb der Öffnungszeiten (09:00 bis 17:00 Uhr)."
                " Erlaubt, aber die Gruppe braucht einen Weg ins Haus.",
                "en": "Outside opening hours (09:00 to 17:00). Allowed, but the group needs a way in.",
            }
        ],
        "alternatives": [],
    }


def test_preview_keeps_its_hour_over_summer_time(client, hall):
    answer = ask(client, start="2027-03-24T18:30", until="2027-03-31")

    assert [each["start"] for each in answer.json["occurrences"]] == [
        "2027-03-24T18:30:00+01:00",
        "2027-03-31T18:30:00+02:00",
    ]


def test_preview_names_what_is_taken_requested_closed_and_past(client, hall, clock):
    clock.set("2027-01-10T10:00")
    make.booking(hall, "2027-01-13T17:00", status=Status.APPROVED)
    make.booking(hall, "2027-01-20T17:00")
    make.closure("2027-01-27T00:00", "2027-01-28T00:00", reason="Betriebsausflug")

    answer = ask(client, until="2027-02-03")

    assert [each["state"] for each in answer.json["occurrences"]] == ["past", "taken", "requested", "closed", "free"]
    assert answer.json["occurrences"][3]["notes"][-1] == {
        "code": "closed",
        "de": "Haus geschlossen: Betriebsausflug",
        "en": "House closed: Closed for holidays",
    }


def test_preview_offers_ways_out_that_are_free(client, hall):
    make.booking(hall, "2027-01-13T16:30", minutes=90, status=Status.APPROVED)

    answer = ask(client, until="2027-01-13")

    assert answer.json["occurrences"][1]["alternatives"] == [
        {
            "kind": "room",
            "room": "besprechung",
            "start": "2027-01-13T16:00:00+01:00",
            "end": "2027-01-13T18:00:00+01:00",
        },
        {
            "kind": "time",
            "room": "grosse-flaeche",
            "start": "2027-01-13T14:00:00+01:00",
            "end": "2027-01-13T16:00:00+01:00",
        },
        {
            "kind": "day",
            "room": "grosse-flaeche",
            "start": "2027-01-12T16:00:00+01:00",
            "end": "2027-01-12T18:00:00+01:00",
        },
    ]


def test_preview_tells_when_a_room_is_really_occupied_and_offers_the_time_right_after(client, hall):
    make.booking(hall, "2027-01-13T10:00", minutes=75, status=Status.APPROVED, before_minutes=30, after_minutes=45)

    answer = ask(client, start="2027-01-13T11:45", duration_minutes=60, until="2027-01-13")

    only = answer.json["occurrences"][0]
    assert (only["state"], only["notes"]) == (
        "taken",
        [
            {
                "code": "taken",
                "de": "Belegt von 09:30 bis 12:00 Uhr, mit Aufbauen und Aufräumen.",
                "en": "Taken from 09:30 to 12:00, setting up and tidying included.",
            }
        ],
    )
    assert [way["start"][11:16] for way in only["alternatives"] if way["kind"] == "time"] == ["12:30", "12:00"]


def test_preview_without_a_room_checks_none(client, hall):
    make.booking(hall, "2027-01-13T16:30", status=Status.APPROVED)

    answer = ask(client, room=None, until="2027-01-13")

    assert [each["state"] for each in answer.json["occurrences"]] == ["free", "free"]


def test_preview_of_an_open_rule_lists_the_first_dates_and_says_so(client, hall):
    answer = ask(client, until=None)

    assert (len(answer.json["occurrences"]), answer.json["complete"]) == (60, False)
    assert answer.json["sentence"]["de"] == "Jeden Mittwoch, 16:00 bis 18:00 Uhr, ab dem 6. Januar 2027"


def test_preview_of_single_dates_lists_the_start_and_the_others(client, hall):
    answer = ask(client, freq="single", weekdays=[], until=None, extra_dates=["2027-02-01", "2027-01-20"])

    assert starts(answer) == ["2027-01-06", "2027-01-20", "2027-02-01"]


def test_preview_of_the_second_tuesday_lists_second_tuesdays(client, hall):
    answer = ask(client, start="2026-12-08T19:00", freq="monthly", weekdays=["TU"], ordinals=[2], until="2027-06-30")

    assert starts(answer) == [
        "2026-12-08", "2027-01-12", "2027-02-09", "2027-03-09", "2027-04-13", "2027-05-11", "2027-06-08",
    ]  # fmt: skip


def test_preview_notes_public_and_school_holidays_in_both_languages(client, hall):
    answer = ask(client, start="2027-01-01T10:00", weekdays=["FR"], until="2027-01-01")

    assert answer.json["occurrences"][0]["notes"] == [
        {"code": "public_holiday", "de": "Feiertag: Neujahr", "en": "Public holiday: New Year’s Day"},
        {"code": "school_holiday", "de": "Schulferien: Weihnachtsferien", "en": "School holidays: Christmas Break"},
    ]


def test_preview_notes_a_time_that_the_clocks_skip(client, hall):
    answer = ask(client, start="2027-03-28T02:30", duration_minutes=45, weekdays=["SU"], until="2027-03-28")

    only = answer.json["occurrences"][0]
    assert (only["start"], only["end"]) == ("2027-03-28T03:30:00+02:00", "2027-03-28T04:15:00+02:00")
    assert "nonexistent_time" in [note["code"] for note in only["notes"]]


def test_preview_stores_nothing(client, hall):
    ask(client)

    assert db.session.scalar(db.select(db.func.count()).select_from(Booking)) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"interval": 0}, "rule.interval", id="interval 0"),
        pytest.param({"interval": 10**9}, "rule.interval", id="interval 10^9"),
        pytest.param({"until": None, "count": 10**9}, "rule.count", id="count 10^9"),
        pytest.param({"count": 3}, "rule.until", id="until and count"),
        pytest.param({"until": "2026-01-01"}, "rule.until", id="until before the start"),
        pytest.param({"until": "2047-01-01"}, "rule.until", id="more than 520 dates"),
        pytest.param({"weekdays": ["TU"]}, "rule.start", id="a start that is no date of its rule"),
        pytest.param({"weekdays": ["XX"]}, "rule.weekdays.0", id="no weekday"),
        pytest.param({"ordinals": [2]}, "rule.ordinals", id="ordinals of a weekly rule"),
        pytest.param({"freq": "secondly"}, "rule.freq", id="no frequency"),
        pytest.param({"start": "2027-02-30T16:00"}, "rule.start", id="30 February"),
        pytest.param({"start": "morgen"}, "rule.start", id="no time"),
        pytest.param({"start": None}, "rule.start", id="nothing"),
        pytest.param({"start": "9999-12-31T16:00", "until": None, "weekdays": []}, "rule.start", id="the year 9999"),
        pytest.param({"duration_minutes": 0}, "rule.duration_minutes", id="no length"),
        pytest.param({"duration_minutes": "60"}, "rule.duration_minutes", id="a number as text"),
        pytest.param({"exdates": ["x"]}, "rule.exdates.0", id="no day"),
    ],
)
def test_preview_of_a_rule_that_cannot_be_meant_names_the_field(client, hall, changes, field):
    answer = ask(client, **changes)

    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert (answer.json["status"], answer.json["field"]) == (422, field)
    assert answer.json["errors"][0]["de"]
    assert answer.json["errors"][0]["en"] == answer.json["detail"]


@pytest.mark.parametrize(
    ("question", "field", "german", "english"),
    [
        pytest.param({}, "rule", "rule fehlt.", "rule is missing.", id="nothing"),
        pytest.param([], "", "Hier gehört ein JSON-Objekt hin.", "A JSON object belongs here.", id="a list"),
        pytest.param({"rule": 5}, "rule", "Hier gehört ein JSON-Objekt hin.", "A JSON object belongs here.", id="5"),
        pytest.param(
            {"rule": {"start": "8.12.2026", "freq": "single", "duration_minutes": 60}},
            "rule.start",
            "rule.start muss eine Ortszeit wie 2027-01-06T16:00 sein.",
            "rule.start must be a local time like 2027-01-06T16:00.",
            id="a German date",
        ),
        pytest.param(
            {"rule": {**RULE, "until": "morgen"}},
            "rule.until",
            "rule.until muss ein Tag wie 2027-01-06 sein.",
            "rule.until must be a day like 2027-01-06.",
            id="no day",
        ),
        pytest.param(
            {"rule": {**RULE, "interval": "zwei"}},
            "rule.interval",
            "rule.interval muss eine ganze Zahl sein.",
            "rule.interval must be a whole number.",
            id="no number",
        ),
        pytest.param(
            {"rule": {**RULE, "duration_minutes": 0}},
            "rule.duration_minutes",
            "rule.duration_minutes muss zwischen 1 und 1440 Minuten liegen.",
            "rule.duration_minutes must be from 1 to 1440 minutes.",
            id="no length",
        ),
        pytest.param(
            {"rule": {**RULE, "weekdays": "WE"}},
            "rule.weekdays",
            "rule.weekdays muss eine Liste sein.",
            "rule.weekdays must be a list.",
            id="no list",
        ),
        pytest.param(
            {"rule": {**RULE, "weekdays": [3]}},
            "rule.weekdays.0",
            "rule.weekdays.0 muss ein Text sein.",
            "rule.weekdays.0 must be text.",
            id="no text",
        ),
        pytest.param(
            {"rule": {**RULE, "freq": None}},
            "rule.freq",
            "rule.freq darf nicht null sein.",
            "rule.freq must not be null.",
            id="null",
        ),
        pytest.param(
            {"rule": {**RULE, "exdates": ["2027-01-13"] * 521}},
            "rule.exdates",
            "rule.exdates darf nicht mehr als 520 Tage enthalten.",
            "rule.exdates must not hold more than 520 days.",
            id="521 exceptions",
        ),
        pytest.param(
            {"rule": RULE, "%(x)s": 1},
            "%(x)s",
            "Ein Feld %(x)s gibt es hier nicht.",
            "There is no field %(x)s here.",
            id="an unknown field",
        ),
        pytest.param(
            {"rule": RULE, "limit": 0},
            "limit",
            "limit muss zwischen 1 und 520 liegen.",
            "limit must be from 1 to 520.",
            id="limit 0",
        ),
        pytest.param(
            {"rule": RULE, "after_minutes": 1441},
            "after_minutes",
            "after_minutes muss zwischen 0 und 1440 Minuten liegen.",
            "after_minutes must be from 0 to 1440 minutes.",
            id="more than a day",
        ),
    ],
)
def test_preview_says_in_both_languages_what_is_wrong(client, hall, question, field, german, english):
    answer = client.post("/api/v1/preview", json=question)

    assert answer.status_code == 422
    assert answer.json["errors"] == [{"field": field, "de": german, "en": english}]


def test_preview_names_the_first_date_of_a_rule_that_the_start_is_not_in(client, hall):
    answer = ask(client, weekdays=["TU"])

    assert answer.json["errors"] == [
        {
            "field": "rule.start",
            "de": "Der Beginn ist kein Termin dieser Regel. Der erste wäre der 12. Januar 2027.",
            "en": "The start is no date of its rule. The first one would be 12 January 2027.",
        }
    ]


def test_preview_of_an_unknown_room_names_the_rooms(client, hall):
    answer = ask(client, room="keller")

    assert (answer.status_code, answer.json["field"]) == (422, "room")
    assert answer.json["detail"] == "There is no such room. The rooms are: grosse-flaeche, werkstatt, besprechung."


NO_OBJECT = "A JSON object belongs here."
NO_JSON = "This is not JSON, or it is cut off."
TOO_DEEP = "This document is too deep, or a number in it too long."


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        pytest.param(b"", 422, "rule is missing.", id="nothing"),
        pytest.param(b"{", 400, NO_JSON, id="half an object"),
        pytest.param(b"[]", 422, NO_OBJECT, id="a list"),
        pytest.param(b"null", 422, NO_OBJECT, id="null"),
        pytest.param(b'"x"', 422, NO_OBJECT, id="a text"),
        pytest.param(b"\xff", 400, NO_JSON, id="no UTF-8"),
        pytest.param(b"[" * 50_000, 400, TOO_DEEP, id="very deep"),
        pytest.param(b"9" * 5000, 400, TOO_DEEP, id="a very long number"),
    ],
)
def test_preview_of_no_document_is_a_problem(client, hall, body, status, detail):
    answer = client.post("/api/v1/preview", data=body, content_type="application/json")

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json["detail"] == detail


def test_preview_takes_no_document_that_is_larger_than_a_question_can_be(client, hall):
    question = {"rule": {**RULE, "until": None, "exdates": ["2030-01-06"] * 520, "extra_dates": ["2030-01-06"] * 520}}
    largest, larger = (json.dumps(question).ljust(length) for length in (64 * 1024, 64 * 1024 + 1))

    answers = [client.post("/api/v1/preview", data=each, content_type="application/json") for each in (largest, larger)]

    assert [answer.status_code for answer in answers] == [200, 413]
    assert answers[1].content_type == "application/problem+json"
    assert answers[1].json["errors"] == [
        {
            "field": "",
            "de": "Das Dokument ist zu groß. Es darf nicht mehr als 65536 Bytes haben.",
            "en": "This document is too large. It must not hold more than 65536 bytes.",
        }
    ]


@pytest.mark.parametrize(
    ("changes", "field", "number"),
    [
        pytest.param({"exdates": ["x"] * 520}, "rule.exdates.0", 21, id="520 wrong days"),
        pytest.param({"exdates": ["x"] * 9000}, "rule.exdates", 1, id="9000 wrong days"),
        pytest.param({"weekdays": ["WE"] * 8}, "rule.weekdays", 1, id="a weekday eight times"),
        pytest.param({"ordinals": [1] * 9000}, "rule.ordinals", 1, id="9000 ordinals"),
        pytest.param({f"x{n}": n for n in range(4000)}, "rule.x", 21, id="4000 fields that there are not"),
        pytest.param({"x" * 60_000: 1}, f"rule.{'x' * 95}", 1, id="a field of 60000 characters"),
    ],
)
def test_preview_answers_many_mistakes_with_few_words(client, hall, changes, field, number):
    answer = ask(client, **changes)

    assert (answer.status_code, len(answer.json["errors"])) == (422, number)
    assert answer.json["field"].startswith(field)
    assert len(answer.data) < 10_000


def test_preview_says_how_many_more_mistakes_there_are(client, hall):
    answer = ask(client, exdates=["x"] * 520)

    assert answer.json["errors"][-1] == {
        "field": "",
        "de": "Weitere Fehler: 500.",
        "en": "Further mistakes: 500.",
    }


def test_preview_of_texts_that_cannot_be_stored_is_a_problem(client, hall):
    answers = [ask(client, room="a\0\ud800"), ask(client, **{"a\0\ud800": "b\ud800"})]

    assert [answer.status_code for answer in answers] == [422, 422]


def test_preview_asks_for_its_content_type(client, hall):
    answer = client.post("/api/v1/preview", data='{"rule": {}}', content_type="text/plain")

    assert (answer.status_code, answer.content_type) == (415, "application/problem+json")
    assert answer.json["errors"] == [
        {
            "field": "",
            "de": "Schickt die Frage als JSON, mit Content-Type: application/json.",
            "en": "Send the question as JSON, with Content-Type: application/json.",
        }
    ]


def test_openapi_document_describes_the_preview(client, app):
    document = client.get("/api/v1/openapi.json").json

    assert document["openapi"] == "3.1.0"
    answers = document["paths"]["/api/v1/preview"]["post"]["responses"]
    assert {"200", "400", "415", "422"} <= set(answers)


def test_preview_looks_for_several_rooms_at_once_and_names_those_that_are_not_free(client, hall):
    workshop = make.room("Atelier", 12)
    make.booking(workshop, "2027-01-06T17:00", status=Status.APPROVED)

    taken, free = ask(client, "grosse-flaeche+atelier", until="2027-01-13").json["occurrences"]
    refused = ask(client, "grosse-flaeche+keller")

    assert (taken["state"], free["state"]) == ("taken", "free")
    assert {note["code"]: note["en"] for note in taken["notes"]}["taken"] == (
        "Not free: Atelier. Taken from 17:00 to 19:00, setting up and tidying included."
    )
    assert (refused.status_code, refused.json["field"]) == (422, "room")
