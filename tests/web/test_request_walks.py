"""Walks of groups through the request, in a real browser, up to the letter that confirms it."""

import pytest

from booking.database import db
from booking.domain.status import Status
from booking.models import Booking
from booking.schedule import rooms
from tests import make
from tests.support.browser import PHONE, SMALL_PHONE, arriving, follow, look, press, sign_in
from tests.support.mail import plain

pytestmark = pytest.mark.browser


def choose(page, *labels):
    for label in labels:
        page.locator("label", has_text=label).first.click()


def tell_about_us(page):
    page.get_by_label("Wie heißt euer Treffen?").fill("Netzwerktreffen")
    page.get_by_label("Wer trifft sich?").fill("Gesundheitsladen")
    page.get_by_label("Worum geht es?").fill("Wir bereiten Projekte vor.")
    page.get_by_label("Wie heißt du?").fill("Zoë Müller")
    page.get_by_label("Deine E-Mail-Adresse").fill("zoe@example.org")
    choose(page, "Initiative, Verein oder freie Gruppe", "Offen für alle", "Wir brauchen einen Schlüssel")
    page.get_by_label("Name", exact=True).fill("Zoë Müller")
    page.get_by_label("Handynummer").fill("0170 1234567")


def dates_on_page(page):
    page.get_by_role("heading", name="Alles richtig?").wait_for()
    return [line.replace("\u00a0", " ") for line in page.locator(".date-lines li").all_inner_texts()]


def dates_in(letter):
    return [line for line in plain(letter).splitlines() if line.endswith(("Große Fläche", "Werkstatt"))]


@pytest.fixture
def office_sits_in_the_hall(server):
    hall = next(room for room in rooms() if room.name == "Große Fläche")
    days = ("2027-02-24T16:30", "2027-04-14T16:30", "2027-06-09T16:30")
    make.booking(hall, *days, minutes=90, status=Status.APPROVED, group="OIC", title="Klausur")


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="at a desk"),
        pytest.param({"viewport": PHONE}, id="on a phone"),
        pytest.param({"java_script_enabled": False}, id="without JavaScript"),
    ],
)
def test_series_with_three_clashes_is_asked_for(office_sits_in_the_hall, server, new_page, smtp, options):
    """Walk 1, and walk 4 as far as there is no calendar to choose from."""
    page = new_page(**options)
    has_script = options.get("java_script_enabled", True)
    see = look if has_script else lambda *_: None

    page.goto("/")
    follow(page, "Raum anfragen")
    see(page, "request-when-empty")
    choose(page, "Jede Woche")
    page.get_by_label("Wann ist das erste Treffen?").fill("6.1.2027")
    page.get_by_label("Beginn").fill("16")
    page.get_by_label("Ende", exact=True).fill("18 Uhr")
    choose(page, "Bis zu einem Datum")
    page.get_by_label("Letzter möglicher Tag").fill("30.6.2027")
    page.get_by_label("Wie viele seid ihr ungefähr?").fill("15")
    choose(page, "Große Fläche")
    if not has_script:
        press(page, "Verfügbarkeit prüfen")
    page.get_by_role("status").get_by_text("23 von 26 Terminen sind frei.").wait_for()
    assert page.locator("#date-echo").inner_text().replace("\u00a0", " ") == "Das ist ein Mittwoch: 6. Januar 2027."
    see(page, "request-when-filled")
    press(page, "Weiter")

    assert "26 Termine: 23 sind frei, bei 3 müsst ihr euch entscheiden." in page.inner_text("main")
    see(page, "request-dates")
    page.locator("#d-2027-02-24").get_by_text("Anderer Raum: Werkstatt").click()
    page.locator("#d-2027-04-14").get_by_text("Andere Zeit").click()
    press(page, "Weiter")
    summary = page.get_by_role("link", name="Entscheidet noch, was am Mittwoch, 9. Juni passieren soll.")
    assert page.title().startswith("Fehler: ")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    see(page, "request-dates-mistake")
    summary.click()
    page.locator("#d-2027-06-09").get_by_text("Diesen Termin auslassen").click()
    press(page, "Weiter")

    see(page, "request-about")
    press(page, "Weiter")
    see(page, "request-about-mistakes")
    tell_about_us(page)
    press(page, "Weiter")

    lines = dates_on_page(page)
    assert len(lines) == 25
    assert "Ausgelassen: Mi, 9. Juni 2027 (belegt)" in page.inner_text("main").replace("\u00a0", " ")
    see(page, "request-check")
    choose(page, "Wir haben die Hausordnung gelesen")
    press(page, "Anfrage absenden")

    page.get_by_role("heading", name="Danke, eure Anfrage ist da!").wait_for()
    see(page, "request-thanks")
    reference = page.locator(".ref b").inner_text()
    to_group, to_office = (
        smtp.wait_for(2) and smtp.to(to)[0] for to in ("zoe@example.org", "innovationen@bielefeld.de")
    )
    assert to_group["Subject"] == f"Eure Anfrage ist da: Netzwerktreffen ({reference})"
    assert dates_in(to_group) == lines
    assert "25 Termine" in to_office["Subject"]
    follow(page, "Anfrage ansehen")
    assert page.locator("tbody tr").count() == 25
    see(page, "request-status")
    office = sign_in(new_page())
    entry = office.locator(".requests > li").filter(has_text="Netzwerktreffen")
    assert "vom 6. Januar bis 30. Juni 2027 (25 Termine)" in entry.inner_text().replace("\u00a0", " ")
    see(office, "request-inbox")


