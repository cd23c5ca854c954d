"""Databases as a house has them after some years: groups, their series, open requests, one group's page."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from booking import guard
from booking.database import db, writing
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.models import Booking, Contact, Initiative, Occurrence, Room
from tests import make
from tests.make import ZONE

#: Stored dates, and the rooms they are spread over.
ROOMS = {3_000: 6, 30_000: 30, 300_000: 200}

#: The house's clock: a Thursday in July, from when 52 weeks can be asked for.
NOW = datetime(2027, 7, 1, 10, tzinfo=ZONE)

_WEEKS = 26
_PERIODS = [date(2027, 4, 5), date(2027, 10, 4), date(2026, 10, 5), date(2026, 4, 6)]  # Mondays
_BEGINS = (time(9), time(11), time(14), time(16, 30), time(19))
_MINUTES = 105

#: On Tuesday and Wednesday evenings nobody meets in three rooms, but for: in the first, the group whose page is looked
#: at, on Tuesdays, and a request for all Wednesdays, of which five are taken; in the second, five Wednesdays.
ASKED = time(19)
CLASHES = [date(2027, 7, 21), date(2027, 8, 18), date(2027, 9, 15), date(2027, 10, 13), date(2027, 11, 10)]

REQUESTS = 24  # that wait for the team, whatever the size
FULL_INBOX = 300


def fill(rows: int) -> None:
    """``rows`` approved dates in series of 26, some open requests, and five meetings in the way of a further one."""
    rooms = [make.room(f"Raum {n + 1}", seats=12 + n % 50).id for n in range(ROOMS[rows])]
    groups = [
        {"id": n + 1, "slug": f"gruppe-{n + 1}", "name": f"Gruppe {n + 1}", "kind": "initiative", "is_public": True}
        for n in range(max(rows // 78, 1))
    ]
    series = list(_series(rows, rooms, len(groups)))
    dates = [row for _, rows in series for row in rows]
    with writing(), db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        guard.remove(connection)
        connection.execute(sa.insert(Initiative), groups)
        connection.execute(sa.insert(Contact), [_contact(booking["contact_id"]) for booking, _ in series])
        connection.execute(sa.insert(Booking), [booking for booking, _ in series])
        for first in range(0, len(dates), 10_000):
            connection.execute(sa.insert(Occurrence), dates[first : first + 10_000])
        guard.install(connection)
        if connection.dialect.name == "postgresql":
            for table in (Initiative, Contact, Booking, Occurrence):
                name = table.__tablename__
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"
                )
        connection.exec_driver_sql("ANALYZE")
    make.house()


def fill_inbox() -> None:
    """Let ``FULL_INBOX`` requests wait, each further one with one to four dates."""
    taken = sa.select(sa.func.max(Booking.id)).scalar_subquery(), sa.select(sa.func.max(Contact.id)).scalar_subquery()
    after = max(db.session.execute(sa.select(*taken)).one()) + 1
    rooms, groups = (db.session.scalars(sa.select(table.id).order_by(table.id)).all() for table in (Room, Initiative))
    requests = [
        _booking(
            after + n,
            rooms[n % len(rooms)],
            _BEGINS[n % len(_BEGINS)],
            _weekly(date(2027, 7, 7) + timedelta(days=n % 90), 1 + n % 4),
            groups[n % len(groups)],
            Status.REQUESTED,
        )
        for n in range(FULL_INBOX - REQUESTS)
    ]
    with writing(), db.engine.begin() as connection:
        connection.execute(sa.insert(Contact), [_contact(booking["contact_id"]) for booking, _ in requests])
        connection.execute(sa.insert(Booking), [booking for booking, _ in requests])
        connection.execute(sa.insert(Occurrence), [row for _, rows in requests for row in rows])


def _series(rows: int, rooms: list[int], groups: int) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Bookings with their dates."""
    number, left = 0, rows
    for turn in range(5 * len(_BEGINS)):
        weekday = turn % 5
        for monday in _PERIODS:
            for room in rooms:
                begins = _BEGINS[(turn // 5 + room) % len(_BEGINS)]  # some rooms are used by day, some in the evening
                is_kept_free = room in rooms[:3] and begins == ASKED and weekday in (1, 2)
                if is_kept_free or left <= 0:
                    continue
                number += 1
                days = [monday + timedelta(days=weekday, weeks=n) for n in range(min(_WEEKS, left))]
                left -= len(days)
                yield _booking(number, room, begins, days, 1 + number % groups, Status.APPROVED)
    yield _booking(number + 1, rooms[0], ASKED, CLASHES, 1, Status.APPROVED)
    yield _booking(number + 2, rooms[1], ASKED, CLASHES, 1, Status.APPROVED)
    number += 1
    yield _booking(number + 2, rooms[0], ASKED, _weekly(date(2027, 7, 6), 52), 1, Status.APPROVED)
    first = date(2027, 7, 7)
    for n in range(REQUESTS):
        room = rooms[0] if n == 0 else rooms[n % len(rooms)]
        begins = ASKED if n == 0 else _BEGINS[n % len(_BEGINS)]
        days = _weekly(first + timedelta(days=n % 5 if n else 0), _WEEKS)
        yield _booking(number + 3 + n, room, begins, days, 1 + n % groups, Status.REQUESTED)


def _weekly(first: date, number: int) -> list[date]:
    return [first + timedelta(weeks=n) for n in range(number)]


def _booking(
    number: int, room: int, begins: time, days: list[date], group: int, status: Status
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    is_series = len(days) > 1 and days[1] - days[0] == timedelta(weeks=1)
    rule = RecurrenceRule(
        start=days[0],
        freq=Frequency.WEEKLY if is_series else Frequency.SINGLE,
        count=len(days) if is_series else None,
        extra_dates=frozenset() if is_series else frozenset(days[1:]),
    )
    booking = {
        "id": number,
        "reference": f"IO-27-{number:05}",
        "form_id": f"town-{number}",
        "created_at": NOW.astimezone(UTC) - timedelta(days=1 + number % 5),
        "language": "de",
        "initiative_id": group,
        "contact_id": number,
        "room_wish_id": room,
        "title": f"Treffen {number}",
        "purpose": "Austausch",
        "is_open": number % 4 > 0,
        "url": "",
        "people": 12,
        "equipment": [],
        "access_needs": "",
        "way_in": "have",
        "note": "",
        "rules_version": "2026-11",
        "rule": rule.as_json(),
        "begins": begins,
        "minutes": _MINUTES,
        "before_minutes": 0,
        "after_minutes": 0,
        "skipped": [],
    }
    return booking, [_date(number, room, Slot.on(day, begins, _MINUTES, ZONE), status) for day in days]


def _date(booking: int, room: int, slot: Slot, status: Status) -> dict[str, Any]:
    return {
        "booking_id": booking,
        "room_id": room,
        "start": slot.start,
        "end": slot.end,
        "original_start": slot.start,
        "original_room_id": room,
        "status": status,
        "changed_at": NOW.astimezone(UTC) - timedelta(days=1),
    }


def _contact(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Zoë Müller {number}",
        "email": f"zoe-{number}@example.org",
        "mailbox": f"zoe-{number}@example.org",
    }
