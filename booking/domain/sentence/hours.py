"""Times of day in a wish: from when to when, how long, and the time around."""

from datetime import time
from functools import lru_cache
from typing import NamedTuple

from booking.domain.sentence.stream import Stream
from booking.domain.typed import NotReadable, read_time

_QUARTERS = (0, 15, 30, 45)
_NO_MINUTES = {"people", "times", "unit", "month", "ampm"}
NOON = 12
#: Below, an hour without more may be one of the evening.
MORNING = 8


class Hour(NamedTuple):
    """A time of day. ``options``: what it can be; ``is_marked``: it can be nothing else; ``is_of_twelve``: told as the
    twelve hours of a clock face are, such as "halb acht"; ``fault``: no such time."""

    options: tuple[time, ...]
    is_marked: bool
    is_sure: bool = True
    has_half: bool = False
    is_of_twelve: bool = False
    fault: str = ""


def hour_at(s: Stream, at: int) -> tuple[Hour, int] | None:
    """19; 19 Uhr 30; 7:30 pm; halb acht; noon"""
    if s.kind(at) == "part_of_hour" and (named := s.number(at + 1)) and named <= 12:
        half, after = _half_behind(s, at + 2)
        return _read(f"{s.value(at)} {named} {half}".strip(), marked=True)._replace(is_of_twelve=not half), after
    if s.kind(at) == "noon":
        return Hour((time(s.value(at)),), is_marked=True), at + 1
    hour, minute, after, is_marked = s.figure(at), 0, at + 1, False
    padded = hour is not None and s.text(at).startswith("0")
    if hour is None and s.kind(at) == "count_word":
        hour = s.value(at)
    elif hour is None and s.kind(at) == "number" and len(s.text(at)) == 4 and s.kind(at + 1) == "oclock":
        (hour, minute), is_marked, padded = divmod(s[at].value, 100), True, True
    elif hour is not None and s.text(at + 1) in (":", ".") and s.touches(at) and s.touches(at + 1):
        minutes = s.figure(at + 2)
        is_date = s.text(at + 1) == "." and s.text(at + 3) == "." and minutes is not None and 0 < minutes <= 12
        if minutes is not None and len(s.text(at + 2)) == 2 and not is_date:
            minute, after, is_marked = minutes, at + 3, s.text(at + 1) == ":" or minutes > 12
    if hour is None or hour > 24:
        return None
    has_minutes = after > at + 1 or padded and is_marked
    if s.text(after) in ("am", "pm", "a . m .", "a . m", "p . m .", "p . m") and _is_half_of_day(s, after, hour):
        half = "pm" if s.text(after).startswith("p") else "am"
        return _read(f"{hour}:{minute:02} {half}", marked=True)._replace(has_half=True), after + 1
    if s.kind(after) == "oclock":
        is_marked, after = True, after + 1
        more = s.figure(after)
        if (
            more in _QUARTERS
            and not has_minutes
            and s.kind(after + 1) not in _NO_MINUTES
            and s.text(after + 1) not in ("-", ".")
        ):
            minute, after, has_minutes = more or 0, after + 1, True
    return _weighed(hour, minute, is_marked=is_marked, has_minutes=has_minutes, padded=padded), after


def _weighed(hour: int, minute: int, *, is_marked: bool, has_minutes: bool, padded: bool) -> Hour:
    """Whether an hour can be one of the morning as well as of the evening."""
    if hour == 24:
        return Hour((time(),), is_marked, fault="" if minute == 0 else "hour")
    found = _read(f"{hour}:{minute:02}", marked=is_marked)
    if found.fault or padded or hour >= NOON or hour == 0 or (hour >= MORNING and (has_minutes or is_marked)):
        return found
    return found._replace(options=(time(hour, minute), time(hour + 12, minute)), is_sure=False)


def _half_behind(s: Stream, at: int) -> tuple[str, int]:
    at = at + 1 if s.kind(at) == "oclock" else at
    if s.kind(at) == "daypart":
        return "in the morning" if s.value(at) == "early" else "in the evening", at + 1
    return "", at


