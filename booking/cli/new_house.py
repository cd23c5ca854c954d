"""The folder of a new house, written from answers: what it must know is asked for, all else is there to be changed."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import time
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import click

from booking import clock
from booking.doctor import LONGEST_OF_ROOM, MOST_SEATS, faults_of_row
from booking.domain import theme
from booking.domain.remembering import Retention
from booking.facts import FACTS, called
from booking.house_file import WEEKDAYS, check_house
from booking.house_folder import FACTS_FILE, HOUSE_FILE, THEME_FILE, NotAHouse
from booking.languages import DEFAULT, beginning, in_sentence
from booking.models import House
from booking.requesting import slug_of

ZONES = {"DE": "Europe/Berlin", "AT": "Europe/Vienna", "CH": "Europe/Zurich"}
DAYS = {name: number for number, each in enumerate(WEEKDAYS) for name in (each, each[:3])}
DAYS |= {name: number for number, name in enumerate(("mo", "di", "mi", "do", "fr", "sa", "so"))}

_SPAN = r"(\d{1,2})(?::(\d\d))?-(\d{1,2})(?::(\d\d))?"
_ROOM = re.compile(r"([^\d=+,][^=+,]{0,60}?) (\d{1,5})(?: ([^=+,]{1,80}))?")

#: What stands in the file of a new house until somebody asks for a date, with the reason.
USUAL: dict[str, tuple[Any, str]] = {
    "lead_working_days": (2, "whole working days before the first date that can be asked for"),
    "answer_working_days": (3, "what the pages promise"),
    "tight_minutes": (30, "a smaller gap to the neighbour is worth a note"),
    "most_dates": (60, "in one request"),
    "rules_version": ("1", "of the house rules, page /hausordnung"),
}

#: What is kept of people, and from when on it counts; for how long stands there as is usual.
KEPT = {
    "contact_months": "who asked and what for, after the last date",
    "in_vain_months": "the same where nothing came of it, after the answer",
    "onsite_days": "who is responsible on the evening, after the last date",
    "letters_days": "what letters said",
}

#: A house with which each answer is tried alone.
_PLAIN = {
    **{name: value for name, (value, _) in USUAL.items()},
    **dict.fromkeys(("name", "site_name", "site_name_en", "operator", "street", "postcode", "city"), "x"),
    **dict.fromkeys(("article", "inflected", "operator_en", "website"), ""),
    **dict.fromkeys(("welcome", "welcome_en", "way_in", "way_in_en", "lobby_hint", "lobby_hint_en"), "x"),
    "email": "x@example.org",
    "phone": "+49 30 12-345",
    "zone_name": "Europe/Berlin",
    "country": "DE",
    "subdivision": "",
    "reference_prefix": "X",
}


class NewRoom(NamedTuple):
    name: str
    seats: int
    way: str
    parts: tuple[str, ...]


class HouseAnswer(click.ParamType[Any]):
    """What a question takes; whatever cannot be meant is refused with a sentence, and asked for again."""

    name = "text"

    def __init__(self, read: Callable[[str], Any]) -> None:
        self.read = read

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value  # read before: click reads an answer twice
        try:
            if not value.isprintable():
                raise ValueError("It holds a character that nobody can see.")
            return self.read(value.strip())
        except ValueError as fault:
            return self.fail(str(fault), param, context)


def _said() -> dict[str, Any]:
    """The answers so far."""
    return click.get_current_context().params


def _of_house(name: str) -> Callable[[str], str]:
    """Reads one column of the house, as a house file is checked."""

    def read(value: str) -> str:
        country = _said().get("country") if name == "subdivision" else None
        house = House(**{**_PLAIN, **({"country": country} if country else {}), name: value})
        for fault in faults_of_row(house, clock.now()):
            if fault.key == name:
                raise ValueError(fault.sentence)
        return value

    return read


def _town(value: str) -> tuple[str, str]:
    found = re.fullmatch(r"([A-Za-z0-9-]{3,10}) (\S.{0,70})", value)
    if not found:
        raise ValueError("Write both, like 35999 Steinbrück.")
    return found[1], found[2]


def _address(value: str) -> str:
    if not re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,60}", value):
        raise ValueError("Write an address like raeume@steinbrueck.de.")
    return value


def _hours(value: str) -> dict[int, list[tuple[str, str]]]:
    """Hours by weekday, from mon-fri 9-17, sat 10-13 14-20; a day that is named twice has both."""
    hours: dict[int, list[tuple[str, str]]] = {}
    for part in value.split(","):
        days, *spans = part.lower().split() or [""]
        first, _, last = days.partition("-")
        if first not in DAYS or (last or first) not in DAYS or not spans:
            raise ValueError(f"“{part.strip()}” is not like mon-fri 9-17, or tue-sat 10-13 14-20.")
        weekdays = range(DAYS[first], DAYS[last or first] + 1)
        if not weekdays:
            raise ValueError(f"The days of “{part.strip()}” are not in their order: a week begins on Monday.")
        read = []
        for span in spans:
            found = re.fullmatch(_SPAN, span)
            times = [] if not found else [(int(found[at]), int(found[at + 1] or 0)) for at in (1, 3)]
            if not times or times[1] <= times[0] or any(hour > 23 or minute > 59 for hour, minute in times):
                raise ValueError(f"“{span}” is not like 9-17 or 9:30-17:00.")
            read.append((f"{times[0][0]:02}:{times[0][1]:02}:00", f"{times[1][0]:02}:{times[1][1]:02}:00"))
        for weekday in weekdays:
            hours[weekday] = [*hours.get(weekday, []), *read]
            if any(after[0] <= before[1] for before, after in pairwise(hours[weekday])):
                raise ValueError(f"The hours of “{part.strip()}” meet others of that day, or are not in their order.")
    return hours


def _latest(value: str) -> time:
    try:
        return time.fromisoformat(value).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise ValueError("Write it like 22:00.") from None


def _rooms(value: str) -> list[NewRoom]:
    """Rooms, from Saal 90 ground floor = Saal Nord 45 + Saal Süd 40, Werkstatt 20."""
    rooms: list[NewRoom] = []
    for part in value.split(","):
        whole, _, pieces = part.partition("=")
        pieces_read = [_room(each) for each in pieces.split("+")] if pieces.strip() else []
        room = _room(whole)
        rooms.append(room._replace(parts=tuple(each.name for each in pieces_read) or (room.name,)))
        rooms += [each._replace(way=each.way or room.way) for each in pieces_read]
    slugs = [slug_of(room.name) for room in rooms]
    if len(set(slugs)) < len(slugs) or len({_short(room.name) for room in rooms}) < len(rooms):
        raise ValueError("Two rooms have the same name, or one that begins with the same 16 letters.")
    return rooms


def _room(value: str) -> NewRoom:
    found = _ROOM.fullmatch(value.strip())
    if not found or len(found[1]) > LONGEST_OF_ROOM["name"] or not 1 <= int(found[2]) <= MOST_SEATS:
        raise ValueError(f"“{value.strip()}” is not like Werkstatt 20, or Werkstatt 20 1. OG: a name, and its seats.")
    return NewRoom(found[1], int(found[2]), found[3] or "", (found[1],))


def _short(name: str) -> str:
    return name[: LONGEST_OF_ROOM["short_name"]].strip()


def _is_formal(value: str) -> bool:
    if value.lower() not in ("du", "sie"):
        raise ValueError("Write du or Sie.")
    return value.lower() == "sie"


def _colours(value: str) -> dict[str, str]:
    said = value.split()
    if said and (len(said) not in (2, 3) or not all(map(theme.is_colour, said))):
        raise ValueError("Write two or three like #1d6f42 #ffb74a.")
    colours = dict(zip(("main", "accent", "dark"), said, strict=False))
    if colours:
        theme.palette(**colours)
    return colours


def _initials() -> str:
    words = re.findall(r"[A-Za-zÄÖÜäöü]+", _said()["name"])
    letters = "".join(word[0] for word in words)[:4] if len(words) > 1 else "".join(words)[:2]
    return slug_of(letters).replace("-", "").upper()


class HouseQuestion(NamedTuple):
    name: str
    prompt: str
    read: Callable[[str], Any]
    default: Callable[[], str] | str | None = None


#: In the order in which they are asked: an answer can be the default of a later one.
QUESTIONS = (
    HouseQuestion("name", "The house's name, such as Bürgertreff", _of_house("name")),
    HouseQuestion("article", "Its article: der, die, das, or nothing", _of_house("article"), ""),
    HouseQuestion("street", "Street and number", _of_house("street")),
    HouseQuestion("town", "Postcode and town, such as 35999 Steinbrück", _town),
    HouseQuestion("operator", "Who runs it", _of_house("operator"), lambda: f"Stadt {_said()['town'][1]}"),
    HouseQuestion("email", "Its e-mail address, to which requests go", _address),
    HouseQuestion("phone", "Its phone, such as +49 6499 12-300", _of_house("phone")),
    HouseQuestion("website", "Its website, or nothing", _of_house("website"), ""),
    HouseQuestion("country", "Country, for holidays", _of_house("country"), "DE"),
    HouseQuestion("subdivision", "Land or canton, for holidays, such as HE", _of_house("subdivision")),
    HouseQuestion("zone", "Time zone", _of_house("zone_name"), lambda: ZONES.get(_said()["country"], "Europe/Berlin")),
    HouseQuestion("prefix", "What references begin with, as in IO-26-0142", _of_house("reference_prefix"), _initials),
    HouseQuestion("hours", "When somebody is there, such as tue-fri 9-17, sat 10-13 14-16", _hours, "mon-fri 9-17"),
    HouseQuestion("latest-end", "Until when groups can stay", _latest, "22:00"),
    HouseQuestion(
        "rooms",
        "The rooms with their seats and the way there, such as Saal 90 EG links = Saal Nord 45 + Saal Süd 40,"
        " Werkstatt 20 1. OG",
        _rooms,
    ),
    HouseQuestion("formal", "How German pages and letters address people: du or Sie", _is_formal, "du"),
    HouseQuestion("colours", "Colours: large areas and buttons, such as #1d6f42 #ffb74a, or nothing", _colours, ""),
)


def asked(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for each question; what is not given is asked for."""
    for question in reversed(QUESTIONS):
        command = click.option(
            f"--{question.name}",
            prompt=question.prompt,
            default=question.default,
            type=HouseAnswer(question.read),
            help=question.prompt,
        )(command)
    return command


