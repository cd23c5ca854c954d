"""What stands in the way of a wanted time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from booking.availability.occupied import Gap, Requested, around, asking_too, conflicts
from booking.availability.wanted import Wanted, WishedDate
from booking.database import db
from booking.domain import policy
from booking.domain.days_off import DaysOff, days_off, days_off_near
from booking.domain.parts import EVER, DatedIds, lists_of_all
from booking.domain.policy import HouseRules, Objection
from booking.domain.slot import Slot
from booking.house import RoomRow, closures, house, house_rules, part_changes, room_rows
from booking.models import Booking, Closure, Occurrence


class Availability(StrEnum):
    """What stands in the way of a wanted time."""

    FREE = "free"
    REQUESTED = "requested"  # others have asked for it too
    TAKEN = "taken"
    CLOSED = "closed"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Checked:
    """A wanted time and what was found there. ``gap``: free, but a neighbour is closer than the house likes."""

    wanted: Wanted
    state: Availability
    taken_by: Occurrence | None = None
    closure: Closure | None = None
    rivals: tuple[Requested, ...] = ()
    gap: Gap | None = None

    @property
    def tight(self) -> bool:
        return self.gap is not None


class Found(NamedTuple):
    """What was found at a wanted time, as plain rows. ``taken_by``: the id of an occurrence."""

    state: Availability
    taken_by: int | None
    closure: Closure | None
    rivals: tuple[Requested, ...]
    gap: Gap | None


def check(
    wanted: Sequence[Wanted],
    now: datetime,
    tight: timedelta = timedelta(0),
    exclude: Collection[int] = (),
    *,
    names: bool = True,
    whose: bool = True,
) -> list[Checked]:
    """What stands in the way of each wanted time: a fixed number of statements, however many there are.

    ``exclude``: ids of occurrences that do not stand in the way. ``names``: read
    who sits there, to be told; with ``whose`` booking that is.
    """
    found = found_at(wanted, now, tight, exclude)
    sitting = _occurrences({each.taken_by for each in found if each.taken_by}, whose=whose) if names else {}
    return [
        Checked(want, each.state, sitting.get(each.taken_by or 0), each.closure, each.rivals, each.gap)
        for want, each in zip(wanted, found, strict=True)
    ]


def found_at(
    wanted: Sequence[Wanted], now: datetime, tight: timedelta = timedelta(0), exclude: Collection[int] = ()
) -> list[Found]:
    """The same in plain rows, for what is only counted or left out."""
    near = around(wanted, tight, exclude) if tight else {}
    taken = {index: each.taken_by for index, each in near.items()} if tight else conflicts(wanted, exclude)
    closed = closures_for(wanted)
    asked = asking_too(wanted, exclude)
    found = []
    for index, want in enumerate(wanted):
        sitting = taken.get(index)
        state = Availability.FREE
        if want.slot.start < now:
            state = Availability.PAST
        elif index in closed:
            state = Availability.CLOSED
        elif sitting is not None:
            state = Availability.TAKEN
        elif index in asked:
            state = Availability.REQUESTED
        gap = near[index].gap if index in near else None
        rivals = tuple(asked[index].values()) if index in asked else ()
        found.append(Found(state, sitting, closed.get(index), rivals, gap))
    return found


def closures_for(wanted: Sequence[Wanted]) -> dict[int, Closure]:
    """The closure of the house or the room that a wanted time falls into, by its index; of several the first."""
    return {
        index: closure
        for closure, shut in reversed(closures_between([want.slot for want in wanted]))
        for index, want in enumerate(wanted)
        if want.room.id in shut and closure.start < want.slot.end and want.slot.start < closure.end
    }


def closures_between(slots: Collection[Slot]) -> list[tuple[Closure, frozenset[int]]]:
    """The closures from the first to the last of some slots, each with the ids of the rooms that it shuts."""
    if not slots:
        return []
    first, last = min([slot.start for slot in slots]), max([slot.end for slot in slots])
    return [each for closure in closures(first, last) for each in _pieces(closure)]


def _pieces(closure: Closure) -> Iterable[tuple[Closure, frozenset[int]]]:
    """The closure from each change of parts to the next, as other rooms may be shut then; mostly that is all of it."""
    shut = shut_by(closure)
    changes = (datetime.fromtimestamp(since, UTC) for since in shut.since[1:])
    inside = [each for each in changes if closure.start < each < closure.end]
    for begins, ends in pairwise([closure.start, *inside, closure.end]):
        yield closure.at(Slot(begins, ends)) if inside else closure, shut.at(begins.timestamp())


def shut_by(closure: Closure) -> DatedIds:
    """The ids of the rooms that a date cannot use while it holds: those of which it shuts a part."""
    by_id = room_rows()
    if closure.is_of_house:
        return DatedIds((EVER,), (frozenset(by_id),))
    since = (EVER, *part_changes())
    return DatedIds(since, tuple(_sharing([by_id[id_] for id_ in closure.room_ids], each) for each in since))


def _sharing(rooms: Iterable[RoomRow], since: int) -> frozenset[int]:
    parts = lists_of_all([room.part_lists for room in rooms]).at(since)
    return frozenset(id_ for id_, room in room_rows().items() if not room.part_lists.at(since).isdisjoint(parts))


def broken_rules(dates: Iterable[WishedDate], now: datetime) -> list[tuple[WishedDate, Objection]]:
    """The house rules that wished dates break, each with its date."""
    rules = house_rules()
    holidays = holidays_after(now, rules)
    return [
        (wished, objection)
        for wished in dates
        for objection in policy.objections(
            Slot.on(wished.day, wished.begins, wished.minutes, rules.zone),
            now=now,
            rules=rules,
            public_holidays=holidays,
        )
    ]


def earliest_day(now: datetime) -> date:
    """The first day that can be asked for."""
    rules = house_rules()
    return policy.earliest(now, rules, holidays_after(now, rules))


def holidays_after(now: datetime, rules: HouseRules) -> Mapping[date, str]:
    today = now.astimezone(rules.zone).date()
    row = house()
    return days_off(today, today + timedelta(days=60), row.country, row.subdivision, "de").public


def holidays_among(days: Sequence[date], now: datetime, language: str) -> DaysOff:
    """The holidays from the first to the last of these days; none far from now, where nobody knows them."""
    first, last = (days[0], days[-1]) if days else (now.date(), now.date())
    return days_off_near(now.date(), first, last, house().country, house().subdivision, language)


def without_days_off(days: Sequence[date], kinds: Collection[str], now: datetime) -> list[date]:
    """The days that are none of these kinds of day off: holiday, school."""
    off = holidays_among(days, now, "de")
    return [day for day in days if not off.left_out(day, kinds)]


# To make these anew takes longer than to run them.
_SITTING = sa.select(Occurrence).where(Occurrence.id.in_(sa.bindparam("ids", expanding=True))).order_by(Occurrence.id)
_WHOSE = joinedload(Occurrence.booking)
_SITTING_OF = _SITTING.options(_WHOSE.joinedload(Booking.initiative), _WHOSE.lazyload(Booking.occurrences))


def _occurrences(ids: set[int], *, whose: bool) -> dict[int, Occurrence]:
    """Dates with all that is said of them if asked ``whose`` they are, and without the others of their bookings."""
    if not ids:
        return {}
    return {row.id: row for row in db.session.scalars(_SITTING_OF if whose else _SITTING, {"ids": [*ids]})}
