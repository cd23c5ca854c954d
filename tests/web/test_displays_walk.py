"""The office registers a screen and looks at a room that follows a calendar, in a real browser."""

import pytest
from playwright.sync_api import expect

from booking.database import db
from booking.domain.status import Status
from booking.models import Room
from booking.outside import following
from tests import make
from tests.support.app import Clock
from tests.support.browser import PHONE, NewPage, arriving, follow, look, press, sign_in
from tests.support.calendars import CalendarServer, calendar, event
from tests.support.server import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def server(idle_server: Server) -> Server:
    """It starts once rooms follow calendars."""
    return idle_server


def test_screen_is_registered_seen_and_ended_and_a_room_follows_a_calendar(
    server: Server, new_page: NewPage, calendar_server: CalendarServer, clock: Clock, faults: list[str]
) -> None:
    hall = db.session.scalars(db.select(Room).order_by(Room.id)).first()
    assert hall
    make.booking(hall, "2026-12-09T17:00", status=Status.APPROVED, group="Chor", title="Probe")
    make.booking(hall, "2026-12-08T18:00", status=Status.APPROVED, group="Rat", title="Sitzung")
    calendar_server.text = calendar(event("20261209T160000", "20261209T180000"))
    following.follow_calendar(hall, f"{calendar_server.origin}/room.ics", by=server.member, now=clock.now)
    server.start("2026-12-08T18:42", calendars_inside=calendar_server.origin)

    team = sign_in(new_page(), path="/team/haus/anzeigen/neu")
    team.get_by_label("Name").fill("Flur")
    team.get_by_label("Große Fläche").check()
    look(team, "display-new")
    press(team, "Speichern")
    address = team.locator("#address").inner_text()

    screen = new_page(viewport={"width": 1080, "height": 1920})
    with screen.expect_response("**/puls") as told:
        screen.goto(address)
    assert told.value.status == 204
    expect(screen.locator(".door .title")).to_have_text("Sitzung")

    team.reload()
    expect(team.get_by_text("zuletzt gesehen vor")).to_be_visible()
    expect(team.frame_locator("iframe").locator(".door .title")).to_have_text("Sitzung")
    look(team, "display")
    phone = sign_in(new_page(viewport=PHONE), path="/team/haus/anzeigen")
    look(phone, "displays")
    follow(phone, "Flur")
    look(phone, "display")

    phone.goto("/team/haus/raeume/grosse-flaeche")
    look(phone, "room")
    follow(phone, "Einem anderen Kalender folgen")
    expect(phone.get_by_text("gelesen vor")).to_be_visible()
    expect(phone.get_by_role("link", name="Probe")).to_be_visible()
    look(phone, "room-calendar")

    press(team, "Anzeige abmelden")
    look(team, "displays-none")
    with arriving(screen):
        screen.goto(address)
    expect(screen.get_by_text("Diese Anzeige ist nicht mehr angemeldet.")).to_be_visible()
