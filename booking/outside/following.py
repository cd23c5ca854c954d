"""Rooms that follow a calendar from outside: its busy times close the room, and nothing else of it is kept.

What cannot be fetched or read leaves the last good times as they are, with
their age. A date that is approved stays approved: the team sees what meets it.
"""

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import joinedload, lazyload

from booking import clock, log
from booking.availability.check import shut_by
from booking.database import db, transaction
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import NoHouse, busy_closures, house, public_changed
from booking.models import Booking, Occurrence, OutsideCalendar, Room, StaffMember, day_of
from booking.outside.apart import CPU_SECONDS, NotRead, read_apart
from booking.outside.fetching import NotFetched, fetch, target_of

logger = logging.getLogger(__name__)

#: How often a calendar is looked at, and how far ahead: dates can be asked for up to a year and a half ahead.
EVERY = timedelta(minutes=15)
AHEAD = timedelta(days=560)

LOOK_EVERY = 60  # seconds

READER = Path(__file__).with_name("reading.py")

#: What is kept as the error of a calendar that was fetched and cannot be read; the others are those of ``fetching``.
UNREADABLE = "unreadable"


def calendar_of(room: Room) -> OutsideCalendar | None:
    return db.session.scalars(sa.select(OutsideCalendar).where(OutsideCalendar.room_id == room.id)).one_or_none()


def follow_calendar(room: Room, address: str, *, by: StaffMember, now: datetime) -> None:
    """Let a room follow the calendar at this address, in place of the one it followed; an empty one ends that.

    It is looked at within a minute.
    """
    with transaction():
        former = calendar_of(room)
        if (former.address if former else "") == address:
            return
        if former:
            db.session.delete(former)
            db.session.flush()
            room.busy = ""
            public_changed()
        if address:
            db.session.add(OutsideCalendar(room_id=room.id, address=address))
        log.record("follow_calendar", None, by=by, now=now, room=room.slug)


def look_again(room: Room) -> None:
    """Let the calendar of a room be looked at within a minute."""
    with transaction():
        found = calendar_of(room)
        if found:
            found.checked_at = None


def refresh(now: datetime) -> int:
    """Look at the calendars whose time has come; gives their number. One that fails keeps no other waiting."""
    db.session.rollback()
    due = sa.or_(OutsideCalendar.checked_at.is_(None), OutsideCalendar.checked_at <= now - EVERY)
    ids = db.session.scalars(sa.select(OutsideCalendar.id).where(due).order_by(OutsideCalendar.id)).all()
    return sum(_look_at(id_, due, now) for id_ in ids)


def clashes_with(room: Room, now: datetime) -> Sequence[Occurrence]:
    """The approved dates to come that take place while the calendar that a room follows is busy, earliest first."""
    begin = now - timedelta(days=1)
    closed = [each for each in busy_closures(begin, now + AHEAD) if each.room_ids == [room.id]]
    if not closed:
        return []
    shut = shut_by(closed[0])
    dates = db.session.scalars(
        sa.select(Occurrence)
        .where(
            Occurrence.status == Status.APPROVED,
            Occurrence.end > now,
            Occurrence.room_id.in_(shut.ever),
        )
        .options(
            lazyload(Occurrence.room),
            joinedload(Occurrence.booking).options(joinedload(Booking.initiative), lazyload(Booking.occurrences)),
        )
        .order_by(Occurrence.start, Occurrence.id)
    )
    return [
        date
        for date in dates
        if date.room_id in shut.at(date.occupied.start.timestamp())
        and any(date.occupied.overlaps(each.slot) for each in closed)
    ]


def run_every_quarter(app: Flask, stop: Event) -> None:
    """Look at calendars as their time comes until ``stop`` is set, beginning now."""
    while not stop.is_set():
        try:
            with app.app_context(), suppress(NoHouse):
                refresh(clock.now())
        except Exception as error:  # the next minute tries again
            logger.error("calendars from outside: %s", type(error).__name__)
        stop.wait(LOOK_EVERY)


def _look_at(id_: int, due: sa.ColumnElement[bool], now: datetime) -> bool:
    """Fetch and read one calendar outside any transaction; ``False`` where another process does already."""
    with transaction():
        mine = sa.update(OutsideCalendar).where(OutsideCalendar.id == id_, due).values(checked_at=now)
        address = db.session.scalar(mine.returning(OutsideCalendar.address))
        zone = house().zone
    if address is None:
        return False
    busy, error = None, ""
    try:
        permitted = {target_of(each).origin for each in current_app.config["CALENDARS_INSIDE"].split()}
        busy = busy_times(fetch(address, permitted), zone, now)
    except NotFetched as fault:
        error = str(fault)
    _keep_busy(id_, address, busy, error, now)
    return True


def busy_times(text: bytes, zone: ZoneInfo, now: datetime, cpu_seconds: int = CPU_SECONDS) -> str:
    """When a calendar is busy from yesterday on, as JSON; read by a process of its own. Raises ``NotFetched``."""
    begin = Slot.on(day_of(now, zone) - timedelta(days=1), time(0), 1, zone).start  # the same all day
    window = (str(int(at.timestamp())) for at in (begin, begin + AHEAD))
    try:
        return json.dumps(read_apart(READER, [zone.key, *window], text, cpu_seconds), separators=(",", ":"))
    except NotRead:
        raise NotFetched(UNREADABLE) from None


def _keep_busy(id_: int, address: str, busy: str | None, error: str, now: datetime) -> None:
    """Keep what was read, or why nothing was, unless another calendar is followed by now."""
    with transaction():
        row = db.session.get(OutsideCalendar, id_)
        if row is None or row.address != address:
            return
        row.error = error
        if busy is None:
            return
        row.fetched_at = now
        room = db.session.get_one(Room, row.room_id)
        if room.busy != busy:
            room.busy = busy
            public_changed()
