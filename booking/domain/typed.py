"""Reads the dates, times and numbers that people type, in German and in English.

Whatever a person can only mean in one way is read; where it could mean two
things, or nothing, it is not guessed. 8/12/2026 is the 8th of December: the
day stands first wherever the year does not.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

from booking.domain.recurrence import FIRST_DAY, LAST_DAY

#: A month a row, in each way in which people write it.
_MONTHS = (
    "Januar January jan jän jänner",
    "Februar February feb",
    "März March mär mar mrz maerz",
    "April April apr",
    "Mai May",
    "Juni June jun",
    "Juli July jul",
    "August August aug",
    "September September sep sept",
    "Oktober October okt oct",
    "November November nov",
    "Dezember December dez dec",
)
_WEEKDAYS = (
    "Montag Monday mo mon",
    "Dienstag Tuesday di tue tues",
    "Mittwoch Wednesday mi wed",
    "Donnerstag Thursday do thu thur thurs",
    "Freitag Friday fr fri",
    "Samstag Saturday sa sat sonnabend",
    "Sonntag Sunday so sun",
)
MONTH_OF = {word.lower(): number for number, row in enumerate(_MONTHS, 1) for word in row.split()}
WEEKDAY_OF = {word.lower(): number for number, row in enumerate(_WEEKDAYS) for word in row.split()}

#: Longer than anything that can be read, with room for stray blanks.
_LONGEST = 80
_SHOWN = 40
_LONGEST_LIST = 400
_STEP = 15  # minutes


def _any_of(names: dict[str, int]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_WEEKDAY = rf"(?P<weekday>{_any_of(WEEKDAY_OF)})"
_BEFORE = rf"(?:(?:am|on|ab|from|bis|until|till|bis zum|vom) )?(?:{_WEEKDAY}\.?,? ?)?(?:(?:den|dem|der|the) )?"
_AFTER = rf"(?:,? \(?{_WEEKDAY.replace('weekday', 'weekday_after')}\.?\)?)?"
_DAY = r"(?P<day>[0-9]{1,2})"
_MONTH = r"(?P<month>[0-9]{1,2})"
_NAME = rf"(?P<name>{_any_of(MONTH_OF)})"
_YEAR = r"(?P<year>[0-9]{4}|['’]?[0-9]{2})"
_LONG_YEAR = r"(?P<year>[0-9]{4})"
_TH = r"(?:st|nd|rd|th)"
_DATES = tuple(
    re.compile(_BEFORE + pattern + _AFTER)
    for pattern in (
        rf"{_DAY}\. ?{_MONTH}(?:\.?|\. ?{_YEAR}\.?)",  # 8.12. and 8.12.26
        rf"{_DAY}/{_MONTH}(?:/{_YEAR})?",  # 8/12/2026
        rf"{_DAY}(?P<between>[- ]){_MONTH}(?P=between){_LONG_YEAR}",  # 08-12-2026, 8 12 2026
        rf"{_LONG_YEAR}(?P<between>[-/.]){_MONTH}(?P=between){_DAY}",  # 2026-12-08
        rf"{_DAY}(?:\.|\.?ter|{_TH})? ?(?:of )?{_NAME}\.?(?:,? ?{_YEAR})?",  # 8. Dezember, 8 Dec 2026
        rf"{_DAY}(?P<between>[-/]){_NAME}(?:(?P=between){_YEAR})?",  # 8-Dec-2026
        rf"{_NAME}\.? (?:the )?{_DAY}{_TH}?(?:,? {_LONG_YEAR})?",  # December 8
    )
)
_HOUR = r"(?P<hour>[0-9]{1,2})"
_MINUTE = r"(?P<minute>[0-9]{2})"
_TIMES = tuple(
    re.compile(r"(?:(?:um|at|ab|von|from|bis|until|till) )?" + pattern)
    for pattern in (
        rf"{_HOUR} ?(?:uhr|h|o['’]clock)?",  # 19, 19 Uhr, 19h
        rf"{_HOUR} ?[:.,] ?{_MINUTE}(?::00)? ?(?:uhr|h)?",  # 19:00, 19.00 Uhr
        rf"{_HOUR} ?(?:uhr|h| ) ?{_MINUTE}",  # 19 Uhr 30, 19h30, 19 30
        rf"{_HOUR}{_MINUTE} ?(?:uhr|h)?",  # 1900
        rf"{_HOUR}(?:[:.]?{_MINUTE})? ?(?P<half>[ap])\.? ?m\.?",  # 7 pm, 7:30 p.m.
    )
)
_HOURS = (
    "eins one",
    "zwei two",
    "drei three",
    "vier four",
    "fünf five",
    "sechs six",
    "sieben seven",
    "acht eight",
    "neun nine",
    "zehn ten",
    "elf eleven",
    "zwölf twelve",
)
HOUR_OF = {word: number for number, row in enumerate(_HOURS, 1) for word in (str(number), *row.split())}
#: Minutes from the hour that is named; in words, the clock has twelve hours.
PARTS_OF_HOUR = {
    "halb": -30,
    "half past": 30,
    "dreiviertel": -15,
    "viertel vor": -15,
    "quarter to": -15,
    "viertel nach": 15,
    "quarter past": 15,
}
HALVES_OF_DAY = {
    **dict.fromkeys(("morgens", "früh", "vormittags", "in the morning"), 0),
    **dict.fromkeys(("mittags", "nachmittags", "abends", "in the afternoon", "in the evening"), 12 * 60),
}
_IN_WORDS = re.compile(
    rf"(?:(?:um|at|ab|von|from|bis|until) )?(?P<part>{_any_of(PARTS_OF_HOUR)}) (?P<hour>{_any_of(HOUR_OF)})"
    rf"(?: (?P<half>{_any_of(HALVES_OF_DAY)}))?"
)
_DAYS_FROM_TODAY = {"heute": 0, "today": 0, "morgen": 1, "tomorrow": 1, "übermorgen": 2}
_NEXT_WEEKDAY = re.compile(
    r"(?:(?:am|on|ab|from|bis|until) )?(?:(?:nächste|kommende|diese)[nmr]? |next |this )?"
    rf"(?P<weekday>{_any_of({word: number for word, number in WEEKDAY_OF.items() if len(word) > 5})})"
)
_FROM_TO = re.compile(r"[-–—]|\b(?:bis|to|until|till)\b")
_HALF = re.compile(r"[ap]\.? ?m\.?$")
_OPEN_END = re.compile(r"offenes ende|(?:ende )?offen|open(?:[ -]?end(?:ed)?)?")
_MIDNIGHT = re.compile(r"24(?: ?[:.]? ?00)? ?(?:uhr|h)?")
_NUMBER = re.compile(
    r"(?:(?:ca\.?|circa|etwa|ungefähr|rund|so|um die|about|around|roughly|max\.?|maximal|höchstens|bis zu|up to) |~ ?)?"
    r"(?:(?P<least>[0-9]{1,4}) ?(?:[-–—]|bis|to) ?)?(?P<number>[0-9]{1,12})"
    r"(?: ?(?:personen|leute|menschen|tn|people|persons|mal|x|treffen|termine|times|meetings|dates))?"
)


class NotReadable(ValueError):
    """What somebody typed cannot be read. The codes, and what their sentence can tell (``params``):

    ``date_empty``, ``time_empty``;
    ``date_unreadable``, ``time_unreadable``, ``number_unreadable``: ``text``, shortened where it is long;
    ``no_such_day``: ``day`` and ``month`` as numbers, and ``year``, None where it does not matter;
    ``weekday_clash``: ``day`` (a date), and the weekday that is ``written`` (Monday 0);
    ``time_twice``: ``text``, and the times ``earlier`` and ``later`` that it can be;
    ``time_quarter``: ``text``, and the quarters ``earlier`` and ``later`` (times; None after 23:45).
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def read_date(text: str, today: date) -> date:
    """The day somebody means; without a year the next such day, today included."""
    plain = _plain(text)
    if not plain:
        raise NotReadable("date_empty")
    if plain in _DAYS_FROM_TODAY:
        return today + timedelta(days=_DAYS_FROM_TODAY[plain])
    if named := _NEXT_WEEKDAY.fullmatch(plain):
        return today + timedelta(days=(WEEKDAY_OF[named["weekday"]] - today.weekday() - 1) % 7 + 1)
    parts = _parts(_DATES, plain)
    day, month = int(parts.get("day") or 0), int(parts.get("month") or 0)
    if name := parts.get("name"):
        month = MONTH_OF[name]
    year = _year(parts.get("year"), today, (month, day))
    if not (day > 0 and 1 <= month <= 12 and FIRST_DAY.year <= year <= LAST_DAY.year):
        raise NotReadable("date_unreadable", text=_shown(text))
    if day > monthrange(year, month)[1]:
        told_by_year = (month, day) == (2, 29)
        raise NotReadable("no_such_day", day=day, month=month, year=year if told_by_year else None)
    found = date(year, month, day)
    for word in (parts["weekday"], parts["weekday_after"]):
        written = found.weekday() if word is None else WEEKDAY_OF[word]
        if written != found.weekday():
            raise NotReadable("weekday_clash", day=found, written=written)
    return found


