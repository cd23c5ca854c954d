"""Rows for tests: each function stores one kind and gives it back.

What a test is about it says itself; all else has a plausible default. Every
call is a transaction of its own, so none stands inside another.
"""

import itertools
import re
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from flask_security.utils import hash_password

from booking import clock, displays, links, requesting
from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.remembering import Retention
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.extensions import security
from booking.facts import FACTS
from booking.models import (
    Booking,
    Change,
    Closure,
    Contact,
    Display,
    House,
    HouseFile,
    Initiative,
    Link,
    Occurrence,
    OpeningHours,
    Part,
    Room,
    StaffMember,
)

ZONE = ZoneInfo("Europe/Berlin")
HOURS = (time(9), time(17))
PASSWORD = "Teuto-Morgen-Kaffee-7"

_numbers = itertools.count(1)


def instant(local: str) -> datetime:
    """``2027-01-06T16:00`` in Bielefeld, as UTC."""
    return datetime.fromisoformat(local).replace(tzinfo=ZONE).astimezone(UTC)


def slot(local: str, minutes: int = 120) -> Slot:
    start = instant(local)
    return Slot(start, start + timedelta(minutes=minutes))


def house(hours: dict[int, Any] | None = None, **changes: Any) -> House:
    """The house, open Monday to Friday from 9 to 17 unless ``hours`` says otherwise: by weekday, a span or some."""
    values: dict[str, Any] = {
        "name": "Innovation Office",
        "article": "das",
        "site_name": "Räume im Innovation Office",
        "site_name_en": "Rooms at the Innovation Office",
        "operator": "Open Innovation City Bielefeld",
        "welcome": "Willkommen am Alten Markt 13.",
        "welcome_en": "Welcome to Alter Markt 13.",
        "street": "Alter Markt 13",
        "postcode": "33602",
        "city": "Bielefeld",
        "email": "innovationen@bielefeld.de",
        "phone": "+49 521 51-34408",
        "website": "https://oic-bielefeld.de",
        "zone_name": "Europe/Berlin",
        "country": "DE",
        "subdivision": "NW",
        "reference_prefix": "IO",
        "way_in": "Bis 17 Uhr ist das Haus offen. Danach braucht ihr euren Schlüssel.",
        "way_in_en": "The house is open until 17:00. After that you need your key.",
        "lobby_hint": "Haus offen bis 17:00. Danach: bitte klingeln.",
        "lobby_hint_en": "The house is open until 17:00. After that, please ring.",
        "lead_working_days": 2,
        "answer_working_days": 3,
        "latest_end": time(22),
        "tight_minutes": 30,
        "most_dates": 60,
        "rules_version": "2026-11",
        "facts": {name: f"Angabe {name}" for name in FACTS},
        "retention": Retention().as_json(),
    }
    row = House(id=1, **{**values, **changes})
    hours = dict.fromkeys(range(5), HOURS) if hours is None else hours
    spans = [(day, span) for day, own in hours.items() for span in ([own] if isinstance(own[0], time) else own)]
    _store(row, *(OpeningHours(weekday=day, opens=opens, closes=closes) for day, (opens, closes) in spans))
    return row


def house_file(name: str, content: bytes) -> None:
    """A file of the house's own; it also has to stand among ``files`` of the house."""
    _store(HouseFile(name=name, content=content))


def room(name: str = "Große Fläche", seats: int = 60, *, parts: list[str] | None = None, **changes: Any) -> Room:
    """A room; ``parts`` are names of the pieces it occupies, shared with other rooms of the same piece."""
    with transaction():
        row = _room(name, seats, parts or [name], changes)
        db.session.execute(db.update(House).values(version=House.version + 1))
    return row


def _room(name: str, seats: int, parts: list[str], changes: dict[str, Any]) -> Room:
    number = next(_numbers)
    values = {
        "slug": _slug(name),
        "name": name,
        "short_name": name[:12],
        "seats": seats,
        "way": "EG, links",
        "way_en": "ground floor, left",
        "direction": "left",
        "step_free": True,
        "equipment": ["Screen"],
        "position": number,
    }
    found = {part.name: part for part in db.session.scalars(db.select(Part).where(Part.name.in_(parts)))}
    row = Room(**{**values, **changes}, parts=[found.get(piece) or Part(name=piece) for piece in parts])
    db.session.add(row)
    return row


def other_parts(room: Room, since: str, parts: list[str]) -> None:
    """Let a room take other parts, by their names, from an instant on."""
    with transaction():
        pieces = db.session.scalars(db.select(Part).where(Part.name.in_(parts))).all()
        room.take_parts(pieces, int(instant(since).timestamp()))


def rooms() -> tuple[Room, Room, Room]:
    """The three rooms of the acceptance walks, largest first."""
    with transaction():
        hall, workshop, small = (
            _room(name, seats, [name], {})
            for name, seats in (("Große Fläche", 60), ("Werkstatt", 20), ("Besprechung", 8))
        )
        db.session.execute(db.update(House).values(version=House.version + 1))
    return hall, workshop, small


def initiative(name: str = "Gesundes Städte-Netzwerk", **changes: Any) -> Initiative:
    """The group of this name, made where there is none yet."""
    with transaction():
        return _initiative(name, changes)


