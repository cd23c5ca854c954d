"""Step 1 of a request: when do you meet?"""

import hypothesis
import pytest
from hypothesis import strategies as st

from booking import create_app
from booking.database import db
from booking.domain.status import Status
from booking.models import Booking, Draft
from tests import make
from tests.support.app import settings
from tests.support.pages import parse, text
from tests.support.request_form import ONCE, WEEKLY, Asking, beside, by_id, main_of, mistakes, value_of
from tests.web.test_methods import token_of

SERIES = {**ONCE, "rhythm": "week", "until_kind": "date", "until": "30.6.2027"}


def test_form_leads_on_to_the_dates(asking):
    assert asking.when(WEEKLY).request.path == "/anfrage/termine"


def test_looking_writes_nothing_and_sets_no_draft(asking):
    response = asking.client.get("/anfrage?date=2026-12-08")

    assert "draft" not in "".join(response.headers.getlist("Set-Cookie"))
    assert db.session.scalars(db.select(Draft)).all() == []


def test_draft_belongs_to_the_browser_whose_cookie_opens_it(asking, new_client):
    asking.sent("/anfrage", {"date": "am 8.12.", "people": "ein paar"})

    cookie = asking.client.get_cookie("draft")
    secret, _, draft = cookie.value.partition(".")
    assert (len(secret), cookie.http_only, cookie.same_site, cookie.path) == (43, True, "Lax", "/")
    assert (draft, secret in db.session.scalars(db.select(Draft.token_hash)).one()) == (asking.draft, False)
    mine, others = asking.open(), new_client().get(asking.address("/anfrage"))
    assert (value_of(mine, "date"), value_of(others, "date")) == ("am 8.12.", "")


def test_draft_is_forgotten_after_a_day(asking, clock):
    asking.sent("/anfrage", {"date": "8.12."})
    clock.set("2026-12-01T10:01")

    response = asking.open()

    assert value_of(response, "date") == ""
    assert "Was hier stand, haben wir nach 24 Stunden gelöscht." in response.text


def test_old_drafts_are_deleted_when_a_new_one_begins(asking, clock, new_client):
    asking.client.submit("/anfrage", {"date": "8.12."}, form="request")
    clock.set("2026-12-01T10:01")
    new_client().submit("/anfrage", {"date": "9.12."}, form="request")

    assert [draft.data["when"]["date"] for draft in db.session.scalars(db.select(Draft))] == [["9.12."]]


def test_links_of_the_calendar_fill_the_form_in(asking):
    response = asking.client.get("/anfrage?date=2026-12-08&start=19:00&room=werkstatt")

    assert (value_of(response, "date"), value_of(response, "start")) == ("8.12.2026", "19:00")
    assert 'id="room-werkstatt" value="werkstatt" checked' in response.text


EMPTY = [
    ("rhythm-once", "Wähle aus, wie oft ihr euch trefft."),
    ("date", "Trag ein, an welchem Tag ihr euch treffen wollt, zum Beispiel 8.12.2026."),
    ("start", "Trag ein, wann ihr anfangt, zum Beispiel 19:00."),
    ("end", "Trag ein, bis wann ihr den Raum braucht, zum Beispiel 21:00."),
    ("people", "Trag eine Zahl ein, zum Beispiel 12."),
]


def test_empty_form_says_what_is_missing_above_and_beside(asking):
    response = asking.when({})

    assert (response.status_code, mistakes(response)) == (200, EMPTY)
    assert [beside(response, control) for control in ("rhythm", "date", "start", "end", "people")] == [
        sentence for _, sentence in EMPTY
    ]
    assert "<title>Fehler: Schritt 1 von 4: Wann? – Räume im Innovation Office</title>" in response.text
    assert "Bitte schau dir 5 Stellen noch einmal an" in response.text


