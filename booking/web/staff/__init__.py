"""The team's pages: requests, decisions and letters."""

from booking.web.staff import (
    account,
    afterwards,
    calendar,
    closures,
    decision,
    enter,
    groups,
    holidays,
    inbox,
    keys,
    letters,
    panel,
    premises,
    statistics,
    texts,
    today,
    wishes,
)
from booking.web.staff.frame import bp

__all__ = [
    "account",
    "afterwards",
    "bp",
    "calendar",
    "closures",
    "decision",
    "enter",
    "holidays",
    "groups",
    "inbox",
    "keys",
    "letters",
    "panel",
    "premises",
    "statistics",
    "texts",
    "today",
    "wishes",
]
