"""What the team does with approved dates: move, cancel, put back what was cancelled, settle what a group wishes for."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from booking import lifecycle, log
from booking.availability.check import check
from booking.availability.wanted import Wanted
from booking.database import db
from booking.deciding import IN_THE_WAY, NotFree, send_waiting, wanted_at
from booking.domain.slot import Slot
from booking.domain.status import Action, NotPossible, Status
from booking.house import house
from booking.letters import outbox
from booking.lifecycle import Place, Stale, updating
from booking.models import Booking, Change, Letter, Occurrence, StaffMember
from booking.notices.frame import to_group


class Scope(StrEnum):
    """How far a change of one date of a series reaches."""

    ONE = "one"
    FROM = "from"
    ALL = "all"


def in_scope(booking: Booking, origin: Occurrence, scope: str, now: datetime) -> list[Occurrence]:
    """The approved dates to come that a change of one of them reaches."""
    coming = booking.coming(now)
    if scope == Scope.ALL:
        return coming
    if scope == Scope.FROM:
        return [each for each in coming if each.start >= origin.start]
    return [origin]


def in_step(booking: Booking, origin: Occurrence, place: Place, scope: str, now: datetime) -> dict[Occurrence, Place]:
    """Where the dates in scope go if one of them goes to ``place``; those that stay where they are, are left out.

    What changes is the day of the week, the begin, the end and the room, each
    where a date had it in common with that one. So a date keeps what it has of its own.
    """
    found = {each: _like(each, origin, place) for each in in_scope(booking, origin, scope, now)}
    return {each: there for each, there in found.items() if there != (each.room_id, each.slot)}


def _like(each: Occurrence, origin: Occurrence, place: Place) -> Place:
    """Where a date goes if another goes to ``place``, which it follows in what the two have in common."""
    if each is origin:
        return place
    (day, begins, ends), (old_day, old_begins, old_ends), (new_day, new_begins, new_ends) = (
        _wall(slot) for slot in (each.slot, origin.slot, place.slot)
    )
    if day.weekday() == old_day.weekday():
        day += new_day - old_day
    if begins == old_begins:
        begins = new_begins
    if ends == old_ends:
        ends = new_ends
    room_id = place.room_id if each.room_id == origin.room_id else each.room_id
    if ends <= begins:  # a short one of its own
        return Place(room_id, each.slot)
    minutes = (ends - begins) // timedelta(minutes=1)
    return Place(room_id, Slot.on(day, time(begins.seconds // 3600, begins.seconds // 60 % 60), minutes, house().zone))


def _wall(slot: Slot) -> tuple[date, timedelta, timedelta]:
    """Its day, and when it begins and ends on the wall clock, counted from the midnight before."""
    zone = house().zone
    start = slot.start.astimezone(zone)
    begins = timedelta(hours=start.hour, minutes=start.minute)
    return start.date(), begins, begins + timedelta(minutes=slot.wall_minutes(zone))


def move(
    booking: Booking,
    places: Mapping[int, Place],
    *,
    reason: str,
    message: str = "",
    seen_version: int,
    by: StaffMember,
    now: datetime,
) -> Letter | None:
    """Put approved dates elsewhere, by occurrence id, at once, and tell the group why.

    Raises ``NotFree`` where somebody sits there or it is closed; then all stay.
    """
    with updating(booking, places=places.values(), seen_version=seen_version):
        moved = {_approved(booking, id_, Action.MOVE, now): place for id_, place in places.items()}
        return _move(booking, moved, reason=reason, message=message, by=by, now=now)


def _move(
    booking: Booking,
    places: Mapping[Occurrence, Place],
    *,
    reason: str,
    message: str,
    by: StaffMember,
    now: datetime,
) -> Letter | None:
    wanted = [wanted_at(each, place) for each, place in places.items()]
    for found in check(wanted, now, exclude=[each.id for each in places]):
        if found.state in IN_THE_WAY:
            raise NotFree(found)
    send_waiting(booking, by, now)
    return lifecycle.take(
        booking,
        {Action.MOVE: list(places)},
        by=by,
        reasons={each.id: reason for each in places},
        message=message,
        places={each.id: place for each, place in places.items()},
        now=now,
    )


def make_way(
    booking: Booking,
    cancelled: Mapping[int, str],
    moved: Mapping[int, Place],
    *,
    reason: str,
    message: str,
    by: StaffMember,
    now: datetime,
) -> list[Letter]:
    """Cancel and move approved dates, by occurrence id, so that others get their places: in the transaction at hand.

    ``cancelled`` gives the reason for each. The letters come in this order.
    """
    letters = []
    dates = [_approved(booking, id_, Action.CANCEL, now) for id_ in cancelled]
    if dates:
        send_waiting(booking, by, now)
        how: dict[str, Any] = {"reasons": cancelled, "message": message}
        letters.append(lifecycle.take(booking, {Action.CANCEL: dates}, by=by, now=now, **how))
    places = {_approved(booking, id_, Action.MOVE, now): place for id_, place in moved.items()}
    if places:
        letters.append(_move(booking, places, reason=reason, message=message, by=by, now=now))
    return [letter for letter in letters if letter]


def _approved(booking: Booking, occurrence_id: int, action: Action, now: datetime) -> Occurrence:
    """The approved date of this id that is still to come, or ``NotPossible``."""
    date = next(date for date in booking.occurrences if date.id == occurrence_id)
    if date.status is not Status.APPROVED or date.end <= now:
        raise NotPossible(date.status, action)
    return date


def cancel(
    booking: Booking,
    reasons: Mapping[int, str],
    *,
    message: str = "",
    seen_version: int,
    by: StaffMember,
    now: datetime,
) -> Letter | None:
    """Cancel approved dates, by occurrence id, and tell the group why; their rooms are free at once."""
    with updating(booking, seen_version=seen_version):
        dates = [_approved(booking, occurrence_id, Action.CANCEL, now) for occurrence_id in reasons]
        send_waiting(booking, by, now)
        return lifecycle.take(booking, {Action.CANCEL: dates}, by=by, reasons=reasons, message=message, now=now)


def cancelled_to_come(booking: Booking, now: datetime) -> list[Occurrence]:
    """The dates that were cancelled, by the group or the team, and have not begun."""
    return [each for each in booking.dates(Status.CANCELLED) if each.start > now]


def put_back(
    booking: Booking,
    ids: Collection[int],
    *,
    message: str = "",
    seen_version: int,
    by: StaffMember,
    now: datetime,
) -> Letter | None:
    """Let cancelled dates take place after all, and tell the group; the letter leaves at once.

    Raises ``NotFree`` where others have the room by now or it is closed, and
    ``NotPossible`` for what is not cancelled, or has begun; then none is put back.
    """
    with updating(booking, seen_version=seen_version):
        dates = [each for each in booking.occurrences if each.id in ids]
        for each in dates:
            if each not in cancelled_to_come(booking, now):
                raise NotPossible(each.status, Action.RESTORE)
        for found in check([Wanted(each.room, each.occupied) for each in dates], now):
            if found.state in IN_THE_WAY:
                raise NotFree(found)
        send_waiting(booking, by, now)
        lifecycle.take(booking, {Action.RESTORE: dates}, by=by, now=now)
        letter = to_group("put_back", booking, dates, message=message, now=now)
        if letter:
            lifecycle.tells_of(letter, dates)
        return letter


def settle_changes(
    booking: Booking,
    change_ids: Collection[int],
    *,
    accept: bool,
    reason: str = "",
    message: str = "",
    seen_version: int,
    by: StaffMember,
    now: datetime,
) -> Letter | None:
    """Say yes to changes that the group asked for, with a ``message``, or no with a ``reason``; then its dates stay.

    One letter tells of all of them. Raises ``NotFree`` where a yes is not
    possible for one of them, and ``Stale`` where one is settled already; then
    none is settled.
    """
    wished = db.session.scalars(db.select(Change).where(Change.id.in_(change_ids)))
    with updating(booking, places=[Place(each.room_id, each.slot) for each in wished], seen_version=seen_version):
        changes = [change for date in booking.occurrences if (change := date.open_change) and change.id in change_ids]
        if not changes or len(changes) < len(change_ids):
            raise Stale
        dates = [_approved(booking, each.occurrence_id, Action.MOVE, now) for each in changes]
        if accept:
            places = {each.occurrence: Place(each.room_id, each.slot) for each in changes}
            return _move(booking, places, reason="", message=message, by=by, now=now)
        send_waiting(booking, by, now)
        for change in changes:
            lifecycle.end_change(change, Action.REFUSE)
        log.record("refuse_change", booking, by=by, dates=changes, now=now)
        how: dict[str, Any] = {"send_at": outbox.undo_until(now), "with_calendar": False}
        letter = to_group("change_declined", booking, dates, reason=reason.strip(), now=now, **how)
        if letter:
            lifecycle.tells_of(letter, dates)
        return letter
