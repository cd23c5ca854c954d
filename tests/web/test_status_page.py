"""The group's own page: looking changes nothing, and only what is sent acts."""

import icalendar
import pytest

from booking import afterwards, changing, hosting, links, log
from booking.database import db, transaction
from booking.domain.status import Status
from booking.lifecycle import Place
from booking.models import Occurrence
from tests import make
from tests.support.pages import parse, text
from tests.support.request_form import main_of
from tests.support.statements import statements


@pytest.fixture
def booking(house_with_rooms):
    """Two dates approved, one under review, one declined."""
    hall = house_with_rooms[0]
    booking = make.booking(
        hall, "2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00", "2027-01-27T16:00", title="Netzwerktreffen"
    )
    with transaction():
        dates = booking.occurrences
        dates[0].status = dates[1].status = Status.APPROVED
        dates[3].status, dates[3].reason = Status.DECLINED, "Wir brauchen den Raum an diesem Tag selbst."
        log.record("request", booking, actor="group", count=4, now=make.instant("2026-11-20T10:00"))
        log.record("approve", booking, actor="team", count=2, now=make.instant("2026-11-23T10:00"))
    return booking


@pytest.fixture
def address(booking):
    return f"/a/{links.token(make.link(booking))}"


def words(response):
    return main_of(response).replace("\u00a0", " ")


def rows(response):
    root, _ = parse(response.text)
    return [" | ".join(text(cell) for cell in row).replace("\u00a0", " ") for row in root.find(".//table/tbody")]


def statuses():
    return [each.status.value for each in db.session.scalars(db.select(Occurrence).order_by(Occurrence.start))]


def test_page_says_how_each_date_stands(checked_client, address):
    response = checked_client.get(address)

    assert rows(response) == [
        "Mi, 6. Januar 2027 | 16:00 bis 18:00 UhrGroße Fläche | zugesagt | Absagen: Mi, 6. Januar 2027",
        "Mi, 13. Januar 2027 | 16:00 bis 18:00 UhrGroße Fläche | zugesagt | Absagen: Mi, 13. Januar 2027",
        "Mi, 20. Januar 2027 | 16:00 bis 18:00 UhrGroße Fläche | wird geprüft | Zurückziehen: Mi, 20. Januar 2027",
        "Mi, 27. Januar 2027 | 16:00 bis 18:00 UhrGroße Fläche | nicht möglich"
        "Wir brauchen den Raum an diesem Tag selbst. | ",
    ]
    assert "Euer nächstes Treffen Mittwoch, 6. Januar" in words(response)
    assert "Bis 17 Uhr ist das Haus offen. Danach braucht ihr euren Schlüssel." in words(response)
    assert "Mo, 23. November 2026, 10:00 UhrDas Team hat 2 Termine zugesagt." in words(response)
    assert "Fr, 20. November 2026, 10:00 UhrIhr habt 4 Termine angefragt." in words(response)


def test_page_is_kept_from_indexes_caches_and_referrers(checked_client, address):
    headers = checked_client.get(address).headers

    assert (headers["X-Robots-Tag"], headers["Cache-Control"], headers["Referrer-Policy"]) == (
        "noindex, nofollow",
        "no-store",
        "no-referrer",
    )


def test_looking_at_every_link_changes_nothing(client, address):
    before = [(each.id, each.status, each.sequence) for each in db.session.scalars(db.select(Occurrence))]
    root, _ = parse(client.get(address).text)
    places = {link.get("href") for link in root.iter("a") if link.get("href", "").startswith(address)}

    assert {place.removeprefix(address).partition("?")[0] for place in places} >= {
        "/absagen",
        "/aendern",
        "/zurueckziehen",
        "/weiterer-termin",
        "/kalender-abo",
    }
    for place in places:
        assert (client.head(place).status_code, client.get(place).status_code) == (200, 200)

    db.session.rollback()
    assert [(each.id, each.status, each.sequence) for each in db.session.scalars(db.select(Occurrence))] == before


def test_nothing_happens_without_a_token_of_the_form(checked_client, address):
    assert checked_client.post(f"{address}/zurueckziehen").status_code == 400
    assert statuses() == ["approved", "approved", "requested", "declined"]


def test_unknown_address_is_not_found_and_a_revoked_one_says_it_is_over(client, booking, clock):
    link = make.link(booking)
    with transaction():
        link.revoked_at = clock.now
    unknown = "A" * 43

    answers = [client.get(f"/a/{links.token(link)}"), client.get(f"/a/{unknown}"), client.post(f"/a/{unknown}/absagen")]

    assert [answers[0].status_code, answers[1].status_code] == [410, 404]
    assert answers[2].status_code in (400, 404)


