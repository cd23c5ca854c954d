"""The team keeps its groups in order, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Initiative, Room
from tests import make
from tests.support.browser import PHONE, NewPage, check_axe, follow, look, press, shoot, sign_in
from tests.support.server import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def choirs(server: Server) -> None:
    hall = db.session.scalars(db.select(Room).where(Room.name == "Große Fläche")).one()
    weeks = ["2026-11-16", "2026-11-23", "2026-12-07", "2026-12-14"]
    make.booking(hall, *(f"{day}T18:00" for day in weeks), status=Status.APPROVED, group="Chor am Markt", title="Probe")
    row = make.booking(
        hall, "2026-12-15T18:00", status=Status.APPROVED, group="Chor am Alten Markt", email="mia@example.org"
    )
    with transaction():
        row.initiative.notes = "Noten liegen im Schrank.\nFrau Berg hat die Nummer vom Hausmeister."


def test_two_groups_that_are_one_are_merged(page: Page, choirs: None) -> None:
    sign_in(page, path="/team")
    follow(page, "Gruppen")
    check_axe(page)
    shoot(page, "team-groups")
    page.get_by_label("Name").fill("chor")
    press(page, "Filtern")
    follow(page, "Chor am Markt")
    check_axe(page)
    shoot(page, "team-group")
    follow(page, "Chor am Alten Markt")
    expect(page.get_by_text("1 Anfrage: 1 Termin").first).to_be_visible()
    check_axe(page)
    shoot(page, "team-merge")
    press(page, "„Chor am Markt“ behalten und zusammenlegen")
    expect(page.locator("#said")).to_contain_text("sind jetzt eine Gruppe")
    expect(page.get_by_label("Notizen, nur fürs Team")).to_have_value(
        "Noten liegen im Schrank.\nFrau Berg hat die Nummer vom Hausmeister."
    )
    page.get_by_label("Name", exact=True).fill("Marktchor")
    press(page, "Speichern")
    expect(page.get_by_role("heading", name="Marktchor", level=1)).to_be_visible()
    db.session.rollback()
    slug = db.session.scalars(db.select(Initiative.slug).where(Initiative.name == "Marktchor")).one()
    assert slug == "chor-am-markt"


def test_group_is_read_on_a_phone(new_page: NewPage, choirs: None) -> None:
    page = sign_in(new_page(viewport=PHONE), path="/team/gruppen/chor-am-alten-markt")
    look(page, "team-group-phone")
