"""A stretch of time in which something takes place.

Rules of the house are local wall time; from here on times are UTC.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A half-open stretch of time: ``start`` belongs to it, ``end`` does not.

    Two slots that only touch (10-11 and 11-12) therefore do not overlap.

    Both ends are UTC, and ``end`` is later than ``start``, else ``ValueError``.
    Python compares and subtracts two times of the *same* local zone by the
    clock on the wall, which is an hour wrong on the nights when summer time
    begins and ends.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            raise ValueError(f"both ends of a slot are UTC, not {self.start!r} and {self.end!r}")
        if self.end <= self.start:
            raise ValueError(f"a slot ends after it starts, not from {self.start} to {self.end}")

    @classmethod
    def on(cls, day: date, begins: time, minutes: int, zone: ZoneInfo) -> "Slot":
        """The slot that begins at a local wall time and lasts exactly ``minutes``.

        RFC 5545, 3.3.5 and 3.8.5.3: a wall time that the spring gap skips
        counts with the offset before the gap (02:30 is then 03:30 on the wall);
        one that autumn repeats is the first of the two. The length is a length
        of time: 01:30 plus 120 minutes ends at 02:30 in the night of the change.
        """
        start = datetime.combine(day, begins, zone).astimezone(UTC)
        return cls(start, start + timedelta(minutes=minutes))

    @property
    def minutes(self) -> int:
        """The length in whole minutes."""
        return int((self.end - self.start).total_seconds() // 60)

    def overlaps(self, other: "Slot") -> bool:
        """Whether the two share an instant."""
        return self.start < other.end and other.start < self.end

    def widened(self, before: timedelta, after: timedelta) -> "Slot":
        """The slot with time for setting up and tidying up."""
        return Slot(self.start - before, self.end + after)


def exists(day: date, at: time, zone: ZoneInfo) -> bool:
    """Whether clocks on the wall show this time on this day: not so in the gap when summer time begins."""
    wall = datetime.combine(day, at)
    there_and_back = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there_and_back.replace(tzinfo=None) == wall
