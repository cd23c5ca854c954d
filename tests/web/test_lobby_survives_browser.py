"""The lobby screen in Chromium: what is kept on its machine for a start without network or house, how another build
comes, and a day in fast motion."""

import threading
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import APIResponse, Error, Page, expect

from booking import clock as house_clock
from booking.database import db
from booking.domain.status import Status
from booking.models import Room
from booking.web.lobby.pages import MODULES
from tests import make
from tests.support.board import LANDSCAPE, PORTRAIT
from tests.support.browser import shoot
from tests.support.fast_motion import ANSWERED, MEETINGS, change, differences, fill, serving
from tests.support.server import ROOT

pytestmark = pytest.mark.browser

SECOND, MINUTE = 1_000, 60_000
IS_KEPT = """() => JSON.parse(localStorage.getItem(`lobby:${location.pathname}`))?.tag
  === document.querySelector('.frame').dataset.tag && navigator.serviceWorker.controller"""
AHEAD = "() => JSON.parse(localStorage.getItem('lobby:/lobby')).ahead"
ASK = "() => { dispatchEvent(new Event('online')); }"
UNTIL_KEPT = "async (words) => { while (!(await (await caches.match('/lobby')).text()).includes(words)); }"
BAND = "Dieser Plan ist vom Dienstag, 8. Dezember, 18:42 Uhr. Änderungen danach siehst du hier nicht."


class SomebodyElse:
    """Whoever answers at the address of the house, always alike: a network's own page, or a proxy that gave up."""

    def __init__(self, port: int) -> None:
        self.status, self.headers, self.body, self.pages = 200, {}, "", {}
        answers = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                file = ROOT / self.path.partition("?")[0].lstrip("/")
                if file.suffix == ".js" and file.is_file():
                    self.send_response(200)
                    self.send_header("Content-Type", "text/javascript")
                    self.end_headers()
                    self.wfile.write(file.read_bytes())
                    return
                body = answers.pages.get(self.path, answers.body).encode()
                self.send_response(answers.status)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **answers.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body if self.command == "GET" else b"")

            do_HEAD = do_POST = do_GET  # noqa: N815 - names of the library

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def answer(self, status: int, body: str, **headers: str) -> None:
        self.status, self.body = status, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server(idle_server):
    """Each test starts it at a time of its own."""
    return idle_server


def titles(page: Page) -> list[str]:
    return page.locator(".frame .title:visible").all_inner_texts()


def start_again(page: Page) -> Page:
    """As a machine that was off: the tab is another one, what the browser has stored is there."""
    size, context = page.viewport_size, page.context
    page.close()
    again = context.new_page()
    again.set_viewport_size(size)
    again.goto("/lobby")
    return again


def kept_screen(server, new_page) -> tuple[Page, APIResponse]:
    """A screen that has kept its plan, and the plan."""
    server.start("2026-12-08T18:42")
    page = new_page(viewport=LANDSCAPE, service_workers="allow")
    page.clock.install()
    page.goto("/lobby")
    page.wait_for_function(IS_KEPT)
    whole = page.request.get("/lobby")
    return page, whole


def test_screen_starts_without_the_house_and_says_how_old_its_plan_is(server, new_page, faults):
    large, workshop, _ = db.session.scalars(db.select(Room).order_by(Room.position)).all()
    meetings = ((large, "08T17:30", "Arbeitstreffen"), (workshop, "08T19:00", "Utopische Schreibwerkstatt"))
    for room, begins, title in (*meetings, (large, "09T16:00", "Gesundes Städte-Netzwerk")):
        make.booking(room, f"2026-12-{begins}", status=Status.APPROVED, group=title, title=title)
    today, tomorrow = ["Arbeitstreffen", "Utopische Schreibwerkstatt"], ["Gesundes Städte-Netzwerk"]
    page, whole = kept_screen(server, new_page)
    server.stop()

    # Loaded anew a moment later: the time goes on.
    page.reload()
    expect(page.locator(".clock")).to_have_text("18:42")
    assert titles(page) == today
    expect(page.locator(".now")).to_contain_text("läuft bis 19:30")

    # Somebody else answers: whatever it is, the plan stays.
    else_ = SomebodyElse(server.port)
    time = whole.headers["house-time"]
    for status, body, headers in (
        (200, "<h1>Bitte anmelden</h1>", {}),
        (200, whole.text(), {}),
        (200, whole.text()[:-40], {"House_Time": time}),
        (500, "Fehler", {}),
        (302, "", {"Location": "/anderswo"}),
        (403, "<h1>Gesperrt</h1>", {}),
    ):
        else_.answer(status, body, **headers)
        page.reload()
        expect(page.locator(".clock")).to_have_text("18:42")
        assert titles(page) == today, (status, body[:20])
    else_.close()

    # The machine was off: nobody knows the time, but which rows there are, and from when.
    page = start_again(page)
    expect(page.locator(".warning")).to_have_text(BAND)
    for part in (".clock", ".date", ".now"):
        expect(page.locator(part)).to_be_hidden()
    expect(page.locator(".later .label")).to_have_text("Dienstag, 8. Dezember")
    assert titles(page) == today
    for viewport in (LANDSCAPE, PORTRAIT):
        page.set_viewport_size(viewport)
        page.clock.run_for(SECOND)
        shoot(page, f"lobby-restarted-{viewport['width']}", full_page=False)
    page.set_viewport_size(LANDSCAPE)
    page.clock.fast_forward(12 * 60 * MINUTE)  # overnight
    page.clock.run_for(2 * SECOND)
    expect(page.locator(".later .label")).to_have_text("Mittwoch, 9. Dezember")
    assert titles(page) == tomorrow
    expect(page.locator(".warning")).to_have_text(BAND)

    # The house is back.
    server.start("2026-12-09T07:00")
    page.evaluate(ASK)
    expect(page.locator(".warning")).to_be_hidden()
    expect(page.locator(".clock")).to_have_text("07:00")
    assert titles(page) == tomorrow

    # Without a plan there is a page that waits, and never that of the browser.
    server.stop()
    page.evaluate("async () => { await (await caches.open('lobby')).delete('/lobby'); }")
    page.reload()
    expect(page.locator(".headline")).to_have_text("Der Plan wird geladen …")
    expect(page.locator(".again")).to_have_text("Alter Markt 13, 33602 Bielefeld0521 51-34408")
    for viewport in (LANDSCAPE, PORTRAIT):
        page.set_viewport_size(viewport)
        shoot(page, f"lobby-waiting-{viewport['width']}", full_page=False)
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "10"
    faults.clear()


