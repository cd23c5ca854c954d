"""Whether all is as it must be: what ``flask doctor`` says.

A fault is a sentence for operators that says what is wrong and what to do. A
note is one about an installation that is only tried out, or about what may be
meant as it is.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from booking import guard
from booking.checkup import LATE, is_public, prove_guard, write
from booking.database import NotStored, db, not_reached
from booking.domain.days_off import days_off
from booking.domain.familiar import FAMILIAR
from booking.domain.recurrence import MOST_DATES
from booking.facts import TEXTS, file_of_text, missing_facts
from booking.languages import DEFAULT, LANGUAGES, endings_off
from booking.letters import delivery, outbox
from booking.migrating import missing_migrations
from booking.models import House, HouseFile, OpeningHours, Room

#: Hosts that nobody can have.
EXAMPLES = ("example.org", "example.com", "example.net", ".example", ".test", ".invalid")
UPGRADE = "Run: flask --app app db upgrade"
LOAD_AGAIN = "Mend its file and load it again: flask --app app house load FOLDER"

#: Texts of the house without which no page and no letter makes sense.
NEEDED = (
    "name", "site_name", "site_name_en", "operator", "street", "postcode", "city", "email", "phone", "reference_prefix",
    "rules_version",
)  # fmt: skip

#: The least and the most of the house's numbers.
NUMBERS = {
    "lead_working_days": (0, 365),
    "answer_working_days": (1, 365),
    "tight_minutes": (0, 24 * 60),
    "most_dates": (1, MOST_DATES),
}
DIRECTIONS = ("up", "right", "down", "left")

#: Characters of what stands where there is little room, or in letters.
LONGEST = {
    **dict.fromkeys(("name", "site_name", "site_name_en", "street", "city"), 80),
    **dict.fromkeys(("postcode", "phone", "rules_version"), 40),
    **dict.fromkeys(("operator", "operator_en", "website", "lobby_hint", "lobby_hint_en"), 200),
    **dict.fromkeys(("welcome", "welcome_en", "way_in", "way_in_en"), 600),
}
LONGEST_OF_ROOM = {"name": 60, "short_name": 16, "way": 80, "way_en": 80}
LONGEST_SLUG = 60
MOST_SEATS = 10_000


class HouseFault(NamedTuple):
    """What is wrong with a house, and where in its file: the table, the name, and of a room its slug."""

    sentence: str
    table: str
    key: str = ""
    slug: str = ""


def faults(now: datetime) -> list[str]:
    """All that is wrong, each with what to do."""
    found = [*_of_files(), *_of_access()]
    try:
        with db.engine.connect() as connection:
            missing = missing_migrations(connection)
        if missing:
            return [*found, f"The database is not up to date. {UPGRADE}"]
        found += [*_of_database(), *_of_house(now), *_of_letters(now)]
    except (OperationalError, NotStored) as fault:
        return [*found, not_reached(fault)]
    return found


def notes() -> list[str]:
    """What an installation lacks that is only tried out, and where a formal house seems to say *du*."""
    found = [] if is_public() else ["It is reached from this machine alone: BOOKING_PUBLIC_URL leads nowhere else."]
    if not is_public() and not current_app.config["SMTP_URL"]:
        found.append("Letters become files in the instance folder's mail/: no BOOKING_SMTP_URL is set.")
    if current_app.config["NOW"]:
        found.append(f"The house's clock is set by BOOKING_NOW, to {current_app.config['NOW']}.")
    with suppress(SQLAlchemyError, NotStored):  # a fault says that
        if (house := db.session.get(House, 1)) and (familiar := familiar_words(house)):
            found.append(f"The house says Sie, and its own words seem to say du: {'; '.join(familiar)}.")
    return found


def familiar_words(house: House) -> list[str]:
    """Where a house that addresses people formally seems to say *du* in words of its own, and what it says there."""
    if not house.is_formal:
        return []
    places = [(name, getattr(house, name)) for name in ("site_name", "operator", "welcome", "way_in", "lobby_hint")]
    places += [(f"the way of the room {room.slug}", room.way) for room in db.session.scalars(sa.select(Room))]
    places += [(name, said) for name, said in house.facts.items() if not name.endswith(endings_off(DEFAULT))]
    for text in TEXTS:
        if file := db.session.get(HouseFile, file_of_text(text, DEFAULT)):
            places.append((f"{text}.{DEFAULT}.md", re.sub("<[^<>]*>", " ", file.content.decode())))
    for template, own in house.own_words.items():
        if f"/{DEFAULT}_formal/" in template:
            places += [(f"the office's own words for {template}", said) for said in own.values()]
    found = [(where, FAMILIAR.search(said)) for where, said in places]
    return [f"{where} ({match[0]})" for where, match in found if match]


def _of_database() -> Iterator[str]:
    write()
    try:
        prove_guard()
    except guard.Unguarded as fault:
        yield str(fault)
    connection = db.session.connection()
    if guard.missing(connection):
        return  # without it nobody can tell what is true
    if untrue := guard.untruths(connection):
        yield f"{len(untrue)} rows of occupancy and dates disagree, such as {untrue[0]}. {UPGRADE}"
    overlaps = sa.text(
        'SELECT occurrence_id FROM (SELECT occurrence_id, start, lag("end") OVER'
        " (PARTITION BY part_id ORDER BY start) AS before FROM occupancy) AS neighbours WHERE before > start"
    )
    if dates := db.session.scalars(overlaps).all():
        yield f"Dates overlap in one room: {', '.join(map(str, dates[:10]))}. Move or cancel one of each pair."


def _of_letters(now: datetime) -> Iterator[str]:
    waiting = outbox.not_gone(now).oldest
    if waiting is not None and waiting > LATE.total_seconds():
        yield (
            f"A letter has been due for {waiting // 60} minutes. See that the service or `flask --app app letters send`"
            " runs, and what the team's page Ausgang says of it."
        )
    if not current_app.config["SMTP_URL"]:
        if is_public():
            yield "No mail server is set: letters only become files. Set BOOKING_SMTP_URL."
        return
    try:
        with delivery.way_out():
            pass
    except OSError as error:
        yield f"The mail server does not let us in: {delivery.said_about(error)}. Look at BOOKING_SMTP_URL."


def _of_house(now: datetime) -> Iterator[str]:
    house = db.session.get(House, 1)
    if house is None:
        yield "There is no house yet. Make one and load it: flask --app app house new house/my-house"
        return
    yield from (f"{fault.sentence} {LOAD_AGAIN}" for fault in house_faults(house, now))
    if is_public() and (missing := missing_facts(house)):
        where = "Write them into facts.toml, and [retention] into house.toml."
        yield f"The legal pages lack facts: {', '.join(missing)}. {where} {LOAD_AGAIN}"
    if house.email.endswith(EXAMPLES) and is_public():
        yield f"The house's address {house.email} is an example: its letters reach nobody. {LOAD_AGAIN}"


def house_faults(house: House, now: datetime) -> Iterator[HouseFault]:
    """What keeps a house from being served as it should be."""
    yield from faults_of_row(house, now)
    if not db.session.scalars(sa.select(OpeningHours).where(OpeningHours.room_id.is_(None))).first():
        yield HouseFault("The house is open on no day.", "hours")
    every = db.session.scalars(sa.select(Room).order_by(Room.position))
    rooms = [room for room in every if not room.together]  # others are as theirs
    if not rooms:
        yield HouseFault("The house has no room.", "rooms")
    for room in rooms:
        for sentence, key in _faults_of_room(room):
            yield HouseFault(sentence, "rooms", key, room.slug)


def faults_of_row(house: House, now: datetime) -> Iterator[HouseFault]:
    """What is wrong with the house itself, without its hours and rooms."""
    yield from _faults_of_words(house)
    yield from _faults_of_place(house, now)
    yield from (HouseFault(sentence, "retention", name) for name, sentence in house.remembers.objections())
    for name, (least, most) in NUMBERS.items():
        if not least <= getattr(house, name) <= most:
            yield HouseFault(f"The house's {name} is not from {least} to {most}.", "house", name)


def _needed(names: Iterable[str]) -> list[str]:
    """Those of them that are read in a language of the house."""
    off = endings_off(current_app.config["LANGUAGES"])
    return [name for name in names if not (off and name.endswith(off))]


def _faults_of_words(house: House) -> Iterator[HouseFault]:
    for name in _needed(NEEDED):
        if not getattr(house, name).strip():
            yield HouseFault(f"The house's {name} is empty.", "house", name)
    for name, most in LONGEST.items():
        if len(getattr(house, name)) > most:
            yield HouseFault(f"The house's {name} has more than {most} characters.", "house", name)
    if house.article not in LANGUAGES[DEFAULT].articles:
        yield HouseFault(_no_article(house.article), "house", "article")
    if not re.fullmatch(r"[A-Za-z0-9]{1,8}", house.reference_prefix):
        sentence = f"The reference_prefix {house.reference_prefix!r} is not of one to eight letters or digits."
        yield HouseFault(sentence, "house", "reference_prefix")
    if house.website and not re.match(r"https?://[^/\s]", house.website):
        sentence = f"The website {house.website!r} does not begin with https:// or http:// and a name."
        yield HouseFault(sentence, "house", "website")
    if house.phone.strip() and not re.fullmatch(r"\+[1-9][0-9]{0,2} [0-9][0-9 ()/-]{3,18}", house.phone):
        sentence = f"The phone {house.phone!r} is not like +49 30 12-345, with the code of the country."
        yield HouseFault(sentence, "house", "phone")


def _faults_of_place(house: House, now: datetime) -> Iterator[HouseFault]:
    if house.zone_name not in available_timezones():
        close = get_close_matches(house.zone_name, available_timezones(), n=1)
        hint = f" Is it {close[0]}?" if close else " Write one like Europe/Berlin."
        yield HouseFault(f"There is no time zone {house.zone_name!r}.{hint}", "house", "zone_name")
    try:
        if not re.fullmatch("[A-Z]{2}", house.country):
            raise NotImplementedError  # the library also knows countries by their names, and others do not
        days_off(now.date(), now.date(), house.country, house.subdivision, "de")
    except NotImplementedError as fault:
        name = "subdivision" if "subdivision" in str(fault) else "country"
        yield HouseFault(
            f"There are no holidays of {house.country!r}, {house.subdivision!r}. Write them like DE and HE.",
            "house",
            name,
        )


def _faults_of_room(room: Room) -> Iterator[tuple[str, str]]:
    """What is wrong with a room, each with the name of what to mend."""
    for name in _needed(("name", "short_name", "way", "way_en")):
        if not getattr(room, name).strip():
            yield f"The room {room.slug} has an empty {name}.", name
    for name, most in LONGEST_OF_ROOM.items():
        if len(getattr(room, name)) > most:
            yield f"The room {room.name} has a {name} of more than {most} characters.", name
    if room.article not in LANGUAGES[DEFAULT].articles:
        yield _no_article(room.article), "article"
    if not all(room.part_lists.ids):
        yield f"The room {room.name} has no parts.", "parts"
    if not 1 <= room.seats <= MOST_SEATS:
        yield f"The room {room.name} has no seats from 1 to {MOST_SEATS}.", "seats"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", room.slug) or len(room.slug) > LONGEST_SLUG:
        yield (
            f"The slug {room.slug!r} is not of small letters and digits, with hyphens between, {LONGEST_SLUG} at most.",
            "slug",
        )
    if room.direction not in DIRECTIONS:
        yield f"The direction {room.direction!r} is none of {', '.join(DIRECTIONS)}.", "direction"
    if room.equipment_en and len(room.equipment_en) != len(room.equipment):
        yield f"The room {room.name} has not the same number of things in equipment and equipment_en.", "equipment_en"


def _no_article(article: str) -> str:
    return f"The article {article!r} is none of {', '.join(filter(None, LANGUAGES[DEFAULT].articles))}."


def _of_access() -> Iterator[str]:
    """How people reach the service."""
    if not is_public():
        return
    public = urlsplit(current_app.config["PUBLIC_URL"])
    if public.scheme != "https":
        yield "BOOKING_PUBLIC_URL is not https: what people type can be read on its way. Put TLS in front."
    elif not current_app.config["PROXIES"]:
        yield "BOOKING_PROXIES is 0: behind a proxy with TLS all visitors count as one. Set it to 1."
    if (public.hostname or "").endswith(EXAMPLES):
        yield f"BOOKING_PUBLIC_URL is an example: links in letters lead to {public.hostname}. Set the real address."


def _of_files() -> Iterator[str]:
    root = Path(current_app.root_path)
    for path, lacks in (
        (root / "booking/translations/de/LC_MESSAGES/messages.mo", "every page is in English"),
        (root / "static/vendor/kern.css", "no page looks as it should"),
    ):
        if not path.exists():
            yield f"{path} is missing: {lacks}. Run: make setup"
    folder = Path(current_app.instance_path)
    private = [folder, folder / "secret-key"]
    if db.engine.dialect.name == "sqlite" and db.engine.url.database:
        private.append(Path(db.engine.url.database))
    for path in private:
        if path.exists() and path.stat().st_mode & 0o077:
            yield f"Others can read {path}. Run: chmod go= {path}"
