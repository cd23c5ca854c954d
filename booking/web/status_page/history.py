"""What has happened to a booking, in plain words, for the group it is about."""

from datetime import datetime
from typing import NamedTuple

from booking import log
from booking.models import Booking


class HistoryLine(NamedTuple):
    """What happened, in plain words."""

    at: datetime
    text: str


def lines_of(booking: Booking) -> list[HistoryLine]:
    """Newest first; what concerns the office alone is left out."""
    lines = [(entry, log.step(entry).group) for entry in log.history(booking)]
    return [HistoryLine(entry.at, phrase.of(entry.count)) for entry, phrase in lines if phrase]
