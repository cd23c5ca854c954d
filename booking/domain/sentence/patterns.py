"""On which days a wish is: single ones, or the rhythms that its words can mean."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from booking.domain.recurrence import Frequency, is_last, ordinal_of
from booking.domain.sentence import bounds
from booking.domain.sentence.days import Bound, DayOfYear
from booking.domain.sentence.findings import Findings
from booking.domain.sentence.stream import PhraseFound
from booking.domain.typed import NotReadable

_DAY = timedelta(days=1)
#: More readings than these nobody compares.
MOST_READINGS = 4
_EVERY_DAY = tuple(range(7))


class Pattern(NamedTuple):
    """On which days: single ones, or a rhythm without its start and end."""

    key: str
    singles: tuple[date, ...] = ()
    freq: Frequency = Frequency.SINGLE
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    ordinals: tuple[int, ...] = ()

    def first(self, since: date) -> date:
        """The first day from ``since`` on, for a rhythm with weekdays."""
        if self.freq is Frequency.WEEKLY:
            return min(since + timedelta(days=(number - since.weekday()) % 7) for number in self.weekdays)
        day = since
        for _ in range(200):  # a fifth weekday is never farther away
            is_nth = ordinal_of(day) in self.ordinals or (-1 in self.ordinals and is_last(day))
            if day.weekday() in self.weekdays and is_nth:
                break
            day += _DAY
        return day


def patterns_of(told: Findings) -> list[Pattern]:
    """On which days a wish can be, before it is known from when until when."""
    nth, daily = told.one("nth", code="nth"), told.one("daily")
    interval = told.one("interval", code="rhythm")
    freq, number = interval.value if interval else ("", 1)
    if interval and not 1 <= number <= 52:
        told.ask("rhythm", interval)
        return []
    if nth and nth.value[4]:
        return _nth_of_a_month(told, nth)
    if nth:
        return _nth_patterns(told, nth, freq, number)
    if daily:
        return [Pattern("", freq=Frequency.WEEKLY, weekdays=_EVERY_DAY)]
    if told.all("weekdays"):
        return _weekday_patterns(told, interval)
    if interval:
        return _from_start(told, interval)
    return _singles(told)


def _nth_of_a_month(told: Findings, nth: PhraseFound) -> list[Pattern]:
    ordinals, weekdays, every, _, month = nth.value
    first = bounds.months_within((month,), told.place.today)
    if every or first is None:
        told.ask("nth", nth)
        return []
    days = [first[0] + timedelta(days=number) for number in range((first[1] - first[0]).days + 1)]
    wanted = [
        day
        for day in days
        if day.weekday() in weekdays and (ordinal_of(day) in ordinals or (-1 in ordinals and is_last(day)))
    ]
    if len(wanted) < len(ordinals) * len(weekdays):
        told.ask("no_such_day", nth)
        return []
    return [Pattern("", tuple(wanted))]


def _nth_patterns(told: Findings, nth: PhraseFound, freq: str, number: int) -> list[Pattern]:
    ordinals, weekdays, every, whole, _ = nth.value
    monthly = Pattern("month", (), Frequency.MONTHLY, number if freq == "monthly" else 1, weekdays, ordinals)
    beside = {day for each in told.all("weekdays") for day in each.value[0]}
    if not beside <= set(weekdays) or freq == "weekly":
        told.ask("rhythm", nth)
        return []
    if whole or freq == "monthly":
        return [monthly]
    if every and len(ordinals) == 1 and ordinals[0] > 1:
        return [monthly, Pattern("weeks", (), Frequency.WEEKLY, ordinals[0], weekdays)]
    if every or told.always or len(ordinals) > 1:
        return [monthly]
    told.ask("nth", nth)
    return []


def _weekday_patterns(told: Findings, interval: PhraseFound | None) -> list[Pattern]:
    said = told.all("weekdays")
    freq, number = interval.value if interval else ("weekly", 1)
    forms = {each.value[1] for each in said}
    either = next((each for each in said if each.value[2]), None)
    numbers = tuple(dict.fromkeys(day for each in said for day in each.value[0]))
    if freq == "monthly":
        told.ask("nth", said[0])
        return []
    sets = [(day,) for day in numbers] if either else [numbers]
    if either and (len(said) > 1 or len(numbers) > 3):
        told.ask("or", either)
        return []
    weekly = [
        Pattern("weeks" if len(sets) == 1 else f"day{days[0]}", (), Frequency.WEEKLY, number, days) for days in sets
    ]
    if interval or "every" in forms or told.always:
        return weekly
    is_series = told.all("until", "lasting", "within", "from", "from_after") or any(
        each.value > 1 for each in told.all("count")
    )
    if told.all("days", "relative"):
        told.ask("rhythm", said[0])
        return []
    if is_series:
        told.ask("rhythm", said[0])
        return []
    tomorrow = told.place.today + _DAY
    once = [
        Pattern("once", tuple(sorted(tomorrow + timedelta(days=(day - tomorrow.weekday()) % 7) for day in days)))
        for days in sets
    ]
    return once if "on" in forms else once + weekly


def _from_start(told: Findings, interval: PhraseFound) -> list[Pattern]:
    """A rhythm whose weekday is that of its first day."""
    freq, number = interval.value
    start = next(iter(told.all("from")), None)
    days = [each for each in told.all("days") if len(each.value[0]) == 1]
    if start and start.value.kind in ("day", "in_days", "coming", "week"):
        first = told.tried(start, bounds.first_days, start.value, told.place, latest_of(told), after=False)
    elif len(days) == 1 and not start:
        first = told.tried(days[0], all_resolved, days[0].value[0], told.place.today)
    else:
        told.ask("weekday")
        return []
    if not first:
        return []
    weekdays = (first[0].weekday(),)
    if freq == "weekly":
        return [Pattern("", (), Frequency.WEEKLY, number, weekdays)]
    nth = ordinal_of(first[0])
    options = [("month", nth)] if nth < 5 else []
    options += [("last", -1)] if is_last(first[0]) else []
    return [Pattern(key, (), Frequency.MONTHLY, number, weekdays, (ordinal,)) for key, ordinal in options]


def _singles(told: Findings) -> list[Pattern]:
    found: list[list[date]] = [[]]
    for each in told.all("days", "relative"):
        if each.kind == "relative":
            options = told.tried(each, bounds.told_from_today, each.value, told.place.today)
            found = [[*days, option] for days in found for option in options]
        elif each.value[1]:
            days = told.tried(each, all_resolved, each.value[0], told.place.today)
            found = [[*before, day] for before in found for day in days]
        else:
            days = told.tried(each, all_resolved, each.value[0], told.place.today)
            found = [[*before, *days] for before in found] if days else []
        if not found or len(found) > MOST_READINGS:
            return []
    patterns = [Pattern(f"day{number}", tuple(sorted(set(days)))) for number, days in enumerate(found) if days]
    if not patterns:
        told.ask("range" if told.all("from") and told.all("until") else "day")
    elif told.all("from", "until", "within", "lasting"):
        told.ask("rhythm", told.all("from", "until", "within", "lasting")[0])
    return patterns


def all_resolved(days: Iterable[DayOfYear], since: date) -> list[date]:
    """In a list, a year that stands behind the last date is that of the others as well."""
    listed = list(days)
    year = listed[-1].year
    return [bounds.resolved(day, since, latest=date(year, 12, 31) if year else None) for day in listed]


def latest_of(told: Findings) -> date | None:
    """The day until which a series goes, where it was written with its year."""
    until = next((each.value for each in told.all("until")), None)
    if isinstance(until, Bound) and isinstance(until.value, DayOfYear) and until.value.year:
        try:
            return bounds.resolved(until.value, told.place.today)
        except (NotReadable, ValueError):
            return None
    return None
