"""Step 2 of a request: every date with its state, and the ways out."""

import pytest

from booking import wording
from booking.database import db
from booking.domain.status import Status
from booking.models import Booking, Letter
from tests import make
from tests.support.pages import parse, text
from tests.support.request_form import ONCE, OUTSIDE, WEEKLY, Asking, beside, by_id, date_lines, main_of, mistakes

CLASHES = ("2027-02-24", "2027-04-14", "2027-06-09")
MONTHLY = {**WEEKLY, "rhythm": "month", "date": "12.1.2027", "start": "19", "end": "21", "room": "werkstatt"}
MONTHLY |= {"until_kind": "count", "count": "6", "until": ""}


@pytest.fixture
def three_clashes(house_with_rooms):
    """The office sits in the large room on three of 26 Wednesdays."""
    hall = house_with_rooms[0]
    return make.booking(
        hall, *(f"{day}T16:30" for day in CLASHES), minutes=90, status=Status.APPROVED, group="OIC", title="Klausur"
    )


def choices(response, day):
    """The ways out for a date, in words, each with its value; the chosen one is marked with a star."""
    root, _ = parse(response.text)
    group = next(each for each in root.iter("fieldset") if each.get("id") == f"d-{day}")
    labels = {label.get("for"): text(label) for label in group.iter("label")}
    return {
        labels[radio.get("id")] + ("*" if "checked" in radio.attrib else ""): radio.get("value")
        for radio in group.iter("input")
    }


def words(response):
    return main_of(response).replace("\u00a0", " ")


def test_clashes_come_first_each_with_ways_out_that_are_free(asking, three_clashes):
    response = asking.when(WEEKLY)

    assert "26 Termine: 23 sind frei, bei 3 müsst ihr euch entscheiden." in words(response)
    assert "Hier müsst ihr euch entscheiden (3)" in words(response)
    assert "Diese Termine sind frei (23)" in words(response)
    why = by_id(response, "d-2027-02-24-why").replace("\u00a0", " ")
    assert why == "16:00 bis 18:00 Uhr, Große Fläche. Belegt: Klausur, 16:30 bis 18:00 Uhr."
    assert list(choices(response, "2027-02-24")) == [
        "Anderer Raum: Werkstatt, gleiche Zeit",
        "Andere Zeit: 14:00 bis 16:00 Uhr",
        "Anderer Tag: Di, 23. Februar, gleiche Zeit",
        "Diesen Termin auslassen",
    ]


def test_title_of_a_closed_group_is_not_told(asking, house_with_rooms):
    make.booking(house_with_rooms[1], "2026-12-09T14:00", status=Status.APPROVED, title="Geheim", is_open=False)

    response = asking.when(ONCE)

    assert "Geheim" not in response.text
    assert "Der Raum ist zu dieser Zeit belegt." in words(response)


def test_date_without_a_decision_is_named_and_nothing_is_lost(asking, three_clashes):
    page = asking.when(WEEKLY)
    room, time, *_ = choices(page, "2027-02-24").values()

    response = asking.dates({"d-2027-02-24": room, "d-2027-04-14": "skip"})

    sentence = "Entscheidet noch, was am Mittwoch, 9. Juni passieren soll."
    assert (response.status_code, mistakes(response)) == (200, [("d-2027-06-09-0", sentence)])
    assert beside(response, "d-2027-06-09") == sentence
    again = asking.client.get("/anfrage/termine")
    assert choices(again, "2027-02-24")["Anderer Raum: Werkstatt, gleiche Zeit*"] == room
    assert choices(again, "2027-04-14")["Diesen Termin auslassen*"] == "skip"


