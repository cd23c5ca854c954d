"""Further dates of a booking: asked for by the group, entered by the office."""

from datetime import date, time, timedelta

import pytest

from booking import continuing
from booking.availability.wanted import WishedDate
from booking.continuing import TooEarly
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Action, Status
from booking.lifecycle import Stale
from booking.requesting import ChangedMeanwhile, Refused
from tests import make
from tests.test_changing import SERIES, WEDNESDAYS, actions, letters, local, rooms, sitting

__all__ = ["rooms"]


@pytest.fixture
def series(rooms, clock):
    """Wednesdays in December; Christmas was left out."""
    rule = WEDNESDAYS.without([date(2026, 12, 23)])
    skipped = [{"day": "2026-12-23", "reason": "school"}]
    return make.booking(
        rooms[0], *SERIES, rule=rule, skipped=skipped, status=Status.APPROVED, end_told_at=clock.now, before_minutes=30
    )


def wished(room, *days, begins=time(16), minutes=120):
    return [WishedDate(date.fromisoformat(day), begins, minutes, room.id) for day in days]


def test_series_is_extended_by_dates_that_are_asked_for(rooms, clock, series):
    dates = wished(rooms[0], "2027-01-13", "2027-01-27")
    moved = WishedDate(date(2027, 1, 21), time(16), 120, rooms[1].id, rule_day=date(2027, 1, 20))

    added = continuing.extend(series, [*dates, moved], date(2027, 1, 27), {date(2027, 1, 6): "school"}, clock.now)

    assert [(local(each.start), each.status, each.before_minutes, each.room_id) for each in series.occurrences[3:]] == [
        ("2027-01-13T16:00", Status.REQUESTED, 30, rooms[0].id),
        ("2027-01-21T16:00", Status.REQUESTED, 30, rooms[1].id),
        ("2027-01-27T16:00", Status.REQUESTED, 30, rooms[0].id),
    ]
    assert len(added) == 3
    assert series.recurrence_rule.days() == [each.start.astimezone(make.ZONE).date() for each in series.occurrences]
    assert series.recurrence_rule.until == date(2027, 1, 27)
    assert series.skipped == [{"day": "2026-12-23", "reason": "school"}, {"day": "2027-01-06", "reason": "school"}]
    assert series.end_told_at is None
    assert (letters(), actions()) == (["news"], [("extend", 3)])


def test_series_that_counted_its_dates_is_extended_until_a_day(rooms, clock):
    rule = RecurrenceRule(start=date(2026, 12, 9), freq=Frequency.WEEKLY, count=3)
    booking = make.booking(rooms[0], "2026-12-09T16:00", "2026-12-16T16:00", "2026-12-23T16:00", rule=rule)

    continuing.extend(booking, wished(rooms[0], "2027-01-06"), date(2027, 1, 6), {}, clock.now)

    assert [day.isoformat() for day in booking.recurrence_rule.days()] == [
        "2026-12-09",
        "2026-12-16",
        "2026-12-23",
        "2027-01-06",
    ]


def test_further_date_is_asked_for_at_any_time_and_is_left_out_no_longer(rooms, clock):
    rule = RecurrenceRule(start=date(2027, 1, 6), freq=Frequency.WEEKLY, until=date(2027, 6, 30))
    rule = rule.without([date(2027, 2, 24)])
    skipped = [{"day": "2027-02-24", "reason": "taken"}]
    booking = make.booking(rooms[0], "2027-01-06T16:00", "2027-06-30T16:00", rule=rule, skipped=skipped)

    continuing.extend(booking, wished(rooms[1], "2027-02-24", begins=time(18), minutes=60), None, {}, clock.now)

    assert [(local(each.start), each.slot.minutes) for each in booking.occurrences] == [
        ("2027-01-06T16:00", 120),
        ("2027-02-24T18:00", 60),
        ("2027-06-30T16:00", 120),
    ]
    assert date(2027, 2, 24) in booking.recurrence_rule.days()
    assert (booking.skipped, letters()) == ([], ["news"])


def test_same_extension_sent_again_adds_nothing(rooms, clock, series):
    dates = wished(rooms[0], "2027-01-06")
    continuing.extend(series, dates, date(2027, 1, 6), {}, clock.now)

    assert continuing.extend(series, dates, date(2027, 1, 6), {}, clock.now) == []
    assert (len(series.occurrences), letters()) == (4, ["news"])


def test_extend_refuses_a_series_that_runs_for_long(rooms, clock):
    rule = RecurrenceRule(start=date(2027, 1, 6), freq=Frequency.WEEKLY, until=date(2027, 1, 13))
    booking = make.booking(rooms[0], "2027-01-06T16:00", "2027-01-13T16:00", rule=rule)

    assert not continuing.can_extend(booking, clock.now)
    with pytest.raises(TooEarly):
        continuing.extend(booking, wished(rooms[0], "2027-01-20"), date(2027, 1, 20), {}, clock.now)
    assert continuing.can_extend(booking, clock.set("2026-12-02T18:00"))


@pytest.mark.parametrize(
    ("days", "code"),
    [
        pytest.param([], "none_left", id="no date"),
        pytest.param(["2027-07-07"], "too_far", id="beyond the next half-year"),
        pytest.param([str(date(2027, 1, 4) + timedelta(days=n)) for n in range(61)], "too_many", id="61 dates"),
    ],
)
def test_extend_refuses_what_the_house_rules_forbid(rooms, clock, series, days, code):
    with pytest.raises(Refused) as refusal:
        continuing.extend(series, wished(rooms[0], *days), date(2027, 6, 30), {}, clock.now)

    assert (refusal.value.objections[0].code, letters()) == (code, [])


