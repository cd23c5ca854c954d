"""What the team does with what is asked of it: decide per date, propose, ask, and take back while the letter waits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from sqlalchemy.orm import defer, joinedload

from booking import lifecycle, log
from booking.availability.check import Availability, Checked, Found, found_at
from booking.availability.wanted import Wanted
from booking.database import db
from booking.domain.slot import Slot
from booking.domain.status import Action, ChangeState, Status, after
from booking.house import house
from booking.letters import outbox
from booking.lifecycle import Place, Stale, updating
from booking.models import Booking, Letter, Occurrence, Room, StaffMember, day_of
from booking.notices.frame import to_group

#: For how long a proposal holds its room, where the team says nothing else.
ANSWER_WITHIN = timedelta(days=7)

#: What keeps a date from being put somewhere. Another's request does not: the team decides on that one too.
IN_THE_WAY = frozenset({Availability.TAKEN, Availability.CLOSED, Availability.PAST})


#: What can become of a date that is asked for, in the order in which it is told.
VERDICTS = (Action.APPROVE, Action.PROPOSE, Action.DECLINE)

#: For how long a letter is held back at a time.
HOLD = timedelta(minutes=10)

#: What takes back what a letter of this kind tells of; a decision, where it stands here not.
_TAKEN_BACK_BY = {"moved": Action.MOVE_BACK, "cancelled_by_team": Action.RESTORE}


class LetterHasLeft(Exception):
    """The letter is on its way already, so the decision cannot be taken back."""


class NotFree(Exception):
    """A date cannot go where it was to go; ``found`` tells who sits there, or what closes it. Nothing was saved."""

    def __init__(self, found: Checked) -> None:
        super().__init__(f"{found.wanted.room.name} is {found.state} then")
        self.found = found


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of it. What is named in ``taken`` and ``not_free`` stays undecided.

    ``taken``: dates whose room was given to others meanwhile, by whom.
    ``not_free``: dates that were to be proposed elsewhere, and what was found there.
    """

    letter: Letter | None
    approved: tuple[Occurrence, ...]
    declined: tuple[Occurrence, ...]
    taken: Mapping[Occurrence, Occurrence]
    proposed: tuple[Occurrence, ...] = ()
    not_free: Mapping[Occurrence, Found] = field(default_factory=dict)


def decide(
    booking: Booking,
    *,
    approve: Collection[int] = (),
    decline: Mapping[int, str] | None = None,
    propose: Mapping[int, Place] | None = None,
    answer_by: datetime | None = None,
    message: str = "",
    seen_version: int,
    by: StaffMember,
    now: datetime,
) -> Decision:
    """Approve, decline and propose dates of a booking, by occurrence id, in one transaction and one letter.

    ``decline`` gives the reason that the group reads, ``propose`` where a date
    could be instead. What is proposed is held until ``answer_by``, a week
    without it, and never longer than ``latest_answer``.
    Raises ``Stale`` where somebody else has changed the booking since
    ``seen_version``, and ``NotPossible`` where a date is decided already. A date
    whose room, or proposed place, was taken meanwhile is left undecided and
    named; the others are decided.
    """
    with updating(booking, places=(propose or {}).values(), seen_version=seen_version):
        return apply_verdicts(
            booking,
            approve=approve,
            decline=decline or {},
            propose=propose or {},
            answer_by=answer_by,
            message=message,
            by=by,
            now=now,
        )


