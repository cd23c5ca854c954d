"""The rules against dates worked out by hand; test_recurrence_properties.py has them against the definition."""

import json
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.domain.recurrence import (
    LAST_DAY,
    MOST_DATES,
    Frequency,
    Reading,
    RecurrenceRule,
    RuleError,
    is_last,
    ordinal_of,
    readings,
)
from booking.domain.slot import Slot
from tests.support import work

SINGLE, WEEKLY, MONTHLY = Frequency
MO, TU, WE, TH, FR, SA, SU = range(7)
BERLIN = ZoneInfo("Europe/Berlin")


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


def day(text: str) -> date:
    return date.fromisoformat(text)


def rule(start: str, freq: Frequency = WEEKLY, **values) -> RecurrenceRule:
    if isinstance(values.get("until"), str):
        values["until"] = day(values["until"])
    for name in ("exception_dates", "extra_dates"):
        values[name] = frozenset(days(*values.get(name, ())))
    return RecurrenceRule(day(start), freq, **values)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(
            rule("2027-01-12", MONTHLY, ordinals=(2,), count=6),
            days("2027-01-12", "2027-02-09", "2027-03-09", "2027-04-13", "2027-05-11", "2027-06-08"),
            id="second Tuesday (walk 2)",
        ),
        pytest.param(
            rule("2026-12-08", MONTHLY, until="2027-06-30"),
            days("2026-12-08", "2027-01-12", "2027-02-09", "2027-03-09", "2027-04-13", "2027-05-11", "2027-06-08"),
            id="ordinal and weekday are the start's",
        ),
        pytest.param(
            rule("2026-12-08", interval=2, count=4),
            days("2026-12-08", "2026-12-22", "2027-01-05", "2027-01-19"),
            id="every two weeks",
        ),
        pytest.param(
            rule("2027-02-23", MONTHLY, ordinals=(-1,), count=4),
            days("2027-02-23", "2027-03-30", "2027-04-27", "2027-05-25"),
            id="last Tuesday",
        ),
        pytest.param(
            rule("2027-01-29", MONTHLY, ordinals=(5,), until="2027-12-31"),
            days("2027-01-29", "2027-04-30", "2027-07-30", "2027-10-29", "2027-12-31"),
            id="fifth Friday, in months that have one",
        ),
        pytest.param(
            rule("2027-01-01", MONTHLY, ordinals=(1, 3), weekdays=(FR, MO), until="2027-02-28"),
            days("2027-01-01", "2027-01-04", "2027-01-15", "2027-01-18", "2027-02-01", "2027-02-05", "2027-02-15")
            + days("2027-02-19"),
            id="first and third of Monday and Friday",
        ),
        pytest.param(
            rule("2027-01-29", MONTHLY, ordinals=(5, -1), until="2027-05-31"),
            days("2027-01-29", "2027-02-26", "2027-03-26", "2027-04-30", "2027-05-28"),
            id="fifth and last Friday, once where they are the same",
        ),
        pytest.param(
            rule("2026-11-30", MONTHLY, interval=3, ordinals=(5,), until="2028-12-31"),
            days("2026-11-30", "2027-05-31", "2027-08-30", "2027-11-29", "2028-05-29"),
            id="fifth Monday of every third month",
        ),
        pytest.param(
            rule("2027-01-04", interval=2, weekdays=(MO, SU), count=4),
            days("2027-01-04", "2027-01-10", "2027-01-18", "2027-01-24"),
            id="weeks begin on Monday",
        ),
        pytest.param(
            rule("2027-01-06", interval=2, weekdays=(MO, WE), count=4),
            days("2027-01-06", "2027-01-18", "2027-01-20", "2027-02-01"),
            id="weeks are counted from the week of the start",
        ),
        pytest.param(
            rule("2027-12-17", until="2027-12-31"),
            days("2027-12-17", "2027-12-24", "2027-12-31"),
            id="until is included",
        ),
        pytest.param(
            rule("2027-12-17", until="2027-12-30"), days("2027-12-17", "2027-12-24"), id="until cuts the day after"
        ),
        pytest.param(
            rule("2027-01-06", count=3, exception_dates=["2027-01-13"]),
            days("2027-01-06", "2027-01-20"),
            id="count counts before exceptions",
        ),
        pytest.param(
            rule("2027-01-06", count=2, extra_dates=["2027-01-09", "2027-03-01"]),
            days("2027-01-06", "2027-01-09", "2027-01-13", "2027-03-01"),
            id="extra dates are not counted",
        ),
        pytest.param(
            rule("2027-01-06", until="2027-01-13", extra_dates=["2027-03-01"]),
            days("2027-01-06", "2027-01-13", "2027-03-01"),
            id="until does not cut extra dates",
        ),
        pytest.param(
            rule("2027-01-06", count=2, extra_dates=["2027-01-09"], exception_dates=["2027-01-09"]),
            days("2027-01-06", "2027-01-13"),
            id="an exception beats an extra date",
        ),
        pytest.param(
            rule("2027-01-06", count=2, extra_dates=["2027-01-13"]),
            days("2027-01-06", "2027-01-13"),
            id="an extra date that is one anyway counts once",
        ),
        pytest.param(
            rule("2027-01-06", SINGLE, extra_dates=["2027-01-04", "2027-02-11"]),
            days("2027-01-04", "2027-01-06", "2027-02-11"),
            id="single dates",
        ),
        pytest.param(rule("2027-01-06", SINGLE), days("2027-01-06"), id="one date"),
        pytest.param(
            rule("2028-02-29", MONTHLY, interval=12, count=2),
            days("2028-02-29", "2056-02-29"),
            id="fifth Tuesday of February, once in 28 years",
        ),
    ],
)
def test_rule_gives_its_days(asked, expected):
    assert asked.days() == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(rule("2026-12-08", MONTHLY), days("2026-12-08", "2027-01-12", "2027-02-09"), id="monthly"),
        pytest.param(
            rule("2026-12-08", exception_dates=["2026-12-15"]),
            days("2026-12-08", "2026-12-22", "2026-12-29"),
            id="exceptions make room for later days",
        ),
        pytest.param(
            rule("2026-12-08", extra_dates=["2026-12-10", "2029-01-01"]),
            days("2026-12-08", "2026-12-10", "2026-12-15"),
            id="extra dates in their place",
        ),
    ],
)
def test_open_rule_gives_as_many_days_as_asked_for(asked, expected):
    assert asked.is_open
    assert asked.days(3) == expected


