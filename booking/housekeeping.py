"""What the office keeps in order from its desk: hours, rooms, and the words of letters and pages."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from booking import log, sentences
from booking.availability.claim import claim
from booking.database import db, transaction
from booking.domain.parts import DatedIds, lists_of_all
from booking.domain.slot import Slot
from booking.domain.status import HOLDS_ROOM
from booking.house import house, public_changed, renew_together, rooms, single_rooms
from booking.letters import outbox
from booking.models import Occurrence, OpeningHours, Part, Photo, Room, StaffMember


class RoomNameTaken(Exception):
    """Another room, or part of the house, is called so."""


class LastRoom(Exception):
    """No other room can be asked for."""


class SameParts(Exception):
    """The room takes these parts on that day already."""


class DatesMeet(Exception):
    """Dates that hold their rooms would be in one part of the house at once: ``pairs`` of their ids, earliest first."""

    def __init__(self, pairs: Sequence[tuple[int, int]]) -> None:
        self.pairs = pairs


Span = tuple[time, time]

#: No date reaches further from its start, set-up and tidying up included.
_WIDEST = timedelta(days=3)


def set_hours(hours: Mapping[int, Sequence[Span]], room_id: int | None, *, by: StaffMember, now: datetime) -> None:
    """Let the house, or a room, be open at other times, by weekday. A room without any is open as the house is."""
    with transaction():
        db.session.execute(db.delete(OpeningHours).where(OpeningHours.room_id.is_not_distinct_from(room_id)))
        rows = [
            {"room_id": room_id, "weekday": weekday, "opens": opens, "closes": closes}
            for weekday, spans in hours.items()
            for opens, closes in spans
        ]
        if rows:
            db.session.execute(db.insert(OpeningHours), rows)
        log.record("set_hours", None, by=by, now=now, room=room_id)
        public_changed()


def put_in_own_words(template: str, words: dict[str, str], *, by: StaffMember, now: datetime) -> None:
    """Keep the office's words for a letter or a collection of sentences, by the originals they replace."""
    with transaction():
        place = house()
        kept = {**place.own_words, template: words}
        if sentences.is_of_reasons(template):
            name, before = sentences.former(template), sentences.originals_of(template)
            kept[name] = {**place.own_words.get(name, {}), **before}
        place.own_words = {name: own for name, own in kept.items() if own}
        public_changed()
        log.record("edit_text", None, by=by, count=len(words), now=now, text=template)


def try_text(subject: str, body: str, *, by: StaffMember, now: datetime) -> None:
    """Owe a letter to this member alone, to be read as groups would read it."""
    with transaction():
        outbox.put("trial", staff_member=by, language=by.language, subject=subject, body=body, now=now)


def keep_room(room: Room | None, values: Mapping[str, Any], slug: str, *, by: StaffMember, now: datetime) -> Room:
    """Change what is told of a room, or add one, which occupies a part of the house of its own.

    ``slug``: how a new one is called in addresses, or like this with a number where that is taken.

    Raises ``RoomNameTaken`` where another room has the name, and ``LastRoom`` where none could be asked for then.
    """
    with transaction():
        others = db.session.scalars(db.select(Room)).all()
        if any(each is not room and each.name.casefold() == values["name"].casefold() for each in others):
            raise RoomNameTaken
        if not (values["is_active"] or any(each is not room and each.is_active for each in others)):
            raise LastRoom
        if room is None:
            parts = {part.name: part for part in db.session.scalars(db.select(Part))}
            if values["name"] in parts:
                raise RoomNameTaken
            slug = _free_name(slug, {each.slug for each in others})
            position = max((each.position for each in others), default=-1) + 1
            room = Room(slug=slug, position=position, parts=[Part(name=values["name"])], **values)
            db.session.add(room)
            log.record("add_room", None, by=by, now=now, room=slug)
        else:
            for name, value in values.items():
                setattr(room, name, value)
            renew_together()
            log.record("edit_room", None, by=by, now=now, room=room.slug)
        public_changed()
    return room


def put_photo(room: Room, jpeg: bytes | None, texts: Mapping[str, str], *, by: StaffMember, now: datetime) -> None:
    """Show a picture of a room, or with None the one it has, with these texts; an empty one takes it away."""
    with transaction():
        if jpeg is not None:
            db.session.execute(db.delete(Photo).where(Photo.room_id == room.id))
            room.photo = hashlib.sha256(jpeg).hexdigest()[:16] if jpeg else ""
            if jpeg:
                db.session.execute(db.insert(Photo).values(room_id=room.id, jpeg=jpeg))
        for name, text in texts.items():
            setattr(room, name, text)
        log.record("edit_room", None, by=by, now=now, room=room.slug)
        public_changed()


