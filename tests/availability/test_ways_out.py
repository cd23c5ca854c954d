"""Where a date could be instead: really free, near, and of every kind something."""

import pytest

from booking.availability.ways_out import places_for
from booking.domain.status import Status
from tests import make


@pytest.fixture
def halls(engine_app):
    make.house()
    return make.room(), make.room("Werkstatt", 20), make.room("Besprechung", 8)


def found(booking, clock, number=0):
    """Kind, room and local beginning of each place that is offered."""
    date = booking.occurrences[number]
    return [
        (way.kind, way.room.name, f"{way.slot.start.astimezone(make.ZONE):%a %H:%M}")
        for way in places_for([date], clock.now)[date.id]
    ]


def test_places_offers_rooms_then_times_then_days(halls, clock):
    booking = make.booking(halls[0], "2027-02-24T19:00")

    assert found(booking, clock) == [
        ("room", "Werkstatt", "Wed 19:00"),
        ("time", "Große Fläche", "Wed 19:15"),
        ("time", "Große Fläche", "Wed 18:45"),
        ("day", "Große Fläche", "Tue 19:00"),
        ("day", "Große Fläche", "Thu 19:00"),
    ]


def test_places_offers_only_what_is_free_and_rather_what_is_roomy(halls, clock):
    hall, workshop, _ = halls
    make.booking(hall, "2027-02-24T18:00", minutes=90, status=Status.APPROVED)
    make.booking(workshop, "2027-02-24T19:00", status=Status.APPROVED)
    make.booking(hall, "2027-02-25T19:00", group="OK Lab")
    make.closure("2027-02-23T00:00", "2027-02-24T00:00")
    booking = make.booking(hall, "2027-02-24T19:00", people=30)

    assert found(booking, clock) == [
        ("time", "Große Fläche", "Wed 20:00"),
        ("time", "Große Fläche", "Wed 16:00"),
        ("time", "Große Fläche", "Wed 19:30"),
        ("day", "Große Fläche", "Mon 19:00"),
        ("day", "Große Fläche", "Fri 19:00"),
    ]


def test_places_does_not_count_the_date_itself(halls, clock):
    booking = make.booking(halls[0], "2027-02-24T19:00", status=Status.APPROVED)

    assert ("time", "Große Fläche", "Wed 19:15") in found(booking, clock)


def test_places_keeps_set_up_and_tidying_up_free(halls, clock):
    make.booking(halls[0], "2027-02-24T21:30", minutes=30, status=Status.APPROVED)
    booking = make.booking(halls[0], "2027-02-24T19:00", after_minutes=30)

    assert [each for each in found(booking, clock) if each[0] == "time"] == [
        ("time", "Werkstatt", "Wed 19:15"),
        ("time", "Große Fläche", "Wed 18:30"),
    ]


def test_places_leaves_out_holidays_and_what_ends_too_late(halls, clock):
    booking = make.booking(halls[0], "2027-05-05T20:00", people=30)  # the Thursday is Ascension Day

    assert found(booking, clock) == [
        ("time", "Große Fläche", "Wed 19:45"),
        ("time", "Große Fläche", "Wed 19:30"),
        ("day", "Große Fläche", "Tue 20:00"),
        ("day", "Große Fläche", "Mon 20:00"),
        ("day", "Große Fläche", "Fri 20:00"),
    ]


def test_places_asks_the_calendar_for_all_dates_at_once(halls, clock):
    booking = make.booking(halls[0], "2027-02-24T19:00", "2027-03-03T19:00")

    ways = places_for(booking.occurrences, clock.now)

    assert [len(ways[date.id]) for date in booking.occurrences] == [5, 5]
