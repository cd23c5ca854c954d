"""Hall and workshop at once, on a phone: asked for, confirmed, told of by letter and plan."""

import pytest
from playwright.sync_api import expect

from booking.database import db
from booking.domain.status import Status
from booking.models import Booking, Room
from tests import make
from tests.support.browser import PHONE, press, shoot, sign_in
from tests.support.mail import plain
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

BOTH = "Große Fläche & Werkstatt"


def test_meetings_in_two_rooms_at_once_are_one_wish(server, new_page, smtp):
    workshop = db.session.scalars(db.select(Room).where(Room.slug == "werkstatt")).one()
    make.booking(workshop, "2026-12-16T19:00", minutes=120, status=Status.APPROVED, group="Nähcafé", title="Nähcafé")
    group = Visitor(new_page(viewport=PHONE))
    group.open("/anfrage")
    group.tell_when("Jede Woche", "9.12.2026", "18", "20", "70", "Mehrere Räume zusammen")
    group.choose("Für eine bestimmte Anzahl Treffen")
    group.fill("Anzahl Treffen", "3")
    group.press("Weiter")
    expect(group.page.locator(".error-summary")).to_contain_text("Wählt zwei Räume oder mehr, oder oben einen allein.")
    group.page.locator("label[for=several-0]").click()
    group.page.locator("label[for=several-1]").click()
    group.look("several-when")
    group.press("Weiter")

    group.is_at("Eure Termine")
    assert "3 Termine: 2 sind frei, bei einem müsst ihr euch entscheiden." in group.words()
    assert f"18:00 bis 20:00 Uhr, {BOTH}. Belegt: Nähcafé, 19:00 bis 21:00 Uhr. Nicht frei: Werkstatt." in group.words()
    group.look("several-dates")
    group.choose("Andere Zeit: 16:30 bis 18:30 Uhr")
    group.press("Weiter")
    group.tell_about_us()
    group.press("Weiter")
    assert group.date_lines() == [
        f"Mi, 9. Dezember 2026, 18:00 bis 20:00 Uhr, {BOTH}",
        f"Mi, 16. Dezember 2026, 16:30 bis 18:30 Uhr, {BOTH}",
        f"Mi, 23. Dezember 2026, 18:00 bis 20:00 Uhr, {BOTH}",
    ]
    group.look("several-check")
    reference = group.send()
    (letter,) = [each for each in smtp.wait_for(2) if each["To"] == "zoe@example.org"]
    assert plain(letter).count(BOTH) == 3

    office = sign_in(new_page(), path=f"/team/anfragen/{reference}")
    shoot(office, "several-decision")
    office.get_by_role("button", name="Alle freien zusagen (3)").click()
    press(office, "3 zusagen und Mail senden")
    db.session.rollback()
    booking = db.session.scalars(db.select(Booking).where(Booking.reference == reference)).one()
    assert [each.room.name for each in booking.dates(Status.APPROVED)] == [BOTH] * 3

    visitor = new_page()
    visitor.goto("/kalender/woche/2026-W50")
    rows = {room: visitor.locator("table tr", has_text=room) for room in ("Große Fläche", "Werkstatt")}
    for row in rows.values():
        expect(row).to_have_count(1)
        expect(row).to_contain_text("Netzwerktreffen")
    shoot(visitor, "several-week")
    assert visitor.request.get("/raeume/werkstatt.ics").text().count("LOCATION:Große Fläche & Werkstatt") == 3
