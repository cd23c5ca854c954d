"""The office closes the house or some rooms, and decides on each date that this hits, all in one transaction."""

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from booking import lifecycle, log
from booking.availability.check import Availability, check, shut_by
from booking.database import db, transaction
from booking.deciding import IN_THE_WAY, LetterHasLeft, NotFree, send_waiting, wanted_at
from booking.domain.repeats import repeated
from booking.domain.slot import Slot
from booking.domain.status import GOING_ON, Action
from booking.house import house, public_changed
from booking.letters import outbox
from booking.lifecycle import Place
from booking.models import Booking, Closure, Letter, Occurrence, StaffMember
from booking.notices.frame import for_the_team
from booking.reasons import closed

#: What of a closure the office enters.
ENTERED = ("room_ids", "start", "end", "repeats", "until", "reason", "reason_en")

#: Set-up and tidying up take no longer.
_WIDEST = timedelta(days=1)

#: By which step each of ours is taken back.
_BACK = {Action.MOVE: Action.MOVE_BACK, Action.CANCEL: Action.RESTORE, Action.DECLINE: Action.UNDO}


class PreparedLetter(NamedTuple):
    """A letter as it would leave, as the team reads it. ``attached``: dates in its file for calendars."""

    to: str
    subject: str
    body: str
    attached: int


class Overtaken(Exception):
    """The closure, or what it hits, is not as it was shown any more; nothing was stored."""


class Rehearsed(Exception):
    """Nothing was to be stored; ``letters`` are those that would be."""

    def __init__(self, letters: list[PreparedLetter]) -> None:
        super().__init__("only rehearsed")
        self.letters = letters


@dataclass(frozen=True, slots=True)
class Fates:
    """What becomes of the dates that a closure hits, by their ids; all others stay as they are."""

    move: Mapping[int, Place] = field(default_factory=dict)
    cancel: Collection[int] = ()
    decline: Collection[int] = ()
    message: str = ""

    def steps(self, booking: Booking) -> dict[Action, list[Occurrence]]:
        """What is to be done with the dates of one booking."""
        ids = {Action.MOVE: self.move, Action.CANCEL: self.cancel, Action.DECLINE: self.decline}
        found = {action: [date for date in booking.occurrences if date.id in those] for action, those in ids.items()}
        return {action: dates for action, dates in found.items() if dates}


def hit_by(closure: Closure, now: datetime) -> list[Occurrence]:
    """The dates to come that a closure hits: asked for, proposed or approved, earliest first.

    Of one that is changed only what it did not hit before: of the others the
    office has decided already.
    """
    ids = _hit(closure, dates := _coming(closure, now), now)
    former = db.session.get(Closure, closure.id) if closure.id else None
    ids -= _hit(former, dates, now) if former else set()
    if not ids:
        return []
    booking = joinedload(Occurrence.booking)
    found = (
        sa.select(Occurrence)
        .where(Occurrence.id.in_(ids))
        .options(
            booking.options(selectinload(Booking.occurrences).selectinload(Occurrence.changes)),
            booking.options(
                joinedload(Booking.initiative), joinedload(Booking.contact), selectinload(Booking.key_loans)
            ),
        )
        .order_by(Occurrence.start, Occurrence.id)
    )
    return list(db.session.scalars(found))


class _Coming(NamedTuple):
    """A date to come, as a plain row."""

    id: int
    room_id: int
    start: datetime
    end: datetime
    before: int
    after: int

    @property
    def occupied(self) -> Slot:
        return Slot(self.start, self.end).widened(timedelta(minutes=self.before), timedelta(minutes=self.after))


def _coming(closure: Closure, now: datetime) -> list[_Coming]:
    """The dates to come that it may hit."""
    about = Occurrence.id, Occurrence.room_id, Occurrence.start, Occurrence.end
    dates = sa.select(*about, Occurrence.before_minutes, Occurrence.after_minutes).where(
        Occurrence.status.in_(GOING_ON), Occurrence.end > now
    )
    if not closure.repeats:
        dates = dates.where(Occurrence.start < closure.end + _WIDEST, Occurrence.end > closure.start - _WIDEST)
    return [_Coming(*row) for row in db.session.execute(dates)]


