"""The one place where the status of a date changes, or its room and time.

Every step, by the group, the team or the system, goes through ``take``: it
asks the table of transitions, writes the rows, the record and the letter. So
nobody can forget one of them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from booking import log
from booking.availability.claim import claim_booking
from booking.database import db, transaction
from booking.domain.slot import Slot
from booking.domain.status import (
    CHANGE_TRANSITIONS,
    HOLDS_ROOM,
    PUBLIC,
    Action,
    ChangeState,
    Status,
    after,
    change_after,
)
from booking.house import public_changed
from booking.letters import outbox
from booking.models import Booking, Change, Contact, Letter, Occurrence, Room, StaffMember
from booking.notices.decision import dates_decided
from booking.notices.frame import person_mark, to_group

Steps = Mapping[Action, Sequence[Occurrence]]

#: Steps after which a date is back where it was before it was proposed elsewhere.
BACK = {Action.REFUSE, Action.EXPIRE, Action.UNDO}


class Stale(Exception):
    """The booking has changed since the page was shown; nothing was saved."""


class Place(NamedTuple):
    """A room and the time of the meeting in it, without set-up and tidying up."""

    room_id: int
    slot: Slot


@contextmanager
def updating(booking: Booking, *, places: Iterable[Place] = (), seen_version: int | None = None) -> Iterator[None]:
    """The one transaction in which a booking changes: nobody else changes it, or takes its rooms, meanwhile.

    ``places``: where else its dates may go. Raises ``Stale`` where somebody was
    faster than whoever decides on what they have seen.
    """
    with updating_all([booking], {place.room_id for place in places}):
        if seen_version is not None and booking.version != seen_version:
            raise Stale
        yield


@contextmanager
def updating_all(bookings: Sequence[Booking], room_ids: Collection[int] = ()) -> Iterator[None]:
    """The same for several bookings at once; nobody else takes these rooms meanwhile either.

    When it ends well, the version of each booking has risen once if the record
    tells of a change, and that of the house if the public sees something else.
    """
    with transaction():
        claim_booking(*bookings, room_ids=room_ids)
        before = [(booking, booking.version, _shown(booking)) for booking in bookings]
        yield
        for booking, version, shown in before:
            booking.version = min(booking.version, version + 1)  # however many steps the record tells of
            if _shown(booking) != shown:
                public_changed()


def _shown(booking: Booking) -> object:
    """All of a booking that a public page is made of: what takes place, or keeps a room from being free."""
    dates = [
        (each.status, each.room_id, each.occupied, each.slot, each.doors, each.original_start, each.original_room_id)
        for each in booking.dates(*PUBLIC, *HOLDS_ROOM)
    ]
    has_gaps = bool(booking.dates(Status.DECLINED))  # which a group's rhythm does not hide
    row = booking
    return dates and (dates, has_gaps, row.title, row.url, row.is_open, row.open_end, row.rule, row.skipped)


def take(
    booking: Booking,
    steps: Steps,
    *,
    by: StaffMember | None = None,
    actor: str = "team",
    person: Contact | None = None,
    reasons: Mapping[int, str] | None = None,
    message: str = "",
    places: Mapping[int, Place] | None = None,
    answer_by: datetime | None = None,
    is_told: bool = True,
    now: datetime,
) -> Letter | None:
    """Take steps for dates of one booking, in the transaction at hand.

    ``reasons`` gives the sentence the group reads, by occurrence id.
    ``message`` is the team's own words in the letter. ``places`` says, by
    occurrence id, where dates are proposed or moved to, and ``answer_by`` until
    when proposals hold their rooms. Returns the letter that tells of it, if one
    does; without ``is_told``, none does. ``person``: who of the group it is.
    Raises ``NotPossible`` for a step that the status does not allow, and
    the database refuses a room that is taken.
    """
    decided_by_id = by.id if by else None
    for action, occurrences in steps.items():
        if not occurrences:
            continue
        if action in (Action.MOVE, Action.MOVE_BACK) and len(occurrences) > 1:
            _make_room(occurrences)
        with db.session.no_autoflush:  # status and place change as one, or the former place would have to be free
            for occurrence in occurrences:
                occurrence.status = after(occurrence.status, action)
                if action in (Action.PROPOSE, Action.MOVE):
                    _move(occurrence, action, (places or {})[occurrence.id], actor, answer_by, now)
                elif action is Action.MOVE_BACK:
                    _move_back(occurrence)
                elif action is Action.CANCEL:
                    _end_talk(occurrence, actor)
                else:
                    _settle(occurrence, action)
                    if action is Action.RESTORE and actor == "team":
                        _wish_again(occurrence, occurrence.changes)
                is_open = occurrence.status is Status.REQUESTED
                occurrence.reason = (reasons or {}).get(occurrence.id, "")
                occurrence.cancelled_by_group = action is Action.CANCEL and actor == "group"
                occurrence.decided_at = None if is_open else now
                occurrence.decided_by_id = None if is_open else decided_by_id
                occurrence.letter_id = None
                occurrence.changed_at = now
                occurrence.sequence += 1
        is_move = action in (Action.PROPOSE, Action.MOVE)
        told = [each.changes[-1] if is_move else each for each in occurrences]
        log.record(action.value, booking, by=by, actor=actor, person=person, dates=told, now=now)
    db.session.flush()
    return _letter(booking, steps, actor=actor, person=person, message=message, now=now) if is_told else None


def confirmed_before(occurrences: Sequence[Occurrence], now: datetime) -> None:
    """Confirm dates, in the transaction at hand, that were so before they came here: nobody decides, or is told."""
    for occurrence in occurrences:
        occurrence.status = after(occurrence.status, Action.APPROVE)
        occurrence.decided_at = now
    db.session.flush()


def rename(booking: Booking, title: str, now: datetime) -> Letter | None:
    """Give a booking another title, in the transaction at hand. Calendars that hold its dates to come are told."""
    booking.title, booking.title_wish = title, ""
    coming = booking.coming(now)
    for occurrence in coming:
        occurrence.changed_at = now
        occurrence.sequence += 1
    db.session.flush()
    return to_group("details_changed", booking, coming, now=now) if coming else None


def wish_for(occurrence: Occurrence, place: Place, now: datetime) -> None:
    """Note where the group would like to have a date, in place of what it wished before; the date stays."""
    if (earlier := occurrence.open_change) and earlier.proposed_by == "group":
        end_change(earlier, Action.WITHDRAW)
        db.session.flush()  # the database lets no two be open at once
    occurrence.changes.append(_change(occurrence, place, "group", now))


def end_change(change: Change, action: Action) -> None:
    """End what was still being talked about; ``NotPossible`` where it has ended."""
    change.state = change_after(change.state, action)


def _change(occurrence: Occurrence, place: Place, proposed_by: str, now: datetime) -> Change:
    return Change(
        proposed_by=proposed_by,
        room_id=place.room_id,
        start=place.slot.start,
        end=place.slot.end,
        former_room_id=occurrence.room_id,
        former_start=occurrence.start,
        former_end=occurrence.end,
        state=ChangeState.OPEN,
        created_at=now,
    )


def _move(
    occurrence: Occurrence, action: Action, place: Place, actor: str, answer_by: datetime | None, now: datetime
) -> None:
    """Put a date elsewhere, and remember where it was. A change the group asked for is settled by it."""
    change = occurrence.open_change
    if change is None or (change.room_id, change.slot) != place:
        _end_talk(occurrence, actor)
        change = _change(occurrence, place, "group" if actor == "group" else "team", now)
        occurrence.changes.append(change)
    if action is Action.MOVE:
        end_change(change, action)
    else:
        change.answer_by = answer_by
    _put(occurrence, *place)
    if occurrence.status is Status.REQUESTED:
        _forget_origin(occurrence)


def _move_back(occurrence: Occurrence) -> None:
    """Put a date back where it was before the last move. A change that the group had asked for is open again, unless it
    has asked for another one."""
    number, change = next(
        (number, each)
        for number, each in reversed([*enumerate(occurrence.changes)])
        if each.state is ChangeState.ACCEPTED
    )
    is_open_again = change.proposed_by == "group" and occurrence.open_change is None
    _put(occurrence, change.former_room_id, change.former_slot)
    end_change(change, Action.UNDO if is_open_again else Action.MOVE_BACK)
    _wish_again(occurrence, occurrence.changes[:number])
    if wish := occurrence.open_change:  # made while the date was elsewhere, perhaps
        wish.former_room_id, wish.former_start, wish.former_end = occurrence.room_id, occurrence.start, occurrence.end


def _make_room(occurrences: Sequence[Occurrence]) -> None:
    """Let dates go of their rooms while they move: one may go where another of them is, which moves only after it."""
    former = [each.status for each in occurrences]
    for each in occurrences:
        each.status = Status.REQUESTED
    db.session.flush()
    for each, status in zip(occurrences, former, strict=True):
        each.status = status


def _end_talk(occurrence: Occurrence, actor: str) -> None:
    """End what was still being talked about, as the date goes elsewhere or is off. What the group wished for has run
    out where it was not the group that did so, and can be open again."""
    _settle(occurrence, Action.CANCEL if actor == "group" else Action.EXPIRE)


def _wish_again(occurrence: Occurrence, earlier: Sequence[Change]) -> None:
    """Open the wish again that ran out by the step of the team which is taken back, the last of earlier changes."""
    last = earlier[-1] if earlier else None
    if last and (last.proposed_by, last.state) == ("group", ChangeState.EXPIRED) and not occurrence.open_change:
        end_change(last, Action.UNDO)


def _settle(occurrence: Occurrence, action: Action) -> None:
    """End what was still being talked about, as far as this step decides it."""
    change = occurrence.open_change
    if change is None or (change.state, action) not in CHANGE_TRANSITIONS:
        return
    end_change(change, action)
    if change.proposed_by == "team" and action in BACK:
        _put(occurrence, change.former_room_id, change.former_slot)
    if change.proposed_by == "team" and action is Action.ACCEPT:
        _forget_origin(occurrence)


def _put(occurrence: Occurrence, room_id: int, slot: Slot) -> None:
    if occurrence.doors is not None:
        occurrence.doors += slot.start - occurrence.start
    occurrence.no_show = False  # of another time
    occurrence.room_id, occurrence.room = room_id, db.session.get_one(Room, room_id)  # the letter tells of it
    occurrence.start, occurrence.end = slot.start, slot.end


def _forget_origin(occurrence: Occurrence) -> None:
    """A date that was never public elsewhere has not been moved."""
    occurrence.original_start, occurrence.original_room_id = occurrence.start, occurrence.room_id
    occurrence.original_room = occurrence.room


def _letter(
    booking: Booking, steps: Steps, *, actor: str, person: Contact | None, message: str, now: datetime
) -> Letter | None:
    """The letter that tells the group of these steps; none for what it can see by itself."""
    dates = {action: list(occurrences) for action, occurrences in steps.items() if occurrences}
    by_kind: dict[str, list[Occurrence]] = {}
    for action, occurrences in dates.items():
        kind = log.STEPS[action, actor].letter
        if kind:
            by_kind.setdefault(kind, []).extend(occurrences)
    letter = None
    for kind, occurrences in by_kind.items():
        if kind == log.DECISION:
            approved, declined, proposed = (
                dates.get(each, []) for each in (Action.APPROVE, Action.DECLINE, Action.PROPOSE)
            )
            letter = dates_decided(booking, approved, declined, proposed, message, now)
        elif actor == "group":
            letter, occurrences = _gathered(kind, booking, occurrences, person, now)
        else:
            send_at = outbox.undo_until(now) if actor == "team" else None
            letter = to_group(kind, booking, occurrences, message=message, now=now, send_at=send_at)
        if letter:
            tells_of(letter, occurrences)
    return letter


def tells_of(letter: Letter, occurrences: Iterable[Occurrence]) -> None:
    """Note, in the transaction at hand, which letter tells of the last decision about dates."""
    ids = [each.id for each in occurrences]
    db.session.execute(sa.update(Occurrence).where(Occurrence.id.in_(ids)).values(letter_id=letter.id))


def _gathered(
    kind: str, booking: Booking, dates: list[Occurrence], person: Contact | None, now: datetime
) -> tuple[Letter | None, list[Occurrence]]:
    """One letter about steps that one person takes within minutes, and all dates that it tells of.

    It waits a little from the first step on.
    """
    second = person_mark(person) if person and person is not booking.contact else None
    earlier = outbox.recall(kind, booking, booking.contact, second)
    if earlier:
        dates = [*{*dates, *(each for each in booking.occurrences if each.letter_id == earlier.id)}]
    letter = to_group(kind, booking, dates, second=second, now=now)
    if letter:
        letter.created_at = earlier.created_at if earlier else now
        letter.send_at = max(letter.send_at, letter.created_at + outbox.gathering())
    return letter, dates
