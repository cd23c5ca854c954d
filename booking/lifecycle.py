"""The one place where the status of a date changes, or its room and time.

Every step, by the group, the team or the system, goes through ``take``: it
asks the table of transitions, writes the rows, the record and the letter. So
nobody can forget one of them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from booking import log, notices
from booking.database import db
from booking.domain.slot import Slot
from booking.domain.status import PUBLIC, Action, Status, after
from booking.house import house
from booking.letters import outbox
from booking.models import Booking, Change, House, Letter, Occurrence, StaffMember

Steps = Mapping[Action, Sequence[Occurrence]]

#: What becomes of an open change when a step is taken for its date.
SETTLED = {
    Action.ACCEPT: "accepted",
    Action.REFUSE: "refused",
    Action.EXPIRE: "expired",
    Action.MOVE: "accepted",
    Action.UNDO: "withdrawn",
    Action.CANCEL: "withdrawn",
    Action.WITHDRAW: "withdrawn",
}

#: Steps after which a date is back where it was before it was proposed elsewhere.
BACK = {Action.REFUSE, Action.EXPIRE, Action.UNDO}


class Place(NamedTuple):
    """A room and the time of the meeting in it, without set-up and tidying up."""

    room_id: int
    slot: Slot


def take(
    booking: Booking,
    steps: Steps,
    *,
    by: StaffMember | None = None,
    actor: str = "team",
    reasons: Mapping[int, str] | None = None,
    message: str = "",
    places: Mapping[int, Place] | None = None,
    answer_by: datetime | None = None,
    now: datetime,
) -> Letter | None:
    """Take steps for dates of one booking, in the transaction at hand.

    ``reasons`` gives the sentence the group reads, by occurrence id.
    ``message`` is the team's own words in the letter. ``places`` says, by
    occurrence id, where dates are proposed or moved to, and ``answer_by`` until
    when proposals hold their rooms. Returns the letter that tells of it, if one
    does. Raises ``NotPossible`` for a step that the status does not allow, and
    the database refuses a room that is taken.
    """
    for action, occurrences in steps.items():
        if not occurrences:
            continue
        for occurrence in occurrences:
            before = occurrence.status
            with db.session.no_autoflush:  # status and place change as one, or the former place would have to be free
                occurrence.status = after(before, action)
                if action in (Action.PROPOSE, Action.MOVE):
                    _move(occurrence, action, (places or {})[occurrence.id], actor, answer_by, now)
                else:
                    _settle(occurrence, action, now)
            is_open = occurrence.status is Status.REQUESTED
            occurrence.reason = (reasons or {}).get(occurrence.id, "")
            occurrence.cancelled_by_group = action is Action.CANCEL and actor == "group"
            occurrence.decided_at = None if is_open else now
            occurrence.decided_by_id = by.id if by and not is_open else None
            occurrence.letter_id = None
            occurrence.changed_at = now
            occurrence.sequence += 1
            if PUBLIC & {before, occurrence.status}:
                house().version = House.version + 1  # counted by the database: others add too
        log.record(action.value, booking, by=by, actor=actor, count=len(occurrences), now=now)
    booking.version += 1
    db.session.flush()
    for occurrence in (date for dates in steps.values() for date in dates):
        db.session.expire(occurrence, ["room", "original_room"])  # the letter tells of the room that it has now
    letter = _letter(booking, steps, actor=actor, message=message, now=now)
    if letter:
        db.session.flush()
        for occurrence in (date for dates in steps.values() for date in dates):
            occurrence.letter_id = letter.id
    return letter


def rename(booking: Booking, title: str, now: datetime) -> Letter | None:
    """Give a booking another title, in the transaction at hand. Calendars that hold its dates to come are told."""
    booking.title, booking.title_wish = title, ""
    booking.version += 1
    if booking.dates(*PUBLIC):
        house().version = House.version + 1
    coming = [each for each in booking.dates(Status.APPROVED) if each.end > now]
    for occurrence in coming:
        occurrence.changed_at = now
        occurrence.sequence += 1
    db.session.flush()
    return notices.details_changed(booking, now) if coming else None


def _move(
    occurrence: Occurrence, action: Action, place: Place, actor: str, answer_by: datetime | None, now: datetime
) -> None:
    """Put a date elsewhere, and remember where it was. A change the group asked for is settled by it."""
    change = occurrence.open_change
    if change is None or (change.room_id, change.slot) != place:
        _settle(occurrence, Action.CANCEL, now)
        change = Change(
            proposed_by="group" if actor == "group" else "team",
            room_id=place.room_id,
            start=place.slot.start,
            end=place.slot.end,
            former_room_id=occurrence.room_id,
            former_start=occurrence.start,
            former_end=occurrence.end,
            created_at=now,
        )
        occurrence.changes.append(change)
    if action is Action.MOVE:
        change.state, change.settled_at = "accepted", now
    else:
        change.answer_by = answer_by
    _put(occurrence, *place)
    if occurrence.status is Status.REQUESTED:
        _forget_origin(occurrence)


def _settle(occurrence: Occurrence, action: Action, now: datetime) -> None:
    """End what was still being talked about, as far as this step decides it."""
    change = occurrence.open_change
    if change is None or action not in SETTLED:
        return
    change.state, change.settled_at = SETTLED[action], now
    if change.proposed_by == "team" and action in BACK:
        _put(occurrence, change.former_room_id, change.former_slot)
    if change.proposed_by == "team" and action is Action.ACCEPT:
        _forget_origin(occurrence)


def _put(occurrence: Occurrence, room_id: int, slot: Slot) -> None:
    if occurrence.doors is not None:
        occurrence.doors += slot.start - occurrence.start
    occurrence.room_id, occurrence.start, occurrence.end = room_id, slot.start, slot.end


def _forget_origin(occurrence: Occurrence) -> None:
    """A date that was never public elsewhere has not been moved."""
    occurrence.original_start, occurrence.original_room_id = occurrence.start, occurrence.room_id


def _letter(booking: Booking, steps: Steps, *, actor: str, message: str, now: datetime) -> Letter | None:
    """The letter that tells the group of these steps; none for what it can see by itself."""
    dates = {action: list(occurrences) for action, occurrences in steps.items() if occurrences}
    by_letter: dict[Callable[..., Letter | None], list[Occurrence]] = {}
    for action, occurrences in dates.items():
        tell = log.STEPS[action, actor].letter
        if tell:
            by_letter.setdefault(tell, []).extend(occurrences)
    letter = None
    for tell, occurrences in by_letter.items():
        if tell is notices.dates_decided:
            parts = (dates.get(action, []) for action in (Action.APPROVE, Action.DECLINE, Action.PROPOSE))
            letter = tell(booking, *parts, message, now)
        elif actor == "group":
            letter = _gathered(tell, booking, occurrences, now)
        else:
            letter = tell(booking, occurrences, now, *([message] if actor == "team" else []))
    return letter


def _gathered(
    tell: Callable[[Booking, Sequence[Occurrence], datetime], Letter | None],
    booking: Booking,
    dates: Sequence[Occurrence],
    now: datetime,
) -> Letter | None:
    """One letter about steps of a group that follow each other within minutes: it waits a little from the first on."""
    earlier = outbox.recall(tell.__name__, booking, booking.contact)
    if earlier:
        told = [each for each in booking.occurrences if each.letter_id == earlier.id]
        dates = sorted({*dates, *told}, key=lambda each: each.start)
    letter = tell(booking, dates, now)
    if letter:
        letter.created_at = earlier.created_at if earlier else now
        letter.send_at = max(letter.send_at, letter.created_at + outbox.gathering())
        for each in dates:
            each.letter_id = letter.id
    return letter
