"""Reading iCalendar (RFC 5545), as Outlook, Exchange, Google, Thunderbird and Nextcloud write it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

from booking.domain.slot import Slot
from booking.importing.entries import FAULTS, MOST_ENTRIES, Fault, ForeignDate, UnreadableFile, WhatWasRead

#: One date lasts no longer; what does is one for each of its days.
LONGEST = timedelta(hours=24)

#: How often an event may come back. What comes more often is no meeting, and takes for ever to work out.
KNOWN_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}

#: Where this service's own files tell what a calendar has no word for.
ROOM, GROUP, KIND, PEOPLE = "X-BOOKING-ROOM", "X-BOOKING-GROUP", "X-BOOKING-KIND", "X-BOOKING-PEOPLE"


def read_calendar(content: bytes, zone: ZoneInfo, horizon: datetime) -> WhatWasRead:
    """All dates before ``horizon``, series worked out; times without a zone are those of ``zone``.

    Cancelled events are left out. Raises ``UnreadableFile``.
    """
    text = content.decode("utf-8-sig", errors="replace")
    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except ValueError:
        raise UnreadableFile(FAULTS["no_calendar"]) from None
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    if not events:
        raise UnreadableFile(FAULTS["empty"])
    faults, endless, kept = [], [], Calendar()
    for event in events:
        refused = _fault(event)
        if refused:
            faults.append(refused)
            continue
        kept.add_component(event)
        if _has_unknown_zone(event):
            faults.append(Fault(FAULTS["zone"], {"title": _title(event), "zone": zone.key}))
        rule = event.get("RRULE")
        if rule and not (rule.get("UNTIL") or rule.get("COUNT")):
            endless.append(_title(event))
    entries: list[ForeignDate] = []
    found = recurring_ical_events.of(kept, skip_bad_series=True)
    for event in found.between(datetime(1970, 1, 1, tzinfo=UTC), horizon):
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        entries += _entries(event, zone)
        if len(entries) > MOST_ENTRIES:
            raise UnreadableFile(FAULTS["too_many"], most=MOST_ENTRIES)
    return WhatWasRead(sorted(entries, key=lambda each: each.slot), faults, endless)


def _fault(event: Any) -> Fault | None:
    rule = event.get("RRULE")
    if event.get("DTSTART") is None:
        return Fault(FAULTS["no_start"], {"title": _title(event)})
    if isinstance(rule, list) or (rule and set(rule.get("FREQ", [""])) - KNOWN_FREQUENCIES):
        return Fault(FAULTS["rule"], {"title": _title(event)})
    return None


def _has_unknown_zone(event: Any) -> bool:
    start = event["DTSTART"]
    return bool(start.params.get("TZID")) and isinstance(start.dt, datetime) and start.dt.tzinfo is None


def _entries(event: Any, zone: ZoneInfo) -> Iterator[ForeignDate]:
    """The dates of one event: several where it lasts for days."""
    start, end = event.start, event.end  # RFC 5545, 3.6.1: of DTEND, DURATION, or neither
    uid = str(event.get("UID", ""))
    for slot in _slots(start, end, zone):
        yield ForeignDate(
            title=_title(event),
            place=str(event.get(ROOM) or event.get("LOCATION", "")).strip(),
            slot=slot,
            series=uid if event.get("RECURRENCE-ID") else "",
            group=str(event.get(GROUP, "")).strip(),
            kind=str(event.get(KIND, "")).strip(),
            text=str(event.get("DESCRIPTION", "")).strip(),
            people=int(number) if (number := str(event.get(PEOPLE, ""))).isdecimal() else 0,
            is_open={"PUBLIC": True, "PRIVATE": False, "CONFIDENTIAL": False}.get(str(event.get("CLASS", "")).upper()),
            is_undecided=str(event.get("STATUS", "")).upper() == "TENTATIVE",
        )


def _slots(start: date, end: date, zone: ZoneInfo) -> Iterator[Slot]:
    """The time of an event; days without a time are whole ones, and the last of them is not included."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        begins, ends = _instant(start, zone), _instant(end, zone)
    else:
        begins, ends = _midnight(start, zone), _midnight(max(end, start + timedelta(days=1)), zone)
    if timedelta(0) < ends - begins <= LONGEST and isinstance(start, datetime):
        yield Slot(begins, ends)
        return
    while begins < ends:
        midnight = _midnight(begins.astimezone(zone).date() + timedelta(days=1), zone)
        yield Slot(begins, min(midnight, ends))
        begins = midnight


def _instant(at: datetime, zone: ZoneInfo) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return _instant(datetime.combine(day, time()), zone)


def _title(event: Any) -> str:
    return " ".join(str(event.get("SUMMARY", "")).split())
