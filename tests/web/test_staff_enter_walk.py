"""The team enters what came by telephone, in a real browser: while somebody is on the line, and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from booking.database import db
from booking.domain.status import Status
from booking.models import Booking, Room
from tests import make
from tests.support.browser import PHONE, NewPage, check_axe, check_focus, press, shoot, sign_in
from tests.support.server import Server

pytestmark = pytest.mark.browser

PAGE = "/team/eintragen"
#: Who types at leisure makes three strokes a second: thirty seconds of them.
MOST_STROKES = 90


@pytest.fixture
def hall(server: Server) -> Room:
    hall = db.session.scalars(db.select(Room).where(Room.name == "Große Fläche")).one()
    make.booking(hall, "2027-01-20T16:30", minutes=90, status=Status.APPROVED, group="eigenes Team", title="KI-Meetup")
    make.booking(hall, "2027-01-27T16:30", group="Ernährungsrat", title="Runder Tisch")
    make.initiative("Chor am Alten Markt")
    return hall


def entered() -> list[tuple[str, int]]:
    db.session.rollback()
    found = db.session.scalars(db.select(Booking).order_by(Booking.id.desc()).limit(1)).all()
    return [(each.title, len(each.dates(Status.APPROVED))) for each in found]


def test_telephone_request_is_entered_while_somebody_is_on_the_line(page: Page, hall: Room) -> None:
    sign_in(page, path=f"{PAGE}?tag=2027-01-19&von=18:30&bis=20:30&raum=grosse-flaeche")
    found = page.get_by_role("region", name="Was da ist")
    expect(found).to_contain_text("1 frei")
    typed = {
        "Personen, ungefähr": "12",
        "Gruppe": "Chor am Alten Markt",
        "Name": "Zoë Müller",
        "E-Mail-Adresse": "zoe@example.org",
        "Telefon": "0521 123456",
    }
    assert sum(map(len, typed.values())) + len(typed) < MOST_STROKES
    for label, value in typed.items():
        page.get_by_label(label, exact=True).fill(value)
    expect(found).to_contain_text("Chor am Alten Markt ist bekannt: Initiative.")
    page.get_by_label("offen für alle").press("Space")
    check_axe(page)
    check_focus(page)
    shoot(page, "team-enter")
    page.get_by_role("button", name="Eintragen", exact=True).dblclick()
    expect(page.locator("#said")).to_contain_text("eingetragen")
    assert entered() == [("Chor am Alten Markt", 1)]


def test_series_with_clashes_is_entered_on_a_phone_and_without_scripts(new_page: NewPage, hall: Room) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=False)
    sign_in(page, path=PAGE)
    shoot(page, "team-enter-empty-phone")
    page.get_by_text("jede Woche").first.click()
    page.get_by_text("bis zu einem Tag").click()
    for label, value in {
        "Tag": "13.1.2027",
        "Von": "16",
        "Bis": "18",
        "Letzter möglicher Tag": "27.1.2027",
        "Personen, ungefähr": "8",
        "Gruppe": "Netzwerk",
    }.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Raum").select_option(value="grosse-flaeche")
    page.get_by_text("geschlossene Gruppe").click()
    press(page, "Prüfen")
    expect(page.get_by_text("Belegt: KI-Meetup")).to_be_visible()
    check_axe(page)
    shoot(page, "team-enter-phone")
    press(page, "Eintragen")
    expect(page.get_by_role("heading", name="Bitte schau dir 2 Stellen noch einmal an")).to_be_visible()
    page.get_by_label("Was soll mit Mi, 20. Januar 2027 werden?").select_option(label="Diesen Termin auslassen")
    page.get_by_label("Was soll mit Mi, 27. Januar 2027 werden?").select_option(label="Trotzdem eintragen")
    press(page, "Eintragen")
    expect(page.locator("#said")).to_contain_text("2 Termine sind eingetragen: Netzwerk")
    assert entered() == [("Netzwerk", 2)]

    page.get_by_role("link", name="Reihe verlängern").click()
    page.get_by_label("Letzter möglicher Tag").fill("10.2.2027")
    page.get_by_label("Letzter möglicher Tag").press("Enter")
    expect(page.get_by_text("2 frei")).to_be_visible()
    check_axe(page)
    shoot(page, "team-lengthen-phone")
    press(page, "Eintragen")
    expect(page.locator("#said")).to_contain_text("2 weitere Termine sind eingetragen.")
    assert entered() == [("Netzwerk", 4)]
