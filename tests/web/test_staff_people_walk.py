"""A colleague comes and goes, in a real browser: the pages on which the team runs itself, as they must be."""

import pytest
from playwright.sync_api import expect

from booking.database import db, transaction
from booking.models import StaffMember
from booking.signing_in import members
from tests.support.browser import PHONE, NewPage, look, press, sign_in
from tests.support.server import Server

pytestmark = pytest.mark.browser

NEW = "Sparren-Senne-Linde-4"


@pytest.mark.parametrize("prefix", [pytest.param("", marks=pytest.mark.variant), "/en"])
def test_colleague_comes_and_goes(new_page: NewPage, server: Server, prefix: str) -> None:
    with transaction():
        db.session.get_one(StaffMember, server.member.id).role = "admin"
    page = sign_in(new_page(), path="/team/haus/team")
    page.get_by_label("Name", exact=True).fill("Kim")
    page.get_by_label("E-Mail-Adresse").fill("kim@bielefeld.de")
    press(page, "Einladung senden")
    page.get_by_text("Ändern: Kim").click()
    if prefix:
        page.goto(f"{prefix}/team/haus/team")
    look(page, f"members{prefix[1:]}")
    page.goto(f"{prefix}/team/konto")
    look(page, f"konto{prefix[1:]}")

    kim = db.session.scalars(db.select(StaffMember).where(StaffMember.name == "Kim")).one()
    phone = new_page(viewport=PHONE)
    phone.goto(f"{prefix}/team/einladung/{members.invitation_token(kim)}")
    look(phone, f"invitation{prefix[1:]}")
    phone.locator("#password").fill(NEW)
    phone.locator("form button[type=submit]").last.click()
    expect(phone.locator("#said")).to_be_visible()
    phone.goto(f"{prefix}/team/konto")
    look(phone, f"konto{prefix[1:]}")

    page.goto("/team/haus/team")
    page.set_viewport_size(PHONE)
    look(page, "members")
    page.get_by_text("Ändern: Kim").click()
    press(page, "Aus dem Team nehmen: Kim")
    expect(page.get_by_text("Kim kann sich nicht mehr anmelden.")).to_be_visible()
    look(page, "members-after")
    phone.reload()
    expect(phone.locator("#email")).to_be_visible()

    page.goto(f"{prefix}/team/protokoll")
    look(page, f"log{prefix[1:]}")
    page.set_viewport_size({"width": 1280, "height": 900})
    look(page, f"log{prefix[1:]}")
