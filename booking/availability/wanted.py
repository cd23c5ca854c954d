"""What is wanted of the house: a room and a time, in the forms in which it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.domain.policy import HouseRules
from booking.domain.slot import Slot, wall_end
from booking.house import RoomRow
from booking.models import Booking, Occurrence, Room

AnyRoom = Room | RoomRow  # what is asked of a room can be asked of its plain values too


class Wanted(NamedTuple):
    """A room and the time it would be occupied, set-up and tidying up included."""

    room: AnyRoom
    slot: Slot

    def meets(self, other: "Wanted") -> bool:
        """Whether not both can be had."""
        return self.slot.overlaps(other.slot) and self.room.shares_part_with(other.room)


@dataclass(frozen=True, slots=True)
class Times:
    """When a meeting is within its day: local wall time, and minutes kept free around it."""

    begins: time
    minutes: int
    before: int = 0
    after: int = 0

    @property
    def ends(self) -> time:
        """When a meeting ends on the wall clock."""
        return wall_end(self.begins, self.minutes)

    def slot(self, day: date, rules: HouseRules) -> Slot:
        return Slot.on(day, self.begins, self.minutes, rules.zone)

    def occupied(self, slot: Slot) -> Slot:
        if not (self.before or self.after):
            return slot
        return slot.widened(timedelta(minutes=self.before), timedelta(minutes=self.after))

    @classmethod
    def of(cls, booking: Booking, zone: ZoneInfo) -> "Times":
        """Those that further dates of a booking would have."""
        return cls(*booking.usual_times(zone), booking.before_minutes, booking.after_minutes)

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