def test_screen_takes_another_build_once_no_row_changes_and_shows_nothing_after_its_end(server, new_page, faults):
    room, *_ = db.session.scalars(db.select(Room).order_by(Room.position)).all()
    make.booking(room, "2026-12-08T18:58", status=Status.APPROVED, title="Treffen")  # soon from 18:43 on
    page, whole = kept_screen(server, new_page)
    waiting = page.request.get("/lobby/warten").text()
    ahead, build = page.evaluate(AHEAD), page.locator(".frame").get_attribute("data-build")
    time = str(page.evaluate("() => Date.now()") - ahead)
    server.stop()
    else_ = SomebodyElse(server.port)
    other = whole.text().replace(f'data-build="{build}"', 'data-build="next"').replace("Treffen", "Anders")
    else_.pages["/lobby/warten"] = waiting
    else_.answer(200, other, House_Time=time)

    page.evaluate(ASK)
    page.evaluate(UNTIL_KEPT, "Anders")
    page.clock.run_for(MINUTE)
    assert titles(page) == ["Treffen"]  # which is soon from this minute on
    with page.expect_navigation():
        page.clock.run_for(MINUTE)
    expect(page.locator(".frame .title")).to_have_text("Anders")

    else_.answer(403, '<title>Ende</title><h1 data-shows="ended">Diese Anzeige ist nicht mehr angemeldet.</h1>')
    with page.expect_navigation(), suppress(Error):  # where the page is gone before it has answered
        page.evaluate(ASK)
    expect(page.locator("h1")).to_have_text("Diese Anzeige ist nicht mehr angemeldet.")
    else_.close()
    page.reload()
    expect(page.locator(".headline")).to_have_text("Der Plan wird geladen …")
    faults.clear()


def test_screen_is_right_at_each_turn_of_a_day(app, chromium, clock):
    found = fill("2026-12-08")
    turns = sorted(
        {
            make.instant(f"2026-12-08T{start}") + timedelta(minutes=minutes, seconds=29)
            for _, start, length in MEETINGS[8:]
            for minutes in (-16, -15, -1, 0, length - 10, length, length + 4, length + 5)
        }
    )
    with serving(app) as url:
        page = chromium.new_page(viewport=LANDSCAPE)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        house_clock.stand_at(turns[0])
        page.goto(f"{url}/lobby")
        wrong = [line for turn in turns for line in differences(page, found, turn)]
        change(found[12], status=Status.CANCELLED)
        wrong += differences(page, found, make.instant("2026-12-08T19:30"))
        page.context.close()

    assert (wrong, complaints) == ([], [])


def test_screen_goes_through_the_nights_of_the_clock_change_by_itself(app, chromium, clock):
    make.house()
    room = make.room()
    nights = (  # begins, loaded, hours later, the time then
        ("2026-10-25T01:00", "2026-10-24T23:30", 4, "02:30"),  # for the second time
        ("2027-03-28T01:00", "2027-03-27T23:30", 3, "03:30"),
    )
    for begins, *_ in nights:
        make.booking(room, begins, minutes=210, status=Status.APPROVED, title="Lange Nacht")
    with serving(app) as url:
        for begins, loaded, hours, time in nights:
            clock.set(f"{loaded}:29")
            page = chromium.new_page(viewport=LANDSCAPE)
            page.clock.install()
            page.goto(f"{url}/lobby")
            expect(page.locator(".fresh")).to_contain_text("Stand 23:30 Uhr")
            page.wait_for_function(ANSWERED)
            page.context.set_offline(True)
            page.clock.fast_forward(hours * 60 * MINUTE)
            page.clock.run_for(2 * SECOND)
            expect(page.locator(".clock")).to_have_text(time)
            expect(page.locator(".date")).to_contain_text("Sonntag")
            ends = (make.instant(begins) + timedelta(minutes=210)).astimezone(make.ZONE)
            expect(page.locator(".now")).to_contain_text(f"läuft bis {ends:%H:%M}")
            page.context.close()


def test_screen_keeps_every_part_of_its_script():
    parts = {path.stem for path in (ROOT / "static" / "js" / "lobby").glob("*.js")}

    assert parts == {*MODULES, "worker"}
