"""The office closes the house in a real browser, without scripts: what it hits is decided, sent, and taken back."""

import pytest
from playwright.sync_api import Page, expect

from booking.database import db
from booking.domain.status import Status
from booking.models import Occurrence, Room
from tests import make
from tests.support.browser import DESKTOP, PHONE, arriving, look, press, sign_in
from tests.support.server import Server

pytestmark = pytest.mark.browser

HERE = "/team/haus/sperrzeiten"


@pytest.fixture
def hall(server: Server) -> Room:
    hall = db.session.scalars(db.select(Room).where(Room.name == "Große Fläche")).one()
    make.booking(hall, "2026-12-24T18:30", "2026-12-31T18:30", status=Status.APPROVED, title="Code for Bielefeld")
    make.booking(hall, "2026-12-30T16:00", group="Ernährungsrat", title="Runder Tisch")
    return hall


def statuses() -> list[str]:
    db.session.rollback()
    return [each.value for each in db.session.scalars(db.select(Occurrence.status).order_by(Occurrence.id))]


def look_at_both(page: Page, name: str) -> None:
    """At a desk and on a phone."""
    look(page, name)
    page.set_viewport_size(PHONE)
    look(page, name)
    page.set_viewport_size(DESKTOP)


def test_office_closes_the_house_and_takes_it_back(page_without_js: Page, hall: Room) -> None:
    page = sign_in(page_without_js, path=f"{HERE}/neu?tag=2026-12-24")
    expect(page.get_by_label("Von", exact=True)).to_have_value("Do, 24. Dezember 2026")
    page.get_by_label("Grund", exact=True).fill("Zwischen den Jahren")
    page.get_by_label("Bis einschließlich").fill("1.1.2027")
    look_at_both(page, "closure-new")
    press(page, "Sperre eintragen")

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Diese Sperre trifft 2 zugesagte und 1 angefragten Termin"
    )
    with arriving(page):
        page.get_by_role("region", name="Zugesagt").get_by_role("button", name="absagen").click()
    first = page.get_by_role("group", name="Do, 24. Dezember 2026: Code for Bielefeld")
    first.get_by_label("verlegen").check()
    expect(first.get_by_role("group", name="Wohin?")).to_be_visible()
    page.get_by_role("group", name="Mi, 30. Dezember 2026: Runder Tisch").get_by_label("nicht möglich").check()
    press(page, "Weiter zu den Mails")
    look_at_both(page, "closure-letters")
    assert statuses() == ["approved", "approved", "requested"]
    press(page, "Sperre eintragen und 3 Mails senden")

    expect(page.locator("#decided")).to_contain_text("Gespeichert: Zwischen den Jahren.")
    look_at_both(page, "closures")
    assert statuses() == ["approved", "cancelled", "declined"]
    press(page, "Rückgängig")
    expect(page.locator("#said")).to_contain_text("Zurückgenommen: Alles ist wie vorher, und keine Mail geht raus.")
    assert statuses() == ["approved", "approved", "requested"]