def test_decided_dates_lead_on_and_stand_on_the_page_to_check(asking, three_clashes):
    page = asking.when(WEEKLY)
    room, *_ = choices(page, "2027-02-24").values()
    _, time, *_ = choices(page, "2027-04-14").values()
    asking.dates({"d-2027-02-24": room, "d-2027-04-14": time, "d-2027-06-09": "skip"})

    response = asking.about(**OUTSIDE)

    said = date_lines(response)
    assert len(said) == 25
    assert "Mi, 24. Februar 2027, 16:00 bis 18:00 Uhr, Werkstatt" in said
    assert "Mi, 14. April 2027, 14:00 bis 16:00 Uhr, Große Fläche" in said
    assert "Ausgelassen: Mi, 9. Juni 2027 (belegt)" in words(response)


def test_unticked_free_dates_are_left_out(asking):
    asking.when(WEEKLY, until="27.1.2027")
    asking.dates({"keep": ["2027-01-06", "2027-01-20", "2027-01-27"]})

    response = asking.about(**OUTSIDE)

    assert "Ausgelassen: Mi, 13. Januar 2027 (nicht gewünscht)" in words(response)
    assert [line.split(",")[1] for line in date_lines(response)] == [
        " 6. Januar 2027",
        " 20. Januar 2027",
        " 27. Januar 2027",
    ]


def test_many_dates_that_are_left_out_are_folded(asking):
    asking.when(WEEKLY, until="17.3.2027")
    asking.dates({"keep": ["2027-01-06", "2027-01-13"]})

    root, _ = parse(asking.about(**OUTSIDE).text)

    (folded,) = [each for each in root.iter("details") if text(each).startswith("Ausgelassen (9)")]
    assert text(folded).endswith("Mi, 17. März 2027 (nicht gewünscht)")


def test_one_free_date_of_which_all_is_said_needs_no_page_of_its_own(asking):
    assert asking.when(ONCE).request.path == "/anfrage/ueber-euch"
    page = asking.open("/anfrage/termine")

    assert words(page).count("9. Dezember") == 1
    assert "Mittwoch, 9. Dezember 2026, 14:00 bis 16:00 Uhr, Werkstatt: Das ist noch frei." in words(page)
    assert asking.dates().request.path == "/anfrage/ueber-euch"
    back = asking.sent("/anfrage/ueber-euch", {}, "Zurück")
    assert back.request.path == "/anfrage"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param({"people": "21"}, "Werkstatt hat Platz für 20 Personen, ihr seid etwa 21.", id="too small"),
        pytest.param({"start": "11", "end": "13"}, "Zum Treffen danach sind nur 15 Minuten Luft.", id="tight"),
        pytest.param({"start": "13", "end": "14"}, "Belegt: Kurs", id="taken"),
        pytest.param({"date": "25.12.2026"}, "Erster Weihnachtstag", id="holiday"),
    ],
)
def test_one_date_of_which_something_is_to_be_said_has_its_page(asking, house_with_rooms, typed, said):
    make.booking(house_with_rooms[1], "2026-12-09T13:15", status=Status.APPROVED, title="Kurs", minutes=45)

    page = asking.when(ONCE, **typed)

    assert page.request.path == "/anfrage/termine"
    assert said in words(page)


def test_at_least_one_date_is_kept(asking):
    asking.when(ONCE, rhythm="single", **{"more-0": "10.12.2026"})

    response = asking.dates({"keep": None})

    assert mistakes(response) == [("keep-2026-12-09", "Lasst mindestens einen Termin stehen.")]


def test_one_way_out_for_all(asking, three_clashes):
    asking.when(WEEKLY)

    response = asking.dates({"for_all": "room"}, "bulk")

    chosen = [option for day in CLASHES for option in choices(response, day) if option.endswith("*")]
    assert chosen == ["Anderer Raum: Werkstatt, gleiche Zeit*"] * 3


def test_whoever_takes_any_room_gets_another_one_suggested(asking, house_with_rooms, three_clashes):
    make.booking(house_with_rooms[1], "2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00", "2027-01-27T16:00")

    response = asking.when(WEEKLY, room="any", people="18")

    assert "Anderer Raum: Werkstatt, gleiche Zeit*" in choices(response, "2027-02-24")


