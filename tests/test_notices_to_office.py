"""What the office reads of what groups do, word for word: the letters stand in ``tests/letters``."""

import pytest

from booking import lifecycle
from booking.database import transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Action, Status
from booking.lifecycle import Place
from booking.notices.frame import to_office
from tests import make
from tests.support.letters import NOW, expected

WEDNESDAYS = ("2027-01-06T16:00", "2027-01-13T16:00")


@pytest.fixture
def workshop(app):
    make.house()
    return make.room("Werkstatt", 20)


@pytest.fixture
def booking(workshop):
    rule = RecurrenceRule(start=make.instant(WEDNESDAYS[0]).date(), freq=Frequency.WEEKLY, count=2)
    return make.booking(
        make.room(), *WEDNESDAYS, rule=rule, title="Offener Stammtisch", reference="IO-26-0142", language="en"
    )


def told(kind, *about):
    """A letter to the office, in German whatever the group speaks."""
    with transaction():
        letter = to_office(kind, *about, now=NOW)
    assert (letter.kind, letter.contact, letter.language, letter.calendar) == (kind, None, "de", None)
    return f"{letter.subject}\n\n{letter.body}"


def test_wish_for_another_time_is_told_with_what_the_group_says(booking, workshop):
    change = make.change(
        booking.occurrences[0], workshop, make.slot("2027-01-06T18:00"), state="open", note="Es wird sonst zu früh."
    )

    assert told("change_requested", booking, [change.occurrence]) == expected("change_requested", "office")


def test_change_of_a_request_is_told_beside_wishes(booking, workshop):
    wished, made = booking.occurrences
    make.change(wished, workshop, make.slot("2027-01-06T16:00"), state="open")
    make.change(made, workshop, make.slot("2027-01-14T16:00"), state="accepted")

    assert told("change_requested", booking, [wished, made]) == expected("change_requested_both", "office")


def test_change_of_a_request_needs_no_yes(booking, workshop):
    change = make.change(booking.occurrences[0], workshop, make.slot("2027-01-06T16:00"), state="accepted")

    assert told("change_requested", booking, [change.occurrence]) == expected("change_requested_made", "office")


def test_answer_is_told_with_the_question(booking):
    with transaction():
        booking.question, booking.answer = "Braucht ihr den Beamer?", "Ja, gern.\nUnd Mikrofone."

    assert told("answered", booking) == expected("answered", "office")


def test_no_to_a_proposal_is_told(booking, workshop):
    date = booking.occurrences[0]
    place = Place(workshop.id, make.slot("2027-01-06T18:00"))
    with transaction():
        lifecycle.take(booking, {Action.PROPOSE: [date]}, places={date.id: place}, now=NOW)
        lifecycle.take(booking, {Action.REFUSE: [date]}, actor="group", now=NOW)

        date.changes[-1].note = "Abends geht es nicht."

    assert date.status is Status.DECLINED
    assert told("proposal_refused", booking, [date]) == expected("proposal_refused", "office")


def test_wish_to_go_on_is_told_with_its_dates(booking):
    added = [make.occurrence(booking, f"2027-01-{day}T16:00") for day in ("27", "20")]

    assert told("extended", booking, added) == expected("extended", "office")
