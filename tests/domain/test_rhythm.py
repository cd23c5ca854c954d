"""The rule of days, against rules that are known and against any days at all."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.rhythm import find_rule
from booking.wording import rhythm

TUESDAY = date(2027, 1, 12)


@given(st.sets(st.dates(date(2026, 1, 1), date(2028, 12, 31)), min_size=1, max_size=60))
def test_rule_that_is_found_has_exactly_the_days(days):
    assert find_rule(days).days() == sorted(days)


@given(
    st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    st.integers(1, 3),
    st.integers(9, 60),
    st.sets(st.integers(1, 7), max_size=2),
)
def test_rule_of_weeks_is_found_again_though_dates_are_missing(start, weeks, count, missing):
    days = RecurrenceRule(start=start, freq=Frequency.WEEKLY, interval=weeks, count=count).days()
    kept = [day for index, day in enumerate(days) if index not in missing]

    found = find_rule(kept)

    assert (found.freq, found.interval, found.weekdays) == (Frequency.WEEKLY, weeks, (start.weekday(),))
    assert found.exception_dates == set(days) - set(kept)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            RecurrenceRule(start=TUESDAY, freq=Frequency.MONTHLY, ordinals=(2,), count=4),
            "On the second Tuesday of each month",
        ),
        (
            RecurrenceRule(start=date(2027, 1, 26), freq=Frequency.MONTHLY, ordinals=(-1,), count=8),
            "On the last Tuesday of each month",
        ),
        (RecurrenceRule(start=TUESDAY, freq=Frequency.WEEKLY, weekdays=(1, 3), count=9), "Every Tuesday and Thursday"),
        (RecurrenceRule(start=date(2027, 1, 5), freq=Frequency.MONTHLY, ordinals=(1, 3), count=10), None),
    ],
    ids=["second", "last", "two weekdays", "first and third"],
)
def test_rule_is_found_again_from_its_days(rule, said):
    found = find_rule(rule.days())

    assert (found.freq, found.weekdays, found.ordinals, found.exception_dates, found.extra_dates) == (
        rule.freq,
        rule.weekdays,
        rule.ordinals,
        frozenset(),
        frozenset(),
    )
    assert said in (rhythm(found, "en"), None)


def test_days_without_a_rhythm_are_single_ones():
    days = {TUESDAY + timedelta(days=number) for number in (0, 3, 17, 44)}

    found = find_rule(days)

    assert (found.freq, found.start, found.extra_dates) == (Frequency.SINGLE, TUESDAY, days - {TUESDAY})