REFUSED = {
    "no date": (
        {"date": "32.13."},
        "date",
        "„32.13.“ können wir nicht als Datum lesen. Schreib es zum Beispiel so: 8.12.2026.",
    ),
    "markup instead of a date": (
        {"date": "<b>bald</b>"},
        "date",
        "„<b>bald</b>“ können wir nicht als Datum lesen. Schreib es zum Beispiel so: 8.12.2026.",
    ),
    "30 February": ({"date": "30.2."}, "date", "Den 30. Februar gibt es nicht. Welcher Tag ist gemeint?"),
    "another weekday": (
        {"date": "Mo 8.12.2026"},
        "date",
        "Der 8. Dezember 2026 ist ein Dienstag, du hast Montag geschrieben. Welcher Tag stimmt?",
    ),
    "past": (
        {"date": "3.3.2026"},
        "date",
        "Der 3. März 2026 ist schon vorbei. Der erste mögliche Tag ist Do, 3. Dezember 2026.",
    ),
    "too soon": (
        {"date": "1.12.2026"},
        "date",
        "So kurzfristig klappt es hier nicht mehr: Der erste mögliche Tag ist Do, 3. Dezember 2026."
        " Eilt es, ruf uns an: 0521 51-34408.",
    ),
    "too far": (
        {"date": "1.7.2027"},
        "date",
        "So weit planen wir noch nicht. Der letzte mögliche Tag ist der 30. Juni 2027.",
    ),
    "no time": (
        {"start": "gegen Abend"},
        "start",
        "„gegen Abend“ können wir nicht als Uhrzeit lesen. Schreib zum Beispiel 19:30.",
    ),
    "14:10": ({"start": "14:10"}, "start", "Wir planen in Viertelstunden. Schreib 14:00 oder 14:15 statt 14:10."),
    "end before start": (
        {"start": "19:00", "end": "17:00"},
        "end",
        "Das Ende (17:00) liegt vor dem Beginn (19:00). Bitte prüf beide Zeiten.",
    ),
    "end at start": (
        {"start": "19:00", "end": "19:00"},
        "end",
        "Beginn und Ende sind gleich. Bis wann braucht ihr den Raum?",
    ),
    "over midnight": (
        {"start": "20:00", "end": "0:30"},
        "end",
        "Länger als bis 22:00 Uhr können wir euch den Raum leider nicht geben.",
    ),
    "until midnight": (
        {"start": "20:00", "end": "24 Uhr"},
        "end",
        "Länger als bis 22:00 Uhr können wir euch den Raum leider nicht geben.",
    ),
    "too late": (
        {"start": "20:00", "end": "22:15"},
        "end",
        "Länger als bis 22:00 Uhr können wir euch den Raum leider nicht geben.",
    ),
    "no number": ({"people": "viele"}, "people", "Trag eine Zahl ein, zum Beispiel 12."),
    "nobody": ({"people": "0"}, "people", "Trag eine Zahl ein, zum Beispiel 12."),
    "a room that there is not": ({"room": "keller"}, "room", "Wähle einen Raum aus oder „Egal, Hauptsache es passt“."),
    "a rhythm that is none": ({"rhythm": "daily"}, "rhythm", "Wähle aus, wie oft ihr euch trefft."),
}


def test_single_date_is_refused_with_a_sentence_and_kept_as_typed(asking):
    for what, (typed, control, sentence) in REFUSED.items():
        response = asking.when(ONCE, **typed)

        assert (response.status_code, beside(response, control)) == (200, sentence), what
        assert [words for _, words in mistakes(response)] == [sentence], what
        for name in {"date", "start", "end", "people"} & set(typed):
            assert value_of(response, name) == typed[name]
            assert value_of(asking.open(), name) == typed[name]
    assert db.session.scalars(db.select(Booking)).all() == []


