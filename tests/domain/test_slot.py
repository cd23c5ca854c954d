from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.domain.slot import Slot, WeekdayTimes, skipped, times_of_weekdays, usual_times

BERLIN = ZoneInfo("Europe/Berlin")
SPRING = date(2027, 3, 28)  # 02:00 to 03:00 is skipped
AUTUMN = date(2027, 10, 31)  # 02:00 to 03:00 comes twice

slots = st.builds(
    lambda start, minutes: Slot(
        utc("2026-01-01T00:00") + timedelta(minutes=start), utc("2026-01-01T00:00") + timedelta(minutes=start + minutes)
    ),
    st.integers(0, 2 * 365 * 24 * 60),
    st.integers(1, 3 * 24 * 60),
)
near_slots = st.builds(
    lambda start, minutes: Slot(utc(f"2027-01-01T{start:02}:00"), utc(f"2027-01-01T{start:02}:00") + minutes),
    st.integers(8, 20),
    st.integers(1, 12).map(lambda quarters: timedelta(minutes=15 * quarters)),
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "begins", "minutes", "start", "end"),
    [
        pytest.param(date(2027, 1, 6), time(16), 120, "2027-01-06T15:00", "2027-01-06T17:00", id="winter"),
        pytest.param(date(2027, 7, 7), time(16), 120, "2027-07-07T14:00", "2027-07-07T16:00", id="summer"),
        pytest.param(date(2027, 1, 6), time(23), 120, "2027-01-06T22:00", "2027-01-07T00:00", id="over midnight"),
        pytest.param(SPRING, time(2, 30), 45, "2027-03-28T01:30", "2027-03-28T02:15", id="begins in the spring gap"),
        pytest.param(SPRING, time(2), 20, "2027-03-28T01:00", "2027-03-28T01:20", id="in the spring gap"),
        pytest.param(SPRING, time(1, 30), 60, "2027-03-28T00:30", "2027-03-28T01:30", id="ends in the spring gap"),
        pytest.param(SPRING, time(1, 30), 90, "2027-03-28T00:30", "2027-03-28T01:00", id="ends after the spring gap"),
        pytest.param(date(2027, 3, 27), time(23), 240, "2027-03-27T22:00", "2027-03-28T01:00", id="into that night"),
        pytest.param(SPRING, time(1, 30), 180, "2027-03-28T00:30", "2027-03-28T02:30", id="over the spring gap"),
        pytest.param(AUTUMN, time(2, 30), 60, "2027-10-31T00:30", "2027-10-31T02:30", id="begins at the first 02:30"),
        pytest.param(AUTUMN, time(1, 30), 60, "2027-10-30T23:30", "2027-10-31T01:30", id="ends at the second 02:30"),
        pytest.param(AUTUMN, time(2, 15), 15, "2027-10-31T00:15", "2027-10-31T01:30", id="in the repeated hour"),
        pytest.param(AUTUMN, time(1, 30), 180, "2027-10-30T23:30", "2027-10-31T03:30", id="over the repeated hour"),
    ],
)
def test_slot_on_a_day_goes_from_wall_time_to_wall_time(day, begins, minutes, start, end):
    assert Slot.on(day, begins, minutes, BERLIN) == Slot(utc(start), utc(end))


def test_slot_is_found_among_kept_ones_by_its_times():
    morning = Slot(utc("2027-01-06T08:00"), utc("2027-01-06T10:00"))
    kept = {morning: "morning", Slot(utc("2027-01-06T08:00"), utc("2027-01-06T11:00")): "longer"}

    assert kept[Slot(utc("2027-01-06T08:00"), utc("2027-01-06T10:00"))] == "morning"
    assert sorted(kept, reverse=True) == list(kept)[::-1]


@pytest.mark.parametrize(
    ("change", "hours"),
    [pytest.param(SPRING, 167, id="spring"), pytest.param(AUTUMN, 169, id="autumn")],
)
def test_weekly_slots_keep_their_local_time_over_the_change(change, hours):
    days = [change - timedelta(days=4), change + timedelta(days=3)]

    before, after = (Slot.on(day, time(18, 30), 120, BERLIN) for day in days)

    assert [slot.start.astimezone(BERLIN).time() for slot in (before, after)] == [time(18, 30), time(18, 30)]
    assert after.start - before.start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("zone", "day", "at", "gap"),
    [
        pytest.param(BERLIN, SPRING, time(1, 59), None, id="before the gap"),
        pytest.param(BERLIN, SPRING, time(2, 0), (time(2), time(3)), id="first of the gap"),
        pytest.param(BERLIN, SPRING, time(2, 45), (time(2), time(3)), id="in the gap"),
        pytest.param(BERLIN, SPRING, time(3, 0), None, id="after the gap"),
        pytest.param(BERLIN, AUTUMN, time(2, 30), None, id="twice is there"),
        pytest.param(BERLIN, date(2027, 3, 29), time(2, 30), None, id="any other night"),
        pytest.param(
            ZoneInfo("Australia/Lord_Howe"), date(2026, 10, 4), time(2, 15), (time(2), time(2, 30)), id="half"
        ),
    ],
)
def test_time_is_skipped_in_the_spring_gap_only(zone, day, at, gap):
    assert skipped(day, at, zone) == gap


