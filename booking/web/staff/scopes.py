"""How far a change of one date of a series reaches: which dates go along, and which stay as they are, and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext, ngettext

from booking import afterwards, wording
from booking.afterwards import Scope
from booking.availability.wanted import Wanted
from booking.domain.status import Status
from booking.house import house
from booking.lifecycle import Place
from booking.models import Booking, Occurrence, day_of
from booking.notices.frame import Proposal
from booking.web import filters, locale
from booking.web.staff import desk, places
from booking.web.staff.desk import Met


class Choosable(NamedTuple):
    """A scope to choose, with its words."""

    value: str
    words: str


class Reach(NamedTuple):
    """Which dates go where, and what is to be said of those that stay, or keep something of their own."""

    going: Mapping[Occurrence, Place]
    exceptions: list[str]
    met: Mapping[Occurrence, Met]

    @property
    def mark(self) -> str:
        """In one word, so that a form can tell whether it still is what somebody has read."""
        return ",".join(
            f"{each.id}:{place.room_id}:{place.slot.start.timestamp():.0f}:{place.slot.minutes}"
            for each, place in self.going.items()
        )


def choices(booking: Booking, origin: Occurrence, now: datetime, narrow: Choosable) -> list[Choosable]:
    """How far a change of a date can reach, the narrowest first; nothing where there is no other date."""
    found, number = [narrow], 1
    for scope in (Scope.FROM, Scope.ALL):
        reached = len(afterwards.in_scope(booking, origin, scope, now))
        if reached > number:
            words = _words(scope, origin, reached)
            found.append(Choosable(scope, words))
        number = max(number, reached)
    return found if len(found) > 1 else []


def _words(scope: Scope, origin: Occurrence, number: int) -> str:
    if scope is Scope.ALL:
        return gettext("All that are to come (%(number)d)", number=number)
    return gettext("From %(day)s on (%(number)d)", day=filters.short_day(origin.start), number=number)


def reach(booking: Booking, origin: Occurrence, place: Place, scope: str, now: datetime) -> Reach:
    """Where the dates in scope go if one goes to ``place``, as far as they can."""
    wished = afterwards.in_step(booking, origin, place, scope, now)
    there = desk.look(wished, booking, now, are_together=True).there
    going = {each: wished[each] for each, met in there.items() if each is origin or not met.is_in_the_way}
    _without_own_clashes(going, wished)
    exceptions = [
        gettext("%(day)s stays: %(why)s", day=_day(each), why=_why(wished[each], met))
        for each, met in there.items()
        if each not in going
    ]
    exceptions += [
        gettext("%(day)s stays as it is: %(place)s", day=_day(each), place=_where(each))
        for each in afterwards.in_scope(booking, origin, scope, now)
        if each not in wished and each is not origin
    ]
    exceptions += [
        gettext("%(day)s keeps what it has of its own: %(place)s", day=_day(each), place=_where(_at(each, its)))
        for each, its in going.items()
        if _keeps_something(each, its, origin, place)
    ]
    return Reach(going, [*exceptions, *stay_cancelled(booking, origin, scope, now)], there)


def _without_own_clashes(going: dict[Occurrence, Place], wished: Mapping[Occurrence, Place]) -> None:
    """Leave out dates that would go where others of the booking stay, or go, too."""
    by_id = places.rooms_by_id()
    while True:
        taken = [Wanted(each.room, each.occupied) for each in wished if each not in going]
        for each, place in going.items():
            wanted = Wanted(by_id[place.room_id], each.occupied_at(place.slot))
            if any(wanted.meets(other) for other in taken):
                del going[each]
                break
            taken.append(wanted)
        else:
            return


def _why(place: Place, met: Met) -> str:
    return places.in_the_way(place, met) or gettext("another date of this booking is there.")


def _keeps_something(each: Occurrence, its: Place, origin: Occurrence, place: Place) -> bool:
    zone = house().zone
    own, usual = (
        (one.room_id, *(at.astimezone(zone).time() for at in (one.slot.start, one.slot.end))) for one in (its, place)
    )
    days = [day_of(at, zone) for at in (its.slot.start, each.start, place.slot.start, origin.start)]
    return own != usual or days[0] - days[1] != days[2] - days[3]


def _at(each: Occurrence, place: Place) -> Proposal:
    return Proposal(each, places.rooms_by_id()[place.room_id], place.slot)


def _day(each: Occurrence) -> str:
    return filters.short_day(each.start)


def _where(there: Occurrence | Proposal) -> str:
    return wording.date_line(there, house().zone, locale.selected(), wording.short_day)


def stay_cancelled(booking: Booking, origin: Occurrence, scope: str, now: datetime) -> list[str]:
    """That dates in scope which were cancelled stay so."""
    begin = {Scope.ALL: now, Scope.FROM: origin.start}.get(Scope(scope)) if scope in (Scope.ALL, Scope.FROM) else None
    number = sum(begin is not None and each.start >= begin for each in booking.dates(Status.CANCELLED))
    sentence = ngettext(
        "%(num)d date that was cancelled stays cancelled.", "%(num)d dates that were cancelled stay cancelled.", number
    )
    return [sentence] if number else []
