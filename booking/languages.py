"""The languages in which people read the service: each a folder of data in booking/translations.

It holds the catalogue, and in language.toml what else differs; whatever a language does not say there is as in English.
"""

import tomllib
from collections.abc import Mapping
from itertools import zip_longest
from os.path import commonprefix
from pathlib import Path
from typing import Any, NamedTuple, Protocol

#: Of the house and of its team: of every page without a prefix, and below every letter in another language.
DEFAULT = "de"
#: In which messages stand in the code, and so of whatever another language lacks.
SOURCE = "en"

_FOLDER = Path(__file__).with_name("translations")
_LETTERS = Path(__file__).parents[1] / "templates" / "mail"


class Articles(NamedTuple):
    """What stands before a name in a sentence, by the part it has there."""

    the: str
    """Who does something, or is something."""
    object: str
    """What somebody takes."""
    inside: str
    at: str
    of: str


class Called(Protocol):
    """A room or the house: its name, the article before it, and the name as it stands after "in der" or "im"."""

    @property
    def name(self) -> str: ...
    @property
    def article(self) -> str: ...
    @property
    def inflected(self) -> str: ...


class Language(NamedTuple):
    code: str
    letters: str
    """The language of letters to those who read this one, by its code: that of the code where it has none."""
    name: str
    """As those call it who speak it."""
    day_of_month: str
    """Babel's pattern of a day before the name of its month."""
    after_weekday: str
    """What stands between a weekday and a date."""
    open: str
    """What stands on the button of a letter that says no more than that there is something to see."""
    in_use: str
    """Why a room is closed that is busy in the calendar it follows."""
    has_bare_hours: bool
    """Whether a full hour is said without minutes: 9 Uhr."""
    weekly: list[str]
    """What happens on every one of a weekday, from Monday on: montags."""
    numbers: list[str]
    """Those that are said in words, from zero on."""
    the: list[str]
    """Which one of a month, as in "der zweite Dienstag": by its number, and the last at the end."""
    on_the: list[str]
    """The same as in "am zweiten Dienstag"."""
    articles: Mapping[str, Articles]
    """By the German one of a name; without one, a name stands alone."""
    inflects: bool
    """Whether a name changes with its article: Großer Saal, im Großen Saal."""
    beside_numbers: list[str]
    """Words that stay on the line of the number before them."""
    is_whole: bool
    """Whether all that people read or write is in it: pages of the team, answers of the API, what the house says, and a
    wish in one line. If not, it is for the pages of groups and visitors alone."""

    @property
    def prefix(self) -> str:
        """Of the addresses of its pages."""
        return "" if self.code == DEFAULT else f"/{self.code}"


def languages_in(folder: Path) -> dict[str, Language]:
    """The languages that a folder holds, by their codes: that of the house first, and then that of the code.

    Raises ``TypeError`` where one says what no language does.
    """
    said = {path.parent.name: tomllib.loads(path.read_text("utf-8")) for path in folder.glob("*/language.toml")}
    order = sorted(said, key=lambda code: (code != DEFAULT, code != SOURCE, code))
    return {code: _language(code, **(said[SOURCE] | said[code])) for code in order}


def _language(code: str, *, articles: Mapping[str, list[str]], **said: Any) -> Language:
    letters = code if (_LETTERS / code).is_dir() else SOURCE
    return Language(code, letters, articles={name: Articles(*forms) for name, forms in articles.items()}, **said)


LANGUAGES = languages_in(_FOLDER)
#: Those that are there for everybody, whichever a house has switched on.
WHOLE = [code for code, language in LANGUAGES.items() if language.is_whole]


def spoken_languages(codes: str) -> list[Language]:
    """The languages of the setting LANGUAGES, in their order here."""
    return [language for code, language in LANGUAGES.items() if code in codes.split()]


def endings_off(codes: str) -> tuple[str, ...]:
    """How names end of what is said in a language that is none of the setting LANGUAGES: _en."""
    return tuple(f"_{code}" for code in LANGUAGES if code not in codes.split())


def in_language(row: object, name: str, language: str) -> str:
    """What a row says in a language (``reason``, ``reason_en``), or in the house's where it says nothing in it."""
    return said_in(row, name, language) or str(getattr(row, name))


def said_in(row: object, name: str, language: str) -> str:
    """What a row says in this language itself: in a column or, as the house in one that is not whole, among its facts;
    empty where it says nothing in it."""
    key = name if language == DEFAULT else f"{name}_{language}"
    return str(getattr(row, key, "") or getattr(row, "facts", {}).get(key, ""))


def in_sentence(thing: Called, part: str, language: str) -> str:
    """A room or the house as a sentence has it: die Große Fläche; ``inside``: in der Großen Fläche.

    ``part``: one of the fields of ``Articles``.
    """
    about = LANGUAGES[language]
    articles = about.articles.get(thing.article) or about.articles[""]  # none the language knows is none at all
    article: str = getattr(articles, part)
    if not (about.inflects and thing.article and thing.inflected):
        return f"{article} {thing.name}".lstrip()
    if article != articles.the:
        return f"{article} {thing.inflected}"
    # What both forms of the name have: Großer Saal, im Großen Saal, der Große Saal.
    pairs = zip_longest(thing.name.split(), thing.inflected.split(), fillvalue="")
    return f"{article} {' '.join(commonprefix(pair) for pair in pairs)}".rstrip()


def beginning(sentence: str) -> str:
    """A sentence with its first letter large, whatever it begins with."""
    return sentence[:1].upper() + sentence[1:]
