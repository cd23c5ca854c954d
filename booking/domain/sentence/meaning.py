"""From the phrases of a wish to what they mean together: its readings, side by side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from booking.domain.days_off import days_off_near
from booking.domain.recurrence import LAST_DAY, MOST_DATES, Frequency, RecurrenceRule, RuleError
from booking.domain.sentence import bounds
from booking.domain.sentence.bounds import Locality
from booking.domain.sentence.findings import Findings
from booking.domain.sentence.patterns import MOST_READINGS, Pattern, all_resolved, latest_of, patterns_of
from booking.domain.sentence.stream import PhraseFound
from booking.domain.slot import WeekdayTimes
from booking.domain.typed import NotReadable

_DAY = timedelta(days=1)
#: What is asked back where a rule cannot be, by its code; the rhythm where it is none of these.
_ASKED = {"until_before_start": "until", "too_many": "until", "count": "count", "day": "day"}


@dataclass(frozen=True, slots=True)
class Meant:
    """One reading. ``ends`` midnight is the end of the day; ``key`` tells it from the others."""

    rule: RecurrenceRule
    key: str = ""
    begins: time | None = None
    ends: time | None = None
    others: tuple[WeekdayTimes, ...] = ()
    leave_out: tuple[str, ...] = ()
    days: tuple[date, ...] = ()


def meanings(told: Findings, times: Iterable[tuple[time | None, time | None, tuple[WeekdayTimes, ...]]]) -> list[Meant]:
    """All that the days and times can mean, each once; none where no day can be told."""
    found: dict[Any, Meant] = {}
    times = list(times)
    for pattern in patterns_of(told):
        for rule, leave_out, key in _rules(told, pattern):
            days = _kept(rule, leave_out, told.place)
            if not days:
                told.ask("left_out")
                continue
            for begins, ends, others in times:
                seen = (days, rule.is_open, begins, ends)
                found.setdefault(seen, Meant(rule, key, begins, ends, others, leave_out, days))
    meant = list(found.values())
    if len(meant) > MOST_READINGS:
        told.ask("rhythm")
        return []
    return meant


def _kept(rule: RecurrenceRule, leave_out: tuple[str, ...], place: Locality) -> tuple[date, ...]:
    days = rule.days()
    if leave_out and days:
        off = days_off_near(place.today, days[0], days[-1], place.country, place.subdivision, "de")
        days = [day for day in days if not off.left_out(day, leave_out)]
    return tuple(days)


def _rules(told: Findings, pattern: Pattern) -> Iterator[tuple[RecurrenceRule, tuple[str, ...], str]]:
    leave_out = _leave_out(told)
    if pattern.singles:
        first, *more = pattern.singles
        count = told.one("count")
        if count and count.value != len(pattern.singles):
            told.ask("count", count)
        rule = RecurrenceRule(first, Frequency.SINGLE, extra_dates=frozenset(more))
        yield from ((each, leave_out, pattern.key) for each in _changed(told, rule))
        return
    for since in _starts(told, pattern):
        start = pattern.first(since)
        for until, times in _ends(told, start):
            try:
                rule = RecurrenceRule(
                    start, pattern.freq, pattern.interval, pattern.weekdays, pattern.ordinals, until, times
                )
            except RuleError as fault:
                told.ask(_ASKED.get(fault.code, "rhythm"), *told.all("until")[:1])
                continue
            for changed in _changed(told, rule):
                if _has_its_number(told, changed):
                    yield changed, leave_out, pattern.key


def _leave_out(told: Findings) -> tuple[str, ...]:
    school = told.all("term") or [each for each in told.all("without_break") if not each.value]
    holiday = told.all("without_holidays")
    return (*(["holiday"] if holiday else []), *(["school"] if school else []))


def _starts(told: Findings, pattern: Pattern) -> list[date]:
    start = told.one("from", "from_after", code="from")
    days = told.all("days")
    if start is None and len(days) == 1 and len(days[0].value[0]) == 1:
        found = told.tried(days[0], all_resolved, days[0].value[0], told.place.today)
        if found and pattern.first(found[0]) != found[0]:
            told.ask("rhythm", days[0])
            return []
        return found
    if days and pattern.weekdays:
        told.ask("rhythm", days[0])
        return []
    relative = told.one("relative")
    if relative:
        told.ask("rhythm", relative)
        return []
    if start:
        is_after = start.kind == "from_after"
        return told.tried(start, bounds.first_days, start.value, told.place, latest_of(told), after=is_after)
    within = told.one("within")
    if within:
        period = bounds.months_within(within.value, told.place.today)
        return [max(period[0], told.earliest)] if period else told.tried(within, list)
    if pattern.interval > 1 and not told.all("from_now"):
        told.ask("from")
    return [told.earliest]


def _ends(told: Findings, start: date) -> list[tuple[date | None, int | None]]:
    until, count, lasting = told.one("until", code="until"), told.one("count"), told.one("lasting")
    within = told.one("within")
    if until:
        month = [each for each in told.all("from") if each.value.kind in ("month", "next_month")]
        last = told.tried(until, bounds.last_days, until.value, told.place, start, whole_month=bool(month))
        return [(min(day, LAST_DAY), None) for day in last]
    if within:
        period = bounds.months_within(within.value, told.place.today)
        return [(period[1], None)] if period else []
    if lasting:
        return [(day, None) for day in told.tried(lasting, _last_of, start, *lasting.value)]
    if count:
        if not 1 <= count.value <= MOST_DATES:
            told.ask("count", count)
            return []
        return [(None, count.value)]
    told.ask("until")
    return [(None, None)]


def _last_of(start: date, number: int, unit: str) -> list[date]:
    """The last day of so many weeks, months or years."""
    if unit == "week":
        return [start + timedelta(weeks=number) - _DAY]
    return [start + relativedelta(months=number * (12 if unit == "year" else 1)) - _DAY]


def _has_its_number(told: Findings, rule: RecurrenceRule) -> bool:
    """Whether there are as many dates as was written beside an end; extra ones are not among them."""
    count = told.one("count")
    if count is None or not told.all("until", "within", "lasting"):
        return True
    if len(set(rule.days()) - rule.extra_dates) == count.value:
        return True
    told.ask("count", count, len(rule.days()))
    return False


def _changed(told: Findings, rule: RecurrenceRule) -> list[RecurrenceRule]:
    """The rule with what is left out of it and added to it; none where that cannot be told."""
    days = rule.days()
    first, last = days[0], days[-1]
    try:
        for each in told.all("without_days", "with_days"):
            found = told.tried(each, _among, each, days, first, last)
            if not found:
                return []
            rule = rule.without(found) if each.kind == "without_days" else rule.with_extra(found)
        left = [
            day
            for each in told.all("without_month", "without_break", "without_feast")
            for day in _in_period(told, each, days)
        ]
        return [rule.without(left)] if left else [rule]
    except RuleError:
        told.ask("left_out")
        return []


def _among(phrase: PhraseFound, days: list[date], first: date, last: date) -> list[date]:
    """The days of a list; without a year those between the first and the last date, each of which has to be one."""
    found = []
    for day in phrase.value:
        years = [day.year] if day.year else range(first.year, last.year + 1)
        options = []
        for year in years:
            try:
                options.append(bounds.resolved(day._replace(year=year), first))
            except NotReadable as fault:
                if fault.code == "weekday_clash" and len(list(years)) == 1 or day.year:
                    raise
        inside = options if day.year else [each for each in options if first <= each <= last]
        if phrase.kind == "without_days":
            inside = [each for each in inside if each in days]
        if len(inside) != 1:
            return []
        found += inside
    return found


def _in_period(told: Findings, phrase: PhraseFound, days: list[date]) -> list[date]:
    if phrase.kind == "without_month":
        return [day for day in days if day.month == phrase.value]
    if phrase.kind == "without_feast":
        told.ask("left_out", phrase)
        return []
    if not phrase.value:
        return []  # all of them: what is left out says that
    found = [each for each in bounds.vacations(told.place, days[0], days[-1]) if bounds.is_called(each, phrase.value)]
    if not found:
        told.ask("left_out", phrase)
    return [day for day in days if any(each.first <= day <= each.last for each in found)]
