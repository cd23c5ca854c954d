"""What the group is told when the team has decided, moved, cancelled or asked something.

Where the team reads a letter before it is sent, ``render_…`` gives what the
letter of the same name would say; nothing is stored.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app

from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.models import Booking, Change, Letter, Occurrence, Room
from booking.notices.frame import Text, attached, for_the_team, is_outside, is_staying, letter_text, to_group

Reasons = Mapping[int, str]


class Proposal(NamedTuple):
    """Another time or room for a date, not stored yet; ``answer_by`` only where the group is asked."""

    occurrence: Occurrence
    room: Room
    slot: Slot
    answer_by: datetime | None = None

    @property
    def former_room(self) -> Room:
        return self.occurrence.room

    @property
    def former_slot(self) -> Slot:
        return self.occurrence.slot


def dates_decided(
    booking: Booking,
    approved: Sequence[Occurrence],
    declined: Sequence[Occurrence],
    proposed: Sequence[Occurrence],
    message: str,
    now: datetime,
) -> Letter | None:
    """Dates were decided. The letter waits while the decision can be taken back; approved dates are attached."""
    proposals = [occurrence.changes[-1] for occurrence in proposed]
    return to_group(
        _kind_of_decision(booking, approved, declined, proposals),
        booking,
        now=now,
        send_at=now + timedelta(seconds=current_app.config["UNDO_SECONDS"]),
        calendar=attached(booking, approved),
        **_decision_values(booking, approved, declined, proposals, message, {}),
    )


def render_decision(
    booking: Booking,
    approved: Sequence[Occurrence],
    declined: Sequence[Occurrence],
    proposals: Sequence[Proposal],
    message: str,
    reasons: Reasons | None = None,
) -> Text:
    """The letter that ``dates_decided`` would put. ``reasons`` are those not stored yet, by occurrence id."""
    values = _decision_values(booking, approved, declined, proposals, message, reasons or {})
    return _previewed(_kind_of_decision(booking, approved, declined, proposals), booking, values)


def moved(booking: Booking, occurrences: Sequence[Occurrence], now: datetime, message: str) -> Letter | None:
    """Approved dates have another time or room, by the team's own doing or because the group asked for it."""
    changes = [occurrence.changes[-1] for occurrence in occurrences]
    as_wished = all(change.proposed_by == "group" for change in changes)
    values = _moved_values(booking, changes, as_wished, message, {}, now)
    return to_group("moved", booking, now=now, calendar=attached(booking, occurrences), **values)


def render_moved(
    booking: Booking, moves: Sequence[Proposal], message: str, now: datetime, reasons: Reasons | None = None
) -> Text:
    """The letter that ``moved`` would put. ``reasons`` are those not stored yet, by occurrence id."""
    as_wished = all(_is_wished(move) for move in moves)
    return _previewed("moved", booking, _moved_values(booking, moves, as_wished, message, reasons or {}, now))


def cancelled_by_team(
    booking: Booking, occurrences: Sequence[Occurrence], now: datetime, message: str
) -> Letter | None:
    """Approved dates cannot take place; the attached file takes them out of the group's calendar."""
    values = _cancelled_values(occurrences, message, {})
    return to_group("cancelled_by_team", booking, now=now, calendar=attached(booking, occurrences), **values)


def render_cancelled(
    booking: Booking, occurrences: Sequence[Occurrence], message: str, reasons: Reasons | None = None
) -> Text:
    """The letter that ``cancelled_by_team`` would put. ``reasons`` are those not stored yet, by occurrence id."""
    return _previewed("cancelled_by_team", booking, _cancelled_values(occurrences, message, reasons or {}))


def change_declined(booking: Booking, occurrences: Sequence[Occurrence], message: str, now: datetime) -> Letter | None:
    """What the group wanted to change is not possible, and its dates stay; ``message`` is the reason it reads."""
    changes = [occurrence.changes[-1] for occurrence in occurrences]
    return to_group("change_declined", booking, now=now, changes=changes, reason=message.strip())


