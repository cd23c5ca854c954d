"""A letter as its template makes it of a real booking, for those who change its words."""

from datetime import datetime, timedelta
from typing import Any

from jinja2 import ChainableUndefined

from booking.domain.slot import Slot
from booking.models import Booking
from booking.notices.frame import Proposal, Text, about_dates, environment, known_of, rendered


class _Unknown(ChainableUndefined):
    """What only a real case knows."""

    __slots__ = ()

    def __str__(self) -> str:
        return "…"


def sample(kind: str, source: str, booking: Booking, language: str, now: datetime) -> Text:
    """The letter that this source of a template makes of a booking, whatever its dates have come to by now.

    Raises ``jinja2.TemplateError`` or ``TypeError`` where that does not tell enough.
    """
    dates = booking.occurrences[:3]
    moved = [Proposal(each, each.room, Slot(each.end, each.end + (each.end - each.start))) for each in dates[:1]]
    values: dict[str, Any] = {
        "changes": moved,
        "undecided": [],
        "answer_by": now + timedelta(days=7),
        "back_by": booking.occurrences[-1].end + timedelta(days=7),
        "counts": {"all": len(dates), "approved": len(dates), "declined": 0},
    }
    about = about_dates(booking, dates, now, **values)
    template = environment().overlay(undefined=_Unknown).from_string(source)
    return rendered(template, booking.reference, language, **known_of(kind, booking, language, **about))
