"""The rules against their definition: every day of the calendar is asked whether it belongs to the series.

The definition is written from RFC 5545, 3.3.10 (BYDAY, INTERVAL, WKST=MO, UNTIL, COUNT) and 3.8.5 (EXDATE, RDATE),
without a library and as slow as it is plain.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.recurrence import Frequency, RecurrenceRule

ONE_DAY = timedelta(days=1)
HORIZON = 3000  # days after the start to which both are compared


@dataclass
class Wish:
    """What somebody wants, before any rule is made of it."""

    start: date
    freq: str
    interval: int
    weekdays: set[int]
    ordinals: set[int] = field(default_factory=set)

    def includes(self, day: date) -> bool:
        if day.weekday() not in self.weekdays:
            return False
        if self.freq == "weekly":
            monday = day - timedelta(days=day.weekday())
            first_monday = self.start - timedelta(days=self.start.weekday())
            return (monday - first_monday).days % (7 * self.interval) == 0
        months = (day.year - self.start.year) * 12 + day.month - self.start.month
        if months % self.interval:
            return False
        alike = [other for other in days_of_month(day) if other.weekday() == day.weekday()]
        return any(
            len(alike) >= abs(ordinal) and alike[ordinal - 1 if ordinal > 0 else ordinal] == day
            for ordinal in self.ordinals
        )


def days_of_month(day: date) -> list[date]:
    first = day.replace(day=1)
    return [first + number * ONE_DAY for number in range(31) if (first + number * ONE_DAY).month == day.month]


def by_definition(wish: Wish, horizon: date) -> list[date]:
    span = range((horizon - wish.start).days + 1)
    return [day for day in (wish.start + number * ONE_DAY for number in span) if wish.includes(day)]


@st.composite
def wishes(draw) -> Wish:
    """A wish whose start is a date of it, as a form has it."""
    start = draw(st.dates(date(2024, 1, 1), date(2036, 12, 31)))
    freq = draw(st.sampled_from(["weekly", "monthly"]))
    wish = Wish(
        start,
        freq,
        draw(st.integers(1, 5) | st.integers(1, 52)),
        draw(st.sets(st.integers(0, 6), max_size=3)) | {start.weekday()},
    )
    if freq == "monthly":
        alike = [other for other in days_of_month(start) if other.weekday() == start.weekday()]
        own = draw(st.sampled_from([alike.index(start) + 1, -1] if start == alike[-1] else [alike.index(start) + 1]))
        wish.ordinals = draw(st.sets(st.sampled_from([1, 2, 3, 4, 5, -1]), max_size=2)) | {own}
    return wish


def rule(wish: Wish, **values) -> RecurrenceRule:
    return RecurrenceRule(
        wish.start,
        Frequency(wish.freq),
        interval=wish.interval,
        weekdays=tuple(wish.weekdays),
        ordinals=tuple(wish.ordinals),
        **values,
    )


some_days = st.frozensets(st.dates(date(2024, 1, 1), date(2038, 1, 1)), max_size=3)


@given(wishes(), st.integers(1, 60))
def test_open_rule_agrees_with_its_definition(wish, most):
    horizon = wish.start + timedelta(days=HORIZON)

    found = rule(wish).days(most)

    assert [day for day in found if day <= horizon] == by_definition(wish, horizon)[:most]


@given(wishes(), st.integers(0, 500), some_days, st.data())
def test_rule_with_an_end_agrees_with_its_definition(wish, length, extra, data):
    until = wish.start + timedelta(days=length)
    expected = by_definition(wish, until)
    exceptions = data.draw(st.frozensets(st.sampled_from([*expected[1:], *extra, date(2024, 1, 1)])))

    found = rule(wish, until=until, extra_dates=extra, exception_dates=exceptions - {wish.start})

    assert found.days() == sorted({*expected, *extra} - (exceptions - {wish.start}))


@given(wishes(), st.integers(1, 40), some_days)
def test_counted_rule_agrees_with_its_definition(wish, count, extra):
    horizon = wish.start + timedelta(days=HORIZON)
    expected = by_definition(wish, horizon)[:count]
    exceptions = frozenset(expected[1::3])

    found = rule(wish, count=count, extra_dates=extra, exception_dates=exceptions).days()

    wanted = {*expected, *extra} - exceptions
    assert [day for day in found if day <= horizon] == sorted(day for day in wanted if day <= horizon)


@given(wishes(), st.integers(1, 25), st.integers(2, 5), st.integers(0, 3))
def test_rule_for_a_number_of_meetings_has_so_many_that_are_kept(wish, number, nth, further):
    """Some dates are days off, and some are added, on days that the rule has anyway too."""
    horizon = wish.start + timedelta(days=HORIZON)
    every = by_definition(wish, horizon)
    gone = set(every[nth - 1 :: nth])
    extra = {wish.start + timedelta(days=number * step) for step in range(1, further + 1)}

    def kept(days: list[date]) -> list[date]:
        return [day for day in days if day not in gone]

    found = rule(wish, extra_dates=frozenset(extra)).for_meetings(number, kept).days()

    added = kept(sorted(extra))
    ruled = [day for day in kept(every) if day not in added]
    expected = sorted([*ruled[: max(number - len(added), 1)], *added])
    assert kept([day for day in found if day <= horizon]) == expected


@settings(max_examples=settings().max_examples // 2)
@given(wishes(), st.integers(1, 40), some_days, some_days)
def test_stored_rule_is_the_same_rule(wish, count, extra, exceptions):
    made = rule(wish, count=count, extra_dates=extra, exception_dates=exceptions - {wish.start})

    assert RecurrenceRule.from_json(made.as_json()) == made
