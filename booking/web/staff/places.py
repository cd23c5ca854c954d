"""Where a date could be instead: the free places to choose from, and what the team writes itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from booking import deciding, wording
from booking.availability.check import Availability, Checked
from booking.availability.ways_out import Alternative, places_for
from booking.domain.policy import is_outside_hours
from booking.domain.slot import Slot, skipped
from booking.domain.status import Status
from booking.house import house, house_rules, rooms
from booking.lifecycle import Place
from booking.models import Occurrence, Room, day_of
from booking.web import filters, locale
from booking.web.forms import messages as sentences
from booking.web.forms.typed import NotReadable, read_date, read_time
from booking.web.staff import desk

#: The choice of a place that stands in no list.
OWN = "eigen"

#: A meeting ends on its day; a longer one is no place of ours, and too long a number for a database.
LONGEST_SECONDS = 24 * 3600

Form = MultiDict[str, str]
Errors = list[tuple[str, str]]


class Option(NamedTuple):
    """A place to choose. ``code`` stands for it in forms."""

    code: str
    words: str


class Written(NamedTuple):
    """A place as somebody wrote it."""

    day: str
    begins: str
    ends: str
    room_id: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a date is to go. ``place`` is None while that cannot be; ``errors`` say why, for their controls."""

    date: Occurrence
    options: list[Option]
    choice: str
    written: Written
    place: Place | None
    errors: Errors
    notes: list[str]

    @property
    def room(self) -> Room:
        return next(room for room in rooms() if self.place and room.id == self.place.room_id)


def read(form: Form, dates: Sequence[Occurrence], now: datetime) -> dict[int, Entry]:
    """What a form says of where these dates are to go, by their ids. Without a word, the first free place.

    What they would meet is asked once for all of them.
    """
    ways = places_for(dates, now)
    wanted = [_wanted(form, each, ways[each.id], now) for each in dates]
    met = deciding.look_at({each.date: each.place for each in wanted if each.place}, now)
    rivals = dict(zip(met, desk.rivals_among([*met.values()], dates[0].booking), strict=True)) if met else {}
    return {each.date.id: _looked_at(each, met.get(each.date), rivals.get(each.date, ())) for each in wanted}


def _wanted(form: Form, each: Occurrence, ways: Sequence[Alternative], now: datetime) -> Entry:
    """Where a date is to go, before anybody has looked whether it can."""
    offered = {_code(Place(way.room.id, way.slot)): way for way in ways}
    choice = form.get(f"platz-{each.id}", next(iter(offered), OWN))
    written = _written(form, each)
    errors: Errors = []
    place = _of_code(choice)
    if choice == OWN:
        place, errors = _understood(written, each, now)
    elif place is None:
        errors = [(f"platz-{each.id}", gettext("Choose another time or room."))]
    options = [Option(code, _words(each, way)) for code, way in offered.items() if code != OWN]
    return Entry(each, options, choice, written, place, errors, [])


def _looked_at(entry: Entry, found: Checked | None, rivals: Sequence[desk.Rival]) -> Entry:
    """The same with what stands in the way, or is worth knowing."""
    if entry.place is None or found is None:
        return replace(entry, place=None)
    date, place, options = entry.date, entry.place, entry.options
    said = _same(date, place) or (in_the_way(found) if found.state in deciding.IN_THE_WAY else "")
    if said:
        control = f"{'tag' if entry.choice == OWN else 'platz'}-{date.id}"
        return replace(entry, place=None, errors=[(control, said)])
    if entry.choice not in (OWN, *(option.code for option in options)):
        options = [*options, Option(entry.choice, _words(date, Alternative("", found.wanted.room, place.slot)))]
    return replace(entry, options=options, notes=_notes(date, place, found, rivals))


def is_there(form: Form, each: Occurrence, now: datetime) -> bool:
    """Whether a date is where a form wants it: then the same form has come before."""
    choice = form.get(f"platz-{each.id}", "")
    place = _understood(_written(form, each), each, now)[0] if choice == OWN else _of_code(choice)
    return place == (each.room_id, each.slot)


def _code(place: Place) -> str:
    start, end = (int(at.timestamp()) for at in (place.slot.start, place.slot.end))
    return f"{place.room_id}:{start}:{end}"


def _of_code(code: str) -> Place | None:
    found = re.fullmatch(r"([0-9]{1,9}):([0-9]{1,10}):([0-9]{1,10})", code)
    if not found:
        return None
    room_id, start, end = map(int, found.groups())
    if not start < end <= start + LONGEST_SECONDS or room_id not in {room.id for room in rooms()}:
        return None
    return Place(room_id, Slot(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)))


