"""Waiting for one's turn to book."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import selectinload

from booking.database import db
from booking.house import house
from booking.models import Booking, House, Occurrence, Part, Room, RoomPart


def claim(rooms: Iterable[Room]) -> None:
    """Keep these rooms for this transaction: the first statement of every transaction that books.

    Whoever else claims a part of them waits. The parts are locked in one
    order, so that two who claim never wait for each other; PostgreSQL's
    exclusion constraint alone would let them, as it writes first and looks
    afterwards. On SQLite the transaction itself is the lock. What was read
    before is read anew, as it may have changed while we waited.
    """
    _claim(RoomPart.room_id.in_({room.id for room in rooms}))


def claim_booking(*bookings: Booking, room_ids: Collection[int] = ()) -> None:
    """Make everybody wait who would change these bookings, their rooms or these, and read them anew with all dates.

    Rooms come before bookings here and everywhere, all at once, and bookings in
    one order, so that two who wait do not wait for each other.
    """
    ids = [(sa.inspect(booking).identity or (0,))[0] for booking in bookings]  # the rows are read when they are ours
    own = sa.select(Occurrence.room_id).where(Occurrence.booking_id.in_(ids))
    _claim(sa.or_(RoomPart.room_id.in_(own), RoomPart.room_id.in_(room_ids)))
    dates = selectinload(Booking.occurrences).selectinload(Occurrence.changes)
    found = sa.select(Booking).where(Booking.id.in_(ids)).options(dates).order_by(Booking.id)
    if len(db.session.scalars(found.with_for_update(of=Booking)).all()) < len(ids):
        raise NoResultFound


def claim_house() -> House:
    """Make everybody wait who would ask for something, or change the house: numbers run on, and a form is stored once.

    Rooms and bookings come before the house, here and everywhere.
    """
    if db.engine.dialect.name == "postgresql":  # on SQLite the transaction itself is the lock
        db.session.refresh(house(), with_for_update=True)
    return house()


def _claim(wanted: sa.ColumnElement[bool]) -> None:
    parts = sa.select(RoomPart.part_id).where(wanted)
    db.session.execute(
        sa.select(Part.id).where(Part.id.in_(parts)).order_by(Part.id).with_for_update(key_share=True)
    ).all()
    db.session.expire_all()
