"""Storing what was planned, booking by booking, and taking it back."""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from booking import lifecycle, log
from booking.availability.claim import claim
from booking.availability.wanted import Times, WishedDate
from booking.database import db, transaction
from booking.domain.slot import times_of_weekdays, usual_times
from booking.house import house, public_changed, rooms
from booking.importing.planning import PREFIX, ImportPlan, PlannedBooking, known_keys, states_now
from booking.languages import DEFAULT
from booking.models import Booking, Initiative, LogEntry, Occurrence, StaffMember, day_of
from booking.requesting import Wish, store

KINDS = ("initiative", "department", "own", "other")


class BroughtIn(NamedTuple):
    """What became of an import. ``run``: by which it can be taken back."""

    run: str
    bookings: int
    dates: int
    undecided: int


class TakenBack(NamedTuple):
    """``kept``: the references of bookings in which something has happened since."""

    bookings: int
    dates: int
    kept: list[str]


class NoSuchRun(Exception):
    """No booking is there that came by this run."""


def bring_in(
    plan: ImportPlan,
    *,
    with_texts: bool,
    by: StaffMember | None = None,
    now: datetime,
    progress: Callable[[int], object] = lambda dates: None,
) -> BroughtIn:
    """Store the bookings of a plan that are not there yet; nobody is written to.

    What is free is confirmed, the rest is left for the office to decide. Each booking is a transaction of its own, so
    that others can ask and decide meanwhile, and what is interrupted goes on when it is called again. ``with_texts``:
    keep the descriptions of the file as notes for the team; they may hold personal data. ``progress`` hears of the
    number of dates after each booking.
    """
    run = secrets.token_hex(4)
    stored: list[Booking] = []
    dates = 0
    try:
        for planned in plan.bookings:
            if booking := _store(planned, run, with_texts, now):
                stored.append(booking)
                dates += len(planned.dates)
                progress(len(planned.dates))
    finally:  # so that what is there by then can be taken back, whatever came between
        if stored:
            with transaction():
                log.record("bring_in", None, by=by, actor="team", count=dates, run=run, now=now)
    undecided = sum(not each.holds_room for booking in stored for each in booking.occurrences)
    return BroughtIn(run, len(stored), dates, undecided)


def _store(planned: PlannedBooking, run: str, with_texts: bool, now: datetime) -> Booking | None:
    """One booking with its dates, unless it came in before."""
    with transaction():
        wanted = {each.room.id for each in planned.dates}
        claim(room for room in rooms() if room.id in wanted)
        db.session.refresh(house(), with_for_update=True)  # as for requests: numbers run on, and none is stored twice
        if planned.key in known_keys():
            return None
        planned = states_now(planned)
        booking = store(_wish(planned, run, with_texts), now)
        approved = {each.slot for each in planned.dates if each.is_approved}
        dates = [each for each in booking.occurrences if each.slot in approved]
        lifecycle.confirmed_before(dates, now)
        public_changed()
    return booking


def _wish(planned: PlannedBooking, run: str, with_texts: bool) -> Wish:
    zone = house().zone
    slots = [each.slot for each in planned.dates]
    begins, minutes = usual_times(slots, zone)
    others = times_of_weekdays(slots, zone, planned.rule.weekdays)
    wished = [
        WishedDate(
            day_of(each.slot.start, zone),
            each.slot.start.astimezone(zone).time(),
            each.slot.wall_minutes(zone),
            each.room.id,
        )
        for each in planned.dates
    ]
    return Wish(
        form_id=f"{PREFIX}:{run}:{planned.key}",
        language=DEFAULT,
        rule=planned.rule,
        times=Times(begins, minutes, others=others),
        dates=wished,
        room_id=planned.dates[0].room.id,
        people=planned.people,
        title=planned.title,
        group=planned.group,
        kind=planned.kind if planned.kind in KINDS else KINDS[0],
        purpose="",
        is_open=planned.is_open,
        name="",
        email="",
        note=planned.text[:600] if with_texts else "",
    )


def undo_import(run: str, *, by: StaffMember | None = None, now: datetime) -> TakenBack:
    """Remove what came in by a run, but for bookings in which something has happened since. Raises ``NoSuchRun``."""
    with transaction():
        came = sa.select(Booking.id).where(Booking.form_id.startswith(f"{PREFIX}:{run}:"))
        ids = list(db.session.scalars(came))
        if not ids:
            raise NoSuchRun
        claim(rooms())
        touched = set(db.session.scalars(sa.select(LogEntry.booking_id).where(LogEntry.booking_id.in_(came))))
        gone = [id_ for id_ in ids if id_ not in touched]
        kept = list(db.session.scalars(sa.select(Booking.reference).where(Booking.id.in_(touched))))
        number = 0
        for some in _some(gone):
            dates = sa.delete(Occurrence).where(Occurrence.booking_id.in_(some))
            number += len(db.session.scalars(dates.returning(Occurrence.id)).all())
            groups = set(db.session.scalars(sa.select(Booking.initiative_id).where(Booking.id.in_(some))))
            db.session.execute(sa.delete(Booking).where(Booking.id.in_(some)))
            _forget_groups(groups)
        if gone:
            log.record("take_back_import", None, by=by, actor="team", count=number, run=run, now=now)
            public_changed()
    return TakenBack(len(gone), number, sorted(kept))


def _some(ids: list[int]) -> Iterator[list[int]]:
    """At most as many as a statement can name on any database."""
    return (ids[at : at + 500] for at in range(0, len(ids), 500))


def _forget_groups(ids: set[int]) -> None:
    """Groups that came in with bookings which are gone, and of which the office has said nothing."""
    named = sa.exists().where(Booking.initiative_id == Initiative.id)
    unsaid = (Initiative.notes == "", Initiative.other_names == "", Initiative.is_public.is_(False))
    db.session.execute(sa.delete(Initiative).where(Initiative.id.in_(ids), ~named, *unsaid))