def test_set_up_and_tidying_of_a_neighbour_are_said_to_be_in_the_way(asking, house_with_rooms):
    hall = house_with_rooms[0]
    busy = {"before_minutes": 45, "after_minutes": 15, "status": Status.APPROVED, "title": "Reparaturcafé"}
    make.booking(hall, "2027-01-13T18:30", minutes=90, **busy)

    response = asking.when(WEEKLY)

    why = by_id(response, "d-2027-01-13-why").replace("\u00a0", " ")
    assert (
        "Belegt: Reparaturcafé, 18:30 bis 20:00 Uhr. Mit Auf- und Abbau ist er von 17:45 bis 20:15 Uhr belegt." in why
    )
    assert "Andere Zeit: 15:15 bis 17:15 Uhr" in choices(response, "2027-01-13")


FORGED = {
    "a room that there is not": "room_999_20270224T1500Z",
    "the time that is taken": "time_1_20270224T1500Z",
    "another date of the series": "day_1_20270303T1500Z",
    "another week, and free": "day_1_20270302T1500Z",
    "too early to be offered, yet free": "time_1_20270224T0300Z",
    "another room on another day, and free": "room_2_20270225T1500Z",
    "another room at another time, and free": "room_2_20270224T1700Z",
    "another room, too small, and free": "room_3_20270224T1500Z",
    "another time on another day, and free": "time_1_20270225T1500Z",
    "another time in another room, and free": "time_2_20270224T1700Z",
    "another day in another room, and free": "day_2_20270225T1500Z",
    "another day at another time, and free": "day_1_20270225T1700Z",
    "too late for the house rules, and free": "time_1_20270224T2015Z",
    "anyway, where the room is taken": "anyway",
    "half a value": "room_1",
    "a number too large": "room_99999999999999999999_20270224T1500Z",
    "rubbish": "x" * 10000,
    "NUL": "x\0y",
    "the last minute that there is": "time_1_99991231T2359Z",
    "in the year 10000 by our clock": "time_1_99991231T2330Z",
}


def test_forged_choices_count_only_if_they_are_free(asking, three_clashes):
    page = asking.when(WEEKLY)
    token = parse(page.text)[0].find(".//input[@name='csrf_token']").get("value")
    accepted = []

    for what, forged in FORGED.items():
        data = {"csrf_token": token, "d-2027-02-24": forged}
        sent = asking.client.post(asking.address("/anfrage/termine"), data=data)
        response = asking.client.get(sent.location)

        assert (sent.status_code, sent.location) == (303, f"/anfrage/termine?mistakes=1&draft={asking.draft}"), what
        accepted += [] if beside(response, "d-2027-02-24") else [what]

    assert accepted == ["too early to be offered, yet free"]


def test_forged_way_to_a_day_that_is_too_soon_is_no_way_out(asking, house_with_rooms):
    make.booking(house_with_rooms[0], "2026-12-03T16:00", status=Status.APPROVED)
    page = asking.when(ONCE, date="3.12.2026", start="16", end="18", room="grosse-flaeche")
    token = parse(page.text)[0].find(".//input[@name='csrf_token']").get("value")

    forged = {"csrf_token": token, "d-2026-12-03": "day_1_20261202T1500Z"}
    sent = asking.client.post(asking.address("/anfrage/termine"), data=forged)

    assert sent.location == f"/anfrage/termine?mistakes=1&draft={asking.draft}"
    assert not [way for way in choices(page, "2026-12-03") if "2. Dezember" in way]


def test_date_that_others_asked_for_can_be_asked_for_too(asking, house_with_rooms):
    make.booking(house_with_rooms[1], "2026-12-09T15:00")

    response = asking.when(ONCE)

    assert list(choices(response, "2026-12-09"))[-1] == "Trotzdem anfragen"
    assert asking.dates({"d-2026-12-09": "anyway"}).request.path == "/anfrage/ueber-euch"


