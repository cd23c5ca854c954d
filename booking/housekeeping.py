"""What the office keeps in order from its desk: hours, rooms, and the words of letters and pages."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from itertools import count
from typing import Any

from booking import log, sentences
from booking.database import db, transaction
from booking.house import house, public_changed, renew_together, single_rooms
from booking.letters import outbox
from booking.models import OpeningHours, Part, Photo, Room, StaffMember


class RoomNameTaken(Exception):
    """Another room, or part of the house, is called so."""


class LastRoom(Exception):
    """No other room can be asked for."""


Span = tuple[time, time]


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
        if template.startswith("sentences/"):
            public_changed()
        place.own_words = {name: own for name, own in kept.items() if own}
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


def _free_name(wanted: str, taken: set[str]) -> str:
    return next(name for n in count(1) if (name := wanted if n == 1 else f"{wanted}-{n}") not in taken)
