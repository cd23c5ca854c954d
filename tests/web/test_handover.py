"""Handing a request over: begun on the page, answered from two letters."""

import pytest

from booking.database import db
from booking.sharing.handover import hand_over, open_handover
from tests.support.group_page import ALI, address_of, kinds, post, words
from tests.support.request_form import mistakes


def test_handover_is_begun_shown_and_called_off(checked_client, address, approved):
    begun = checked_client.submit(f"{address}/uebergeben", ALI, form="form")
    called_off = checked_client.submit(address, form="call-off")

    assert "Wir haben euch beiden geschrieben." in words(begun)
    assert "Du übergibst diese Anfrage an Ali Yıldız." in words(begun)
    assert "Die Übergabe ist abgebrochen." in words(called_off)
    assert "Du übergibst" not in words(called_off)
    assert kinds() == ["handover_give", "handover_take"]


def test_handover_to_the_same_address_is_none(checked_client, address):
    response = checked_client.submit(f"{address}/uebergeben", {**ALI, "email": "zoe@example.org"}, form="form")

    assert mistakes(response) == [("email", "Das ist die Adresse, die jetzt gilt.")]


@pytest.fixture
def both(approved, address, clock):
    """The pages on which the present and the new person are asked."""
    hand_over(approved, *ALI.values(), clock.now)
    handover = open_handover(approved, clock.now)
    return [address_of(approved, each, "handover") for each in (handover.former_contact, handover.contact)]


def test_both_are_asked_what_it_means(checked_client, both):
    giver, taker = [words(checked_client.get(place)) for place in both]

    assert "Möchtest du diese Anfrage übergeben?" in giver
    assert "Ali Yıldız kümmert sich dann darum und bekommt einen eigenen Link." in giver
    assert "Möchtest du diese Anfrage übernehmen?" in taker
    assert "Zoë Müller möchte dir diese Anfrage übergeben." in taker


def test_looking_says_yes_to_nothing(client, both, approved, clock):
    for place in (*both, *both):
        assert (client.get(place).status_code, client.head(place).status_code) == (200, 200)

    handover = open_handover(approved, clock.now)
    assert (handover.given_at, handover.taken_at) == (None, None)


def test_two_yes_hand_the_request_over(checked_client, both, approved, address):
    first = checked_client.submit(both[1], form="form", button="Ja, übernehmen")
    status = checked_client.get(address)
    second = checked_client.submit(both[0], form="form", button="Ja, übergeben")

    assert "Jetzt fehlt nur noch das Ja von Zoë Müller." in words(first)
    assert "Es fehlt nur noch dein Ja" in words(status)
    assert "Die Übergabe ist fertig" in words(second)
    assert "Die Übergabe ist fertig" in words(checked_client.get(both[1]))
    db.session.refresh(approved)
    assert approved.contact.email == "ali@example.org"
    assert checked_client.get(address).status_code == 410
    assert checked_client.get(address_of(approved, approved.contact)).status_code == 200


def test_who_is_responsible_on_the_evening_is_asked_again_where_it_was_who_has_left(
    checked_client, both, approved, address
):
    missing = "Wir wissen noch nicht, wer am Abend verantwortlich ist. Angeben"
    before = words(checked_client.get(address))
    checked_client.submit(both[1], form="form", button="Ja, übernehmen")
    checked_client.submit(both[0], form="form", button="Ja, übergeben")
    db.session.refresh(approved)
    theirs = address_of(approved, approved.contact)
    after = words(checked_client.get(theirs))

    told = {"onsite_name": "Ali Yıldız", "onsite_phone": "0171 7654321"}
    saved = checked_client.submit(f"{theirs}/angaben", told, form="form")

    assert (missing in before, missing in after, missing in words(saved)) == (False, True, False)


@pytest.mark.parametrize("who", [0, 1])
def test_one_no_ends_it(checked_client, both, approved, who):
    response = checked_client.submit(both[who], form="form", button="Nein, lieber nicht")

    assert (response.status_code, "Diese Übergabe ist nicht mehr offen" in words(response)) == (410, True)
    assert checked_client.get(both[1 - who]).status_code == 410
    db.session.refresh(approved)
    assert approved.contact.email == "zoe@example.org"


def test_handover_runs_out(checked_client, both, clock):
    clock.set("2026-12-15T10:00")

    assert [checked_client.get(place).status_code for place in both] == [410, 410]


def test_links_of_one_kind_open_nothing_of_the_other(checked_client, both, address):
    swapped = [both[0].replace("/uebergabe/", "/a/"), address.replace("/a/", "/uebergabe/")]

    assert [checked_client.get(place).status_code for place in swapped] == [404, 404]
    assert post(checked_client, swapped[1], address, answer="yes").status_code == 404
