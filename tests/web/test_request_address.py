"""The address that was typed wrong, corrected from the last page; and reminders before every meeting."""

import pytest

from booking import links
from booking.database import db
from booking.models import Booking, Letter
from tests.support.group_page import post
from tests.support.pages import parse
from tests.support.request_form import ONCE, OUTSIDE, WEEKLY, main_of, mistakes, value_of

RIGHT = "zoe@example.com"


@pytest.fixture
def asked(asking):
    """Somebody who has just sent a request, with a slip in the address."""
    asking.all_of(ONCE, email="zoe@example.cmo")
    asking.send()
    return asking


def words(response):
    return main_of(response).replace("\u00a0", " ")


def correct(asked, email=RIGHT):
    return asked.client.submit("/anfrage/adresse", {"email": email}, form="form")


def letters():
    db.session.expire_all()
    return [
        (each.kind, each.contact.email if each.contact else "office", each.state)
        for each in db.session.scalars(db.select(Letter).order_by(Letter.id))
    ]


def test_corrected_address_gets_the_letter_and_the_wrong_one_nothing(asked):
    booking = db.session.scalars(db.select(Booking)).one()
    old = links.token(links.current(booking))

    response = correct(asked)

    assert "Korrigiert. Wir haben die E-Mail noch einmal geschickt." in words(response)
    assert f"Wir haben eine E-Mail an {RIGHT} geschickt." in words(response)
    assert letters() == [
        ("requested", RIGHT, "stopped"),
        ("new_request", "office", "waiting"),
        ("requested", RIGHT, "waiting"),
    ]
    new = links.token(links.current(booking))
    assert [asked.client.get(f"/a/{token}").status_code for token in (old, new)] == [410, 200]
    assert new not in response.text


def test_address_is_not_corrected_once_somebody_has_used_the_link(asked, new_client):
    """Then it has arrived, and whoever sent the form must not take it away from there."""
    booking = db.session.scalars(db.select(Booking)).one()
    own = f"/a/{links.token(links.current(booking))}"
    visitor = new_client()
    looked = visitor.get(own).status_code
    before = "Adresse falsch?" in words(asked.client.get("/anfrage/danke"))
    post(visitor, f"{own}/kalender-abo", own)

    assert (looked, before, "Adresse falsch?" in words(asked.client.get("/anfrage/danke"))) == (200, True, False)
    assert asked.client.get("/anfrage/adresse").location == "/anfrage/danke"


def test_address_is_corrected_once(asked):
    offered = "Adresse falsch? Hier korrigieren" in words(asked.client.get("/anfrage/danke"))
    correct(asked)

    page = asked.client.get("/anfrage/danke")
    again = asked.client.get("/anfrage/adresse")

    assert (offered, "Adresse falsch?" in words(page), again.location) == (True, False, "/anfrage/danke")


def test_address_is_corrected_within_half_an_hour(asked, clock):
    page = asked.client.get("/anfrage/adresse")
    token = parse(page.text)[0].find(".//input[@name='csrf_token']").get("value")

    clock.set("2026-11-30T10:31")
    response = asked.client.post("/anfrage/adresse", data={"csrf_token": token, "email": RIGHT})

    assert (value_of(page, "email"), response.location) == ("zoe@example.cmo", "/anfrage/danke")
    assert "Adresse falsch?" not in words(asked.client.get("/anfrage/danke"))
    assert [to for _, to, _ in letters()] == ["zoe@example.cmo", "office"]


def test_address_is_corrected_in_the_same_browser_alone(asked, new_client):
    stranger = new_client()

    assert stranger.get("/anfrage/adresse").location == "/anfrage/danke"
    assert stranger.post("/anfrage/adresse", data={"email": RIGHT}).status_code == 400


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("zoe@example.cmo", "An diese Adresse haben wir schon geschrieben."),
        ("zoe", "Trag eine E-Mail-Adresse ein, zum Beispiel name@beispiel.de."),
        ("a@example.org, b@example.org", "Bitte trag nur eine Adresse ein."),
    ],
)
def test_address_that_does_not_help_is_asked_for_again(asked, typed, sentence):
    response = correct(asked, typed)

    assert (response.status_code, mistakes(response)) == (422, [("email", sentence)])
    assert len(letters()) == 2


def test_series_offers_reminders_and_a_single_date_does_not(asking):
    asking.when(ONCE)
    single = asking.dates()
    asking.when(WEEKLY)
    series = asking.dates()

    label = "Erinnere mich vor jedem Treffen per Mail"
    assert (label in words(single), label in words(series)) == (False, True)


def test_wish_for_reminders_is_shown_and_stored(asking):
    check = asking.all_of(WEEKLY, **OUTSIDE, reminders="yes")
    asking.send()

    assert "Erinnerungvor jedem Treffen per Mail" in words(check)
    assert db.session.scalars(db.select(Booking)).one().reminders is True


def test_hint_about_the_key_has_the_hours_of_the_office(asking):
    asking.when(WEEKLY)
    page = asking.dates()

    assert "Wir brauchen einen Schlüssel Übergabe montags bis freitags zwischen 9 und 17 Uhr" in words(page)
