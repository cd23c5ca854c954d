"""The calendar beside a date field, with the script: opened, walked through and closed with keys and fingers."""

import pytest
from playwright.sync_api import expect

from booking.domain.status import Status
from booking.house import rooms
from tests import make
from tests.support.browser import DESKTOP, PHONE, SMALL_PHONE, check_axe, shoot

pytestmark = pytest.mark.browser

FOCUSED = "document.activeElement.dataset.day || document.activeElement.id || document.activeElement.textContent.trim()"


def button(page, of="Wann ist das erste Treffen?"):
    return page.get_by_role("button", name=f"Im Kalender auswählen {of}")


def open_calendar(page):
    """With the keyboard, from the field on."""
    page.locator("#date").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#calendar-date [data-day]:focus").wait_for()


@pytest.fixture
def workshop_is_busy(server):
    workshop = next(room for room in rooms() if room.name == "Werkstatt")
    make.booking(workshop, "2026-12-08T19:00", status=Status.APPROVED)
    make.booking(workshop, "2026-12-10T09:00", minutes=13 * 60, status=Status.APPROVED)
    make.closure("2026-12-24T00:00", "2027-01-01T00:00")


@pytest.mark.parametrize(
    ("language", "viewport"),
    [
        pytest.param("de", SMALL_PHONE, id="German, on a small phone"),
        pytest.param("en", DESKTOP, id="English, at a desk"),
        pytest.param("de", DESKTOP, id="German, at a desk", marks=pytest.mark.variant),
        pytest.param("en", SMALL_PHONE, id="English, on a small phone", marks=pytest.mark.variant),
        pytest.param("de", PHONE, id="German, on a phone", marks=pytest.mark.variant),
        pytest.param("en", PHONE, id="English, on a phone", marks=pytest.mark.variant),
    ],
)
def test_calendar_fits_every_screen_and_says_how_free_each_day_is(workshop_is_busy, new_page, viewport, language):
    page = new_page(viewport=viewport)
    page.goto(("/en" if language == "en" else "") + "/anfrage?room=werkstatt")
    page.locator("[data-calendar]").first.click()

    grid = page.get_by_role("grid", name="Dezember 2026" if language == "de" else "December 2026")
    grid.wait_for()
    names = {
        "de": ["Dienstag, 8. Dezember 2026, teilweise belegt", "Donnerstag, 10. Dezember 2026, belegt"],
        "en": ["Tuesday 8 December 2026, partly booked", "Thursday 10 December 2026, taken"],
    }[language]
    for name in names:
        expect(grid.get_by_role("button", name=name)).to_be_visible()
    day = grid.locator("[data-day='2026-12-08']").bounding_box()
    assert day["height"] >= 44
    assert day["width"] >= min(44, (viewport["width"] - 40) / 7 - 0.5)
    for size in ("", "200%"):
        page.evaluate("size => document.documentElement.style.fontSize = size", size)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        shoot(page, f"request-calendar-{language}-{viewport['width']}{size.rstrip('%')}")
    page.evaluate("document.documentElement.style.fontSize = ''")
    check_axe(page)


