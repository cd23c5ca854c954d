"""Walk 6: what a reader of the screen says on the way to a request, as browsers hand it over."""

import re

import pytest
from playwright.sync_api import expect

from booking.database import db
from booking.domain.status import Status
from booking.models import Room
from tests import make
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

#: How often a region that is read out has changed.
LISTEN = """() => {
    window.said = [];
    const listen = (place) => new MutationObserver(() => window.said.push(place.textContent.trim().slice(0, 13)))
        .observe(place, { childList: true, subtree: true, characterData: true });
    document.querySelectorAll("[role=status], [aria-live]").forEach(listen);
}"""


def test_each_thing_is_heard_once_and_with_what_it_belongs_to(server, page, smtp):
    workshop = db.session.scalars(db.select(Room).where(Room.slug == "werkstatt")).one()
    make.booking(workshop, "2026-12-10T19:30", status=Status.APPROVED, group="Chor", title="Chorprobe")
    reader = Visitor(page, looks=False)
    reader.open("/anfrage")
    page.evaluate(LISTEN)
    reader.choose("Einmal", "Werkstatt")
    day = reader.field("An welchem Tag?")
    expect(day).to_have_accessible_description(re.compile(r"^Zum Beispiel \d+\.12\.2026$"))
    for label, text in {"Beginn": "19", "Ende": "21", "Wie viele seid ihr ungefähr?": "12"}.items():
        reader.fill(label, text)
    day.press_sequentially("10.12.2026", delay=20)
    expect(page.get_by_role("status")).to_contain_text("An diesem Termin ist Werkstatt belegt.")
    expect(page.locator("#date-echo")).to_have_text("Das ist ein Donnerstag: 10. Dezember 2026.")
    assert page.evaluate("said.filter((words) => words.startsWith('An diesem')).length") == 1

    reader.press("Weiter")
    row = page.get_by_role("group", name="Donnerstag, 10. Dezember 2026 belegt")
    expect(row).to_have_accessible_description(re.compile("Belegt: Chorprobe"))
    reader.press("Weiter")
    expect(page.locator(":focus")).to_have_accessible_name("Bitte schau dir eine Stelle noch einmal an")
    page.get_by_role("link", name="Entscheidet noch, was am Donnerstag, 10. Dezember passieren soll.").click()
    expect(row.get_by_role("radio").first).to_be_focused()
    reader.choose("Anderer Raum: Große Fläche, gleiche Zeit")
    reader.press("Weiter")
    reader.tell_about_us()
    reader.press("Weiter")
    reader.send()
    assert page.get_by_role("main").get_by_role("heading").first.inner_text() == "Danke, eure Anfrage ist da!"