def apply_verdicts(
    booking: Booking,
    *,
    approve: Collection[int],
    decline: Mapping[int, str],
    propose: Mapping[int, Place] | None = None,
    answer_by: datetime | None = None,
    message: str,
    by: StaffMember,
    now: datetime,
) -> Decision:
    """The same in the transaction at hand, in which the booking is claimed."""
    propose = propose or {}
    wished = [date for date in booking.occurrences if date.id in approve]
    for date in wished:
        after(date.status, Action.APPROVE)  # an approved date would be found in its own way
    moved = [date for date in booking.occurrences if date.id in propose]
    for date in moved:
        after(date.status, Action.PROPOSE)
    wanted = [Wanted(date.room, date.occupied) for date in wished]
    places = [wanted_at(date, propose[date.id]) for date in moved]
    found = found_at([*wanted, *places], now)
    sitting = {date: met.taken_by for date, met in zip(wished, found, strict=False) if met.taken_by}
    free = [date for date in wished if date not in sitting]
    proposed, not_free = _sort(list(zip(moved, places, found[len(wished) :], strict=True)), free)
    refused = [date for date in booking.occurrences if date.id in decline]
    letter = None
    if free or refused or proposed:
        letter = lifecycle.take(
            booking,
            {Action.APPROVE: free, Action.PROPOSE: proposed, Action.DECLINE: refused},
            by=by,
            reasons=decline,
            message=message,
            places=propose,
            answer_by=min(
                answer_by or now + ANSWER_WITHIN, latest_answer([propose[each.id].slot for each in proposed], now)
            ),
            now=now,
        )
    taken = {date: db.session.get_one(Occurrence, other) for date, other in sitting.items()}
    return Decision(letter, tuple(free), tuple(refused), taken, tuple(proposed), not_free)


def latest_answer(proposed: Collection[Slot], now: datetime) -> datetime:
    """Until when dates can be proposed: until the day before the first of them, or its begin where that is over."""
    if not proposed:
        return now + ANSWER_WITHIN
    first, zone = min(slot.start for slot in proposed), house().zone
    eve = datetime.combine(day_of(first, zone), time(0), zone).astimezone(UTC)
    return eve if eve > now else first


def _sort(
    found: Sequence[tuple[Occurrence, Wanted, Found]], approved: Sequence[Occurrence]
) -> tuple[list[Occurrence], dict[Occurrence, Found]]:
    """The dates that can be proposed where they should be, and what is in the way of the others."""
    settled = [(date, Wanted(date.room, date.occupied)) for date in approved]
    proposed, not_free = [], {}
    for date, place, met in found:
        neighbour = next((other for other, wanted in settled if wanted.meets(place)), None)
        if met.state in IN_THE_WAY:
            not_free[date] = met
        elif neighbour:
            not_free[date] = met._replace(state=Availability.TAKEN, taken_by=neighbour.id)
        else:
            proposed.append(date)
            settled.append((date, place))
    return proposed, not_free


def wanted_at(date: Occurrence, place: Place) -> Wanted:
    return Wanted(db.session.get_one(Room, place.room_id), date.occupied_at(place.slot))


def undo(booking: Booking, *, seen_version: int, by: StaffMember, now: datetime) -> int:
    """Take back what the team did last and stop its letter; returns the number of dates that are undecided again.

    Raises ``LetterHasLeft`` where the letter no longer waits, ``RoomTaken`` where others have the room by now, and
    ``Stale`` where somebody has changed the booking since ``seen_version``.
    """
    former = [Place(each.former_room_id, each.former_slot) for date in booking.occurrences for each in date.changes]
    with updating(booking, places=former, seen_version=seen_version):
        letter = waiting_letter(booking, letters_about(booking), now)
        if letter is None or not outbox.stop(letter):
            raise LetterHasLeft
        dates = [date for date in booking.occurrences if date.letter_id == letter.id]
        if letter.kind == "question":
            booking.question, booking.asked_at = "", None
            log.record("undo_question", booking, by=by, now=now)
        elif letter.kind == "change_declined":
            for date in dates:
                if date.open_change is None:  # the group may have asked for something else already
                    refused = [each for each in date.changes if each.state is ChangeState.REFUSED]
                    lifecycle.end_change(refused[-1], Action.UNDO)
            log.record("undo_refusal", booking, by=by, now=now)
        else:
            action = _TAKEN_BACK_BY.get(letter.kind, Action.UNDO)
            lifecycle.take(booking, {action: dates}, by=by, now=now)
        return len([date for date in dates if date.status is Status.REQUESTED])


