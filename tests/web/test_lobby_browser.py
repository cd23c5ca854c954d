"""The lobby screen in Chromium: what fits, what stays when the network fails, and what moves with the minute."""

import re
from contextlib import suppress
from functools import partial

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from booking import hosting
from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import House, Occurrence, Room
from tests import make
from tests.support.board import LANDSCAPE, PORTRAIT, SCREENS, faults_of
from tests.support.browser import PATIENCE, PHONE, SMALL_PHONE, check_axe, shoot
from tests.support.fast_motion import ANSWERED, serving
from tests.support.server import Server

pytestmark = pytest.mark.browser

SECOND, MINUTE = 1_000, 60_000

EACH_WAY = pytest.mark.parametrize(
    "viewport",
    [pytest.param(LANDSCAPE, id="across"), pytest.param(PORTRAIT, id="upright", marks=pytest.mark.variant)],
)


@pytest.fixture
def server(idle_server: Server) -> Server:
    """Each test starts it at a time of its own."""
    return idle_server


@pytest.fixture
def rooms(server):
    return db.session.scalars(db.select(Room).order_by(Room.position)).all()


def approved(room, start, **values):
    return make.booking(room, start, status=Status.APPROVED, **values)


@pytest.fixture
def evening(rooms):
    large, workshop, small = rooms
    approved(large, "2026-12-08T17:30", group="Ernährungsrat", title="Arbeitstreffen")
    approved(small, "2026-12-08T19:30", group="Selbsthilfe", title="Mut zur Lücke", is_open=False)
    approved(large, "2026-12-09T16:00", group="Gesundes Städte-Netzwerk", title="Gesundes Städte-Netzwerk")
    return approved(workshop, "2026-12-08T19:00", group="Schreibwerkstatt", title="Utopische Schreibwerkstatt")


@pytest.fixture
def crowd(rooms):
    """Titles that try to break out: long, without a break, with letters and signs of all kinds."""
    large, workshop, small = rooms
    long = f"Größe zählt: Füße, Straße & Ökologie – „Über-Mut“ 🌱 <b>x</b> {'und noch mehr ' * 4}"[:120]
    approved(large, "2026-12-08T17:00", minutes=150, group="Café Çelebi e. V.", title=long)
    approved(
        workshop, "2026-12-08T18:50", group="Donaudampfschifffahrt", title="Rindfleischetikettierungsüberwachungsauf"
    )
    approved(small, "2026-12-08T19:30", group="W" * 40, title="W" * 40)
    approved(large, "2026-12-08T19:45", minutes=60, group="🌱🌻", title="🌱🌻 Ümläüt-Fest ßẞ")
    approved(large, "2026-12-08T21:00", minutes=60, group="Lesekreis", title="Lesekreis")
    for room in rooms:
        approved(room, "2026-12-09T16:00", group="Morgen", title=long)


def rows(page: Page) -> list[str]:
    return [" ".join(text.split()) for text in page.locator(".frame .row:visible").all_inner_texts()]


def open_screen(new_page, viewport=LANDSCAPE, **options) -> Page:
    """A screen whose time the test can turn on."""
    page = new_page(viewport=viewport, **options)
    page.clock.install()
    page.goto("/lobby")
    page.wait_for_function(ANSWERED)
    return page


def measure(page: Page) -> None:
    """Nothing too small, nothing outside, nothing over another, and axe content at a contrast of 7."""
    assert faults_of(page) == []


def turn(page: Page, viewport: ViewportSize) -> None:
    """Give the screen another size, and wait until its rows are laid out anew."""
    if page.viewport_size != viewport:
        page.evaluate("() => { window.turned = false; addEventListener('resize', () => (window.turned = true)); }")
        page.set_viewport_size(viewport)
        page.wait_for_function("() => window.turned")
    page.clock.run_for(SECOND)


def measure_everywhere(page: Page, name: str) -> None:
    """On every screen, one after the other."""
    for viewport in SCREENS:
        turn(page, viewport)
        shoot(page, f"lobby-{name}-{viewport['width']}x{viewport['height']}", full_page=False)
        measure(page)
    check_axe(page)


