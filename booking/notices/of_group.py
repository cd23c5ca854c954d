"""What a group reads about what it has done itself, and about what is coming."""

from collections.abc import Sequence
from datetime import datetime

from booking.domain.policy import UNDO_CANCEL
from booking.domain.status import Status
from booking.house import house
from booking.models import Booking, Letter, Occurrence
from booking.notices.frame import attached, is_outside, is_staying, to_group
from booking.notices.to_office import Counts, new_request


def requested(booking: Booking, counts: Counts, now: datetime) -> None:
    """A request has come in: the group gets its link, the office a link to decide."""
    received(booking, now)
    new_request(booking, counts, now)


def received(booking: Booking, now: datetime) -> Letter | None:
    """The group gets its link: at once, and again at the right address after it was corrected."""
    return to_group("requested", booking, now=now, days=house().answer_working_days)


def withdrawn(booking: Booking, occurrences: Sequence[Occurrence], now: datetime) -> Letter | None:
    """The group has taken its request back, or some of its dates while others still wait."""
    waiting = any(each not in occurrences for each in booking.dates(Status.REQUESTED, Status.PROPOSED))
    staying = is_staying(booking, occurrences, now)
    return to_group("withdrawn", booking, now=now, withdrawn=occurrences, waiting=waiting, staying=staying)


def cancelled_by_group(booking: Booking, occurrences: Sequence[Occurrence], now: datetime) -> Letter | None:
    """The group has cancelled approved dates; the attached file takes them out of its calendar."""
    undo_until = now + UNDO_CANCEL
    return to_group(
        "cancelled_by_group",
        booking,
        now=now,
        calendar=attached(booking, occurrences),
        cancelled=occurrences,
        staying=is_staying(booking, occurrences, now),
        minutes=UNDO_CANCEL.seconds // 60,
        undo_until=undo_until if any(date.end > undo_until for date in occurrences) else None,
    )


def restored(booking: Booking, occurrences: Sequence[Occurrence], now: datetime) -> Letter | None:
    """The group has taken a cancellation back; the attached file puts the dates into its calendar again."""
    return to_group("restored", booking, now=now, calendar=attached(booking, occurrences), restored=occurrences)


def accepted(booking: Booking, occurrences: Sequence[Occurrence], now: datetime) -> Letter | None:
    """The group has said yes to a proposal: its dates are confirmed and attached."""
    return to_group(
        "accepted",
        booking,
        now=now,
        calendar=attached(booking, occurrences),
        accepted=occurrences,
        outside=is_outside(occurrences),
    )


def proposal_expired(booking: Booking, occurrences: Sequence[Occurrence], now: datetime) -> Letter | None:
    """The group has not answered a proposal in time; its room is free for others again."""
    changes = [occurrence.changes[-1] for occurrence in occurrences]
    return to_group("proposal_expired", booking, now=now, changes=changes)


def reminder(booking: Booking, occurrence: Occurrence, now: datetime) -> Letter | None:
    """A date is the day after tomorrow."""
    return to_group("reminder", booking, now=now, occurrence=occurrence, outside=is_outside([occurrence]))


def series_ends(booking: Booking, last: Occurrence, now: datetime) -> Letter | None:
    """The last date of a series comes closer: does the group want to go on?"""
    return to_group("series_ends", booking, now=now, last=last)


def details_changed(booking: Booking, now: datetime) -> Letter | None:
    """The title has changed. The attached file renames the dates to come, if their ``sequence`` was raised."""
    dates = booking.coming(now)
    return to_group("details_changed", booking, now=now, calendar=attached(booking, dates), coming=dates)
