"""What is known around a request: who else wants its times, and the plain facts about its group."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import NamedTuple

import sqlalchemy as sa

from booking.database import db
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import house
from booking.models import Booking, Occurrence, day_of
from booking.web.staff.desk import DateView, compared


class Competitor(NamedTuple):
    """Another request for the same times. ``slots`` are its own; ``uses`` those of its group this year."""

    booking: Booking
    slots: list[Slot]
    age: str
    uses: int


class GroupFacts(NamedTuple):
    """Plain facts about a group this year."""

    uses: int
    cancelled: int
    last_days: list[datetime]


def rivals(views: Iterable[DateView]) -> dict[Booking, list[Slot]]:
    """Other requests for these times with their own, those with the longest wait first."""
    slots: dict[Booking, set[Slot]] = defaultdict(set)
    for view in views:
        for rival in view.rivals:
            slots[rival.booking].add(rival.slot)
    return {each: sorted(slots[each]) for each in sorted(slots, key=lambda each: each.created_at)}


def known(views: Iterable[DateView], booking: Booking, now: datetime) -> tuple[list[Competitor], GroupFacts]:
    """Who else wants these times, and the facts about the group of the booking."""
    others = rivals(views)
    numbers = _of_this_year({booking.initiative_id, *(each.initiative_id for each in others)}, now)
    last = db.session.scalars(
        db.select(Occurrence.start)
        .join(Occurrence.booking)
        .where(Booking.initiative_id == booking.initiative_id, _took_place(now))
        .order_by(Occurrence.start.desc())
        .limit(5)
    )
    return [
        Competitor(each, slots, compared(each, booking), numbers[each.initiative_id].uses)
        for each, slots in others.items()
    ], GroupFacts(*numbers[booking.initiative_id], list(last))


class _Numbers(NamedTuple):
    uses: int
    cancelled: int


def _of_this_year(initiatives: Iterable[int], now: datetime) -> Mapping[int, _Numbers]:
    """How often each group has met here this year, and how often it has cancelled."""
    rows = db.session.execute(
        db.select(
            Booking.initiative_id,
            db.func.count(db.case((_took_place(now), 1))),
            db.func.count(db.case((Occurrence.cancelled_by_group, 1))),
        )
        .join(Occurrence.booking)
        .where(Booking.initiative_id.in_(initiatives), Occurrence.start >= _new_year(now))
        .group_by(Booking.initiative_id)
    )
    return defaultdict(lambda: _Numbers(0, 0), {id_: _Numbers(*numbers) for id_, *numbers in rows})


def _took_place(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Occurrence.status == Status.APPROVED, Occurrence.end <= now)


def _new_year(now: datetime) -> datetime:
    zone = house().zone
    return Slot.on(date(day_of(now, zone).year, 1, 1), time(0), 1, zone).start