def test_second_tuesday_is_told_from_every_second_week_on_a_small_phone(server, new_page, smtp):
    """Walks 2 and 3."""
    page = new_page(viewport=SMALL_PHONE)

    page.goto("/anfrage")
    choose(page, "Einmal im Monat, am gleichen Wochentag")
    page.get_by_label("Wann ist das erste Treffen?").fill("12.1.2027")
    page.get_by_label("Beginn").fill("19")
    page.get_by_label("Ende", exact=True).fill("21")
    page.get_by_label("Anzahl Treffen", exact=True).fill("6")
    page.get_by_label("Wie viele seid ihr ungefähr?").fill("12")
    choose(page, "Werkstatt")
    page.get_by_role("status").get_by_text("Gute Nachricht: Alle 6 Termine sind noch frei.").wait_for()
    look(page, "request-monthly-when")
    press(page, "Weiter")

    main = page.inner_text("main").replace("\u00a0", " ")
    assert "Der 12. Januar 2027 ist der zweite Dienstag im Januar." in main
    look(page, "request-monthly-dates")
    choose(page, "Alle zwei Wochen am Dienstag")
    press(page, "Diese Termine zeigen")
    ticks = page.locator(".month label").all_inner_texts()
    assert [tick.replace("\u00a0", " ") for tick in ticks[:3]] == ["Di, 12. Januar", "Di, 26. Januar", "Di, 9. Februar"]
    choose(page, "Immer am zweiten Dienstag im Monat")
    press(page, "Weiter")
    assert page.locator(".month label").count() == 6  # its dates are shown before anything goes on
    press(page, "Weiter")
    tell_about_us(page)
    look(page, "request-monthly-about")
    press(page, "Weiter")
    sentence = "Immer am zweiten Dienstag im Monat, 19:00 bis 21:00 Uhr, vom 12. Januar bis 8. Juni 2027 (6 Termine)"
    assert sentence in page.inner_text("main").replace("\u00a0", " ")
    look(page, "request-monthly-check")
    choose(page, "Wir haben die Hausordnung gelesen")
    press(page, "Anfrage absenden")

    page.get_by_role("heading", name="Danke, eure Anfrage ist da!").wait_for()
    look(page, "request-monthly-thanks")
    smtp.wait_for(2)
    for address in ("zoe@example.org", "innovationen@bielefeld.de"):
        assert sentence in plain(smtp.to(address)[0])
    follow(page, "Anfrage ansehen")
    assert sentence in page.inner_text("main").replace("\u00a0", " ")
    look(page, "request-monthly-status")


def test_double_click_back_and_send_again_make_one_request(server, page, smtp):
    """Walk 8, on a slow line."""
    page.goto("/anfrage?date=2026-12-10&room=werkstatt")
    choose(page, "Einmal")
    page.get_by_label("Beginn").fill("19")
    page.get_by_label("Ende", exact=True).fill("21")
    page.get_by_label("Wie viele seid ihr ungefähr?").fill("12")
    press(page, "Weiter")
    press(page, "Weiter")
    tell_about_us(page)
    press(page, "Weiter")
    choose(page, "Wir haben die Hausordnung gelesen")

    button = page.get_by_role("button", name="Anfrage absenden")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def click_again(route):
        """While the first request is on its way."""
        page.mouse.click(*middle)
        route.continue_()

    page.route("**/anfrage/pruefen", click_again, times=1)
    with arriving(page):
        page.mouse.click(*middle)
    page.get_by_role("heading", name="Danke, eure Anfrage ist da!").wait_for()
    reference = page.locator(".ref b").inner_text()
    page.go_back()
    choose(page, "Wir haben die Hausordnung gelesen")
    press(page, "Anfrage absenden")
    page.get_by_role("heading", name="Diese Anfrage haben wir schon bekommen.").wait_for()
    assert page.locator(".ref b").inner_text() == reference
    page.reload()

    assert page.locator(".ref b").inner_text() == reference
    assert [booking.reference for booking in db.session.scalars(db.select(Booking))] == [reference]
    assert len(smtp.wait_for(2)) == 2
    assert len(smtp.to("zoe@example.org")) == 1


def test_script_shows_only_what_belongs_to_the_rhythm(server, page):
    page.goto("/anfrage")
    series = page.get_by_role("group", name="Bis wann soll die Reihe gehen?")
    assert not series.is_visible()

    choose(page, "Jede Woche")
    assert series.is_visible()
    choose(page, "An einzelnen Terminen")

    assert not series.is_visible()
    assert page.get_by_label("3. Termin").is_visible()
    assert not page.get_by_label("4. Termin").is_visible()
    page.get_by_role("button", name="Weiteren Termin hinzufügen").click()
    assert page.evaluate("document.activeElement.id") == "more-2"


def test_page_without_script_says_when_a_field_is_meant(server, page_without_js):
    page_without_js.goto("/anfrage")

    assert page_without_js.get_by_text("Nur wenn ihr euch regelmäßig trefft.").is_visible()
    assert page_without_js.get_by_text("nur wenn ihr euch an einzelnen Terminen trefft").is_visible()
