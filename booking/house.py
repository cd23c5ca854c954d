"""The house: who it is, its hours, rules and rooms, each read once until rows may have changed."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, time
from functools import lru_cache
from itertools import combinations
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import current_app

from booking.database import db, is_known, once
from booking.domain.days_off import FORESEEN, days_off
from booking.domain.parts import EVER, DatedIds, lists_of_all
from booking.domain.policy import Hours, HouseRules, working_days_between
from booking.domain.repeats import repeated
from booking.domain.slot import Slot
from booking.languages import DEFAULT, LANGUAGES
from booking.models import Closure, House, Notice, OpeningHours, Part, Room, RoomPart, StoredList, day_of


class NoHouse(Exception):
    """This installation has no house yet: ``flask house load FILE`` or ``flask demo load``."""


class RoomRow(NamedTuple):
    """A room as pages show it: plain values, since two hundred objects of the session take longer than a page may."""

    id: int
    slug: str
    name: str
    article: str
    inflected: str
    short_name: str
    seats: int
    way: str
    way_en: str
    direction: str
    step_free: bool
    equipment: tuple[str, ...]
    equipment_en: tuple[str, ...]
    position: int
    is_active: bool
    photo: str
    photo_text: str
    photo_text_en: str
    part_lists: DatedIds
    busy: str
    together: tuple[int, ...]


class Shown(NamedTuple):
    """What the pages of one version and minute have alike: what was read, and what was made of it."""

    key: tuple[int, int]
    reads: dict[Any, Any]
    pieces: dict[Any, Any]


def house() -> House:
    """The one house; ``NoHouse`` before it is set up."""
    return once(_house, House)


def opening_hours(room_id: int | None = None) -> Hours:
    """The hours of the house, or of a room: those of the house where it has none of its own."""
    return house_rules().hours_of(room_id)


def house_rules() -> HouseRules:
    """The rules that dates are held to."""
    return once(_house_rules, House, OpeningHours)


def rooms() -> list[Room]:
    """All rooms, in the order in which the office shows them."""
    return once(_rooms, Room, Part, RoomPart)


def public_changed() -> None:
    """Note, in the transaction at hand, that the public sees something else: what is kept of its pages is over."""
    house().version = House.version + 1  # counted by the database: others add too


def room_rows() -> dict[int, RoomRow]:
    """All rooms by their ids, in the order in which the office shows them."""
    return once(_room_rows, Room, Part, RoomPart)


def offered_rooms() -> list[RoomRow]:
    """The rooms that can be asked for, in that order."""
    return [room for room in room_rows().values() if room.is_active]


def single_rooms() -> list[Room]:
    """All rooms but those that are several together, in that order."""
    return [room for room in rooms() if not room.together]


def rooms_with(*wanted: RoomRow | Room) -> list[RoomRow]:
    """These rooms, and what they are together with others: whatever is on there is on in them."""
    ids = {room.id for room in wanted}
    return [each for each in room_rows().values() if not ids.isdisjoint((each.id, *each.together))]


def is_offered(room: RoomRow) -> bool:
    """Whether it can be asked for; several together can as long as each of them can."""
    return all(room_rows()[id_].is_active for id_ in room.together) if room.together else room.is_active


def room_called(slug: str) -> RoomRow | None:
    """What can be asked for by this name: a room, or several at once, with + between their names.

    None where there is no such, or where two of them cannot be used at the same time.
    """
    names = {*slug.split("+")}
    several = [room for room in offered_rooms() if room.slug in names]
    if len(several) != len(names) or slug.count("+") >= len(names) or sharing(several):
        return None
    return several[0] if len(several) == 1 else together(several)


def sharing(several: Sequence[RoomRow]) -> tuple[RoomRow, RoomRow] | None:
    """Two of these rooms that can never be used at the same time."""
    pairs = combinations(several, 2)
    return next(((one, other) for one, other in pairs if one.part_lists.always_meet(other.part_lists)), None)


def part_changes() -> list[int]:
    """When some room begins to take other parts, in epoch seconds, earliest first."""
    return sorted({since for room in room_rows().values() for since in room.part_lists.since} - {EVER})


def together(several: Sequence[RoomRow]) -> RoomRow:
    """Several rooms as the one that a meeting in all of them takes; not stored, and with the id 0, where none has been
    in these."""
    ids = tuple(room.id for room in several)
    known = (room for room in room_rows().values() if {*ids} == {*room.together})
    lists = lists_of_all([room.part_lists for room in several])
    slug = "+".join(room.slug for room in several)
    none: dict[str, Any] = dict.fromkeys(("equipment", "equipment_en"), ())
    row = RoomRow(id=0, slug=slug, part_lists=lists, busy="", together=ids, **none, **told_together(several))
    return next(known, row)


def store_together(several: Sequence[Room]) -> Room:
    """The same as a row, made in the transaction at hand where there is none."""
    ids = [room.id for room in several]
    every = db.session.scalars(db.select(Room)).all()  # anew, as others may have made it
    row = next((room for room in every if {*ids} == {*room.together}), None)
    if row is None:
        row = Room(slug="+".join(room.slug for room in several), together=ids, equipment=[])
        db.session.add(row)
        _fill_together(row, several)
        db.session.flush()
    return row


def is_one_too_many(several: Collection[int]) -> bool:
    """Whether nobody has been in these rooms at once yet, and groups have asked for so many other sets that they can
    ask for no more."""
    known = [{*room.together} for room in room_rows().values() if room.together]
    return bool(several) and {*several} not in known and len(known) >= MOST_TOGETHER


def renew_together() -> None:
    """Tell of several rooms together, in the transaction at hand, what is told of each of them by now."""
    every = rooms()
    for row in every:
        if row.together:
            _fill_together(row, [room for room in every if room.id in row.together])


def _fill_together(row: Room, several: Sequence[Room]) -> None:
    for name, value in told_together(several).items():
        setattr(row, name, value)
    rows = [each for room in several for each in room.part_rows]
    for since in {each.since for each in (*rows, *row.part_rows)}:
        lists = [room.list_at(since) for room in several] if since in {each.since for each in rows} else []
        row.take_parts({part.id: part for parts in lists for part in parts}.values(), since)


def told_together(several: Sequence[RoomRow | Room]) -> dict[str, Any]:
    """What is told of several rooms as one, and that nobody is offered it."""
    first, *_ = several
    return {
        **{name: mark.join(dict.fromkeys(_named(room, name) for room in several)) for name, mark in _JOINED.items()},
        **dict.fromkeys(("article", "inflected", "photo", "photo_text", "photo_text_en"), ""),
        "seats": sum(room.seats for room in several),
        "step_free": all(room.step_free for room in several),
        "direction": first.direction,
        "position": first.position,
        "is_active": False,
    }


def _named(room: RoomRow | Room, name: str) -> str:
    """One of the names of what is told of it; in the house's language where it says nothing in another."""
    return getattr(room, name) or str(getattr(room, name.removesuffix("_en")))


