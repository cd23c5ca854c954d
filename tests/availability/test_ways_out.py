"""Where a date could be instead: really free, near, and of every kind something."""

from datetime import timedelta

import pytest

from booking.availability.wanted import Times
from booking.availability.ways_out import Clash, places_for, ways_out
from booking.domain.status import Status
from tests import make
from tests.support.statements import statements


@pytest.fixture
def halls(either_app):
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


def offered(clash, now):
    return [
        f"{way.kind} {way.room.name} {way.slot.start.astimezone(make.ZONE):%a %H:%M}"
        for way in ways_out({1: clash}, now)[1]
    ]


def clash_at(room, start, **changes):
    slot = make.slot(start)
    times = Times(slot.start.astimezone(make.ZONE).time(), 120)
    return Clash(room, slot, times, changes.pop("people", 15), changes.pop("step_free", True), **changes)


@pytest.mark.parametrize(
    ("start", "ways"),
    [
        pytest.param(
            "2027-02-24T19:00",
            ["room Werkstatt Wed 19:00", "time Große Fläche Wed 19:15", "day Große Fläche Tue 19:00"],
            id="one of each kind",
        ),
        pytest.param(
            "2027-02-24T20:00",
            ["room Werkstatt Wed 20:00", "time Große Fläche Wed 19:45", "day Große Fläche Tue 20:00"],
            id="no time that ends too late",
        ),
        pytest.param(
            "2026-12-03T19:00",
            ["room Werkstatt Thu 19:00", "time Große Fläche Thu 19:15", "day Große Fläche Fri 19:00"],
            id="no day that is too soon",
        ),
        pytest.param(
            "2026-12-02T19:00", ["day Große Fläche Thu 19:00", "day Große Fläche Fri 19:00"], id="nor its own"
        ),
        pytest.param(
            "2027-06-30T19:00",
            ["room Werkstatt Wed 19:00", "time Große Fläche Wed 19:15", "day Große Fläche Tue 19:00"],
            id="no day that nobody plans for",
        ),
        pytest.param(
            "2027-07-01T19:00", ["day Große Fläche Wed 19:00", "day Große Fläche Tue 19:00"], id="back to the last"
        ),
    ],
)
def test_ways_out_are_those_that_house_rules_allow(halls, clock, start, ways):
    assert offered(clash_at(halls[0], start), clock.now) == ways


def test_ways_out_of_a_holiday_are_other_days(halls, clock):
    assert offered(clash_at(halls[0], "2027-05-06T19:00", is_holiday=True), clock.now) == [
        "day Große Fläche Wed 19:00",
        "day Große Fläche Fri 19:00",
    ]


def test_ways_out_lead_to_the_last_of_many_rooms_where_only_that_is_free(halls, clock):
    many = [make.room(f"Raum {n}", 20 + n) for n in range(9)]
    for room in (halls[1], *many[:-1]):
        make.booking(room, "2027-02-24T19:00", status=Status.APPROVED)

    assert offered(clash_at(halls[0], "2027-02-24T19:00"), clock.now)[0] == "room Raum 8 Wed 19:00"


def test_ways_out_are_all_looked_up_at_once(halls, clock):
    days = [make.instant("2027-02-24T19:00") + timedelta(weeks=n) for n in range(12)]
    clashes = {n: clash_at(halls[0], f"{start.astimezone(make.ZONE):%Y-%m-%dT%H:%M}") for n, start in enumerate(days)}
    ways_out(clashes, clock.now)

    with statements() as heard:
        found = ways_out(clashes, clock.now)

    assert [len(found[n]) for n in clashes] == [3] * 12
    assert len(heard) == 1, heard  # closures and what is asked for are known by then
