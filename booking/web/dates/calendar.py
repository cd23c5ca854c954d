"""The month in which somebody looks for a day: how free each day is, and which can be asked for."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import gettext

from booking import wording
from booking.availability.check import closures_for
from booking.availability.wanted import AnyRoom, Wanted
from booking.domain.policy import horizon
from booking.domain.slot import Slot
from booking.house import house, room_rows
from booking.web import locale
from booking.web.dates.free_times import RoomDay, room_days


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day. ``state`` is free, partly, taken, closed or outside (the house's hours); "" where it cannot be asked
    for, as it is past, too soon or too far. ``words`` name the day and say so."""

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


def month_of(day: date, rooms: Sequence[AnyRoom], now: datetime) -> CalendarMonth:
    """The month of a day, or the nearest one that has days to be asked for, as free as the freest of ``rooms`` is."""
    today = now.astimezone(house().zone).date()
    first, last = today.replace(day=1), horizon(today)
    month = min(max(day, first), last).replace(day=1)
    length = calendar.monthrange(month.year, month.month)[1]
    found = room_days(month, length, now, [room_rows()[room.id] for room in rooms])
    days = [month + timedelta(days=number) for number in range(length)]
    closures = _closed_all_day(days, rooms)
    shown = [_day([found[room.id, each] for room in rooms], closures.get(each, ""), today) for each in days]
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


def _closed_all_day(days: Sequence[date], rooms: Sequence[AnyRoom]) -> dict[date, str]:
    """Why a whole day is closed in every room, weekends included."""
    zone = house().zone
    slots = [Slot.on(day, time(0), 24 * 60, zone) for day in days for _ in rooms]
    wanted = [Wanted(room, slot) for room, slot in zip([*rooms] * len(days), slots, strict=True)]
    found = {
        index: closure
        for index, closure in closures_for(wanted).items()
        if closure.start <= slots[index].start and closure.end >= slots[index].end - timedelta(hours=1)
    }
    reasons = {}
    for number, day in enumerate(days):
        of_day = [found.get(index) for index in range(number * len(rooms), (number + 1) * len(rooms))]
        if of_day and of_day[0] and all(of_day):
            reasons[day] = locale.translated(of_day[0], "reason")
    return reasons


def _day(in_rooms: Sequence[RoomDay], closed: str, today: date) -> CalendarDay:
    """What can be said of one day, seen in each of the rooms that are wanted."""
    one = in_rooms[0]
    day = wording.long_day(one.day, locale.selected())
    if not one.can_be_asked_for:
        return CalendarDay(one.day, "", _why_not(one.day, day, today))
    reason = closed or (one.reason if all(each.reason for each in in_rooms) else "")
    if reason:
        return CalendarDay(one.day, "closed", gettext("%(day)s, closed: %(reason)s", day=day, reason=reason))
    if all(each.is_closed for each in in_rooms):
        return CalendarDay(one.day, "outside", gettext("%(day)s, outside opening hours", day=day))
    if any(each.is_all_free for each in in_rooms):
        return CalendarDay(one.day, "free", gettext("%(day)s, free", day=day))
    if any(each.free for each in in_rooms):
        return CalendarDay(one.day, "partly", gettext("%(day)s, partly booked", day=day))
    return CalendarDay(one.day, "taken", gettext("%(day)s, taken", day=day))


def _why_not(day: date, name: str, today: date) -> str:
    if day < today:
        return gettext("%(day)s, in the past", day=name)
    if day > horizon(today):
        return gettext("%(day)s, not planned yet", day=name)
    return gettext("%(day)s, too short notice", day=name)