def closures(begin: datetime, end: datetime) -> list[Closure]:
    """The closures of the house and of rooms that reach into a period, half-open; earliest first.

    One that comes back is there once for each of its times, up to ``FORESEEN``.
    """
    last = begin + FORESEEN if end - begin > FORESEEN else end
    found = [
        closure
        for row, told in once(_closures, Closure)
        if row.start < end and (row.repeats or row.end > begin) and not (row.until and row.until <= begin)
        for closure in _times_of(row, told, begin, last)
    ]
    return sorted([*found, *busy_closures(begin, end)], key=attrgetter("start"))


def busy_closures(begin: datetime, end: datetime) -> list[Closure]:
    """The times of a period in which calendars from outside keep the rooms that follow them: like closures, and no
    rows."""
    told = once(_busy_told, Room)
    first, last = begin.timestamp(), end.timestamp()
    keys = []
    for room in room_rows().values():
        if room.busy:
            spans = _spans(room.busy)
            start = bisect_right(spans, first, key=itemgetter(1))
            keys += [(room.id, *span) for span in spans[start : bisect_left(spans, last, key=itemgetter(0))]]
    for key in keys:
        if key not in told:
            told[key] = _busy_closure(*key)
    return [told[key] for key in keys]


@contextmanager
def assuming(planned: Closure) -> Iterator[None]:
    """Let questions be answered as if this closure, which no session knows, were stored already; in place of the one
    with its id."""
    known = db.session.info.setdefault("once", {})
    known[_closures] = [(row, told) for row, told in _closures() if row.id != planned.id] + [(planned, {})], (Closure,)
    try:
        yield
    finally:
        db.session.info["once"].pop(_closures, None)


def shown_version() -> int:
    """The present version of the house, in one read; ``NoHouse`` before there is one."""
    version: int | None = db.session.execute(_VERSION).scalar()
    if version is None:
        raise NoHouse
    return version


@contextmanager
def shown_at(version: int, now: datetime) -> Iterator[dict[Any, Any]]:
    """Let what all pages ask be read once for all that show this version of the house in this minute, whoever opens
    them; in none that changes anything. For what else they have alike they get a dictionary.

    What was read before by the session at hand may be older than the version, and is not handed on.
    """
    moment = int(now.timestamp()) // 60
    shown: Shown = current_app.extensions.get("house", Shown((0, 0), {}, {}))
    if shown.key != (version, moment):
        shown = current_app.extensions["house"] = Shown((version, moment), {}, {})
    before = db.session.info.setdefault("once", {})
    own, shared = {*before}, dict(shown.reads)
    before |= {read: (value, ()) for read, value in shared.items() if read not in own}
    yield shown.pieces
    read_now = db.session.info.get("once", {}).keys() - own - shared.keys()
    shown.reads.update({read: outlive(once(read)) for read, outlive in _OUTLIVING.items() if read in read_now})


def notice(now: datetime) -> Notice | None:
    """What the team lets the lobby say at this moment."""
    found = once(_notice, Notice)
    return found if found and found.until > now else None


