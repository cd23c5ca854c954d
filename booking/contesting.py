"""What the team decides about several bookings that want the same, in one go: all of it happens, or nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from booking import afterwards
from booking.availability.check import check
from booking.availability.wanted import Wanted
from booking.deciding import NotFree, apply_verdicts
from booking.lifecycle import Place, Stale, updating_all
from booking.models import Booking, Letter, StaffMember


@dataclass(frozen=True)
class Ruling:
    """What becomes of the dates of one of the bookings, by occurrence id.

    ``decline`` and ``cancel`` give the reason that the group reads, ``reason``
    is the one for dates that ``move`` elsewhere.
    """

    booking: Booking
    seen_version: int
    approve: Collection[int] = ()
    decline: Mapping[int, str] = field(default_factory=dict)
    cancel: Mapping[int, str] = field(default_factory=dict)
    move: Mapping[int, Place] = field(default_factory=dict)
    reason: str = ""
    message: str = ""


def decide_together(rulings: Sequence[Ruling], *, by: StaffMember, now: datetime) -> list[Letter]:
    """Decide on several bookings in one transaction, with the letters to their groups; what gives way goes first.

    Raises ``Stale`` where somebody has changed one of them since it was seen,
    ``NotFree`` where a place is not to be had, and ``NotPossible`` for a date
    that cannot take its step. Then nothing has happened to any of them.
    """
    room_ids = {place.room_id for each in rulings for place in each.move.values()}
    with updating_all([each.booking for each in rulings], room_ids):
        if any(each.booking.version != each.seen_version for each in rulings):
            raise Stale
        letters = []
        for each in rulings:
            letters += afterwards.make_way(
                each.booking, each.cancel, each.move, reason=each.reason, message=each.message, by=by, now=now
            )
        for each in rulings:
            if each.approve or each.decline:
                done = apply_verdicts(
                    each.booking, approve=each.approve, decline=each.decline, message=each.message, by=by, now=now
                )
                for date in done.taken:
                    raise NotFree(check([Wanted(date.room, date.occupied)], now)[0])
                letters += [done.letter] if done.letter else []
        return letters
