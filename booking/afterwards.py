"""What the team does with approved dates: move, cancel, put back what was cancelled, settle what a group wishes for."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from booking import lifecycle, log
from booking.availability.check import check
from booking.database import db
from booking.deciding import IN_THE_WAY, NotFree, send_waiting, wanted_at
from booking.domain.status import Action, NotPossible, Status
from booking.letters import outbox
from booking.lifecycle import Place, Stale, updating
from booking.models import Booking, Change, Letter, Occurrence, StaffMember
from booking.notices.frame import to_group


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
    wanted = [wanted_at(date, place) for date, place in places.items()]
    for found in check(wanted, now, exclude=[date.id for date in places]):
        if found.state in IN_THE_WAY:
            raise NotFree(found)
    send_waiting(booking, by, now)
    return lifecycle.take(
        booking,
        {Action.MOVE: list(places)},
        by=by,
        reasons={date.id: reason for date in places},
        message=message,
        places={date.id: place for date, place in places.items()},
        now=now,
    )


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