def _hit(closure: Closure, dates: Sequence[_Coming], now: datetime) -> set[int]:
    """The ids of those of these dates that it hits."""
    shut = shut_by(closure)
    every = ((date.id, date.room_id, date.occupied) for date in dates if date.room_id in shut.ever)
    slots = {id_: slot for id_, room_id, slot in every if room_id in shut.at(slot.start.timestamp())}
    last = max((slot.end for slot in slots.values()), default=now)
    times = [*repeated(closure.slot, closure.repeats, closure.until, now, last, house().zone)]
    ends = [slot.end for slot in times]

    def is_hit(slot: Slot) -> bool:
        number = bisect_right(ends, slot.start)
        return number < len(times) and times[number].start < slot.end

    return {id_ for id_, slot in slots.items() if is_hit(slot)}


def as_seen(closure: Closure, dates: Iterable[Occurrence]) -> str:
    """What somebody sees who decides on these dates, in one word: another one where any of it has changed since."""
    former = db.session.get(Closure, closure.id) if closure.id else None
    stored = [repr(getattr(former, name)) for name in ENTERED] if former else []
    return digest([*stored, *(f"{date.id}:{date.status}:{date.booking.version}" for date in dates)])


def digest(words: Iterable[str]) -> str:
    """Some words in a short one that is another for others."""
    return hashlib.sha256("|".join(words).encode()).hexdigest()[:32]


def rehearse(
    closure: Closure, dates: Sequence[Occurrence], fates: Fates, *, seen: str, by: StaffMember, now: datetime
) -> list[PreparedLetter]:
    """The letters that ``close`` would owe: it is done, and given up before it is stored. Raises what it raises."""
    try:
        close(closure, dates, fates, seen=seen, by=by, now=now, is_rehearsal=True)
    except Rehearsed as rehearsed:
        return rehearsed.letters
    return []


def close(
    closure: Closure,
    dates: Sequence[Occurrence],
    fates: Fates,
    *,
    seen: str,
    by: StaffMember,
    now: datetime,
    is_rehearsal: bool = False,
) -> int:
    """Store a closure, new or changed, with what becomes of the dates that it hits; returns its id.

    Raises ``Overtaken`` where that is not what was ``seen``, and ``NotFree`` or ``RoomTaken``
    where a date cannot go where it is to go. Then nothing is stored.
    """
    bookings = sorted({date.booking for date in dates}, key=lambda each: each.id)
    rooms = shut_by(closure).ever | {place.room_id for place in fates.move.values()}
    with lifecycle.updating_all(bookings, rooms):
        if as_seen(closure, hit_by(closure, now)) != seen:
            raise Overtaken
        row = _lock(closure) if closure.id else Closure()
        former = _entered(row) if closure.id else None
        for name in ENTERED:
            setattr(row, name, getattr(closure, name))
        db.session.add(row)
        db.session.flush()
        _look_at(fates, bookings, now)
        versions = {booking.id: booking.version + 1 for booking in bookings}
        steps = [(booking, done) for booking in bookings if (done := fates.steps(booking))]
        letters = [id_ for booking, done in steps for id_ in _decide(booking, done, row, fates, by, now)]
        if is_rehearsal:
            raise Rehearsed([_prepared(db.session.get_one(Letter, id_)) for id_ in letters])
        log.record("change_closure" if former else "close", None, by=by, closure=row.id, now=now)
        row.undo = {
            "at": int(now.timestamp()),
            "former": former,
            "letters": letters,
            "versions": {str(booking.id): versions[booking.id] for booking, _ in steps},
            "dates": {
                str(booking.id): {action.value: [date.id for date in dates] for action, dates in done.items()}
                for booking, done in steps
            },
        }
        public_changed()
        return row.id


def _decide(
    booking: Booking,
    steps: Mapping[Action, Sequence[Occurrence]],
    closure: Closure,
    fates: Fates,
    by: StaffMember,
    now: datetime,
) -> Iterable[int]:
    """Decide on the dates of one booking, and tell its group; returns the ids of the letters."""
    send_waiting(booking, by, now)
    dates = [date for those in steps.values() for date in those]
    reasons = {date.id: closed(closure, date.room, booking.language) for date in dates}
    lifecycle.take(booking, steps, by=by, reasons=reasons, message=fates.message, places=fates.move, now=now)
    return {date.letter_id: None for date in dates if date.letter_id}


def _prepared(letter: Letter) -> PreparedLetter:
    subject, body = (for_the_team(text, letter.contact) for text in (letter.subject, letter.body))
    to = (letter.contact.email if letter.contact else None) or ""
    return PreparedLetter(to, subject, body, (letter.calendar or "").count("BEGIN:VEVENT"))