def test_open_rule_gives_at_most_520_days():
    assert len(rule("2027-01-06").days(10**9)) == MOST_DATES


def test_series_over_both_changes_keeps_local_time():
    asked = rule("2027-03-24", until="2027-11-03")

    slots = [Slot.on(each, time(18, 30), 120, BERLIN) for each in asked.days()]

    assert {slot.start.astimezone(BERLIN).time() for slot in slots} == {time(18, 30)}
    steps = [(later.start - slot.start) / timedelta(hours=1) for slot, later in zip(slots, slots[1:], strict=False)]
    assert (steps[0], steps[-1], set(steps[1:-1])) == (167, 169, {168})


@pytest.mark.parametrize(
    ("values", "field", "code", "params"),
    [
        pytest.param({"interval": 0}, "interval", "interval", {"most": 52}, id="interval 0"),
        pytest.param({"interval": -1}, "interval", "interval", {"most": 52}, id="interval negative"),
        pytest.param({"interval": 53}, "interval", "interval", {"most": 52}, id="interval 53"),
        pytest.param({"interval": 10**9}, "interval", "interval", {"most": 52}, id="interval 10^9"),
        pytest.param({"interval": True}, "interval", "interval", {"most": 52}, id="interval true"),
        pytest.param({"interval": 1.0}, "interval", "interval", {"most": 52}, id="interval with a point"),
        pytest.param({"count": 0}, "count", "count", {"most": 520}, id="count 0"),
        pytest.param({"count": 521}, "count", "count", {"most": 520}, id="count 521"),
        pytest.param({"count": 10**9}, "count", "count", {"most": 520}, id="count 10^9"),
        pytest.param({"count": True}, "count", "count", {"most": 520}, id="count true"),
        pytest.param({"weekdays": (7,)}, "weekdays", "weekdays", {}, id="weekday 7"),
        pytest.param({"weekdays": (-1,)}, "weekdays", "weekdays", {}, id="weekday -1"),
        pytest.param({"weekdays": (2, False)}, "weekdays", "weekdays", {}, id="weekday false"),
        pytest.param({"freq": MONTHLY, "ordinals": (0,)}, "ordinals", "ordinals", {}, id="ordinal 0"),
        pytest.param({"freq": MONTHLY, "ordinals": (6,)}, "ordinals", "ordinals", {}, id="ordinal 6"),
        pytest.param({"freq": MONTHLY, "ordinals": (-2,)}, "ordinals", "ordinals", {}, id="last but one"),
        pytest.param({"ordinals": (1,)}, "ordinals", "ordinals", {}, id="weekly has no ordinals"),
        pytest.param({"freq": "daily"}, "freq", "frequency", {}, id="daily"),
        pytest.param({"freq": "secondly"}, "freq", "frequency", {}, id="secondly"),
        pytest.param({"until": "2027-01-05"}, "until", "until_before_start", {}, id="until before the start"),
        pytest.param({"until": "2027-02-05", "count": 3}, "until", "until_and_count", {}, id="until and count"),
        pytest.param(
            {"until": "2037-01-05"}, "until", "too_many", {"number": 522, "most": 520}, id="522 dates, and a number"
        ),
        pytest.param(
            {"until": "4999-12-31"}, "until", "too_many", {"number": None, "most": 520}, id="for thousands of years"
        ),
        pytest.param(
            {"count": 520, "extra_dates": ["2027-01-07"]},
            "extra_dates",
            "too_many",
            {"number": 521, "most": 520},
            id="too many with the extra dates",
        ),
        pytest.param({"count": 1, "exception_dates": ["2027-01-06"]}, "exdates", "empty", {}, id="no date is left"),
        pytest.param(
            {"weekdays": (MO, TH)},
            "start",
            "start_not_in_rule",
            {"first": day("2027-01-07")},
            id="start is a Wednesday",
        ),
        pytest.param(
            {"weekdays": (MO,), "interval": 2},
            "start",
            "start_not_in_rule",
            {"first": day("2027-01-18")},
            id="the Monday of that week is over",
        ),
        pytest.param(
            {"freq": MONTHLY, "ordinals": (2,)},
            "start",
            "start_not_in_rule",
            {"first": day("2027-01-13")},
            id="start is the first Wednesday",
        ),
        pytest.param(
            {"freq": MONTHLY, "ordinals": (2,), "until": "2027-01-08"},
            "start",
            "start_not_in_rule",
            {"first": day("2027-01-13")},
            id="the first date is named although it is later than the end",
        ),
    ],
)
def test_rule_refuses_what_cannot_be_meant(values, field, code, params):
    def refuse():
        with pytest.raises(RuleError) as caught:
            rule("2027-01-06", **{"freq": WEEKLY, **values})
        assert (caught.value.field, caught.value.code, caught.value.params) == (field, code, params)

    assert work.seconds(refuse) < 0.05


