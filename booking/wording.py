"""How days, times and rules are said, the same everywhere: in forms, letters, on the group's page and the team's.

The language (a code of ``languages``) is an argument, since a letter goes out
in the group's language whoever causes it. Sentences come from the catalogue,
names and order of days from Babel, so this is the one place that puts dates
into words.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby, pairwise
from types import MappingProxyType
from typing import Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_date

from booking.catalogues import words
from booking.domain.policy import Hours
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.slot import HasTimeAround, Slot, WeekdayTimes, times_of_weekdays, usual_times, wall_end
from booking.domain.status import GOING_ON, Dated
from booking.languages import LANGUAGES
from booking.models import Booking, Room

#: More dates that differ from a rule are counted and not named.
MOST_NAMED = 4


@lru_cache(4096)
def by_pattern(day: date, pattern: str, language: str) -> str:
    """A day by one of Babel's patterns, in which ``D`` is the day of the month and ``-`` what follows a weekday."""
    about = LANGUAGES[language]
    pattern = pattern.replace("D", about.day_of_month).replace("-", about.after_weekday)
    return format_date(day, pattern, locale=language)


def _said(pattern: str) -> Callable[[date, str], str]:
    return lambda day, language: by_pattern(day, pattern, language)


day_and_month = _said("D MMMM")  # 8. Dezember
full_date = _said("D MMMM y")  # 8. Dezember 2026
weekday = _said("cccc")  # Dienstag
short_weekday = _said("ccc")  # Di
short_day = _said("ccc-D MMMM")  # Di, 8. Dezember
day = _said("ccc-D MMMM y")  # Di, 8. Dezember 2026
plain_day = _said("cccc-D MMMM")  # Dienstag, 8. Dezember
long_day = _said("cccc-D MMMM y")  # Dienstag, 8. Dezember 2026
month_name = _said("MMMM")  # Dezember
month = _said("MMMM y")  # Dezember 2026


def clock(at: time | datetime) -> str:
    """19:00"""
    return f"{at.hour:02}:{at.minute:02}"


def clock_in_sentence(at: time | datetime) -> str:
    """9:00"""
    return f"{at.hour}:{at:%M}"


def span(slot: Slot, zone: ZoneInfo, language: str) -> str:
    """19:00 bis 21:00 Uhr"""
    return times(slot.start.astimezone(zone).time(), slot.end.astimezone(zone).time(), language)


def times(begins: time, ends: time, language: str) -> str:
    """19:00 bis 21:00 Uhr"""
    return words(language).gettext("%(begins)s to %(ends)s") % {"begins": clock(begins), "ends": clock(ends)}


class Named(Protocol):
    """A room, as a row of the table or of a statement."""

    @property
    def name(self) -> str: ...


class Placed(Protocol):
    """Where and when something is: a date, a change of it, or a way out."""

    @property
    def room(self) -> Named: ...
    @property
    def slot(self) -> Slot: ...


class Elsewhere(Placed, Protocol):
    """Another time or room for a date, such as a ``Change``."""

    @property
    def former_room(self) -> Room: ...
    @property
    def former_slot(self) -> Slot: ...


def date_line(place: Placed, zone: ZoneInfo, language: str, in_words: Callable[[date, str], str] = day) -> str:
    """Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche"""
    local = place.slot.start.astimezone(zone).date()
    return f"{in_words(local, language)}, {span(place.slot, zone, language)}, {place.room.name}"


def times_around(date: HasTimeAround, zone: ZoneInfo, language: str) -> str:
    """Einlass 18:30 Uhr · Aufbau ab 18:00 Uhr · Aufräumen bis 21:30 Uhr; empty where there is the meeting alone."""
    if not (date.doors or date.before_minutes or date.after_minutes):
        return ""
    text = words(language)
    told = {
        text.gettext("Doors %(time)s"): date.doors,
        text.gettext("Set-up from %(time)s"): date.occupied.start if date.before_minutes else None,
        text.gettext("Tidying until %(time)s"): date.occupied.end if date.after_minutes else None,
    }
    return " · ".join(said % {"time": clock(at.astimezone(zone))} for said, at in told.items() if at)


def last_day(end: datetime, zone: ZoneInfo) -> date:
    """The day until which something holds that is over at ``end``: midnight belongs to the day before."""
    return (end - timedelta(seconds=1)).astimezone(zone).date()


