"""Several rooms at once: one place for a meeting, on both databases, with the parts of each."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from flask import Flask

from booking import agenda, deciding, entering, guard, housekeeping, requesting
from booking.availability.check import Availability
from booking.availability.preview import preview
from booking.availability.wanted import Times, WishedDate
from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.status import Status
from booking.house import RoomRow, room_called, room_rows
from booking.models import Room
from booking.requesting import ChangedMeanwhile, Refused
from booking.web.staff.week import week_around
from tests import make
from tests.support.app import Clock
from tests.test_entering import DAY, wish

NEXT = DAY + timedelta(weeks=1)
BOTH = "grosse-flaeche+werkstatt"


@pytest.fixture
def rooms(either_app: Flask) -> tuple[Room, Room, Room]:
    make.house()
    make.staff()
    return make.rooms()


def both() -> RoomRow:
    found = room_called(BOTH)
    assert found
    return found


def asked(form_id: str = "both", **changes: object) -> requesting.Wish:
    """A wish of two evenings in hall and workshop at once, by who has asked for no such before, or has."""
    room = both()
    dates = [WishedDate(day, time(18), 120, room.id) for day in (DAY, NEXT)]
    rule = RecurrenceRule(DAY, Frequency.WEEKLY, until=NEXT)
    return wish(room.id, form_id, rule=rule, dates=dates, together=room.together, way_in="talk", **changes)


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("werkstatt", "Werkstatt"),
        ("werkstatt+grosse-flaeche", "Große Fläche & Werkstatt"),
        ("grosse-flaeche+werkstatt+besprechung", "Große Fläche & Werkstatt & Besprechung"),
        ("werkstatt+werkstatt", None),
        ("werkstatt+keller", None),
        ("grosse-flaeche+buehne", None),
        ("werkstatt+", None),
    ],
)
def test_rooms_at_once_are_called_by_their_names_unless_they_are_one(app: Flask, slug: str, name: str | None) -> None:
    make.house()
    make.rooms()
    make.room("Bühne", 10, parts=["Große Fläche"])

    found = room_called(slug)

    assert (found.name if found else None) == name


def test_meeting_in_several_rooms_holds_each_of_them(rooms: tuple[Room, Room, Room], clock: Clock) -> None:
    hall, workshop, small = rooms
    first, _ = requesting.submit(asked(), clock.now)
    again, _ = requesting.submit(asked("again"), clock.now)

    room = first.occurrences[0].room
    assert [each.room_id for each in (*first.occurrences, *again.occurrences)] == [room.id] * 4
    assert (room.name, room.slug, room.seats, room.is_active) == ("Große Fläche & Werkstatt", BOTH, 80, False)

    ids = [each.id for each in first.occurrences]
    deciding.decide(first, approve=ids, seen_version=first.version, by=make.staff("Jonas"), now=clock.now)
    assert guard.untruths(db.session.connection()) == []
    for taken in (hall, workshop, both()):
        with pytest.raises(ChangedMeanwhile) as refusal:
            requesting.submit(wish(taken.id, f"in {taken.id}", way_in="talk"), clock.now)
        assert refusal.value.days == [DAY]
    requesting.submit(wish(small.id, "small", way_in="talk"), clock.now)


def test_preview_says_which_of_several_rooms_is_not_free(rooms: tuple[Room, Room, Room], clock: Clock) -> None:
    hall, workshop, _ = rooms
    make.booking(workshop, f"{DAY}T19:00", status=Status.APPROVED)
    make.booking(hall, f"{NEXT}T17:00", status=Status.APPROVED)
    make.booking(workshop, f"{NEXT}T18:00")
    rule = RecurrenceRule(DAY, Frequency.WEEKLY, until=NEXT + timedelta(weeks=1))

    found = preview(rule, Times(time(18), 120), room=both(), now=clock.now, language="de", people=15)

    assert [(each.state, [room.name for room in each.not_free]) for each in found.dates] == [
        (Availability.TAKEN, ["Werkstatt"]),
        (Availability.TAKEN, ["Große Fläche", "Werkstatt"]),
        (Availability.FREE, []),
    ]
    assert [way.room.name for way in found.dates[0].alternatives if way.kind == "room"] == ["Große Fläche"]


def test_office_enters_a_meeting_in_several_rooms(rooms: tuple[Room, Room, Room], clock: Clock) -> None:
    by = make.staff("Henrike")
    booking, _, _ = entering.enter(asked(), approve=True, with_letter=False, by=by, now=clock.now)

    assert {each.room.name for each in booking.dates(Status.APPROVED)} == {"Große Fläche & Werkstatt"}
    assert guard.untruths(db.session.connection()) == []


def test_groups_ask_for_so_many_sets_of_rooms_and_the_office_for_any(
    rooms: tuple[Room, Room, Room], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    requesting.submit(asked(), clock.now)
    monkeypatch.setattr("booking.house.MOST_TOGETHER", 1)
    other = room_called("werkstatt+besprechung")
    assert other
    wishes = [replace(asked(name), together=other.together, room_id=0) for name in ("group", "office")]
    wishes = [replace(each, dates=[replace(day, room_id=0) for day in each.dates]) for each in wishes]

    with pytest.raises(Refused):
        requesting.submit(wishes[0], clock.now)
    requesting.submit(asked("the known ones"), clock.now)
    booking, _, _ = entering.enter(wishes[1], approve=True, with_letter=False, by=make.staff("Henrike"), now=clock.now)

    assert {each.room.name for each in booking.occurrences} == {"Werkstatt & Besprechung"}


def test_plans_keep_a_room_out_of_use_while_something_is_on_in_it_and_another(
    rooms: tuple[Room, Room, Room], clock: Clock
) -> None:
    _, workshop, small = rooms
    booking, _, _ = entering.enter(asked(), approve=True, with_letter=False, by=make.staff("Henrike"), now=clock.now)
    with transaction():
        db.session.get_one(Room, workshop.id).is_active = False
    begin = booking.occurrences[0].start - timedelta(hours=1)

    names = [room.name for room in agenda.rooms_of_plan(begin, begin + timedelta(days=1))]
    week = week_around(booking.occurrences[0], [])

    assert names == ["Große Fläche", "Werkstatt", "Besprechung"]
    assert [room.name for room in week.rooms] == names


def test_several_rooms_are_told_of_as_each_is_by_now(rooms: tuple[Room, Room, Room], clock: Clock) -> None:
    _, workshop, _ = rooms
    booking, _ = requesting.submit(asked(), clock.now)
    told = {"name": "Atelier", "seats": 25, "is_active": True}

    housekeeping.keep_room(workshop, told, "", by=make.staff("Henrike"), now=clock.now)

    row = room_rows()[booking.occurrences[0].room_id]
    assert (row.name, row.seats, row.slug) == ("Große Fläche & Atelier", 85, BOTH)