def test_holidays_are_left_out_by_name_or_decided_about(asking):
    friday = {**WEEKLY, "date": "19.3.2027", "until": "2.4.2027", "room": "werkstatt"}

    left_out = asking.when(friday)
    kept = asking.when(friday, skip_holidays=None)

    assert "Fr, 26. März 2027: Karfreitag" in words(left_out)
    assert list(choices(kept, "2027-03-26")) == [
        "Anderer Tag: Do, 25. März, gleiche Zeit",
        "Anderer Tag: Mi, 24. März, gleiche Zeit",
        "Diesen Termin auslassen*",
        "Trotzdem anfragen",
    ]


def test_school_holidays_are_left_out_on_demand(asking):
    response = asking.when(WEEKLY, skip_school="yes", until="31.3.2027", room="werkstatt")

    assert "Mi, 24. März 2027: Oster-/Frühjahrsferien" in words(response)


def test_date_with_no_way_out_leads_back(asking, house_with_rooms):
    make.closure("2026-12-07T00:00", "2026-12-14T00:00")

    page = asking.when(ONCE)
    response = asking.dates()

    assert "Haus geschlossen: Betriebsferien. An diesem Tag ist leider nichts mehr frei." in words(page)
    assert mistakes(response) == [
        ("d-2026-12-09", "Dieser Termin ist nicht frei. Wählt einen anderen Tag oder eine andere Zeit.")
    ]


def test_two_dates_cannot_move_to_the_same_time(asking, house_with_rooms):
    hall = house_with_rooms[0]
    make.closure("2026-12-07T00:00", "2026-12-09T00:00", room=hall)
    page = asking.when(
        ONCE, rhythm="single", date="7.12.2026", room="grosse-flaeche", people="30", **{"more-0": "8.12.2026"}
    )
    wednesday = "Anderer Tag: Mi, 9. Dezember, gleiche Zeit"

    response = asking.dates({f"d-{day}": choices(page, day)[wednesday] for day in ("2026-12-07", "2026-12-08")})

    assert beside(response, "d-2026-12-08") == "Diese Zeit habt ihr schon für Montag, 7. Dezember. Wählt etwas anderes."


# ---- readings of the rhythm


def readings(response):
    """The readings with the dates they show; the chosen one is marked with a star."""
    root, _ = parse(response.text)
    found = {}
    for choice in root.iter("div"):
        if "reading" in choice.get("class", "").split():
            radio, label = choice.find("input"), choice.find("label")
            name = text(label) + ("*" if "checked" in radio.attrib else "")
            found[name] = [text(item).replace("\u00a0", " ") for item in choice.iter("li")]
    return found


def test_both_readings_of_the_second_tuesday_stand_side_by_side(asking):
    response = asking.when(MONTHLY)

    assert by_id(response, "nth").replace("\u00a0", " ") == "Der 12. Januar 2027 ist der zweite Dienstag im Januar."
    assert readings(response) == {
        "Immer am zweiten Dienstag im Monat*": [
            *("12. Januar", "9. Februar", "9. März", "13. April", "… (6 Termine)"),
        ],
        "Alle zwei Wochen am Dienstag": ["12. Januar", "26. Januar", "9. Februar", "23. Februar", "… (6 Termine)"],
    }


def test_another_reading_shows_its_dates_before_anything_goes_on(asking):
    asking.when(MONTHLY)

    response = asking.dates({"reading": "two_weeks"})

    assert response.request.path == "/anfrage/termine"
    assert list(readings(response)) == ["Immer am zweiten Dienstag im Monat", "Alle zwei Wochen am Dienstag*"]
    assert "Di, 26. Januar" in words(response)
    asking.dates()
    assert "Alle zwei Wochen am Dienstag, 19:00 bis 21:00 Uhr, vom 12. Januar bis 23. März 2027 (6 Termine)" in words(
        asking.about(**OUTSIDE)
    )