def write_house(folder: Path, said: Mapping[str, Any]) -> None:
    """Write the folder, and look whether it can be loaded. Raises ``NotAHouse``; then there is no folder."""
    files = {HOUSE_FILE: _house_file(said), FACTS_FILE: _facts_file(said)}
    if said["colours"]:
        files[THEME_FILE] = "".join(f'{name} = "{colour}"\n' for name, colour in said["colours"].items())
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    try:
        check_house(folder)
    except NotAHouse:
        for name in files:
            (folder / name).unlink()
        folder.rmdir()
        raise


def _house_file(said: Mapping[str, Any]) -> str:
    name, (postcode, city) = said["name"], said["town"]
    house = House(name=name, article=said["article"], inflected="")
    at = beginning(in_sentence(house, "at", DEFAULT))
    inside, inside_en, at_en = (
        in_sentence(house, part, language) for part, language in (("inside", DEFAULT), ("inside", "en"), ("at", "en"))
    )
    welcome, need = (
        f"Ihr macht in {city} etwas für andere und sucht einen Raum? {at} seid ihr willkommen.",
        "braucht ihr",
    )
    if said["formal"]:
        welcome = f"Sie machen in {city} etwas für andere und suchen einen Raum? {at} sind Sie willkommen."
        need = "brauchen Sie"
    words = {
        "name": name,
        "article": said["article"],
        "site_name": f"Räume {inside}",
        "site_name_en": beginning(f"rooms {inside_en}"),
        "is_formal": said["formal"],
        "operator": said["operator"],
        "welcome": welcome,
        "welcome_en": f"You do something for others in {city} and need a room? You’re welcome {at_en}.",
        "street": said["street"],
        "postcode": postcode,
        "city": city,
        "email": said["email"],
        "phone": said["phone"],
        "website": said["website"],
        "zone_name": said["zone"],
        "country": said["country"],
        "subdivision": said["subdivision"],
        "reference_prefix": said["prefix"],
        "way_in": f"Zu den Öffnungszeiten ist jemand da. Sonst {need} einen Schlüssel.",
        "way_in_en": "Somebody is there during opening hours. At other times you need a key.",
        "lobby_hint": "Außerhalb der Öffnungszeiten bitte klingeln.",
        "lobby_hint_en": "Outside opening hours please ring.",
    }
    lines = ["# Change what you like, and load it again: flask --app app house load FOLDER", "", "[house]"]
    lines += [f"{key} = {_toml(value)}" for key, value in words.items()]
    lines += [f"{key} = {_toml(value)}".ljust(36) + f"# {why}" for key, (value, why) in USUAL.items()]
    lines += [f"latest_end = {said['latest_end']}", "", "[hours]"]
    for number, spans in sorted(said["hours"].items()):
        lines.append(f"{WEEKDAYS[number]} = [{', '.join(f'[{opens}, {closes}]' for opens, closes in spans)}]")
    lines += ["", "[retention]  # how long you know people: to be decided with your data protection officer"]
    lines += [f"{key} = {number}".ljust(36) + f"# {KEPT[key]}" for key, number in Retention().as_json().items()]
    for room in said["rooms"]:
        lines += ["", *_room_lines(room)]
    return "\n".join(lines) + "\n"