def test_extend_refuses_a_date_that_is_taken_meanwhile_and_adds_nothing(rooms, clock, series):
    make.booking(rooms[0], "2027-01-13T17:00", status=Status.APPROVED, group="Andere")

    with pytest.raises(ChangedMeanwhile) as refusal:
        continuing.extend(series, wished(rooms[0], "2027-01-06", "2027-01-13"), date(2027, 1, 13), {}, clock.now)

    assert (refusal.value.days, len(series.occurrences)) == ([date(2027, 1, 13)], 3)


def test_extend_refuses_a_time_that_the_group_has_already(rooms, clock, series):
    with pytest.raises(ChangedMeanwhile):
        continuing.extend(series, wished(rooms[0], "2026-12-16", begins=time(17)), None, {}, clock.now)


@pytest.mark.parametrize(
    ("rule", "now", "until", "days"),
    [
        pytest.param(
            {"freq": Frequency.WEEKLY, "until": date(2026, 12, 30)},
            "2026-11-30T10:00",
            "2027-01-20",
            ["2027-01-06", "2027-01-13", "2027-01-20"],
            id="weekly, from the week after the last",
        ),
        pytest.param(
            {"freq": Frequency.WEEKLY, "interval": 2, "count": 2},
            "2026-11-30T10:00",
            "2027-01-20",
            ["2027-01-06", "2027-01-20"],
            id="every two weeks keeps its weeks",
        ),
        pytest.param(
            {"freq": Frequency.WEEKLY, "until": date(2026, 12, 30)},
            "2027-01-12T10:00",
            "2027-01-27",
            ["2027-01-20", "2027-01-27"],
            id="late, from the first day that can be asked for",
        ),
        pytest.param(
            {"freq": Frequency.MONTHLY, "until": date(2026, 12, 31)},
            "2026-11-30T10:00",
            "2027-03-31",
            ["2027-01-13", "2027-02-10", "2027-03-10"],
            id="second Wednesdays",
        ),
    ],
)
def test_continuation_begins_where_the_series_ends(rooms, clock, rule, now, until, days):
    rule = RecurrenceRule(start=date(2026, 12, 9), **rule)
    starts = [f"{day}T16:00" for day in rule.days()]
    booking = make.booking(rooms[0], *starts, rule=rule, status=Status.APPROVED)

    found = continuing.continuation(booking, date.fromisoformat(until), clock.set(now))

    assert [day.isoformat() for day in found.days()] == days


def test_continuation_that_ends_before_it_begins_is_none(rooms, clock, series):
    assert continuing.continuation(series, date(2026, 12, 30), clock.now) is None


def test_continuation_by_the_office_begins_with_the_next_day_of_the_series(rooms, clock, series):
    late, until = make.instant("2027-01-12T10:00"), date(2027, 1, 20)

    found = {bound: continuing.continuation(series, until, late, bound=bound) for bound in (True, False)}

    assert [found[bound].days() for bound in (True, False)] == [[until], [date(2027, 1, 13), until]]


def add(series, *days, room, **how):
    return continuing.lengthen(
        series,
        wished(room, *days),
        date.fromisoformat(days[-1]),
        {},
        **{"approve": True, "by": make.staff(), "now": make.instant("2026-11-30T10:00"), "seen_version": 1, **how},
    )


def test_office_lengthens_a_series_that_runs_for_long_beyond_what_binds_groups(rooms, clock, series):
    letter = add(series, "2027-01-13", "2028-03-01", room=rooms[0], message="Bis bald!")

    assert [(local(each.start), each.status) for each in series.occurrences[3:]] == [
        ("2027-01-13T16:00", Status.APPROVED),
        ("2028-03-01T16:00", Status.APPROVED),
    ]
    assert sitting() == [each.id for each in series.occurrences]
    assert (series.recurrence_rule.until, series.end_told_at, series.version) == (date(2028, 3, 1), None, 2)
    assert actions() == [("extend", 2), (Action.APPROVE, 2)]
    assert (letter.kind, [each.letter_id for each in series.occurrences[3:]]) == ("approved", [letter.id] * 2)
    assert [each in letter.body for each in ("13. Januar", "9. Dezember", "Bis bald!")] == [True, False, True]


def test_office_enters_further_dates_to_be_decided_on_without_a_letter(rooms, clock, series):
    assert add(series, "2027-01-13", room=rooms[0], approve=False) is None

    assert [each.status for each in series.occurrences[3:]] == [Status.REQUESTED]
    assert (actions(), letters()) == ([("extend", 1)], [])


@pytest.mark.parametrize("what", ["taken", "stale"])
def test_lengthening_enters_all_or_nothing(rooms, clock, series, what):
    make.booking(rooms[0], "2027-01-13T17:00", status=Status.APPROVED, group="Andere")
    refused = {"taken": ChangedMeanwhile, "stale": Stale}[what]

    with pytest.raises(refused):
        add(series, "2027-01-06", "2027-01-13", room=rooms[0], seen_version=1 if what == "taken" else 0)

    assert (len(series.occurrences), actions(), letters()) == (3, [], [])
