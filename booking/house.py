"""The house: who it is, its hours, rules and rooms, each read once until rows may have changed."""

from datetime import time

from sqlalchemy.orm import joinedload

from booking.database import db, once
from booking.domain.policy import HouseRules
from booking.models import House, OpeningHours, Room


class NoHouse(Exception):
    """This installation has no house yet: ``flask house load FILE`` or ``flask demo load``."""


def house() -> House:
    """The one house; ``NoHouse`` before it is set up."""
    return once(_house)


def opening_hours() -> dict[int, tuple[time, time]]:
    """Opening and closing time per weekday (Monday is 0); a day without an entry is closed."""
    return once(_opening_hours)


def house_rules() -> HouseRules:
    """The rules that dates are held to."""
    return once(_house_rules)


def rooms() -> list[Room]:
    """All rooms, in the order in which the office shows them."""
    return once(_rooms)


def _house() -> House:
    found = db.session.get(House, 1)
    if found is None:
        raise NoHouse
    return found


def _opening_hours() -> dict[int, tuple[time, time]]:
    rows = db.session.execute(
        db.select(OpeningHours.weekday, OpeningHours.opens, OpeningHours.closes).order_by(OpeningHours.weekday)
    )
    return {weekday: (opens, closes) for weekday, opens, closes in rows}


def _house_rules() -> HouseRules:
    return house().rules(opening_hours())


def _rooms() -> list[Room]:
    rows = db.select(Room).options(joinedload(Room.parts)).order_by(Room.position, Room.id)
    return list(db.session.scalars(rows).unique())
