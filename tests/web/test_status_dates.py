"""The group cancels, undoes and withdraws: each is asked first, and only what is sent acts."""

import pytest

from booking import links
from booking.database import db
from booking.domain.status import Status
from booking.models import Letter, Occurrence
from tests import make
from tests.support.pages import parse, text
from tests.support.request_form import beside, main_of, mistakes

CANCELLED = "Abgesagt: Mittwoch, 6. Januar 2027. Der Raum ist wieder frei für andere."


@pytest.fixture
def booking(house_with_rooms):
    """Two dates approved, two under review."""
    booking = make.booking(house_with_rooms[0], "2027-01-06T16:00", "2027-01-13T16:00", status=Status.APPROVED)
    for start in ("2027-01-20T16:00", "2027-01-27T16:00"):
        make.occurrence(booking, start)
    return booking


@pytest.fixture
def address(booking):
    return f"/a/{links.token(make.link(booking))}"


def words(response):
    return main_of(response).replace("\u00a0", " ")


def focused(response):
    return [text(each).replace("\u00a0", " ") for each in parse(response.text)[0].iter() if "autofocus" in each.attrib]


def statuses():
    return [each.status.value for each in db.session.scalars(db.select(Occurrence).order_by(Occurrence.start))]


def letters():
    return [letter.kind for letter in db.session.scalars(db.select(Letter).order_by(Letter.id))]


def test_one_date_is_cancelled_after_a_question(checked_client, booking, address):
    first = booking.occurrences[0].id

    question = checked_client.get(f"{address}/absagen?date={first}")
    response = checked_client.submit(f"{address}/absagen?date={first}", form="question")

    assert "Möchtest du diesen Termin absagen?" in words(question)
    assert focused(response) == [CANCELLED]
    assert statuses() == ["cancelled", "approved", "requested", "requested"]
    assert letters() == ["news", "cancelled_by_group"]


def test_several_dates_are_ticked_and_then_cancelled_together(checked_client, booking, address):
    ids = [str(each.id) for each in booking.occurrences[:2]]

    question = checked_client.submit(f"{address}/absagen", {"date": ids}, form="choose")
    response = checked_client.submit(f"{address}/absagen?date={ids[0]}&date={ids[1]}", form="question")

    assert "Möchtest du diese 2 Termine absagen?" in words(question)
    assert focused(response) == ["Abgesagt: 2 Termine. Die Räume sind wieder frei für andere."]
    assert statuses() == ["cancelled", "cancelled", "requested", "requested"]
    assert letters() == ["news", "cancelled_by_group"]


def test_continue_without_a_tick_says_what_is_missing(checked_client, booking, address):
    response = checked_client.submit(f"{address}/absagen", form="choose", button="Weiter")

    sentence = "Wähle aus, welche Termine ihr absagen wollt."
    assert response.status_code == 422
    assert mistakes(response) == [(f"date-{booking.occurrences[0].id}", sentence)]
    assert beside(response, "date") == sentence
    assert parse(response.text)[0].findtext(".//title").startswith("Fehler: Welche Termine")
    assert statuses() == ["approved", "approved", "requested", "requested"]


def test_all_dates_to_come_are_cancelled_at_once(checked_client, address, clock):
    clock.set("2027-01-10T10:00")

    response = checked_client.submit(f"{address}/absagen?date=all", form="question")

    assert statuses() == ["approved", "cancelled", "requested", "requested"]
    assert "1 Termin ist vorbei" in words(response)


def test_single_date_needs_no_list_to_choose_from(checked_client, address, clock):
    clock.set("2027-01-10T10:00")

    assert "Möchtest du diesen Termin absagen?" in words(checked_client.get(f"{address}/absagen"))


def test_cancellation_is_undone_with_a_button_that_survives_a_reload(checked_client, booking, address, clock):
    checked_client.submit(f"{address}/absagen?date={booking.occurrences[0].id}", form="question")
    clock.set("2026-11-30T10:09")
    reloaded = checked_client.get(address)

    response = checked_client.submit(address, form=f"{address}/rueckgaengig")

    assert f"{CANCELLED} Bis 10:10 Uhr kannst du das rückgängig machen. Rückgängig" in words(reloaded)
    assert focused(reloaded) == []
    assert focused(response) == ["Findet doch statt: Mittwoch, 6. Januar 2027."]
    assert statuses() == ["approved", "approved", "requested", "requested"]
    assert letters() == ["news", "cancelled_by_group", "restored"]