@pytest.mark.parametrize(
    ("field", "values"),
    [
        pytest.param("start", {"start": date(9999, 12, 31)}, id="start in 9999"),
        pytest.param("start", {"start": date(1, 1, 1)}, id="start in the year 1"),
        pytest.param("until", {"until": date(9999, 12, 31)}, id="until 9999"),
        pytest.param("exdates", {"exception_dates": frozenset({date(9999, 1, 1)})}, id="exception in 9999"),
        pytest.param("extra_dates", {"extra_dates": frozenset({date(9999, 1, 1)})}, id="extra date in 9999"),
    ],
)
def test_rule_refuses_days_beyond_its_calendar(field, values):
    with pytest.raises(RuleError) as caught:
        RecurrenceRule(**{"start": day("2027-01-06"), "freq": WEEKLY, **values})

    assert (caught.value.field, caught.value.code) == (field, "day")


@pytest.mark.parametrize(
    ("start", "values"),
    [
        pytest.param(
            "2027-02-01", {"interval": 48, "ordinals": (5,)}, id="no leap year in reach: there is no such day"
        ),
        pytest.param("2044-02-29", {"interval": 12, "count": 520}, id="520 times once in 28 years"),
        pytest.param("2044-02-29", {"interval": 12}, id="for ever, once in 28 years"),
        pytest.param("2027-01-01", {"until": LAST_DAY}, id="monthly for 3,000 years"),
        pytest.param(
            "2027-01-01", {"weekdays": tuple(range(7)), "ordinals": (1, 2, 3, 4, 5, -1), "until": LAST_DAY}, id="daily"
        ),
    ],
)
def test_slowest_rules_are_answered_at_once(start, values):
    def answer():
        try:
            found = rule(start, MONTHLY, **values).days()
        except RuleError:
            found = []
        assert len(found) < MOST_DATES

    assert work.seconds(answer) < 0.05


def test_520_dates_are_allowed_and_reach_2036():
    found = rule("2027-01-06", until="2036-12-17").days()

    assert (len(found), found[-1]) == (520, day("2036-12-17"))


