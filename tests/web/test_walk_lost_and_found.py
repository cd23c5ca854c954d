"""Everything lost and found again, on a phone: Back, reload, another language, two tabs, and a day and an hour."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from booking.database import db, transaction
from booking.models import Booking, Draft
from tests.support.browser import PHONE, arriving
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

TOLD = {"Wie heißt euer Treffen?": "Nähtreff", "Wer trifft sich?": "Die Fingerhüte", "Wie heißt du?": "Ayşe"}


def assert_told(group):
    for question, answer in TOLD.items():
        expect(group.field(question)).to_have_value(answer)


def test_everything_is_lost_and_found_again(server, new_page, smtp):
    group = Visitor(new_page(viewport=PHONE))
    page = group.page
    group.open("/anfrage")
    group.tell_when("Einmal", "16.12.2026", "10", "11:30", "7", "Besprechung")
    with arriving(page):
        page.reload()
    expect(group.field("Ende")).to_have_value("11:30")
    expect(page.locator("#room-besprechung")).to_be_checked()

    group.press("Weiter")
    for question, answer in TOLD.items():
        group.fill(question, answer)
    group.choose("Geschlossene Gruppe")
    with arriving(page):
        page.go_back()
    group.is_at("Wann trefft ihr euch?")
    expect(group.field("Ende")).to_have_value("11:30")
    with arriving(page):
        page.go_forward()
    assert_told(group)
    expect(page.locator("#is_open-no")).to_be_checked()
    with arriving(page):
        page.get_by_role("link", name="English").first.click()
    expect(page.get_by_label("What’s your name?")).to_have_value("Ayşe")
    with arriving(page):
        page.get_by_role("link", name="Deutsch").first.click()
    group.press("Zurück")
    group.is_at("Wann trefft ihr euch?")
    group.press("Weiter")
    assert_told(group)

    other = Visitor(page.context.new_page())
    other.open("/anfrage")
    assert "Weitermachen, wo ihr wart? Eure Eingaben sind noch da: Nähtreff, 16.12.2026." in other.words()
    other.look("carry-on")
    other.tell_when("Einmal", "17.12.2026", "9", "10", "5", "Werkstatt")
    other.press("Weiter")
    with arriving(page):
        page.reload()
    assert_told(group)

    with transaction():
        for row in db.session.scalars(db.select(Draft)):
            row.changed_at -= timedelta(hours=25)
    page.context.clear_cookies(name="draft")
    group.fill("Worum geht es?", "Wir flicken Kleidung.")
    group.fill("Deine E-Mail-Adresse", "ayse@example.org")
    group.choose("Initiative, Verein oder freie Gruppe")
    group.press("Weiter")
    group.is_at("Alles richtig?")
    group.agree()
    group.send()
    with arriving(page):
        page.go_back()

    group.is_at("Das habt ihr schon geschickt.")
    group.look("sent-already")
    stored = db.session.scalars(db.select(Booking)).one()
    assert (stored.title, stored.people, stored.contact.name) == ("Nähtreff", 7, "Ayşe")
