"""A house from its folder, or from a file: tried, set up, or brought up to date."""

import re
from collections import Counter
from contextlib import suppress
from dataclasses import fields
from datetime import time
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from booking import clock
from booking.database import db, transaction
from booking.doctor import house_faults
from booking.domain.remembering import Retention
from booking.house import public_changed, renew_together
from booking.house_folder import HOUSE_FILE, NotAHouse, edition_file, furnish, read_toml
from booking.letters.message import Unsendable, one_address
from booking.models import House, OpeningHours, Part, Room
from booking.sentences import carried_over

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

#: What a house file is made of, and how it stands there.
TABLES: dict[str, type] = {"house": dict, "hours": dict, "retention": dict, "rooms": list}

#: How a value of each type is written.
EXAMPLES: dict[type, str] = {
    str: 'Write it like "Saal".',
    int: "Write it like 40.",
    bool: "Write true or false.",
    time: "Write it like 22:00:00.",
    list: 'Write it like ["Leinwand", "Beamer"].',
}

#: Columns that the service keeps by itself.
OURS = {
    "id",
    "version",
    "photo",
    "own_words",
    "reference_year",
    "reference_number",
    "facts",
    "files",
    "retention",
    "busy",
    "together",
}


class _Checked(Exception):
    """A house could be loaded, and is not to be."""


