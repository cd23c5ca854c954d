"""The example house: alive on whatever day it is loaded, and mailing nobody."""

from datetime import timedelta

import pytest

from booking import deadlines, demo, guard
from booking.agenda import agenda
from booking.cli.setting_up import EXAMPLE_HOUSE, EXAMPLES
from booking.database import db
from booking.domain.status import Status
from booking.house import house
from booking.house_file import load_house
from booking.models import Booking, Letter
from tests.support.app import fill_once


@pytest.mark.parametrize(
    "today",
    [
        "2026-11-25T18:00",
        pytest.param("2027-01-01T00:30", marks=pytest.mark.variant),
        pytest.param("2027-06-30T23:30", marks=pytest.mark.variant),
        "2028-02-29T12:00",
    ],
)
def test_example_house_is_alive_on_any_day(app, clock, today):
    clock.set(today)
    load_house(EXAMPLE_HOUSE)

    demo.load_examples(EXAMPLES, clock.now)

    bookings = db.session.scalars(db.select(Booking)).all()
    undecided = [each for each in bookings if each.dates(Status.REQUESTED)]
    answered = [each for each in undecided if each.dates(Status.APPROVED) and each.dates(Status.DECLINED)]
    week = agenda(clock.now.astimezone(house().zone).date(), 14)
    assert (len(undecided), len(answered)) == (3, 1)
    assert sum(len(day.rows) for day in week) >= 5
    assert guard.untruths(db.session.connection()) == []


@pytest.fixture
def example(app, clock):
    """The example house, on the day on which the tests begin."""
    fill_once("example", lambda: (load_house(EXAMPLE_HOUSE), demo.load_examples(EXAMPLES, clock.now)))


def test_example_house_has_skipped_moved_and_cancelled_dates(example):
    bookings = db.session.scalars(db.select(Booking)).all()
    assert any(each.skipped for each in bookings)
    assert any(date.is_moved for each in bookings for date in each.occurrences)
    assert any(each.dates(Status.CANCELLED) for each in bookings)


def test_example_house_mails_nobody(example, clock):
    assert {letter.state for letter in db.session.scalars(db.select(Letter))} == {"sent"}
    assert sum(deadlines.settle(clock.now + timedelta(days=days)).reminders for days in range(7)) == 0