def _written(form: Form, each: Occurrence) -> Written:
    """What stands in the fields; before anybody wrote, when and where the date is now."""
    zone = house().zone
    day = wording.day(day_of(each.start, zone), locale.selected())
    begins, ends = (wording.clock(at.astimezone(zone)) for at in (each.start, each.end))
    return Written(
        form.get(f"tag-{each.id}", day),
        form.get(f"von-{each.id}", begins),
        form.get(f"bis-{each.id}", ends),
        form.get(f"raum-{each.id}", each.room_id, type=int),
    )


def _understood(written: Written, each: Occurrence, now: datetime) -> tuple[Place | None, Errors]:
    """The place that was written, or what cannot be read of it."""
    zone = house().zone
    errors: Errors = []
    day, begins, ends = None, None, None
    try:
        day = read_date(written.day, day_of(now, zone), locale.selected())
    except NotReadable as fault:
        errors.append((f"tag-{each.id}", sentences.not_readable(fault)))
    begins = _time(written.begins, f"von-{each.id}", errors)
    ends = _time(written.ends, f"bis-{each.id}", errors)
    if written.room_id not in {room.id for room in rooms()}:
        errors.append((f"raum-{each.id}", gettext("Choose a room.")))
    if begins and ends and ends <= begins:
        sentence = gettext(
            "The end (%(end)s) is before the start (%(start)s). Please check both.",
            end=wording.clock(ends),
            start=wording.clock(begins),
        )
        errors.append((f"bis-{each.id}", sentence))
    if errors or day is None or begins is None or ends is None:
        return None, errors
    minutes = (ends.hour - begins.hour) * 60 + ends.minute - begins.minute
    for control, at in (("von", begins), ("bis", ends)):
        if gap := skipped(day, at, zone):
            errors.append((f"{control}-{each.id}", sentences.no_such_time(at, day, gap)))
    return None if errors else Place(written.room_id, Slot.on(day, begins, minutes, zone)), errors


def _time(text: str, control: str, errors: Errors) -> time | None:
    try:
        return read_time(text)
    except NotReadable as fault:
        empty = gettext("Enter a time, for example 19:30.")
        errors.append((control, empty if fault.code == "time_empty" else sentences.not_readable(fault)))
        return None


def _same(each: Occurrence, place: Place) -> str:
    if place != (each.room_id, each.slot):
        return ""
    if each.status is Status.REQUESTED:
        return gettext("That is what the group has asked for. Choose another time or room.")
    return gettext("The date is there already. Choose another time or room.")


def in_the_way(found: Checked) -> str:
    """Why a date cannot go where it was to go."""
    room, slot = found.wanted.room.name, found.wanted.slot
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
    if found.taken_by is None:
        return gettext("%(room)s is taken on %(day)s.", room=room, day=filters.day(slot.start))
    return gettext(
        "%(room)s is taken on %(day)s: %(what)s, %(times)s.",
        room=room,
        day=filters.day(slot.start),
        what=desk.named(found.taken_by),
        times=filters.local_span(found.taken_by.occupied),
    )


def _notes(each: Occurrence, place: Place, found: Checked, rivals: Sequence[desk.Rival]) -> list[str]:
    """What is worth knowing of a place that can be had."""
    room, notes = found.wanted.room, []
    groups = [rival.booking.initiative.name for rival in rivals]
    if groups:
        notes.append(gettext("Also wanted by: %(groups)s.", groups=wording.joined(groups, locale.selected())))
    if each.booking.people > room.seats:
        notes.append(gettext("%(room)s has %(seats)d seats only.", room=room.name, seats=room.seats))
    if each.booking.access_needs and not room.step_free:
        notes.append(gettext("%(room)s has steps.", room=room.name))
    if is_outside_hours(place.slot, house_rules()) and not is_outside_hours(each.slot, house_rules()):
        notes.append(gettext("Outside opening hours."))
    return notes


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


def answer_day(form: Form, proposed: Sequence[Slot], now: datetime) -> tuple[str, datetime | None, Errors]:
    """Until when proposals hold their rooms: as written, understood, and what is wrong with it.

    Until the end of that day, but never longer than until the first begins.
    """
    zone = house().zone
    today = day_of(now, zone)
    first = min((day_of(slot.start, zone) for slot in proposed), default=date.max)
    usual = min(day_of(now + deciding.ANSWER_WITHIN, zone), first)
    text = form.get("antwort-bis", wording.day(usual, locale.selected()))
    try:
        day = read_date(text, today, locale.selected())
    except NotReadable as fault:
        return text, None, [("antwort-bis", sentences.not_readable(fault))]
    if day < today:
        return text, None, [("antwort-bis", gettext("Choose a day from today on."))]
    if day > first:
        sentence = gettext("What you suggest is on %(day)s already. Choose an earlier day.", day=filters.day(first))
        return text, None, [("antwort-bis", sentence)]
    latest = datetime.combine(day, time(23, 59), zone).astimezone(UTC)
    return text, min([latest, *(slot.start for slot in proposed)]), []