def render_change_declined(booking: Booking, changes: Sequence[Change], reason: str) -> Text:
    """The letter that ``change_declined`` would put."""
    return _previewed("change_declined", booking, {"changes": changes, "reason": reason.strip()})


def question_asked(booking: Booking, now: datetime) -> Letter | None:
    """The team wants to know something before it decides."""
    return to_group("question", booking, now=now, question=booking.question.strip())


def render_question(booking: Booking, question: str) -> Text:
    """The letter that ``question_asked`` would put."""
    return _previewed("question", booking, {"question": question.strip()})


def _previewed(kind: str, booking: Booking, values: Mapping[str, Any]) -> Text:
    return Text(*(for_the_team(part, booking.contact) for part in letter_text(kind, booking, **values)))


def _is_wished(move: Proposal) -> bool:
    """Whether this is what the group has asked for."""
    change = move.occurrence.open_change
    return change is not None and change.proposed_by == "group" and (change.room, change.slot) == (move.room, move.slot)


def _kind_of_decision(
    booking: Booking, approved: Sequence[Occurrence], declined: Sequence[Occurrence], proposals: Sequence[Any]
) -> str:
    if not approved:
        return "proposal" if proposals else "declined"
    is_all = not declined and not proposals and not _undecided(booking, approved, declined, proposals)
    return "approved" if is_all else "partly_approved"


def _decision_values(
    booking: Booking,
    approved: Sequence[Occurrence],
    declined: Sequence[Occurrence],
    proposals: Sequence[Any],
    message: str,
    reasons: Reasons,
) -> dict[str, Any]:
    return {
        "approved": sorted(approved, key=lambda occurrence: occurrence.start),
        "declined": _with_reasons(declined, reasons),
        "reason": _shared_reason(declined, reasons),
        "proposals": sorted(proposals, key=lambda proposal: proposal.slot.start),
        "answer_by": min((each.answer_by for each in proposals if each.answer_by), default=None),
        "undecided": _undecided(booking, approved, declined, proposals),
        "outside": is_outside(approved),
        "message": message.strip(),
    }


def _undecided(
    booking: Booking, approved: Sequence[Occurrence], declined: Sequence[Occurrence], proposals: Sequence[Any]
) -> list[Occurrence]:
    decided = [*approved, *declined, *(proposal.occurrence for proposal in proposals)]
    return [date for date in booking.dates(Status.REQUESTED) if date not in decided]


def _moved_values(
    booking: Booking, changes: Sequence[Any], as_wished: bool, message: str, reasons: Reasons, now: datetime
) -> dict[str, Any]:
    occurrences = [change.occurrence for change in changes]
    sentences = dict(_with_reasons(occurrences, reasons))
    return {
        "changes": [(change, sentences[change.occurrence]) for change in changes],
        "reason": _shared_reason(occurrences, reasons),
        "as_wished": as_wished,
        "only": len(booking.occurrences) == 1,
        "staying": is_staying(booking, occurrences, now),
        "message": message.strip(),
    }


def _cancelled_values(occurrences: Sequence[Occurrence], message: str, reasons: Reasons) -> dict[str, Any]:
    return {
        "cancelled": _with_reasons(occurrences, reasons),
        "reason": _shared_reason(occurrences, reasons),
        "message": message.strip(),
    }


def _with_reasons(occurrences: Sequence[Occurrence], reasons: Reasons) -> list[tuple[Occurrence, str]]:
    return [(occurrence, reasons.get(occurrence.id, occurrence.reason)) for occurrence in occurrences]


def _shared_reason(occurrences: Sequence[Occurrence], reasons: Reasons) -> str:
    """The reason that holds for all of them; empty where there are several."""
    sentences = {sentence for _, sentence in _with_reasons(occurrences, reasons)}
    return sentences.pop() if len(sentences) == 1 else ""