def change_line(change: Elsewhere, zone: ZoneInfo, language: str) -> str:
    """Di, 8. Dezember 2026: 18:00 bis 20:00 Uhr statt 19:00 bis 21:00 Uhr, Werkstatt

    Only what differs is told twice: another room stands as "Werkstatt statt Große Fläche".
    """
    local = change.slot.start.astimezone(zone).date()
    new, old = span(change.slot, zone, language), before_line(change, zone, language)
    instead = words(language).gettext("%(new)s instead of %(old)s")
    if local != change.former_slot.start.astimezone(zone).date():
        return instead % {"new": date_line(change, zone, language), "old": old}
    if change.slot == change.former_slot:
        return f"{day(local, language)}, {new}: {instead % {'new': change.room.name, 'old': old}}"
    if change.room == change.former_room:
        return f"{day(local, language)}: {instead % {'new': new, 'old': old}}, {change.room.name}"
    return f"{day(local, language)}: {instead % {'new': f'{new}, {change.room.name}', 'old': old}}"


def before_line(change: Elsewhere, zone: ZoneInfo, language: str) -> str:
    """What was before, as far as it differs: Große Fläche; 19:00 bis 21:00 Uhr; or the whole line of another day."""
    if change.slot == change.former_slot:
        return change.former_room.name
    former_day = change.former_slot.start.astimezone(zone).date()
    parts = [span(change.former_slot, zone, language)]
    if former_day != change.slot.start.astimezone(zone).date():
        parts.insert(0, day(former_day, language))
    if change.room != change.former_room:
        parts.append(change.former_room.name)
    return ", ".join(parts)


def office_hours(hours: Hours, language: str) -> str:
    """montags bis freitags zwischen 9 und 12 Uhr und zwischen 13 und 17 Uhr"""
    text = words(language)
    between = text.gettext("between %(begins)s and %(ends)s")
    runs = []
    for days, spans in days_alike(hours, _weekly, language):
        told = [between % {"begins": bare_hour(begins), "ends": bare_hour(ends)} for begins, ends in spans]
        runs.append(f"{days} {joined(told, language)}")
    return ", ".join(runs)


def days_alike(
    hours: Hours, name: Callable[[date, str], str], language: str, *, shortest_run: int = 2
) -> Iterator[tuple[str, tuple[tuple[time, time], ...]]]:
    """Weekdays that follow each other with the same hours, in words: Montag bis Freitag; Montag und Mittwoch.

    From ``shortest_run`` days in a row on, only the first and the last are named.
    """
    for times, run in groupby(sorted(hours.items()), key=lambda entry: entry[1]):
        numbers = [number for number, _ in run]
        names = [name(a_day(number), language) for number in numbers]
        if len(names) >= shortest_run and numbers[-1] - numbers[0] == len(names) - 1:
            yield words(language).gettext("%(first)s to %(last)s") % {"first": names[0], "last": names[-1]}, times
        else:
            yield joined(names, language), times


def _weekly(day: date, language: str) -> str:
    return LANGUAGES[language].weekly[day.weekday()]


def hours_span(begins: time, ends: time, language: str) -> str:
    """9 bis 16:30 Uhr, for hours rather than dates"""
    both = {"begins": hour(begins, language), "ends": hour(ends, language)}
    return words(language).gettext("%(begins)s to %(ends)s") % both


def short_hours(spans: Iterable[tuple[time, time]], language: str, *, dash: str = "–") -> str:
    """9–16, 18–22 Uhr, where there is little room"""
    times = ", ".join(f"{hour(begins, language)}{dash}{hour(ends, language)}" for begins, ends in spans)
    return str(words(language).pgettext("by the clock", "%(times)s")) % {"times": times}


def hour(at: time, language: str) -> str:
    """16 or 16:30; in English 16:00"""
    return bare_hour(at) if LANGUAGES[language].has_bare_hours else clock(at)


def bare_hour(at: time) -> str:
    """16 or 16:30"""
    return f"{at.hour}:{at.minute:02}" if at.minute else str(at.hour)


def a_day(weekday: int) -> date:
    """Some day that falls on this weekday."""
    return date(2026, 1, 5) + timedelta(days=weekday)


def joined(parts: Sequence[str], language: str) -> str:
    """Montag, Mittwoch und Freitag"""
    if len(parts) < 2:
        return "".join(parts)
    both = {"first": ", ".join(parts[:-1]), "last": parts[-1]}
    return words(language).gettext("%(first)s and %(last)s") % both


def ordinal_name(number: int, language: str) -> str:
    """zweite, as in "der zweite Dienstag"; -1 is the last."""
    return LANGUAGES[language].the[number]


