"""On which days a series takes place: the closed form of the rules that people can ask for.

A rule speaks of local days. Times and the zone come in only when a day becomes
a ``Slot``, so that a series keeps its hour when summer time begins or ends.
Never RRULE text from outside: ``FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30`` is
accepted by every library and searches for ever.
"""

import calendar
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from dateutil.rrule import MONTHLY, rrule, weekday

#: The most dates that one rule may have.
MOST_DATES = 520
#: Intervals are 1 to 52 weeks or months.
MOST_INTERVAL = 52

#: No day outside is read, and no rule is followed beyond. Late enough for 520 dates of every 52nd month, and far
#: enough from the last day of Python's calendar for an hour to be added in every time zone.
FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(4999, 12, 31)

#: As in RFC 5545; the position is Python's weekday, Monday 0.
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: So many dates in a row may fall on days off before somebody meets again.
MOST_DAYS_OFF = 30
#: How far a rule with too many dates is followed to say how many they would be.
_WORTH_COUNTING = 2000


class Frequency(StrEnum):
    SINGLE = "single"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class RuleError(ValueError):
    """An invalid rule.

    ``field`` is named as in the stored form of the rule. The codes, and what
    their sentence can tell (``params``):

    ``frequency``, ``interval``, ``weekdays``, ``ordinals``, ``count``: not one of the values that there are;
    ``day``: not a day, or none between ``first`` and ``last``;
    ``until_before_start``, ``until_and_count``;
    ``too_many``: more dates than ``most``; ``number`` tells how many, or is None if it was not worth counting;
    ``start_not_in_rule``: ``first`` is the first day on or after the start that is in it, or None: there is none;
    ``empty``: the exceptions leave no date.
    """

    def __init__(self, field: str, code: str, **params: Any) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class RecurrenceRule:
    """On which days a series takes place. Raises ``RuleError`` for invalid values.

    ``SINGLE`` is the start and ``extra_dates``; interval, weekdays, ordinals,
    ``until`` and ``count`` mean nothing then and are dropped. ``WEEKLY`` weeks
    begin on Monday and are counted from the week of the start. ``MONTHLY`` is
    every ordinal (1 to 5, or -1 for the last) of every weekday; a month without
    a fifth Thursday has no such date. Empty weekdays and ordinals are those of
    the start.

    ``until`` is included. ``count`` counts dates of the rule before exceptions
    are left out. Extra dates are neither counted nor cut off by ``until``, and
    an exception beats an extra date. Neither ``until`` nor ``count``: open.
    """

    start: date
    freq: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    ordinals: tuple[int, ...] = ()
    until: date | None = None
    count: int | None = None
    exception_dates: frozenset[date] = frozenset()
    extra_dates: frozenset[date] = frozenset()
    _days: tuple[date, ...] = field(init=False, repr=False, compare=False, default=())  # of a rule that ends

    def __post_init__(self) -> None:
        _check(self)
        single = self.freq == Frequency.SINGLE
        self._set(
            freq=Frequency(self.freq),
            interval=1 if single else self.interval,
            weekdays=() if single else tuple(sorted({*self.weekdays})) or (self.start.weekday(),),
            ordinals=tuple(sorted({*self.ordinals}, key=_last_at_the_end)),
            until=None if single else self.until,
            count=None if single else self.count,
            exception_dates=frozenset(self.exception_dates),
            extra_dates=frozenset(self.extra_dates),
        )
        if self.freq == Frequency.MONTHLY and not self.ordinals:
            self._set(ordinals=(ordinal_of(self.start),))
        first = next(self._rule_days(LAST_DAY), None)
        if first != self.start:
            raise RuleError("start", "start_not_in_rule", first=first)
        if not self.is_open:
            self._set(_days=self._all_days())

    @property
    def is_open(self) -> bool:
        """Whether the rule goes on without an end."""
        return self.freq != Frequency.SINGLE and self.until is None and self.count is None

    def days(self, most: int = MOST_DATES) -> list[date]:
        """All days in order; of an open rule the first ``most``, but never more than 520."""
        if not self.is_open:
            return list(self._days)
        most = min(most, MOST_DATES)
        ruled = islice(self._rule_days(LAST_DAY), most + len(self.exception_dates))
        return sorted({*ruled, *self.extra_dates} - self.exception_dates)[:most]

    def pattern(self, last: date) -> list[date]:
        """The days of the rule itself up to ``last``: with exceptions, without extra dates."""
        return list(self._rule_days(last))

    def without(self, days: Iterable[date]) -> "RecurrenceRule":
        """The same rule with these days left out as well."""
        return replace(self, exception_dates=self.exception_dates.union(days))

    def with_extra(self, days: Iterable[date]) -> "RecurrenceRule":
        """The same rule with these days added. One that is an exception stays left out."""
        return replace(self, extra_dates=self.extra_dates.union(days))

    def for_meetings(self, number: int, kept: Callable[[list[date]], list[date]]) -> "RecurrenceRule":
        """The same rule with as many dates as it takes for ``number`` of them to be ``kept``, in place of its end.

        Extra dates are among the number. Where they alone are more, or there are not so many, it is another one.
        """
        unending = replace(self, until=None, count=None, extra_dates=frozenset())
        extra = set(kept(sorted(self.extra_dates - self.exception_dates)))
        ruled = [day for day in kept(unending.days(2 * number + MOST_DAYS_OFF)) if day not in extra]
        last = ruled[: number - len(extra)][-1:] if number > len(extra) else [self.start]
        count = len(unending.pattern(last[0])) if last else number
        return replace(self, until=None, count=min(count, MOST_DATES))

    def as_json(self) -> dict[str, Any]:
        """The form that is stored, and the rule of ``/api/v1`` but for its times."""
        return {
            "start": self.start.isoformat(),
            "freq": self.freq.value,
            "interval": self.interval,
            "weekdays": [WEEKDAY_CODES[number] for number in self.weekdays],
            "ordinals": list(self.ordinals),
            "until": None if self.until is None else self.until.isoformat(),
            "count": self.count,
            "exdates": [day.isoformat() for day in sorted(self.exception_dates)],
            "extra_dates": [day.isoformat() for day in sorted(self.extra_dates)],
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "RecurrenceRule":
        """The rule that ``as_json`` was made of. What is missing is as if it were empty."""
        return cls.from_text(json.dumps(stored))

    @classmethod
    @lru_cache(1024)  # stored rules are read again and again, and their days take long to work out
    def from_text(cls, text: str) -> "RecurrenceRule":
        """The same from the text as which it is stored."""
        stored: dict[str, Any] = json.loads(text)
        until = stored.get("until")
        return cls(
            start=date.fromisoformat(stored["start"]),
            freq=stored["freq"],
            interval=stored.get("interval", 1),
            weekdays=tuple(WEEKDAY_CODES.index(code) for code in stored.get("weekdays", ())),
            ordinals=tuple(stored.get("ordinals", ())),
            until=date.fromisoformat(until) if until else None,
            count=stored.get("count"),
            exception_dates=frozenset(map(date.fromisoformat, stored.get("exdates", ()))),
            extra_dates=frozenset(map(date.fromisoformat, stored.get("extra_dates", ()))),
        )

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)  # the rule is frozen from the end of its making on

    def _rule_days(self, until: date) -> Iterator[date]:
        """The days of the rule itself up to ``until``: with exceptions, without extra dates."""
        if self.freq == Frequency.SINGLE:
            return iter((self.start,))
        if self.freq == Frequency.WEEKLY:
            return islice(self._weekly_days(until), self.count)
        found = rrule(
            MONTHLY,
            dtstart=datetime.combine(self.start, time.min),
            until=datetime.combine(until, time.min),
            interval=self.interval,
            byweekday=[weekday(day, ordinal) for day in self.weekdays for ordinal in self.ordinals],
        )
        return (day.date() for day in islice(found, self.count))

    def _weekly_days(self, until: date) -> Iterator[date]:
        # rrule finds the same days in ten times the time, and every keystroke of a preview would wait for it
        monday = self.start - timedelta(days=self.start.weekday())
        while monday <= until:
            for number in self.weekdays:
                day = monday + timedelta(days=number)
                if self.start <= day <= until:
                    yield day
            monday += timedelta(weeks=self.interval)

    def _all_days(self) -> tuple[date, ...]:
        ruled = list(islice(self._rule_days(self.until or LAST_DAY), _WORTH_COUNTING + 1))
        if len(ruled) > MOST_DATES:
            number = len(ruled) if len(ruled) <= _WORTH_COUNTING else None
            raise RuleError("until", "too_many", number=number, most=MOST_DATES)
        days = {*ruled, *self.extra_dates} - self.exception_dates
        if len(days) > MOST_DATES:
            raise RuleError("extra_dates", "too_many", number=len(days), most=MOST_DATES)
        if not days:
            raise RuleError("exdates", "empty")
        return tuple(sorted(days))