def test_lobby_fits_whatever_the_titles(crowd, server, new_page):
    server.start("2026-12-08T18:42")
    page = open_screen(new_page)

    measure_everywhere(page, "crowd")

    expect(page.locator(".page")).to_have_text(re.compile(r"Seite 1 von \d"))


#: A moment at which the screen is so, and what it shows then.
STATES = {
    "quiet": ("2026-12-08T15:00", "rows"),
    "normal": ("2026-12-08T18:42", "rows"),
    "over": ("2026-12-08T21:40", "over"),
    "empty": ("2026-12-07T12:00", "empty"),
    "shut": ("2026-12-06T12:00", "shut"),
    "night": ("2026-12-08T23:04", "night"),
    "nothing": ("2026-12-18T18:00", "nothing"),
    "closed": ("2026-12-28T17:40", "closed"),
}


def test_lobby_fits_in_every_state(evening, app, chromium, clock):
    make.closure("2026-12-24T00:00", "2027-01-01T00:00", reason="Winterpause")
    complaints = []
    with serving(app) as url:
        for name, (at, shows) in STATES.items():
            clock.set(f"{at}:29")
            page = chromium.new_page(viewport=LANDSCAPE)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.clock.install()
            page.goto(f"{url}/lobby")
            page.wait_for_function(ANSWERED)
            expect(page.locator(".frame")).to_have_attribute("data-shows", shows)
            measure_everywhere(page, name)
            page.context.close()

    assert complaints == []


def test_notice_of_the_team_leaves_the_rows_their_room_and_ends_by_itself(crowd, server, new_page, faults):
    words = ("Der Aufzug ist heute außer Betrieb. Wir helfen gern, oder klingelt am Waldhof. " * 2)[:120]
    until = make.instant("2026-12-08T20:00")
    hosting.post_notice(words, "", until, by=make.staff(), now=make.instant("2026-12-08T18:40"))
    server.start("2026-12-08T18:42")
    page = open_screen(new_page)

    expect(page.locator(".hint")).to_have_text(words.strip())
    measure_everywhere(page, "notice")
    hosting.post_notice(words, "", until, is_important=True, by=make.staff(), now=make.instant("2026-12-08T18:40"))
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(".frame")).to_have_class(re.compile("is-important"))
    expect(page.locator(".hint")).to_have_css("font-weight", "700")
    measure_everywhere(page, "important")
    server.stop()
    page.clock.fast_forward(90 * MINUTE)
    page.clock.run_for(SECOND)
    expect(page.locator(".hint")).to_have_text("Haus offen bis 17:00. Danach: bitte klingeln.")
    expect(page.locator(".frame")).not_to_have_class(re.compile("is-important"))
    faults.clear()


def test_lobby_shows_the_walk_of_the_visitor(evening, server, new_page):
    server.start("2026-12-08T18:42")
    page = open_screen(new_page)

    for viewport, group in ((LANDSCAPE, ""), (PORTRAIT, " Schreibwerkstatt")):  # named where there is room
        turn(page, viewport)
        assert rows(page) == [
            "17:30 läuft bis 19:30 Arbeitstreffen Ernährungsrat offen für alle Große Fläche EG, links",
            f"19:00 – 21:00 offen für alle Utopische Schreibwerkstatt{group} Werkstatt EG, links",
            "19:30 – 21:30 Geschlossenes Treffen Besprechung EG, links",
        ]
    assert page.evaluate("document.getAnimations().length") == 0


@EACH_WAY
def test_lobby_goes_on_without_the_server(evening, server, new_page, faults, viewport):
    server.start("2026-12-08T18:42")
    page = open_screen(new_page, viewport)
    server.stop()

    def after(minutes: int) -> str:
        for _ in range(minutes):
            page.clock.run_for(MINUTE)
        return page.locator(".clock").inner_text()

    assert after(3) == "18:45"
    expect(page.locator(".now .row").nth(1)).to_contain_text("in 15 Minuten")
    expect(page.locator(".warning")).to_be_hidden()
    after(1)
    expect(page.locator(".fresh")).to_have_text("Verbindung unterbrochen. Stand 18:42 Uhr")
    page.clock.fast_forward(15 * MINUTE)
    assert after(4) == "19:05"
    expect(page.locator(".now .row").nth(1)).to_contain_text("läuft bis 21:00")
    expect(page.locator(".warning")).to_have_text(
        "Dieser Plan ist vom Dienstag, 8. Dezember, 18:42 Uhr. Änderungen danach siehst du hier nicht."
    )
    measure_everywhere(page, "stale")
    page.clock.fast_forward(12 * 60 * MINUTE)
    page.clock.run_for(SECOND)
    expect(page.locator(".date")).to_have_text("Mittwoch, 9. Dezember")
    assert rows(page) == ["16:00 – 18:00 offen für alle Gesundes Städte-Netzwerk Große Fläche EG, links"]
    page.clock.fast_forward(24 * 60 * MINUTE)
    page.clock.run_for(SECOND)
    expect(page.locator(".headline")).to_have_text("Wir können den Plan gerade nicht laden.")  # never: an empty day
    measure_everywhere(page, "unknown")

    faults.clear()


