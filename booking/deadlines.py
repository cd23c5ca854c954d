"""What happens by itself when its time has come.

Proposals that nobody answered, reminders, keys, the question whether a series
goes on, handovers that nobody confirmed. What is due is asked of the database, and
asked again once the booking is claimed; what was done stands in its rows. So
nothing happens twice, however many workers look.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta
from threading import Event
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import aliased

from booking import clock, displays, lifecycle, log, morning, traces
from booking.database import db
from booking.domain.policy import EXTEND_FROM, HANDOVER_WAITS, KEY_BACK, is_outside_hours
from booking.domain.recurrence import Frequency
from booking.domain.slot import Slot
from booking.domain.status import GOING_ON, Action, ChangeState, Status
from booking.house import NoHouse, house, house_rules
from booking.lifecycle import updating
from booking.models import Booking, Change, Contact, Handover, KeyLoan, Letter, LogEntry, Occurrence
from booking.notices.frame import to_group
from booking.sharing.handover import end_handovers

logger = logging.getLogger(__name__)

#: No letter of this kind leaves earlier in the day.
MORNING = time(8)
#: Reminders go out so many days ahead.
REMIND_DAYS = 2
#: So long before the first date that needs it is a group told of its key.
KEY_AHEAD = timedelta(days=7)

EVERY_MINUTE = 60


class Settled(NamedTuple):
    """How many of each were settled."""

    expired: int
    reminders: int
    series_ends: int
    handovers: int
    keys: int = 0


def settle(now: datetime) -> Settled:
    """Do what is due, each booking in a transaction of its own. One that fails keeps no other waiting."""
    db.session.rollback()
    is_day = now.astimezone(house().zone).time() >= MORNING
    return Settled(
        expired=_settle_each(_unanswered(now), _expire, now),
        reminders=_settle_each(_soon(now), _remind, now) if is_day else 0,
        series_ends=_settle_each(_last_dates(now), _ask_to_go_on, now) if is_day else 0,
        handovers=_settle_each(_unconfirmed(now), _end_handover, now),
        keys=_settle_each(_needs_key(now), _tell_of_key, now, _is_outside_hours)
        + _settle_each(_to_bring_back(now), _ask_for_key, now)
        if is_day
        else 0,
    )


def run_every_minute(app: Flask, stop: Event) -> None:
    """Settle what is due until ``stop`` is set, beginning now."""
    while not stop.is_set():
        try:
            with app.app_context(), suppress(NoHouse):
                settle(clock.now())
                morning.write_letters(clock.now())
                displays.tell_of_silence(clock.now())
                traces.wipe()  # what somebody's reading kept there before, and to keep the log short
        except Exception as error:  # the next minute tries again
            logger.error("deadlines: %s", type(error).__name__)
        stop.wait(EVERY_MINUTE)


def _settle_each(
    due: sa.Select[Any],
    settle_rows: Callable[[Booking, Sequence[Any], datetime], None],
    now: datetime,
    is_due: Callable[[Any], bool] = bool,
) -> int:
    """Settle the rows that are due, booking by booking; gives their number. ``is_due`` asks what no statement can."""
    row = due.column_descriptions[0]["entity"]
    number = 0
    for booking_id in dict.fromkeys(each.booking_id for each in db.session.scalars(due).all() if is_due(each)):
        try:
            booking = db.session.get_one(Booking, booking_id)
            with updating(booking):
                rows = [*filter(is_due, db.session.scalars(due.where(row.booking_id == booking_id)).all())]
                if rows:
                    settle_rows(booking, rows, now)
            number += len(rows)
        except Exception as error:  # the next minute tries again
            logger.error("deadlines: %s with booking %s", type(error).__name__, booking_id)
    return number


def _unanswered(now: datetime) -> sa.Select[Occurrence]:
    """Dates that were proposed and kept free until now."""
    return (
        sa.select(Occurrence)
        .join(Occurrence.changes)
        .where(Occurrence.status == Status.PROPOSED, Change.state == ChangeState.OPEN, Change.answer_by < now)
        .order_by(Occurrence.start)
    )


def _expire(booking: Booking, dates: Sequence[Occurrence], now: datetime) -> None:
    lifecycle.take(booking, {Action.EXPIRE: dates}, actor="system", now=now)


def _approved(*which: sa.ColumnElement[bool]) -> sa.Select[Occurrence]:
    """Approved dates of groups that can be written to."""
    return (
        sa.select(Occurrence)
        .join(Occurrence.booking)
        .join(Booking.contact)
        .where(Occurrence.status == Status.APPROVED, Contact.email.is_not(None), *which)
        .order_by(Occurrence.start)
    )


def _is_told_of() -> sa.ColumnElement[bool]:
    """Whether the letter about a date has left: until then the team can take back what it did."""
    return ~sa.exists().where(Letter.id == Occurrence.letter_id, Letter.state == "waiting")


def _soon(now: datetime) -> sa.Select[Occurrence]:
    """Dates of the day after tomorrow of which the group shall be reminded: its first, or all if it wished so.

    Of what was only decided today it has just been told.
    """
    zone = house().zone
    today = now.astimezone(zone).date()
    midnight, begin, end = (
        Slot.on(today + timedelta(days=days), time(0), 1, zone).start for days in (0, REMIND_DAYS, REMIND_DAYS + 1)
    )
    earlier = aliased(Occurrence)
    is_first = ~sa.exists().where(
        earlier.booking_id == Occurrence.booking_id,
        earlier.status == Status.APPROVED,
        earlier.start < Occurrence.start,
    )
    return _approved(
        Occurrence.start >= begin,
        Occurrence.start < end,
        Occurrence.decided_at < midnight,
        Occurrence.reminded_at.is_(None),
        sa.or_(Booking.reminders, is_first),
    )


def _remind(booking: Booking, dates: Sequence[Occurrence], now: datetime) -> None:
    for date in dates:
        date.reminded_at = now
        to_group("reminder", booking, [date], now=now, with_calendar=False)


def _last_dates(now: datetime) -> sa.Select[Occurrence]:
    """The last dates of series that have begun and can be extended, where the group has not asked for more."""
    other = aliased(Occurrence)
    of_the_same = other.booking_id == Occurrence.booking_id
    goes_on = sa.exists().where(of_the_same, other.status.in_(GOING_ON), other.start > Occurrence.start)
    has_begun = sa.exists().where(of_the_same, other.status == Status.APPROVED, other.start <= now)
    return _approved(
        Occurrence.start > now,
        Occurrence.end <= now + EXTEND_FROM,
        Booking.end_told_at.is_(None),
        Booking.rule["freq"].as_string() != Frequency.SINGLE,
        has_begun,
        ~goes_on,
        _is_told_of(),
    )


def _ask_to_go_on(booking: Booking, dates: Sequence[Occurrence], now: datetime) -> None:
    booking.end_told_at = now
    to_group("series_ends", booking, dates[-1:], now=now, with_calendar=False)


def _is_told(action: str, *since: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether the record says of a booking that its group was told."""
    return sa.exists().where(LogEntry.booking_id == Booking.id, LogEntry.action == action, *since)


