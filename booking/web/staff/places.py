"""Where a date could be instead: the free places to choose from, and what the team writes itself."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import ValidationError

from booking import deciding, wording
from booking.availability.check import Availability
from booking.availability.rooms_at import BATCHES
from booking.availability.ways_out import Alternative, places_for
from booking.domain.policy import is_outside_hours
from booking.domain.slot import Slot, skipped
from booking.domain.status import Status
from booking.domain.typed import NotReadable, read_date
from booking.house import house, house_rules, rooms
from booking.languages import beginning
from booking.lifecycle import Place
from booking.models import Occurrence, Room, day_of
from booking.web import filters, locale
from booking.web.forms import messages
from booking.web.forms.fields import DayField, StartField
from booking.web.forms.page import PageForm
from booking.web.staff import desk
from booking.web.staff.forms import LineField

#: The choice of a place that stands in no list.
OWN = "own"

#: A meeting ends on its day; a longer one is no place of ours, and too long a number for a database.
LONGEST_SECONDS = 24 * 3600

Errors = list[tuple[str, str]]


class PlaceOption(NamedTuple):
    """A place to choose. ``code`` stands for it in forms."""

    code: str
    words: str


class ElsewhereForm(PageForm):
    """Where one date is to go: a place from a list, by its code, or ``OWN``, and then what somebody writes.

    Before anybody wrote, that is when and where the date is now.
    """

    place = LineField()
    day = DayField(lazy_gettext("Day"))
    start = StartField(lazy_gettext("Start"), lazy_gettext("Enter a time, for example 19:30."))
    end = StartField(lazy_gettext("End"), lazy_gettext("Enter a time, for example 19:30."))
    room = LineField(lazy_gettext("Room"))

    def __init__(self, form: MultiDict[str, str], date: Occurrence, usual: str = "") -> None:
        zone = house().zone
        start, end = (at.astimezone(zone) for at in (date.start, date.end))
        super().__init__(
            form,
            prefix=f"date-{date.id}-",
            place=usual,
            day=wording.day(start.date(), locale.selected()),
            start=wording.clock(start),
            end=wording.clock(end),
            room=str(date.room_id),
        )

    @property
    def is_own(self) -> bool:
        return bool(self.place.text == OWN)

    def read(self, now: datetime) -> Place | None:
        """The place that is meant; None where there is none: then the fields say what."""
        if self.is_own:
            return self._written(now)
        found = of_code(self.place.text)
        if found is None:
            self.refuse(self.place, gettext("Choose another time or room."))
        return found

    def _written(self, now: datetime) -> Place | None:
        zone = house().zone
        self.today = day_of(now, zone)
        if not self.validate():
            return None
        day, begins, ends = (field.meant for field in (self.day, self.start, self.end))
        for field in (self.start, self.end):
            if gap := skipped(day, field.meant, zone):
                self.refuse(field, messages.no_such_time(field.meant, day, gap))
        minutes = (ends.hour - begins.hour) * 60 + ends.minute - begins.minute
        return None if self.mistakes else Place(int(self.room.text), Slot.on(day, begins, minutes, zone))

    def validate_room(self, field: LineField) -> None:
        if field.text not in {str(room.id) for room in rooms()}:
            raise ValidationError(gettext("Choose a room."))

    def validate_end(self, field: StartField) -> None:
        begins, ends = self.start.meant, field.meant
        if begins and ends <= begins:
            raise ValidationError(
                gettext(
                    "The end (%(end)s) is before the start (%(start)s). Please check both.",
                    end=wording.clock(ends),
                    start=wording.clock(begins),
                )
            )


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """Where a date is to go. ``place`` is None while that cannot be: then the form says why.

    ``ways``: what was just found free; None where nobody has looked.
    """

    date: Occurrence
    form: ElsewhereForm
    ways: Sequence[Alternative] | None
    place: Place | None = None
    notes: Sequence[str] = ()

    @property
    def room(self) -> Room | None:
        return _room(self.place) if self.place else None

    @property
    def options(self) -> list[PlaceOption]:
        """What is free, and the place that was chosen, where it is another one."""
        ways = list(self.ways or ())
        if self.place and not self.form.is_own and self.place not in {(way.room.id, way.slot) for way in ways}:
            ways.append(Alternative("", _room(self.place), self.place.slot))
        return options_of(self.date, ways)


def options_of(date: Occurrence, ways: Iterable[Alternative]) -> list[PlaceOption]:
    """What is free for a date, as it differs from where that is."""
    return [PlaceOption(_code(Place(way.room.id, way.slot)), _words(date, way)) for way in ways]


def ways_beside(views: Sequence[desk.DateView], now: datetime) -> dict[int, list[PlaceOption]]:
    """Two ways out for each date that meets something, by its id, in the rooms that fit best: one look."""
    clashing = [view.date for view in views if view.is_open and view.kind in ("taken", "closed", "asked")]
    found = places_for(clashing, now, most=2, batches=BATCHES[:1])
    return {each.id: options_of(each, found[each.id]) for each in clashing}


def _room(place: Place) -> Room:
    return rooms_by_id()[place.room_id]


def rooms_by_id() -> dict[int, Room]:
    return {room.id: room for room in rooms()}


def written(form: MultiDict[str, str], dates: Iterable[Occurrence], now: datetime) -> dict[Occurrence, Place]:
    """Where else a form says that these dates are to go, as far as that can be read."""
    found = {each: ElsewhereForm(form, each).read(now) for each in dates}
    return {each: place for each, place in found.items() if place and not _same(each, place)}


def read(
    form: MultiDict[str, str],
    dates: Sequence[Occurrence],
    met: Mapping[Occurrence, desk.Met],
    now: datetime,
    *,
    weeks: int = 0,
) -> dict[int, PlaceEntry]:
    """What a form says of where these dates are to go, by their ids. Without a word, the first place that is free.

    ``met``: what the places that are written would meet.
    """
    are_chosen = all(ElsewhereForm(form, each).place.text for each in dates)
    ways = {} if are_chosen else places_for(dates, now, weeks=weeks)
    return {each.id: _entry(form, each, met.get(each), ways.get(each.id), now) for each in dates}


def offered(entries: Mapping[int, PlaceEntry], now: datetime, *, weeks: int = 0) -> dict[int, PlaceEntry]:
    """The same with what else is free, for a page that shows them."""
    if any(entry.ways is None for entry in entries.values()):
        ways = places_for([entry.date for entry in entries.values()], now, weeks=weeks)
        return {id_: replace(entry, ways=ways[id_]) for id_, entry in entries.items()}
    return dict(entries)


def _entry(
    form: MultiDict[str, str],
    date: Occurrence,
    met: desk.Met | None,
    ways: Sequence[Alternative] | None,
    now: datetime,
) -> PlaceEntry:
    own = ElsewhereForm(form, date, _code(Place(ways[0].room.id, ways[0].slot)) if ways else OWN)
    place = own.read(now)
    said = place and (_same(date, place) or (in_the_way(place, met) if met else ""))
    if said:
        own.refuse(own.day if own.is_own else own.place, said)
    if said or place is None:
        return PlaceEntry(date, own, ways)
    return PlaceEntry(date, own, ways, place, notes_on(date, place, met.groups if met else []))


def is_there(form: MultiDict[str, str], each: Occurrence, now: datetime) -> bool:
    """Whether a date is where a form wants it: then the same form has come before."""
    return ElsewhereForm(form, each).read(now) == (each.room_id, each.slot)


def _code(place: Place) -> str:
    start, end = (int(at.timestamp()) for at in (place.slot.start, place.slot.end))
    return f"{place.room_id}:{start}:{end}"


def of_code(code: str) -> Place | None:
    """The place that an option stands for, if it is one."""
    found = re.fullmatch(r"([0-9]{1,9}):([0-9]{1,10}):([0-9]{1,10})", code)
    if not found:
        return None
    room_id, start, end = map(int, found.groups())
    if not start < end <= start + LONGEST_SECONDS or room_id not in {room.id for room in rooms()}:
        return None
    return Place(room_id, Slot(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)))


def _same(each: Occurrence, place: Place) -> str:
    if place != (each.room_id, each.slot):
        return ""
    if each.status is Status.REQUESTED:
        return gettext("That is what the group has asked for. Choose another time or room.")
    return gettext("The date is there already. Choose another time or room.")


def in_the_way(place: Place, met: desk.Met) -> str:
    """Why a date cannot go to a place; nothing where it can."""
    room, slot, found = filters.the(_room(place)), place.slot, met.found
    if not met.is_in_the_way:
        return ""
    if found.state is Availability.PAST:
        return gettext(
            "%(day)s, %(times)s is in the past.", day=filters.day(slot.start), times=filters.local_span(slot)
        )
    if found.state is Availability.CLOSED and found.closure:
        return gettext(
            "Closed on %(day)s: %(reason)s",
            day=filters.day(slot.start),
            reason=locale.translated(found.closure, "reason"),
        )
    if met.taken_by is None:
        return beginning(gettext("%(room)s is taken on %(day)s.", room=room, day=filters.day(slot.start)))
    sentence = gettext(
        "%(room)s is taken on %(day)s: %(what)s, %(times)s.",
        room=room,
        day=filters.day(slot.start),
        what=met.taken_by.words,
        times=filters.local_span(met.taken_by.date.occupied),
    )
    return beginning(sentence)


def notes_on(each: Occurrence, place: Place, groups: Sequence[str]) -> list[str]:
    """What is worth knowing of a place that can be had."""
    room, found = _room(place), []
    called = filters.the(room)
    if groups:
        found.append(gettext("Also wanted by: %(groups)s.", groups=wording.joined(groups, locale.selected())))
    if each.booking.people > room.seats:
        found.append(beginning(gettext("%(room)s has %(seats)d seats only.", room=called, seats=room.seats)))
    if each.booking.access_needs and not room.step_free:
        found.append(beginning(gettext("%(room)s has steps.", room=called)))
    if is_outside_hours(place.slot, house_rules(), place.room_id):
        found.append(f"{desk.outside_hours(each.booking.way_in)}.")
    return found


def _words(each: Occurrence, way: Alternative) -> str:
    """How a place differs: 18:15 bis 20:15 Uhr; Werkstatt, gleiche Zeit; Do, 25. Februar, gleiche Zeit"""
    zone = house().zone
    same_day = day_of(way.slot.start, zone) == day_of(each.start, zone)
    same_time = way.slot.start.astimezone(zone).time() == each.start.astimezone(zone).time()
    same_time = same_time and way.slot.wall_minutes(zone) == each.slot.wall_minutes(zone)
    when = gettext("same time") if same_time else filters.local_span(way.slot)
    parts: list[str] = [] if same_day else [filters.short_day(way.slot.start)]
    if way.room.id != each.room_id:
        parts.append(way.room.name)
    return ", ".join([*parts, when] if parts else [when])


class AnswerDay(NamedTuple):
    """Until when proposals hold their rooms: as written, understood, and what is wrong with it."""

    text: str
    at: datetime | None
    errors: Errors


def answer_day(field: LineField, proposed: Sequence[Slot], now: datetime) -> AnswerDay:
    """Until the end of the day that stands in a field, but never longer than ``deciding.latest_answer``."""
    zone = house().zone
    today = day_of(now, zone)
    latest = deciding.latest_answer(proposed, now)
    last = wording.last_day(latest, zone) if proposed else date.max
    usual = min(day_of(now + deciding.ANSWER_WITHIN, zone), last)
    text = wording.day(usual, locale.selected()) if field.data is None else field.data
    try:
        day = read_date(text, today)
    except NotReadable as fault:
        return AnswerDay(text, None, [(field.id, messages.not_readable(fault))])
    if day < today:
        return AnswerDay(text, None, [(field.id, gettext("Choose a day from today on."))])
    if day > last:
        sentence = gettext(
            "An answer has to be here by %(day)s, before the meeting. Choose an earlier day.", day=filters.day(last)
        )
        return AnswerDay(text, None, [(field.id, sentence)])
    end = datetime.combine(day, time(23, 59), zone).astimezone(UTC)
    return AnswerDay(text, min(end, latest) if proposed else end, [])
