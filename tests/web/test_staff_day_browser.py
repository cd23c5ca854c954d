"""The office runs its day, in a real browser: running order, keys, calendar and what is printed."""

import re

import pytest
from playwright.sync_api import Page, expect

from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Booking, Room
from tests import make
from tests.support.browser import PHONE, NewPage, check_focus, look, press, shoot, sign_in
from tests.support.server import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def server(idle_server: Server) -> Server:
    """It starts in the afternoon of a full day."""
    return idle_server


@pytest.fixture
def evening(server: Server) -> Booking:
    hall, workshop, small = db.session.scalars(db.select(Room).order_by(Room.position)).all()
    approved = {"status": Status.APPROVED}
    make.booking(
        workshop, "2026-12-08T09:00", minutes=180, group="Jugendamt", title="Teamtag", is_open=False, **approved
    )
    make.booking(small, "2026-12-08T15:00", minutes=60, group="Stadtteilmütter", title="Austauschrunde", **approved)
    make.booking(
        hall, "2026-12-08T16:30", minutes=90, group="eigenes Team", title="KI-Meetup", doors_open=True, **approved
    )
    make.booking(small, "2026-12-08T19:30", status=Status.CANCELLED, group="Lesekreis", title="Lesen")
    evening = make.booking(
        hall, "2026-12-08T18:30", group="Code for Bielefeld (OK Lab)", title="Code for Bielefeld", way_in="need",
        before_minutes=30, after_minutes=30, **approved
    )  # fmt: skip
    with transaction():
        evening.contact.onsite_name, evening.contact.onsite_phone = "Ali Yıldız", "0176 04069015"
    return evening


def test_office_runs_its_evening(evening: Booking, server: Server, new_page: NewPage) -> None:
    server.start("2026-12-08T15:20")
    page = new_page(java_script_enabled=False)
    sign_in(page, path="/team/heute")
    look(page, "team-today")
    page.get_by_label("Nummer: Code for Bielefeld (OK Lab)").fill("7")
    press(page, "ausgegeben: Code for Bielefeld (OK Lab)")
    expect(page.get_by_text("Schlüssel 7, hat die Gruppe")).to_be_visible()
    press(page, "niemand gekommen: Teamtag")
    expect(page.locator("#said")).to_contain_text("Von Jugendamt ist niemand gekommen.")
    page.get_by_label("Text").fill("Der Aufzug ist heute außer Betrieb. Wir helfen gern: 0521 51-34408.")
    press(page, "Hinweis zeigen")
    expect(page.get_by_text("Steht in der Lobby bis")).to_be_visible()

    phone = new_page(viewport=PHONE)
    sign_in(phone, path="/team/heute")
    everywhere([page, phone], "/team/heute", "team-today-later")
    everywhere([page, phone], "/team/schluessel", "team-keys")
    everywhere([page, phone], f"/team/schluessel/{evening.key_loans[0].id}/quittung", "team-receipt")
    everywhere([page, phone], "/team/kalender/2026-W50", "team-calendar")
    everywhere([page, phone], "/team/kalender/2026-12", "team-calendar-month")
    everywhere([page, phone], "/team/wochenplan/2026-W50?fuer=team", "team-week-plan")
    everywhere([page, phone], "/team/haus/hausordnung", "team-house-rules")
    phone.goto(f"/team/anfragen/{evening.reference}")
    shoot(phone, "team-place-and-time")
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.get_by_role("button", name="Kopieren").click()
    expect(phone.get_by_text("Kopiert.")).to_be_visible()
    assert phone.evaluate("navigator.clipboard.readText()").endswith("Beginn: 18:30 Uhr\nEnde: 20:30 Uhr")
    choose_a_free_time(page)
    assert [
        sheets(page, path) for path in ("wochenplan/2026-W50?fuer=team", "wochenplan/2026-W50?papier=a3", "heute")
    ] == [
        (1, "841.91998 594.95996"),
        (1, "1191.12 841.91998"),
        (1, "594.95996 841.91998"),
    ]


def sheets(page: Page, path: str) -> tuple[int, str]:
    """How many sheets a page takes on paper, and how large they are in points."""
    page.goto(f"/team/{path}")
    printed = page.pdf(prefer_css_page_size=True).decode("latin-1")
    sizes = re.findall(r"/MediaBox \[0 0 ([\d. ]+)\]", printed)
    return len(re.findall(r"/Type\s*/Page\b", printed)), sizes[0]


def choose_a_free_time(page: Page) -> None:
    """With the keyboard, without JavaScript: a free time unfolds to what can be done with it."""
    page.goto("/team/kalender/2026-W50")
    slot = page.get_by_role("row", name="Werkstatt").locator("summary").nth(3)
    slot.focus()
    check_focus(page)
    slot.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="eintragen")).to_be_focused()
    shoot(page, "team-calendar-slot")


def everywhere(pages: list[Page], path: str, name: str) -> None:
    for page in pages:
        page.goto(path)
        look(page, name)