def _number(number: int, language: str) -> str:
    """zwei, drei, vier; in figures from five on."""
    in_words = LANGUAGES[language].numbers
    return in_words[number] if number < len(in_words) else str(number)


def every(freq: Frequency, interval: int, language: str) -> str:
    """jede Woche; alle drei Monate"""
    text = words(language)
    if interval == 1:
        return text.gettext("every week") if freq is Frequency.WEEKLY else text.gettext("every month")
    many = (
        text.gettext("every %(number)s weeks") if freq is Frequency.WEEKLY else text.gettext("every %(number)s months")
    )
    return many % {"number": _number(interval, language)}


def rhythm(rule: RecurrenceRule, language: str) -> str:
    """Jeden Mittwoch; Alle zwei Wochen am Dienstag; Immer am zweiten Dienstag im Monat; Einmal"""
    text = words(language)
    on = {"days": joined([weekday(a_day(n), language) for n in rule.weekdays], language)}
    if rule.freq is Frequency.SINGLE:
        number = len(rule.days())
        return text.gettext("Once") if number == 1 else text.gettext("On %(number)d single dates") % {"number": number}
    if rule.freq is Frequency.WEEKLY:
        if rule.interval == 1:
            return text.gettext("Every %(days)s") % on
        return text.gettext("Every %(number)s weeks on %(days)s") % {**on, "number": _number(rule.interval, language)}
    on["ordinals"] = joined(
        [LANGUAGES[language].on_the[n] for n in sorted(rule.ordinals, key=lambda n: n % 7)], language
    )
    if rule.interval == 1:
        return text.gettext("On the %(ordinals)s %(days)s of each month") % on
    on["number"] = _number(rule.interval, language)
    return text.gettext("Every %(number)s months on the %(ordinals)s %(days)s") % on


def rule_sentence(
    rule: RecurrenceRule,
    begins: time,
    minutes: int,
    days: Sequence[date],
    language: str,
    *,
    others: Iterable[WeekdayTimes] = (),
    is_open: bool = False,
    times_of: Mapping[date, tuple[time, int]] = MappingProxyType({}),
) -> str:
    """Immer am zweiten Dienstag im Monat, 19:00 bis 21:00 Uhr, vom 8. Dezember 2026 bis 8. Juni 2027 (7 Termine)

    ``days`` are the dates that take place, at least one; an open rule has no last
    one. What differs from the rule is told too (", außer am 12. Januar"); where no
    date follows it, they are single dates. ``others``: weekdays with times of their own. ``times_of``: when days really
    are, as start and minutes, where that may differ.
    """
    text = words(language)
    pattern = set(rule.pattern(days[-1]))
    regular = [day for day in days if day in pattern]
    is_series = rule.freq is not Frequency.SINGLE and bool(regular)
    regular = regular if is_series else list(days)
    first, last = regular[0], regular[-1]
    parts = {
        "rhythm": rhythm(rule, language),
        "times": series_times(rule, begins, minutes, others if is_series or is_open else (), language),
        "day": day(first, language),
        "first": day_and_month(first, language) if first.year == last.year else full_date(first, language),
        "last": full_date(last, language),
        "start": full_date(first, language),
        "number": len(regular),
    }
    if is_open:
        sentence = text.gettext("%(rhythm)s, %(times)s, from %(start)s on") % parts
    elif is_series:
        sentence = text.ngettext(
            "%(rhythm)s, %(times)s, %(day)s (%(number)d date)",
            "%(rhythm)s, %(times)s, from %(first)s to %(last)s (%(number)d dates)",
            len(regular),
        )
        sentence %= parts
    elif len(days) == 1:
        return text.gettext("%(rhythm)s, %(day)s, %(times)s") % {**parts, "rhythm": text.gettext("Once")}
    else:
        parts["rhythm"] = text.gettext("On %(number)d single dates") % parts
        sentence = text.gettext("%(rhythm)s, %(times)s, from %(first)s to %(last)s") % parts
    missing = [day for day in sorted(pattern.difference(days)) if first < day < last] if is_series else []
    added = [day for day in days if day not in regular]
    said = {each.weekday: (each.begins, each.minutes) for each in others if is_series or is_open}
    usual = begins, minutes
    moved = [day for day in regular if times_of.get(day, usual) not in (usual, said.get(day.weekday()))]
    return sentence + _deviations((missing, added, moved), first, last, language)


