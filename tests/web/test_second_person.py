"""A second person with a link of their own."""

from datetime import timedelta

import pytest

from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Draft
from booking.sharing import people
from tests.support.group_page import ALI, BAD_PEOPLE, kinds, post, words
from tests.support.request_form import beside, mistakes


def test_second_person_gets_a_link_and_is_listed(checked_client, address):
    response = checked_client.submit(f"{address}/vertretung", ALI, form="form")

    assert "Wir haben Ali Yıldız einen Link geschickt." in words(response)
    assert "Wer einen Link hat Duzoe@example.org Ali Yıldızali@example.org" in words(response)
    assert kinds() == ["link_for_second"]


@pytest.mark.parametrize(("typed", "mistake"), BAD_PEOPLE)
@pytest.mark.parametrize("page", ["vertretung", "uebergeben"])
def test_who_cannot_be_written_to_gets_nothing(checked_client, address, page, typed, mistake):
    response = post(checked_client, f"{address}/{page}", f"{address}/{page}", **{**ALI, **typed})

    assert (response.status_code, mistakes(response)) == (422, [mistake])
    assert beside(response, mistake[0]) == mistake[1]
    assert kinds() == []


def test_own_address_has_a_link_already(checked_client, address):
    response = checked_client.submit(f"{address}/vertretung", {**ALI, "email": "Zoe@example.org"}, form="form")

    assert mistakes(response) == [("email", "Diese Adresse hat schon einen Link.")]


def test_three_people_are_enough(checked_client, approved, address, clock):
    for number in range(3):
        people.share(approved, "Ali", f"ali{number}@example.org", clock.now)

    response = checked_client.get(f"{address}/vertretung")
    pushed = post(checked_client, f"{address}/vertretung", f"{address}/vertretung", **ALI)

    assert "3 weitere Personen haben einen Link, mehr geht nicht." in words(response)
    assert mistakes(pushed) == [("others", "Drei weitere Personen haben schon einen Link. Nimm erst einen wieder weg.")]


def test_link_is_taken_away_again(checked_client, address, second, approved):
    response = checked_client.submit(f"{address}/vertretung", form="take-back-1")

    assert "Der Link gilt nicht mehr, Name und Adresse sind gelöscht." in words(response)
    assert "ali@example.org" not in response.text
    assert checked_client.get(second).status_code == 410


@pytest.mark.parametrize("person", ["x", "0", "9" * 30, "²", ""])
def test_nobody_is_no_person_to_take_a_link_from(checked_client, address, second, person):
    response = post(checked_client, f"{address}/vertretung/wegnehmen", f"{address}/vertretung", person=person)

    assert response.status_code == 303
    assert checked_client.get(second).status_code == 200


def test_second_person_sees_the_dates_but_neither_shares_nor_hands_over(checked_client, second):
    page = checked_client.get(second)
    places = ("vertretung", "uebergeben")

    assert "Link an eine zweite Person weitergeben" not in words(page)
    assert [checked_client.get(f"{second}/{place}").status_code for place in places] == [404, 404]
    assert [post(checked_client, f"{second}/{place}", second, **ALI).status_code for place in places] == [404, 404]
    assert post(checked_client, f"{second}/uebergeben/abbrechen", second).status_code == 404
    assert post(checked_client, f"{second}/vertretung/wegnehmen", second, person="1").status_code == 404


def test_second_person_neither_reads_nor_loses_whom_we_reach_on_the_evening(checked_client, second, approved):
    with transaction():
        for each in approved.occurrences:
            each.end += timedelta(hours=3)

    page = checked_client.get(f"{second}/angaben")
    saved = checked_client.submit(f"{second}/angaben", {"people": "20"}, form="form")
    checked_client.submit(second, form="again")

    db.session.refresh(approved)
    (begun,) = db.session.scalars(db.select(Draft))
    assert "Deine Angaben sind gespeichert." in words(saved)
    assert (approved.contact.onsite_phone, approved.way_in, approved.people) == ("0170 1234567", "have", 20)
    for told in (page.text, str(begun.data)):
        assert [each for each in ("Zoë", "0170 1234567", "zoe@example.org", "0521 123456") if each in told] == []


def test_second_person_cancels_a_date(checked_client, second, approved):
    checked_client.submit(f"{second}/absagen?date={approved.occurrences[0].id}", form="question")

    db.session.refresh(approved)
    assert approved.occurrences[0].status is Status.CANCELLED


def test_group_reads_what_its_second_person_did(checked_client, address, second, approved, clock):
    checked_client.submit(f"{second}/absagen?date={approved.occurrences[0].id}", form="question")
    named = words(checked_client.get(address))
    people.take_link_back(approved, people.seconds(approved)[0].id, clock.now)

    assert "(Ali Yıldız, zweite Person)" in named
    assert "(zweite Person)" in words(checked_client.get(address))