# Every page asks these; to make a statement anew takes longer than to run it.
_HOUSE_AND_HOURS = (
    sa.select(House, OpeningHours.room_id, OpeningHours.weekday, OpeningHours.opens, OpeningHours.closes)
    .outerjoin(OpeningHours, sa.true())
    .where(House.id == 1)
    .order_by(OpeningHours.weekday, OpeningHours.opens)
)
_VERSION = sa.select(House.__table__.c.version).where(House.__table__.c.id == 1)
_NOTICE = sa.select(Notice).order_by(Notice.id.desc()).limit(1)
_CLOSURES = sa.select(Closure).order_by(Closure.start, Closure.id)
#: So many sets of rooms can groups ask for at once. Each is a row for good, which every page reads: strangers could
#: make as many as there are sets.
MOST_TOGETHER = 100
#: What is told of several rooms together, with what stands between.
_JOINED = {"name": " & ", "short_name": " & ", "way": "; ", "way_en": "; "}
_VALUES = attrgetter(*RoomRow._fields)
_LISTS = {name: sa.cast(getattr(Room, name), StoredList) for name in ("equipment", "equipment_en", "together")}
_COLUMNS = [_LISTS.get(name, getattr(Room, name)) for name in RoomRow._fields]
_ROOM_ROWS = sa.select(*_COLUMNS).order_by(Room.position, Room.id)


def _house() -> House:
    """As it is known already, or else with its hours in one statement: a booking raises its version several times."""
    known: House | None = db.session.identity_map.get(db.session.identity_key(House, 1))
    return known or once(_house_and_hours, House, OpeningHours)[0]


def _house_and_hours() -> tuple[House, dict[int | None, Hours]]:
    """The house, and its hours; those of rooms by their ids."""
    found = db.session.execute(_HOUSE_AND_HOURS).all()
    if not found:
        raise NoHouse
    hours: dict[int | None, dict[int, tuple[tuple[time, time], ...]]] = {None: {}}
    for _, room_id, weekday, opens, closes in found:
        if weekday is not None:
            of_room = hours.setdefault(room_id, {})
            of_room[weekday] = (*of_room.get(weekday, ()), (opens, closes))
    return found[0][0], dict(hours)


def _copied(row: Any) -> Any:
    """The row as it is, and of no session."""
    return type(row)(**{column.key: getattr(row, column.key) for column in row.__table__.columns})


def _house_rules() -> HouseRules:
    row, hours = once(_house_and_hours, House, OpeningHours)
    return row.rules(hours[None], {id_: each for id_, each in hours.items() if id_ is not None})


def _rooms() -> list[Room]:
    return list(db.session.scalars(db.select(Room).order_by(Room.position, Room.id)))


def _notice() -> Notice | None:
    return db.session.scalars(_NOTICE).first()


def _closures() -> list[tuple[Closure, dict[Slot, Closure]]]:
    """All of them, as there are some a year, and one page asks for several periods; each with its times told before, so
    that a time of a closure is the same whoever asks."""
    return [(row, {}) for row in db.session.scalars(_CLOSURES)]


def _times_of(row: Closure, told: dict[Slot, Closure], begin: datetime, end: datetime) -> Iterator[Closure]:
    if not (row.repeats or row.until):
        yield row
        return
    for slot in repeated(row.slot, row.repeats, row.until, begin, end, house().zone):
        if slot not in told:
            told[slot] = row.at(slot)
        yield told[slot]


def _busy_told() -> dict[tuple[int, int, int], Closure]:
    """The busy times that were told before, so that one is the same whoever asks."""
    return {}


def _busy_closure(room_id: int, begins: int, ends: int) -> Closure:
    start, end = (datetime.fromtimestamp(at, UTC) for at in (begins, ends))
    found = Closure(room_ids=[room_id], start=start, end=end, repeats="")
    for each in LANGUAGES.values():
        setattr(found, "reason" if each.code == DEFAULT else f"reason_{each.code}", each.in_use)
    return found


@lru_cache(256)
def _spans(busy: str) -> list[tuple[int, int]]:
    """In epoch seconds, earliest first; none of them meet."""
    return [(begins, ends) for begins, ends in json.loads(busy)]


def _room_rows() -> dict[int, RoomRow]:
    if not is_known(_rooms):
        return {row.id: RoomRow._make(row) for row in db.session.execute(_ROOM_ROWS)}
    values = ([tuple(each) if isinstance(each, list) else each for each in _VALUES(room)] for room in rooms())
    return {row.id: row for row in map(RoomRow._make, values)}


def working_days(since: datetime, now: datetime) -> int:
    """How many working days of the house have passed."""
    place = house()
    first, last = day_of(since, place.zone), day_of(now, place.zone)
    off = days_off(first, max(first, last), place.country, place.subdivision, "de").public
    return working_days_between(first, last, opening_hours(), off)


#: What all pages ask, and how it outlives its session.
_OUTLIVING: dict[Callable[[], Any], Callable[[Any], Any]] = {
    _house_and_hours: lambda found: (_copied(found[0]), found[1]),
    _room_rows: lambda rows: rows,
    _closures: lambda rows: [(_copied(row), {}) for row, _ in rows],
    _notice: lambda row: row and _copied(row),
}
