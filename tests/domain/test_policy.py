from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.domain.policy import (
    HouseRules,
    Objection,
    after_working_days,
    before_working_days,
    earliest,
    horizon,
    is_outside_hours,
    is_working_day,
    objections,
    request_objections,
    working_days_between,
)
from booking.domain.slot import Slot

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = (time(9), time(18))
RULES = HouseRules(
    zone=BERLIN,
    hours={**dict.fromkeys(range(4), (OFFICE,)), 4: ((time(9), time(14)),)},
    latest_end=time(22),
    lead_working_days=2,
    most_dates=60,
    tight=timedelta(minutes=45),
)
HOLIDAYS = {
    date(2026, 12, 25): "Erster Weihnachtstag",
    date(2026, 12, 26): "Zweiter Weihnachtstag",
    date(2027, 1, 1): "Neujahr",
}


def slot(text: str, minutes: int = 120) -> Slot:
    start = datetime.fromisoformat(text)
    return Slot.on(start.date(), start.time(), minutes, BERLIN)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("today", "last"),
    [
        ("2026-11-30", "2027-06-30"),
        ("2026-12-31", "2027-06-30"),
        ("2027-01-01", "2027-12-31"),
        ("2027-06-30", "2027-12-31"),
        ("2027-07-01", "2028-06-30"),
    ],
)
def test_horizon_is_the_end_of_the_next_half_year(today, last):
    assert horizon(date.fromisoformat(today)) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("now", "first"),
    [
        pytest.param("2026-11-30T08:00", "2026-12-03", id="Monday: Tuesday and Wednesday before it"),
        pytest.param("2026-11-30T23:59", "2026-12-03", id="late on Monday is Monday"),
        pytest.param("2026-12-01T00:01", "2026-12-04", id="Tuesday by the house's clock, still Monday in UTC"),
        pytest.param("2026-12-02T12:00", "2026-12-05", id="Wednesday: from Saturday on"),
        pytest.param("2026-12-03T12:00", "2026-12-08", id="Thursday: over the weekend"),
        pytest.param("2026-12-04T12:00", "2026-12-09", id="Friday"),
        pytest.param("2026-12-05T12:00", "2026-12-09", id="Saturday"),
        pytest.param("2026-12-23T12:00", "2026-12-29", id="over Christmas"),
        pytest.param("2026-12-30T12:00", "2027-01-05", id="over New Year's Day and a weekend"),
    ],
)
def test_earliest_leaves_the_office_two_working_days(now, first):
    assert earliest(local(now), RULES, HOLIDAYS) == date.fromisoformat(first)


@pytest.mark.parametrize(
    ("after", "number", "due"),
    [
        ("2026-12-03", 0, "2026-12-03"),
        ("2026-12-03", 1, "2026-12-04"),
        ("2026-12-03", 3, "2026-12-08"),
        ("2026-12-05", 1, "2026-12-07"),
        ("2026-12-23", 3, "2026-12-29"),
    ],
)
def test_answer_is_due_after_working_days(after, number, due):
    assert after_working_days(date.fromisoformat(after), number, RULES.hours, HOLIDAYS) == date.fromisoformat(due)


def test_office_works_on_the_days_on_which_the_house_is_open():
    tuesday_to_saturday = dict.fromkeys(range(1, 6), (OFFICE,))
    week = [date(2026, 12, 21) + timedelta(days=number) for number in range(7)]

    def worked(hours):
        return [day.day for day in week if is_working_day(day, hours, HOLIDAYS)]

    assert (worked(tuesday_to_saturday), worked({})) == ([22, 23, 24], [21, 22, 23, 24])
    assert earliest(local("2026-12-04T12:00"), replace(RULES, hours=tuesday_to_saturday), HOLIDAYS) == date(2026, 12, 9)


@pytest.mark.parametrize(
    ("first", "last", "number"),
    [
        pytest.param("2026-12-03", "2026-12-03", 0, id="the same day"),
        pytest.param("2026-12-03", "2026-12-04", 1, id="the next day"),
        pytest.param("2026-12-03", "2026-12-08", 3, id="over a weekend"),
        pytest.param("2026-12-04", "2026-12-06", 0, id="only a weekend"),
        pytest.param("2026-12-23", "2026-12-29", 3, id="over Christmas"),
        pytest.param("2026-12-08", "2026-12-03", 0, id="backwards"),
    ],
)
def test_working_days_between_counts_the_days_after_the_first(first, last, number):
    assert working_days_between(date.fromisoformat(first), date.fromisoformat(last), RULES.hours, HOLIDAYS) == number


@pytest.mark.parametrize("number", [1, 2, 3, 4, 9, 60])
@pytest.mark.parametrize("day", ["2026-12-08", "2026-12-27", "2027-01-04"])
def test_before_working_days_is_the_last_day_since_which_so_many_have_come(day, number):
    last = date.fromisoformat(day)
    found = before_working_days(last, number, RULES.hours, HOLIDAYS)

    since = [working_days_between(found + timedelta(days=n), last, RULES.hours, HOLIDAYS) for n in (0, 1)]
    assert since == [number, number - 1]


