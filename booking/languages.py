"""The languages in which people read the service, and what differs between them besides the catalogue.

A further language is a catalogue in booking/translations, an entry here, and the folder of its letters.
"""

from typing import NamedTuple


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


GERMAN = Language(
    "de",
    "Deutsch",
    "",
    day_of_month="d.",
    after_weekday=", ",
    open="Ansehen",
    has_bare_hours=True,
    weekly=("montags", "dienstags", "mittwochs", "donnerstags", "freitags", "samstags", "sonntags"),
    numbers=("null", "eins", "zwei", "drei", "vier"),
    the=("", "erste", "zweite", "dritte", "vierte", "fünfte", "letzte"),
    on_the=("", "ersten", "zweiten", "dritten", "vierten", "fünften", "letzten"),
)
ENGLISH = Language(
    "en",
    "English",
    "/en",
    day_of_month="d",
    after_weekday=" ",
    open="Open",
    has_bare_hours=False,
    weekly=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    numbers=("zero", "one", "two", "three", "four"),
    the=("", "first", "second", "third", "fourth", "fifth", "last"),
    on_the=("", "first", "second", "third", "fourth", "fifth", "last"),
)

LANGUAGES = {language.code: language for language in (GERMAN, ENGLISH)}
#: Of the house and of its team: of every page without a prefix, and below every letter in another language.
DEFAULT = GERMAN.code


def in_language(row: object, name: str, language: str) -> str:
    """What a row says in a language (``reason``, ``reason_en``), or in the house's where it says nothing in it."""
    return str(getattr(row, name if language == DEFAULT else f"{name}_{language}", "") or getattr(row, name))
