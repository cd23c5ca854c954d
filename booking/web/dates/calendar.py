"""The month in which somebody looks for a day: how free each day is, and which can be asked for."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext

from booking import wording
from booking.domain.policy import horizon
from booking.house import RoomRow, house
from booking.web import locale
from booking.web.dates.free_times import RoomDay, room_days


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day. ``state`` is free, partly, taken, closed, or outside the house's hours and not taken; "" where it cannot
    be asked for, as it is past, too soon or too far. ``words`` name the day and say so."""

    day: date
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    """Weeks from Monday on; None stands for days of the months before and after.

    ``before`` and ``after`` are the neighbouring months, None where none of their days can be asked for; ``first`` and
    ``last`` are the first and the last day of all months that there are.
    """

    month: date
    weeks: tuple[tuple[CalendarDay | None, ...], ...]
    before: date | None
    after: date | None
    first: date
    last: date


def month_of(day: date, rooms: Sequence[RoomRow], now: datetime) -> CalendarMonth:
    """The month of a day, or the nearest one that has days to be asked for, as free as the freest of ``rooms`` is."""
    today = now.astimezone(house().zone).date()
    first, last = today.replace(day=1), horizon(today)
    month = min(max(day, first), last).replace(day=1)
    length = calendar.monthrange(month.year, month.month)[1]
    found = room_days(month, length, now, rooms)
    days = [month + timedelta(days=number) for number in range(length)]
    shown = [_day([found[room.id, each] for room in rooms], today) for each in days]
    cells = [*[None] * month.weekday(), *shown, *[None] * (-(month.weekday() + length) % 7)]
    before, after = month - timedelta(days=1), month + timedelta(days=length)
    return CalendarMonth(
        month,
        tuple(tuple(cells[n : n + 7]) for n in range(0, len(cells), 7)),
        before.replace(day=1) if before >= first else None,
        after if after <= last else None,
        first,
        last,
    )


def _day(in_rooms: Sequence[RoomDay], today: date) -> CalendarDay:
    """What can be said of one day, seen in each of the rooms that are wanted."""
    one = in_rooms[0]
    day = wording.long_day(one.day, locale.selected())
    if not one.can_be_asked_for:
        return CalendarDay(one.day, "", _why_not(one.day, day, today))
    if all(each.is_closed for each in in_rooms):
        return CalendarDay(one.day, "closed", gettext("%(day)s, closed: %(reason)s", day=day, reason=one.reason))
    if not any(each.free for each in in_rooms):
        return CalendarDay(one.day, "taken", gettext("%(day)s, taken", day=day))
    if one.is_outside:
        return CalendarDay(one.day, "outside", gettext("%(day)s, outside opening hours", day=day))
    if any(each.is_all_free for each in in_rooms):
        return CalendarDay(one.day, "free", gettext("%(day)s, free", day=day))
    return CalendarDay(one.day, "partly", gettext("%(day)s, partly booked", day=day))


def _why_not(day: date, name: str, today: date) -> str:
    if day < today:
        return gettext("%(day)s, in the past", day=name)
    if day > horizon(today):
        return gettext("%(day)s, not planned yet", day=name)
    return gettext("%(day)s, too short notice", day=name)