PAST, SOON, FAR, LATE = (
    Objection("past", {"day": date(2026, 11, 30), "first": date(2026, 12, 3)}),
    Objection("too_soon", {"first": date(2026, 12, 3)}),
    Objection("too_far", {"last": date(2027, 6, 30)}),
    Objection("too_late", {"latest": time(22)}),
)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(slot("2026-12-08T19:00"), [], id="fine"),
        pytest.param(slot("2026-11-30T11:30", 60), [PAST], id="has begun"),
        pytest.param(slot("2026-11-30T12:00"), [PAST], id="begins now"),
        pytest.param(
            slot("2026-03-03T19:00"),
            [Objection("past", {"day": date(2026, 3, 3), "first": date(2026, 12, 3)})],
            id="in March",
        ),
        pytest.param(slot("2026-11-30T19:00"), [SOON], id="tonight"),
        pytest.param(slot("2026-12-02T19:00"), [SOON], id="last day that is too soon"),
        pytest.param(slot("2026-12-03T09:00"), [], id="first possible day"),
        pytest.param(slot("2027-06-30T20:00"), [], id="last possible day"),
        pytest.param(slot("2027-07-01T09:00"), [FAR], id="first day that is too far"),
        pytest.param(slot("2026-12-08T20:00"), [], id="ends at the latest end"),
        pytest.param(slot("2026-12-08T20:15"), [LATE], id="ends a quarter after it"),
        pytest.param(slot("2026-12-08T23:00"), [LATE], id="over midnight"),
        pytest.param(slot("2026-12-08T20:00", 24 * 60), [LATE], id="a whole day long"),
        pytest.param(slot("2026-12-08T22:15", 15), [LATE], id="begins after it"),
        pytest.param(slot("2026-12-01T23:00"), [SOON, LATE], id="two at once"),
        pytest.param(slot("2027-07-01T23:00"), [FAR, LATE], id="too far and too late"),
    ],
)
def test_objections_to_one_date(wanted, expected):
    now = local("2026-11-30T12:00")

    assert objections(wanted, now=now, rules=RULES, public_holidays=HOLIDAYS) == expected


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_latest_end_is_local_time_on_the_days_of_the_change(day):
    now = local("2027-03-01T12:00")
    in_time, too_late = slot(f"{day}T20:00"), slot(f"{day}T20:15")

    assert objections(in_time, now=now, rules=RULES, public_holidays={}) == []
    assert objections(too_late, now=now, rules=RULES, public_holidays={}) == [LATE]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param(0, [Objection("none_left", {})], id="none left"),
        pytest.param(1, [], id="one"),
        pytest.param(60, [], id="the most"),
        pytest.param(75, [Objection("too_many", {"number": 75, "most": 60})], id="75 dates"),
    ],
)
def test_objections_to_a_request(number, expected):
    days = [date(2027, 1, 1) + timedelta(days=step) for step in range(number)]

    assert request_objections(days, RULES) == expected


@pytest.mark.parametrize(
    ("wanted", "outside"),
    [
        pytest.param(slot("2026-12-08T09:00"), False, id="from the opening on"),
        pytest.param(slot("2026-12-08T16:00"), False, id="until the closing"),
        pytest.param(slot("2026-12-08T08:45"), True, id="before the opening"),
        pytest.param(slot("2026-12-08T16:15"), True, id="after the closing"),
        pytest.param(slot("2026-12-11T13:00"), True, id="Friday afternoon"),
        pytest.param(slot("2026-12-12T10:00"), True, id="closed on Saturday"),
        pytest.param(slot("2026-12-08T10:00", 24 * 60), True, id="over night"),
        pytest.param(slot("2027-07-06T16:00"), False, id="in summer, by local time"),
    ],
)
def test_outside_hours(wanted, outside):
    assert is_outside_hours(wanted, RULES, None) is outside


@pytest.mark.parametrize(
    ("wanted", "room_id", "outside"),
    [
        pytest.param(slot("2026-12-08T09:00"), 1, True, id="into the break"),
        pytest.param(slot("2026-12-08T12:30", 30), 1, True, id="in the break"),
        pytest.param(slot("2026-12-08T13:00"), 1, False, id="after the break"),
        pytest.param(slot("2026-12-09T13:00"), 1, True, id="on a day without hours of its own"),
        pytest.param(slot("2026-12-08T09:30"), 2, False, id="of a room that is as the house"),
    ],
)
def test_outside_the_hours_of_a_room_with_a_break(wanted, room_id, outside):
    rules = replace(RULES, room_hours={1: {1: ((time(9), time(10, 30)), (time(13), time(18)))}})

    assert is_outside_hours(wanted, rules, room_id) is outside
