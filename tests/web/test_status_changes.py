"""Another time or room: looked up, asked for, taken back, on the group's own page."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking import changing, links, news, requesting
from booking.database import db
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.lifecycle import Place
from booking.models import Change, Letter, Occurrence, Room
from tests import make
from tests.support.pages import parse, text
from tests.support.request_form import beside, by_id, main_of, mistakes, value_of

WEDNESDAYS = ("2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00")
STAYS = "Euer zugesagter Termin bleibt bestehen, bis wir die Änderung zusagen."


@pytest.fixture
def hall(house_with_rooms):
    return house_with_rooms[0]


@pytest.fixture
def booking(hall):
    return make.booking(hall, *WEDNESDAYS, status=Status.APPROVED, way_in="have")


@pytest.fixture
def address(booking):
    return f"/a/{links.token(make.link(booking))}"


@pytest.fixture
def page(address, booking):
    return f"{address}/aendern?date={booking.occurrences[0].id}"


def words(response):
    return main_of(response).replace("\u00a0", " ")


def changes():
    rows = db.session.scalars(db.select(Change).order_by(Change.id))
    return [(row.state, f"{row.start.astimezone(make.ZONE):%d.%m. %H:%M}", row.room.name, row.note) for row in rows]


def places():
    return [
        (each.status.value, f"{each.start.astimezone(make.ZONE):%d.%m. %H:%M}", each.room.name)
        for each in db.session.scalars(db.select(Occurrence).order_by(Occurrence.start))
    ]


def letters():
    return [letter.kind for letter in db.session.scalars(db.select(Letter).order_by(Letter.id))]


def test_only_date_need_not_be_chosen(checked_client, hall):
    booking = make.booking(hall, "2027-02-03T16:00", status=Status.APPROVED, way_in="have")
    address = f"/a/{links.token(make.link(booking))}"

    for query in ("", f"?date={booking.occurrences[0].id}"):
        page = checked_client.get(f"{address}/aendern{query}")
        assert "Bisher: Mi, 3. Februar 2027, 16:00 bis 18:00 Uhr, Große Fläche" in words(page)
    assert "Welchen Termin möchtest du ändern?" in words(checked_client.get(f"{address}/aendern?date=0"))


def test_page_asks_which_date_and_begins_with_how_it_is(checked_client, booking, address):
    which = checked_client.get(f"{address}/aendern")
    root, _ = parse(which.text)
    links_to = [link.get("href") for link in root.iter("a") if "?date=" in link.get("href", "")]

    form = checked_client.get(links_to[0])

    assert links_to == [f"{address}/aendern?date={each.id}" for each in booking.occurrences]
    assert "Bisher: Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche" in words(form)
    assert STAYS in words(form)
    assert [value_of(form, name) for name in ("date", "start", "end")] == ["6.1.2027", "16:00", "18:00"]


def test_looking_up_says_what_is_free_and_asks_for_nothing(checked_client, page):
    values = {"date": "Do 7. Januar", "start": "17", "end": "19 Uhr", "room": "werkstatt", "note": "Wegen der Bahn"}

    response = checked_client.submit(page, values, button="Verfügbarkeit prüfen", form="form")

    assert response.status_code == 200
    assert "Donnerstag, 7. Januar 2027, 17:00 bis 19:00 Uhr, Werkstatt: Das ist noch frei." in words(response)
    assert by_id(response, "date-echo").replace("\u00a0", " ") == "Das ist ein Donnerstag: 7. Januar 2027."
    assert [value_of(response, name) for name in ("date", "start", "note")] == ["Do 7. Januar", "17", "Wegen der Bahn"]
    assert (changes(), letters()) == ([], [])


def test_change_of_a_confirmed_date_is_asked_for_and_stands_beside_it(checked_client, page, address):
    response = checked_client.submit(page, {"start": "17", "end": "19", "note": "Wegen der Bahn"}, form="form")

    assert f"Eure Anfrage ist da. {STAYS}" in words(response)
    assert changes() == [("open", "06.01. 17:00", "Große Fläche", "Wegen der Bahn")]
    assert places()[0] == ("approved", "06.01. 16:00", "Große Fläche")
    root, _ = parse(response.text)
    first = " | ".join(text(cell) for cell in root.find(".//table/tbody")[0]).replace("\u00a0", " ")
    assert first == (
        "Mi, 6. Januar 2027 | 16:00 bis 18:00 UhrGroße Fläche"
        " | Änderung wird geprüftangefragt: 17:00 bis 19:00 Uhr Zurücknehmen: Mi, 6. Januar 2027"
        " | Absagen: Mi, 6. Januar 2027"
    )
    assert letters() == ["news"]


def test_change_that_was_asked_for_is_taken_back(checked_client, page, address):
    checked_client.submit(page, {"start": "17", "end": "19"}, form="form")

    response = checked_client.submit(address, form=f"{address}/aendern/zuruecknehmen")

    assert "Eure Änderung ist zurückgenommen. Der Termin bleibt, wie er ist." in words(response)
    assert [state for state, *_ in changes()] == ["withdrawn"]
    assert "Änderung wird geprüft" not in words(response)


def test_wish_is_undone_at_its_line_while_its_letter_waits(checked_client, page, address, clock):
    asked = checked_client.submit(page, {"start": "17", "end": "19"}, form="form")
    focus = [text(each) for each in parse(asked.text)[0].iter() if "autofocus" in each.attrib]
    clock.set("2026-11-30T10:00:59")
    reloaded = checked_client.get(address)

    undone = checked_client.submit(address, form=f"{address}/aendern/zuruecknehmen", button="Rückgängig")

    assert focus == [f"Eure Anfrage ist da. {STAYS}"]
    assert f"10:00 Uhr – Eure Anfrage ist da. {STAYS} Bis 10:01 Uhr kannst du das rückgängig machen." in words(reloaded)
    assert "Eure Änderung ist zurückgenommen." in words(undone)
    assert "Rückgängig" not in words(undone)
    assert not news.write_news(db.session.scalars(db.select(Letter)).one(), clock.now)


def test_move_of_a_date_under_review_is_undone_at_its_line(checked_client, hall):
    booking = make.booking(hall, "2027-01-06T16:00")
    address = f"/a/{links.token(make.link(booking))}"
    checked_client.submit(f"{address}/aendern?date={booking.occurrences[0].id}", {"room": "werkstatt"}, form="form")

    undone = checked_client.submit(address, form=f"{address}/aendern/zuruecknehmen", button="Rückgängig")

    assert places() == [("requested", "06.01. 16:00", "Große Fläche")]
    assert "Rückgängig" not in words(undone)


def test_taking_back_what_is_no_change_of_this_group_does_nothing(checked_client, hall, booking, address, clock):
    other = make.booking(hall, "2027-02-03T16:00", status=Status.APPROVED, group="Andere")
    theirs = other.occurrences[0].id
    (change,) = changing.ask_for_change(other, {theirs: Place(hall.id, make.slot("2027-02-03T17:00"))}, "", clock.now)
    token = parse(checked_client.get(f"{address}/absagen?date=all").text)[0].find(".//input[@name='csrf_token']")

    for sent in (str(change.id), "", "²", "9" * 30):
        response = checked_client.post(
            f"{address}/aendern/zuruecknehmen",
            data={"csrf_token": token.get("value"), "change": sent},
            follow_redirects=True,
        )
        assert "Da gab es nichts mehr zurückzunehmen." in words(response)
    assert [state for state, *_ in changes()] == ["open"]


def test_change_of_a_date_under_review_counts_at_once(checked_client, hall):
    booking = make.booking(hall, "2027-01-06T16:00")
    address = f"/a/{links.token(make.link(booking))}"
    page = f"{address}/aendern?date={booking.occurrences[0].id}"

    response = checked_client.submit(page, {"date": "7.1.2027", "room": "werkstatt"}, form="form")

    assert "Ihr fragt jetzt an: Do, 7. Januar 2027, 16:00 bis 18:00 Uhr, Werkstatt." in words(response)
    assert places() == [("requested", "07.01. 16:00", "Werkstatt")]


@pytest.mark.parametrize(
    ("values", "control", "sentence"),
    [
        pytest.param(
            {"date": "32.13."},
            "date",
            "„32.13.“ können wir nicht als Datum lesen. Schreib es zum Beispiel so: 8.12.2026.",
            id="no day",
        ),
        pytest.param(
            {"end": "gegen Abend"},
            "end",
            "„gegen Abend“ können wir nicht als Uhrzeit lesen. Schreib zum Beispiel 19:30.",
            id="no time",
        ),
        pytest.param(
            {"date": "1.12.2026"},
            "date",
            "So kurzfristig klappt es hier nicht mehr: Der erste mögliche Tag ist Do, 3. Dezember 2026."
            " Eilt es, ruf uns an: 0521 51-34408.",
            id="too soon",
        ),
        pytest.param(
            {"start": "20", "end": "23"},
            "end",
            "Länger als bis 22:00 Uhr können wir euch den Raum leider nicht geben.",
            id="too late",
        ),
        pytest.param(
            {"date": "13.1.2027"},
            "date",
            "Diese Zeit habt ihr schon für Mittwoch, 13. Januar. Wählt etwas anderes.",
            id="another date of the group",
        ),
        pytest.param(
            {"note": "Wir sind diesmal mehr."},
            "date",
            "So ist es schon. Wählt einen anderen Tag, eine andere Zeit oder einen anderen Raum.",
            id="nothing",
        ),
    ],
)
def test_change_that_cannot_be_is_answered_beside_the_field(checked_client, page, values, control, sentence):
    response = checked_client.submit(page, values, form="form")

    assert response.status_code == 422
    assert [(name, told.replace("\u00a0", " ")) for name, told in mistakes(response)] == [(control, sentence)]
    assert beside(response, control).replace("\u00a0", " ") == sentence
    assert [value_of(response, name) for name in values] == list(values.values())
    assert (changes(), letters()) == ([], [])


def test_taken_time_shows_ways_out_and_the_chosen_one_is_asked_for(checked_client, hall, page):
    make.booking(hall, "2027-01-07T17:00", status=Status.APPROVED, group="Andere", title="Klausur")
    values = {"date": "7.1.2027"}

    refused = checked_client.submit(page, values, form="form")
    root, _ = parse(refused.text)
    options = [each.get("value") for each in root.iter("input") if each.get("name") == "d-2027-01-07"]
    other_room = next(value for value in options if value.startswith("room_"))
    response = checked_client.submit(page, values, form="form")
    token = parse(response.text)[0].find(".//input[@name='csrf_token']").get("value")
    sent = {**values, "start": "16", "end": "18", "room": "grosse-flaeche", "d-2027-01-07": other_room}
    response = checked_client.post(page, data={"csrf_token": token, **sent}, follow_redirects=True)

    assert refused.status_code == 422
    assert "Belegt: Klausur, 17:00 bis 19:00 Uhr." in words(refused)
    assert f"Eure Anfrage ist da. {STAYS}" in words(response)
    assert [change[:3] for change in changes()] == [("open", "07.01. 16:00", "Werkstatt")]


def test_change_of_all_that_follow_leaves_out_what_is_taken_if_the_group_says_so(checked_client, hall, page):
    make.booking(hall, "2027-01-13T18:00", status=Status.APPROVED, group="Andere")
    values = {"start": "17", "end": "19", "following": "yes"}

    undecided = checked_client.submit(page, values, form="form")
    token = parse(undecided.text)[0].find(".//input[@name='csrf_token']").get("value")
    sent = {**values, "date": "6.1.2027", "room": "grosse-flaeche", "d-2027-01-13": "skip"}
    response = checked_client.post(page, data={"csrf_token": token, **sent}, follow_redirects=True)

    assert undecided.status_code == 422
    assert "Diesen Termin lassen, wie er ist" in words(undecided)
    assert "Eure Anfrage für 2 Termine ist da. Sie bleiben bestehen, bis wir die Änderung zusagen." in words(response)
    assert [change[:2] for change in changes()] == [("open", "06.01. 17:00"), ("open", "20.01. 17:00")]
    assert letters() == ["news"]


@pytest.mark.parametrize("form", ["aendern", "weiterer-termin"])
def test_rooms_that_nobody_has_been_in_at_once_cannot_be_wished_for_a_date(checked_client, address, booking, form):
    page = f"{address}/{form}?date={booking.occurrences[0].id}"
    token = parse(checked_client.get(page).text)[0].find(".//input[@name='csrf_token']").get("value")
    sent = {"date": "7.1.2027", "start": "17", "end": "19", "room": "several", "several": ["werkstatt", "besprechung"]}

    response = checked_client.post(page, data={"csrf_token": token, **sent})

    assert response.status_code == 422
    assert "Wähle einen Raum aus oder „Egal, Hauptsache es passt“." in words(response)


def test_same_way_out_is_taken_for_all_dates_at_once(checked_client, hall, page):
    for start in ("2027-01-06T18:00", "2027-01-13T18:00"):
        make.booking(hall, start, status=Status.APPROVED, group="Andere")
    shown = checked_client.submit(
        page, {"start": "17", "end": "19", "following": "yes"}, button="Verfügbarkeit prüfen", form="form"
    )
    token = parse(shown.text)[0].find(".//input[@name='csrf_token']").get("value")
    sent = {"date": "6.1.2027", "start": "17", "end": "19", "room": "grosse-flaeche", "following": "yes"}

    response = checked_client.post(page, data={"csrf_token": token, **sent, "bulk": "yes", "for_all": "room"})

    root, _ = parse(response.text)
    chosen = {
        each.get("name")
        for each in root.iter("input")
        if each.get("value", "").startswith("room_") and "checked" in each.attrib
    }
    assert chosen == {"d-2027-01-06", "d-2027-01-13"}
    assert changes() == []


def test_another_day_for_all_that_follow_is_refused(checked_client, page):
    response = checked_client.submit(page, {"date": "7.1.2027", "following": "yes"}, form="form")

    assert mistakes(response) == [
        (
            "following",
            "Für alle folgenden Termine können wir nur Uhrzeit und Raum ändern. Lass den Tag, wie er ist.",
        )
    ]


def test_evening_instead_of_afternoon_asks_how_the_group_gets_in(checked_client, hall):
    booking = make.booking(hall, "2027-01-06T14:00", status=Status.APPROVED)
    page = f"/a/{links.token(make.link(booking))}/aendern?date={booking.occurrences[0].id}"

    shown = checked_client.submit(page, {"start": "19", "end": "21"}, button="Verfügbarkeit prüfen", form="form")
    asked = checked_client.submit(page, {"start": "18:30", "end": "21"}, form="form")

    outside = "Das liegt außerhalb der Öffnungszeiten (Mo bis Fr, 9 bis 17 Uhr)."
    assert f"{outside} Schreib uns unten, wie ihr ins Haus kommt." in words(shown)
    assert f"{STAYS} {outside}" in words(asked)


def test_place_taken_while_the_group_writes_is_named(checked_client, hall, page):
    checked = checked_client.submit(page, {"date": "7.1.2027"}, button="Verfügbarkeit prüfen", form="form")
    make.booking(hall, "2027-01-07T17:00", status=Status.APPROVED, group="Andere")

    response = checked_client.submit(page, {"date": "7.1.2027"}, form="form")

    assert "Das ist noch frei." in words(checked)
    assert response.status_code == 422
    assert [name for name, _ in mistakes(response)] == ["d-2027-01-07-0"]
    assert letters() == []


def test_date_that_cannot_be_changed_leads_back(checked_client, hall, address, booking, clock):
    token = parse(checked_client.get(f"{address}/absagen?date=all").text)[0].find(".//input[@name='csrf_token']")
    past = booking.occurrences[0].id
    clock.set("2027-01-07T10:00")

    response = checked_client.post(
        f"{address}/aendern?date={past}", data={"csrf_token": token.get("value")}, follow_redirects=True
    )

    assert "Dieser Termin lässt sich nicht mehr ändern." in words(response)
    clock.set("2027-01-28T10:00")
    assert checked_client.get(f"{address}/aendern").status_code == 303


def test_page_offers_to_change_those_that_follow_where_there_are_any(checked_client, hall):
    rule = RecurrenceRule(start=make.instant(WEDNESDAYS[0]).date(), freq=Frequency.WEEKLY, count=3)
    booking = make.booking(hall, *WEDNESDAYS, rule=rule, status=Status.APPROVED)
    address = f"/a/{links.token(make.link(booking))}"
    first, last = booking.occurrences[0].id, booking.occurrences[2].id

    assert "Auch für alle 2 folgenden Termine (Uhrzeit und Raum)" in words(
        checked_client.get(f"{address}/aendern?date={first}")
    )
    assert "folgende" not in words(checked_client.get(f"{address}/aendern?date={last}"))


@pytest.fixture
def uneven(hall):
    """A series of which later dates have a room or times of their own, or do not take place."""
    workshop = db.session.scalars(db.select(Room).where(Room.name == "Werkstatt")).one()
    rows = make.booking(hall, *WEDNESDAYS, "2027-01-27T16:00", status=Status.APPROVED, way_in="have")
    make.occurrence(rows, "2027-02-03T16:00", room=workshop, status=Status.APPROVED)
    make.occurrence(rows, "2027-02-11T10:00", room=workshop, minutes=90, status=Status.APPROVED)
    changing.cancel_dates(rows, [rows.occurrences[3].id], make.instant("2026-12-01T10:00"))
    db.session.rollback()
    return rows


@pytest.mark.parametrize(
    ("values", "wished"),
    [
        pytest.param(
            {"start": "17:30", "end": "19"},
            [
                "13.01. 17:30–19:00 Große Fläche",
                "20.01. 17:30–19:00 Große Fläche",
                "03.02. 17:30–19:00 Werkstatt",
                "11.02. 17:30–19:00 Werkstatt",
            ],
            id="another time changes no room",
        ),
        pytest.param(
            {"room": "besprechung"},
            [
                "13.01. 16:00–18:00 Besprechung",
                "20.01. 16:00–18:00 Besprechung",
                "03.02. 16:00–18:00 Besprechung",
                "11.02. 10:00–11:30 Besprechung",
            ],
            id="another room changes no time",
        ),
        pytest.param(
            {"room": "werkstatt"},
            ["13.01. 16:00–18:00 Werkstatt", "20.01. 16:00–18:00 Werkstatt"],
            id="what is there already is not asked for",
        ),
        pytest.param(
            {"start": "17:30", "end": "19", "room": "werkstatt"},
            [
                "13.01. 17:30–19:00 Werkstatt",
                "20.01. 17:30–19:00 Werkstatt",
                "03.02. 17:30–19:00 Werkstatt",
                "11.02. 17:30–19:00 Werkstatt",
            ],
            id="both",
        ),
    ],
)
def test_change_from_a_date_on_keeps_what_each_later_one_has_of_its_own(checked_client, uneven, values, wished):
    page = f"/a/{links.token(make.link(uneven))}/aendern?date={uneven.occurrences[1].id}"

    checked_client.submit(page, {**values, "following": "yes"}, form="form")

    rows = db.session.scalars(db.select(Change).order_by(Change.start))
    assert [said(each.room, each.slot) for each in rows] == wished
    assert letters() == ["news", "cancelled_by_group"]


def test_change_from_a_date_on_leaves_other_weekdays_their_times(checked_client, hall):
    """Mondays in the evening, Thursdays in the morning, and one Thursday as late as the Mondays."""
    rule = RecurrenceRule(make.instant("2027-01-11T12:00").date(), Frequency.WEEKLY, weekdays=(0, 3), count=6)
    times = ["11T18:00", "14T09:00", "18T18:00", "21T09:00", "25T18:00", "28T18:00"]
    booking = make.booking(hall, *(f"2027-01-{at}" for at in times), rule=rule, status=Status.APPROVED, way_in="have")
    page = f"/a/{links.token(make.link(booking))}/aendern?date={booking.occurrences[2].id}"

    checked_client.submit(page, {"start": "17", "end": "19", "following": "yes"}, form="form")

    assert [change[1] for change in changes()] == ["18.01. 17:00", "25.01. 17:00"]


def said(room, slot):
    start, end = (instant.astimezone(make.ZONE) for instant in (slot.start, slot.end))
    return f"{start:%d.%m. %H:%M}–{end:%H:%M} {room.name}"


HOURS = st.sampled_from(["10:00", "13:00", "16:00", "18:30"])
SLUGS = {"Große Fläche": "grosse-flaeche", "Werkstatt": "werkstatt", "Besprechung": "besprechung"}
KINDS = st.sampled_from([Status.REQUESTED, Status.APPROVED, Status.CANCELLED])


@settings(max_examples=settings().max_examples // 6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dates=st.lists(st.tuples(st.integers(0, 4), HOURS, st.sampled_from(sorted(SLUGS)), KINDS), min_size=2, max_size=4),
    start=HOURS,
    to=st.sampled_from(sorted(SLUGS)),
)
def test_change_from_a_date_on_gives_each_what_one_would_give_it_by_hand(
    client, house_with_rooms, csrf, dates, start, to
):
    rooms = {room.name: room for room in db.session.scalars(db.select(Room))}
    first, *others = [
        (f"2027-0{month}-0{1 + day}T{hour}", room, kind)
        for month, (day, hour, room, kind) in zip((2, 3, 4, 6), dates, strict=False)  # in May the house is closed
    ]
    booking = make.booking(rooms[first[1]], first[0], status=Status.APPROVED, way_in="have")
    for at, room, kind in others:
        make.occurrence(booking, at, room=rooms[room], status=kind)
    db.session.expire_all()
    page = f"/a/{links.token(make.link(booking))}/aendern?date={booking.occurrences[0].id}"
    here = (booking.occurrences[0].room.name, first[0][-5:])
    wished = []
    for each in booking.occurrences:
        local = each.start.astimezone(make.ZONE)
        at = start if start != here[1] else f"{local:%H:%M}"
        room = to if to != here[0] else each.room.name
        slot = make.slot(f"{local:%Y-%m-%d}T{at}")
        is_elsewhere = each.status is not Status.CANCELLED and (room, slot) != (each.room.name, each.slot)
        wished.append(said(rooms[room], slot) if is_elsewhere else None)

    sent = {"csrf_token": csrf, "start": start, "end": f"{int(start[:2]) + 2}{start[2:]}"}
    day = booking.occurrences[0].start.astimezone(make.ZONE)
    client.post(page, data={**sent, "date": f"{day:%d.%m.%Y}", "room": SLUGS[to], "following": "yes"})

    db.session.expire_all()
    made = [each.changes[-1] if each.changes else None for each in booking.occurrences]
    assert [each and said(each.room, each.slot) for each in made] == wished
    requesting.withdraw(booking, booking.created_at)
    changing.cancel_dates(booking, {each.id for each in booking.occurrences}, booking.created_at)


NAMES = [
    *("date", "start", "end", "room", "note", "following", "check", "bulk", "for_all", "keep", "shown"),
    *("d-2027-01-06", "d-2027-01-13"),
]
#: What the controls expect, and what they do not.
TYPED = st.text(max_size=30) | st.sampled_from(
    [
        *("6.1.2027", "Do 7.1.", "31.12.4999", "16", "17:30", "18 Uhr", "24:00", "werkstatt", "any", "yes", "skip"),
        *("room_2_20270106T1600Z", "day_1_20270108T1500Z", "time_9_x", "2027-01-06 2027-01-13", "room", "anyway"),
    ]
)


@settings(max_examples=settings().max_examples // 4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.dictionaries(st.sampled_from(NAMES), TYPED))
def test_whatever_is_typed_is_answered_and_kept(client, page, csrf, typed):
    response = client.post(page, data={"csrf_token": csrf, **typed})

    assert response.status_code in (200, 303, 422)
    for name in {"date", "start", "end"} & set(typed):
        if response.status_code != 303:
            assert (value_of(response, name) or "").split() == typed[name].replace("\0", "").split()


@pytest.fixture
def csrf(client, page):
    return parse(client.get(page).text)[0].find(".//input[@name='csrf_token']").get("value")
