"""What the dates of a wish meet with, and the ways out that are free."""

from datetime import date, time

import pytest

from booking.availability.check import Availability
from booking.availability.preview import preview
from booking.availability.wanted import Times
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.house import rooms
from tests import make

WEDNESDAYS = RecurrenceRule(start=date(2027, 1, 6), freq=Frequency.WEEKLY, until=date(2027, 6, 30))
AFTERNOON = Times(time(16), 120)


@pytest.fixture
def hall(app):
    make.house()
    hall, _, _ = make.rooms()
    return hall


@pytest.fixture
def three_meetups(hall):
    return make.booking(
        hall, "2027-02-24T16:30", "2027-04-14T16:30", "2027-06-09T16:30", minutes=90, status=Status.APPROVED
    )


def test_preview_of_a_series_names_the_three_dates_that_clash(hall, three_meetups, clock):
    found = preview(WEDNESDAYS, AFTERNOON, room=hall, now=clock.now, language="de")

    assert [each.state for each in found.dates].count(Availability.FREE) == 23
    assert {each.day: each.state for each in found.undecided} == {
        date(2027, 2, 24): Availability.TAKEN,
        date(2027, 4, 14): Availability.TAKEN,
        date(2027, 6, 9): Availability.TAKEN,
    }


def test_preview_offers_other_room_other_time_and_other_day_that_are_free(hall, three_meetups, clock):
    found = preview(WEDNESDAYS, AFTERNOON, room=hall, people=15, now=clock.now, language="de")

    ways = [
        (way.kind, way.room.name, way.slot.start.astimezone(make.ZONE).strftime("%a %H:%M"))
        for way in found.undecided[0].alternatives
    ]
    assert ways == [
        ("room", "Werkstatt", "Wed 16:00"),
        ("time", "Große Fläche", "Wed 14:00"),
        ("day", "Große Fläche", "Tue 16:00"),
    ]


def test_preview_offers_no_room_that_is_too_small(hall, three_meetups, clock):
    found = preview(WEDNESDAYS, AFTERNOON, room=hall, people=21, now=clock.now, language="de")

    assert "room" not in {way.kind for each in found.undecided for way in each.alternatives}


def test_preview_does_not_offer_what_is_taken_too(hall, three_meetups, clock):
    make.booking(rooms()[1], "2027-02-24T17:00", status=Status.APPROVED)
    make.booking(hall, "2027-02-23T16:00", status=Status.APPROVED)

    found = preview(WEDNESDAYS, AFTERNOON, room=hall, people=15, now=clock.now, language="de")

    ways = [(way.kind, way.slot.start.astimezone(make.ZONE).strftime("%a")) for way in found.undecided[0].alternatives]
    assert ways == [("time", "Wed"), ("day", "Thu")]


def test_preview_shows_what_others_have_asked_for_as_requested(hall, clock):
    make.booking(hall, "2027-01-13T17:00")

    found = preview(WEDNESDAYS, AFTERNOON, room=hall, now=clock.now, language="de")

    assert [each.day for each in found.dates if each.state is Availability.REQUESTED] == [date(2027, 1, 13)]


def test_preview_leaves_out_holidays_by_name(hall, clock):
    rule = RecurrenceRule(start=date(2027, 1, 1), freq=Frequency.WEEKLY, until=date(2027, 3, 31))

    found = preview(rule, AFTERNOON, room=hall, now=clock.now, language="de", leave_out=("holiday", "school"))

    assert [(each.day, each.reason, each.name) for each in found.left_out] == [
        (date(2027, 1, 1), "holiday", "Neujahr"),
        (date(2027, 3, 26), "holiday", "Karfreitag"),
    ]


def test_preview_with_any_room_takes_the_smallest_with_the_fewest_clashes(hall, clock):
    make.booking(rooms()[1], "2027-01-06T16:00", status=Status.APPROVED)

    found = preview(WEDNESDAYS, AFTERNOON, room=None, any_room=True, people=15, now=clock.now, language="de")

    assert (found.room.name, found.undecided) == ("Große Fläche", [])


def test_preview_knows_closures_with_their_reason(hall, clock):
    make.closure("2027-01-13T00:00", "2027-01-14T00:00", reason="Betriebsausflug")

    found = preview(WEDNESDAYS, AFTERNOON, room=hall, now=clock.now, language="de")

    assert [(each.day, each.found.closure.reason) for each in found.undecided] == [
        (date(2027, 1, 13), "Betriebsausflug")
    ]


def test_preview_counts_set_up_time_against_the_neighbour(hall, clock):
    make.booking(hall, "2027-01-06T14:00", status=Status.APPROVED)

    touching = preview(WEDNESDAYS, AFTERNOON, room=hall, now=clock.now, language="de")
    early = preview(WEDNESDAYS, Times(time(16), 120, before=15), room=hall, now=clock.now, language="de")

    assert (touching.dates[0].state, [note.code for note in touching.dates[0].notes]) == (
        Availability.FREE,
        ["school_holiday", "outside_hours", "tight"],
    )
    assert early.dates[0].state is Availability.TAKEN


@pytest.mark.parametrize(
    ("neighbours", "gap"),
    [
        pytest.param(["13:45"], {"minutes": 15, "before": True}, id="before"),
        pytest.param(["14:00"], {"minutes": 0, "before": True}, id="until it begins"),
        pytest.param(["18:15"], {"minutes": 15, "before": False}, id="after"),
        pytest.param(["13:40", "18:05"], {"minutes": 5, "before": False}, id="the nearer of two"),
        pytest.param(["11:00", "13:45", "20:15"], {"minutes": 15, "before": True}, id="not those further away"),
        pytest.param(["13:30"], None, id="half an hour is enough"),
    ],
)
def test_preview_tells_how_many_minutes_there_are_to_the_nearest_meeting(hall, clock, neighbours, gap):
    for at in neighbours:
        make.booking(hall, f"2027-01-06T{at}", status=Status.APPROVED)

    first, *_ = preview(WEDNESDAYS, AFTERNOON, room=hall, now=clock.now, language="de").dates

    assert next((note.params for note in first.notes if note.code == "tight"), None) == gap


def test_preview_of_a_rule_over_two_thousand_years_looks_up_no_holidays_of_so_many(hall, clock):
    rule = RecurrenceRule(start=date(2027, 1, 6), freq=Frequency.MONTHLY, interval=52, count=520)

    found = preview(rule, AFTERNOON, room=hall, now=clock.now, language="de")

    assert found.dates[-1].day.year > 4000
    assert {note.code for each in found.dates[10:] for note in each.notes} == {"outside_hours"}


def test_preview_looks_past_the_date_that_is_to_move(hall, clock):
    """It may overlap itself, and where it is already is no way out."""
    moving = make.booking(hall, "2027-01-06T16:00", status=Status.APPROVED).occurrences[0]
    make.booking(hall, "2027-01-06T18:30", status=Status.APPROVED, group="Andere")
    later, too_late = (
        preview(
            RecurrenceRule(start=date(2027, 1, 6), freq=Frequency.SINGLE),
            Times(begins, 120),
            room=hall,
            now=clock.now,
            language="de",
            exclude=[moving.id],
        ).dates[0]
        for begins in (time(16, 30), time(17))
    )

    assert (later.state, too_late.state) == (Availability.FREE, Availability.TAKEN)
    other_times = [way.slot.start for way in too_late.alternatives if way.kind == "time"]
    assert other_times == [make.instant("2027-01-06T15:45")]