SERIES_REFUSED = {
    "until before start": ({"until": "1.12.2026"}, "until", "Das Ende der Reihe liegt vor dem ersten Treffen."),
    "75 dates by a day": (
        {"until": "12.5.2028"},
        "until",
        "Das wären 75 Termine. Mehr als 60 auf einmal gehen nicht, wählt ein früheres Ende.",
    ),
    "75 dates by number": (
        {"until_kind": "count", "count": "75", "until": ""},
        "count",
        "Das wären 75 Termine. Mehr als 60 auf einmal gehen nicht, wählt ein früheres Ende.",
    ),
    "two thousand years": (
        {"until": "9.12.4025"},
        "until",
        "Das wären sehr viele Termine. Mehr als 60 auf einmal gehen nicht, wählt ein früheres Ende.",
    ),
    "9999 dates": (
        {"until_kind": "count", "count": "9999"},
        "count",
        "Das wären 9999 Termine. Mehr als 60 auf einmal gehen nicht, wählt ein früheres Ende.",
    ),
    "a thousand million dates": (
        {"until_kind": "count", "count": "1000000000"},
        "count",
        "Das wären 1000000000 Termine. Mehr als 60 auf einmal gehen nicht, wählt ein früheres Ende.",
    ),
    "beyond the plan": (
        {"until_kind": "count", "count": "35"},
        "count",
        "So weit planen wir noch nicht. Der letzte mögliche Tag ist der 30. Juni 2027.",
    ),
    "no end": ({"until_kind": None, "until": ""}, "until_kind", "Wähle aus, bis wann die Reihe gehen soll."),
    "31 February": ({"until": "31.2."}, "until", "Den 31. Februar gibt es nicht. Welcher Tag ist gemeint?"),
}


def test_series_is_refused_with_a_sentence(house_with_rooms, new_client):
    for what, (typed, control, sentence) in SERIES_REFUSED.items():
        response = Asking(new_client()).when(SERIES, **typed)

        assert (response.status_code, beside(response, control)) == (200, sentence), what


def test_series_that_only_meets_on_days_off_has_no_dates(asking):
    response = asking.when(SERIES, date="25.12.2026", until="31.12.2026")

    assert beside(response, "skip_holidays") == (
        "Mit diesen Angaben bleibt kein Termin übrig (alle liegen in den Ferien oder auf Feiertagen)."
    )


def test_end_that_was_filled_in_needs_no_tick(asking):
    response = asking.when(SERIES, until_kind=None)

    assert response.request.path == "/anfrage/termine"


def test_fields_of_a_series_are_not_needed_for_a_single_date(asking):
    response = asking.when(ONCE, until="Unsinn", count="viele")

    assert response.request.path == "/anfrage/ueber-euch"


def test_single_dates_are_read_each_and_named_each(asking):
    response = asking.when(ONCE, rhythm="single", **{"more-0": "16.12.", "more-1": "9.12.", "more-2": "1.9.2027"})

    assert mistakes(response) == [
        ("more-1", "Diesen Tag habt ihr schon eingetragen."),
        ("more-2", "So weit planen wir noch nicht. Der letzte mögliche Tag ist der 30. Juni 2027."),
    ]


OTHER = {**SERIES, "date": "7.12.2026", "until": "31.1.2027"}


RARER_REFUSED = {
    "every week": ({"rhythm": "few", "few": "week_1"}, "few", "Wähle aus, wie oft ihr euch trefft."),
    "no weekday": ({"rhythm": "weekdays"}, "weekday", "Wähle mindestens einen Wochentag aus."),
    "none in the month": (
        {"rhythm": "ordinals"},
        "ordinal",
        "Wähle aus, welche im Monat, zum Beispiel der erste und der dritte.",
    ),
    "a Monday for Tuesdays and Thursdays": (
        {"rhythm": "weekdays", "weekday": ["1", "3"]},
        "date",
        "Der 7. Dezember 2026 passt nicht zu diesem Rhythmus. Das erste Treffen wäre am Dienstag, 8. Dezember 2026.",
    ),
    "not the first or third Tuesday": (
        {"rhythm": "ordinals", "ordinal": ["1", "3"], "ordinal_weekday": "1"},
        "date",
        "Der 7. Dezember 2026 passt nicht zu diesem Rhythmus. Das erste Treffen wäre am Dienstag, 15. Dezember 2026.",
    ),
    "not the last Monday": (
        {"rhythm": "ordinals", "ordinal": ["-1"]},
        "date",
        "Der 7. Dezember 2026 passt nicht zu diesem Rhythmus. Das erste Treffen wäre am Montag, 28. Dezember 2026.",
    ),
    "the first Tuesday of every sixth month": (
        {"rhythm": "ordinals", "ordinal": ["1"], "ordinal_weekday": "1", "every_months": "6"},
        "date",
        "Der 7. Dezember 2026 passt nicht zu diesem Rhythmus. Das erste Treffen wäre am Dienstag, 1. Juni 2027.",
    ),
    "until before start": (
        {"rhythm": "weekdays", "weekday": ["0"], "until": "1.12.2026"},
        "until",
        "Das Ende der Reihe liegt vor dem ersten Treffen.",
    ),
    "every day": (
        {"rhythm": "weekdays", "weekday": ["0", "1", "2", "3", "4"], "until": "30.6.2027"},
        "until",
        "Das wären 141 Termine. Mehr als 60 auf einmal gehen nicht, wählt ein früheres Ende.",
    ),
}


