"""From one sentence to thanks on a phone: four pages for a new group, three for one that is known."""

import pytest
from playwright.sync_api import Page

from booking import links
from booking.database import db
from booking.models import Booking
from tests import make
from tests.support.browser import PHONE, arriving, check_axe
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

SENTENCE = "Jeden zweiten Dienstag im Monat von 19 bis 21 Uhr, ab Januar bis Ende März, so 12 Leute"
DAYS = ["12.01.", "09.02.", "09.03."]


def counted(page: Page) -> list[str]:
    """The pages that are loaded from now on."""
    seen: list[str] = []
    page.on("load", lambda loaded: seen.append(loaded.url))
    return seen


@pytest.mark.parametrize(
    "script", [pytest.param(True, id="with JavaScript"), pytest.param(False, id="without", marks=pytest.mark.variant)]
)
def test_one_sentence_leads_to_thanks(server, new_page, smtp, script):
    group = Visitor(new_page(viewport=PHONE, java_script_enabled=script), looks=script)
    group.open("/")
    if script:
        check_axe(group.page)
    pages = counted(group.page)
    group.page.locator("#line").fill(SENTENCE)
    with arriving(group.page):
        group.page.locator("#line").press("Enter")
    assert "12. Januar, 9. Februar, 9. März 2027" in group.words("#line-said")
    group.look("line-when")
    group.press("Stimmt, weiter")
    group.tell_about_us()
    group.press("Weiter")
    group.is_at("Alles richtig?")
    group.send()

    assert len(pages) == 4
    (booking,) = db.session.scalars(db.select(Booking))
    assert [f"{each.original_start:%d.%m.}" for each in booking.occurrences] == DAYS

    group.page.goto(f"/a/{links.token(make.link(booking))}")
    with arriving(group.page):
        group.page.locator("form#again button").first.click()
    pages = counted(group.page)
    group.page.locator("details.line > summary").click()
    group.fill("Euer Wunsch in einem Satz", "jeden Mittwoch 10 bis 12 Uhr im April, 12 Leute")
    group.press("Formular ausfüllen")
    group.press("Stimmt, weiter")
    group.is_at("Alles richtig?")
    group.send()

    assert len(pages) == 3
    db.session.rollback()
    assert db.session.scalar(db.select(db.func.count(Booking.id))) == 2
