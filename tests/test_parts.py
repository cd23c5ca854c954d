"""A room takes other parts of the house from a day on: what is refused and what follows, on both databases."""

from collections import Counter
from datetime import date, time, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from booking import entering, guard, housekeeping
from booking.availability.wanted import WishedDate
from booking.database import RoomTaken, db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.house import store_together
from booking.models import Occurrence, Part, Room, StaffMember
from booking.web.dates.free_times import room_days
from tests import make
from tests.test_entering import at_once, wish

DAY = date(2027, 5, 3)
NOW = make.instant("2027-01-04T10:00")
HALL, WORKSHOP = 1, 2


@pytest.fixture(autouse=True)
def house(engine_app: Flask) -> None:
    """A hall, a workshop and a small room, and somebody of the team."""
    make.house()
    make.rooms()
    make.staff()


def change(room_id: int, *part_ids: int, day: date = DAY, further: str = "") -> str:
    room, by = db.session.get_one(Room, room_id), db.session.get_one(StaffMember, 1)
    try:
        if part_ids or further:
            housekeeping.change_parts(room, part_ids, further, day, by=by, now=NOW)
        else:
            housekeeping.take_back_parts(room, day, by=by, now=NOW)
    except housekeeping.DatesMeet as found:
        return f"meet: {found.pairs}"
    return "changed"


def occupied() -> dict[int, set[int]]:
    """The parts that each date takes."""
    assert guard.untruths(db.session.connection()) == []
    found: dict[int, set[int]] = {}
    for number, part_id in db.session.execute(sa.text("SELECT occurrence_id, part_id FROM occupancy")):
        found.setdefault(number, set()).add(part_id)
    return found


def test_dates_take_the_parts_of_the_day_on_which_they_begin() -> None:
    hall = db.session.get_one(Room, HALL)
    times = ("2027-04-26T18:00", "2027-05-02T22:00", "2027-05-03T00:15", "2027-05-10T18:00")
    make.booking(hall, *times, minutes=120, status=Status.APPROVED)
    with transaction():
        db.session.get_one(Occurrence, 3).before_minutes = 15
        db.session.get_one(Occurrence, 2).end -= timedelta(minutes=30)

    assert change(HALL, 1, 2, further="Nische") == "changed"
    assert occupied() == {1: {1}, 2: {1}, 3: {1, 2, 4}, 4: {1, 2, 4}}
    with transaction():
        db.session.get_one(Occurrence, 3).before_minutes = 16
    assert occupied()[3] == {1}

    assert change(HALL) == "changed"
    assert occupied() == dict.fromkeys((1, 2, 3, 4), {1})


def test_change_is_refused_where_dates_would_meet_and_leaves_nothing() -> None:
    hall, workshop = db.session.get_one(Room, HALL), db.session.get_one(Room, WORKSHOP)
    make.booking(hall, "2027-05-02T22:00", "2027-05-10T18:00", minutes=240, status=Status.APPROVED)
    make.booking(workshop, "2027-05-03T01:00", "2027-05-10T21:00", status=Status.APPROVED)
    make.booking(workshop, "2027-05-17T18:00")
    before = occupied()

    assert change(HALL, 1, 2, further="Nische") == "meet: [(2, 4)]"
    assert change(WORKSHOP, 1, further="Nische") == "meet: [(1, 3), (2, 4)]"
    assert (occupied(), db.session.scalars(sa.select(sa.func.count(Part.id))).one()) == (before, 3)
    assert change(HALL, 1, 2, day=DAY + timedelta(days=8)) == "changed"


def test_plan_that_dates_need_is_not_taken_back() -> None:
    """From May on the hall gives its part to the workshop, and has another; in June somebody is in each."""
    assert change(HALL, further="Nische") == "changed"
    assert change(WORKSHOP, 1, 2) == "changed"
    make.booking(db.session.get_one(Room, HALL), "2027-06-07T18:00", status=Status.APPROVED)
    make.booking(db.session.get_one(Room, WORKSHOP), "2027-06-07T18:00", status=Status.APPROVED)

    assert change(HALL) == "meet: [(1, 2)]"
    assert change(WORKSHOP) == "changed"
    assert change(HALL) == "changed"
    assert occupied() == {1: {1}, 2: {2}}


def test_several_rooms_at_once_follow_each_of_theirs() -> None:
    with transaction():
        both = store_together([db.session.get_one(Room, id_) for id_ in (HALL, WORKSHOP)])
    make.booking(both, "2027-05-02T18:00", "2027-05-03T18:00", status=Status.APPROVED)
    small = db.session.get_one(Room, 3)
    make.booking(small, "2027-05-03T18:00", status=Status.APPROVED)

    assert change(HALL, 1, 3) == "meet: [(2, 3)]"
    assert change(HALL, 1, further="Nische") == "changed"
    assert occupied() == {1: {1, 2}, 2: {1, 2, 4}, 3: {3}}
    assert change(HALL) == "changed"
    assert occupied() == {1: {1, 2}, 2: {1, 2}, 3: {3}}


def test_calendar_shows_what_is_free_with_the_parts_of_each_day() -> None:
    change(HALL, 1, 2)
    make.booking(db.session.get_one(Room, WORKSHOP), "2027-05-02T18:00", "2027-05-03T18:00", status=Status.APPROVED)

    found = room_days(DAY - timedelta(days=1), 2, NOW)

    assert [len(found[HALL, day].sittings) for day in (DAY - timedelta(days=1), DAY)] == [0, 1]


def test_of_other_parts_and_a_date_that_needs_them_exactly_one_wins(engine_app: Flask) -> None:
    days = [DAY + timedelta(weeks=n) for n in range(12)]
    make.booking(db.session.get_one(Room, HALL), *(f"{day}T18:00" for day in days), status=Status.APPROVED)
    seen = Counter[str]()
    for number, day in enumerate(days):
        rule = RecurrenceRule(day, Frequency.SINGLE)
        wished = wish(WORKSHOP, f"{day}", rule=rule, dates=[WishedDate(day, time(18), 120, WORKSHOP)])

        def enter(wished: object = wished) -> str:
            try:
                entering.enter(wished, approve=True, with_letter=False, by=db.session.get_one(StaffMember, 1), now=NOW)
            except RoomTaken:
                return "taken"
            return "entered"

        acts = [partial(change, HALL, 1, 2, day=day), enter]
        came = at_once(engine_app, acts[:: 1 if number % 2 else -1])
        assert came["changed"] + came["entered"] == 1, came
        seen += came
        occupied()
        if came["changed"]:
            assert change(HALL, day=day) == "changed"
    assert seen.total() == 24