def test_rarer_rhythm_is_refused_with_a_sentence(house_with_rooms, new_client):
    for what, (typed, control, sentence) in RARER_REFUSED.items():
        response = Asking(new_client()).when(OTHER, **typed)

        assert (response.status_code, beside(response, control)) == (200, sentence), what
        assert [words for _, words in mistakes(response)] == [sentence], what


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("9 Uhr", "„9 Uhr“ können wir nicht als zwei Uhrzeiten lesen. Schreib zum Beispiel 9–11."),
        ("9-9", "Beginn und Ende sind gleich. Bis wann braucht ihr den Raum?"),
        ("11 bis 9", "Das Ende (09:00) liegt vor dem Beginn (11:00). Bitte prüf beide Zeiten."),
        ("9:10-11", "Wir planen in Viertelstunden. Schreib 09:00 oder 09:15 statt 9:10."),
        ("20-22:45", "Länger als bis 22:00 Uhr können wir euch den Raum leider nicht geben."),
    ],
)
def test_other_times_of_a_weekday_are_refused_with_a_sentence(asking, typed, sentence):
    wanted = {**OTHER, "rhythm": "weekdays", "weekday": ["0", "3"], "own_times-3": typed, "own_times-4": "Unsinn"}

    response = asking.when(wanted)

    assert mistakes(response) == [("own_times-3", sentence)]
    assert value_of(response, "own_times-4") == "Unsinn"


def folded(response, name):
    """Whether what has this name is folded; None where the page has nothing of the kind."""
    found = [each for each in parse(response.text)[0].iter("details") if name in each.get("class")]
    return "open" not in found[0].attrib if found else None


def test_rooms_of_a_large_house_are_folded_until_one_is_chosen(asking):
    few = asking.open()
    for number in range(6):
        make.room(f"Atelier {number}")
    many = asking.open()
    asking.when({**ONCE, "room": "atelier-3", "people": "900"})
    chosen = asking.open()
    refused = asking.when({**ONCE, "room": "keller"})

    assert [folded(page, "other-rooms") for page in (few, many, chosen, refused)] == [None, True, False, False]
    assert "Ein bestimmter Raum 9 Räume" in text(parse(many.text)[0])


def test_rarer_rhythms_are_folded_until_one_is_chosen(asking):
    assert folded(asking.open(), "other-rhythms") is True
    asking.when({"rhythm": "weekdays", "weekday": ["0", "2"], "every": "2", "date": "7.12.2026"})
    again = asking.open()

    assert folded(again, "other-rhythms") is False
    ticked = [box.get("id") for box in parse(again.text)[0].iter("input") if "checked" in box.attrib]
    assert [each for each in ticked if each.startswith(("weekday", "rhythm"))] == [
        *("rhythm-weekdays", "weekday-0", "weekday-2"),
    ]
    assert '<option value="2" selected>alle zwei Wochen</option>' in again.text


@pytest.mark.parametrize("weekday", [["7"], ["-1"], ["²"], ["Montag"], ["0", "0", "x"]])
def test_weekdays_that_there_are_not_are_ignored(asking, weekday):
    response = asking.when({**OTHER, "rhythm": "weekdays"}, weekday=weekday)

    assert response.request.path == ("/anfrage/termine" if "0" in weekday else "/anfrage")