class Reading(NamedTuple):
    """One way to read "again like this day": its key, and the rule without an end that it stands for."""

    key: str
    freq: Frequency
    interval: int
    ordinals: tuple[int, ...]

    def rule(self, start: date, *, until: date | None = None, count: int | None = None) -> RecurrenceRule:
        return RecurrenceRule(
            start=start, freq=self.freq, interval=self.interval, ordinals=self.ordinals, until=until, count=count
        )


def readings(start: date, months: int = 1) -> list[Reading]:
    """The readings that people mix up, to be shown side by side with their dates.

    ``month`` (every second Tuesday of the month), ``last`` (every last one;
    where the day is the last of its month) and ``two_weeks``. A fifth Thursday
    is offered as the last one only: not every month has five. Nobody mixes up
    weeks and every so many ``months``.
    """
    ordinal = ordinal_of(start)
    month = [Reading("month", Frequency.MONTHLY, months, (ordinal,))] if ordinal < 5 else []
    last = [Reading("last", Frequency.MONTHLY, months, (-1,))] if is_last(start) else []
    two_weeks = [Reading("two_weeks", Frequency.WEEKLY, 2, ())] if months == 1 else []
    return month + last + two_weeks


def ordinal_of(day: date) -> int:
    """Occurrence of its weekday in the month (1 to 5): 8 December 2026 is the second Tuesday."""
    return (day.day + 6) // 7


