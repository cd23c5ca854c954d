"""The house: who it is, its hours, rules and rooms, each read once until rows may have changed."""

from __future__ import annotations

from datetime import datetime, time
from operator import attrgetter
from typing import NamedTuple

import sqlalchemy as sa

from booking.database import db, is_known, once
from booking.domain.policy import HouseRules
from booking.models import Closure, HasParts, House, OpeningHours, Part, Room


class NoHouse(Exception):
    """This installation has no house yet: ``flask house load FILE`` or ``flask demo load``."""


class RoomRow(NamedTuple):
    """A room as pages show it: plain values, since two hundred objects of the session take longer than a page may."""

    id: int
    slug: str
    name: str
    short_name: str
    seats: int
    way: str
    way_en: str
    direction: str
    step_free: bool
    equipment: tuple[str, ...]
    equipment_en: tuple[str, ...]
    position: int
    part_ids: frozenset[int]

    def shares_part_with(self, other: HasParts) -> bool:
        """Whether only one of the two can be used at a time."""
        return not self.part_ids.isdisjoint(other.part_ids)


def house() -> House:
    """The one house; ``NoHouse`` before it is set up."""
    return once(_house, House)


def opening_hours() -> dict[int, tuple[time, time]]:
    """Opening and closing time per weekday (Monday is 0); a day without an entry is closed."""
    return once(_house_and_hours, House, OpeningHours)[1]


def house_rules() -> HouseRules:
    """The rules that dates are held to."""
    return once(_house_rules, House, OpeningHours)


def rooms() -> list[Room]:
    """All rooms, in the order in which the office shows them."""
    return once(_rooms, Room, Part)


def public_changed() -> None:
    """Note, in the transaction at hand, that the public sees something else: what is kept of its pages is over."""
    house().version = House.version + 1  # counted by the database: others add too


def room_rows() -> dict[int, RoomRow]:
    """All rooms by their ids, in the order in which the office shows them."""
    return once(_room_rows, Room, Part)


def closures(begin: datetime, end: datetime) -> list[Closure]:
    """The closures of the house and of rooms that reach into a period, half-open; earliest first."""
    return [each for each in once(_closures, Closure) if each.start < end and each.end > begin]


# Every page asks these; to make a statement anew takes longer than to run it.
_HOUSE_AND_HOURS = (
    sa.select(House, OpeningHours.weekday, OpeningHours.opens, OpeningHours.closes)
    .outerjoin(OpeningHours, sa.true())
    .where(House.id == 1)
    .order_by(OpeningHours.weekday)
)
_CLOSURES = sa.select(Closure).order_by(Closure.start, Closure.id)
_VALUES = attrgetter(*RoomRow._fields)
_ROOM_ROWS = sa.select(*(getattr(Room, name) for name in RoomRow._fields)).order_by(Room.position, Room.id)


def _house() -> House:
    """As it is known already, or else with its hours in one statement: a booking raises its version several times."""
    known: House | None = db.session.identity_map.get(db.session.identity_key(House, 1))
    return known or once(_house_and_hours, House, OpeningHours)[0]


def _house_and_hours() -> tuple[House, dict[int, tuple[time, time]]]:
    found = db.session.execute(_HOUSE_AND_HOURS).all()
    if not found:
        raise NoHouse
    return found[0][0], {weekday: (opens, closes) for _, weekday, opens, closes in found if weekday is not None}


def _house_rules() -> HouseRules:
    return house().rules(opening_hours())


def _rooms() -> list[Room]:
    return list(db.session.scalars(db.select(Room).order_by(Room.position, Room.id)))


def _closures() -> list[Closure]:
    """All of them, as there are some a year, and one page asks for several periods."""
    return list(db.session.scalars(_CLOSURES))


def _room_rows() -> dict[int, RoomRow]:
    values = map(_VALUES, rooms()) if is_known(_rooms) else db.session.execute(_ROOM_ROWS)
    rows = map(RoomRow._make, values)
    return {row.id: row._replace(equipment=tuple(row.equipment), equipment_en=tuple(row.equipment_en)) for row in rows}
