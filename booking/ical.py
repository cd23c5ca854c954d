"""Dates as iCalendar (RFC 5545), for the files in letters and for feeds.

Every date is a VEVENT of its own: what counts are the stored dates, and each of
them can be moved or cancelled by itself. A calendar program knows a date by
its UID and takes the higher SEQUENCE, so a later file updates what an earlier
one brought and doubles nothing.
"""

from collections.abc import Collection
from datetime import date
from urllib.parse import urlsplit

from flask import current_app
from icalendar import Calendar, Event, vCalAddress

from booking.database import db
from booking.domain.status import Status
from booking.languages import LANGUAGES
from booking.models import House, Occurrence

STATUS = {
    Status.REQUESTED: "TENTATIVE",
    Status.PROPOSED: "TENTATIVE",
    Status.APPROVED: "CONFIRMED",
    Status.DECLINED: "CANCELLED",
    Status.WITHDRAWN: "CANCELLED",
    Status.CANCELLED: "CANCELLED",
}

#: What a TEXT value must not hold (RFC 5545 section 3.3.11), and what would break it into lines. The library escapes
#: the rest.
_CONTROL = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029), " ")


def of_dates(occurrences: Collection[Occurrence], *, method: str | None, language: str) -> str:
    """A VCALENDAR with these dates, earliest first.

    ``method`` is that of RFC 5546, such as PUBLISH; ``None`` for a feed. The
    addresses in it are public: a calendar is shared more easily than a letter.
    """
    house = db.session.get_one(House, 1)
    result = Calendar()
    result.add("prodid", f"-//{_plain(house.name)}//{_plain(house.site_name)}//{language.upper()}")
    result.add("version", "2.0")
    result.add("calscale", "GREGORIAN")
    if method:
        result.add("method", method)
    dates = sorted(occurrences, key=lambda occurrence: (occurrence.start, occurrence.uid))
    for occurrence in dates:
        event = _event(occurrence, house, language)
        if method:
            event.add("organizer", _organizer(house))
        result.add_component(event)
    if dates:
        # The library's own span, 1970 to 2038, makes three kilobytes of old summer times.
        years = [occurrence.start.year for occurrence in dates]
        result.add_missing_timezones(date(min(years) - 1, 1, 1), date(max(years) + 2, 1, 1))
    text: bytes = result.to_ical()
    return text.decode()


def _event(occurrence: Occurrence, house: House, language: str) -> Event:
    public_url = current_app.config["PUBLIC_URL"]
    start = occurrence.start.astimezone(house.zone)
    event = Event()
    event.add("uid", f"{occurrence.uid}@{urlsplit(public_url).hostname}")
    event.add("sequence", occurrence.sequence)
    event.add("dtstamp", occurrence.changed_at)
    event.add("last-modified", occurrence.changed_at)
    event.add("status", STATUS[occurrence.status])
    event.add("dtstart", start)
    event.add("dtend", occurrence.end.astimezone(house.zone))
    event.add("summary", _plain(occurrence.booking.title))
    event.add("location", _plain(f"{occurrence.room.name}, {house.name}, {house.address}"))
    prefix = LANGUAGES[language].prefix
    event.add("url", f"{public_url}{prefix}/kalender/tag/{start:%Y-%m-%d}")
    return event


def _organizer(house: House) -> vCalAddress:
    address = vCalAddress(f"mailto:{house.email}")
    address.params["CN"] = _plain(house.name)
    return address


def _plain(text: str) -> str:
    return " ".join(text.translate(_CONTROL).split())