def test_lobby_forgets_a_closure_that_is_over_without_the_server(evening, server, new_page, faults):
    make.closure("2026-12-08T12:00", "2026-12-08T16:00", reason="Inventur")
    server.start("2026-12-08T15:30")
    page = open_screen(new_page)
    server.stop()

    expect(page.locator(".hint")).to_have_text("Heute von 12:00 bis 16:00 Uhr geschlossen: Inventur.")
    page.clock.fast_forward(30 * MINUTE)
    page.clock.run_for(SECOND)
    expect(page.locator(".hint")).to_have_text("Haus offen bis 17:00. Danach: bitte klingeln.")
    faults.clear()


def test_lobby_recovers_when_the_server_is_back(evening, server, new_page, faults):
    server.start("2026-12-08T18:42")
    page = open_screen(new_page)
    told = []
    page.route("**/puls", lambda route: (told.append(route.request.post_data_json), route.fulfill(status=204)))
    page.locator(".frame").evaluate("frame => (frame.dataset.pulse = '/display/x/puls')")
    server.stop()
    for _ in range(16):
        page.clock.run_for(MINUTE)
    expect(page.locator(".warning")).to_be_visible()
    with page.expect_request("**/puls"):  # a busy machine may still be at a question of some minutes ago
        page.evaluate("window.dispatchEvent(new Event('online'))")

    server.start("2026-12-08T18:58")
    page.evaluate("window.dispatchEvent(new Event('online'))")

    expect(page.locator(".fresh")).to_have_text(re.compile(r"^\s*Stand 18:5\d Uhr$"))
    expect(page.locator(".warning")).to_be_hidden()
    assert {(one["shows"], one["viewport"]) for one in told} == {("rows", "1920x1080")}
    assert told[0].keys() == {"build", "shows", "age", "drift", "viewport", "error"}
    assert max(one["age"] for one in told) > 14 * 60
    assert "Failed to fetch" in {one["error"] for one in told}
    faults.clear()


def answer_with(answer, route, _request):
    route.fulfill(**{"content_type": "text/html", **answer})


def test_lobby_keeps_its_plan_whatever_the_answer(evening, server, new_page, faults):
    server.start("2026-12-08T18:42")
    page = open_screen(new_page)
    before = rows(page)
    whole = page.request.get("/lobby")
    time = {"House-Time": whole.headers["house-time"]}
    answers = {
        "a fault": {"status": 500, "body": "Fehler", "headers": time},
        "not found": {"status": 404, "body": "<h1>Nicht gefunden</h1>", "headers": time},
        "another page": {"status": 200, "body": "<h1>Bitte anmelden</h1>", "headers": time},
        "nothing": {"status": 200, "body": "", "headers": time},
        "cut off": {"status": 200, "body": whole.text()[:-40], "headers": time},
        "unchanged, but not said by us": {"status": 304},
        "elsewhere": {"status": 302, "headers": {"Location": "/", **time}},
    }

    for name, answer in answers.items():
        page.route("**/lobby", partial(answer_with, answer))
        with page.expect_console_message(lambda message: message.text.startswith("The plan could not")) as said:
            page.evaluate("window.dispatchEvent(new Event('online'))")
        assert "timed out" not in said.value.text, name
        assert rows(page) == before, name
        page.unroute("**/lobby")
    page.route("**/lobby", lambda route: route.abort())
    page.clock.run_for(4 * MINUTE)

    expect(page.locator(".fresh")).to_contain_text("Verbindung unterbrochen. Stand 18:42 Uhr")
    assert len(rows(page)) == len(before)
    faults.clear()


