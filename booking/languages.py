"""The languages in which people read the service, and what differs between them besides the catalogue.

A further language is a catalogue in booking/translations, an entry here, and the folder of its letters.
"""

from collections.abc import Mapping
from itertools import zip_longest
from os.path import commonprefix
from typing import NamedTuple, Protocol


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
    name: str
    """As those call it who speak it."""
    prefix: str
    """Of the addresses of its pages."""
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
    weekly: tuple[str, ...]
    """What happens on every one of a weekday, from Monday on: montags."""
    numbers: tuple[str, ...]
    """Those that are said in words, from zero on."""
    the: tuple[str, ...]
    """Which one of a month, as in "der zweite Dienstag": by its number, and the last at the end."""
    on_the: tuple[str, ...]
    """The same as in "am zweiten Dienstag"."""
    articles: Mapping[str, Articles]
    """By the German one of a name; without one, a name stands alone."""
    inflects: bool
    """Whether a name changes with its article: Großer Saal, im Großen Saal."""


GERMAN = Language(
    "de",
    "Deutsch",
    "",
    day_of_month="d.",
    after_weekday=", ",
    open="Ansehen",
    in_use="anderweitig belegt",
    has_bare_hours=True,
    weekly=("montags", "dienstags", "mittwochs", "donnerstags", "freitags", "samstags", "sonntags"),
    numbers=("null", "eins", "zwei", "drei", "vier"),
    the=("", "erste", "zweite", "dritte", "vierte", "fünfte", "letzte"),
    on_the=("", "ersten", "zweiten", "dritten", "vierten", "fünften", "letzten"),
    articles={
        "der": Articles("der", "den", "im", "im", "vom"),
        "die": Articles("die", "die", "in der", "in der", "von der"),
        "das": Articles("das", "das", "im", "im", "vom"),
        "": Articles("", "", "in", "in", "von"),
    },
    inflects=True,
)
ENGLISH = Language(
    "en",
    "English",
    "/en",
    day_of_month="d",
    after_weekday=" ",
    open="Open",
    in_use="in use otherwise",
    has_bare_hours=False,
    weekly=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    numbers=("zero", "one", "two", "three", "four"),
    the=("", "first", "second", "third", "fourth", "fifth", "last"),
    on_the=("", "first", "second", "third", "fourth", "fifth", "last"),
    articles={
        **dict.fromkeys(("der", "die", "das"), Articles("the", "the", "in the", "at the", "of the")),
        "": Articles("", "", "in", "at", "of"),
    },
    inflects=False,
)

LANGUAGES = {language.code: language for language in (GERMAN, ENGLISH)}
#: Of the house and of its team: of every page without a prefix, and below every letter in another language.
DEFAULT = GERMAN.code


def spoken_languages(codes: str) -> list[Language]:
    """The languages of the setting LANGUAGES, in their order here."""
    return [language for code, language in LANGUAGES.items() if code in codes.split()]


def in_language(row: object, name: str, language: str) -> str:
    """What a row says in a language (``reason``, ``reason_en``), or in the house's where it says nothing in it."""
    return str(getattr(row, name if language == DEFAULT else f"{name}_{language}", "") or getattr(row, name))


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
