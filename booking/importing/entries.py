"""What files of other programs tell of dates, each in the one form that is brought in."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from booking import catalogues
from booking.domain.slot import Slot
from booking.log import Phrase

#: More than this is no calendar of a house: a series without an end, or another kind of file.
MOST_ENTRIES = 20_000

#: Of the days of one entry of a table.
MOST_DAYS = 366

#: From when on and until when dates are read, and how long one of them lasts: a day, when clocks go back too.
FIRST, LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
LONGEST = timedelta(hours=25)
MOST_PEOPLE = 9999

#: What can be wrong with a file, or with one of its entries. Lines of a table are told before.
FAULTS = {
    "no_calendar": Phrase(
        "This is no calendar that can be read. Export it once more as iCalendar (.ics) or as a table (.csv)."
    ),
    "empty": Phrase("There is no date in this file."),
    "too_many": Phrase("There are more than %(most)d dates in this file. Export a shorter period."),
    "hard": Phrase("This calendar takes too long to read, or holds what no calendar does. Export a shorter period."),
    "event": Phrase("“%(title)s” cannot be read. Enter it by hand."),
    "long": Phrase("“%(title)s” lasts too long. Enter it by hand."),
    "no_end": Phrase("“%(title)s” has no end. Enter it by hand."),
    "no_start": Phrase("“%(title)s” has no beginning."),
    "rule": Phrase("“%(title)s” comes back in a way that no meeting does. Enter it by hand."),
    "zone": Phrase("“%(title)s” names a time zone that nobody knows. Its times were taken as those of %(zone)s."),
    "no_column": Phrase(
        "The table has no column for %(missing)s. The first line names the columns, for example: "
        "Datum; Beginn; Ende; Raum; Titel; Gruppe."
    ),
    "date": Phrase("“%(text)s” is no date. Write it like 8.12.2026."),
    "time": Phrase("“%(text)s” is no time. Write it like 18:30."),
    "order": Phrase("It ends before it begins."),
    "lasts": Phrase("It lasts longer than a year."),
    "either_way": Phrase(
        "Whether “%(text)s” begins with the day or the month, this table does not tell. It was taken as the day."
    ),
    "no_title": Phrase("It has no title."),
    "no_room": Phrase("No room of the house is named in “%(place)s”."),
}


class ForeignDate(NamedTuple):
    """One date of a file. ``series``: what other dates of its series share, empty where the file names none.

    ``place`` is in the words of the file. ``text`` may hold personal data. ``is_open`` is ``None`` where nothing is
    said. ``line``: of a table, from 1; 0 elsewhere.
    """

    title: str
    place: str
    slot: Slot
    series: str = ""
    group: str = ""
    kind: str = ""
    text: str = ""
    people: int = 0
    is_open: bool | None = None
    is_undecided: bool = False
    line: int = 0


class Fault(NamedTuple):
    """Something of a file that was not taken, or not as it stands there, and why."""

    phrase: Phrase
    params: dict[str, Any]
    line: int = 0

    def say(self, language: str) -> str:
        text = catalogues.words(language)
        said = text.gettext(self.phrase.one) % self.params
        return text.gettext("Line %(line)d: %(fault)s") % {"line": self.line, "fault": said} if self.line else said


class UnreadableFile(Exception):
    """Nothing of the file can be brought in; ``fault`` says what to do."""

    def __init__(self, phrase: Phrase, **params: Any) -> None:
        super().__init__(phrase.one % params)
        self.fault = Fault(phrase, params)


class WhatWasRead(NamedTuple):
    """``endless``: the titles of series without an end, whose dates are taken up to the horizon."""

    entries: list[ForeignDate]
    faults: list[Fault]
    endless: list[str]

    def made_sound(self) -> "WhatWasRead":
        """As it can be stored, whatever a file holds. Raises ``UnreadableFile``."""
        if len(self.entries) > MOST_ENTRIES:
            raise UnreadableFile(FAULTS["too_many"], most=MOST_ENTRIES)
        told = [each for each in map(_tidied, self.entries) if FIRST <= each.slot.start < LAST]
        odd = [
            Fault(FAULTS["long"], {"title": each.title}, each.line)
            for each in told
            if each.slot.end - each.slot.start > LONGEST
        ]
        sound = [each for each in told if each.slot.end - each.slot.start <= LONGEST]
        return WhatWasRead(sound, [*self.faults, *odd], self.endless)


def _tidied(entry: ForeignDate) -> ForeignDate:
    """In words of one line, the text in lines of its own; no database stores half a character, or a NUL."""
    lines = "\n".join(" ".join(_printed(line)) for line in entry.text.splitlines()).strip()
    people = max(0, min(entry.people, MOST_PEOPLE))
    words = {name: " ".join(_printed(getattr(entry, name))) for name in ("title", "place", "group", "kind")}
    return ForeignDate(**{**entry._asdict(), **words, "text": lines, "people": people})


def _printed(text: str) -> list[str]:
    return "".join(char if char.isprintable() else " " for char in text).split()
