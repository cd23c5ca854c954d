"""The house rules as the office writes them, in editions: each holds from a day on, and all can be read for good.

An edition is the house's files ``rules/<day>/<name>.<language>.html``, with the Markdown beside it where it was written
at the desk. The one that holds is also the house's own text, see ``house_folder``. A booking keeps the name of the one
that its group has agreed to.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from itertools import count
from typing import NamedTuple

from booking import log
from booking.database import db, transaction
from booking.facts import file_of_text
from booking.house import house, public_changed
from booking.house_folder import RULES, as_page
from booking.languages import DEFAULT
from booking.lifecycle import Stale
from booking.models import HouseFile, StaffMember

#: The day of an edition that held before the first one that was written at the desk.
_ALWAYS = "0000-00-00"
_FILE = re.compile(r"rules/([\d-]{10})/(.+)\.(\w+)\.html")


class Edition(NamedTuple):
    """``since``: the day from which it holds, if one is known; ``until``: the one from which another holds."""

    name: str
    since: date | None
    until: date | None
    folder: str

    def file(self, language: str, kind: str = "html") -> str:
        return f"rules/{self.folder}/{self.name}.{language}.{kind}"


def editions() -> list[Edition]:
    """All that have been kept, the one that holds first; none as long as the office has written none."""
    kept = sorted({(found[1], found[2]) for name in house().files if (found := _FILE.fullmatch(name))}, key=_in_turn)
    days = [None if day == _ALWAYS else date.fromisoformat(day) for day, _ in kept]
    following = [*days, None][1:]
    return [Edition(name, since, until, day) for (day, name), since, until in zip(kept, days, following, strict=True)][
        ::-1
    ]


def _in_turn(kept: tuple[str, str]) -> tuple[str, bool, int]:
    """Editions of one day come in the order of their numbers, and the one that holds after all others."""
    number = re.search(r"[.](\d+)$", kept[1])
    return kept[0], kept[1] == house().rules_version, int(number[1]) if number else 1


def has_edition(name: str) -> bool:
    """Whether an edition can be read: those that were kept, and what holds."""
    return name in {house().rules_version, *(each.name for each in editions())}


def words_of(edition: Edition, language: str) -> str:
    """An edition as it stands on a page; in the house's language where it was not written in this one."""
    name = edition.file(language)
    return _content(name if name in house().files else edition.file(DEFAULT))


def source_of(language: str) -> str:
    """The Markdown of the edition that holds; empty where it was not written at the desk."""
    current = next((each for each in editions() if each.name == house().rules_version), None)
    name = current.file(language, "md") if current else ""
    return _content(name) if name in house().files else ""


def adopt(sources: Mapping[str, str], standing: Mapping[str, str], *, seen: str, by: StaffMember, now: datetime) -> str:
    """Let rules in Markdown, by language, hold from today on, and return the name of their edition.

    ``standing``: what holds until now, as it stands on its page; kept, where it is not yet. Raises ``Stale`` where
    another edition holds by now than the one that was ``seen``, and ``NotAHouse`` for what cannot stand on a page.
    """
    with transaction():
        place = house()
        db.session.refresh(place, with_for_update=True)
        if place.rules_version != seen:
            raise Stale
        today, known = now.astimezone(place.zone).date().isoformat(), editions()
        files: dict[str, str] = {}
        if seen not in {each.name for each in known}:
            files |= {f"rules/{_ALWAYS}/{seen}.{language}.html": page for language, page in standing.items()}
        names = {each.name for each in known} | {seen}
        name = next(each for n in count(1) if (each := today if n == 1 else f"{today}.{n}") not in names)
        for language, source in sources.items():
            page = as_page(source, language, place, language)
            files[f"rules/{today}/{name}.{language}.md"] = source
            files[f"rules/{today}/{name}.{language}.html"] = files[file_of_text("house_rules", language)] = page
        db.session.execute(db.delete(HouseFile).where(HouseFile.name.in_(RULES | files.keys())))
        rows = [{"name": file, "content": text.encode()} for file, text in files.items()]
        db.session.execute(db.insert(HouseFile), rows)
        others = {file: tag for file, tag in place.files.items() if file not in RULES}
        place.files = others | {file: _digest(text) for file, text in files.items()}
        place.rules_version = name
        log.record("edit_rules", None, by=by, now=now, edition=name)
        public_changed()
        return name


def _content(name: str) -> str:
    found: bytes = db.session.scalars(db.select(HouseFile.content).where(HouseFile.name == name)).one()
    return found.decode()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
