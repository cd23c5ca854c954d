"""Finding the rule that days follow: what other programs hand over as single dates is a series again."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from booking.domain.recurrence import MOST_DATES, Frequency, RecurrenceRule, is_last, ordinal_of

#: So many days before a rhythm is one.
FEWEST = 3
WEEKS = range(1, 9)
MONTHS = (1, 2, 3, 6, 12)
#: More in a month is a rhythm of weeks of which some are missing.
MOST_ORDINALS = 2
#: Of the days of a rhythm, how many may be missing or beside it: one in so many.
ONE_IN = 3


def find_rule(days: Iterable[date]) -> RecurrenceRule:
    """The rule with exactly these days, at least one: the simplest rhythm with few exceptions and additions, or else
    the days one by one."""
    ordered = sorted(set(days))
    first, last = ordered[0], ordered[-1]
    single = RecurrenceRule(start=first, freq=Frequency.SINGLE, extra_dates=frozenset(ordered[1:]))
    if len(ordered) < FEWEST:
        return single
    best, least = single, len(ordered) // ONE_IN + 1
    for rule in _rhythms(ordered):
        pattern = frozenset(rule.pattern(last))
        if len(pattern) > MOST_DATES:
            continue
        missing, added = pattern.difference(ordered), frozenset(ordered) - pattern
        cost = len(missing) + 2 * len(added)
        if cost < least:
            best, least = replace(rule, until=last, exception_dates=missing, extra_dates=added), cost
    return best


def _rhythms(days: Sequence[date]) -> Iterator[RecurrenceRule]:
    """The rhythms, without an end, that begin with the first of the days. The plainer ones come first: of equals the
    first is taken."""
    first = days[0]
    for weeks in WEEKS:
        if weeks == 4:  # every four weeks is seldom meant where every second Tuesday of the month fits as well
            yield from _monthly(days)
        monday = first - timedelta(days=first.weekday())
        in_phase = [day for day in days if (day - monday).days // 7 % weeks == 0]
        number = Counter(day.weekday() for day in in_phase)
        most = max(number.values())
        often = tuple(sorted(weekday for weekday, times in number.items() if 2 * times >= most))
        for weekdays in {often, (first.weekday(),)}:
            if first.weekday() in weekdays:
                yield RecurrenceRule(start=first, freq=Frequency.WEEKLY, interval=weeks, weekdays=weekdays)


def _monthly(days: Sequence[date]) -> Iterator[RecurrenceRule]:
    first = days[0]
    own = Counter(ordinal_of(day) for day in days if day.weekday() == first.weekday())
    often = tuple(sorted(ordinal for ordinal, times in own.items() if 2 * times >= max(own.values())))
    choices = [(ordinal_of(first),), often] + ([(-1,)] if is_last(first) else [])
    for months in MONTHS:
        for ordinals in dict.fromkeys(choices):
            if len(ordinals) <= MOST_ORDINALS and (ordinal_of(first) in ordinals or ordinals == (-1,)):
                yield RecurrenceRule(start=first, freq=Frequency.MONTHLY, interval=months, ordinals=ordinals)