def send_now(booking: Booking, *, by: StaffMember, now: datetime) -> None:
    """Let the waiting letter of the last decision go at once; does nothing where it is gone already."""
    with updating(booking):
        send_waiting(booking, by, now)


def hold(booking: Booking, *, by: StaffMember, now: datetime) -> None:
    """Keep the waiting letter back for some minutes more; ``LetterHasLeft`` where it no longer waits."""
    with updating(booking):
        letter = waiting_letter(booking, letters_about(booking), now)
        if letter is None or not outbox.hold_back(letter, now + HOLD):
            raise LetterHasLeft
        log.record("hold", booking, by=by, now=now)


def note_seen(booking: Booking, *, seen_version: int, by: StaffMember, now: datetime) -> None:
    """Note that the team knows what the group did last. Raises ``Stale`` where it has done something since."""
    with updating(booking, seen_version=seen_version):
        log.record("seen", booking, by=by, now=now)


def put_off(booking: Booking, *, by: StaffMember, now: datetime) -> None:
    """Note that somebody has looked at a request and comes back to it; it stays as it is, and in sight."""
    with updating(booking):
        log.record("later", booking, by=by, now=now)


def send_waiting(booking: Booking, by: StaffMember, now: datetime) -> None:
    """Send the letters that wait to be taken back, the oldest first, as what follows builds on them."""
    letters = _waiting(booking, letters_about(booking), now)
    for letter in letters:
        outbox.release(letter, now)
    if letters:
        log.record("send_now", booking, by=by, now=now)


def letters_about(booking: Booking) -> Sequence[Letter]:
    """The letters about a booking that wait or have left, the oldest first, without their texts."""
    return db.session.scalars(
        db.select(Letter)
        .where(Letter.booking_id == booking.id, Letter.state.in_(("waiting", "sent")))
        .options(joinedload(Letter.contact), defer(Letter.body), defer(Letter.calendar))
        .order_by(Letter.id)
    ).all()


def waiting_letter(booking: Booking, letters: Sequence[Letter], now: datetime) -> Letter | None:
    """Of the letters about a booking that of what the team did last, while it can still be stopped."""
    return next(reversed(_waiting(booking, letters, now)), None)


def _waiting(booking: Booking, letters: Sequence[Letter], now: datetime) -> list[Letter]:
    ids = {date.letter_id for date in booking.occurrences if date.decided_by_id}
    return [
        each
        for each in letters
        if each.state == "waiting"
        and each.send_at > now
        and not each.attempts
        and (each.id in ids or each.kind == "change_declined" or (each.kind == "question" and booking.waits_for_answer))
    ]


def ask(booking: Booking, question: str, *, seen_version: int, by: StaffMember, now: datetime) -> Letter | None:
    """Ask the group something before its dates are decided.

    A new question takes the place of an old one; it leaves at once, as nothing brings the old one back.
    """
    with updating(booking, seen_version=seen_version):
        send_waiting(booking, by, now)
        send_at = now if booking.question else outbox.undo_until(now)
        booking.question, booking.asked_at, booking.answer = question, now, ""
        log.record("ask", booking, by=by, now=now)
        return to_group("question", booking, question=question, now=now, send_at=send_at)


def settle_title(booking: Booking, *, accept: bool, seen_version: int, by: StaffMember, now: datetime) -> Letter | None:
    """Let the title and the link that the group wishes for take effect, everywhere at once, or drop them."""
    with updating(booking, seen_version=seen_version):
        if not booking.wishes_words:
            raise Stale
        log.record("accept_title" if accept else "refuse_title", booking, by=by, now=now)
        if accept:
            booking.url = booking.url_wish or booking.url
            booking.url_wish = ""
            if booking.title_wish:
                return lifecycle.rename(booking, booking.title_wish, now)
        booking.title_wish = booking.url_wish = ""
        return None