def test_dates_cancelled_at_different_times_are_undone_one_by_one(checked_client, booking, address, clock):
    first, second = (each.id for each in booking.occurrences[:2])
    checked_client.submit(f"{address}/absagen?date={first}", form="question")
    clock.set("2026-11-30T10:05")
    checked_client.submit(f"{address}/absagen?date={second}", form="question")

    checked_client.submit(address, form=f"{address}/rueckgaengig")  # the first on the page is the latest

    assert statuses() == ["cancelled", "approved", "requested", "requested"]


def test_undoing_is_offered_for_ten_minutes_and_then_beside_the_date(checked_client, booking, address, clock):
    checked_client.submit(f"{address}/absagen?date={booking.occurrences[0].id}", form="question")
    clock.set("2026-11-30T10:10")

    later = checked_client.get(address)
    response = checked_client.submit(address, form=f"{address}/rueckgaengig")

    assert "Rückgängig" not in words(later)
    assert "Absage zurücknehmen: Mi, 6. Januar 2027" in words(later)
    assert "Findet doch statt: Mittwoch, 6. Januar 2027." in words(response)
    assert statuses()[0] == "approved"


def test_undoing_what_is_over_is_answered_with_a_sentence(checked_client, booking, address, clock):
    page = checked_client.submit(f"{address}/absagen?date={booking.occurrences[0].id}", form="question")
    token = parse(page.text)[0].find(".//input[@name='csrf_token']").get("value")
    clock.set("2027-01-06T18:00")

    late = checked_client.post(
        f"{address}/rueckgaengig",
        data={"csrf_token": token, "date": booking.occurrences[0].id},
        follow_redirects=True,
    )

    assert "Die Absage lässt sich nicht mehr zurücknehmen. Schreib uns oder ruf uns an." in words(late)
    assert statuses()[0] == "cancelled"


def test_undoing_names_the_date_whose_room_others_have_by_now(checked_client, house_with_rooms, booking, address):
    checked_client.submit(f"{address}/absagen?date=all", form="question")
    make.booking(house_with_rooms[0], "2027-01-13T16:00", status=Status.APPROVED, group="Andere")

    response = checked_client.submit(address, form=f"{address}/rueckgaengig")

    assert "Findet doch statt: Mittwoch, 6. Januar 2027." in words(response)
    assert "Der Raum ist inzwischen an andere vergeben. Abgesagt bleibt: Mittwoch, 13. Januar 2027." in words(response)


def test_undecided_dates_are_withdrawn_after_a_question(checked_client, address):
    response = checked_client.submit(f"{address}/zurueckziehen", form="question")

    assert "Du hast 2 Termine zurückgezogen." in words(response)
    assert statuses() == ["approved", "approved", "withdrawn", "withdrawn"]


def test_one_undecided_date_is_withdrawn_by_itself(checked_client, booking, address):
    last = booking.occurrences[3].id

    response = checked_client.submit(f"{address}/zurueckziehen?date={last}", form="question")

    assert "Du hast 1 Termin zurückgezogen." in words(response)
    assert statuses() == ["approved", "approved", "requested", "withdrawn"]


def test_question_that_has_become_pointless_leads_back(checked_client, address):
    checked_client.submit(f"{address}/zurueckziehen", form="question")

    assert checked_client.get(f"{address}/zurueckziehen").status_code == 303
    assert checked_client.get(f"{address}/absagen?date=999").status_code == 303
    assert checked_client.get(f"{address}/zurueckziehen?date=٣").status_code == 303


def test_dates_of_others_cannot_be_cancelled(checked_client, address, house_with_rooms):
    other = make.booking(house_with_rooms[1], "2027-01-06T16:00", status=Status.APPROVED, group="Andere")
    page = checked_client.get(f"{address}/absagen?date=all")
    token = parse(page.text)[0].find(".//input[@name='csrf_token']").get("value")

    response = checked_client.post(
        f"{address}/absagen",
        data={"csrf_token": token, "date": [str(other.occurrences[0].id), "x", "9" * 30]},
        follow_redirects=True,
    )

    assert "Da gab es nichts mehr abzusagen." in words(response)
    db.session.refresh(other)
    assert [date.status for date in other.occurrences] == [Status.APPROVED]
