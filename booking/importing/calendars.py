"""Reading iCalendar (RFC 5545), as Outlook, Exchange, Google, Thunderbird and Nextcloud write it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from booking.domain.slot import Slot
from booking.importing.entries import FAULTS, MOST_ENTRIES, Fault, ForeignDate, UnreadableFile, WhatWasRead
from booking.outside.apart import NotRead, read_apart

READER = Path(__file__).with_name("reading.py")
CPU_SECONDS = 20


def read_calendar(content: bytes, zone: ZoneInfo, horizon: datetime) -> WhatWasRead:
    """All dates, series worked out by a process of its own, those without an end until ``horizon``; times without a
    zone are those of ``zone``. Cancelled events are left out. Raises ``UnreadableFile``.
    """
    arguments = [zone.key, str(int(horizon.timestamp())), str(MOST_ENTRIES)]
    try:
        told = read_apart(READER, arguments, content, CPU_SECONDS)
    except NotRead:
        raise UnreadableFile(FAULTS["hard"]) from None
    if told["refused"]:
        raise UnreadableFile(FAULTS[told["refused"]], most=MOST_ENTRIES)
    faults = [Fault(FAULTS[code], {"title": title, "zone": zone.key}) for code, title in told["faults"]]
    return WhatWasRead(sorted(map(_entry, told["entries"]), key=lambda each: each.slot), faults, told["endless"])


def _entry(told: dict[str, Any]) -> ForeignDate:
    begins, ends = (datetime.fromtimestamp(told.pop(name), UTC) for name in ("begins", "ends"))
    return ForeignDate(slot=Slot(begins, ends), **told)
