"""The tables: rows, and the plain questions that one row can answer.

Rules live in ``booking.domain``, reading across rows in ``agenda`` and ``availability``, and what the public and the
office do in ``requesting``, ``changing``, ``sharing`` and ``deciding``.
"""

from booking.models.booking import Booking, Change, KeyLoan, Occurrence, day_of, occupancy
from booking.models.house import (
    Closure,
    Display,
    House,
    HouseFile,
    Notice,
    OpeningHours,
    OutsideCalendar,
    Part,
    Photo,
    Room,
    RoomPart,
    StoredList,
    YearFigure,
)
from booking.models.people import Contact, Initiative, Passkey, StaffMember, mailbox_of
from booking.models.traffic import Draft, Handover, Letter, Link, LogEntry

__all__ = [
    "Booking",
    "Change",
    "Closure",
    "Contact",
    "Display",
    "Draft",
    "Handover",
    "House",
    "HouseFile",
    "Initiative",
    "KeyLoan",
    "Letter",
    "Link",
    "LogEntry",
    "Notice",
    "Occurrence",
    "OpeningHours",
    "OutsideCalendar",
    "Part",
    "Photo",
    "Passkey",
    "Room",
    "RoomPart",
    "StaffMember",
    "StoredList",
    "YearFigure",
    "day_of",
    "mailbox_of",
    "occupancy",
]
