"""What is known around a request: who else wants its times, and the plain facts about its group."""

from collections import Counter, defaultdict
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


class Rival(NamedTuple):
    """Another request for the same times. ``dates`` are its own; ``uses`` those of its group this year."""

    booking: Booking
    dates: list[Occurrence]
    age: str
    uses: int


class GroupFacts(NamedTuple):
    """Plain facts about a group this year."""

    uses: int
    cancelled: int
    last_days: list[datetime]


def rivals(views: Iterable[DateView], booking: Booking, now: datetime) -> list[Rival]:
    """Other requests for these times, with the longest wait first."""
    dates: dict[int, dict[int, Occurrence]] = defaultdict(dict)
    for view in views:
        for rival in view.rivals:
            dates[rival.booking_id][rival.id] = rival
    others = sorted((list(each.values()) for each in dates.values()), key=lambda each: each[0].booking.created_at)
    uses = uses_of({booking.initiative_id, *(each[0].booking.initiative_id for each in others)}, now)
    return [
        Rival(
            each[0].booking,
            sorted(each, key=lambda date: date.start),
            compared(each[0].booking, booking),
            uses[each[0].booking.initiative_id],
        )
        for each in others
    ]


def uses_of(initiatives: Iterable[int], now: datetime) -> Mapping[int, int]:
    """How often each group has met here this year."""
    rows = db.session.execute(
        db.select(Booking.initiative_id, db.func.count(Occurrence.id).label("number"))
        .join(Occurrence.booking)
        .where(Booking.initiative_id.in_(initiatives), Occurrence.start >= _new_year(now), *_took_place(now))
        .group_by(Booking.initiative_id)
    )
    return Counter({row.initiative_id: row.number for row in rows})


def group_facts(booking: Booking, now: datetime) -> GroupFacts:
    of_group = (
        db.select(Occurrence.start).join(Occurrence.booking).where(Booking.initiative_id == booking.initiative_id)
    )
    last = db.session.scalars(of_group.where(*_took_place(now)).order_by(Occurrence.start.desc()).limit(5)).all()
    cancelled = db.session.scalar(
        db.select(db.func.count(Occurrence.id))
        .join(Occurrence.booking)
        .where(
            Booking.initiative_id == booking.initiative_id,
            Occurrence.start >= _new_year(now),
            Occurrence.cancelled_by_group,
        )
    )
    return GroupFacts(uses_of([booking.initiative_id], now)[booking.initiative_id], cancelled or 0, list(last))


def _took_place(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return Occurrence.status == Status.APPROVED, Occurrence.end <= now


def _new_year(now: datetime) -> datetime:
    zone = house().zone
    return Slot.on(date(day_of(now, zone).year, 1, 1), time(0), 1, zone).start
