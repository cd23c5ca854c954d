"""Times that come back every week or every year."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.domain.repeats import Repeats, repeated
from booking.domain.slot import Slot

ZONE = ZoneInfo("Europe/Berlin")


def local(text: str) -> datetime:
    return Slot.on(date.fromisoformat(text[:10]), time.fromisoformat(text[11:] or "00:00"), 1, ZONE).start


def told(first: tuple[str, str], repeats: str, period: tuple[str, str], until: str = "") -> list[str]:
    slots = repeated(Slot(*map(local, first)), repeats, local(until) if until else None, *map(local, period), ZONE)
    return [" ".join(f"{at.astimezone(ZONE):%Y-%m-%dT%H:%M}" for at in (slot.start, slot.end)) for slot in slots]


@pytest.mark.parametrize(
    ("first", "repeats", "period", "until", "expected"),
    [
        pytest.param(
            ("2026-12-24", "2027-01-02"),
            "yearly",
            ("2027-12-31", "2029-12-25"),
            "",
            [
                "2027-12-24T00:00 2028-01-02T00:00",
                "2028-12-24T00:00 2029-01-02T00:00",
                "2029-12-24T00:00 2030-01-02T00:00",
            ],
            id="over the turn of the year",
        ),
        pytest.param(
            ("2027-03-22T08:00", "2027-03-22T10:00"),
            "weekly",
            ("2027-03-28", "2027-04-05T09:00"),
            "",
            ["2027-03-29T08:00 2027-03-29T10:00", "2027-04-05T08:00 2027-04-05T10:00"],
            id="local times stay when summer time begins",
        ),
        pytest.param(
            ("2028-02-20", "2028-02-29"),
            "yearly",
            ("2029-01-01", "2030-01-01"),
            "",
            ["2029-02-20T00:00 2029-03-01T00:00"],
            id="to the end of 28 February, entered in a leap year",
        ),
        pytest.param(
            ("2026-12-07", "2026-12-09"),
            "weekly",
            ("2026-12-01", "2027-12-01"),
            "2026-12-15T12:00",
            ["2026-12-07T00:00 2026-12-09T00:00", "2026-12-14T00:00 2026-12-15T12:00"],
            id="ended while one was going on",
        ),
        pytest.param(
            ("2026-12-07", "2026-12-09"),
            "",
            ("2026-12-08", "2027-12-01"),
            "2026-12-08T12:00",
            ["2026-12-07T00:00 2026-12-08T12:00"],
            id="once",
        ),
        pytest.param(
            ("2026-12-07", "2026-12-09"), "weekly", ("2026-11-01", "2026-12-07"), "", [], id="begins as the period ends"
        ),
    ],
)
def test_times_that_reach_into_a_period(first, repeats, period, until, expected):
    assert told(first, repeats, period, until) == expected


@given(
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - wall time
    days=st.integers(1, 7),
    repeats=st.sampled_from([Repeats.WEEKLY, Repeats.YEARLY]),
    begin=st.datetimes(datetime(2019, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001 - wall time
    length=st.integers(1, 500),
)
def test_times_of_a_period_are_those_of_all_that_lie_in_it(start, days, repeats, begin, length):
    first = Slot.on(start.date(), time(0), days * 1440, ZONE)
    begins = begin.replace(tzinfo=ZONE).astimezone(first.start.tzinfo)
    ends = begins + timedelta(days=length)

    every = repeated(first, repeats, None, first.start, ends, ZONE)

    assert [*repeated(first, repeats, None, begins, ends, ZONE)] == [slot for slot in every if slot.end > begins]
