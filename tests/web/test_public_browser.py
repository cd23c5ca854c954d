"""The public pages on small phones, in a real browser."""

import re

import pytest

from booking.database import db, transaction
from booking.domain.status import Status
from booking.house import rooms
from tests import make
from tests.support.browser import PHONE, SMALL_PHONE, shoot

pytestmark = pytest.mark.browser

PAGES = ("/", "/kalender", "/kalender/woche/2026-W50", "/kalender/tag/2026-12-09", "/raeume", "/raeume/werkstatt")
TEXTS = ("/hilfe", "/hausordnung", "/datenschutz", "/barrierefreiheit", "/impressum")


@pytest.fixture
def long_words(server):
    """Where lines get longest: a date that moved to another room, and a long name."""
    hall, workshop, *_ = rooms()
    booking = make.booking(
        workshop, "2026-12-09T16:00", status=Status.APPROVED, title="Arbeitsgemeinschaftsvorbereitungstreffen"
    )
    with transaction():
        booking.occurrences[0].room = hall
        db.session.add(booking.occurrences[0])


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_public_pages_need_no_sideways_scrolling_even_with_large_text(long_words, server, new_page, prefix):
    page = new_page(viewport=SMALL_PHONE)

    for path in (*PAGES, *TEXTS):
        page.set_viewport_size(SMALL_PHONE)
        page.goto(prefix + path)
        for viewport in (SMALL_PHONE, PHONE):
            width = viewport["width"]
            page.set_viewport_size(viewport)
            shoot(page, f"public{(prefix + path).replace('/', '-')}-{width}")
            for size in ("200%", "100%"):
                page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width, size)


#: What a reader may set to read more easily (WCAG 2.2, success criterion 1.4.12).
SPACED = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
        * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
        p { margin-block-end: 2em !important }`);
    document.adoptedStyleSheets.push(sheet);
}"""
#: Text that does not fit where it stands.
CUT = """() => [...document.querySelectorAll("body *")]
    .filter(each => !each.closest(".kern-sr-only, .trap, svg") && !each.childElementCount && each.textContent.trim())
    .filter(each => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display === "block")
    .map(each => each.outerHTML.slice(0, 120))"""
#: The colour of the line below each link that has the colour of the text around it, and the ground it is on.
LINES = """() => [...document.querySelectorAll("main a, .site-nav [aria-current]")]
    .filter(link => link.getClientRects().length && !link.querySelector("svg") && !link.closest(".kern-btn, .tabs"))
    .filter(link => getComputedStyle(link).color === getComputedStyle(link.parentElement).color)
    .map(link => {
        const lines = [link, ...link.querySelectorAll("*")].map(each => getComputedStyle(each))
            .filter(style => style.textDecorationLine === "underline" || style.boxShadow.includes("-3px"));
        let around = link;
        while (getComputedStyle(around).backgroundColor === "rgba(0, 0, 0, 0)" && around.parentElement) {
            around = around.parentElement;
        }
        const shadow = lines[0]?.boxShadow.match(/^rgb\\([^)]*\\)/);
        const line = shadow?.[0] ?? lines[0]?.textDecorationColor ?? "";
        return [link.textContent.trim(), line, getComputedStyle(around).backgroundColor];
    })"""


def luminance(colour):
    """Relative luminance, as WCAG defines it; a ground without a colour is the page, which is white."""
    red, green, blue, *alpha = (float(part) for part in re.findall(r"[\d.]+", colour))
    values = (255, 255, 255) if alpha == [0] else (red, green, blue)
    linear = [n / 12.92 if n <= 0.04045 else ((n + 0.055) / 1.055) ** 2.4 for n in (each / 255 for each in values)]
    return sum(share * each for share, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.fixture
def open_meeting(server):
    """A meeting with a page of its own on the web."""
    make.booking(
        rooms()[0], "2026-12-09T16:00", status=Status.APPROVED, url="https://example.org/lesung", title="Lesung"
    )


def test_links_and_the_current_page_are_recognised_without_telling_colours_apart(open_meeting, page):
    for path in ("/kalender", "/kalender/woche/2026-W50", "/kalender/tag/2026-12-09", "/raeume", "/"):
        page.goto(path)

        found = page.evaluate(LINES)

        assert [each for each in found if not each[1] or contrast(each[1], each[2]) < 3] == [], path
        assert found or path == "/"  # where no page of the menu is the current one


def test_public_pages_can_be_read_with_wide_spacing_on_a_small_phone(long_words, new_page):
    page = new_page(viewport=SMALL_PHONE)

    for path in (*PAGES, "/anfrage", "/barrierefreiheit"):
        page.goto(path)
        page.evaluate(SPACED)
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE["width"], path
        assert page.evaluate(CUT) == [], path


def test_what_is_said_of_a_meeting_stays_within_its_frame(long_words, page):
    for path in ("/", "/en/", "/raeume/grosse-flaeche", "/en/raeume/grosse-flaeche"):
        page.goto(path)

        notes = page.locator(".plan .kern-badge")
        assert notes.count(), path
        assert notes.evaluate_all("all => all.filter((one) => one.scrollWidth > one.clientWidth).length") == 0, path


def test_drawings_are_seen_in_the_colours_of_a_contrast_theme(open_meeting, new_page):
    page = new_page(forced_colors="active", color_scheme="dark")

    for path, drawing in (("/raeume", ".seats rect"), ("/raeume", ".seats .dots"), ("/", ".seats .dots")):
        page.goto(path)
        stroke, text = page.evaluate(
            "name => [getComputedStyle(document.querySelector(name)).stroke, getComputedStyle(document.body).color]",
            drawing,
        )
        assert stroke == text, (path, drawing)


def test_week_and_day_are_printed_on_one_sheet(open_meeting, page):
    for path, size in (("/kalender/woche/2026-W50", ("842", "595")), ("/kalender/tag/2026-12-09", ("595", "842"))):
        page.emulate_media(media="null")
        page.goto(path)

        printed = page.pdf(prefer_css_page_size=True)

        sheets = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed)
        assert [tuple(f"{float(side):.0f}" for side in sheet) for sheet in sheets] == [size]
        page.emulate_media(media="print")
        seen = (page.locator("table.week").is_visible(), page.locator(".site-nav").is_visible())
        assert seen == ("woche" in path, False)
