"""The house: who it is, its hours, rules and rooms, each read once until rows may have changed."""

from datetime import time

import sqlalchemy as sa

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
    return once(_house_and_hours)[1]


def house_rules() -> HouseRules:
    """The rules that dates are held to."""
    return once(_house_rules)


def rooms() -> list[Room]:
    """All rooms, in the order in which the office shows them."""
    return once(_rooms)


def public_changed() -> None:
    """Note, in the transaction at hand, that the public sees something else: what is kept of its pages is over."""
    house().version = House.version + 1  # counted by the database: others add too


def _house() -> House:
    """As it is known already, or else with its hours in one statement: a booking raises its version several times."""
    known: House | None = db.session.identity_map.get(db.session.identity_key(House, 1))
    return known or once(_house_and_hours)[0]


def _house_and_hours() -> tuple[House, dict[int, tuple[time, time]]]:
    found = db.session.execute(
        db.select(House, OpeningHours.weekday, OpeningHours.opens, OpeningHours.closes)
        .outerjoin(OpeningHours, sa.true())
        .where(House.id == 1)
        .order_by(OpeningHours.weekday)
    ).all()
    if not found:
        raise NoHouse
    return found[0][0], {weekday: (opens, closes) for _, weekday, opens, closes in found if weekday is not None}


def _house_rules() -> HouseRules:
    return house().rules(opening_hours())


def _rooms() -> list[Room]:
    return list(db.session.scalars(db.select(Room).order_by(Room.position, Room.id)))
