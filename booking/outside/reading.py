"""Reads a calendar on standard input, and writes when it is busy, as a list of spans in epoch seconds.

It is run as a script, see ``apart``. Arguments: the house's zone, and the first
and last instant that matter. Only times leave it.
"""

import json
import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

MOST = 5000  # spans that do not meet

Stretch = tuple[int, int]


def main(zone_name: str, begin: str, end: str) -> None:
    spans = busy_spans(sys.stdin.buffer.read(), ZoneInfo(zone_name), int(begin), int(end))
    if len(spans) > MOST:
        raise SystemExit("too many")
    json.dump(spans, sys.stdout, separators=(",", ":"))


def busy_spans(text: bytes, zone: ZoneInfo, begin: int, end: int) -> list[Stretch]:
    """When a calendar is busy between two instants; spans that meet are one. Whatever cannot be read is raised."""
    calendar = icalendar.Calendar.from_ical(text)
    window = (datetime.fromtimestamp(begin, UTC), datetime.fromtimestamp(end, UTC))
    events = recurring_ical_events.of(calendar).between(*window)
    found = [_span(event["DTSTART"].dt, event["DTEND"].dt, zone) for event in events if _is_busy(event)]
    for each in calendar.walk("VFREEBUSY"):
        found += _periods(each, zone)
    return _joined([(max(start, begin), min(stop, end)) for start, stop in found])


def _is_busy(event: Any) -> bool:
    return (
        str(event.get("TRANSP", "")).upper() != "TRANSPARENT"
        and str(event.get("STATUS", "")).upper() != "CANCELLED"
        and str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() != "FREE"
    )


def _periods(component: Any, zone: ZoneInfo) -> list[Stretch]:
    """Of what tells no more than when somebody is busy (RFC 5545, section 3.6.4)."""
    told = component.get("FREEBUSY", [])
    lists = [each for each in (told if isinstance(told, list) else [told]) if each.params.get("FBTYPE") != "FREE"]
    periods = [period.dt for each in lists for period in getattr(each, "dts", [each])]
    return [_span(start, start + end if isinstance(end, timedelta) else end, zone) for start, end in periods]


def _span(start: date, end: date, zone: ZoneInfo) -> Stretch:
    return _instant(start, zone), _instant(end, zone)


def _instant(at: date, zone: ZoneInfo) -> int:
    """In epoch seconds. A day begins at midnight, and a time without a zone is meant in that of the house."""
    moment = at if isinstance(at, datetime) else datetime.combine(at, time(0), zone)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())


def _joined(spans: list[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for start, end in sorted(each for each in spans if each[0] < each[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
