"""Walks 2 and 3: the second Tuesday of the month is not every second Tuesday, on a small phone."""

import pytest

from tests.support.browser import PHONE, SMALL_PHONE, sign_in
from tests.support.mail import plain
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

SENTENCES = {
    "de": "Immer am zweiten Dienstag im Monat, 19:00 bis 21:00 Uhr, vom 12. Januar bis 8. Juni 2027 (6 Termine)",
    "en": "On the second Tuesday of each month, 19:00 to 21:00, from 12 January to 8 June 2027 (6 dates)",
}


@pytest.mark.parametrize(
    ("language", "viewport"), [("de", SMALL_PHONE), pytest.param("en", PHONE, marks=pytest.mark.variant)]
)
def test_second_tuesday_is_told_from_every_second_week(server, new_page, smtp, language, viewport):
    group = Visitor(new_page(viewport=viewport), language)
    sentence = SENTENCES[language]

    group.open("/anfrage")
    group.tell_when("Einmal im Monat, am gleichen Wochentag", "12.1.2027", "19", "21", "12", "Werkstatt")
    group.fill("Anzahl Treffen", "6")
    found = group.of("Gute Nachricht: Alle 6 Termine sind noch frei.", "Good news: all 6 dates are free.")
    group.page.get_by_role("status").get_by_text(found).wait_for()
    group.look("monthly-when")
    group.press("Weiter")

    nth = group.of(
        "Der 12. Januar 2027 ist der zweite Dienstag im Januar.",
        "12 January 2027 is the second Tuesday in January.",
    )
    assert nth in group.words()
    group.look("monthly-dates")
    take_the_other_reading_and_come_back(group)
    group.press("Weiter")
    group.tell_about_us()
    group.look("monthly-about")
    group.press("Weiter")
    assert sentence in group.words()
    group.look("monthly-check")
    reference = group.send()

    group.look("monthly-thanks")
    smtp.wait_for(2)
    (to_group,), (to_office,) = smtp.to("zoe@example.org"), smtp.to("innovationen@bielefeld.de")
    assert sentence in plain(to_group)
    assert SENTENCES["de"] in plain(to_office)
    group.open_link_in(to_group)
    assert sentence in group.words()
    group.look("monthly-status")
    if language == "de":
        office = Visitor(sign_in(new_page(), path=f"/team/anfragen/{reference}"))
        assert sentence in office.words()


def take_the_other_reading_and_come_back(group):
    page = group.page
    page.locator("label", has_text=group.of("Alle zwei Wochen am Dienstag", "Every two weeks on Tuesday")).click()
    group.press("Diese Termine zeigen")
    ticks = [" ".join(tick.split()) for tick in page.locator(".month label").all_inner_texts()]
    assert ticks[:3] == [
        group.of("Di, 12. Januar", "Tue 12 January"),
        group.of("Di, 26. Januar", "Tue 26 January"),
        group.of("Di, 9. Februar", "Tue 9 February"),
    ]
    page.locator("label", has_text=group.of("Immer am zweiten Dienstag", "On the second Tuesday")).click()
    group.press("Weiter")
    assert page.locator(".month label").count() == 6  # its dates are shown before anything goes on
