"""What the office sees of requests: each date with what it meets now, and who else wants it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import gettext, ngettext

from booking import deciding, wording
from booking.availability.check import Availability, Found, found_at
from booking.availability.occupied import Gap
from booking.availability.wanted import Wanted
from booking.domain.days_off import days_off
from booking.domain.parts import parts_at, shares_parts
from booking.domain.slot import Slot
from booking.domain.status import HOLDS_ROOM, Status
from booking.house import house, house_rules, rooms
from booking.lifecycle import Place
from booking.log import Phrase
from booking.models import Booking, Change, Occurrence, Room, day_of
from booking.web import filters, locale
from booking.web.staff.requests import NamedDate, OpenRequest, named_dates, to_do

#: What a date can be, in the order in which it is counted; the first five are undecided. Each is shown by a colour, a
#: drawing and words, for one date and for some.
STATES = {
    "free": ("free", "check", Phrase("free"), Phrase("%(num)d free", "%(num)d free")),
    "asked": ("asked", "overlap", Phrase("also asked for"), Phrase("%(num)d also asked for", "%(num)d also asked for")),
    "taken": ("taken", "slash", Phrase("taken"), Phrase("%(num)d taken", "%(num)d taken")),
    "closed": ("taken", "lock", Phrase("house closed"), Phrase("%(num)d on a closed day", "%(num)d on closed days")),
    "past": ("open", "clock", Phrase("past"), Phrase("%(num)d past", "%(num)d past")),
    "tight": ("tight", "clock", Phrase("tight"), Phrase("%(num)d of them tight", "%(num)d of them tight")),
    "approved": ("yes", "done", Phrase("confirmed"), Phrase("%(num)d confirmed", "%(num)d confirmed")),
    "proposed": ("hold", "swap", Phrase("suggestion"), Phrase("%(num)d suggestion", "%(num)d suggestions")),
    "declined": ("no", "x", Phrase("not possible"), Phrase("%(num)d not possible", "%(num)d not possible")),
    "withdrawn": ("open", "x", Phrase("withdrawn"), Phrase("%(num)d withdrawn", "%(num)d withdrawn")),
    "cancelled": ("open", "x", Phrase("cancelled"), Phrase("%(num)d cancelled", "%(num)d cancelled")),
    "requested": ("open", "dotted", Phrase("under review"), Phrase("%(num)d under review", "%(num)d under review")),
}

_OUTSIDE = {
    "have": Phrase("Outside opening hours, the group has a key"),
    "need": Phrase("Outside opening hours, the group needs a key"),
    "talk": Phrase("Outside opening hours, the group wants to talk about the way in"),
}
_NOBODY_HAS_SAID = Phrase("Outside opening hours, and nobody has said how the group gets in")


class Rival(NamedTuple):
    """A date of another request for the same time."""

    request: OpenRequest
    slot: Slot


@dataclass(frozen=True, slots=True)
class DateView:
    """One date as the office sees it. ``met``: what an undecided one meets now."""

    date: Occurrence
    met: "Met | None"

    @property
    def kind(self) -> str:
        return self.met.kind if self.met else self.date.status.value

    @property
    def is_open(self) -> bool:
        return self.met is not None

    @property
    def is_tight(self) -> bool:
        return self.met is not None and self.met.found.gap is not None and self.kind == "free"

    @property
    def holder(self) -> str:
        """The reference of the booking that would have to give way, where one can."""
        other = self.met.taken_by if self.met and self.kind == "taken" else None
        return other.reference if other and other.date.status is Status.APPROVED else ""

    @property
    def change(self) -> Change | None:
        """Another time or room that is being talked about, or was the last one."""
        return self.date.open_change or (self.date.changes[-1] if self.date.changes else None)

    @property
    def wish(self) -> Change | None:
        """What the group would like to change about an approved date."""
        is_wish = self.change and self.change.state == "open" and self.change.proposed_by == "group"
        return self.change if is_wish else None


@dataclass
class Month:
    """The dates of one month: those that need no look stand in one line, the others below it."""

    first: date
    shows_year: bool
    line: list[DateView] = field(default_factory=list)
    rows: list[DateView] = field(default_factory=list)


# -- Dates


@dataclass
class Met:
    """What a date meets at some place. ``taken_by``: who sits there; ``rivals``: what other bookings want there.

    ``neighbour``: the meeting that leaves it less time than the house likes.
    """

    found: Found
    rivals: tuple[Rival, ...]
    taken_by: NamedDate | None = None
    neighbour: NamedDate | None = None

    @property
    def gap(self) -> str:
        """10 Minuten nach KI-Meetup"""
        if self.found.gap is None or self.neighbour is None:
            return ""
        minutes, before = self.found.gap
        values = {"what": self.neighbour.title}
        if before:
            return ngettext("%(num)d minute after %(what)s", "%(num)d minutes after %(what)s", minutes, **values)
        return ngettext("%(num)d minute before %(what)s", "%(num)d minutes before %(what)s", minutes, **values)

    @property
    def is_in_the_way(self) -> bool:
        return self.found.state in deciding.IN_THE_WAY

    @property
    def kind(self) -> str:
        return kind_of(self.found, is_wanted=bool(self.rivals))

    @property
    def groups(self) -> list[str]:
        """Whose requests want it, too."""
        return [rival.request.group for rival in self.rivals]


class Looked(NamedTuple):
    """All dates of a booking, what some of them would meet elsewhere, and the dates of others beside them."""

    views: list[DateView]
    there: dict[Occurrence, Met]
    others: list[NamedDate]


def look(
    places: Mapping[Occurrence, Place],
    booking: Booking,
    now: datetime,
    also: Callable[[Sequence[DateView]], sa.ColumnElement[bool]] = lambda _: sa.false(),
    *,
    are_together: bool = False,
) -> Looked:
    """What the open dates of a booking meet now, and what some dates would meet at other places.

    All of it is asked in one go; no date stands in its own way, nor in that of the others that go elsewhere if
    they ``are_together``. ``also``: which other dates the page shows, too.
    """
    return look_at([booking], places, now, also, are_together=are_together)


def look_at(
    bookings: Sequence[Booking],
    places: Mapping[Occurrence, Place],
    now: datetime,
    also: Callable[[Sequence[DateView]], sa.ColumnElement[bool]] = lambda _: sa.false(),
    *,
    are_together: bool = False,
) -> Looked:
    """The same for several bookings at once."""
    room_of = {room.id: room for room in rooms()}
    open_dates = [date for each in bookings for date in each.dates(Status.REQUESTED)]
    wanted = [Wanted(date.room, date.occupied) for date in open_dates]
    wanted += [Wanted(room_of[place.room_id], date.occupied_at(place.slot)) for date, place in places.items()]
    sitting = [date for date in places if date.holds_room]
    found = found_at(wanted, now, house_rules().tight, [date.id for date in sitting])
    requests = to_do().requests
    met = [
        Met(
            each if are_together else _among(sitting, date, want, each),
            tuple(
                Rival(requests[it.booking_id], it.slot)
                for it in each.rivals
                if it.booking_id in requests and it.booking_id != date.booking_id
            ),
        )
        for date, want, each in zip([*open_dates, *places], wanted, found, strict=True)
    ]
    here = dict(zip(open_dates, met, strict=False))
    views = [DateView(date, here.get(date)) for each in bookings for date in each.occurrences]
    ids = {each.found.taken_by for each in met if each.found.taken_by}
    near = [_near(view.date) for view in views if view.is_tight]
    named = {each.date.id: each for each in named_dates(ids, sa.or_(also(views), *near))}
    for each in met:
        each.taken_by = named.get(each.found.taken_by or 0)
    for view in views:
        if view.met and view.is_tight:
            view.met.neighbour = _neighbour(view.date, view.met.found.gap, named.values())
    there = dict(zip(places, met[len(open_dates) :], strict=True))
    return Looked(views, there, [*named.values()])


def there(places: Mapping[Occurrence, Place], now: datetime) -> dict[Occurrence, Met]:
    """What dates of any bookings would meet at other places; none stands in its own way."""
    if not places:
        return {}
    room_of = {room.id: room for room in rooms()}
    wanted = [Wanted(room_of[place.room_id], date.occupied_at(place.slot)) for date, place in places.items()]
    found = found_at(wanted, now, house_rules().tight, [date.id for date in places])
    named = {each.date.id: each for each in named_dates({each.taken_by for each in found if each.taken_by}, sa.false())}
    return {date: Met(each, (), named.get(each.taken_by or 0)) for date, each in zip(places, found, strict=True)}


def _among(dates: Iterable[Occurrence], date: Occurrence, wanted: Wanted, found: Found) -> Found:
    """What was found for a date, and the others of these dates, which were left out: each still sits where it is."""
    if found.state in deciding.IN_THE_WAY:
        return found
    others = (each.id for each in dates if each is not date and Wanted(each.room, each.occupied).meets(wanted))
    other = next(others, None)
    return found._replace(state=Availability.TAKEN, taken_by=other) if other else found


def _near(date: Occurrence) -> sa.ColumnElement[bool]:
    """Which dates may leave one little time: those that hold its room, or a part of it, about then."""
    parts = parts_at(date.room, date.occupied.start)
    sharing = [room.id for room in rooms() if not room.part_lists.ever.isdisjoint(parts)]
    day = timedelta(days=1)
    return sa.and_(
        Occurrence.status.in_(HOLDS_ROOM),
        Occurrence.room_id.in_(sharing),
        Occurrence.start.between(date.start - day, date.end + day),
    )


def _neighbour(date: Occurrence, gap: Gap | None, others: Iterable[NamedDate]) -> NamedDate | None:
    """Of other dates that to which this one has that gap."""
    own = date.occupied
    for each in others:
        other = each.date.occupied
        between = own.start - other.end if gap and gap.before else other.start - own.end
        if (
            gap
            and between // timedelta(minutes=1) == gap.minutes
            and shares_parts(date.room, each.date.room, own.start, other.start)
        ):
            return each
    return None


def kind_of(found: Found, *, is_wanted: bool) -> str:
    """What an undecided date is. ``is_wanted``: another booking wants its time, too."""
    if found.state is Availability.REQUESTED:
        return "asked" if is_wanted else "free"
    return found.state.value


def count(kinds: Iterable[str]) -> list[tuple[str, int]]:
    """How many dates are what, in a fixed order, without zeros."""
    numbers = Counter(kinds)
    return [(kind, numbers[kind]) for kind in STATES if numbers[kind]]


def months(views: Sequence[DateView]) -> list[Month]:
    zone = house().zone
    found: dict[date, Month] = {}
    year = 0
    for view in views:
        first = day_of(view.date.start, zone).replace(day=1)
        month = found.setdefault(first, Month(first, first.year != year))
        year = first.year
        needs_no_look = view.kind == "free" or (view.kind == "approved" and view.wish is None)
        (month.line if needs_no_look else month.rows).append(view)
    return list(found.values())


def weekday_and_day(value: date) -> str:
    """Mi 6., where the month is known"""
    day = day_of(value, house().zone) if isinstance(value, datetime) else value
    return wording.by_pattern(day, "ccc\u00a0D", locale.selected())


def clock_to_the_second(instant: datetime) -> str:
    """10:42:07, where it matters who was first"""
    return f"{instant.astimezone(house().zone):%H:%M:%S}"


def month_sum(month: Month) -> str:
    """2027, 4 frei; 3 frei, 1 zugesagt"""
    numbers = Counter(view.kind for view in month.line)
    parts = [
        str(month.first.year) if month.shows_year else "",
        ngettext("%(num)d free", "%(num)d free", numbers["free"]) if numbers["free"] else "",
        ngettext("%(num)d confirmed", "%(num)d confirmed", numbers["approved"]) if numbers["approved"] else "",
    ]
    return ", ".join(filter(None, parts))


def holidays(views: Sequence[DateView]) -> dict[int, str]:
    """The names of the public holidays on which dates fall, by their ids."""
    place = house()
    days = {view.date.id: day_of(view.date.start, place.zone) for view in views}
    span = min(days.values()), max(days.values())
    names = days_off(*span, place.country, place.subdivision, locale.selected()).public
    return {id_: names[day] for id_, day in days.items() if day in names}


def dates_in_short(views: Sequence[DateView]) -> str:
    """Mi, 6. Januar und Mi, 13. Januar 2027. From four on, first and last."""
    first, last = views[0].date.start, views[-1].date.start
    if len(views) > 3:
        return gettext("From %(first)s to %(last)s.", first=filters.day(first), last=filters.day(last))
    return f"{wording.joined([filters.day(view.date.start) for view in views], locale.selected())}."


def why(view: DateView) -> list[str]:
    """What stands in the way of a date, or what was said about it, in sentences."""
    met = view.met
    if view.kind == "taken" and met and met.taken_by:
        return [_taken(view.date, met.taken_by)]
    if view.kind == "asked" and met:
        return [_asked(view.date, rival) for rival in met.rivals]
    if view.kind == "closed" and met and met.found.closure:
        return [gettext("Closed: %(reason)s", reason=locale.translated(met.found.closure, "reason"))]
    if view.kind == "past":
        return [gettext("This date is in the past.")]
    return [sentence for sentence in (_talked_about(view), view.date.reason) if sentence]


def _talked_about(view: DateView) -> str:
    """What became of another time or room."""
    change, zone, language = view.change, house().zone, locale.selected()
    if change is None:
        return ""
    place = wording.date_line(change, zone, language)
    if view.wish:
        return gettext("The group would like: %(place)s", place=place)
    if view.kind == "proposed" and change.answer_by:
        return gettext(
            "Instead of %(before)s; held until %(day)s.",
            before=wording.before_line(change, zone, language),
            day=filters.day(change.answer_by),
        )
    if view.kind != "declined" or change.proposed_by != "team":
        return ""
    if change.state == "refused":
        return gettext("Our suggestion did not suit the group: %(place)s", place=place)
    if change.state == "expired":
        return gettext("Our suggestion was not answered: %(place)s", place=place)
    return ""


def _taken(date: Occurrence, taken_by: NamedDate) -> str:
    other = taken_by.date
    values = {"what": taken_by.words, "times": filters.local_span(other.slot), "room": other.room.name}
    if not other.slot.overlaps(date.slot):
        occupied = filters.local_span(other.occupied)
        return gettext("%(what)s, %(times)s; setting up and tidying up: %(occupied)s.", occupied=occupied, **values)
    if other.room_id != date.room_id:
        return gettext("%(what)s, %(times)s, %(room)s.", **values)
    return gettext("%(what)s, %(times)s.", **values)


def _asked(date: Occurrence, rival: Rival) -> str:
    return gettext(
        "%(what)s, %(times)s, %(when)s.",
        what=rival.request.group,
        times=filters.local_span(rival.slot),
        when=compared(rival.request, date.booking),
    )


def compared(other: OpenRequest, booking: Booking) -> str:
    """Whether the other came before this one."""
    zone = house().zone
    days = (day_of(other.created_at, zone) - day_of(booking.created_at, zone)).days
    if days == 0:
        return gettext("asked for on the same day")
    if days > 0:
        return ngettext("asked for one day later", "asked for %(num)d days later", days)
    return ngettext("asked for one day earlier", "asked for %(num)d days earlier", -days)


def outside_hours(way_in: str) -> str:
    """How a group gets in while the house is closed, by what it has said of that."""
    return _OUTSIDE.get(way_in, _NOBODY_HAS_SAID).of(1)


def rooms_of(booking: Booking) -> list[Room]:
    return list({date.room_id: date.room for date in booking.occurrences}.values())
