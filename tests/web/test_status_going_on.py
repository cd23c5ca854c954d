"""Going on: a series that is extended, and single further dates, on the group's own page."""

from datetime import date, timedelta

import pytest

from booking import links
from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.models import Letter, Occurrence, Room
from tests import make
from tests.support.pages import parse
from tests.support.request_form import main_of, mistakes, value_of

DECEMBER = ("2026-12-02T16:00", "2026-12-09T16:00", "2026-12-16T16:00")


@pytest.fixture
def hall(house_with_rooms):
    return house_with_rooms[0]


@pytest.fixture
def booking(hall):
    """Wednesdays until 16 December."""
    rule = RecurrenceRule(start=date(2026, 12, 2), freq=Frequency.WEEKLY, until=date(2026, 12, 16))
    return make.booking(hall, *DECEMBER, rule=rule, status=Status.APPROVED)


@pytest.fixture
def address(booking):
    return f"/a/{links.token(make.link(booking))}"


def words(response):
    return main_of(response).replace("\u00a0", " ")


def days(status="requested"):
    rows = db.session.scalars(
        db.select(Occurrence).where(Occurrence.status == Status(status)).order_by(Occurrence.start)
    )
    return [f"{row.start.astimezone(make.ZONE):%d.%m. %H:%M} {row.room.name}" for row in rows]


def letters():
    return [letter.kind for letter in db.session.scalars(db.select(Letter).order_by(Letter.id))]


def free_days(response):
    root, _ = parse(response.text)
    return [each.get("value") for each in root.iter("input") if each.get("name") == "keep"]


def test_extension_begins_with_all_that_the_house_plans(checked_client, address):
    response = checked_client.get(f"{address}/verlaengern")

    assert "Bisher: Jeden Mittwoch, 16:00 bis 18:00 Uhr, vom 2. Dezember bis 16. Dezember 2026 (3 Termine)" in words(
        response
    )
    assert value_of(response, "until") == "30.6.2027"
    assert (free_days(response)[0], free_days(response)[-1], len(free_days(response))) == (
        "2026-12-23",
        "2027-06-30",
        28,
    )


def test_extension_until_another_day_is_asked_for_and_the_sentence_stays_true(checked_client, address):
    where = f"{address}/verlaengern?until=20.1.&skip_holidays=yes&skip_school=yes"

    response = checked_client.submit(where, form="dates")

    assert "Eure Anfrage für 2 weitere Termine ist da. Wir sagen dir Bescheid." in words(response)
    assert "Jeden Mittwoch, 16:00 bis 18:00 Uhr, vom 2. Dezember 2026 bis 20. Januar 2027 (5 Termine)" in words(
        response
    )
    assert days() == ["13.01. 16:00 Große Fläche", "20.01. 16:00 Große Fläche"]
    assert letters() == ["news"]


def test_extension_of_weekdays_with_other_times_goes_on_at_those(checked_client, hall):
    rule = RecurrenceRule(start=date(2026, 12, 7), freq=Frequency.WEEKLY, interval=3, weekdays=(0, 3), count=4)
    times = ("2026-12-07T18:00", "2026-12-10T09:00", "2026-12-28T18:00", "2026-12-31T09:00")
    booking = make.booking(hall, *times, rule=rule, status=Status.APPROVED)

    checked_client.submit(f"/a/{links.token(make.link(booking))}/verlaengern?until=11.2.2027", form="dates")

    assert days() == [f"{at} Große Fläche" for at in ("18.01. 18:00", "21.01. 09:00", "08.02. 18:00", "11.02. 09:00")]


def test_extension_goes_on_at_the_time_that_the_dates_have(checked_client, address, booking):
    with transaction():
        for each in booking.occurrences:
            each.start, each.end = each.start + timedelta(hours=2), each.end + timedelta(hours=3)
            db.session.add(each)
    where = f"{address}/verlaengern?until=20.1.2027"

    offered = words(checked_client.get(where))
    checked_client.submit(where, form="dates")

    assert "Bisher: Jeden Mittwoch, 18:00 bis 21:00 Uhr" in offered
    assert days() == [f"{day} 18:00 Große Fläche" for day in ("23.12.", "30.12.", "06.01.", "13.01.", "20.01.")]


def test_extension_leaves_out_what_is_unticked(checked_client, address):
    where = f"{address}/verlaengern?until=13.1.2027"

    checked_client.submit(where, {"keep": ["2026-12-23", "2027-01-13"]}, form="dates")

    assert days() == ["23.12. 16:00 Große Fläche", "13.01. 16:00 Große Fläche"]


def test_taken_dates_need_a_decision_as_in_the_request(checked_client, hall, address):
    make.booking(hall, "2027-01-13T17:00", status=Status.APPROVED, group="Andere", title="Klausur")
    where = f"{address}/verlaengern?until=13.1.2027"

    undecided = checked_client.submit(where, form="dates")
    root, _ = parse(undecided.text)
    options = [each.get("value") for each in root.iter("input") if each.get("name") == "d-2027-01-13"]
    response = checked_client.submit(where, {"d-2027-01-13": options[0]}, form="dates")

    assert undecided.status_code == 422
    assert mistakes(undecided) == [("d-2027-01-13-0", "Entscheidet noch, was am Mittwoch, 13. Januar passieren soll.")]
    assert "Belegt: Klausur, 17:00 bis 19:00 Uhr." in words(undecided)
    assert "Eure Anfrage für 4 weitere Termine ist da." in words(response)
    assert days()[-1] == "13.01. 16:00 Werkstatt"


