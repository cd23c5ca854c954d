"""Walks of groups over their own page, in a real browser: cancel and undo, accept, ask for a change, go on."""

import re

import pytest
from playwright.sync_api import expect

from booking import lifecycle, links
from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Action, Status
from booking.house import rooms
from booking.lifecycle import Place
from booking.models import Occurrence
from tests import make
from tests.support.browser import SMALL_PHONE, follow, look, press

pytestmark = pytest.mark.browser

AT_A_DESK = pytest.param("de", {}, id="at a desk", marks=pytest.mark.variant)
ON_A_PHONE = pytest.param("en", {"viewport": SMALL_PHONE}, id="on a small phone, in English")
NO_SCRIPT = {"java_script_enabled": False}

#: Where pages have scripts of their own, and where they have none.
VISITORS = pytest.mark.parametrize(
    ("language", "options"), [AT_A_DESK, ON_A_PHONE, pytest.param("de", NO_SCRIPT, id="without JavaScript")]
)
READERS = pytest.mark.parametrize(
    ("language", "options"),
    [AT_A_DESK, ON_A_PHONE, pytest.param("de", NO_SCRIPT, id="without JavaScript", marks=pytest.mark.variant)],
)
SAID = {
    "cancelled": ("Der Raum ist wieder frei für andere.", "The room is free for others again."),
    "cancel": ("Absagen", "Cancel"),
    "yes": ("Ja, Termin absagen", "Yes, cancel date"),
    "undo": ("Rückgängig", "Undo"),
    "on": ("Findet doch statt:", "On after all:"),
    "accept": ("Vorschlag annehmen", "Accept suggestion"),
    "confirmed": ("Zugesagt: Dienstag", "Confirmed: Tuesday"),
    "change": ("Änderung anfragen", "Ask for a change"),
    "check": ("Verfügbarkeit prüfen", "Check availability"),
    "free": ("Das ist noch frei.", "that is free."),
    "stays": ("Euer zugesagter Termin bleibt bestehen", "Your confirmed date stays in place"),
    "take back": ("Zurücknehmen", "Take back"),
    "taken back": ("Eure Änderung ist zurückgenommen.", "You have taken your change back."),
    "extend": ("Reihe verlängern", "Extend series"),
    "show": ("Diese Termine zeigen", "Show these dates"),
    "skip": ("Diesen Termin auslassen", "Skip this date"),
    "ask": ("Diese Termine anfragen", "Ask for these dates"),
    "extended": ("Eure Anfrage für 2 weitere Termine ist da.", "We’ve got your wish for 2 further dates"),
    "until": ("Bis wann soll es weitergehen?", "Until when should it go on?"),
    "start": ("Beginn", "Start"),
    "end": ("Ende", "End"),
}


def words_of(language):
    return {key: said[("de", "en").index(language)] for key, said in SAID.items()}


def page_of(page, booking, language):
    prefix = "/en" if language == "en" else ""
    page.goto(f"{prefix}/a/{links.token(make.link(booking))}")


def news(page, sentence):
    """What was just done is said, and read out first."""
    expect(page.locator("[autofocus]")).to_contain_text(sentence)


def statuses():
    db.session.rollback()
    return [each.status.value for each in db.session.scalars(db.select(Occurrence).order_by(Occurrence.start))]


@pytest.fixture
def series(server):
    """Wednesdays in December, confirmed."""
    hall = next(room for room in rooms() if room.name == "Große Fläche")
    rule = RecurrenceRule(start=make.instant("2026-12-09T16:00").date(), freq=Frequency.WEEKLY, count=2)
    return make.booking(hall, "2026-12-09T16:00", "2026-12-16T16:00", rule=rule, status=Status.APPROVED, way_in="have")


@READERS
def test_date_is_cancelled_and_the_cancellation_undone(series, new_page, language, options):
    page, said = new_page(**options), words_of(language)

    page_of(page, series, language)
    look(page, f"status-confirmed-{language}")
    follow(page, said["cancel"])
    look(page, f"status-cancel-{language}")
    press(page, said["yes"])
    news(page, said["cancelled"])
    assert statuses() == ["cancelled", "approved"]
    page.reload()
    look(page, f"status-cancelled-{language}")
    press(page, said["undo"])

    news(page, said["on"])
    assert statuses() == ["approved", "approved"]


@READERS
def test_proposal_is_accepted(server, new_page, language, options):
    page, said = new_page(**options), words_of(language)
    hall, workshop, _ = rooms()
    booking = make.booking(hall, "2027-01-12T19:00")
    with transaction():
        lifecycle.take(
            booking,
            {Action.PROPOSE: booking.occurrences},
            places={booking.occurrences[0].id: Place(workshop.id, make.slot("2027-01-12T18:00"))},
            answer_by=make.instant("2026-12-07T17:00"),
            now=server.clock.now,
        )

    page_of(page, booking, language)
    look(page, f"status-proposal-{language}")
    press(page, said["accept"])

    news(page, said["confirmed"])
    look(page, f"status-accepted-{language}")
    assert statuses() == ["approved"]


@VISITORS
def test_change_is_looked_up_asked_for_and_taken_back(series, new_page, language, options):
    page, said = new_page(**options), words_of(language)

    page_of(page, series, language)
    follow(page, said["change"])
    look(page, f"status-choose-change-{language}")
    follow(page, "16:00")
    page.get_by_label(said["start"], exact=True).fill("gegen Abend")
    press(page, said["check"])
    look(page, f"status-change-mistake-{language}")
    page.get_by_label(said["start"], exact=True).fill("18")
    page.get_by_label(said["end"], exact=True).fill("20")
    press(page, said["check"])
    news(page, said["free"])
    look(page, f"status-change-{language}")
    press(page, said["change"])

    news(page, said["stays"])
    look(page, f"status-change-asked-{language}")
    page.get_by_role("button", name=re.compile(f"^{said['take back']}")).click()
    news(page, said["taken back"])
    assert statuses() == ["approved", "approved"]


@VISITORS
def test_series_is_extended(series, new_page, language, options):
    page, said = new_page(**options), words_of(language)
    hall = next(room for room in rooms() if room.name == "Große Fläche")
    make.booking(hall, "2027-01-06T17:00", minutes=90, status=Status.APPROVED, group="OIC", title="Klausur")

    page_of(page, series, language)
    follow(page, said["extend"])
    look(page, f"status-extend-{language}")
    page.get_by_label(said["until"]).fill("6.1.2027")
    press(page, said["show"])
    press(page, said["ask"])
    look(page, f"status-extend-mistake-{language}")
    page.locator("#d-2027-01-06").get_by_text(said["skip"]).click()
    press(page, said["ask"])

    news(page, said["extended"])
    look(page, f"status-extended-{language}")
    assert statuses() == ["approved", "approved", "requested", "requested", "approved"]