def series_times(
    rule: RecurrenceRule, begins: time, minutes: int, others: Iterable[WeekdayTimes], language: str
) -> str:
    """19:00 bis 21:00 Uhr; montags 18:00 bis 20:00 Uhr und donnerstags 09:00 bis 11:00 Uhr"""
    parts = [
        (joined([_weekly(a_day(n), language) for n in numbers], language), times(at, wall_end(at, length), language))
        for (at, length), numbers in _by_times(rule.weekdays, begins, minutes, others)
    ]
    return parts[0][1] if len(parts) < 2 else joined([f"{days} {said}" for days, said in parts], language)


def _by_times(
    weekdays: Iterable[int], begins: time, minutes: int, others: Iterable[WeekdayTimes]
) -> list[tuple[tuple[time, int], list[int]]]:
    """Weekdays by the times that they have, in the order of the week."""
    own = {each.weekday: (each.begins, each.minutes) for each in others}
    found: dict[tuple[time, int], list[int]] = {}
    for number in sorted(weekdays):
        found.setdefault(own.get(number, (begins, minutes)), []).append(number)
    return list(found.items()) or [((begins, minutes), [])]


def _deviations(kinds: Sequence[Sequence[date]], first: date, last: date, language: str) -> str:
    """What differs from a rule that has named two dates: ", außer am 7. und 14. April, dazu am 23. April"."""
    text, number = words(language), sum(map(len, kinds))
    if number > MOST_NAMED:
        return text.ngettext(", with %(number)d exception", ", with %(number)d exceptions", number) % {"number": number}
    told = [text.gettext(", except on %(days)s"), text.gettext(", and also on %(days)s")]
    told.append(text.gettext(", at another time on %(days)s"))
    named = [days and _days_and_months(days, first, last, language) for days in kinds]
    return "".join(said % {"days": days} for said, days in zip(told, named, strict=True) if days)


def _days_and_months(days: Sequence[date], first: date, last: date, language: str) -> str:
    """7. und 14. April: each month is named once, and the year where a day could be one of another."""
    named = []
    for each, after in pairwise([*days, days[-1] + timedelta(days=31)]):
        is_only = first <= each <= last and last - first < timedelta(days=365)
        is_same = f"{each:%Y-%m}" == f"{after:%Y-%m}" and first <= after <= last
        named.append(by_pattern(each, ("D" if is_same else "D MMMM") if is_only else "D MMMM y", language))
    return joined(named, language)


def booking_sentence(booking: Booking, zone: ZoneInfo, language: str, dates: Sequence[Dated] | None = None) -> str:
    """The sentence of a stored booking: its rule, and the dates it asked for, at the times that most of them have.

    ``dates``: all of them, where they have been read already.
    """
    every = booking.occurrences if dates is None else dates
    return sentence_of_dates(booking.recurrence_rule, every, zone, language)


def sentence_of_dates(rule: RecurrenceRule, dates: Sequence[Dated], zone: ZoneInfo, language: str) -> str:
    """The same where its rule and dates have been read as plain rows."""
    going_on = [each for each in dates if each.status in GOING_ON]
    return _sentence(rule, tuple([(each.start, each.end) for each in going_on or dates]), zone, language)


@lru_cache(256)  # a list says dozens, each time that somebody looks
def _sentence(rule: RecurrenceRule, times: tuple[tuple[datetime, datetime], ...], zone: ZoneInfo, language: str) -> str:
    slots = [Slot(*each) for each in times]
    others = times_of_weekdays(slots, zone, rule.weekdays)
    local = [(slot.start.astimezone(zone), slot.wall_minutes(zone)) for slot in slots]
    times_of = {start.date(): (start.time(), minutes) for start, minutes in local}
    usual = usual_times(slots, zone)
    return rule_sentence(rule, *usual, sorted(times_of), language, others=others, times_of=times_of)


def in_short(booking: Booking, zone: ZoneInfo, language: str) -> str:
    """Days of the dates and the times of most of them: Mi 16–18 Uhr, 25 Termine; Di, 8. Dezember, 19–21 Uhr."""
    days = [each.original_start.astimezone(zone).date() for each in booking.occurrences]
    begins, minutes = booking.usual_times(zone)
    if len(days) == 1:
        return f"{short_day(days[0], language)}, {short_hours([(begins, wall_end(begins, minutes))], language)}"
    said = [
        f"{'/'.join(short_weekday(a_day(n), language) for n in numbers)}"
        f" {short_hours([(at, wall_end(at, length))], language)}"
        for (at, length), numbers in _by_times(
            {day.weekday() for day in days}, begins, minutes, booking.times_of_weekdays(zone)
        )
    ]
    number = words(language).ngettext("%(num)d date", "%(num)d dates", len(days)) % {"num": len(days)}
    return ", ".join([*said, number])