def dates_in(text: str, today: date) -> list[str]:
    """The days of a list in one field, "8.12., 9.12. und 20.1.", each as it was typed; empty where it is none."""
    parts: list[str] = []
    for word in re.split(r"[,;+\n]|\b(?:und|and)\b|(?<=[0-9]\.) +(?=[0-9]+\.[0-9])", text[:_LONGEST_LIST]):
        if parts and parts[-1].lower().rstrip(".") in WEEKDAY_OF:  # "Di, 8.12."
            parts[-1] += f" {word.strip()}"
        elif word.strip():
            parts.append(word.strip())
    month = ""
    for nth, part in reversed([*enumerate(parts)]):  # "8., 15. und 22. Dezember"
        day, _, rest = part.partition(" ")
        if month and re.fullmatch(r"[0-9]{1,2}\.?", part):
            parts[nth] = f"{part.rstrip('.')}. {month}"
        elif day.rstrip(".").isdecimal():
            month = rest
    try:
        for part in parts:
            read_date(part, today)
    except NotReadable:
        return []
    return parts if len(parts) > 1 else []


def as_typed(text: str) -> str:
    """2026-12-08, as it stands in links, the way people write it: 8.12.2026"""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day}.{day.month}.{day.year}"


def read_time(text: str) -> time:
    """The time of day somebody means, on the 24-hour clock unless it says am or pm. Only full quarters of an hour."""
    plain = _plain(text)
    if not plain:
        raise NotReadable("time_empty")
    if in_words := _IN_WORDS.fullmatch(plain):
        return _in_half_of_day(in_words, text)
    parts = _parts(_TIMES, plain)
    hour, minute = _hour(parts), int(parts.get("minute") or 0)
    if hour is None or minute > 59:
        raise NotReadable("time_unreadable", text=_shown(text))
    if minute % _STEP:
        raise NotReadable("time_quarter", text=_shown(text), **_quarters(hour, minute))
    return time(hour, minute)


