"""A stretch of time in which something takes place.

Rules of the house are local wall time; from here on times are UTC.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)


class _Ends(NamedTuple):
    start: datetime
    end: datetime


class Slot(_Ends):
    """A half-open stretch of time: ``start`` belongs to it, ``end`` does not.

    Two slots that only touch (10-11 and 11-12) therefore do not overlap.

    Both ends are UTC, and ``end`` is later than ``start``, else ``ValueError``.
    Python compares and subtracts two times of the *same* local zone by the
    clock on the wall, which is an hour wrong on the nights when summer time
    begins and ends.
    """

    __slots__ = ()

    def __new__(cls, start: datetime, end: datetime) -> "Slot":
        if start.tzinfo is not UTC or end.tzinfo is not UTC:
            raise ValueError(f"both ends of a slot are UTC, not {start!r} and {end!r}")
        if end <= start:
            raise ValueError(f"a slot ends after it starts, not from {start} to {end}")
        return tuple.__new__(cls, (start, end))

    @classmethod
    @lru_cache(maxsize=4096)  # on its way a date is asked for its slot five times, and zones take long to tell
    def on(cls, day: date, begins: time, minutes: int, zone: ZoneInfo) -> "Slot":
        """The slot from a local wall time to the wall time ``minutes`` later: 01:30 and 150 minutes end at 04:00.

        So they do in the nights when summer time begins or ends, an hour
        earlier or later than on other nights. Of a wall time that autumn
        repeats, a start is the first and an end the second. One that the spring
        gap skips counts with the offset before the gap (RFC 5545, 3.3.5: 02:30
        is then 03:30 on the wall); a slot that would start in the gap keeps its
        length.
        """
        start = datetime.combine(day, begins)
        end = start + timedelta(minutes=minutes)
        if not _is_on_the_wall(start, zone):
            return cls(_instant(start, zone), _instant(end, timezone(_before(start, zone))))
        return cls(_instant(start, zone), _instant(end.replace(fold=int(_is_on_the_wall(end, zone))), zone))

    @property
    def minutes(self) -> int:
        """The length in whole minutes."""
        return (self.end - self.start) // _MINUTE

    def wall_minutes(self, zone: ZoneInfo) -> int:
        """The length between the wall times of start and end, from which ``on`` makes it again."""
        return self.wall_times(zone)[1]

    def wall_times(self, zone: ZoneInfo) -> tuple[time, int]:
        """The wall time of its start, and that length."""
        start, end = self.start.astimezone(zone), self.end.astimezone(zone)
        minutes = (end - start) // _MINUTE  # within a zone that is by the wall
        return start.time(), minutes if minutes > 0 else self.minutes  # both in the hour that autumn repeats

    def overlaps(self, other: "Slot") -> bool:
        """Whether the two share an instant."""
        return self.start < other.end and other.start < self.end

    def widened(self, before: timedelta, after: timedelta) -> "Slot":
        """The slot with time for setting up and tidying up."""
        return Slot(self.start - before, self.end + after) if before or after else self


class HasTimeAround(Protocol):
    """A date with what is kept free around it."""

    @property
    def doors(self) -> datetime | None: ...
    @property
    def before_minutes(self) -> int: ...
    @property
    def after_minutes(self) -> int: ...
    @property
    def occupied(self) -> Slot: ...


class WeekdayTimes(NamedTuple):
    """When a series meets on one weekday (Monday 0): local wall time, and wall minutes."""

    weekday: int
    begins: time
    minutes: int


def usual_times(slots: Iterable[Slot], zone: ZoneInfo) -> tuple[time, int]:
    """The local wall time and the wall minutes that most of some slots have, at least one; of equals the first met."""
    times = Counter(slot.wall_times(zone) for slot in slots)
    return times.most_common(1)[0][0]


def times_of_weekdays(slots: Sequence[Slot], zone: ZoneInfo, weekdays: Collection[int]) -> tuple[WeekdayTimes, ...]:
    """The usual times of those of a series' weekdays (Monday 0) that meet at others than most dates do."""
    by_weekday: dict[int, list[Slot]] = {number: [] for number in weekdays if len(weekdays) > 1}
    for slot in slots if by_weekday else ():
        by_weekday.get(slot.start.astimezone(zone).weekday(), []).append(slot)
    usual = {number: usual_times(own, zone) for number, own in by_weekday.items() if own}
    most = usual_times(slots, zone) if usual else None
    return tuple(WeekdayTimes(number, *times) for number, times in sorted(usual.items()) if times != most)


def wall_end(begins: time, minutes: int) -> time:
    """When something of so many minutes ends on the wall clock, be it after midnight."""
    return (datetime.combine(date.min, begins) + timedelta(minutes=minutes)).time()


@lru_cache(maxsize=4096)
def skipped(day: date, at: time, zone: ZoneInfo) -> tuple[time, time] | None:
    """The gap when summer time begins, if this wall time falls into it: when the clocks jump, and to what."""
    wall = datetime.combine(day, at)
    if _is_on_the_wall(wall, zone):
        return None
    first = wall
    while not _is_on_the_wall(first - timedelta(minutes=1), zone):
        first -= timedelta(minutes=1)
    return first.time(), _instant(first, zone).astimezone(zone).time()


def _is_on_the_wall(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks ever show this time: not so in the gap when summer time begins."""
    return _instant(wall, zone).astimezone(zone).replace(tzinfo=None, fold=0) == wall


def _instant(wall: datetime, zone: tzinfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _before(wall: datetime, zone: ZoneInfo) -> timedelta:
    """The offset before the gap that skips this wall time."""
    return wall.replace(tzinfo=zone).utcoffset() or timedelta(0)
