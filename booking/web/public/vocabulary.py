"""What search engines read of a page (schema.org): facts in an element of their own."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext

from booking.database import db
from booking.domain.recurrence import Frequency
from booking.domain.slot import times_of_weekdays, usual_times
from booking.domain.status import Status
from booking.house import RoomRow, house
from booking.languages import LANGUAGES
from booking.models import Booking, Occurrence, day_of
from booking.published import PublicDate
from booking.web import filters, locale

CONTEXT = "https://schema.org"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LAST = -1


def event(date: PublicDate) -> dict[str, Any]:
    """An open date, with the series that it belongs to. In which language people speak there, nobody has said."""
    moved = date.start != date.original_start
    status = "EventCancelled" if date.is_off else "EventRescheduled" if moved else "EventScheduled"
    facts: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "Event",
        "name": date.title,
        "startDate": _local(date.start),
        "eventStatus": f"{CONTEXT}/{status}",
        "eventAttendanceMode": f"{CONTEXT}/OfflineEventAttendanceMode",
        "isAccessibleForFree": True,
        "url": _url(f"termine/{date.id}"),
        "location": {
            "@type": "Place",
            "name": f"{house().name}, {date.room.name}",
            "address": _address(),
            "maximumAttendeeCapacity": date.room.seats,
        },
    }
    if date.room.is_active:
        facts["location"]["url"] = _url(f"raeume/{date.room.slug}")
    if not date.open_end:
        facts["endDate"] = _local(date.end)
    if date.group:
        facts["organizer"] = {"@type": "Organization", "name": date.group}
        facts["organizer"] |= {"url": _url(f"gruppen/{date.slug}")} if date.slug else {}
    if date.doors:
        facts["doorTime"] = _local(date.doors)
    if moved:
        facts["previousStartDate"] = _local(date.original_start)
    series = _series(date)
    return {**facts, "superEvent": series} if series else facts


def place(room: RoomRow) -> dict[str, Any]:
    """A room that can be asked for."""
    step_free = {"@type": "LocationFeatureSpecification", "name": gettext("step-free access"), "value": room.step_free}
    there = [
        {"@type": "LocationFeatureSpecification", "name": locale.thing(each), "value": True} for each in room.equipment
    ]
    facts = {
        "@context": CONTEXT,
        "@type": "Room",
        "name": room.name,
        "description": filters.way(room),
        "url": _url(f"raeume/{room.slug}"),
        "maximumAttendeeCapacity": room.seats,
        "isAccessibleForFree": True,
        "amenityFeature": [step_free, *there],
        "containedInPlace": {"@type": "Place", "name": house().name, "address": _address(), "url": _url("")},
    }
    return facts | ({"image": _url(f"raeume/{room.slug}/foto.jpg?v={room.photo}")} if room.photo else {})


def _series(date: PublicDate) -> dict[str, Any] | None:
    """The series of a date; without its rhythm, where schema.org has no words for it."""
    booking = db.session.scalars(sa.select(Booking).where(Booking.occurrences.any(Occurrence.id == date.id))).one()
    rule, zone = booking.recurrence_rule, house().zone
    on = [each for each in booking.occurrences if each.status is Status.APPROVED]
    if rule.freq is Frequency.SINGLE or len(on) < 2:
        return None
    facts: dict[str, Any] = {"@type": "EventSeries", "name": date.title}
    slots = [each.slot for each in on]
    if LAST in rule.ordinals or times_of_weekdays(slots, zone, rule.weekdays):
        return facts
    as_planned = {
        day_of(each.start, zone) for each in on if day_of(each.start, zone) == day_of(each.original_start, zone)
    }
    first, last = min(as_planned, default=rule.start), max(as_planned, default=rule.start)
    begins, minutes = usual_times(slots, zone)
    ends = (datetime.combine(first, begins) + timedelta(minutes=minutes)).time()
    schedule: dict[str, Any] = {
        "@type": "Schedule",
        "repeatFrequency": f"P{rule.interval}{'M' if rule.freq is Frequency.MONTHLY else 'W'}",
        "byDay": [f"{CONTEXT}/{WEEKDAYS[number]}" for number in rule.weekdays],
        "startDate": first.isoformat(),
        "endDate": last.isoformat(),
        "startTime": begins.isoformat(),
        "scheduleTimezone": house().zone_name,
        "exceptDate": [day.isoformat() for day in rule.pattern(last) if day >= first and day not in as_planned],
    }
    schedule |= {"byMonthWeek": list(rule.ordinals)} if rule.freq is Frequency.MONTHLY else {}
    schedule |= {} if date.open_end else {"endTime": ends.isoformat()}
    return {**facts, "eventSchedule": schedule}


def _address() -> dict[str, str]:
    here = house()
    return {
        "@type": "PostalAddress",
        "streetAddress": here.street,
        "postalCode": here.postcode,
        "addressLocality": here.city,
        "addressCountry": here.country,
    }


def _local(instant: datetime) -> str:
    return instant.astimezone(house().zone).isoformat()


def _url(path: str) -> str:
    return f"{current_app.config['PUBLIC_URL']}{LANGUAGES[locale.selected()].prefix}/{path}"