@given(st.sampled_from([SPRING, AUTUMN, date(2027, 1, 6)]), st.integers(0, 24 * 60 - 1), st.integers(1, 24 * 60))
def test_slot_is_made_again_from_its_wall_times(day, begins, minutes):
    """What a stored date says on the wall is what it holds, never less."""
    slot = Slot.on(day, time(begins // 60, begins % 60), minutes, BERLIN)
    local = slot.start.astimezone(BERLIN)

    assert Slot.on(local.date(), local.time(), slot.wall_minutes(BERLIN), BERLIN) == slot


LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(datetime.fromisoformat("2027-01-06"), datetime.fromisoformat("2027-01-07"), id="naive"),
        pytest.param(datetime(2027, 1, 6, 16, tzinfo=BERLIN), datetime(2027, 1, 6, 18, tzinfo=BERLIN), id="local zone"),
        pytest.param(
            datetime(2027, 1, 6, 16, tzinfo=LONDON), datetime(2027, 1, 6, 18, tzinfo=LONDON), id="zone that is UTC now"
        ),
        pytest.param(utc("2027-01-06T16:00"), datetime(2027, 1, 6, 18, tzinfo=BERLIN), id="only one is UTC"),
        pytest.param(
            datetime(2027, 1, 6, 16, tzinfo=timezone(timedelta(hours=1))),
            datetime(2027, 1, 6, 18, tzinfo=timezone(timedelta(hours=1))),
            id="fixed offset",
        ),
        pytest.param(utc("2027-01-06T16:00"), utc("2027-01-06T16:00"), id="empty"),
        pytest.param(utc("2027-01-06T16:00"), utc("2027-01-06T15:00"), id="end before start"),
    ],
)
def test_slot_refuses_what_is_no_stretch_of_utc(start, end):
    with pytest.raises(ValueError, match="a slot"):
        Slot(start, end)


@pytest.mark.parametrize("minutes", [0, -60])
def test_slot_on_a_day_refuses_a_length_that_is_none(minutes):
    with pytest.raises(ValueError, match="a slot ends after it starts"):
        Slot.on(date(2027, 1, 6), time(16), minutes, BERLIN)


def test_slots_that_touch_do_not_overlap():
    first = Slot(utc("2027-01-06T10:00"), utc("2027-01-06T11:00"))
    second = Slot(utc("2027-01-06T11:00"), utc("2027-01-06T12:00"))

    assert not first.overlaps(second)
    assert not second.overlaps(first)


def test_tidying_up_keeps_the_next_slot_off():
    meeting = Slot(utc("2027-01-06T10:00"), utc("2027-01-06T12:00"))
    tidied = meeting.widened(timedelta(0), timedelta(minutes=30))

    assert tidied == Slot(utc("2027-01-06T10:00"), utc("2027-01-06T12:30"))
    assert tidied.overlaps(Slot(utc("2027-01-06T12:00"), utc("2027-01-06T13:00")))
    assert not tidied.overlaps(Slot(utc("2027-01-06T12:30"), utc("2027-01-06T13:30")))


@given(near_slots, near_slots)
def test_slots_overlap_if_they_share_a_minute(one, other):
    minutes = [{slot.start + timedelta(minutes=number) for number in range(slot.minutes)} for slot in (one, other)]

    assert one.overlaps(other) is other.overlaps(one) is bool(minutes[0] & minutes[1])


@given(st.lists(slots))
def test_slots_sort_by_start_then_end(found):
    assert sorted(found) == sorted(found, key=lambda slot: (slot.start, slot.end))


@settings(max_examples=settings().max_examples * 3)
@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.times().map(lambda at: at.replace(microsecond=0)),
    st.integers(1, 24 * 60),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_slot_on_a_day_shows_the_wall_time_wherever_it_exists(day, begins, minutes, name):
    zone = ZoneInfo(name)

    slot = Slot.on(day, begins, minutes, zone)

    start = datetime.combine(day, begins)
    end = start + timedelta(minutes=minutes)
    on_the_wall = [instant.astimezone(zone).replace(tzinfo=None) for instant in (slot.start, slot.end)]
    assert (on_the_wall[0] == start) is (skipped(day, begins, zone) is None)
    if on_the_wall[0] == start:
        assert (on_the_wall[1] == end) is (skipped(end.date(), end.time(), zone) is None)


@settings(max_examples=settings().max_examples // 2)
@given(
    meetings=st.lists(
        st.tuples(st.integers(0, 27), st.sampled_from([8, 12, 19]), st.sampled_from([60, 90])), min_size=1
    ),
    weekdays=st.sets(st.integers(0, 6), max_size=4),
)
def test_times_of_weekdays_are_those_that_most_dates_of_each_have(meetings, weekdays):
    """Days over two changes of the clock; each weekday that the series has is counted by hand."""
    found = [(date(2027, 3, 15) + timedelta(days=day), time(hour), minutes) for day, hour, minutes in meetings]
    made = [Slot.on(*each, BERLIN) for each in found]

    others = times_of_weekdays(made, BERLIN, sorted(weekdays))

    usual = usual_times(made, BERLIN)
    expected = []
    for number in sorted(weekdays) if len(weekdays) > 1 else ():
        own = [at for day, *at in found if day.weekday() == number]
        best = max(own, key=own.count, default=None)
        if best and tuple(best) != usual:
            expected.append(WeekdayTimes(number, *best))
    assert others == tuple(expected)
