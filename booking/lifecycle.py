"""The one place where the status of a date changes.

Every step, by the group, the team or the system, goes through ``take``: it
asks the table of transitions, writes the rows, the record and the letter. So
nobody can forget one of them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from booking import log, notices
from booking.database import db
from booking.domain.status import Action, Status, after
from booking.models import Booking, House, Letter, Occurrence, StaffMember
from booking.schedule import house

Steps = Mapping[Action, Sequence[Occurrence]]

#: What the public sees on screens, in calendars and feeds.
PUBLIC = {Status.APPROVED, Status.CANCELLED}


def take(
    booking: Booking,
    steps: Steps,
    *,
    by: StaffMember | None = None,
    actor: str = "team",
    reasons: Mapping[int, str] | None = None,
    message: str = "",
    now: datetime,
) -> Letter | None:
    """Take steps for dates of one booking, in the transaction at hand.

    ``reasons`` gives the sentence the group reads, by occurrence id.
    ``message`` is the team's own words in the letter. Returns the letter that
    tells of it, if one does. Raises ``NotPossible`` for a step that the status
    does not allow, and the database refuses a room that is taken.
    """
    for action, occurrences in steps.items():
        if not occurrences:
            continue
        for occurrence in occurrences:
            before = occurrence.status
            occurrence.status = after(before, action)
            occurrence.reason = (reasons or {}).get(occurrence.id, "")
            occurrence.cancelled_by_group = action is Action.CANCEL and actor == "group"
            undone = action is Action.UNDO
            occurrence.decided_at = None if undone else now
            occurrence.decided_by_id = by.id if by and not undone else None
            occurrence.letter_id = None
            occurrence.changed_at = now
            occurrence.sequence += 1
            if PUBLIC & {before, occurrence.status}:
                house().version = House.version + 1  # counted by the database: others add too
        log.record(action.value, booking, by=by, actor=actor, count=len(occurrences), now=now)
    booking.version += 1
    db.session.flush()
    letter = _letter(booking, steps, actor=actor, message=message, now=now)
    if letter:
        db.session.flush()
        for occurrence in (date for dates in steps.values() for date in dates):
            occurrence.letter_id = letter.id
    return letter


def _letter(booking: Booking, steps: Steps, *, actor: str, message: str, now: datetime) -> Letter | None:
    """The letter that tells the group of these steps; none for what it can see by itself."""
    if Action.APPROVE in steps or Action.DECLINE in steps:
        approved, declined = steps.get(Action.APPROVE, ()), steps.get(Action.DECLINE, ())
        return notices.decided(booking, list(approved), list(declined), message, now)
    if Action.WITHDRAW in steps:
        return notices.withdrawn(booking, list(steps[Action.WITHDRAW]), now)
    if Action.CANCEL in steps and actor == "group":
        return notices.cancelled_by_group(booking, list(steps[Action.CANCEL]), now)
    return None
