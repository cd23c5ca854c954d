"""All dates of the house as a file: iCalendar, a table, or JSON with everything that is known."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from booking import ical
from booking.database import db
from booking.domain.status import GOING_ON, Status
from booking.house import house
from booking.languages import DEFAULT
from booking.models import Booking, Contact, Occurrence

#: The columns of the table; importing reads them again.
HEAD = ("Datum", "Beginn", "Endet am", "Ende", "Raum", "Titel", "Gruppe", "Art", "Personen", "öffentlich", "Stand")

#: Spreadsheets take a cell that begins like this for a formula, which could do something.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(suffix: str) -> bytes:
    """The file whose name ends so: .ics and .csv with the dates that go on, .json with all there are, and who asked.

    Raises ``KeyError`` for another ending.
    """
    return _WRITERS[suffix]()


def suffixes() -> list[str]:
    return [*_WRITERS]


def harmless(cell: str) -> str:
    """The words of a cell, which no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def as_meant(cell: str) -> str:
    """What ``harmless`` was given."""
    return cell[1:] if cell.startswith(tuple(f"'{each}" for each in _FORMULA)) else cell


def _dates() -> Sequence[Occurrence]:
    whole = joinedload(Occurrence.booking).joinedload(Booking.initiative)
    going_on = sa.select(Occurrence).where(Occurrence.status.in_(GOING_ON)).options(whole)
    return db.session.scalars(going_on.order_by(Occurrence.start, Occurrence.id)).unique().all()


def _calendar() -> bytes:
    entries = []
    for date in _dates():
        booking = date.booking
        own = {
            "class": "PUBLIC" if booking.is_open else "PRIVATE",
            "x-booking-room": date.room.slug,
            "x-booking-group": booking.initiative.name,
            "x-booking-kind": booking.initiative.kind,
            "x-booking-people": str(booking.people),
        }
        day = date.start.astimezone(house().zone)
        entries.append(ical.CalendarEntry(date, booking.title, "", f"/kalender/tag/{day:%Y-%m-%d}", own))
    return ical.feed_of(house().name, entries, DEFAULT).encode()


def _table() -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEAD)
    for date in _dates():
        booking, zone = date.booking, house().zone
        start, end = date.start.astimezone(zone), date.end.astimezone(zone)
        group = booking.initiative
        writer.writerow(
            [
                *(f"{start:%Y-%m-%d}", f"{start:%H:%M}", f"{end:%Y-%m-%d}", f"{end:%H:%M}"),
                *(date.room.slug, harmless(booking.title), harmless(group.name), group.kind, booking.people),
                "ja" if booking.is_open else "nein",
                "zugesagt" if date.status is Status.APPROVED else "angefragt",
            ]
        )
    return text.getvalue().encode("utf-8-sig")


def _everything() -> bytes:
    rows = sa.select(Booking).options(selectinload(Booking.occurrences), joinedload(Booking.contact))
    bookings = db.session.scalars(rows.order_by(Booking.id)).unique().all()
    return json.dumps({"bookings": [_told(each) for each in bookings]}, ensure_ascii=False, indent=1).encode()


_OF_BOOKING = (
    *("reference", "title", "purpose", "is_open", "url", "people", "equipment", "access_needs", "way_in", "note"),
    *("open_end", "doors_open", "reminders", "language", "rule", "skipped", "before_minutes", "after_minutes"),
)
_OF_DATE = ("uid", "before_minutes", "after_minutes", "reason", "no_show")
_OF_CONTACT = [column.key for column in sa.inspect(Contact).columns if column.key not in ("id", "mailbox")]


def _told(booking: Booking) -> dict[str, Any]:
    zone = house().zone
    contact = booking.contact
    return {
        **{name: getattr(booking, name) for name in _OF_BOOKING},
        "created_at": booking.created_at.isoformat(),
        "group": booking.initiative.name,
        "kind": booking.initiative.kind,
        "contact": {name: getattr(contact, name) for name in _OF_CONTACT} if contact else None,
        "dates": [
            {
                **{name: getattr(date, name) for name in _OF_DATE},
                "start": date.start.astimezone(zone).isoformat(),
                "end": date.end.astimezone(zone).isoformat(),
                "room": date.room.slug,
                "status": date.status.value,
            }
            for date in booking.occurrences
        ],
    }


_WRITERS = {".ics": _calendar, ".csv": _table, ".json": _everything}