def test_fourth_and_last_tuesday_can_be_meant_as_the_last(asking):
    response = asking.when(MONTHLY, date="23.2.2027", count="4")

    assert list(readings(response)) == [
        "Immer am vierten Dienstag im Monat*",
        "Immer am letzten Dienstag im Monat",
        "Alle zwei Wochen am Dienstag",
    ]


def test_fifth_thursday_is_meant_as_the_last(asking):
    response = asking.when(MONTHLY, date="29.4.2027", count="2")

    assert "Einen fünften Donnerstag gibt es nicht in jedem Monat." in words(response)
    assert list(readings(response)) == ["Immer am letzten Donnerstag im Monat*", "Alle zwei Wochen am Donnerstag"]


def test_last_of_every_other_month_is_asked_back(asking):
    few = {"rhythm": "few", "few": "month_2", "count": "3"}

    assert readings(asking.when(MONTHLY, date="23.2.2027", **few)) == {
        "Alle zwei Monate am vierten Dienstag*": ["23. Februar", "27. April", "22. Juni", "… (3 Termine)"],
        "Alle zwei Monate am letzten Dienstag": ["23. Februar", "27. April", "29. Juni", "… (3 Termine)"],
    }
    assert list(readings(asking.when(MONTHLY, date="29.4.2027", **{**few, "count": "2"}))) == [
        "Alle zwei Monate am letzten Donnerstag*"
    ]
    assert readings(asking.when(MONTHLY, date="9.2.2027", **few)) == {}


def test_reading_that_would_go_too_far_ends_where_the_house_stops_planning(asking):
    response = asking.when(MONTHLY, rhythm="two_weeks", date="8.12.2026", count="14")

    assert readings(response)["Immer am zweiten Dienstag im Monat"][-1] == "… (7 Termine)"


def test_something_else_leads_to_single_dates(asking):
    asking.when(MONTHLY)

    response = asking.dates({"reading": "other"})

    assert response.request.path == "/anfrage"
    assert 'id="rhythm-single" value="single" checked' in response.text


RARER = [
    (
        {"rhythm": "weekdays", "weekday": ["0", "2"]},
        "Jeden Montag und Mittwoch, 19:00 bis 21:00 Uhr, vom 11. Januar bis 27. Januar 2027 (6 Termine)",
    ),
    (
        {"rhythm": "weekdays", "weekday": ["0", "2"], "every": "2"},
        "Alle zwei Wochen am Montag und Mittwoch, 19:00 bis 21:00 Uhr, vom 11. Januar bis 10. Februar 2027 (6 Termine)",
    ),
    (
        {"rhythm": "weekdays", "weekday": ["0", "4"], "every": "5", "count": "4"},
        "Alle 5 Wochen am Montag und Freitag, 19:00 bis 21:00 Uhr, vom 11. Januar bis 19. Februar 2027 (4 Termine)",
    ),
    (
        {"rhythm": "few", "few": "week_3", "count": "5"},
        "Alle drei Wochen am Montag, 19:00 bis 21:00 Uhr, vom 11. Januar bis 5. April 2027 (5 Termine)",
    ),
    (
        {"rhythm": "few", "few": "week_8", "count": "3"},
        "Alle 8 Wochen am Montag, 19:00 bis 21:00 Uhr, vom 11. Januar bis 3. Mai 2027 (3 Termine)",
    ),
    (
        {"rhythm": "few", "few": "month_2", "count": "3"},
        "Alle zwei Monate am zweiten Montag, 19:00 bis 21:00 Uhr, vom 11. Januar bis 10. Mai 2027 (3 Termine)",
    ),
    (
        {"rhythm": "ordinals", "ordinal": ["2", "-1"], "every_months": "3", "count": "4"},
        "Alle drei Monate am zweiten und letzten Montag, 19:00 bis 21:00 Uhr,"
        " vom 11. Januar bis 26. April 2027 (4 Termine)",
    ),
    (
        {"rhythm": "ordinals", "ordinal": ["2", "4"]},
        "Immer am zweiten und vierten Montag im Monat, 19:00 bis 21:00 Uhr,"
        " vom 11. Januar bis 22. März 2027 (6 Termine)",
    ),
]


