"""Waiting for one's turn to book."""

from collections.abc import Iterable

import sqlalchemy as sa

from booking.database import db
from booking.models import Booking, Part, Room, room_part


def claim(rooms: Iterable[Room]) -> None:
    """Keep these rooms for this transaction: the first statement of every transaction that books.

    Whoever else claims a part of them waits. The parts are locked in one
    order, so that two who claim never wait for each other; PostgreSQL's
    exclusion constraint alone would let them, as it writes first and looks
    afterwards. On SQLite the transaction itself is the lock. What was read
    before is read anew, as it may have changed while we waited.
    """
    ids = {room.id for room in rooms}
    parts = sa.select(room_part.c.part_id).where(room_part.c.room_id.in_(ids))
    db.session.execute(
        sa.select(Part.id).where(Part.id.in_(parts)).order_by(Part.id).with_for_update(key_share=True)
    ).all()
    db.session.expire_all()


def claim_booking(booking: Booking) -> None:
    """Make everybody wait who would change this booking or its rooms, and read it anew.

    Rooms come before the booking here and everywhere, so that two who wait do
    not wait for each other.
    """
    claim(occurrence.room for occurrence in booking.occurrences)
    db.session.expire_all()
    db.session.refresh(booking, with_for_update={"of": Booking})  # not what was read beside it