class _File:
    """A house file, with the lines on which its words stand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = read_toml(path)
        self.lines: dict[tuple[str, int, str], int] = {}
        table, numbers = "", Counter[str]()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            line = line.strip()
            if head := re.match(r"\[{1,2}\s{0,9}([\w-]+)", line):
                table = head[1]
                self.lines[table, numbers[table], ""] = number
                numbers[table] += 1
            elif word := re.match(r"[\"']?([^\s=\"']{1,80})[\"']?\s{0,80}=", line):
                self.lines.setdefault((table, numbers[table] - 1 if table else 0, word[1]), number)

    def wrong(self, sentence: str, table: str = "", key: str = "", number: int = 0) -> NotAHouse:
        """``number``: of a room, from 0 on."""
        line = self.lines.get((table, number, key)) or self.lines.get((table, number, ""))
        return NotAHouse(f"{self.path}, line {line}: {sentence}" if line else f"{self.path}: {sentence}")


def load_house(path: Path) -> House:
    """Set the house up from its folder, or bring it up to date: hours, rooms, facts, texts and look. Bookings stay.

    From a TOML file alone: hours and rooms. Raises ``NotAHouse``, and then all is as it was.
    """
    with transaction():
        return _put(path)


def check_house(path: Path) -> None:
    """Try a house against the database at hand, and leave everything as it is. Raises ``NotAHouse``."""
    with suppress(_Checked), transaction():
        _put(path)
        raise _Checked


def _put(path: Path) -> House:
    file = _File(path / HOUSE_FILE if path.is_dir() else path)
    _look_at_tables(file)
    house = db.session.get(House, 1) or House(id=1)
    held, was_formal = house.rules_version, house.is_formal
    _fill(house, file.data.get("house", {}), file, "house")
    if house.is_formal != was_formal:
        house.own_words = carried_over(house.own_words or {}, formal=house.is_formal)
    try:
        house.email = one_address(house.email)
    except Unsendable:
        raise file.wrong(f"email cannot be {house.email!r}.", "house", "email") from None
    if "retention" in file.data:
        house.retention = _retention(file.data["retention"], file).as_json()
    db.session.add(house)
    db.session.execute(db.delete(OpeningHours).where(OpeningHours.room_id.is_(None)))
    for name, hours in file.data.get("hours", {}).items():
        db.session.add_all(_hours(name, hours, file))
    _look_at_rooms(file)
    for number, entry in enumerate(file.data["rooms"]):
        _load_room(dict(entry), number, file)
    renew_together()
    db.session.flush()
    slugs = [entry["slug"] for entry in file.data["rooms"]]
    now = clock.now()
    for fault in house_faults(house, now):
        number = slugs.index(fault.slug) if fault.slug in slugs else 0
        raise file.wrong(fault.sentence, fault.table, fault.key, number)
    if path.is_dir():
        furnish(house, path, held, now.astimezone(house.zone).date())
        db.session.flush()
    elif edition_file(house, held):
        house.rules_version = held
    public_changed()
    return house


def _look_at_tables(file: _File) -> None:
    for name, table in file.data.items():
        if name not in TABLES:
            raise file.wrong(f"there is no table {name!r}, only {', '.join(TABLES)}.", name, name)
        if type(table) is not TABLES[name] or (table and type(table) is list and type(table[0]) is not dict):
            raise file.wrong(f"{name} stands there as [{name}], and rooms as [[rooms]].", name, name)


def _look_at_rooms(file: _File) -> None:
    """What no row says for itself: that there are rooms, none of them twice."""
    rooms = file.data.get("rooms")
    if not rooms:
        raise file.wrong("a house needs at least one room, as [[rooms]].")
    for key in ("slug", "name", "short_name"):
        said = [entry.get(key) for entry in rooms]
        for number, value in enumerate(said):
            if value is not None and value in said[:number]:
                raise file.wrong(f"another room has the {key} {value!r} already.", "rooms", key, number)


def _load_room(entry: dict[str, Any], number: int, file: _File) -> None:
    names = entry.pop("parts", [])
    if not names or not _is_words(names) or len(set(names)) < len(names):
        sentence = f'the room {entry.get("name")!r} has no parts, such as parts = ["Saal"], each once.'
        raise file.wrong(sentence, "rooms", "parts", number)
    slug = entry.get("slug")
    known_room = (
        db.session.scalars(db.select(Room).where(Room.slug == slug)).one_or_none() if type(slug) is str else None
    )
    room = known_room or Room()
    _fill(room, {**entry, "position": number}, file, "rooms", number)
    db.session.add(room)
    known = {part.name: part for part in db.session.scalars(db.select(Part))}
    if {part.name for part in room.parts} != set(names):
        room.parts = [known.get(name) or Part(name=name) for name in names]
    db.session.flush()


def _is_words(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(each, str) and each.isprintable() and each for each in values)


def _fill(row: Any, values: dict[str, Any], file: _File, table: str, number: int = 0) -> None:
    """Set the columns of a row; refuse unknown and missing names."""
    columns = {column.name: column for column in row.__table__.columns}
    for name, value in values.items():
        if name not in columns or name in OURS:
            close = get_close_matches(name, set(columns) - OURS, n=1)
            hint = f" Is {close[0]} meant?" if close else ""
            raise file.wrong(f"{row.__tablename__} has no {name!r}.{hint}", table, name, number)
        wanted = list if isinstance(columns[name].type, sa.JSON) else columns[name].type.python_type
        is_printed = _is_words(value) if wanted is list else type(value) is not str or value.isprintable()
        is_whole = not isinstance(value, time) or value == value.replace(second=0, microsecond=0)
        if type(value) is not wanted or not is_printed or not is_whole:
            raise file.wrong(f"{name} cannot be {value!r}. {EXAMPLES[wanted]}", table, name, number)
        setattr(row, name, value)
    missing = [
        name
        for name, column in columns.items()
        if not column.nullable and column.default is None and name != "id" and getattr(row, name) is None
    ]
    if missing:
        raise file.wrong(f"{row.__tablename__} lacks {', '.join(missing)}.", table, number=number)


def _retention(said: dict[str, Any], file: _File) -> Retention:
    names = [each.name for each in fields(Retention)]
    for name, value in said.items():
        if name not in names:
            raise file.wrong(f"retention has no {name!r}, only {', '.join(names)}.", "retention", name)
        if type(value) is not int:
            raise file.wrong(f"{name} cannot be {value!r}. {EXAMPLES[int]}", "retention", name)
    if missing := [name for name in names if name not in said]:
        raise file.wrong(f"retention lacks {', '.join(missing)}.", "retention")
    return Retention(**said)


def _hours(name: str, hours: Any, file: _File) -> list[OpeningHours]:
    """The hours of a weekday: [09:00:00, 17:00:00], or a list of such with a break between."""
    if name not in WEEKDAYS:
        raise file.wrong(f"{name!r} is no weekday. They are {', '.join(WEEKDAYS)}.", "hours", name)
    spans = hours if isinstance(hours, list) and hours and isinstance(hours[0], list) else [hours]
    for span in spans:
        is_span = isinstance(span, list) and len(span) == 2 and all(type(each) is time for each in span)
        if not is_span or any(each.second or each.microsecond for each in span):
            raise file.wrong(f"the hours of {name} must be like [09:00:00, 17:00:00].", "hours", name)
        if span[1] <= span[0]:
            raise file.wrong(f"the hours of {name} end before they begin.", "hours", name)
    if any(after[0] <= span[1] for span, after in pairwise(spans)):
        raise file.wrong(f"the hours of {name} meet, or are not in their order.", "hours", name)
    return [OpeningHours(weekday=WEEKDAYS.index(name), opens=opens, closes=closes) for opens, closes in spans]
