"""Times that several bookings want: which of their dates meet, who can have them, and what becomes of the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from booking.availability.wanted import Wanted
from booking.availability.ways_out import places_for
from booking.domain.status import Status
from booking.lifecycle import Place
from booking.models import Booking, Occurrence
from booking.web import filters
from booking.web.staff import desk, places
from booking.web.staff.desk import DateView
from booking.web.staff.places import PlaceOption

#: What is chosen where none of them gets a time, and for a date that gives way without another place.
NOBODY, CANCEL = "nobody", "cancel"


class Claimed(NamedTuple):
    """A date of one of the bookings: asked for, or approved already."""

    booking: Booking
    view: DateView

    @property
    def date(self) -> Occurrence:
        return self.view.date

    @property
    def is_held(self) -> bool:
        return self.date.status is Status.APPROVED

    def meets(self, other: "Claimed") -> bool:
        own, its = (Wanted(each.date.room, each.date.occupied) for each in (self, other))
        return self.booking is not other.booking and own.meets(its)


class Option(NamedTuple):
    """Somebody who can have a contested time; ``why_not``: why they cannot."""

    value: str
    group: str
    words: str
    why_not: str = ""


@dataclass
class Fate:
    """What becomes of the dates of one booking. ``gives_way``: those that are approved and lose their place."""

    approve: list[Occurrence] = field(default_factory=list)
    decline: list[Occurrence] = field(default_factory=list)
    gives_way: list[Occurrence] = field(default_factory=list)


class Contested(NamedTuple):
    """Dates of several bookings that meet, the earliest first."""

    claims: list[Claimed]

    @property
    def name(self) -> str:
        """The name of the control that decides it."""
        return f"choice-{self.claims[0].date.id}"

    @property
    def held(self) -> list[Occurrence]:
        return [each.date for each in self.claims if each.is_held]

    @property
    def options(self) -> list[Option]:
        """Who can have it, in the order of their dates; nobody as well, unless somebody has it already."""
        found = []
        for booking in dict.fromkeys(each.booking for each in self.claims):
            own = [each for each in self.claims if each.booking is booking]
            spans = "; ".join(f"{filters.local_span(each.date.slot)}, {each.date.room.name}" for each in own)
            why = next(filter(None, map(self._why_not, own)), "")
            found.append(Option(str(booking.id), booking.initiative.name, spans, why))
        return found if self.held else [*found, Option(NOBODY, gettext("nobody"), "")]

    def _why_not(self, claim: Claimed) -> str:
        met = claim.view.met
        among = {each.date.id for each in self.claims}
        is_free = met is None or not met.is_in_the_way or (met.taken_by and met.taken_by.date.id in among)
        return "" if is_free else " ".join(desk.why(claim.view))

    def fates(self, winner: str) -> dict[Booking, Fate]:
        """What becomes of the dates of each if this one gets the time; what meets none of its dates stays as it is."""
        found = {each.booking: Fate() for each in self.claims}
        won = [each for each in self.claims if str(each.booking.id) == winner]
        lost = [each for each in self.claims if any(each.meets(other) for other in won)]
        for each in won:
            if not each.is_held:
                found[each.booking].approve.append(each.date)
        for each in lost or (self.claims if winner == NOBODY else ()):
            fate = found[each.booking]
            (fate.gives_way if each.is_held else fate.decline).append(each.date)
        return found


def contested(views: Mapping[Booking, Sequence[DateView]], now: datetime) -> list[Contested]:
    """The times that more than one of these bookings wants or has, the earliest first."""
    claims = [
        Claimed(booking, view)
        for booking, own in views.items()
        for view in own
        if view.is_open or (view.kind == "approved" and view.date.end > now)
    ]
    claims.sort(key=lambda each: (each.date.start, each.date.id))
    found: list[Contested] = []
    left = list(claims)
    while left:
        together = [left.pop(0)]
        for each in together:  # grows while it is gone through
            met = [other for other in left if each.meets(other)]
            together += met
            left = [other for other in left if other not in met]
        if any(not each.is_held for each in together) and len(together) > 1:
            found.append(Contested(sorted(together, key=lambda each: (each.date.start, each.date.id))))
    return found


class Way(NamedTuple):
    """Where a date goes that gives way: ``chosen`` is the code of a place, or ``CANCEL``."""

    date: Occurrence
    options: list[PlaceOption]
    chosen: str

    @property
    def name(self) -> str:
        return f"way-{self.date.id}"

    @property
    def place(self) -> Place | None:
        return places.of_code(self.chosen)


def ways(form: MultiDict[str, str], dates: Sequence[Occurrence], now: datetime) -> dict[Occurrence, Way]:
    """Where these dates could go instead, and what was chosen: without a word, the first place that is free."""
    free = places_for(dates, now, most=3)
    options = {each: places.options_of(each, free[each.id]) for each in dates}
    return {
        each: Way(each, found, form.get(f"way-{each.id}", found[0].code if found else CANCEL))
        for each, found in options.items()
    }


def merged(fates: Iterable[Mapping[Booking, Fate]], bookings: Iterable[Booking]) -> dict[Booking, Fate]:
    """All that becomes of the dates of each booking."""
    found = {each: Fate() for each in bookings}
    for fate_of in fates:
        for booking, fate in fate_of.items():
            found[booking].approve += fate.approve
            found[booking].decline += fate.decline
            found[booking].gives_way += fate.gives_way
    return found
