"""A time that comes back every week or every year, at the same local time."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import count
from zoneinfo import ZoneInfo

from booking.domain.slot import Slot


class Repeats(StrEnum):
    """How often something comes back."""

    ONCE = ""
    WEEKLY = "weekly"
    YEARLY = "yearly"


WEEK = timedelta(weeks=1)

#: The longest that something may last so that it is over before it comes back.
LONGEST = {Repeats.WEEKLY: WEEK, Repeats.YEARLY: timedelta(days=365)}


def repeated(
    first: Slot, repeats: str, until: datetime | None, begin: datetime, end: datetime, zone: ZoneInfo
) -> Iterator[Slot]:
    """The times that reach into a period, half-open, earliest first; nothing of them is after ``until``.

    Every week the local times stay, every year the days of the month as well: what begins or ends on a 29 February does
    so on 1 March where there is none.
    """
    starts, stops = (at.astimezone(zone).replace(tzinfo=None) for at in (first.start, first.end))
    for number in count(_skipped(first, repeats, begin)):
        if repeats == Repeats.WEEKLY:
            begins, ends = starts + number * WEEK, stops + number * WEEK
        else:
            begins, ends = (_years_later(at, number) for at in (starts, stops))
        minutes = int((ends - begins).total_seconds() // 60)
        slot = Slot.on(begins.date(), begins.time(), minutes, zone) if number else first
        if slot.start >= end or (until and slot.start >= until):
            return
        if until and slot.end > until:
            slot = Slot(slot.start, until)
        if slot.end > begin:
            yield slot
        if repeats == Repeats.ONCE:
            return


def _skipped(first: Slot, repeats: str, begin: datetime) -> int:
    """How many times surely are over before the period begins."""
    if repeats == Repeats.WEEKLY:
        return max(0, (begin - first.end) // WEEK - 1)
    return max(0, begin.year - first.end.year - 1) if repeats else 0


def _years_later(at: datetime, years: int) -> datetime:
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return datetime.combine(date(at.year + years, 3, 1), at.time())
