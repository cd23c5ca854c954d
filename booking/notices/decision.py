"""The one letter about a decision, whatever it says of its dates."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from booking.domain.status import GOING_ON, Status
from booking.letters import outbox
from booking.models import Booking, Change, Letter, Occurrence
from booking.notices.frame import Proposal, Text, preview_letter, to_group


def dates_decided(
    booking: Booking,
    approved: Sequence[Occurrence],
    declined: Sequence[Occurrence],
    proposed: Sequence[Occurrence],
    message: str,
    now: datetime,
) -> Letter | None:
    """Dates were decided. The letter waits while the decision can be taken back; approved dates are attached."""
    values = _values(booking, approved, declined, [date.changes[-1] for date in proposed])
    send_at = outbox.undo_until(now)
    return to_group(**values, booking=booking, dates=approved, message=message, now=now, send_at=send_at)


def render_decision(
    booking: Booking,
    approved: Sequence[Occurrence],
    declined: Sequence[Occurrence],
    proposals: Sequence[Proposal],
    message: str,
    reasons: Mapping[int, str],
    now: datetime,
) -> Text:
    """The letter that ``dates_decided`` would put. ``reasons`` are those not stored yet, by occurrence id."""
    values = _values(booking, approved, declined, proposals)
    return preview_letter(**values, booking=booking, dates=approved, message=message, reasons=reasons, now=now)


def _values(
    booking: Booking,
    approved: Sequence[Occurrence],
    declined: Sequence[Occurrence],
    proposals: Sequence[Change | Proposal],
) -> dict[str, Any]:
    decided = [*approved, *declined, *(proposal.occurrence for proposal in proposals)]
    undecided = [date for date in booking.dates(Status.REQUESTED) if date not in decided]
    of_all = {
        "approved": {*booking.dates(Status.APPROVED), *approved},
        "declined": {*booking.dates(Status.DECLINED), *declined},
        "all": {*booking.dates(*GOING_ON, Status.DECLINED), *approved},  # also those that are not stored yet
    }
    if not approved:
        kind = "proposal" if proposals else "declined"
    else:
        kind = "partly_approved" if declined or proposals or undecided else "approved"
    return {
        "kind": kind,
        "declined": declined,
        "changes": proposals,
        "answer_by": min((each.answer_by for each in proposals if each.answer_by), default=None),
        "undecided": undecided,
        "counts": {name: len(dates) for name, dates in of_all.items()},  # what is true of the whole, for subjects
    }