def test_same_way_out_is_taken_for_all_dates_at_once(checked_client, hall, address):
    make.booking(hall, "2027-01-06T17:00", "2027-01-13T17:00", status=Status.APPROVED, group="Andere")
    where = f"{address}/verlaengern?until=13.1.2027"

    response = checked_client.submit(where, {"for_all": "skip"}, button="Für alle 2 Termine übernehmen", form="dates")

    root, _ = parse(response.text)
    chosen = {
        each.get("name") for each in root.iter("input") if each.get("value") == "skip" and "checked" in each.attrib
    }
    assert chosen == {"d-2027-01-06", "d-2027-01-13"}
    assert letters() == []


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("32.13.", "„32.13.“ können wir nicht als Datum lesen. Schreib es zum Beispiel so: 8.12.2026."),
        ("1.7.2027", "So weit planen wir noch nicht. Der letzte mögliche Tag ist der 30. Juni 2027."),
        ("16.12.2026", "Bis zu diesem Tag gibt es keinen weiteren Termin. Wähl einen späteren."),
        ("", "Trag ein, an welchem Tag ihr euch treffen wollt, zum Beispiel 8.12.2026."),
    ],
)
def test_end_that_cannot_be_is_answered_beside_the_field(checked_client, address, until, sentence):
    response = checked_client.get(f"{address}/verlaengern", query_string={"until": until})

    assert response.status_code == 422
    assert [(name, told.replace("\u00a0", " ")) for name, told in mistakes(response)] == [("until", sentence)]
    assert value_of(response, "until") == until


def test_extension_with_holidays_only_says_so(checked_client, address):
    response = checked_client.get(f"{address}/verlaengern?until=30.12.2026&skip_school=yes")

    assert [name for name, _ in mistakes(response)] == ["until"]
    assert response.status_code == 422


def test_extension_is_offered_from_six_weeks_before_the_end_on(checked_client, address, booking, clock):
    checked_client.submit(f"{address}/verlaengern", form="dates")

    page = checked_client.get(address)
    response = checked_client.get(f"{address}/verlaengern", follow_redirects=True)

    assert "Reihe verlängern" not in words(page)
    assert "Eure Reihe geht bis 30. Juni 2027. Verlängern könnt ihr sie ab 19. Mai 2027." in words(response)
    clock.set("2027-05-20T10:00")
    assert "Reihe verlängern" in words(checked_client.get(address))


def test_single_dates_are_no_series_to_extend(checked_client, hall):
    booking = make.booking(hall, "2026-12-09T16:00", status=Status.APPROVED)
    address = f"/a/{links.token(make.link(booking))}"

    assert "Reihe verlängern" not in words(checked_client.get(address))
    assert checked_client.get(f"{address}/verlaengern").status_code == 303


def test_further_date_is_looked_up_and_asked_for(checked_client, address):
    where = f"{address}/weiterer-termin"
    values = {"date": "Fr 18.12.", "start": "10", "end": "12"}

    looked_up = checked_client.submit(where, values, button="Verfügbarkeit prüfen", form="form")
    response = checked_client.submit(where, values, form="form")

    assert "Freitag, 18. Dezember 2026, 10:00 bis 12:00 Uhr, Große Fläche: Das ist noch frei." in words(looked_up)
    assert "Eure Anfrage für 1 weiteren Termin ist da. Wir sagen dir Bescheid." in words(response)
    assert days() == ["18.12. 10:00 Große Fläche"]
    assert letters() == ["news"]


def test_further_date_begins_with_the_usual_times_and_no_day(checked_client, address):
    page = checked_client.get(f"{address}/weiterer-termin")

    assert [value_of(page, name) for name in ("date", "start", "end")] == ["", "16:00", "18:00"]


def test_further_date_begins_with_the_room_that_most_dates_have(checked_client, hall):
    workshop = db.session.scalars(db.select(Room).filter_by(slug="werkstatt")).one()
    booking = make.booking(workshop, "2027-02-02T17:00", "2027-02-03T17:00", room_wish=hall)

    page = checked_client.get(f"/a/{links.token(make.link(booking))}/weiterer-termin")

    assert 'value="werkstatt" selected' in page.text


def test_further_date_that_is_taken_shows_ways_out(checked_client, hall, address):
    make.booking(hall, "2026-12-17T15:00", status=Status.APPROVED, group="Andere")

    response = checked_client.submit(f"{address}/weiterer-termin", {"date": "17.12.2026"}, form="form")

    assert response.status_code == 422
    assert "Anderer Raum: Werkstatt, gleiche Zeit" in words(response)
    assert days() == []


def test_further_date_that_the_group_has_already_is_refused(checked_client, address):
    response = checked_client.submit(f"{address}/weiterer-termin", {"date": "16.12.2026", "start": "17"}, form="form")

    assert mistakes(response) == [
        ("date", "Diese Zeit habt ihr schon für Mittwoch, 16. Dezember. Wählt etwas anderes.")
    ]
