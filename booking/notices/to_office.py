"""What the office is told of what groups do: in German, with a link to the decision."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from booking.domain.status import ChangeState
from booking.models import Booking, Change, Letter, Occurrence
from booking.notices.frame import to_office


class Counts(NamedTuple):
    """What the team wants to know of a request at a glance: dates that are …"""

    free: int
    taken: int
    requested: int  # wanted by others too
    outside: int  # of opening hours


def new_request(booking: Booking, counts: Counts, now: datetime) -> Letter:
    """A group asks for dates."""
    return to_office("new_request", booking, now, counts=counts)


def change_requested(booking: Booking, changes: Sequence[Change], now: datetime) -> Letter:
    """A group wants another time or room; for dates that were not decided yet it has it already."""
    return to_office(
        "change_requested",
        booking,
        now,
        wished=[change for change in changes if change.state is ChangeState.OPEN],
        made=[change for change in changes if change.state is not ChangeState.OPEN],
        notes=list(dict.fromkeys(change.note.strip() for change in changes if change.note.strip())),
    )


def answered(booking: Booking, now: datetime) -> Letter:
    """A group has answered the team's question."""
    return to_office("answered", booking, now)


def proposal_refused(booking: Booking, occurrences: Sequence[Occurrence], note: str, now: datetime) -> Letter:
    """A group does not want what the team has proposed; ``note`` is what it says to that."""
    changes = [occurrence.changes[-1] for occurrence in occurrences]
    return to_office("proposal_refused", booking, now, changes=changes, note=note.strip())


def extended(booking: Booking, occurrences: Sequence[Occurrence], now: datetime) -> Letter:
    """A group wants to go on, with these further dates."""
    return to_office("extended", booking, now, added=sorted(occurrences, key=lambda occurrence: occurrence.start))