@EACH_WAY
def test_lobby_shows_a_cancellation_within_half_a_minute(evening, server, new_page, viewport):
    server.start("2026-12-08T18:42")
    page = open_screen(new_page, viewport)
    with transaction():
        db.session.get(Occurrence, evening.occurrences[0].id).status = Status.CANCELLED
        db.session.get(House, 1).version += 1

    with page.expect_request("**/lobby", timeout=PATIENCE):
        page.clock.run_for(35 * SECOND)
    row = page.locator(".row", has_text="Schreibwerkstatt")
    for _ in range(6):  # where a busy machine answers later than the screen waits, it asks again
        with suppress(AssertionError):
            expect(row).to_contain_text("Fällt heute aus", timeout=10_000)
            break
        page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(row).to_contain_text("Fällt heute aus")
    expect(page.locator(".row")).to_have_count(3)


def test_lobby_is_never_empty_between_two_plans(evening, server, new_page):
    server.start("2026-12-08T18:42")
    page = open_screen(new_page)
    page.evaluate(
        """() => {
          window.fewest = Infinity;
          const count = () => document.querySelectorAll('.frame .row').length;
          new MutationObserver(() => { window.fewest = Math.min(window.fewest, count()); })
            .observe(document.body, {childList: true, subtree: true});
        }"""
    )
    for _ in range(3):
        with transaction():
            db.session.get(House, 1).version += 1
        with page.expect_response("**/lobby"):
            page.evaluate("window.dispatchEvent(new Event('online'))")
        page.clock.run_for(MINUTE)

    assert page.evaluate("window.fewest") == 3


def test_lobby_tells_the_time_of_the_house_and_not_of_the_device(evening, server, new_page):
    server.start("2026-12-08T18:42")
    page = new_page(viewport=LANDSCAPE, timezone_id="Asia/Tokyo")
    page.clock.install(time="2020-01-01T03:00:00")

    page.goto("/lobby")

    expect(page.locator(".clock")).to_have_text("18:42")
    expect(page.locator(".fresh")).to_have_text("Stand 18:42 Uhr")


def test_lobby_turns_its_pages_until_somebody_stops_it(rooms, server, new_page):
    times = [f"{hour}:{minute}" for hour in range(13, 22) for minute in ("00", "30")]
    for time in times:
        approved(rooms[0], f"2026-12-08T{time}", minutes=30, group="Reihe", title=f"Treffen um {time}")
    server.start("2026-12-08T12:00")
    page = open_screen(new_page)
    seen, numbers = set(), []

    for _ in range(2 * 60):
        page.clock.run_for(SECOND)
        numbers.append(page.locator(".page").inner_text())
        seen.update(page.locator(".title:visible").all_inner_texts())
    page.mouse.move(100, 100)
    page.clock.run_for(SECOND)
    page.get_by_role("button", name="Anhalten").click()
    stopped = page.locator(".page").inner_text()
    page.clock.run_for(2 * MINUTE)

    assert {f"Treffen um {time}" for time in times} <= seen
    assert len(set(numbers)) > 3
    expect(page.locator(".hint")).to_contain_text(re.compile(r"^\s*Alle Treffen: \S+/heute$"))
    expect(page.locator(".page")).to_have_text(stopped)
    expect(page.get_by_role("button", name="Weiterblättern")).to_be_visible()


def test_lobby_is_whole_without_javascript(evening, server, new_page):
    server.start("2026-12-08T18:42")
    page = new_page(viewport=LANDSCAPE, java_script_enabled=False)

    page.goto("/lobby")
    shoot(page, "lobby-without-js", full_page=False)

    assert [row.split(" ", 1)[0] for row in rows(page)] == ["17:30", "19:00", "19:30"]
    expect(page.locator(".now")).to_contain_text("läuft bis 19:30")


