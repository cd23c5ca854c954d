"""What is known around a request: who else wants its times, plain facts about its group, and whether it fits."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import gettext, ngettext

from booking import deciding, log
from booking.database import db
from booking.domain.policy import is_outside_hours
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import house, house_rules
from booking.languages import beginning
from booking.models import Booking, LogEntry, Occurrence, day_of
from booking.web import filters
from booking.web.staff.desk import DateView, compared, outside_hours, rooms_of
from booking.web.staff.requests import OpenRequest


class Competitor(NamedTuple):
    """Another request for the same times. ``slots`` are its own; ``uses`` those of its group this year."""

    request: OpenRequest
    slots: list[Slot]
    age: str
    uses: int


class GroupFacts(NamedTuple):
    """Plain facts about a group this year."""

    uses: int
    cancelled: int
    no_shows: int
    last_days: list[datetime]


class Fit(NamedTuple):
    """One answer to "does it fit?", with its drawing. ``look``: good, note or bad."""

    look: str
    icon: str
    text: str


def rivals(views: Iterable[DateView]) -> dict[OpenRequest, list[Slot]]:
    """Other requests for these times with their own, those with the longest wait first."""
    slots: dict[OpenRequest, set[Slot]] = defaultdict(set)
    for view in views:
        for rival in view.met.rivals if view.met else ():
            slots[rival.request].add(rival.slot)
    return {each: sorted(slots[each]) for each in sorted(slots, key=lambda each: each.created_at)}


def known(views: Iterable[DateView], booking: Booking, now: datetime) -> tuple[list[Competitor], GroupFacts]:
    """Who else wants these times, and the facts about the group of the booking: one statement."""
    others, own = rivals(views), booking.initiative_id
    took_place = sa.and_(Occurrence.status == Status.APPROVED, Occurrence.end <= now, ~Occurrence.no_show)
    last_days = (
        sa.select(sa.literal(own), *[sa.literal(0)] * 3, Occurrence.start)
        .join(Occurrence.booking)
        .where(Booking.initiative_id == own, took_place)
        .order_by(Occurrence.start.desc())
        .limit(5)
    )
    numbers = (
        sa.select(
            Booking.initiative_id,
            sa.func.count(sa.case((took_place, 1))),
            sa.func.count(sa.case((Occurrence.cancelled_by_group, 1))),
            sa.func.count(sa.case((Occurrence.no_show, 1))),
            sa.null(),
        )
        .join(Occurrence.booking)
        .where(
            Booking.initiative_id.in_({own, *(each.initiative_id for each in others)}),
            Occurrence.start >= _new_year(now),
        )
        .group_by(Booking.initiative_id)
    )
    rows = db.session.execute(sa.union_all(sa.select(last_days.subquery()), numbers)).all()
    uses, cancelled, no_shows = ({row[0]: row[n] for row in rows if row.start is None} for n in (1, 2, 3))
    days = sorted((row.start for row in rows if row.start), reverse=True)
    return [
        Competitor(each, slots, compared(each, booking), uses.get(each.initiative_id, 0))
        for each, slots in others.items()
    ], GroupFacts(uses.get(own, 0), cancelled.get(own, 0), no_shows.get(own, 0), days)


class SideFacts(NamedTuple):
    """What is worth knowing of a group before it is preferred to another. ``answer``: the team's last one to it."""

    uses: int
    answered_at: datetime | None
    answer: str


def facts_of(bookings: Sequence[Booking], now: datetime) -> dict[int, SideFacts]:
    """The uses of this year, and the last answer to each group, by the ids of their bookings."""
    groups = {each.initiative_id for each in bookings}
    took_place = [Occurrence.status == Status.APPROVED, Occurrence.end <= now, ~Occurrence.no_show]
    uses = dict(
        db.session.execute(
            sa.select(Booking.initiative_id, sa.func.count())
            .join(Occurrence.booking)
            .where(Booking.initiative_id.in_(groups), Occurrence.start >= _new_year(now), *took_place)
            .group_by(Booking.initiative_id)
        ).all()
    )
    last = (
        sa.select(sa.func.max(LogEntry.id))
        .join(Booking, Booking.id == LogEntry.booking_id)
        .where(Booking.initiative_id.in_(groups), LogEntry.actor == "team", LogEntry.action.in_(deciding.VERDICTS))
        .group_by(Booking.initiative_id)
    )
    rows = db.session.execute(
        sa.select(Booking.initiative_id, LogEntry)
        .join(Booking, Booking.id == LogEntry.booking_id)
        .where(LogEntry.id.in_(last))
    ).all()
    answers = {group: (entry.at, log.step(entry).team.of(entry.count)) for group, entry in rows}
    return {
        each.id: SideFacts(uses.get(each.initiative_id, 0), *answers.get(each.initiative_id, (None, "")))
        for each in bookings
    }


def _new_year(now: datetime) -> datetime:
    zone = house().zone
    return Slot.on(date(day_of(now, zone).year, 1, 1), time(0), 1, zone).start


def fits(booking: Booking) -> list[Fit]:
    """The plain facts for and against, before anything is read."""
    found = []
    for room in rooms_of(booking):
        sentence = ngettext(
            "%(num)d person, %(seats)d seats: %(room)s",
            "%(num)d people, %(seats)d seats: %(room)s",
            booking.people,
            seats=room.seats,
            room=room.name,
        )
        found.append(Fit("good", "check", sentence) if booking.people <= room.seats else Fit("bad", "alert", sentence))
        if room.step_free:
            found.append(Fit("good", "check", beginning(gettext("%(room)s has no steps", room=filters.the(room)))))
        else:
            look = Fit("bad", "alert", "") if booking.access_needs else Fit("note", "stairs", "")
            found.append(look._replace(text=beginning(gettext("%(room)s has steps", room=filters.the(room)))))
    for thing in booking.equipment:
        lacking = [room.name for room in rooms_of(booking) if thing not in room.equipment]
        if lacking:
            sentence = gettext("%(thing)s is not in this room: %(rooms)s", thing=thing, rooms=", ".join(lacking))
            found.append(Fit("bad", "alert", sentence))
        else:
            found.append(Fit("good", "check", gettext("%(thing)s is there", thing=thing)))
    rules = house_rules()
    if any(is_outside_hours(date.slot, rules, date.room_id) for date in booking.occurrences):
        look = Fit("note", "moon", "") if booking.way_in == "have" else Fit("bad", "key", "")
        found.append(look._replace(text=outside_hours(booking.way_in)))
    return found
