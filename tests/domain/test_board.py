"""What the lobby says about a date, minute by minute."""

from datetime import timedelta

import pytest

from booking.domain.board import HAPPENING, State, minutes_until, pages, phase_at, phases, phases_off
from tests.make import instant, slot

MEETING = slot("2026-12-08T19:00", 120)


@pytest.mark.parametrize(
    ("at", "state"),
    [
        pytest.param("2026-12-01T19:00", State.LATER, id="a week before"),
        pytest.param("2026-12-08T18:44:59", State.LATER, id="just over a quarter of an hour before"),
        pytest.param("2026-12-08T18:45", State.SOON, id="a quarter of an hour before"),
        pytest.param("2026-12-08T18:59:59", State.SOON, id="the last second before"),
        pytest.param("2026-12-08T19:00", State.RUNNING, id="the start"),
        pytest.param("2026-12-08T20:49:59", State.RUNNING, id="just over ten minutes left"),
        pytest.param("2026-12-08T20:50", State.ENDING, id="ten minutes left"),
        pytest.param("2026-12-08T20:59:59", State.ENDING, id="the last second"),
        pytest.param("2026-12-08T21:00", State.OVER, id="the end"),
        pytest.param("2026-12-08T21:04:59", State.OVER, id="just under five minutes after"),
        pytest.param("2026-12-08T21:05", State.GONE, id="five minutes after"),
    ],
)
def test_phase_changes_at_its_minute(at, state):
    assert phase_at(phases(MEETING), instant(at)).state is state


@pytest.mark.parametrize(
    ("at", "minutes"),
    [
        pytest.param("2026-12-08T18:45", 15, id="a quarter of an hour"),
        pytest.param("2026-12-08T18:45:01", 15, id="in the minute that has begun"),
        pytest.param("2026-12-08T18:46", 14, id="a minute later"),
        pytest.param("2026-12-08T18:53:30", 7, id="half a minute"),
        pytest.param("2026-12-08T18:59", 1, id="the last minute"),
        pytest.param("2026-12-08T18:59:59", 1, id="the last second"),
    ],
)
def test_minutes_until_are_those_of_the_clock_on_the_wall(at, minutes):
    assert minutes_until(MEETING.start, instant(at)) == minutes


@pytest.mark.parametrize(
    ("doors", "at", "state"),
    [
        pytest.param("2026-12-08T18:30", "2026-12-08T18:29", State.LATER, id="before the doors open"),
        pytest.param("2026-12-08T18:30", "2026-12-08T18:30", State.DOORS, id="doors open"),
        pytest.param("2026-12-08T18:30", "2026-12-08T18:45", State.SOON, id="the minutes say more"),
        pytest.param("2026-12-08T18:50", "2026-12-08T18:50", State.SOON, id="doors open within the last minutes"),
        pytest.param("2026-12-08T19:30", "2026-12-08T19:30", State.RUNNING, id="doors after the start are none"),
    ],
)
def test_open_doors_bring_a_date_up_before_it_is_soon(doors, at, state):
    assert phase_at(phases(MEETING, doors=instant(doors)), instant(at)).state is state


def test_open_end_tells_nothing_of_the_end():
    states = [phase.state for phase in phases(MEETING, open_end=True)]

    assert states == [State.LATER, State.SOON, State.RUNNING, State.GONE]


def test_short_meeting_is_ending_from_its_start():
    short = slot("2026-12-08T19:00", 8)

    states = [(phase.begins - short.start, phase.state) for phase in phases(short)[2:]]

    assert states == [
        (timedelta(0), State.ENDING),
        (timedelta(minutes=8), State.OVER),
        (timedelta(minutes=13), State.GONE),
    ]


@pytest.mark.parametrize("state", [State.CANCELLED, State.MOVED])
def test_what_does_not_take_place_says_so_until_it_would_have_ended(state):
    life = phases_off(MEETING, state)

    seen = [phase_at(life, instant(at)).state for at in ("2026-12-01T00:00", "2026-12-08T20:59:59", "2026-12-08T21:00")]

    assert seen == [state, state, State.GONE]
    assert state not in HAPPENING


@pytest.mark.parametrize(
    ("number", "most", "sizes"),
    [
        pytest.param(0, 4, [0], id="nothing is one page"),
        pytest.param(4, 4, [4], id="just fits"),
        pytest.param(5, 4, [2, 3], id="evenly, not four and one"),
        pytest.param(8, 7, [4, 4], id="four and four, not seven and one"),
        pytest.param(9, 4, [3, 3, 3], id="three pages"),
        pytest.param(3, 0, [1, 1, 1], id="no room is room for one"),
    ],
)
def test_pages_are_few_and_even(number, most, sizes):
    rows = list(range(number))

    cut = [rows[page] for page in pages(number, most)]

    assert [len(page) for page in cut] == sizes
    assert sum(cut, []) == rows