def _room_lines(room: NewRoom) -> Iterator[str]:
    yield "[[rooms]]"
    for key, value, why in (
        ("slug", slug_of(room.name), "in addresses; stays as it is"),
        ("name", room.name, ""),
        ("article", "", "der, die or das"),
        ("short_name", _short(room.name), "in the lobby"),
        ("seats", room.seats, ""),
        ("parts", list(room.parts), "what is in use with it"),
        ("way", room.way or "Erdgeschoss", "from the lobby screen"),
        ("way_en", room.way or "ground floor", "in English"),
        ("direction", "up", "of the arrow in the lobby: up, right, down or left"),
        ("step_free", False, ""),
        ("equipment", [], "such as Beamer"),
        ("equipment_en", [], "the same things in the same order"),
    ):
        yield f"{key} = {_toml(value)}" + (f"  # {why}" if why else "")


def _facts_file(said: Mapping[str, Any]) -> str:
    lines = [
        "# What the law asks for and only you can say: take the # away, and fill in. What is missing is marked on its",
        "# page. In English, where it is said otherwise: provider_en = …",
        "",
    ]
    lines += [f'# {name} = ""  # {called(name, DEFAULT)}; for {", ".join(texts)}' for name, texts in FACTS.items()]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """As TOML writes it: like JSON, where everything can be seen."""
    return json.dumps(value, ensure_ascii=False)