def test_520_slots_of_a_rule_are_worked_out_quickly():
    def work_out():
        for each in rule("2027-01-06", count=520).days():
            Slot.on(each, time(18, 30), 120, BERLIN)

    assert work.seconds(work_out) < 0.012  # about 3 ms on the machine it was written on


def test_days_can_be_left_out_and_added_later():
    asked = rule("2027-01-06", count=3, exception_dates=["2027-01-13"])

    changed = asked.without(days("2027-01-20", "2027-02-01")).with_extra(days("2027-01-21", "2027-02-01"))

    assert changed.days() == days("2027-01-06", "2027-01-21")
    assert asked.days() == days("2027-01-06", "2027-01-20")


def test_equal_rules_are_equal_however_they_are_written():
    short = RecurrenceRule(day("2027-01-12"), MONTHLY, count=6)
    long = RecurrenceRule(
        day("2027-01-12"), MONTHLY, interval=1, weekdays=(TU, TU), ordinals=(2, 2), count=6, exception_dates=frozenset()
    )

    assert short == long
    assert hash(short) == hash(long)


FULL = {
    "start": "2027-01-08",
    "freq": "monthly",
    "interval": 2,
    "weekdays": ["MO", "FR"],
    "ordinals": [2, 5, -1],
    "until": "2027-12-31",
    "count": None,
    "exdates": ["2027-03-08", "2027-05-14"],
    "extra_dates": ["2027-02-01"],
}


def test_rule_is_stored_and_read_again():
    read = RecurrenceRule.from_json(json.loads(json.dumps(FULL)))

    assert read.as_json() == FULL
    assert RecurrenceRule.from_json(read.as_json()) == read


def test_stored_rule_may_be_short():
    assert RecurrenceRule.from_json({"start": "2027-01-06", "freq": "weekly", "count": 2}).days() == days(
        "2027-01-06", "2027-01-13"
    )


MONTH = Reading("month", MONTHLY, 1, (2,))
LAST = Reading("last", MONTHLY, 1, (-1,))
TWO_WEEKS = Reading("two_weeks", WEEKLY, 2, ())


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param("2026-12-08", [MONTH, TWO_WEEKS], id="second Tuesday"),
        pytest.param("2026-12-22", [MONTH._replace(ordinals=(4,)), TWO_WEEKS], id="fourth, and there is a fifth"),
        pytest.param("2026-11-24", [MONTH._replace(ordinals=(4,)), LAST, TWO_WEEKS], id="fourth and last Tuesday"),
        pytest.param("2027-02-23", [MONTH._replace(ordinals=(4,)), LAST, TWO_WEEKS], id="fourth of February"),
        pytest.param("2026-10-29", [LAST, TWO_WEEKS], id="fifth Thursday"),
        pytest.param("2027-04-29", [LAST, TWO_WEEKS], id="fifth Thursday of April"),
    ],
)
def test_readings_of_a_first_date(start, expected):
    assert readings(day(start)) == expected


def test_readings_are_shown_with_their_dates():
    first = day("2026-12-08")
    month, two_weeks = (reading.rule(first, until=day("2027-06-08")) for reading in readings(first))

    assert (month.days()[:4], len(month.days())) == (
        days("2026-12-08", "2027-01-12", "2027-02-09", "2027-03-09"),
        7,
    )
    assert (two_weeks.days()[:4], len(two_weeks.days())) == (
        days("2026-12-08", "2026-12-22", "2027-01-05", "2027-01-19"),
        14,
    )


@pytest.mark.parametrize(
    ("start", "keys"),
    [("2027-02-09", ["month"]), ("2027-02-23", ["month", "last"]), ("2027-04-29", ["last"])],
)
def test_readings_of_every_third_month_keep_to_months(start, keys):
    found = readings(day(start), 3)

    assert ([each.key for each in found], {each.interval for each in found}) == (keys, {3})


def test_every_first_date_is_a_date_of_its_readings():
    first = date(2027, 1, 1)

    for number in range(366):
        start = first + timedelta(days=number)
        for reading in readings(start):
            assert reading.rule(start).days(1) == [start]


def test_ordinal_and_last_of_a_whole_month():
    december = [date(2026, 12, number) for number in range(1, 32)]

    assert [ordinal_of(each) for each in december] == [1] * 7 + [2] * 7 + [3] * 7 + [4] * 7 + [5] * 3
    assert [each.day for each in december if is_last(each)] == [25, 26, 27, 28, 29, 30, 31]