def test_address_ends_sixty_days_after_the_last_date(checked_client, address, clock):
    clock.set("2027-04-15T10:00")

    response = checked_client.get(address)

    assert (response.status_code, "Dieser Link ist abgelaufen" in words(response)) == (410, True)
    assert checked_client.get(f"{address}.ics").status_code == 410


def test_calendar_at_a_former_address_holds_the_confirmed_dates(client, address):
    response = client.get(f"{address}.ics")

    events = icalendar.Calendar.from_ical(response.text).walk("VEVENT")
    assert response.mimetype == "text/calendar"
    assert [str(event["dtstart"].dt) for event in events] == [
        "2027-01-06 16:00:00+01:00",
        "2027-01-13 16:00:00+01:00",
    ]


def test_long_series_folds_what_is_far_away(checked_client, house_with_rooms):
    starts = [f"2027-0{month}-{day:02}T16:00" for month in (1, 2, 3) for day in (4, 11, 18, 25)]
    booking = make.booking(house_with_rooms[0], *starts)

    response = checked_client.get(f"/a/{links.token(make.link(booking))}")

    assert "2 weitere Termine" in words(response)


def test_english_page_speaks_english(checked_client, address):
    response = checked_client.get(f"/en{address}")

    assert "Wed 6 January 2027" in words(response)
    assert "The house is open until 17:00. After that you need your key." in words(response)


def test_page_says_what_is_over_and_what_can_still_be_done(checked_client, booking, address, clock):
    clock.set("2027-01-28T10:00")

    response = checked_client.get(address)

    assert parse(response.text)[0].find(".//table") is None
    assert "4 Termine sind vorbei" in words(response)
    assert "Weiteren Termin anfragen" in words(response)
    assert "Termine absagen" not in words(response)


@pytest.mark.parametrize(
    ("change", "row"),
    [
        pytest.param(
            {"start": "2027-01-06T14:00", "end": "2027-01-06T16:00"},
            "14:00 bis 16:00 UhrGroße Fläche | verlegtstatt 16:00 bis 18:00 Uhr",
            id="another time",
        ),
        pytest.param({"room": 1}, "16:00 bis 18:00 UhrWerkstatt | verlegtstatt Große Fläche", id="another room"),
    ],
)
def test_moved_date_says_what_it_is_instead_of(checked_client, house_with_rooms, booking, address, change, row):
    date = booking.occurrences[0]
    with transaction():
        if "room" in change:
            date.room_id = house_with_rooms[change["room"]].id
        else:
            date.start, date.end = make.instant(change["start"]), make.instant(change["end"])

    assert rows(checked_client.get(address))[0] == f"Mi, 6. Januar 2027 | {row} | Absagen: Mi, 6. Januar 2027"


HISTORY = {
    ("request", "group", 4): "Ihr habt 4 Termine angefragt.",
    ("approve", "team", 1): "Das Team hat 1 Termin zugesagt.",
    ("decline", "team", 2): "2 Termine waren nicht möglich.",
    ("propose", "team", 1): "Das Team hat einen Vorschlag gemacht.",
    ("accept", "group", 1): "Ihr habt einen Vorschlag angenommen.",
    ("refuse", "group", 2): "2 Vorschläge haben euch nicht gepasst.",
    ("expire", "system", 1): "Ein Vorschlag ist abgelaufen.",
    ("withdraw", "group", 1): "Ihr habt 1 Termin zurückgezogen.",
    ("cancel", "group", 2): "Ihr habt 2 Termine abgesagt.",
    ("cancel", "team", 1): "Das Team hat 1 Termin abgesagt.",
    ("restore", "group", 1): "Ihr habt die Absage von 1 Termin zurückgenommen.",
    ("move", "group", 1): "Ihr habt 1 Termin geändert.",
    ("move", "team", 2): "Das Team hat 2 Termine verlegt.",
    ("extend", "group", 20): "Ihr habt 20 weitere Termine angefragt.",
    ("ask_for_change", "group", 1): "Ihr habt für 1 Termin eine Änderung angefragt.",
    ("take_back_change", "group", 1): "Ihr habt eine angefragte Änderung zurückgenommen.",
    ("refuse_change", "team", 1): "Eine Änderung, die ihr angefragt hattet, war nicht möglich.",
    ("ask", "team", 0): "Das Team hat euch etwas gefragt.",
    ("answer", "group", 0): "Ihr habt die Frage des Teams beantwortet.",
}


