"""What the lobby says about a date, minute by minute."""

from datetime import timedelta

import pytest

from booking.domain.board import HAPPENING, State, pages, phase_at, phases, phases_off
from tests.make import instant, slot

MEETING = slot("2026-12-08T19:00", 120)


@pytest.mark.parametrize(
    ("at", "state", "minutes"),
    [
        pytest.param("2026-12-01T19:00", State.LATER, 0, id="a week before"),
        pytest.param("2026-12-08T18:44:59", State.LATER, 0, id="just over a quarter of an hour before"),
        pytest.param("2026-12-08T18:45", State.SOON, 15, id="a quarter of an hour before"),
        pytest.param("2026-12-08T18:49:59", State.SOON, 15, id="just over ten minutes before"),
        pytest.param("2026-12-08T18:50", State.SOON, 10, id="ten minutes before"),
        pytest.param("2026-12-08T18:55", State.SOON, 5, id="five minutes before"),
        pytest.param("2026-12-08T18:59:59", State.SOON, 5, id="the last second before"),
        pytest.param("2026-12-08T19:00", State.RUNNING, 0, id="the start"),
        pytest.param("2026-12-08T20:49:59", State.RUNNING, 0, id="just over ten minutes left"),
        pytest.param("2026-12-08T20:50", State.ENDING, 10, id="ten minutes left"),
        pytest.param("2026-12-08T20:55", State.ENDING, 5, id="five minutes left"),
        pytest.param("2026-12-08T20:59:59", State.ENDING, 5, id="the last second"),
        pytest.param("2026-12-08T21:00", State.OVER, 0, id="the end"),
        pytest.param("2026-12-08T21:04:59", State.OVER, 0, id="just under five minutes after"),
        pytest.param("2026-12-08T21:05", State.GONE, 0, id="five minutes after"),
    ],
)
def test_phase_changes_at_its_minute(at, state, minutes):
    phase = phase_at(phases(MEETING), instant(at))

    assert (phase.state, phase.minutes) == (state, minutes)


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

    assert states == [State.LATER, State.SOON, State.SOON, State.SOON, State.RUNNING, State.GONE]


def test_short_meeting_is_ending_from_its_start():
    short = slot("2026-12-08T19:00", 8)

    states = [(phase.begins - short.start, phase.state, phase.minutes) for phase in phases(short)[4:]]

    assert states == [
        (timedelta(0), State.ENDING, 10),
        (timedelta(minutes=3), State.ENDING, 5),
        (timedelta(minutes=8), State.OVER, 0),
        (timedelta(minutes=13), State.GONE, 0),
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