def _look_at(fates: Fates, bookings: Sequence[Booking], now: datetime) -> None:
    """``NotFree`` where one of the dates that are to move cannot be where it is to go."""
    moved = [date for booking in bookings for date in booking.occurrences if date.id in fates.move]
    settled: list[tuple[Occurrence, Any]] = []
    wanted = [wanted_at(date, fates.move[date.id]) for date in moved]
    for date, found in zip(moved, check(wanted, now, exclude=[each.id for each in moved]), strict=True):
        if found.state in IN_THE_WAY:
            raise NotFree(found)
        for other, place in settled:
            if place.meets(found.wanted):
                raise NotFree(replace(found, state=Availability.TAKEN, taken_by=other))
        settled.append((date, found.wanted))


def can_be_taken_back(closure: Closure, now: datetime) -> bool:
    """Whether its last change was so short a time ago that its letters, if there are any, still wait."""
    return closure.undo is not None and now < last_moment(closure)


def last_moment(closure: Closure) -> datetime:
    """Until when its last change can be taken back."""
    return outbox.undo_until(datetime.fromtimestamp((closure.undo or {"at": 0})["at"], UTC))


def take_back(closure: Closure, *, by: StaffMember, now: datetime) -> None:
    """Make the closure, and each date that was decided with it, what it was before, and stop the letters.

    Raises ``LetterHasLeft`` where one of them no longer waits, ``Overtaken`` where one of the bookings has been changed
    since, and ``RoomTaken`` where others have a room by now. Then nothing changes.
    """
    undo: dict[str, Any] = closure.undo or {}
    all_dates = selectinload(Booking.occurrences).selectinload(Occurrence.changes)
    decided = sa.select(Booking).where(Booking.id.in_(map(int, undo.get("dates", {})))).options(all_dates)
    bookings = db.session.scalars(decided).all()
    former = {change.former_room_id for booking in bookings for date in booking.occurrences for change in date.changes}
    with lifecycle.updating_all(bookings, former):
        if _lock(closure).undo != undo or not can_be_taken_back(closure, now):
            raise LetterHasLeft
        if any(booking.version != undo["versions"][str(booking.id)] for booking in bookings):
            raise Overtaken
        if {*outbox.stop_all(Letter.id.in_(undo["letters"]))} != {*undo["letters"]}:
            raise LetterHasLeft
        for booking in bookings:
            done = {Action(action): {*ids} for action, ids in undo["dates"][str(booking.id)].items()}
            steps = {_BACK[each]: [date for date in booking.occurrences if date.id in done[each]] for each in done}
            lifecycle.take(booking, steps, by=by, now=now)
        log.record("undo_closure", None, by=by, closure=closure.id, now=now)
        if undo["former"] is None:
            db.session.delete(closure)
        else:
            _restore(closure, undo["former"])
        public_changed()


def end(closure: Closure, *, by: StaffMember, now: datetime) -> None:
    """Let a closure hold no more, or never; for a minute that can be taken back. ``Overtaken`` where it has ended."""
    with transaction():
        row = _lock(closure)
        if row.until and row.until <= now:
            raise Overtaken
        undo = {
            "at": int(now.timestamp()),
            "is_end": True,
            "former": _entered(row),
            "letters": [],
            "dates": {},
            "versions": {},
        }
        row.until, row.undo = now if row.start <= now else row.start, undo
        log.record("end_closure", None, by=by, closure=closure.id, now=now)
        public_changed()


def _lock(closure: Closure) -> Closure:
    """The row of a closure as it is now, which nobody else changes meanwhile; ``Overtaken`` where there is none."""
    (id_,) = sa.inspect(closure).identity or (closure.id,)
    row = db.session.get(Closure, id_, populate_existing=True, with_for_update=True)
    if row is None:
        raise Overtaken
    return row


def _entered(closure: Closure) -> dict[str, Any]:
    """What was entered of a closure, as JSON can hold it."""
    values = {name: getattr(closure, name) for name in ENTERED}
    return {name: int(at.timestamp()) if isinstance(at, datetime) else at for name, at in values.items()}


def _restore(closure: Closure, former: Mapping[str, Any]) -> None:
    for name, value in former.items():
        is_instant = name in ("start", "end", "until") and value is not None
        setattr(closure, name, datetime.fromtimestamp(value, UTC) if is_instant else value)
    closure.undo = None
