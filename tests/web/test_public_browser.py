"""The public pages on small phones, in a real browser."""

import pytest

from booking.database import db, transaction
from booking.domain.status import Status
from booking.house import rooms
from tests import make
from tests.support.browser import PHONE, shoot

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


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_public_pages_need_no_sideways_scrolling_even_with_large_text(long_words, server, new_page, prefix, width):
    page = new_page(viewport={**PHONE, "width": width})

    for path in (*PAGES, *TEXTS):
        page.goto(prefix + path)
        shoot(page, f"public{(prefix + path).replace('/', '-')}-{width}")
        for size in ("100%", "200%"):
            page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, size)
