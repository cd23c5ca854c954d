"""Walks 1 and 4: a speaker of a network asks for half a year, and three of 26 dates are taken."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from booking.domain.status import Status
from booking.house import rooms
from tests import make
from tests.support.browser import SMALL_PHONE, look, press, sign_in
from tests.support.mail import plain
from tests.support.visitor import Visitor, dates_in

pytestmark = pytest.mark.browser


@pytest.fixture
def office_sits_in_the_hall(server):
    hall = next(room for room in rooms() if room.name == "Große Fläche")
    days = ("2027-02-24T16:30", "2027-04-14T16:30", "2027-06-09T16:30")
    make.booking(hall, *days, minutes=90, status=Status.APPROVED, group="OIC", title="Klausur")


@pytest.mark.parametrize(
    ("language", "options"),
    [
        pytest.param("de", {}, id="at a desk", marks=pytest.mark.variant),
        pytest.param("de", {"viewport": SMALL_PHONE}, id="on a small phone", marks=pytest.mark.variant),
        pytest.param("en", {"viewport": SMALL_PHONE}, id="on a small phone, in English"),
        pytest.param("de", {"java_script_enabled": False}, id="without JavaScript"),
        pytest.param(
            "en", {"java_script_enabled": False}, id="without JavaScript, in English", marks=pytest.mark.variant
        ),
    ],
)
def test_series_with_three_clashes_is_asked_for(office_sits_in_the_hall, server, new_page, smtp, language, options):
    has_script = options.get("java_script_enabled", True)
    speaker = Visitor(new_page(**options), language, looks="viewport" in options)
    ask_for_half_a_year(speaker, has_script)
    decide_three_dates(speaker, has_script)

    speaker.look("about")
    speaker.press("Weiter")
    speaker.look("about-mistakes")
    speaker.tell_about_us()
    speaker.press("Weiter")

    speaker.is_at("Alles richtig?")
    lines = speaker.date_lines()
    assert len(lines) == 25
    assert speaker.of("Ausgelassen: Mi, 9. Juni 2027 (belegt)", "Left out: Wed 9 June 2027 (taken)") in speaker.words()
    speaker.look("check")
    reference = speaker.send()
    speaker.look("thanks")

    smtp.wait_for(2)
    (to_group,), (to_office,) = smtp.to("zoe@example.org"), smtp.to("innovationen@bielefeld.de")
    assert to_group["Subject"] == speaker.of(
        f"Eure Anfrage ist da: {reference}, Mi 16–18 Uhr, 25 Termine",
        f"We’ve got your request: {reference}, Wed 16:00–18:00, 25 dates",
    )
    assert dates_in(to_group)[:25] == lines
    assert to_office["Subject"] == f"Neue Anfrage: {reference}, Mi 16–18 Uhr, 25 Termine"
    assert "vom 6. Januar bis 30. Juni 2027 (25 Termine)" in plain(to_office)
    speaker.open_link_in(to_group)
    assert speaker.page.locator("tbody tr").count() == 25
    speaker.look("status")
    office = sign_in(new_page())
    entry = office.locator(".requests > li").filter(has_text="Netzwerktreffen")
    assert "vom 6. Januar bis 30. Juni 2027 (25 Termine)" in " ".join(entry.inner_text().split())
    if speaker.looks:
        look(office, "request-inbox")


def ask_for_half_a_year(speaker, has_script):
    speaker.open("/")
    speaker.follow("Raum anfragen")
    speaker.look("when-empty")
    speaker.tell_when("Jede Woche", "6.1.2027", "16", "18 Uhr", "15", "Große Fläche")
    speaker.choose("Bis zu einem Datum")
    speaker.fill("Letzter möglicher Tag", "30.6.2027")
    if not has_script:
        speaker.press("Verfügbarkeit prüfen")
    found = speaker.of("23 von 26 Terminen sind frei.", "23 of 26 dates are free.")
    speaker.page.get_by_role("status").get_by_text(found).wait_for()
    echo = speaker.of("Das ist ein Mittwoch: 6. Januar 2027.", "That is a Wednesday: 6 January 2027.")
    assert speaker.words("#date-echo") == echo
    speaker.look("when-filled")
    speaker.press("Weiter")


def decide_three_dates(speaker, has_script):
    page = speaker.page
    summary = speaker.of(
        "26 Termine: 23 sind frei, bei 3 müsst ihr euch entscheiden.",
        "26 dates: 23 are free, 3 need a decision.",
    )
    assert summary in speaker.words()
    speaker.look("dates")
    page.locator("#d-2027-02-24").get_by_text(speaker.of("Anderer Raum: Werkstatt", "Other room: Werkstatt")).click()
    page.locator("#d-2027-04-14").get_by_text(speaker.of("Andere Zeit", "Other time")).click()
    speaker.press("Weiter")
    mistake = page.get_by_role(
        "link",
        name=speaker.of(
            "Entscheidet noch, was am Mittwoch, 9. Juni passieren soll.",
            "Decide what should happen on Wednesday 9 June.",
        ),
    )
    assert page.title().startswith(speaker.of("Fehler: ", "Error: "))
    expect(page.locator("#error-summary")).to_be_focused()
    speaker.look("dates-mistake")
    mistake.click()
    page.locator("#d-2027-06-09").get_by_text(speaker.word("Diesen Termin auslassen")).click()
    speaker.press("Weiter")


PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("language", ["de", pytest.param("en", marks=pytest.mark.variant)])
def test_25_of_26_dates_that_are_taken_are_one_decision_on_a_phone(server, new_page, language):
    hall = next(room for room in rooms() if room.name == "Große Fläche")
    wednesdays = [date(2027, 1, 6) + timedelta(weeks=n) for n in range(26)]
    starts = [f"{day}T15:30" for day in wednesdays if day.month != 5 or day.day != 12]
    make.booking(hall, *starts, minutes=240, status=Status.APPROVED, group="OIC", title="Werkstattgespräch")
    group = Visitor(new_page(viewport=PHONE), language)
    group.open("/anfrage")
    group.tell_when("Jede Woche", "6.1.2027", "16", "18 Uhr", "15", "Große Fläche")
    group.choose("Bis zu einem Datum")
    group.fill("Letzter möglicher Tag", "30.6.2027")
    group.press("Weiter")

    question = group.of(
        "Große Fläche ist an 25 von 26 Terminen nicht frei", "Große Fläche is not free on 25 of 26 dates"
    )
    assert question in group.words()
    group.look("dates-many-clashes")
    room = group.of("Werkstatt: alle 26 frei", "Werkstatt: all 26 free")
    press(group.page, room)
    assert group.of("26 Termine, und alle sind frei.", "26 dates, and all are free.") in group.words()
    group.press("Weiter")

    group.is_at("Über euch und euer Treffen")
