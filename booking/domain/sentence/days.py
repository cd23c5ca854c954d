"""Days in a wish: dates and lists of them, weekdays, days told from today, and where a series begins and ends."""

from typing import NamedTuple

from booking.domain.recurrence import FIRST_DAY, LAST_DAY
from booking.domain.sentence.stream import Stream
from booking.domain.sentence.vocabulary import PLURAL_HALVES

#: So many dates are read as one list, and so many days in a row whose month stands behind the last.
MOST_IN_A_LIST = 60
MOST_WAITING = 8
_BETWEEN_DAYS = (",", "&", "/", "+")
_NO_DAY_BEFORE = {"people", "oclock", "times", "unit", "ampm", "month", "about", "count_word", "fraction"}


class DayOfYear(NamedTuple):
    """A date as it was written: without its year, where that was left out; ``weekday``: Monday 0."""

    day: int
    month: int
    year: int | None = None
    weekday: int | None = None


class Bound(NamedTuple):
    """A day from which on, or until which: ``kind`` says how ``value`` tells it."""

    kind: str
    value: object
    part: str = ""
    year: int | None = None


def day_at(s: Stream, at: int) -> tuple[DayOfYear, int] | None:
    """Dienstag, 8. Dezember 2026; 8.12.; 8/12/2026; 2026-12-08; December 8"""
    found: tuple[DayOfYear, int] | None
    if at in s.days:  # each list of numbers asks for all that come after it
        found = s.days[at]
    else:
        found = s.days[at] = _read_day(s, at)
    return found


def _read_day(s: Stream, at: int) -> tuple[DayOfYear, int] | None:
    weekday = s.value(at) if s.kind(at) == "weekday" else None
    at = at if weekday is None else s.skip(at + 1, ".", ",")
    found = _in_figures(s, at) or _with_name(s, at)
    if found is None:
        return None
    day, month, year, at = found
    if weekday is None:
        behind = s.skip(at, "(", ",")
        if behind > at and s.text(at) == "(" and s.kind(behind) == "weekday":
            return DayOfYear(day, month, year, s.value(behind)), s.skip(behind + 1, ")")
    return DayOfYear(day, month, year, weekday), at


def _in_figures(s: Stream, at: int) -> tuple[int, int, int | None, int] | None:
    first = s.value(at) if s.kind(at) == "number" else None
    second = s.figure(at + 2)
    if first is None or second is None:
        return None
    mark = s.text(at + 1)
    if len(s.text(at)) == 4 and mark in "-/" and s.text(at + 3) == mark and s.figure(at + 4):
        return s.value(at + 4), second, first, at + 5
    if len(s.text(at)) > 2:
        return None
    if mark == "/":
        year = s.value(at + 4) if s.text(at + 3) == "/" and s.kind(at + 4) == "number" else None
        return (first, second, _whole(year), at + (3 if year is None else 5)) if second <= 12 else None
    if mark != "." or not s.touches(at):
        return None
    if s.text(at + 3) == ".":
        return first, second, *_year_behind(s, at + 4)
    is_day = (
        0 < second <= 12
        and s.touches(at + 1)
        and (s.kind(at - 1) in ("on", "weekday", "from") or s.text(at + 3) == ")")
    )
    return (first, second, None, at + 3) if is_day and s.kind(at + 3) != "oclock" and len(s.text(at + 2)) <= 2 else None


def _year_behind(s: Stream, at: int) -> tuple[int | None, int]:
    """The year after a dot; of two figures only where they touch it, as 19 may be an hour."""
    each = s[at]
    is_short = each.kind == "number" and len(each.text) == 2 and s.touches(at - 1)
    if is_short and s.kind(at + 1) not in ("oclock", "people", "times") and s.text(at + 1) not in (":", "-"):
        return 2000 + each.value, at + 1
    return _long_year(s, at)


