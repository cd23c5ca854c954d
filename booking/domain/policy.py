"""What the house allows, as questions that give an answer and never raise.

An ``Objection`` is a code and what its sentence needs; the sentences stand
where people read them. All days are days of the house.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from booking.domain.slot import Slot

#: How long a group can take its cancellation back.
UNDO_CANCEL = timedelta(minutes=10)
#: A group that cancels later than this before a date cancels late.
LATE = timedelta(hours=48)
#: How long before its last date a series can be extended.
EXTEND_FROM = timedelta(weeks=6)
#: How long a handover waits for both to say yes.
HANDOVER_WAITS = timedelta(days=14)
#: So long after the last date of its group a key shall be back.
KEY_BACK = timedelta(days=7)

_DAY = timedelta(days=1)
_MONDAY_TO_FRIDAY = range(5)


#: When something is open, by weekday (Monday 0): half-open local times, earliest first, none of which meet.
#: On a weekday that is missing, it is closed.
Hours = Mapping[int, tuple[tuple[time, time], ...]]


@dataclass(frozen=True, slots=True)
class HouseRules:
    """The rules that the office can change.

    ``room_hours``: those of rooms that differ from the house, by their ids. ``latest_end`` is on the day of the
    start. A gap to the neighbour below ``tight`` is worth a note.
    """

    zone: ZoneInfo
    hours: Hours
    latest_end: time
    lead_working_days: int
    most_dates: int
    tight: timedelta
    room_hours: Mapping[int, Hours] = field(default_factory=dict)

    def hours_of(self, room_id: int | None) -> Hours:
        """The hours of a room, or those of the house where it has none of its own or none is meant."""
        return self.room_hours.get(room_id or 0, self.hours)


class Objection(NamedTuple):
    """A house rule that a wish breaks."""

    code: str
    params: dict[str, Any]


def objections(slot: Slot, *, now: datetime, rules: HouseRules, public_holidays: Mapping[date, str]) -> list[Objection]:
    """What speaks against one wanted date, the plainest first.

    ``past`` or ``too_soon`` (``first`` is the first day that can be asked for),
    or ``too_far`` (``last`` is the last); and ``too_late`` (``latest`` end).
    """
    found = []
    day = slot.start.astimezone(rules.zone).date()
    today = now.astimezone(rules.zone).date()
    first = earliest(now, rules, public_holidays)
    last = horizon(today)
    if slot.start <= now:
        found.append(Objection("past", {"day": day, "first": first}))
    elif day < first:
        found.append(Objection("too_soon", {"first": first}))
    elif day > last:
        found.append(Objection("too_far", {"last": last}))
    if slot.end > datetime.combine(day, rules.latest_end, rules.zone).astimezone(UTC):
        found.append(Objection("too_late", {"latest": rules.latest_end}))
    return found


def request_objections(days: Sequence[date], rules: HouseRules) -> list[Objection]:
    """What speaks against a request as a whole: ``none_left``, or ``too_many`` (``number``, ``most``) dates."""
    if not days:
        return [Objection("none_left", {})]
    if len(days) > rules.most_dates:
        return [Objection("too_many", {"number": len(days), "most": rules.most_dates})]
    return []


def horizon(today: date) -> date:
    """The last day that can be asked for: the end of the next half-year."""
    if today.month <= 6:
        return date(today.year, 12, 31)
    return date(today.year + 1, 6, 30)


def earliest(now: datetime, rules: HouseRules, public_holidays: Mapping[date, str]) -> date:
    """The first day that can be asked for: the office has ``lead_working_days`` whole working days before it."""
    today = now.astimezone(rules.zone).date()
    return after_working_days(today, rules.lead_working_days, rules.hours, public_holidays) + _DAY


def is_working_day(day: date, hours: Hours, public_holidays: Mapping[date, str]) -> bool:
    """Whether the office works: on the weekdays on which the house is open, public holidays excepted; in a house
    without hours from Monday to Friday."""
    return day.weekday() in (hours or _MONDAY_TO_FRIDAY) and day not in public_holidays


def after_working_days(day: date, number: int, hours: Hours, public_holidays: Mapping[date, str]) -> date:
    """The ``number``-th working day after ``day``, such as the day by which an answer is due; 0 is ``day`` itself."""
    while number > 0:
        day += _DAY
        number -= is_working_day(day, hours, public_holidays)
    return day


def working_days_between(first: date, last: date, hours: Hours, public_holidays: Mapping[date, str]) -> int:
    """How many working days come after ``first``, up to and including ``last``; 0 if ``last`` is not later."""
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(is_working_day(day, hours, public_holidays) for day in days)


def before_working_days(day: date, number: int, hours: Hours, public_holidays: Mapping[date, str]) -> date:
    """The last day since which so many working days have come, ``day`` included; 0 is ``day`` itself."""
    while number > 0:
        number -= is_working_day(day, hours, public_holidays)
        day -= _DAY
    return day


def is_outside_hours(slot: Slot, rules: HouseRules, room_id: int | None) -> bool:
    """Whether a part of the slot lies outside the hours of its room. Allowed, but the group needs a way in."""
    start = slot.start.astimezone(rules.zone)
    end = slot.end.astimezone(rules.zone)
    if end.date() != start.date():
        return True
    spans = rules.hours_of(room_id).get(start.weekday(), ())
    return not any(opens <= start.time() and end.time() <= closes for opens, closes in spans)
