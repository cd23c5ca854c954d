"""What the team does: decide per date, and take a decision back while its letter waits."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from booking import lifecycle, log, outbox
from booking.database import db, transaction
from booking.domain.status import Action, Status, after
from booking.models import Booking, Letter, Occurrence, StaffMember
from booking.schedule import Wanted, claim_booking, conflicts


class Stale(Exception):
    """The booking has changed since the page was shown; nothing was saved."""


class TooLate(Exception):
    """The letter is on its way already, so the decision cannot be taken back."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of it. ``taken``: dates whose room was given to others meanwhile, by whom; they stay undecided."""

    letter: Letter | None
    approved: tuple[Occurrence, ...]
    declined: tuple[Occurrence, ...]
    taken: Mapping[Occurrence, Occurrence]


def decide(
    booking: Booking,
    *,
    approve: Collection[int] = (),
    decline: Mapping[int, str] | None = None,
    message: str = "",
    seen_version: int,
    by: StaffMember,
    now: datetime,
) -> Decision:
    """Approve and decline dates of a booking, by occurrence id, in one transaction and one letter.

    ``decline`` gives the reason that the group reads. Raises ``Stale`` where
    somebody else has changed the booking since ``seen_version``, and
    ``NotPossible`` where a date is decided already. A date whose room was taken
    meanwhile is left undecided and named; the others are decided.
    """
    decline = decline or {}
    with transaction():
        claim_booking(booking)
        if booking.version != seen_version:
            raise Stale
        wished = [date for date in booking.occurrences if date.id in approve]
        for date in wished:
            after(date.status, Action.APPROVE)  # an approved date would be found in its own way
        sitting = conflicts([Wanted(date.room, date.occupied) for date in wished])
        free = [date for index, date in enumerate(wished) if index not in sitting]
        refused = [date for date in booking.occurrences if date.id in decline]
        letter = None
        if free or refused:
            letter = lifecycle.take(
                booking,
                {Action.APPROVE: free, Action.DECLINE: refused},
                by=by,
                reasons=decline,
                message=message,
                now=now,
            )
    taken = {wished[index]: db.session.get_one(Occurrence, other) for index, other in sitting.items()}
    return Decision(letter, tuple(free), tuple(refused), taken)


def undo(booking: Booking, *, by: StaffMember, now: datetime) -> int:
    """Take the last decision back and stop its letter; returns the number of dates that are open again.

    Raises ``TooLate`` where the letter no longer waits.
    """
    with transaction():
        claim_booking(booking)
        letter = waiting_letter(booking, now)
        if letter is None or not outbox.stop(letter):
            raise TooLate
        dates = [date for date in booking.occurrences if date.letter_id == letter.id]
        lifecycle.take(booking, {Action.UNDO: dates}, by=by, now=now)
        return len(dates)


def send_now(booking: Booking, *, by: StaffMember, now: datetime) -> None:
    """Let the waiting letter of the last decision go at once; does nothing where it is gone already."""
    with transaction():
        letter = waiting_letter(booking, now)
        if letter:
            outbox.send_now(letter, now)
            log.record("send_now", booking, by=by, now=now)


def waiting_letter(booking: Booking, now: datetime) -> Letter | None:
    """The letter of the last decision, while it can still be stopped."""
    decided = booking.dates(Status.APPROVED, Status.DECLINED, Status.PROPOSED)
    ids = {date.letter_id for date in decided if date.letter_id and date.decided_by_id}
    return db.session.scalars(
        db.select(Letter)
        .where(Letter.id.in_(ids), Letter.state == "waiting", Letter.send_at > now)
        .order_by(Letter.id.desc())
    ).first()
