"""Being forgotten: what the page says, and what is left."""

import sqlalchemy as sa

from booking.database import db, transaction
from booking.models import Booking, Contact, KeyLoan
from tests.support.group_page import post, words
from tests.support.request_form import mistakes


def test_erasing_says_what_happens_and_wants_a_tick(checked_client, address, approved):
    page = checked_client.get(f"{address}/daten-loeschen")
    response = checked_client.submit(f"{address}/daten-loeschen", form="form")

    assert "Eure 2 zugesagten Termine fallen aus, weil wir niemanden mehr erreichen könnten." in words(page)
    assert "Der Termin, der noch geprüft wird, wird zurückgezogen." in words(page)
    assert "Was bleibt: der Name eurer Gruppe, der Titel eures Treffens und die Termine" in words(page)
    assert mistakes(response) == [("sure", "Setz das Häkchen, wenn du deine Daten löschen möchtest.")]
    assert db.session.get(Booking, approved.id).contact.email == "zoe@example.org"


def test_erased_person_ends_on_a_page_without_link(checked_client, address, second, approved):
    response = checked_client.submit(f"{address}/daten-loeschen", {"sure": "yes"}, form="form")

    assert (response.request.path, response.status_code) == ("/daten-geloescht", 200)
    assert [checked_client.get(place).status_code for place in (address, second)] == [410, 410]
    assert "Er öffnet diese Anfrage nicht mehr." in words(checked_client.get(address))
    tables = db.metadata.sorted_tables
    rows = [str(tuple(row)) for table in tables for row in db.session.execute(sa.select(table))]
    assert [row for row in rows if "@example.org" in row] == []


def test_second_person_erases_only_themselves(checked_client, address, second, approved):
    page = checked_client.get(f"{second}/daten-loeschen")
    checked_client.submit(f"{second}/daten-loeschen", {"sure": "yes"}, form="form")

    assert "Die Termine eurer Gruppe bleiben, wie sie sind." in words(page)
    assert [checked_client.get(place).status_code for place in (address, second)] == [200, 410]
    assert {contact.email for contact in db.session.scalars(db.select(Contact))} == {"zoe@example.org", None}


def test_key_has_to_come_back_first(checked_client, address, approved, clock):
    with transaction():
        db.session.add(KeyLoan(booking=approved, number="3", handed_out_at=clock.now))

    page = checked_client.get(f"{address}/daten-loeschen")
    pushed = post(checked_client, f"{address}/daten-loeschen", f"{address}/vertretung", sure="yes")

    assert "Ihr habt noch einen Schlüssel von uns (3)." in words(page)
    assert pushed.location == f"{address}/daten-loeschen"
    assert db.session.get(Booking, approved.id).contact.email == "zoe@example.org"


def test_who_was_forgotten_while_a_page_stood_open_is_led_back(checked_client, address, approved):
    with transaction():
        approved.contact.email = None
    ali = {"name": "Ali", "email": "ali@example.org"}

    answers = [post(checked_client, f"{address}/{page}", address, **ali) for page in ("vertretung", "uebergeben")]

    assert [(answer.status_code, answer.location) for answer in answers] == [(303, address)] * 2
    assert db.session.scalars(db.select(Contact.email)).all() == [None]