def _long_year(s: Stream, at: int) -> tuple[int | None, int]:
    behind = s.skip(at, ",")
    if s.text(behind) in ("'", "’") and s.figure(behind + 1) and len(s.text(behind + 1)) == 2:
        return 2000 + s.value(behind + 1), behind + 2
    is_year = s.kind(behind) == "number" and FIRST_DAY.year <= s.value(behind) <= LAST_DAY.year
    if is_year and s.kind(behind + 1) != "oclock":
        return s.value(behind), behind + 1
    return None, at


def _whole(year: int | None) -> int | None:
    return year if year is None or year > 99 else 2000 + year


def _with_name(s: Stream, at: int) -> tuple[int, int, int | None, int] | None:
    day = s.figure(at)
    if day is not None:
        name = s.skip_kinds(s.skip(at + 1, "."), "suffix")
        if s.kind(name) == "month":
            year, after = _long_year(s, s.skip(name + 1, ".") if len(s.text(name)) < 5 else name + 1)
            return day, s.value(name), year, after
    if s.kind(at) == "ordinal" and s.kind(at + 1) == "month" and s.value(at) > 0:  # "the first of May"
        return s.value(at), s.value(at + 1), *_long_year(s, at + 2)
    if s.kind(at) == "month" and (day := s.figure(s.skip(at + 1, "."))):
        behind = s.skip_kinds(s.skip(at + 1, ".") + 1, "suffix")
        is_no_hour = s.text(behind) not in (":", ".", "-") and s.kind(behind) not in _NO_DAY_BEFORE | {"until"}
        if is_no_hour or s.kind(behind - 1) == "suffix":
            return day, s.value(at), *_long_year(s, behind)
    return None


def days_at(s: Stream, at: int) -> tuple[tuple[DayOfYear, ...], bool, int] | None:
    """A list of dates, as "8., 15. und 22. Dezember", and whether "or" stands in it."""
    found: list[DayOfYear] = []
    waiting: list[int] = []  # days whose month stands behind them
    after, either = at, False
    is_month_first = s.kind(at) == "month"
    for _ in range(MOST_IN_A_LIST):
        if each := day_at(s, at):
            day, at = each
            found += [day._replace(day=number, weekday=None) for number in waiting] + [day]
            waiting, after = [], at
        elif (number := s.figure(at)) and number <= 31 and s.text(at + 1) != ":":
            behind = s.skip_kinds(s.skip(at + 1, "."), "suffix")
            if found and is_month_first and s.kind(behind) not in _NO_DAY_BEFORE and s.text(behind) != "-":
                found.append(found[-1]._replace(day=number, weekday=None))
                after = behind
            else:
                waiting.append(number)
                if len(waiting) > MOST_WAITING:
                    break
            at = behind
        else:
            break
        separated = s.skip(at, *_BETWEEN_DAYS)
        separated = s.skip_kinds(separated, "and", "or", "on")
        is_or = "or" in (s.kind(each) for each in range(at, separated))
        either = either or (is_or and day_at(s, separated) is not None)
        if separated == at and not day_at(s, at):
            break
        at = separated
    return (tuple(found), either, after) if found else None


def weekdays_at(s: Stream, at: int) -> tuple[list[int], bool, bool, int] | None:
    """Weekdays, whether they are told in the plural, whether "or" stands among them, and where they end."""
    found: list[int] = []
    plural = either = False
    while s.kind(at) in ("weekday", "weekdays") and len(found) <= 7:
        found.append(s.value(at))
        kind = s.kind(at)
        plural = plural or s.kind(at) == "weekdays"
        at += 2 if s.kind(at + 1) == "mark" and s.text(at + 1) == "." and len(s.text(at)) < 4 else 1
        plural = plural or s.text(at) in PLURAL_HALVES
        at += s.kind(at) == "daypart" or s.text(at) == "morgen"
        separated = s.skip_kinds(s.skip(at, *_BETWEEN_DAYS), "and", "or", "on", "every")
        is_range = (s.text(at) == "-" or s.kind(at) == "until") and s.kind(at + 1) in ("weekday", "weekdays")
        if is_range and s.value(at + 1) > found[-1]:
            found += range(found[-1] + 1, s.value(at + 1))
            at += 1
        elif (
            separated > at
            and s.kind(separated) == kind
            and s.value(separated) not in found
            and not day_at(s, separated)
        ):
            either = either or "or" in (s.kind(each) for each in range(at, separated))
            at = separated
        else:
            break
    return (found, plural, either, at) if found else None


