"""Storing what was planned, booking by booking, and taking it back."""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from booking import lifecycle, log
from booking.availability.claim import claim, claim_house
from booking.availability.wanted import Times, WishedDate
from booking.database import db, transaction
from booking.domain.slot import times_of_weekdays, usual_times
from booking.house import house, public_changed, rooms
from booking.importing.planning import PREFIX, ImportPlan, PlannedBooking, known_keys, states_now
from booking.languages import DEFAULT
from booking.models import Booking, Initiative, LogEntry, Occurrence, StaffMember, day_of
from booking.requesting import Wish, add_booking, known_groups, new_group

#: Dates in one transaction. Whoever wants to write meanwhile waits for one, a fraction of a second.
BATCH = 40

#: Bookings removed in one transaction, which is quicker.
REMOVED = 500

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


class ImportRun(NamedTuple):
    """What is there of an import and can be taken back, by the dates themselves: one that was killed is there too."""

    run: str
    at: datetime
    dates: int


def new_run() -> str:
    """A name for an import, by which it can be taken back."""
    return secrets.token_hex(4)


def bring_in(
    plan: ImportPlan,
    *,
    run: str = "",
    with_texts: bool,
    by: StaffMember | None = None,
    now: datetime,
    progress: Callable[[int], object] = lambda dates: None,
) -> BroughtIn:
    """Store the bookings of a plan that are not there yet; nobody is written to.

    What is free is confirmed, the rest is left for the office to decide. Some bookings at a time are a transaction, so
    that others can ask and decide meanwhile, and what is interrupted goes on when it is called again. ``with_texts``:
    keep the descriptions of the file as notes for the team; they may hold personal data. ``progress`` hears of the
    number of dates after each of them.
    """
    done = BroughtIn(run or new_run(), 0, 0, 0)
    try:
        for some in _batches(plan.bookings):
            stored = _store(some, done.run, with_texts, now)
            dates = [date for booking in stored for date in booking.dates]
            undecided = sum(not date.is_approved for date in dates)
            done = BroughtIn(done.run, done.bookings + len(stored), done.dates + len(dates), done.undecided + undecided)
            progress(sum(len(each.dates) for each in some))
    finally:  # the record tells of what is there by then, whatever came between
        if done.bookings:
            with transaction():
                log.record("bring_in", None, by=by, actor="team", count=done.dates, run=done.run, now=now)
    return done


def _batches(bookings: list[PlannedBooking]) -> Iterator[list[PlannedBooking]]:
    """Bookings in their order with up to ``BATCH`` dates together; one with more stands alone."""
    some: list[PlannedBooking] = []
    for booking in bookings:
        if some and sum(len(each.dates) for each in [*some, booking]) > BATCH:
            yield some
            some = []
        some.append(booking)
    if some:
        yield some


def _store(some: list[PlannedBooking], run: str, with_texts: bool, now: datetime) -> list[PlannedBooking]:
    """Store those of some bookings that did not come in before; gives them with what their dates met with."""
    with transaction():
        wanted = {date.room.id for each in some for date in each.dates}
        claim(room for room in rooms() if room.id in wanted)
        claim_house()
        known = known_keys()
        new = states_now([each for each in some if each.key not in known])
        wishes = [_wish(each, run, with_texts) for each in new]
        groups = known_groups({each.group for each in wishes})
        for wish in wishes:
            if wish.group.casefold() not in groups:
                groups[wish.group.casefold()] = new_group(wish.group, wish.kind)
        free: list[Occurrence] = []
        for planned, wish in zip(new, wishes, strict=True):
            booking = add_booking(wish, groups[wish.group.casefold()], now)
            approved = {each.slot for each in planned.dates if each.is_approved}
            free += [each for each in booking.occurrences if each.slot in approved]
        db.session.flush()
        lifecycle.confirmed_before(free, now)
        if new:
            public_changed()
    return new


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


def runs(most: int) -> list[ImportRun]:
    """The last imports of which something is there that can be taken back."""
    run = sa.func.substr(Booking.form_id, len(PREFIX) + 2, 8).label("run")
    is_untouched = ~sa.exists().where(LogEntry.booking_id == Booking.id)
    told = sa.select(run, sa.func.min(Booking.created_at), sa.func.count()).join(Booking.occurrences)
    told = told.where(Booking.form_id.startswith(f"{PREFIX}:"), is_untouched).group_by(run)
    latest = told.order_by(sa.func.max(Booking.id).desc()).limit(most)
    return [ImportRun(*row) for row in db.session.execute(latest)]


def undo_import(run: str, *, by: StaffMember | None = None, now: datetime) -> TakenBack:
    """Remove what came in by a run, but for bookings in which something has happened since; some at a time, as they
    came. Raises ``NoSuchRun``."""
    came = sa.select(Booking.id).where(Booking.form_id.startswith(f"{PREFIX}:{run}:")).order_by(Booking.id)
    ids = list(db.session.scalars(came))
    if not ids:
        raise NoSuchRun
    done = TakenBack(0, 0, [])
    try:
        for some in _some(ids):
            gone = _remove(some)
            done = TakenBack(done.bookings + gone.bookings, done.dates + gone.dates, sorted([*done.kept, *gone.kept]))
    finally:
        if done.bookings:
            with transaction():
                log.record("take_back_import", None, by=by, actor="team", count=done.dates, run=run, now=now)
    return done


def _remove(ids: list[int]) -> TakenBack:
    with transaction():
        claim(rooms())
        touched = set(db.session.scalars(sa.select(LogEntry.booking_id).where(LogEntry.booking_id.in_(ids))))
        gone = [id_ for id_ in ids if id_ not in touched]
        kept = list(db.session.scalars(sa.select(Booking.reference).where(Booking.id.in_(touched))))
        groups = set(db.session.scalars(sa.select(Booking.initiative_id).where(Booking.id.in_(gone))))
        dates = db.session.scalars(
            sa.delete(Occurrence).where(Occurrence.booking_id.in_(gone)).returning(Occurrence.id)
        )
        number = len(dates.all())
        db.session.execute(sa.delete(Booking).where(Booking.id.in_(gone)))
        _forget_groups(groups)
        if gone:
            public_changed()
    return TakenBack(len(gone), number, kept)


def _some(ids: list[int]) -> Iterator[list[int]]:
    return (ids[at : at + REMOVED] for at in range(0, len(ids), REMOVED))


def _forget_groups(ids: set[int]) -> None:
    """Groups that came in with bookings which are gone, and of which the office has said nothing."""
    named = sa.exists().where(Booking.initiative_id == Initiative.id)
    unsaid = (Initiative.notes == "", Initiative.other_names == "", Initiative.is_public.is_(False))
    db.session.execute(sa.delete(Initiative).where(Initiative.id.in_(ids), ~named, *unsaid))