AVAILABILITY = {
    "free": ({}, "Gute Nachricht: Mittwoch, 9. Dezember, 14:00 bis 16:00 Uhr ist noch frei."),
    "taken": (
        {"room": "grosse-flaeche"},
        "An diesem Termin ist Große Fläche belegt. Im nächsten Schritt zeigen wir euch Alternativen.",
    ),
    "taken, whatever room fits": (
        {"people": "30", "room": "any"},
        "Zu dieser Zeit ist kein passender Raum frei. Im nächsten Schritt zeigen wir euch Alternativen.",
    ),
    "asked for by others": (
        {"room": "besprechung"},
        "Für diesen Termin gibt es schon eine andere Anfrage. Ihr könnt trotzdem anfragen, wir schauen, wie es passt.",
    ),
    "closed": (
        {"date": "10.12."},
        "Das Haus ist dann geschlossen: Betriebsferien. Im nächsten Schritt zeigen wir euch Alternativen.",
    ),
    "holiday": (
        {"date": "25.12."},
        "Das ist ein Feiertag: Erster Weihnachtstag. Im nächsten Schritt könnt ihr entscheiden.",
    ),
    "outside hours": (
        {"start": "18", "end": "20"},
        "Gute Nachricht: Mittwoch, 9. Dezember, 18:00 bis 20:00 Uhr ist noch frei."
        " Das liegt außerhalb der Öffnungszeiten (Mo bis Fr, 9 bis 17 Uhr)."
        " Kein Problem, wir fragen gleich, wie ihr ins Haus kommt.",
    ),
    "more people than seats": (
        {"people": "25"},
        "Gute Nachricht: Mittwoch, 9. Dezember, 14:00 bis 16:00 Uhr ist noch frei."
        " Werkstatt hat Platz für 20 Personen, ihr seid etwa 25. Nehmt lieber Große Fläche (bis 60).",
    ),
    "a series with one clash": (
        {"rhythm": "week", "until_kind": "count", "count": "4", "room": "grosse-flaeche"},
        "3 von 4 Terminen sind frei. Im nächsten Schritt findet ihr eine Lösung für den anderen.",
    ),
    "more people than any room holds": (
        {"people": "75", "room": "any"},
        "Zu dieser Zeit ist kein passender Raum frei. Im nächsten Schritt zeigen wir euch Alternativen."
        " Große Fläche hat Platz für 60 Personen, ihr seid etwa 75. So viele passen in keinen unserer Räume.",
    ),
    "soon after another meeting": (
        {"room": "grosse-flaeche", "start": "17:15", "end": "19"},
        "Gute Nachricht: Mittwoch, 9. Dezember, 17:15 bis 19:00 Uhr ist noch frei."
        " Das liegt außerhalb der Öffnungszeiten (Mo bis Fr, 9 bis 17 Uhr)."
        " Kein Problem, wir fragen gleich, wie ihr ins Haus kommt."
        " Zum Treffen davor sind nur 15 Minuten Luft.",
    ),
    "until another meeting begins": (
        {"room": "grosse-flaeche", "start": "13", "end": "15"},
        "Gute Nachricht: Mittwoch, 9. Dezember, 13:00 bis 15:00 Uhr ist noch frei."
        " Das Treffen danach beginnt genau, wenn ihr geht.",
    ),
    "a series that began already": (
        {"rhythm": "week", "until_kind": "date", "until": "6.1.2027", "date": "25.11.2026", "skip_school": "yes"},
        "",
    ),
    "holidays by name": (
        {"rhythm": "week", "until_kind": "date", "until": "8.1.2027", "date": "18.12.2026", "skip_holidays": "yes"},
        "Gute Nachricht: Alle 2 Termine sind noch frei. 2 Termine sind ausgelassen: Erster Weihnachtstag und Neujahr.",
    ),
    "nothing to look up": ({"start": "gegen Abend"}, ""),
    "a day that cannot be": ({"date": "3.3.2026"}, ""),
}


