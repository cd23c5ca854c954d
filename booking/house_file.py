"""A house from its folder, or from a file: tried, set up, or brought up to date."""

from contextlib import suppress
from datetime import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from booking import clock
from booking.database import db, transaction
from booking.doctor import house_faults
from booking.house import public_changed
from booking.house_folder import HOUSE_FILE, NotAHouse, furnish, read_toml
from booking.letters.message import Unsendable, one_address
from booking.models import House, OpeningHours, Part, Room

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

#: What a house file is made of, and how it stands there.
TABLES: dict[str, type] = {"house": dict, "hours": dict, "rooms": list}

#: Columns that the service keeps by itself.
OURS = {"id", "version", "photo", "own_words", "reference_year", "reference_number", "facts", "files"}


class _Checked(Exception):
    """A house could be loaded, and is not to be."""


def load_house(path: Path) -> House:
    """Set the house up from its folder, or bring it up to date: hours, rooms, facts, texts and look. Bookings stay.

    From a TOML file alone: hours and rooms. Raises ``NotAHouse``, and then all is as it was.
    """
    data, file, folder = _read(path)
    with transaction():
        return _put(data, file, folder)


def check_house(path: Path) -> None:
    """Try a house against the database at hand, and leave everything as it is. Raises ``NotAHouse``."""
    data, file, folder = _read(path)
    with suppress(_Checked), transaction():
        _put(data, file, folder)
        raise _Checked


def _read(path: Path) -> tuple[dict[str, Any], Path, Path | None]:
    file, folder = (path / HOUSE_FILE, path) if path.is_dir() else (path, None)
    data = read_toml(file)
    _look_at_tables(data, file)
    return data, file, folder


def _put(data: dict[str, Any], path: Path, folder: Path | None) -> House:
    house = db.session.get(House, 1) or House(id=1)
    _fill(house, data.get("house", {}), path)
    try:
        house.email = one_address(house.email)
    except Unsendable:
        raise NotAHouse(f"{path}: email cannot be {house.email!r}.") from None
    db.session.add(house)
    db.session.execute(db.delete(OpeningHours).where(OpeningHours.room_id.is_(None)))
    for name, hours in data.get("hours", {}).items():
        db.session.add_all(_hours(name, hours, path))
    if not data.get("rooms"):
        raise NotAHouse(f"{path}: a house needs at least one room, as [[rooms]].")
    for position, entry in enumerate(data["rooms"]):
        _load_room(dict(entry), position, path)
    if folder:
        furnish(house, folder)
    db.session.flush()
    for said in house_faults(house, clock.now()):
        raise NotAHouse(f"{path}: {said}")
    public_changed()
    return house


def _look_at_tables(data: dict[str, Any], path: Path) -> None:
    for name, table in data.items():
        if name not in TABLES:
            raise NotAHouse(f"{path}: there is no table {name!r}, only {', '.join(TABLES)}.")
        if type(table) is not TABLES[name] or (table and type(table) is list and type(table[0]) is not dict):
            raise NotAHouse(f"{path}: {name} stands there as [{name}], and rooms as [[rooms]].")


def _load_room(entry: dict[str, Any], position: int, path: Path) -> None:
    names = entry.pop("parts", [])
    if not names or not _is_words(names):
        raise NotAHouse(f'{path}: the room {entry.get("name")!r} has no parts, such as parts = ["Saal"].')
    slug = entry.get("slug")
    room = db.session.scalars(db.select(Room).where(Room.slug == slug)).one_or_none() or Room()
    _fill(room, {**entry, "position": position}, path)
    db.session.add(room)
    known = {part.name: part for part in db.session.scalars(db.select(Part))}
    if {part.name for part in room.parts} != set(names):
        room.parts = [known.get(name) or Part(name=name) for name in names]
    db.session.flush()


def _is_words(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(each, str) and each.isprintable() and each for each in values)


def _fill(row: Any, values: dict[str, Any], path: Path) -> None:
    """Set the columns of a row; refuse unknown and missing names."""
    columns = {column.name: column for column in row.__table__.columns}
    for name, value in values.items():
        if name not in columns or name in OURS:
            raise NotAHouse(f"{path}: {row.__tablename__} has no {name!r}.")
        wanted = list if isinstance(columns[name].type, sa.JSON) else columns[name].type.python_type
        is_printed = _is_words(value) if wanted is list else wanted is not str or value.isprintable()
        if type(value) is not wanted or not is_printed:
            raise NotAHouse(f"{path}: {name} cannot be {value!r}.")
        setattr(row, name, value)
    missing = [
        name
        for name, column in columns.items()
        if not column.nullable and column.default is None and name != "id" and getattr(row, name) is None
    ]
    if missing:
        raise NotAHouse(f"{path}: {row.__tablename__} lacks {', '.join(missing)}.")


def _hours(name: str, hours: Any, path: Path) -> list[OpeningHours]:
    """The hours of a weekday: [09:00:00, 17:00:00], or a list of such with a break between."""
    if name not in WEEKDAYS:
        raise NotAHouse(f"{path}: {name!r} is no weekday.")
    spans = hours if isinstance(hours, list) and hours and isinstance(hours[0], list) else [hours]
    for span in spans:
        if not (isinstance(span, list) and len(span) == 2 and all(type(each) is time for each in span)):
            raise NotAHouse(f"{path}: the hours of {name} must be like [09:00:00, 17:00:00].")
        if span[1] <= span[0]:
            raise NotAHouse(f"{path}: the hours of {name} end before they begin.")
    if any(after[0] <= span[1] for span, after in pairwise(spans)):
        raise NotAHouse(f"{path}: the hours of {name} meet, or are not in their order.")
    return [OpeningHours(weekday=WEEKDAYS.index(name), opens=opens, closes=closes) for opens, closes in spans]
