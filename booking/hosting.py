"""What the team does while it hosts: keys out and back, who did not come, and what the lobby says meanwhile."""

from datetime import date, datetime, time
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, lazyload

from booking import log, wording
from booking.database import db, transaction
from booking.domain.policy import KEY_BACK
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import house, notice, public_changed
from booking.lifecycle import updating
from booking.models import Booking, KeyLoan, Letter, LogEntry, Notice, Occurrence, StaffMember, day_of
from booking.notices.frame import to_group


class OutKey(NamedTuple):
    """A key that somebody has.

    ``due``: the day on which it shall be back. ``is_done``: its group has no more dates. ``asked_at``: when we last
    wrote of it.
    """

    loan: KeyLoan
    due: date
    is_overdue: bool
    is_done: bool
    asked_at: datetime | None


class KeyWish(NamedTuple):
    """A group that needs a key and has none, with the first date that it needs it for."""

    booking: Booking
    date: Occurrence


class KeyIsOut(Exception):
    """A key of this number has been handed out and not come back; ``loan`` tells to whom."""

    def __init__(self, loan: KeyLoan) -> None:
        super().__init__(f"key {loan.number} is out")
        self.loan = loan


class AskedAlready(Exception):
    """The group has been asked for its key today."""


class NotBegun(Exception):
    """Nobody can be missing: the date has not begun, or does not take place."""


def hand_out_key(booking: Booking, number: str, *, by: StaffMember, now: datetime) -> KeyLoan:
    """Note that the group has this key; ``KeyIsOut`` where somebody has not brought it back."""
    with updating(booking):
        db.session.refresh(house(), with_for_update=True)  # two bookings cannot be given one key at once
        out = db.session.scalars(
            db.select(KeyLoan).where(KeyLoan.number == number, KeyLoan.returned_at.is_(None))
        ).first()
        if out:
            raise KeyIsOut(out)
        loan = KeyLoan(booking=booking, number=number, handed_out_at=now)
        db.session.add(loan)
        log.record("key_out", booking, by=by, key=number, now=now)
        return loan


def take_key_back(booking: Booking, loan_id: int, *, by: StaffMember, now: datetime) -> None:
    """Note that a key is back; does nothing where it is already."""
    with updating(booking):
        for loan in booking.key_loans:
            if loan.id == loan_id and loan.returned_at is None:
                loan.returned_at = now
                log.record("key_back", booking, by=by, key=loan.number, now=now)


def ask_for_key(booking: Booking, *, by: StaffMember, now: datetime) -> Letter | None:
    """Ask the group by letter for the keys that it still has; ``AskedAlready`` where it was asked on this day."""
    zone = house().zone
    midnight = Slot.on(day_of(now, zone), time(0), 1, zone).start
    with updating(booking):
        asked = (LogEntry.booking_id == booking.id, LogEntry.action == "ask_for_key", LogEntry.at >= midnight)
        if db.session.scalar(db.select(db.exists().where(*asked))):
            raise AskedAlready
        log.record("ask_for_key", booking, by=by, now=now)
        return to_group("key_back", booking, now=now)


def note_no_show(booking: Booking, occurrence_id: int, *, no_show: bool, by: StaffMember, now: datetime) -> None:
    """Note that nobody came to an approved date, or that somebody did after all; ``NotBegun`` before it begins.

    Its room stays taken, as it was kept from others.
    """
    with updating(booking):
        date = next(date for date in booking.occurrences if date.id == occurrence_id)
        if date.status is not Status.APPROVED or date.start > now:
            raise NotBegun
        if date.no_show != no_show:
            date.no_show = no_show
            log.record("no_show" if no_show else "came", booking, by=by, dates=[date], now=now)


def post_notice(
    text: str, text_en: str, until: datetime, *, is_important: bool = False, by: StaffMember, now: datetime
) -> Notice:
    """Let the lobby say this until then, in place of what it said before."""
    with transaction():
        db.session.execute(db.delete(Notice))
        posted = Notice(text=text, text_en=text_en, until=until, is_important=is_important)
        db.session.add(posted)
        log.record("post_notice", None, by=by, now=now)
        public_changed()
        return posted


def end_notice(*, by: StaffMember, now: datetime) -> None:
    """Let the lobby say nothing of its own any more; does nothing where it has ended by itself."""
    with transaction():
        if notice(now):
            db.session.execute(db.delete(Notice))
            log.record("end_notice", None, by=by, now=now)
            public_changed()


def _select_keys_out() -> sa.Select[KeyLoan, datetime | None, datetime | None]:
    last_end = (
        sa.select(sa.func.max(Occurrence.end))
        .where(Occurrence.booking_id == KeyLoan.booking_id, Occurrence.status == Status.APPROVED)
        .scalar_subquery()
    )
    asked_at = (
        sa.select(sa.func.max(LogEntry.at))
        .where(
            LogEntry.booking_id == KeyLoan.booking_id,
            LogEntry.action == "ask_for_key",
            LogEntry.at >= KeyLoan.handed_out_at,
        )
        .scalar_subquery()
    )
    with_group = (joinedload(Booking.initiative), joinedload(Booking.contact), lazyload(Booking.occurrences))
    return (
        sa.select(KeyLoan, last_end.label("end"), asked_at.label("asked_at"))
        .where(KeyLoan.returned_at.is_(None))
        .options(joinedload(KeyLoan.booking).options(*with_group))
    )


_KEYS_OUT = _select_keys_out()  # to make it anew takes longer than to run it


def keys_out(now: datetime) -> list[OutKey]:
    """All keys that are out, those that should be back first; one statement."""
    rows = db.session.execute(_KEYS_OUT)
    zone, today = house().zone, day_of(now, house().zone)
    found = []
    for row in rows:
        loan: KeyLoan = row[0]
        end = max(row.end or loan.handed_out_at, loan.handed_out_at)
        due = wording.last_day(end, zone) + KEY_BACK
        found.append(OutKey(loan, due, due < today, end <= now, row.asked_at))
    return sorted(found, key=lambda each: (each.due, each.loan.number))


def keys_wished_for(begin: datetime, end: datetime) -> list[KeyWish]:
    """Who needs a key for a date between two instants and has none, the first date first; one statement."""
    has_key = sa.exists().where(KeyLoan.booking_id == Booking.id, KeyLoan.returned_at.is_(None))
    dates = db.session.scalars(
        sa.select(Occurrence)
        .join(Occurrence.booking)
        .join(Booking.initiative)
        .outerjoin(Booking.contact)
        .where(
            Occurrence.status == Status.APPROVED,
            Occurrence.end > begin,
            Occurrence.start < end,
            Booking.way_in == "need",
            ~has_key,
        )
        .options(
            lazyload(Occurrence.room),
            contains_eager(Occurrence.booking).options(
                contains_eager(Booking.initiative), contains_eager(Booking.contact), lazyload(Booking.occurrences)
            ),
        )
        .order_by(Occurrence.start, Occurrence.id)
    )
    first = {date.booking_id: date for date in reversed(dates.all())}
    return sorted((KeyWish(date.booking, date) for date in first.values()), key=lambda wish: wish.date.start)
