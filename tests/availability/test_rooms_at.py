"""The room that suits a series best: compared with asking room by room and date by date."""

from datetime import timedelta
from random import Random

import pytest

from booking.availability.check import Availability, check
from booking.availability.rooms_at import best_room
from booking.availability.wanted import Wanted
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import house_rules, room_rows
from tests import make
from tests.support.statements import statements

FIRST = make.instant("2027-01-04T08:00")
QUARTER = timedelta(minutes=15)


@pytest.fixture
def halls(engine_app):
    make.house()
    whole = make.room("Saal", 60, parts=["north", "south"])
    north, south = make.room("Saal Nord", 20, parts=["north"]), make.room("Saal Süd", 30, parts=["south"])
    workshop = make.room("Werkstatt", 20)
    make.other_parts(south, "2027-01-05T00:00", ["south", "Werkstatt"])
    make.other_parts(south, "2027-01-07T00:00", ["south"])
    return whole, north, south, workshop, make.room("Besprechung", 8)


def faults(room, slots, now):
    """How many times cannot be had, and how many are close to a neighbour, as they are found one by one."""
    found = check([Wanted(room, slot) for slot in slots], now, timedelta(minutes=30))
    free = [each for each in found if each.state is Availability.FREE]
    return len(slots) - len(free), sum(each.tight for each in free)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.variant) for seed in range(1, 4))])
def test_best_room_agrees_with_asking_for_every_room_and_date(halls, clock, seed):
    random = Random(seed)  # noqa: S311 - the same dates every time
    for status in (Status.APPROVED, Status.REQUESTED):
        for room in (halls[0], *halls[3:]):
            for hour in sorted(random.sample(range(0, 96, 3), 5)):
                start = f"{FIRST.astimezone(make.ZONE) + timedelta(hours=hour):%Y-%m-%dT%H:%M}"
                make.booking(room, start, status=status)
    make.closure("2027-01-05T08:00", "2027-01-05T13:00", room=halls[1])
    clock.set("2027-01-04T12:00")
    for _ in range(12):
        starts = [FIRST + QUARTER * random.randrange(400) for _ in range(random.randint(1, 8))]
        slots = [Slot(start, start + QUARTER * random.randint(1, 9)) for start in starts]
        people = random.choice([0, 8, 9, 21, 60, 61])
        seating = [room for room in room_rows().values() if room.seats >= people] or [room_rows()[halls[0].id]]

        found = best_room(slots, people, clock.now)

        assert found == min(seating, key=lambda room: (faults(room, slots, clock.now), room.seats, room.position))


@pytest.mark.parametrize(
    ("until", "room"), [("15:00", "Saal Nord"), ("15:15", "Saal Süd")], ids=["half an hour is enough", "too close"]
)
def test_best_room_is_rather_a_larger_one_than_one_right_after_a_meeting(halls, clock, until, room):
    minutes = int(until[3:]) + 60
    for busy in halls[3:]:
        make.booking(busy, "2027-01-07T15:00", minutes=120, status=Status.APPROVED)
    make.booking(halls[1], "2027-01-07T14:00", minutes=minutes, status=Status.APPROVED)

    assert best_room([make.slot("2027-01-07T15:30", 90)], 12, clock.now).name == room


def test_best_room_is_found_in_a_fixed_number_of_statements(halls, clock):
    slots = [Slot(FIRST + timedelta(weeks=n), FIRST + timedelta(weeks=n, hours=2)) for n in range(52)]
    house_rules()
    room_rows()

    with statements() as heard:
        best_room(slots, 8, clock.now)

    assert len(heard) == 3