def _is_half_of_day(s: Stream, at: int, hour: int) -> bool:
    """Whether "am" is one of the clock and not the German one before a day."""
    if s.text(at) != "am":
        return True
    return hour <= NOON and s.kind(at + 1) not in ("weekday", "number", "ordinal", "month", "every", "daypart", "part")


@lru_cache(maxsize=512)
def _read(text: str, *, marked: bool) -> Hour:
    try:
        return Hour((read_time(text),), marked)
    except NotReadable as fault:
        if fault.code == "time_twice":
            return Hour((fault.params["earlier"], fault.params["later"]), marked, is_sure=False)
        return Hour((), marked, fault="quarter" if fault.code == "time_quarter" else "hour")


def length_at(s: Stream, at: int) -> tuple[int, int] | None:
    """A length in minutes: 2 Stunden; anderthalb Stunden; half an hour; 1,5 h"""
    at = s.skip_kinds(at, "for") if s.kind(at) == "for" else at
    is_hour = s.kind(at - 1) in ("for", "always") or s.kind(at - 2) == "for"
    one = at + (s.kind(at) == "one")
    if s.kind(one) == "half" and s.kind(one + 1) == "unit" and s.value(one + 1) == "hour":
        return 30, s.skip_kinds(one + 2, "long")
    if s.kind(at) == "fraction":
        return s.value(at), s.skip_kinds(at + 1, "unit", "long") if s.value(at + 1) in ("hour", None) else at + 1
    number, unit = s.number(at), at + 1
    if number is None:
        return None
    fraction = 0
    if s.text(at + 1) in (",", ".") and s.touches(at) and s.text(at + 2) in ("5", "25", "75"):
        fraction, unit = {"5": 30, "25": 15, "75": 45}[s.text(at + 2)], at + 3
    if s.kind(unit) == "unit" and s.value(unit) == "hour" or (is_hour or fraction) and s.text(unit) == "h":
        return number * 60 + fraction, s.skip_kinds(unit + 1, "long")
    if s.kind(unit) == "unit" and s.value(unit) == "minute" and not fraction:
        return number, s.skip_kinds(unit + 1, "long")
    return None


def pairs(begins: Hour, ends: Hour, latest: time) -> list[tuple[time, time]]:
    """The times from when to when that two hours can mean; midnight is the end of the day."""
    firsts, lasts = begins.options, ends.options
    if not begins.is_sure and ends.has_half:
        firsts = tuple(each for each in firsts if _before(each, lasts[0]))[-1:]
    elif not begins.is_sure and ends.is_sure and len({each.minute for each in firsts}) == 1:
        if MORNING <= lasts[0].hour < NOON and firsts[0].hour < MORNING:  # "von 7 bis 9 Uhr"
            lasts, ends = (*lasts, lasts[0].replace(hour=lasts[0].hour + NOON)), ends._replace(is_sure=False)
        elif lasts[0].hour >= MORNING or lasts[0].hour == 0:
            firsts = firsts[:1]
    found = [(first, last) for first in firsts for last in lasts if _before(first, last)]
    if not begins.is_sure and not ends.is_sure:  # both in the same half of the day, or across noon
        alike = [(first, last) for first, last in found if (first.hour < NOON) == (last.hour < NOON)]
        found = alike or found
    elif begins.is_sure and not ends.is_sure:
        is_near = begins.has_half or begins.is_of_twelve or _before(firsts[0], lasts[0])
        found = found[:1] if is_near else []  # "von 14 bis 4 Uhr" is asked
    if not found and begins.is_of_twelve:  # "von halb acht bis neun Uhr": in the morning or in the evening
        sides = [(in_other_half(firsts[0]), lasts[0]), (firsts[0], in_other_half(lasts[0]))]
        found = [(first, last) for first, last in sides if _before(first, last)]
    within = [pair for pair in found if _before(pair[1], latest) or pair[1] == latest]
    return within or found[:1]


def in_other_half(hour: time) -> time:
    """The same on the face of the clock, in the other half of the day."""
    return hour.replace(hour=(hour.hour + NOON) % 24)


def _before(first: time, last: time) -> bool:
    return first < last or last == time()
