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
    has_bare_hours: bool
    """Whether a full hour is said without minutes: 9 Uhr."""


GERMAN = Language("de", "Deutsch", "", day_of_month="d.", after_weekday=", ", has_bare_hours=True)
ENGLISH = Language("en", "English", "/en", day_of_month="d", after_weekday=" ", has_bare_hours=False)

LANGUAGES = {language.code: language for language in (GERMAN, ENGLISH)}
#: Of the house and of its team: of every page without a prefix, and below every letter in another language.
DEFAULT = GERMAN.code


def in_language(row: object, name: str, language: str) -> str:
    """What a row says in a language (``reason``, ``reason_en``), or in the house's where it says nothing in it."""
    return str(getattr(row, name if language == DEFAULT else f"{name}_{language}", "") or getattr(row, name))