def test_history_tells_every_step_in_plain_words(checked_client, house_with_rooms, clock):
    booking = make.booking(house_with_rooms[0], "2027-01-06T16:00")
    with transaction():
        for action, actor, count in HISTORY:
            log.record(action, booking, actor=actor, count=count, now=clock.now)

    root, _ = parse(checked_client.get(f"/a/{links.token(make.link(booking))}").text)

    told = [text(line).replace("\u00a0", " ") for line in root.find(".//ol[@class='log']")]
    assert told == [f"Mo, 30. November 2026, 10:00 Uhr{sentence}" for sentence in reversed(HISTORY.values())]


ALL_FOUR = [
    ("Mi, 6.", "16:00 bis 18:00 Uhr"),
    ("Do, 14.", "17:00 bis 19:00 Uhr"),
    ("Mi, 20.", "16:00 bis 18:00 Uhr"),
    ("Mi, 27.", "16:00 bis 18:00 Uhr"),
]


def test_history_names_dates_places_and_keys(checked_client, house_with_rooms, clock):
    hall, workshop, _ = house_with_rooms
    days = [f"2027-01-{day:02}T16:00" for day in (6, 13, 20, 27)]
    booking, by = make.booking(hall, *days, status=Status.APPROVED), make.staff()
    ids = [each.id for each in booking.occurrences]
    changing.cancel_dates(booking, ids[2:3], clock.now)
    changing.ask_for_change(booking, {ids[0]: Place(workshop.id, make.slot(days[0]))}, "", clock.now)
    place = Place(hall.id, make.slot("2027-01-14T17:00"))
    afterwards.move(booking, {ids[1]: place}, reason="Umbau.", seen_version=booking.version, by=by, now=clock.now)
    hosting.hand_out_key(booking, "17", by=by, now=clock.now)
    changing.cancel_dates(booking, ids, clock.now)
    changing.restore_dates(booking, ids, clock.now)

    page = checked_client.get(f"/a/{links.token(make.link(booking))}")

    root, _ = parse(page.text)
    told = [[text(each) for each in line if each.tag == "span"] for line in root.find(".//ol[@class='log']")]
    assert [[line.replace("\u00a0", " ") for line in lines] for lines in told] == [
        [f"{day} Januar 2027, {at}, Große Fläche" for day, at in ALL_FOUR[:3]] + ["und 1 weiterer Termin"],
        [f"{day} Januar 2027, {at}, Große Fläche" for day, at in (ALL_FOUR[0], ALL_FOUR[1], ALL_FOUR[3])],
        ["Schlüssel 17"],
        ["Do, 14. Januar 2027, 17:00 bis 19:00 Uhr, Große Fläche statt Mi, 13. Januar 2027, 16:00 bis 18:00 Uhr"],
        ["Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr: Werkstatt statt Große Fläche"],
        [f"{ALL_FOUR[2][0]} Januar 2027, {ALL_FOUR[2][1]}, Große Fläche"],
    ]


def test_page_of_many_moved_dates_asks_no_more_than_one_of_few(app, client, house_with_rooms):
    hall, workshop = house_with_rooms[0], house_with_rooms[1]
    days = [f"2027-{month:02}-{day:02}T16:00" for month in range(1, 12) for day in range(1, 8)]
    few = make.booking(hall, "2026-12-15T16:00", status=Status.APPROVED)
    many = make.booking(hall, *days, status=Status.APPROVED)
    with transaction():
        for each in many.occurrences:
            each.original_room = workshop
    costs = []
    for booking in (few, many):
        address = f"/a/{links.token(make.link(booking))}"
        with statements() as heard:
            assert client.get(address).status_code == 200
        costs.append([each.split("FROM")[-1] for each in heard if each.startswith("SELECT")])

    assert (len(costs[1]), len(costs[1]) <= 8) == (len(costs[0]), True), costs


def test_page_says_of_the_way_in_what_the_letter_says(checked_client, booking, address):
    """The house's sentence for the evening, but where the group wished to talk about it."""
    with transaction():
        booking.occurrences[0].start, booking.occurrences[0].end = (
            make.instant(f"2027-01-06T{hour}:00") for hour in (19, 21)
        )
    usual = words(checked_client.get(address))
    with transaction():
        booking.way_in = "talk"
    still_open = words(checked_client.get(address))

    talk = "Wie ihr außerhalb der Öffnungszeiten ins Haus kommt, klären wir noch mit euch."
    evening = "Danach braucht ihr euren Schlüssel."
    assert [(talk in page, evening in page) for page in (usual, still_open)] == [(False, True), (True, False)]