def test_keys_walk_through_the_days_as_the_pattern_has_them(workshop_is_busy, page):
    page.goto("/anfrage")
    page.locator("#date").fill("Di 15.12.")
    open_calendar(page)

    walked = []
    for key in (
        *("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "Home", "End", "PageDown", "PageUp"),
        *("ArrowDown", "ArrowDown", "PageDown", "PageDown", "Shift+PageDown", "Shift+PageUp"),
    ):
        before = page.evaluate(FOCUSED)
        page.keyboard.press(key)
        if not key.startswith("Shift"):
            page.wait_for_function(f"before => ({FOCUSED}) !== before", arg=before)
        walked.append(page.evaluate(FOCUSED))

    assert walked == [
        *("2026-12-16", "2026-12-23", "2026-12-22", "2026-12-15", "2026-12-14", "2026-12-20"),
        *("2027-01-20", "2026-12-20", "2026-12-27", "2027-01-03", "2027-02-03", "2027-03-03"),
        *("2027-03-03", "2027-03-03"),  # a year from there nothing is planned
    ]
    assert page.locator("#calendar-date [tabindex='0']").count() == 1


def test_end_of_a_month_is_not_lost_in_a_shorter_one(server, page):
    page.goto("/anfrage")
    page.locator("#date").fill("31.1.2027")
    open_calendar(page)

    page.keyboard.press("PageDown")

    page.locator("[data-day='2027-02-28']:focus").wait_for()


@pytest.mark.parametrize("key", ["Enter", pytest.param("Space", marks=pytest.mark.variant)])
def test_chosen_day_stands_in_the_field_and_is_looked_up(workshop_is_busy, page, key):
    page.goto("/anfrage?room=werkstatt&start=19:00&people=12")
    page.locator("label", has_text="Einmal").first.click()
    page.get_by_label("Ende", exact=True).fill("21")
    open_calendar(page)
    page.keyboard.press("ArrowRight")
    page.locator("[data-day='2026-12-04']:focus").wait_for()

    page.keyboard.press(key)

    assert page.locator("#date").input_value() == "4.12.2026"
    assert button(page, "An welchem Tag?").evaluate("button => button === document.activeElement")
    assert button(page, "An welchem Tag?").get_attribute("aria-expanded") == "false"
    assert not page.locator("#calendar-date").is_visible()
    page.get_by_role("status").get_by_text("Gute Nachricht: Freitag, 4. Dezember").wait_for()
    page.get_by_text("Das ist ein Freitag: 4. Dezember 2026.").wait_for()
    assert page.get_by_role("status").count() == 1


def test_escape_closes_and_gives_the_focus_back(server, page):
    page.goto("/anfrage")
    open_calendar(page)
    assert button(page).get_attribute("aria-expanded") == "true"

    page.keyboard.press("Escape")

    assert not page.locator("#calendar-date").is_visible()
    assert button(page).evaluate("button => button === document.activeElement")
    assert page.locator("#date").input_value() == ""


def test_day_that_cannot_be_asked_for_is_not_chosen(server, page):
    page.goto("/anfrage")
    open_calendar(page)
    page.keyboard.press("ArrowLeft")
    too_soon = page.get_by_role("button", name="Mittwoch, 2. Dezember 2026, zu kurzfristig")
    expect(too_soon).to_be_focused()

    page.keyboard.press("Enter")

    assert too_soon.get_attribute("aria-disabled") == "true"
    assert page.locator("#calendar-date").is_visible()
    assert page.locator("#date").input_value() == ""


def test_months_turn_by_buttons_and_say_their_name(server, page):
    page.goto("/anfrage")
    button(page).click()
    page.get_by_role("grid", name="Dezember 2026").wait_for()

    page.get_by_role("button", name="Nächster Monat").click()
    page.get_by_role("grid", name="Januar 2027").wait_for()

    expect(page.get_by_role("button", name="Nächster Monat")).to_be_focused()
    assert page.locator("#calendar-date + [aria-live=polite]").inner_text() == "Januar 2027"


def test_arrow_that_leads_no_further_gives_its_focus_to_the_other(server, page):
    page.goto("/anfrage?date=2027-05-12")
    button(page).click()
    page.get_by_role("grid", name="Mai 2027").wait_for()

    page.get_by_role("button", name="Nächster Monat").press("Enter")
    page.get_by_role("grid", name="Juni 2027").wait_for()

    expect(page.get_by_role("button", name="Voriger Monat")).to_be_focused()


def test_each_field_has_its_own_calendar_and_one_is_open_at_a_time(server, page):
    page.goto("/anfrage?date=2026-12-08")
    page.locator("label", has_text="An einzelnen Terminen").first.click()
    button(page).click()
    page.get_by_role("grid", name="Dezember 2026").wait_for()

    button(page, "2. Termin").click()
    page.locator("#calendar-more-0").get_by_role("button", name="Dienstag, 15. Dezember 2026").click()

    assert not page.locator("#calendar-date").is_visible()
    values = [page.locator(name).input_value() for name in ("#date", "#more-0")]
    assert values == ["8.12.2026", "15.12.2026"]
    page.locator("label", has_text="Jede Woche").first.click()
    button(page, "Letzter möglicher Tag").click()
    page.locator("#calendar-until").get_by_role("button", name="Dienstag, 22. Dezember 2026").click()
    assert page.locator("#until").input_value() == "22.12.2026"
    assert page.locator("#until_kind-date").is_checked()


def test_enter_in_a_field_still_goes_on(server, page):
    page.goto("/anfrage")
    page.locator("#people").press("Enter")

    page.get_by_role("heading", name="Bitte schau dir").wait_for()


@pytest.mark.parametrize("viewport", [pytest.param(PHONE, marks=pytest.mark.variant), SMALL_PHONE])
def test_calendar_without_script_is_a_page_that_loses_nothing(workshop_is_busy, new_page, viewport):
    page = new_page(java_script_enabled=False, viewport=viewport)
    page.goto("/anfrage")
    page.locator("label", has_text="Alle zwei Wochen").first.click()
    page.get_by_label("Beginn").fill("19 Uhr")
    page.locator("label[for=room-werkstatt]").click()
    page.get_by_role("button", name="Im Kalender auswählen Wann ist das erste Treffen?").click()

    page.get_by_role("heading", name="Wähle einen Tag").wait_for()
    shoot(page, f"request-calendar-page-{viewport['width']}")
    check_axe(page)
    page.get_by_role("link", name="Nächster Monat").click()
    page.get_by_role("heading", name="Januar 2027").wait_for()
    page.get_by_role("link", name="Dienstag, 12. Januar 2027, noch frei").click()

    page.get_by_role("heading", name="Wann trefft ihr euch?").wait_for()
    assert page.locator("#date").input_value() == "12.1.2027"
    assert page.get_by_label("Beginn").input_value() == "19 Uhr"
    assert page.locator("#rhythm-two_weeks").is_checked()
    assert page.locator("#room-werkstatt").is_checked()