def relative_at(s: Stream, at: int) -> tuple[Bound, int] | None:
    """Morgen; nächsten Montag; übernächste Woche Mittwoch; in zwei Wochen am Dienstag"""
    if s.kind(at) == "weekday" and s.kind(at + 1) == "week":
        return Bound("week", (s.value(at + 1), s.value(at))), at + 2
    if s.kind(at) == "week":
        behind = s.skip_kinds(s.skip(at + 1, ","), "on")
        if s.kind(behind) == "weekday":
            return Bound("week", (s.value(at), s.value(behind))), behind + 1
        return None
    if s.kind(at) == "day" and (s.kind(at + 1) != "in" or s.kind(at + 3) != "unit"):
        return Bound("in_days", s.value(at)), at + 1
    if s.kind(at) in ("next", "coming") and s.kind(at + 1) == "weekday":
        kind = "coming" if s.kind(at) == "coming" else "next"
        return Bound(kind, (s.value(at), s.value(at + 1))), at + 2
    begin = at + (s.kind(at) == "day" and s.value(at) == 0)
    number = s.number(begin + 1)
    if s.kind(begin) == "in" and number and s.kind(begin + 2) == "unit" and s.value(begin + 2) in ("day", "week"):
        behind = s.skip_kinds(begin + 3, "on")
        if s.value(begin + 2) == "week" and s.kind(behind) == "weekday":
            return Bound("week", (number, s.value(behind))), behind + 1
        return Bound("in_days", number * (7 if s.value(begin + 2) == "week" else 1)), begin + 3
    return None


def month_at(s: Stream, at: int) -> tuple[Bound, int] | None:
    """Januar; Januar 2027; next month"""
    if s.kind(at) == "month":
        year, after = _long_year(s, at + 1)
        return Bound("month", s.value(at), "", year), after
    if s.kind(at) == "next" and s.kind(at + 1) == "unit" and s.value(at + 1) == "month":
        return Bound("next_month", s.value(at)), at + 2
    return None


def bound_at(s: Stream, at: int) -> tuple[Bound, int] | None:
    """What can stand after "from" and "until"."""
    at = s.skip_kinds(at, "on", "in")
    if day := day_at(s, at):
        return Bound("day", day[0]), day[1]
    if relative := relative_at(s, at):
        return relative
    part = {"part": s.value(at), "end": "end"}.get(s.kind(at), "")
    name = at + 1 if part else at
    if month := month_at(s, name):
        return month[0]._replace(part=part), month[1]
    if s.kind(name) == "next" and s.kind(name + 1) == "unit" and s.value(name + 1) == "year":
        return Bound("next_year", s.value(name), part), name + 2
    if part == "end" and s.kind(name) == "number" and len(s.text(name)) == 4:
        return Bound("year_end", None, "", s.value(name)), name + 1
    if part and s.kind(name) != "break":
        return None
    if s.kind(name) in ("season", "break", "feast", "year_end"):
        year, after = _long_year(s, name + 1)
        return Bound(s.kind(name), s.value(name), part, year), after
    if s.kind(at) in ("weekday", "week"):
        kind = "coming" if s.kind(at) == "weekday" else "week"
        return Bound(kind, (s.value(at), s.value(at) if kind == "coming" else 0)), at + 1
    if s.kind(at) == "number" and len(s.text(at)) == 4 and 2000 < s.value(at) < 2100 and s.kind(at + 1) != "oclock":
        return Bound("year", None, "", s.value(at)), at + 1
    return None