def test_rarer_rhythm_is_said_in_one_sentence(new_client, house_with_rooms):
    for typed, sentence in RARER:
        asking = Asking(new_client())
        asking.when(MONTHLY, date="11.1.2027", skip_holidays=None, **typed)
        asking.dates()

        assert sentence in words(asking.about(**OUTSIDE))


def test_each_weekday_keeps_its_times_to_the_end(asking, house_with_rooms):
    """Monday evenings and Thursday mornings, one of which is asked for on another day, at its time."""
    make.booking(house_with_rooms[1], "2027-01-14T10:00", status=Status.APPROVED)
    typed = {"rhythm": "weekdays", "weekday": ["0", "3"], "own_times-3": "9-10:30"}
    page = asking.when(MONTHLY, date="11.1.2027", count="5", room="werkstatt", **typed)
    ways = choices(page, "2027-01-14")
    asking.dates({"d-2027-01-14": next(value for name, value in ways.items() if "Anderer Tag" in name)})
    check = asking.about(**OUTSIDE)
    asking.send()

    assert "Mo, 11. Januar 2027, 19:00 bis 21:00 Uhr, Werkstatt" in words(page)
    assert "Do, 21. Januar 2027, 09:00 bis 10:30 Uhr, Werkstatt" in words(page)
    booking = db.session.scalars(db.select(Booking).order_by(Booking.id.desc())).first()
    dates = [f"{each.start.astimezone(make.ZONE):%a %d.%m. %H:%M} {each.slot.minutes}" for each in booking.occurrences]
    assert dates == [
        "Mon 11.01. 19:00 120",
        "Wed 13.01. 09:00 90",
        "Mon 18.01. 19:00 120",
        "Thu 21.01. 09:00 90",
        "Mon 25.01. 19:00 120",
    ]
    said = "montags 19:00 bis 21:00 Uhr und donnerstags 09:00 bis 10:30 Uhr"
    sentence = wording.booking_sentence(booking, make.ZONE, "de")
    assert sentence == (
        f"Jeden Montag und Donnerstag, {said}, vom 11. Januar bis 25. Januar 2027 (4 Termine),"
        " außer am 14. Januar, dazu am 13. Januar"
    )
    assert sentence in words(check)
    assert words(check).count(said) == 2
    letter = db.session.scalars(db.select(Letter).where(Letter.kind == "requested")).one()
    assert said in letter.body
    assert wording.in_short(booking, make.ZONE, "de") == "Mo/Mi 19–21 Uhr, Do 9–10:30 Uhr, 5 Termine"


def test_weekly_rhythm_has_one_reading(asking):
    assert readings(asking.when(WEEKLY)) == {}


# ---- what changes while somebody writes


def test_going_back_keeps_choices_that_still_fit(asking, three_clashes):
    asking.when(WEEKLY)
    asking.dates({"d-2027-02-24": "skip"})

    response = asking.when(WEEKLY, people="14")

    assert "Diesen Termin auslassen*" in choices(response, "2027-02-24")


def test_date_that_others_ask_for_meanwhile_is_asked_for_all_the_same(asking, house_with_rooms):
    asking.all_of(ONCE)
    make.booking(house_with_rooms[1], "2026-12-09T14:00")

    assert asking.send().request.path == "/anfrage/danke"