def test_availability_is_said_by_button_and_by_script_alike(client, new_client, house_with_rooms):
    hall, _, small = house_with_rooms
    make.booking(hall, "2026-12-09T15:00", status=Status.APPROVED)
    make.booking(small, "2026-12-09T15:00")
    make.closure("2026-12-10T00:00", "2026-12-11T00:00")

    for what, (typed, said) in AVAILABILITY.items():
        by_button = Asking(new_client()).when(ONCE, "check", **typed)
        by_script = client.get("/anfrage/verfuegbarkeit", query_string={**ONCE, **typed})

        assert by_button.request.path == "/anfrage"
        assert by_id(by_button, "availability").replace("\u00a0", " ") == said, what
        piece = next(each for each in parse(by_script.text)[0].iter("div") if each.get("data-fill") == "availability")
        assert text(piece).replace("\u00a0", " ") == said, what


@pytest.mark.parametrize(
    ("gaps", "said"),
    [
        ({"end": ""}, "Dafür brauchen wir noch das Ende."),
        ({"date": "", "start": "", "end": ""}, "Dafür brauchen wir noch den Tag, den Beginn und das Ende."),
    ],
)
def test_checking_says_what_is_still_needed_for_it(asking, gaps, said):
    response = asking.when(ONCE, "check", **gaps)

    assert (said in main_of(response).replace("\u00a0", " "), mistakes(response)) == (True, [])


def test_mistakes_stand_without_good_news(asking, house_with_rooms):
    response = asking.when(ONCE, people="")

    assert beside(response, "people")
    assert "Gute Nachricht" not in main_of(response)


def test_checking_does_not_scold_for_what_is_still_empty(asking):
    response = asking.when({"date": "8.12.", "start": "gegen Abend"}, "check")

    assert mistakes(response) == [
        ("start", "„gegen Abend“ können wir nicht als Uhrzeit lesen. Schreib zum Beispiel 19:30.")
    ]


def test_every_day_is_echoed_with_its_weekday(asking):
    response = asking.when(ONCE, "check", rhythm="single", date="8.12.", **{"more-0": "24. Februar"})

    assert by_id(response, "date-echo").replace("\u00a0", " ") == "Das ist ein Dienstag: 8. Dezember 2026."
    assert by_id(response, "more-0-echo").replace("\u00a0", " ") == "Das ist ein Mittwoch: 24. Februar 2027."


def test_english_form_speaks_english(house_with_rooms, checked_client):
    response = checked_client.submit("/en/anfrage", {**ONCE, "date": "32.13.", "end": "13"}, form="request")

    assert mistakes(response) == [
        ("date", "We can’t read “32.13.” as a date. Write it like this: 8.12.2026."),
        ("end", "The end (13:00) is before the start (14:00). Please check both."),
    ]
    assert "<title>Error: Step 1 of 4: When? – Rooms at the Innovation Office</title>" in response.text


def test_form_without_its_token_stores_nothing_and_shows_what_was_typed(house_with_rooms, checked_client):
    response = checked_client.post("/anfrage", data={**ONCE, "people": "etwa 12"})

    assert (response.status_code, value_of(response, "people")) == (400, "etwa 12")
    assert "Du hast länger Pause gemacht. Deine Eingaben sind noch da, schau sie kurz durch." in response.text
    assert db.session.scalars(db.select(Draft)).all() == []


def test_strange_bytes_are_no_error_of_ours(asking):
    response = asking.when(ONCE, date="\x00\u202e8.12.", **{"more-0": "x" * 5000})

    assert response.status_code == 200


@pytest.mark.parametrize("name", ["more-²", f"more-{'9' * 90}", "more--1", "more-0-1", "more-"])
def test_controls_that_the_page_does_not_have_are_ignored(asking, client, name):
    token = parse(asking.open().text)[0].find(".//input[@name='csrf_token']").get("value")

    sent = asking.client.post("/anfrage", data={**ONCE, "csrf_token": token, name: "8.12."})
    looked = client.get("/anfrage/verfuegbarkeit", query_string={**ONCE, name: "8.12."})

    assert (sent.status_code, looked.status_code) == (303, 200)


