"""What the script of the first step does, and what a page without it says."""

import pytest

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
