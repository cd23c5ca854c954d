"""What is wanted of the house: a room and a time, in the forms in which it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.domain.parts import shares_parts
from booking.domain.policy import HouseRules
from booking.domain.slot import Slot, WeekdayTimes, wall_end
from booking.house import RoomRow
from booking.models import Booking, Occurrence, Room

AnyRoom = Room | RoomRow  # what is asked of a room can be asked of its plain values too


class Wanted(NamedTuple):
    """A room and the time it would be occupied, set-up and tidying up included."""

    room: AnyRoom
    slot: Slot

    def meets(self, other: "Wanted") -> bool:
        """Whether not both can be had."""
        return self.slot.overlaps(other.slot) and shares_parts(self.room, other.room, self.slot.start, other.slot.start)


@dataclass(frozen=True, slots=True)
class Times:
    """When a meeting is within its day: local wall time, and minutes kept free around it.

    ``others``: weekdays on which it is at another time.
    """

    begins: time
    minutes: int
    before: int = 0
    after: int = 0
    others: tuple[WeekdayTimes, ...] = ()

    @property
    def ends(self) -> time:
        """When a meeting ends on the wall clock."""
        return wall_end(self.begins, self.minutes)

    def on(self, day: date) -> "Times":
        """Those of one day alone."""
        own = next((each for each in self.others if each.weekday == day.weekday()), None)
        begins, minutes = (own.begins, own.minutes) if own else (self.begins, self.minutes)
        return replace(self, begins=begins, minutes=minutes, others=()) if self.others else self

    def slot(self, day: date, rules: HouseRules) -> Slot:
        own = self.on(day)
        return Slot.on(day, own.begins, own.minutes, rules.zone)

    def occupied(self, slot: Slot) -> Slot:
        return slot.widened(timedelta(minutes=self.before), timedelta(minutes=self.after))

    @classmethod
    def of(cls, booking: Booking, zone: ZoneInfo) -> "Times":
        """Those that further dates of a booking would have."""
        around = booking.before_minutes, booking.after_minutes
        return cls(*booking.usual_times(zone), *around, booking.times_of_weekdays(zone))

    @classmethod
    def of_date(cls, date: Occurrence, zone: ZoneInfo) -> "Times":
        """Those of one stored date."""
        start = date.start.astimezone(zone).time()
        return cls(start, date.slot.wall_minutes(zone), date.before_minutes, date.after_minutes)


#: Days of a wish that are not as the others, each with its room and times. No room: the one of the others.
OwnPlaces = Mapping[date, tuple[AnyRoom | None, Times]]


@dataclass(frozen=True, slots=True)
class WishedDate:
    """One date that is asked for. ``rule_day``: the date of the rule it stands for, where it was moved."""

    day: date
    begins: time
    minutes: int
    room_id: int
    rule_day: date | None = None