def _needs_key(now: datetime) -> sa.Select[Occurrence]:
    """Dates to come soon of groups that need a key, have none, and have not been told how to get it."""
    has_key = sa.exists().where(KeyLoan.booking_id == Booking.id, KeyLoan.returned_at.is_(None))
    return _approved(
        Occurrence.start > now,
        Occurrence.start <= now + KEY_AHEAD,
        Booking.way_in == "need",
        ~has_key,
        ~_is_told("tell_of_key"),
        _is_told_of(),
    )


def _is_outside_hours(date: Occurrence) -> bool:
    return is_outside_hours(date.slot, house_rules(), date.room_id)


def _tell_of_key(booking: Booking, dates: Sequence[Occurrence], now: datetime) -> None:
    log.record("tell_of_key", booking, now=now)
    back_by = booking.coming(now)[-1].end + KEY_BACK
    to_group("key_ready", booking, dates, back_by=back_by, now=now, with_calendar=False)


def _to_bring_back(now: datetime) -> sa.Select[KeyLoan]:
    """Keys that are still out the day after the last date of their group, which has not been asked for them since.

    A date that is called off may come back for as long.
    """
    yesterday = now - timedelta(days=1)
    of_group = Occurrence.booking_id == Booking.id
    may_take_place = sa.and_(Occurrence.status.in_(GOING_ON), Occurrence.end > yesterday)
    is_needed = sa.exists().where(of_group, sa.or_(may_take_place, Occurrence.changed_at > yesterday))
    last_end = (
        sa.select(sa.func.max(Occurrence.end)).where(of_group, Occurrence.status == Status.APPROVED).scalar_subquery()
    )
    return (
        sa.select(KeyLoan)
        .join(KeyLoan.booking)
        .join(Booking.contact)
        .where(
            KeyLoan.returned_at.is_(None),
            KeyLoan.handed_out_at <= yesterday,
            Contact.email.is_not(None),
            ~is_needed,
            ~_is_told(
                "ask_for_key",
                LogEntry.at >= KeyLoan.handed_out_at,
                LogEntry.at >= sa.func.coalesce(last_end, KeyLoan.handed_out_at),
            ),
        )
    )


def _ask_for_key(booking: Booking, _loans: Sequence[KeyLoan], now: datetime) -> None:
    log.record("ask_for_key", booking, now=now)
    to_group("key_back", booking, now=now)


def _unconfirmed(now: datetime) -> sa.Select[Handover]:
    """Handovers that not both have said yes to in time."""
    return sa.select(Handover).where(Handover.ended_at.is_(None), Handover.created_at <= now - HANDOVER_WAITS)


def _end_handover(booking: Booking, handovers: Sequence[Handover], now: datetime) -> None:
    end_handovers(booking, now)
    log.record("end_handover", booking, count=len(handovers), now=now)
