"""The house, read once until rows may have changed."""

import pytest

from booking.database import db, transaction
from booking.house import NoHouse, RoomRow, house, house_rules, opening_hours, rooms
from booking.models import Room
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


def test_house_is_read_anew_after_a_transaction(app):
    make.house()
    before = rooms()

    make.room("Werkstatt")
    with transaction():
        house().tight_minutes = 45

    assert ([room.name for room in before], [room.name for room in rooms()]) == ([], ["Werkstatt"])
    assert house_rules().tight.total_seconds() == 45 * 60


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
