"""Steps of a group that follow each other within minutes go out as one letter."""

from datetime import timedelta

import pytest

from booking import changing, requesting
from booking.database import db, transaction
from booking.domain.status import Status
from booking.letters import dispatch
from booking.models import Letter
from booking.sharing import fresh_links
from tests import make

NOW = make.instant("2026-11-30T10:00")
SECONDS = timedelta(seconds=1)


@pytest.fixture
def booking(app):
    make.house()
    starts = [f"2027-01-{day:02}T16:00" for day in range(1, 31)]
    booking = make.booking(make.room(), *starts)
    fresh_links.note_use(make.link(booking), NOW)
    return booking


def letters():
    """Kind and state of all letters."""
    db.session.expire_all()
    to_group = db.select(Letter).where(Letter.contact_id.is_not(None))
    return [(each.kind, each.state) for each in db.session.scalars(to_group.order_by(Letter.id))]


def test_thirty_dates_that_are_withdrawn_one_by_one_are_one_letter(booking):
    for number, date in enumerate(booking.occurrences):
        now = NOW + 5 * number * SECONDS
        requesting.withdraw(booking, now, [date.id])
        dispatch.deliver_due(now)

    dispatch.deliver_due(NOW + 180 * SECONDS)

    letter = db.session.scalars(db.select(Letter).where(Letter.state == "sent", Letter.kind == "withdrawn")).one()
    assert letters() == [("withdrawn", "stopped")] * 29 + [("withdrawn", "sent")]
    assert {date.letter_id for date in booking.occurrences} == {letter.id}


def test_letter_about_dates_that_are_cancelled_one_by_one_names_all_and_leaves_after_three_minutes(booking):
    dates = booking.occurrences[:3]
    with transaction():
        for date in dates:
            date.status = Status.APPROVED
    for number, date in enumerate(dates):
        changing.cancel_dates(booking, [date.id], NOW + 50 * number * SECONDS)

    left = [dispatch.deliver_due(NOW + seconds * SECONDS) for seconds in (170, 181)]
    letter = db.session.scalars(
        db.select(Letter).where(Letter.state == "sent", Letter.kind == "cancelled_by_group")
    ).one()

    assert left == [0, 2]  # the office's too
    assert [f"{day}. Januar 2027" in letter.body for day in (1, 2, 3)] == [True] * 3
    assert (letter.calendar or "").count("BEGIN:VEVENT") == 3


def test_step_after_the_letter_has_left_is_a_letter_of_its_own(booking):
    first, second = booking.occurrences[:2]
    requesting.withdraw(booking, NOW, [first.id])
    dispatch.deliver_due(NOW + 200 * SECONDS)

    requesting.withdraw(booking, NOW + 201 * SECONDS, [second.id])

    assert letters() == [("withdrawn", "sent"), ("withdrawn", "waiting")]
