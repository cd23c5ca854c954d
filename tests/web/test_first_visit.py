"""What a first visit costs: everything that travels, and how far things move when the font comes late."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, Route

from booking import links
from booking.domain.status import Status
from booking.house import rooms
from tests import make
from tests.support.browser import DESKTOP, PHONE

pytestmark = pytest.mark.browser

AT_MOST = 100_000  # bytes of all answers, with their headers, as they travel
HARDLY_SEEN = 0.05  # of the score that browsers call cumulative layout shift

PAGES = (
    *("/", "/kalender", "/kalender/tag/2026-12-09", "/kalender/woche/2026-W50", "/raeume", "/raeume/werkstatt"),
    *("/anfrage", "/anfrage/kalender", "/link", "/daten-geloescht", "/lobby", "/heute"),
    *("/hilfe", "/hausordnung", "/datenschutz", "/barrierefreiheit", "/impressum", "/team/anmelden", "/gibt-es-nicht"),
)
PAGES_OF_A_GROUP = ("", "/aendern", "/verlaengern")

FIRST_PAINT = """() => new Promise((seen) => new PerformanceObserver((list) => {
    if (list.getEntriesByName("first-contentful-paint").length) seen();
}).observe({ type: "paint", buffered: true }))"""

#: The fonts, and the icon, for which a browser without windows has no place.
LAST_LOADS = """async () => {
    await document.fonts.ready;
    await (await fetch(document.querySelector("[rel=icon]").href)).text();
}"""

#: The score so far; an observer hears of what was before it with the next frame.
SHIFT = """async () => {
    let score = 0;
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) score += shift.value;
    }).observe({ type: "layout-shift", buffered: true });
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    return score;
}"""


@pytest.fixture
def group_page(server):
    """The page of a group that meets every week for half a year, and whose name needs letters of the second font."""
    first = date(2026, 12, 9)
    dates = [f"{first + timedelta(weeks=week)}T16:00" for week in range(26)]
    name = "Şiir-Kreis Łódź"
    booking = make.booking(rooms()[1], *dates, status=Status.APPROVED, group=name, title=f"Lesung mit dem {name}")
    return f"/a/{links.token(make.link(booking))}"


def _weigh(page: Page, path: str) -> dict[str, int]:
    """Bytes of each answer that a browser with nothing in its cache gets for a page, with its icon."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    network.on("Network.requestWillBeSent", lambda told: names.update({told["requestId"]: told["request"]["url"]}))
    network.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}))
    page.goto(path, wait_until="load")
    page.evaluate(LAST_LOADS)
    network.send("Network.disable")  # all that was to be told has been told when this is answered
    return {names[request]: round(size) for request, size in sizes.items()}


def test_first_visit_of_any_public_page_loads_at_most_100_kb(group_page, new_page):
    too_heavy = {}
    for path in (*PAGES, *(group_page + end for end in PAGES_OF_A_GROUP)):
        page = new_page()
        weights = _weigh(page, path)
        page.context.close()
        assert any("open-sans-latin.woff2" in name for name in weights), path
        assert any("favicon.svg" in name for name in weights), path
        if sum(weights.values()) > AT_MOST:
            too_heavy[path] = weights

    assert too_heavy == {}


def _jumps(page: Page, path: str) -> float:
    """How far things move on a page whose font comes only after it has been seen."""
    held: list[Route] = []
    is_seen = False

    def hold(route: Route) -> None:
        if is_seen:
            route.continue_()
        else:
            held.append(route)

    page.route("**/*.woff2*", hold)
    page.goto(path, wait_until="domcontentloaded")
    page.evaluate(FIRST_PAINT)
    assert held, path
    is_seen = True
    for route in held:
        route.continue_()
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready.then(() => true)")
    assert page.evaluate("[...document.fonts].some((font) => font.status === 'loaded')"), path
    return float(page.evaluate(SHIFT))


@pytest.mark.parametrize(
    "viewport", [pytest.param(PHONE, id="phone"), pytest.param(DESKTOP, id="desk", marks=pytest.mark.variant)]
)
def test_nothing_jumps_when_the_font_comes_late(group_page, new_page, viewport):
    """Needs Arial, or Liberation Sans as Debian's Chromium recommends it: a page begins in that, stretched."""
    scores = {}
    for path in ("/", "/kalender", "/kalender/woche/2026-W50", "/anfrage", group_page):
        page = new_page(viewport=viewport)
        scores[path] = _jumps(page, path)
        page.context.close()

    assert {path: score for path, score in scores.items() if score >= HARDLY_SEEN} == {}
