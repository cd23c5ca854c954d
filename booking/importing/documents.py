"""Reading this service's own JSON, as ``bookings export`` writes it: the dates that go on, and their groups."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from booking.domain.slot import Slot
from booking.domain.status import GOING_ON, Status
from booking.importing.entries import FAULTS, ForeignDate, UnreadableFile, WhatWasRead


def read_document(content: bytes, zone: ZoneInfo, horizon: datetime) -> WhatWasRead:
    """All dates that were not declined, withdrawn or cancelled. Raises ``UnreadableFile``."""
    try:
        entries = [
            _entry(booking, date)
            for booking in json.loads(content)["bookings"]
            for date in booking["dates"]
            if Status(date["status"]) in GOING_ON
        ]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise UnreadableFile(FAULTS["no_calendar"]) from None
    return WhatWasRead(entries, [], [])


def _entry(booking: dict[str, Any], date: dict[str, Any]) -> ForeignDate:
    start, end = (datetime.fromisoformat(date[name]).astimezone(UTC) for name in ("start", "end"))
    return ForeignDate(
        title=str(booking["title"]),
        place=str(date["room"]),
        slot=Slot(start, end),
        series=str(booking["reference"]),
        group=str(booking["group"]),
        kind=str(booking["kind"]),
        text=str(booking["note"]),
        people=int(booking["people"]),
        is_open=bool(booking["is_open"]),
        is_undecided=Status(date["status"]) is not Status.APPROVED,
    )