def _initiative(name: str, changes: dict[str, Any]) -> Initiative:
    found = db.session.scalars(db.select(Initiative).where(Initiative.name == name)).one_or_none()
    if found is not None:
        return found
    row = Initiative(
        **{"slug": requesting.slug_of(name), "name": name, "kind": "initiative", "is_public": True, **changes}
    )
    db.session.add(row)
    db.session.flush()
    return row


def booking(
    room: Room,
    *starts: str,
    minutes: int = 120,
    status: Status = Status.REQUESTED,
    group: str = "Gesundes Städte-Netzwerk",
    email: str = "zoe@example.org",
    **changes: Any,
) -> Booking:
    """A booking with dates that begin at ``starts``, local times like 2027-01-06T16:00, all of one status.

    Its rule is made of these days, unless ``rule`` is given as a ``RecurrenceRule``.
    """
    number = next(_numbers)
    first, *others = [datetime.fromisoformat(start) for start in starts]
    rule = changes.pop("rule", None) or RecurrenceRule(
        start=first.date(), freq=Frequency.SINGLE, extra_dates=frozenset(day.date() for day in others)
    )
    values: dict[str, Any] = {
        "reference": f"IO-20-{number:04}",
        "form_id": f"form-{number}",
        "created_at": clock.now(),
        "language": "de",
        "contact": Contact(name="Zoë Müller", email=email, phone="0521 123456"),
        "room_wish_id": room.id,
        "title": f"Treffen {group}",
        "purpose": "Austausch",
        "is_open": True,
        "url": "",
        "people": 15,
        "equipment": [],
        "access_needs": "",
        "way_in": "",
        "note": "",
        "rules_version": "2026-11",
        "rule": rule.as_json(),
        "begins": first.time(),
        "minutes": minutes,
        "before_minutes": 0,
        "after_minutes": 0,
        "skipped": [],
        **changes,
    }
    with transaction():
        row = Booking(**{"initiative_id": _initiative(group, {}).id, **values})
        row.occurrences = [
            _occurrence(room.id, start, minutes, status, row.before_minutes, row.after_minutes) for start in starts
        ]
        db.session.add(row)
    return row


def occurrence(
    booking: Booking, start: str, *, room: Room | None = None, minutes: int | None = None, **changes: Any
) -> Occurrence:
    """A further date of a booking, requested in its first date's room unless said otherwise."""
    place = room.id if room else booking.occurrences[0].room_id
    status = changes.pop("status", Status.REQUESTED)
    row = _occurrence(place, start, minutes or booking.minutes, status, booking.before_minutes, booking.after_minutes)
    row.booking_id = booking.id
    for name, value in changes.items():
        setattr(row, name, value)
    _store(row)
    return row


def change(occurrence: Occurrence, room: Room, slot: Slot, **changes: Any) -> Change:
    """Another time or room that the group wishes for a date, or whatever ``changes`` make of it."""
    values: dict[str, Any] = {
        "proposed_by": "group",
        "former_room_id": occurrence.room_id,
        "former_start": occurrence.start,
        "former_end": occurrence.end,
        "created_at": clock.now(),
        **changes,
    }
    row = Change(room_id=room.id, start=slot.start, end=slot.end, **values)
    with transaction():
        occurrence.changes.append(row)
    return row


def link(booking: Booking) -> Link:
    """The right to see a booking; ``links.token(link)`` is the secret part of its address."""
    with transaction():
        return links.issue(booking, clock.now())


def closure(
    start: str, end: str, *, room: Room | None = None, reason: str = "Betriebsferien", **changes: Any
) -> Closure:
    row = Closure(
        room_ids=[room.id] if room else [],
        start=instant(start),
        end=instant(end),
        reason=reason,
        **{"reason_en": "Closed for holidays", **changes},
    )
    _store(row)
    return row


def display(name: str = "Eingang", *rooms: Room, by: StaffMember | None = None, **changes: Any) -> Display:
    """A registered display of these rooms, or of the house; ``displays.display_url`` says where it is."""
    values = {"name": name, "room_ids": [room.id for room in rooms], "ways": {}, "language": "de", **changes}
    return displays.keep_display(None, values, by=by or staff("Jonas"), now=clock.now())


def staff(name: str = "Henrike", email: str = "", *, password: str = "", role: str = "team") -> StaffMember:
    """One of the team. Only with a ``password`` (``make.PASSWORD``) can they use the sign-in page."""
    number = next(_numbers)
    row = StaffMember(
        name=name,
        email=email or f"{_slug(name)}-{number}@bielefeld.de",
        password=_hashed(password, security.pwd_context) if password else None,
        fs_uniquifier=f"member-{number}-{clock.now().timestamp()}",
        role=role,
    )
    _store(row)
    return row


@cache  # it takes long on purpose; how long, the application says
def _hashed(password: str, _context: object) -> str:
    return hash_password(password)


def _occurrence(room_id: int, start: str, minutes: int, status: Status, before: int, after: int) -> Occurrence:
    begins = instant(start)
    return Occurrence(
        room_id=room_id,
        start=begins,
        end=begins + timedelta(minutes=minutes),
        before_minutes=before,
        after_minutes=after,
        original_start=begins,
        original_room_id=room_id,
        status=status,
        decided_at=None if status is Status.REQUESTED else clock.now(),
        changed_at=clock.now(),
    )


def _store(*rows: Any) -> None:
    with transaction():
        db.session.add_all(rows)


def _slug(name: str) -> str:
    plain = name.lower().translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