def read_end(text: str) -> time:
    """The time of day at which something ends: here 24:00 is one, the midnight that follows."""
    return time() if _MIDNIGHT.fullmatch(_plain(text)) else read_time(text)


def from_to(text: str) -> tuple[str, str] | None:
    """Start and end where both stand in one field, as "18-20" or "7 bis 9 pm"; None where they do not."""
    parts = [part.strip() for part in _FROM_TO.split(_plain(text))]
    if len(parts) != 2 or not all(parts):
        return None
    begins, ends = parts
    half = _HALF.search(ends)
    return (begins if half is None or _HALF.search(begins) else f"{begins} {half[0]}"), ends


def is_open_end(text: str) -> bool:
    """Whether somebody types in place of a time that there is no fixed end."""
    return bool(_OPEN_END.fullmatch(_plain(text)))


def read_number(text: str, *, at_most: bool = False) -> int:
    """A whole number from 1 to a million million: how many people, how many dates. ``at_most``: of 10-15 it is 15."""
    parts = _parts((_NUMBER,), _plain(text))
    number, least = int(parts.get("number") or 0), int(parts.get("least") or 0)
    if number == 0 or (least and not (at_most and least < number)):
        raise NotReadable("number_unreadable", text=_shown(text))
    return number


def _parts(patterns: Iterable[re.Pattern[str]], plain: str) -> dict[str, str | None]:
    """The named parts of the first pattern that the whole text follows; empty if there is none."""
    for pattern in patterns:
        found = pattern.fullmatch(plain)
        if found:
            return found.groupdict()
    return {}


def _year(written: str | None, today: date, month_and_day: tuple[int, int]) -> int:
    if written is None:
        return today.year + (month_and_day < (today.month, today.day))
    return int(written) if len(written) == 4 else 2000 + int(written[-2:])


def _hour(parts: dict[str, str | None]) -> int | None:
    """The hour of the day; None where the clock has no such hour, such as 24, 13 pm or 0 am."""
    hour = int(parts.get("hour") or 24)
    half = parts.get("half")
    if half is None:
        return hour if hour < 24 else None
    return hour % 12 + (12 if half == "p" else 0) if 1 <= hour <= 12 else None


def _in_half_of_day(found: re.Match[str], text: str) -> time:
    """Nobody meets before eight in the morning: "halb acht" is in the evening, while "halb neun" can be either."""
    minutes = (HOUR_OF[found["hour"]] * 60 + PARTS_OF_HOUR[found["part"]]) % (12 * 60)
    half = HALVES_OF_DAY.get(found["half"] or "", 12 * 60 if minutes < 8 * 60 else None)
    early, late = (time(*divmod(minutes + more, 60)) for more in (0, 12 * 60))
    if half is None:
        raise NotReadable("time_twice", text=_shown(text), earlier=early, later=late)
    return late if half else early


def _quarters(hour: int, minute: int) -> dict[str, time | None]:
    earlier = time(hour, minute - minute % _STEP)
    later = divmod(60 * hour + earlier.minute + _STEP, 60)
    return {"earlier": earlier, "later": time(*later) if later < (24, 0) else None}


def _plain(text: str) -> str:
    """The text as the patterns expect it: small letters, one kind of blank and of digit, nothing invisible.

    Texts from calendars and mails bring non-breaking blanks and marks that only steer the writing direction;
    keyboards bring other scripts' digits, which mean the same. Superscript and circled digits are left: 8² is not 82.
    """
    typed = text.strip()
    if len(typed) > _LONGEST:  # before anything else: to put the marks of a letter in order takes their number's square
        return "?"
    marks = (char for char in unicodedata.normalize("NFC", typed) if unicodedata.category(char) != "Cf")
    digits = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in marks)
    return " ".join(digits.split()).lower()


def _shown(text: str) -> str:
    """What was typed, for the sentence about it: one line of what can be printed, not longer than a sentence bears."""
    line = "".join(char if char.isprintable() else "�" for char in " ".join(text[:_LONGEST].split()))
    return line if len(line) <= _SHOWN and len(text.strip()) <= _LONGEST else line[:_SHOWN].rstrip() + "…"