NAMES = [
    *(
        "rhythm",
        "few",
        "weekday",
        "every",
        "ordinal",
        "every_months",
        "ordinal_weekday",
        "own_times-0",
        "own_times-6",
        "date",
        "more-0",
        "more-10",
        "start",
        "end",
    ),
    *(
        "open_end",
        "before",
        "after",
        "doors",
        "until_kind",
        "until",
        "count",
        "skip_holidays",
        "skip_school",
        "people",
        "room",
    ),
]
#: What the controls expect, and what they do not.
TYPED = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        *("once", "week", "two_weeks", "month", "single", "few", "weekdays", "ordinals", "any", "werkstatt"),
        *("date", "count", "week_8", "month_6", "month_²", "week_"),
        *("8.12.2026", "Di 8.12.", "30.6.2027", "31.12.4999", "29.2.", "1.1.1970", "2026-12-08", "12. Januar"),
        *("0", "1", "2", "3", "-1", "6", "15", "90", "yes", "19", "19 Uhr", "24:00", "0:15", "23:45", "7 pm", "999999"),
    ]
)


@hypothesis.settings(
    max_examples=hypothesis.settings().max_examples // 2,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(values=st.dictionaries(st.sampled_from(NAMES), st.lists(TYPED, min_size=1, max_size=3), max_size=20))
def test_whatever_is_typed_is_answered_and_kept(house_with_rooms, client, values):
    sent = client.post("/anfrage", data={**values, "csrf_token": token_of(client)})
    looked = client.get("/anfrage/verfuegbarkeit", query_string=values)
    opened = client.get("/anfrage/kalender", query_string={"date": "", **values, "field": "until"})

    assert (sent.status_code, looked.status_code, opened.status_code) == (303, 200, 200)
    kept = db.session.scalars(db.select(Draft).order_by(Draft.id.desc())).first().data["when"]
    assert {name: kept[name] for name in values} == {
        name: [text.replace("\0", "") for text in texts] for name, texts in values.items()
    }
    draft = sent.location.partition("draft=")[2].partition("&")[0].partition("#")[0]
    for path in (f"/anfrage?draft={draft}", f"/anfrage?check=1&draft={draft}", "/anfrage/termine"):
        assert client.get(path).status_code in (200, 303)


def test_nobody_fills_the_house_with_drafts(asking):
    asking.when(ONCE)
    asking.dates()

    response = asking.about(note="x" * 70_000)

    assert response.status_code == 413
    assert "note" not in db.session.scalars(db.select(Draft)).one().data.get("about", {})


def test_sending_over_and_over_is_slowed_down(sqlite_url, clock):
    app = create_app({**settings(sqlite_url), "RATE_LIMITS": "on"})
    with app.app_context():
        make.house()
        client = app.test_client()
        token = parse(client.get("/anfrage").text)[0].find(".//input[@name='csrf_token']").get("value")

        answers = [client.post("/anfrage", data={"csrf_token": token}) for _ in range(121)]

        db.session.remove()
        db.engine.dispose()
    assert [answer.status_code for answer in answers] == [303] * 120 + [429]
    assert "Das waren viele Versuche in kurzer Zeit." in answers[-1].text


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ([], "Wählt zwei Räume oder mehr, oder oben einen allein."),
        (["werkstatt", "keller"], "Wählt zwei Räume oder mehr, oder oben einen allein."),
        (["grosse-flaeche", "empore"], "Große Fläche und Empore gibt es nicht gleichzeitig."),
        (["grosse-flaeche", "werkstatt"], ""),
    ],
)
def test_several_rooms_are_two_or_more_that_can_be_used_at_once(asking, chosen, said):
    make.room("Empore", 5, parts=["Große Fläche"])

    page = asking.when(ONCE, date="10.12.2026", room="several", several=chosen)

    assert said in page.text
    assert (page.request.path == "/anfrage") == bool(said)
