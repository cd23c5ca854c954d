"""An hour next Monday, on a phone: four pages, and eight fields to type into."""

import pytest

from booking.database import db
from booking.models import Booking
from tests import make
from tests.support.browser import PHONE
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser


def test_an_hour_next_monday_takes_four_pages_and_eight_fields(server, new_page, smtp):
    group = Visitor(new_page(viewport=PHONE))
    group.open("/anfrage")
    group.choose("Einmal")
    typed = {"#date": "nächsten Montag", "#start": "14-15", "#people": "6"}
    told = {"#title": "Vorstandsrunde", "#group": "Radlerverein", "#purpose": "Wir planen das Jahr.", "#name": "Zoë"}
    for control, text in typed.items():
        group.page.locator(control).fill(text)
    group.page.get_by_role("status").get_by_text("Gute Nachricht: Montag, 7. Dezember, 14:00 bis 15:00 Uhr").wait_for()
    group.look("hour-when")
    group.press("Weiter")
    group.is_at("Über euch und euer Treffen")
    for control, text in {**told, "#email": "zoe@example.org"}.items():
        group.page.locator(control).fill(text)
    group.choose("Initiative, Verein oder freie Gruppe", "Geschlossene Gruppe")
    group.press("Weiter")
    group.is_at("Alles richtig?")
    group.look("hour-check")
    group.agree()
    group.send()

    assert len(typed) + len(told) + 1 <= 8
    (date,) = db.session.scalars(db.select(Booking)).one().occurrences
    assert (date.start, date.end) == (make.instant("2026-12-07T14:00"), make.instant("2026-12-07T15:00"))