def test_nobody_gets_to_later_steps_without_the_first(asking):
    for path in ("/anfrage/termine", "/anfrage/ueber-euch", "/anfrage/pruefen", "/anfrage/danke"):
        assert asking.client.get(path, follow_redirects=True).request.path == "/anfrage"


def test_draft_that_came_too_close_is_refused_at_step_1(asking, clock):
    clock.set("2026-11-30T20:00")
    asking.when(ONCE, date="3.12.2026")
    clock.set("2026-12-01T19:00")

    response = asking.client.get("/anfrage/termine", follow_redirects=True)

    assert (response.request.path, [control for control, _ in mistakes(response)]) == ("/anfrage", ["date"])


def test_number_of_meetings_is_the_number_that_take_place(asking, house_with_rooms):
    """Christmas and New Year's Day are Fridays and left out, so the series is two weeks longer."""
    asking.when(WEEKLY, date="18.12.2026", until_kind="count", count="4", until="")
    asking.dates()
    response = asking.about(**OUTSIDE)
    asking.send()

    assert len(date_lines(response)) == 4
    booking = db.session.scalars(db.select(Booking)).one()
    assert [f"{each.start:%d.%m.}" for each in booking.occurrences] == ["18.12.", "08.01.", "15.01.", "22.01."]
    assert "22. Januar 2027 (4 Termine)" in wording.booking_sentence(booking, make.ZONE, "de")


def test_public_holidays_of_a_series_are_decided_one_by_one(asking, house_with_rooms):
    """Christmas and New Year's Day are left out at first; then one is left out, and one is on another day."""
    asking.when(WEEKLY, date="18.12.2026", until_kind="count", count="4", until="")
    page = asking.dates({"holidays": "each"}, button="")

    assert list(choices(page, "2026-12-25")) == [
        "Anderer Tag: Do, 24. Dezember, gleiche Zeit",
        "Anderer Tag: Mi, 23. Dezember, gleiche Zeit",
        "Diesen Termin auslassen*",
        "Trotzdem anfragen",
    ]
    other_day = choices(page, "2027-01-01")["Anderer Tag: Do, 31. Dezember, gleiche Zeit"]
    asking.dates({"d-2027-01-01": other_day})
    asking.about(**OUTSIDE)
    asking.send()

    booking = db.session.scalars(db.select(Booking)).one()
    days = [f"{each.start:%d.%m.}" for each in booking.occurrences]
    assert days == ["18.12.", "31.12.", "08.01.", "15.01.", "22.01."]


@pytest.mark.parametrize(
    ("leave_out", "other_day"),
    [pytest.param("yes", "", id="left out"), pytest.param(None, "Mi, 31. März", id="on another day of its week")],
)
def test_pause_for_a_holiday_keeps_the_two_weeks(asking, house_with_rooms, leave_out, other_day):
    """Easter Monday is one of every second Monday."""
    page = asking.when(MONTHLY, date="1.3.2027", count="5", rhythm="two_weeks", skip_holidays=leave_out)
    decided = {}
    if other_day:
        ways = choices(page, "2027-03-29")
        decided["d-2027-03-29"] = next(value for name, value in ways.items() if other_day in name)
    asking.dates(decided)
    asking.about(**OUTSIDE)
    asking.send()

    booking = db.session.scalars(db.select(Booking)).one()
    assert [f"{each.start:%d.%m.}" for each in booking.occurrences] == (
        ["01.03.", "15.03.", "12.04.", "26.04.", "10.05."]
        if leave_out
        else ["01.03.", "15.03.", "31.03.", "12.04.", "26.04."]
    )


def test_number_of_meetings_holds_for_each_reading_of_the_rhythm(asking, house_with_rooms):
    """Of every second Friday, one is Christmas; of every third Friday of the month, none is a holiday."""
    response = asking.when(MONTHLY, date="18.12.2026", count="3", rhythm="two_weeks")

    assert [days[-1] for days in readings(response).values()] == ["… (3 Termine)", "… (3 Termine)"]