def test_plan_on_the_phone_needs_no_sideways_scrolling(crowd, server, new_page):
    server.start("2026-12-08T18:42")

    page = new_page(viewport=PHONE)
    for path in ("/heute", "/en/heute"):
        page.goto(path)
        assert "user-scalable" not in page.content()
        for viewport in (PHONE, SMALL_PHONE):
            page.set_viewport_size(viewport)
            shoot(page, f"today-{path.strip('/').replace('/', '-')}-{viewport['width']}")
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        check_axe(page)


ROW = """row => {
  const text = (one) => one.textContent.replace(/\\s+/g, ' ').trim();
  return [row.dataset.state, row.dataset.moved ?? null, row.querySelector('.sign')?.dataset.way ?? null,
    [...row.querySelectorAll('[class]')].map(
      (one) => [one.getAttribute('class'), one.getAttribute('aria-label'), text(one)])];
}"""


def test_lobby_draws_by_itself_the_rows_that_the_server_sends(rooms, server, new_page):
    large, workshop, small = rooms
    approved(large, "2026-12-08T17:30", group="Ernährungsrat", title="Läuft")
    approved(workshop, "2026-12-08T18:50", group="Gruppe", title="Gleich & <b>fett</b>", open_end=True, is_open=False)
    moved = {"room_id": small.id, "original_room_id": large.id}
    cases = {
        "Abgesagt": {"status": Status.CANCELLED},
        "Verlegt": moved,
        "Später": {"original_start": make.instant("2026-12-08T19:15")},
        "Anderer Tag": {"original_start": make.instant("2026-12-08T20:00")},
    }
    for hour, (title, values) in zip((17, 18, 20, 21), cases.items(), strict=True):
        day = "10" if title == "Anderer Tag" else "08"
        changed = approved(small, f"2026-12-{day}T{hour}:45", minutes=60, group="Gruppe", title=title).occurrences[0]
        with transaction():
            row = db.session.get_one(Occurrence, changed.id)
            for name, value in values.items():
                setattr(row, name, value)
    server.start("2026-12-08T18:42")
    drawn = open_screen(new_page).locator(".frame .row").evaluate_all(f"rows => rows.map({ROW})")
    sent, plain = [], new_page(viewport=LANDSCAPE, java_script_enabled=False)

    for minute in (42, 43, 44):  # a page of rows each
        server.stop()
        server.start(f"2026-12-08T18:{minute}")
        plain.goto("/lobby")
        sent += [row.evaluate(ROW) for row in plain.locator(".frame .row").all()]

    assert len(drawn) == 6
    assert [row for row in drawn if row not in sent] == []


def test_lobby_never_turns_away_what_is_on_now(rooms, server, new_page):
    for number, room in enumerate(rooms):
        approved(room, "2026-12-08T18:00", minutes=120, title=f"Läuft {number}")
        approved(room, "2026-12-08T20:30", minutes=60, title=f"Danach {number}")
    server.start("2026-12-08T18:42")
    page = open_screen(new_page)

    for viewport in (LANDSCAPE, PORTRAIT):
        turn(page, viewport)
        later = set()
        for _ in range(60):
            page.clock.run_for(SECOND)
            titles = page.locator(".frame .title:visible").all_inner_texts()
            assert titles[:3] == ["Läuft 0", "Läuft 1", "Läuft 2"]
            later.update(titles[3:])
        assert later == {"Danach 0", "Danach 1", "Danach 2"}
        shoot(page, f"lobby-running-{viewport['width']}", full_page=False)


def test_lobby_says_the_whole_of_a_title_where_there_is_room(rooms, server, new_page):
    title = (
        "Wie wir in Bielefeld gemeinsam wohnen, teilen und feiern wollen: ein Abend mit Berichten aus sieben Häusern"
    )
    approved(rooms[0], "2026-12-08T18:00", minutes=120, title=title)
    approved(rooms[1], "2026-12-08T20:30", minutes=60, title="Lesekreis")
    approved(rooms[0], "2026-12-09T18:00", minutes=120, title=title)
    server.start("2026-12-08T18:42")
    page = open_screen(new_page)

    for viewport in SCREENS:
        turn(page, viewport)
        shoot(page, f"lobby-long-{viewport['width']}x{viewport['height']}", full_page=False)
        words = page.locator(".frame .title:visible, .frame .tomorrow li > span")
        assert words.evaluate_all("all => all.filter((one) => one.scrollHeight > one.clientHeight + 4).length") == 0
