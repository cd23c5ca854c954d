"""Which wanted times cannot both be had."""

import pytest

from booking.availability.wanted import Wanted
from booking.domain.parts import shares_parts
from tests import make


@pytest.fixture
def places(app):
    make.house()
    return {
        "hall": make.room("Saal", parts=["north", "south"]),
        "north": make.room("Saal Nord", parts=["north"]),
        "south": make.room("Saal Süd", parts=["south"]),
        "workshop": make.room("Werkstatt"),
    }


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("hall", "hall", True),
        ("hall", "north", True),
        ("south", "hall", True),
        ("north", "south", False),
        ("workshop", "hall", False),
    ],
)
def test_room_shares_a_part_with_its_halves_and_not_with_what_is_beside_it(places, one, other, shared):
    assert shares_parts(places[one], places[other], make.instant("2027-01-06T16:00")) is shared


@pytest.mark.parametrize(
    ("room", "start", "met"),
    [
        ("hall", "2027-01-06T16:00", True),
        ("north", "2027-01-06T17:45", True),
        ("north", "2027-01-06T18:00", False),
        ("workshop", "2027-01-06T16:00", False),
    ],
)
def test_wanted_times_meet_where_they_overlap_in_a_shared_part(places, room, start, met):
    asked = Wanted(places["hall"], make.slot("2027-01-06T16:00"))
    other = Wanted(places[room], make.slot(start))

    assert (asked.meets(other), other.meets(asked)) == (met, met)
