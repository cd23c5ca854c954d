"""The house, read once until rows may have changed."""

import pytest

from booking import requesting
from booking.database import db, transaction
from booking.house import (
    NoHouse,
    RoomRow,
    assuming,
    closures,
    house,
    house_rules,
    opening_hours,
    public_changed,
    room_rows,
    rooms,
)
from booking.models import Closure, Room
from tests import make
from tests.support.statements import statements


def test_house_is_asked_for_before_there_is_one(app):
    with pytest.raises(NoHouse):
        house()


def test_house_is_read_once(app):
    make.house()
    make.room("Werkstatt")
    db.session.expire_all()

    with statements() as asked:
        for _ in range(3):
            house(), house_rules(), opening_hours(), rooms()

    # the hours come with the house, the parts with the rooms
    assert len([one for one in asked if one.startswith("SELECT")]) == 2, asked


def test_rooms_are_told_alike_whether_their_objects_are_known_or_not(either_app):
    make.house()
    make.room("Saal", parts=["Nord", "Süd"], equipment=["Beamer", "Küche"], equipment_en=["projector", "kitchen"])
    make.room("Werkstatt", parts=["Süd"], equipment=[])
    make.room("Saal und Bühne", together=[1, 2], equipment=[])
    db.session.rollback()
    from_columns = room_rows()
    db.session.rollback()

    rooms()
    with statements() as asked:
        from_objects = room_rows()

    assert (from_columns, asked) == (from_objects, [])
    assert [(row.equipment, row.equipment_en, row.together) for row in from_columns.values()] == [
        (("Beamer", "Küche"), ("projector", "kitchen"), ()),
        ((), (), ()),
        ((), (), (1, 2)),
    ]


def test_house_is_read_anew_after_a_transaction(app):
    make.house()
    before = rooms()

    make.room("Werkstatt")
    with transaction():
        house().tight_minutes = 45

    assert ([room.name for room in before], [room.name for room in rooms()]) == ([], ["Werkstatt"])
    assert house_rules().tight.total_seconds() == 45 * 60


def test_house_is_not_read_anew_for_what_only_counts(app):
    make.house()
    with transaction():
        house_rules()
        requesting.next_reference(2031)
        public_changed()
        db.session.flush()

        with statements() as asked:
            house_rules(), house().zone
        house().most_dates = 7
        db.session.flush()

        assert (asked, house_rules().most_dates) == ([], 7)


def test_rooms_are_read_anew_within_the_transaction_that_adds_one(app):
    make.house()
    make.room("Saal")

    with transaction():
        before = [room.name for room in rooms()]
        room = rooms()[0]
        values = {name: getattr(room, name) for name in RoomRow._fields[:-1] if name != "id"}
        others = {"name": "Werkstatt", "slug": "werkstatt", "position": room.position + 1, "equipment": []}
        db.session.add(Room(**(values | others)))
        db.session.flush()
        after = [room.name for room in rooms()]

    assert (before, after) == (["Saal"], ["Saal", "Werkstatt"])


def test_closures_come_back_until_they_are_ended(app):
    make.house()
    hall, *_ = make.rooms()
    make.closure("2026-12-24T00:00", "2027-01-02T00:00", repeats="yearly", reason="Winterpause")
    make.closure("2027-01-04T08:00", "2027-01-04T10:00", repeats="weekly", until=make.instant("2027-01-12T00:00"))
    make.closure("2027-12-20T00:00", "2027-12-21T00:00", room=hall, reason="Inventur")
    planned = Closure(room_ids=[], start=make.instant("2027-12-22T00:00"), end=make.instant("2027-12-23T00:00"))

    def told(begin: str, end: str) -> list[str]:
        found = closures(make.instant(begin), make.instant(end))
        return [f"{each.start.astimezone(make.ZONE):%d.%m.%Y} {each.reason}" for each in found]

    assert told("2027-01-01T00:00", "2028-01-01T00:00") == [
        "24.12.2026 Winterpause",
        "04.01.2027 Betriebsferien",
        "11.01.2027 Betriebsferien",
        "20.12.2027 Inventur",
        "24.12.2027 Winterpause",
    ]
    with assuming(planned):
        assert len(told("2027-12-01T00:00", "2028-01-01T00:00")) == 3
    assert len(told("2027-12-01T00:00", "2028-01-01T00:00")) == 2
    period = make.instant("2027-12-24T00:00"), make.instant("2027-12-25T00:00")
    assert closures(*period)[0] is closures(*period)[0]
    assert len(closures(make.instant("2027-01-05T00:00"), make.instant("3827-01-05T00:00"))) < 30
