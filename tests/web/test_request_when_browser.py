"""What the script of the first step does, and what a page without it says."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import PHONE, arriving, check_axe, press, shoot
from tests.support.shown import LOST

pytestmark = pytest.mark.browser


def test_script_shows_only_what_belongs_to_the_rhythm(server, page):
    page.goto("/anfrage")
    series = page.get_by_role("group", name="Bis wann soll die Reihe gehen?")
    assert not series.is_visible()

    page.locator("label", has_text="Jede Woche").click()
    assert series.is_visible()
    page.locator("label", has_text="An einzelnen Terminen").click()

    assert not series.is_visible()
    assert page.get_by_label("3. Termin").is_visible()
    assert not page.get_by_label("4. Termin").is_visible()
    page.get_by_role("button", name="Weiteren Termin hinzufügen").click()
    assert page.evaluate("document.activeElement.id") == "more-2"


def test_page_without_script_says_when_a_field_is_meant(server, page_without_js):
    page_without_js.goto("/anfrage")

    assert page_without_js.get_by_text("Nur wenn ihr euch regelmäßig trefft.").is_visible()
    assert page_without_js.get_by_text("nur wenn ihr euch an einzelnen Terminen trefft").is_visible()


@pytest.mark.parametrize("language", ["de", pytest.param("en", marks=pytest.mark.variant)])
def test_what_is_free_stays_in_sight_on_phones_and_covers_nothing(server, new_page, language):
    """Also where a keyboard leaves two thirds of the window."""
    page = new_page(viewport=PHONE)
    page.goto({"de": "/anfrage", "en": "/en/anfrage"}[language])
    page.locator("label[for=rhythm-once]").click()
    for name, text in (("date", "9.12.2026"), ("start", "19"), ("end", "21"), ("people", "8")):
        page.locator(f"[name={name}]").fill(text)
    page.locator("label[for=room-werkstatt]").click()
    answer = page.locator("#availability .note")
    expect(answer).to_be_visible()

    check_axe(page)
    for width, height in ((320, 568), (390, 844), (390, 600)):
        page.set_viewport_size({"width": width, "height": height})
        for name in ("start", "end", "people"):
            page.locator(f"[name={name}]").focus()
            expect(answer).to_be_in_viewport(ratio=0.95)
        shoot(page, f"request-answer-{language}-{width}-{height}", full_page=False)
        assert page.evaluate(LOST) == []
    press = page.locator(".form-actions button").first.bounding_box()
    told = answer.bounding_box()
    page.locator(".form-actions button").first.scroll_into_view_if_needed()
    shoot(page, f"request-answer-{language}-end", full_page=False)
    assert press
    assert told
    assert told["y"] + told["height"] <= press["y"]

    with arriving(page):
        page.locator("[name=check]").click()
    expect(page.locator("#availability")).to_be_focused()


def test_what_was_chosen_from_a_fold_is_in_sight_after_going_back(server, page_without_js):
    """The browser ticks it again by itself, and leaves the fold as the page had it."""
    page = page_without_js
    page.goto("/anfrage")
    page.locator(".other-rhythms summary").first.click()
    page.locator("label[for=rhythm-few]").click()
    press(page, "Weiter")

    with arriving(page):
        page.go_back()

    expect(page.locator("#rhythm-few")).to_be_checked()
    expect(page.locator("label[for=rhythm-few]")).to_be_visible()