def move_room(room: Room, steps: int, *, by: StaffMember, now: datetime) -> None:
    """Show a room so many places later, or earlier, wherever rooms stand in a list."""
    with transaction():
        ordered = single_rooms()
        place = ordered.index(room)
        ordered.insert(max(0, place + steps), ordered.pop(place))
        for position, each in enumerate(ordered):
            each.position = position
        renew_together()
        log.record("edit_room", None, by=by, now=now, room=room.slug)
        public_changed()


def change_parts(
    room: Room, part_ids: Collection[int], further: str, day: date, *, by: StaffMember, now: datetime
) -> None:
    """Let a room take other parts from a local day on, and ``further``, a new one, unless that is empty.

    Dates that begin on that day or later take them too, set-up included; all others keep what they have. Raises
    ``DatesMeet`` where dates could not stay side by side then, ``SameParts`` also where nothing is left of what was
    chosen, and ``RoomNameTaken`` where a part of the house has the name of the new one.
    """
    with transaction():
        held = _keep_from_booking()
        every = db.session.scalars(db.select(Part).order_by(Part.id)).all()
        if any(part.name.casefold() == further.casefold() for part in every):
            raise RoomNameTaken
        parts = [part for part in every if part.id in part_ids]
        if further:
            parts.append(Part(name=further))
            db.session.add(parts[-1])
            db.session.flush()
        if not parts or {part.id for part in parts} == room.part_lists.at(begin_of(day)):
            raise SameParts
        _put_parts(room, parts, day, held, by, now)


def take_back_parts(room: Room, day: date, *, by: StaffMember, now: datetime) -> None:
    """Let a room take from that day on what it takes before. Raises ``DatesMeet``."""
    with transaction():
        _put_parts(room, [], day, _keep_from_booking(), by, now)


def begin_of(day: date) -> int:
    """When a local day begins, in epoch seconds."""
    return int(Slot.on(day, time(0), 1, house().zone).start.timestamp())


def _keep_from_booking() -> list[Room]:
    """All rooms with their parts; nobody books, nor asks for several at once, until the transaction at hand ends."""
    claim(rooms())
    db.session.refresh(house(), with_for_update=True)
    return list(db.session.scalars(sa.select(Room).options(selectinload(Room.part_rows))))


def _put_parts(
    room: Room, parts: Sequence[Part], day: date, every: Sequence[Room], by: StaffMember, now: datetime
) -> None:
    since = begin_of(day)
    lists = {each.id: each.part_lists for each in every}
    lists[room.id] = lists[room.id].changed(since, frozenset(part.id for part in parts))
    lists |= {each.id: lists_of_all([lists[id_] for id_ in each.together]) for each in every if each.together}
    if pairs := _meeting(lists, since):
        raise DatesMeet(pairs)
    room.take_parts(parts, since)
    renew_together()
    log.record("edit_room", None, by=by, now=now, room=room.slug)
    public_changed()


def _meeting(lists: Mapping[int, DatedIds], since: int) -> list[tuple[int, int]]:
    """The ids of dates from then on that would meet with these parts of their rooms, earliest first."""
    names = ("id", "room_id", "start", "end", "before_minutes", "after_minutes")
    first = datetime.fromtimestamp(since, UTC) - _WIDEST
    held = sa.select(*(getattr(Occurrence, name) for name in names)).where(
        Occurrence.status.in_(HOLDS_ROOM), Occurrence.start >= first
    )
    taken: dict[int, list[tuple[Slot, int]]] = defaultdict(list)
    for id_, room_id, start, end, before, after in db.session.execute(held):
        slot = Slot(start, end).widened(timedelta(minutes=before), timedelta(minutes=after))
        for part_id in lists[room_id].at(slot.start.timestamp()):
            taken[part_id].append((slot, id_))
    pairs = set()
    for of_part in taken.values():
        of_part.sort()
        for number, (slot, id_) in enumerate(of_part, 1):
            for other, other_id in of_part[number:]:
                if other.start >= slot.end:
                    break
                pairs.add((slot, id_, other_id))
    return [(one, other) for _, one, other in sorted(pairs)]


def _free_name(wanted: str, taken: set[str]) -> str:
    return next(name for n in count(1) if (name := wanted if n == 1 else f"{wanted}-{n}") not in taken)