def is_last(day: date) -> bool:
    """Whether it is the last of its weekday in its month."""
    return day.day + 7 > calendar.monthrange(day.year, day.month)[1]


def _last_at_the_end(ordinal: int) -> int:
    return ordinal if ordinal > 0 else 9


def _check(rule: RecurrenceRule) -> None:
    """Refuse invalid values, before anything is worked out from them."""
    if rule.freq not in list(Frequency):
        raise RuleError("freq", "frequency")
    if not _is_whole(rule.interval, 1, MOST_INTERVAL):
        raise RuleError("interval", "interval", most=MOST_INTERVAL)
    if not all(_is_whole(number, 0, 6) for number in rule.weekdays):
        raise RuleError("weekdays", "weekdays")
    if not all(_is_whole(number, -1, 5) and number for number in rule.ordinals):
        raise RuleError("ordinals", "ordinals")
    if rule.ordinals and rule.freq != Frequency.MONTHLY:
        raise RuleError("ordinals", "ordinals")
    if rule.count is not None and not _is_whole(rule.count, 1, MOST_DATES):
        raise RuleError("count", "count", most=MOST_DATES)
    for name, days in (
        ("start", [rule.start]),
        ("until", [rule.until] if rule.until else []),
        ("exdates", rule.exception_dates),
        ("extra_dates", rule.extra_dates),
    ):
        if not all(FIRST_DAY <= day <= LAST_DAY for day in days):
            raise RuleError(name, "day", first=FIRST_DAY, last=LAST_DAY)
    if rule.until is not None and rule.count is not None:
        raise RuleError("until", "until_and_count")
    if rule.until is not None and rule.until < rule.start:
        raise RuleError("until", "until_before_start")


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
