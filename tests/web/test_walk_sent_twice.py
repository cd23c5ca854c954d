"""Walk 8: who clicks twice, goes back and sends again has asked once."""

import pytest
from playwright.sync_api import expect

from booking import links
from booking.database import db
from booking.house import rooms
from booking.models import Booking
from tests import make
from tests.support.browser import arriving, press
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", [pytest.param("de", marks=pytest.mark.variant), "en"])
def test_double_click_back_and_send_again_make_one_request(server, page, smtp, language):
    group = Visitor(page, language, looks=False)
    group.open("/anfrage")
    group.tell_when("Einmal", "10.12.2026", "19", "21", "12", "Werkstatt")
    group.press("Weiter")
    group.tell_about_us()
    group.press("Weiter")
    group.agree()

    send_with_a_double_click(group)
    group.is_at("Danke, eure Anfrage ist da!")
    reference = page.locator(".ref b").inner_text()
    with arriving(page):
        page.go_back()
    group.is_at("Das habt ihr schon geschickt.")
    assert page.locator(".ref b").inner_text() == reference
    page.reload()

    assert page.locator(".ref b").inner_text() == reference
    assert [booking.reference for booking in db.session.scalars(db.select(Booking))] == [reference]
    assert len(smtp.wait_for(2)) == 2
    assert len(smtp.to("zoe@example.org")) == 1


def send_with_a_double_click(group):
    """On a slow line: the second click comes while the first request is on its way."""
    page = group.page
    button = page.get_by_role("button", name=group.word("Anfrage absenden"))
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def click_again(route):
        page.mouse.click(*middle)
        route.continue_()

    page.route("**/anfrage/pruefen", click_again, times=1)
    with arriving(page):
        page.mouse.click(*middle)


def test_back_after_a_mistake_shows_the_page_with_what_was_typed(server, page):
    group = Visitor(page, "de", looks=False)
    group.open("/anfrage")
    group.tell_when("Einmal", "10.12.2026", "gegen Abend", "21", "12", "Werkstatt")
    group.press("Weiter")
    assert "können wir nicht als Uhrzeit lesen" in group.words()
    page.get_by_label("Beginn").fill("19:30")
    group.press("Weiter")
    group.is_at("Über euch und euer Treffen")

    with arriving(page):
        page.go_back()

    group.is_at("Wann trefft ihr euch?")
    assert page.get_by_label("Ende", exact=True).input_value() == "21"


def test_what_is_free_is_not_said_beside_mistakes(server, page):
    group = Visitor(page, "de", looks=False)
    group.open("/anfrage")
    group.press("Weiter")

    with page.expect_response("**/anfrage/verfuegbarkeit?*"):
        group.tell_when("Einmal", "10.12.2026", "19", "21", "12", "Werkstatt")

    expect(page.locator("#date-echo")).to_contain_text("Donnerstag")
    expect(page.locator("#availability")).to_be_empty()


def test_back_leads_to_a_page_of_the_group_that_answered_with_mistakes(server, page):
    page.goto(f"/a/{links.token(make.link(make.booking(rooms()[0], '2026-12-09T14:00')))}/angaben")
    page.get_by_label("Wie heißt euer Treffen?").fill("")
    page.get_by_label("Wie heißt du?").fill("Ayşe")
    press(page, "Speichern")
    page.goto("/kalender")

    with arriving(page):
        page.go_back()

    expect(page.get_by_label("Wie heißt du?")).to_have_value("Ayşe")
    expect(page.get_by_label("Wie heißt euer Treffen?")).to_have_value("")
