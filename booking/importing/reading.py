"""Reads a calendar on standard input, and writes its dates as JSON, series worked out.

It is run as a script, see ``outside.apart``. Arguments: the house's zone, until when series without an end are followed
in epoch seconds, and how many dates are too many.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Calendar
from recurring_ical_events import of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2100, 1, 1, tzinfo=UTC)

#: One date lasts no longer; what does is one for each of its days.
LONGEST = timedelta(hours=24)
#: What lasts longer is no event of a house.
LONGEST_EVENT = timedelta(days=366)

#: How often an event may come back. What comes more often is no meeting, and takes for ever to work out.
KNOWN_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}

#: Where this service's own files tell what a calendar has no word for.
ROOM, GROUP, KIND, PEOPLE = "X-BOOKING-ROOM", "X-BOOKING-GROUP", "X-BOOKING-KIND", "X-BOOKING-PEOPLE"

IS_OPEN = {"PUBLIC": True, "PRIVATE": False, "CONFIDENTIAL": False}


class CalendarTold(NamedTuple):
    """What a calendar holds. ``refused``: by the code of a fault, where nothing of it can be taken; ``entries``:
    keywords of ``ForeignDate``, times in epoch seconds; ``faults``: codes with titles; ``endless``: titles."""

    refused: str
    entries: list[dict[str, Any]]
    faults: list[tuple[str, str]]
    endless: list[str]


def write_dates(zone_name: str, horizon: str, most: str) -> None:
    until = datetime.fromtimestamp(int(horizon), UTC)
    told = read_events(sys.stdin.buffer.read(), ZoneInfo(zone_name), until, int(most))
    json.dump(told._asdict(), sys.stdout)


def read_events(content: bytes, zone: ZoneInfo, horizon: datetime, most: int) -> CalendarTold:
    """All dates, of series without an end those before ``horizon``; of an event that cannot be read, that it is so."""
    try:
        calendars = Calendar.from_ical(content.decode("utf-8-sig", errors="replace"), multiple=True)
    except Exception:  # whatever strange text causes inside the library, it is no calendar
        return CalendarTold("no_calendar", [], [], [])
    series = defaultdict(list)
    for number, event in enumerate(event for calendar in calendars for event in calendar.walk("VEVENT")):
        series[str(event.get("UID", number))].append(event)
    told = CalendarTold("" if series else "empty", [], [], [])
    for events in series.values():
        try:
            _read_series(events, told, zone, horizon)
        except Exception as fault:  # as above
            if isinstance(fault, MemoryError):
                raise
            told.faults.append(("event", _title(events[0])))
        if len(told.entries) > most:
            return CalendarTold("too_many", [], [], [])
    return told


def _read_series(events: list[Any], told: CalendarTold, zone: ZoneInfo, horizon: datetime) -> None:
    """The dates of one event, with those that were changed later."""
    kept, until = Calendar(), LAST
    for event in events:
        title = _title(event)
        if refused := _fault(event):
            told.faults.append((refused, title))
            continue
        kept.add_component(event)
        if _has_unknown_zone(event):
            told.faults.append(("zone", title))
        rule = event.get("RRULE")
        if rule and not (rule.get("UNTIL") or rule.get("COUNT")):
            told.endless.append(title)
            until = horizon
    found: list[dict[str, Any]] = []
    for event in of(kept).between(EPOCH, until) if kept.subcomponents else ():
        if not _is_cancelled(event):
            found += _entries(event, zone)
    told.entries.extend(found)


def _fault(event: Any) -> str:
    """Why an event is left out."""
    rule = event.get("RRULE")
    if event.get("DTSTART") is None:
        return "no_start"
    if isinstance(rule, list) or (rule and not _comes_back_as_meetings_do(rule)):
        return "rule"
    length = _in_zone(event.end, UTC) - _in_zone(event.start, UTC)  # of DTEND, DURATION, or neither: RFC 5545, 3.6.1
    if length > LONGEST_EVENT:
        return "long"
    return "" if length or _is_cancelled(event) else "no_end"


def _is_cancelled(event: Any) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


def _comes_back_as_meetings_do(rule: Any) -> bool:
    """Once a day at most, and not without moving on."""
    is_known = set(rule.get("FREQ", [""])) <= KNOWN_FREQUENCIES
    is_once = all(len(rule.get(each, [])) < 2 for each in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    return is_known and is_once and min(rule.get("INTERVAL", [1])) > 0


def _has_unknown_zone(event: Any) -> bool:
    start = event["DTSTART"]
    return bool(start.params.get("TZID")) and isinstance(start.dt, datetime) and start.dt.tzinfo is None


def _entries(event: Any, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """The dates of one event: several where it lasts for days."""
    number = str(event.get(PEOPLE, ""))
    same = {
        "title": _title(event),
        "place": str(event.get(ROOM) or event.get("LOCATION", "")),
        "series": str(event.get("UID", "")) if event.get("RECURRENCE-ID") else "",
        "group": str(event.get(GROUP, "")),
        "kind": str(event.get(KIND, "")),
        "text": str(event.get("DESCRIPTION", "")).strip(),
        "people": int(number[:4]) if number.isdecimal() else 0,
        "is_open": IS_OPEN.get(str(event.get("CLASS", "")).upper()),
        "is_undecided": str(event.get("STATUS", "")).upper() == "TENTATIVE",
    }
    for begins, ends in _spans(event.start, event.end, zone):
        yield same | {"begins": begins.timestamp(), "ends": ends.timestamp()}


def _spans(start: date, end: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The time of an event; days without a time are whole ones, and the last of them is not included."""
    begins, ends = _in_zone(start, zone), _in_zone(end, zone)
    if not isinstance(start, datetime):
        ends = max(ends, _midnight(start + timedelta(days=1), zone))
    elif timedelta(0) < ends - begins <= LONGEST:
        yield begins, ends
        return
    while begins < ends:
        midnight = _midnight(begins.astimezone(zone).date() + timedelta(days=1), zone)
        yield begins, min(midnight, ends)
        begins = midnight


def _in_zone(at: date, zone: Any) -> datetime:
    """The instant; a day begins at midnight, and a time without a zone is meant in this one."""
    moment = at if isinstance(at, datetime) else datetime.combine(at, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return _in_zone(day, zone)


def _title(event: Any) -> str:
    return " ".join(str(event.get("SUMMARY", "")).split())


if __name__ == "__main__":
    write_dates(*sys.argv[1:])
