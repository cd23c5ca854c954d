"""What stands in the way of a wanted time."""

from datetime import timedelta

import pytest

from booking.availability.check import Availability, check
from booking.availability.wanted import Wanted
from booking.domain.status import Status
from tests import make


@pytest.fixture
def hall(app):
    make.house()
    return make.room("Große Fläche", parts=["vorn", "hinten"])


@pytest.fixture
def half(hall):
    return make.room("Fläche vorn", 30, parts=["vorn"])


@pytest.mark.parametrize(
    ("start", "minutes", "state"),
    [
        pytest.param("2027-01-06T14:00", 120, Availability.FREE, id="touching before"),
        pytest.param("2027-01-06T18:00", 120, Availability.FREE, id="touching after"),
        pytest.param("2027-01-06T17:45", 120, Availability.TAKEN, id="a quarter of an hour too early"),
        pytest.param("2027-01-06T15:00", 300, Availability.TAKEN, id="all around it"),
        pytest.param("2027-01-06T16:30", 30, Availability.TAKEN, id="within it"),
        pytest.param("2026-11-30T09:00", 30, Availability.PAST, id="an hour ago"),
    ],
)
def test_check_finds_what_overlaps_and_nothing_else(hall, half, clock, start, minutes, state):
    make.booking(half, "2027-01-06T16:00", status=Status.APPROVED)

    found = check([Wanted(hall, make.slot(start, minutes))], clock.now)

    assert [each.state for each in found] == [state]


@pytest.mark.parametrize("status", [each for each in Status if each not in (Status.APPROVED, Status.PROPOSED)])
def test_check_lets_through_what_holds_no_room(hall, clock, status):
    make.booking(hall, "2027-01-06T16:00", status=status)

    found = check([Wanted(hall, make.slot("2027-01-06T16:00"))], clock.now)

    assert found[0].taken_by is None


def test_check_says_where_a_neighbour_is_close(hall, clock):
    make.booking(hall, "2027-01-06T16:00", status=Status.APPROVED)
    wanted = [Wanted(hall, make.slot(start)) for start in ("2027-01-06T18:15", "2027-01-06T18:30")]

    found = check(wanted, clock.now, timedelta(minutes=30))

    assert [(each.state, each.tight) for each in found] == [(Availability.FREE, True), (Availability.FREE, False)]


def test_check_names_the_closure_of_a_part_of_the_room(hall, half, clock):
    make.closure("2027-01-06T00:00", "2027-01-07T00:00", room=half, reason="Boden wird gewachst")

    found = check([Wanted(hall, make.slot("2027-01-06T16:00"))], clock.now)

    assert (found[0].state, found[0].closure.reason) == (Availability.CLOSED, "Boden wird gewachst")
