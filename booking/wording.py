"""How days, times and rules are said, the same everywhere: in forms, letters, on the group's page and the team's.

The language ("de" or "en") is an argument, since a letter goes out in the
group's language whoever causes it. Sentences come from the catalogue, so this
is the one place that puts dates into words.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names
from babel.support import NullTranslations, Translations

from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.slot import Slot
from booking.models import Booking, Occurrence, Room

TRANSLATIONS = Path(__file__).parent / "translations"


@lru_cache
def words(language: str) -> NullTranslations:
    """The catalogue of one language; English needs none."""
    return Translations.load(str(TRANSLATIONS), [language]) if language != "en" else NullTranslations()


@lru_cache
def _names(language: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Weekdays in short and in full, from Monday, and the months."""
    short = get_day_names("abbreviated", locale=language)
    wide = get_day_names("wide", locale=language)
    months = get_month_names("wide", locale=language)
    return (
        tuple(short[n].rstrip(".") for n in range(7)),
        tuple(wide[n] for n in range(7)),
        tuple(months[n] for n in range(1, 13)),
    )


def reasons(language: str) -> dict[str, str]:
    """Why a date is not possible: the sentences that groups read, by their codes."""
    text = words(language)
    return {
        "taken": text.gettext("The room is already taken at that time."),
        "closed": text.gettext("The house is closed that day."),
        "access": text.gettext("We can't provide access to the house at that time."),
        "size": text.gettext("Our rooms are too small for your group."),
        "profile": text.gettext(
            "We offer the rooms mainly to groups working on innovations for the common good in Bielefeld."
            " Your plan unfortunately doesn't fit."
        ),
        "short_notice": text.gettext("That is too short notice for us."),
        "own_need": text.gettext("We need the room ourselves that day."),
    }


def reason_in(sentence: str, language: str) -> str:
    """One of these sentences in another language; what the team wrote itself stays as it is."""
    for known in ("de", "en"):
        for code, told in reasons(known).items():
            if told == sentence:
                return reasons(language)[code]
    return sentence


def day_and_month(day: date, language: str) -> str:
    """8. Dezember"""
    month = _names(language)[2][day.month - 1]
    return f"{day.day}. {month}" if language == "de" else f"{day.day} {month}"


def full_date(day: date, language: str) -> str:
    """8. Dezember 2026"""
    return f"{day_and_month(day, language)} {day.year}"


def weekday(day: date, language: str) -> str:
    """Dienstag"""
    return _names(language)[1][day.weekday()]


def _with(name: str, rest: str, language: str) -> str:
    return f"{name}, {rest}" if language == "de" else f"{name} {rest}"


def short_day(day: date, language: str) -> str:
    """Di, 8. Dezember"""
    return _with(_names(language)[0][day.weekday()], day_and_month(day, language), language)


def day(day: date, language: str) -> str:
    """Di, 8. Dezember 2026"""
    return f"{short_day(day, language)} {day.year}"


def long_day(day: date, language: str) -> str:
    """Dienstag, 8. Dezember 2026"""
    return _with(weekday(day, language), full_date(day, language), language)


def clock(at: time | datetime) -> str:
    """19:00"""
    return f"{at:%H:%M}"


def span(slot: Slot, zone: ZoneInfo, language: str) -> str:
    """19:00 bis 21:00 Uhr"""
    return times(slot.start.astimezone(zone).time(), slot.end.astimezone(zone).time(), language)


def times(begins: time, ends: time, language: str) -> str:
    """19:00 bis 21:00 Uhr"""
    return words(language).gettext("%(begins)s to %(ends)s") % {"begins": clock(begins), "ends": clock(ends)}


def date_line(occurrence: Occurrence, zone: ZoneInfo, language: str) -> str:
    """Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche"""
    return place_line(occurrence.room, occurrence.slot, zone, language)


def place_line(room: Room, slot: Slot, zone: ZoneInfo, language: str) -> str:
    """Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche"""
    local = slot.start.astimezone(zone).date()
    return f"{day(local, language)}, {span(slot, zone, language)}, {room.name}"


def short_line(occurrence: Occurrence, zone: ZoneInfo, language: str) -> str:
    """Di, 8. Dezember, 19:00 bis 21:00 Uhr, Große Fläche"""
    local = occurrence.start.astimezone(zone).date()
    return f"{short_day(local, language)}, {span(occurrence.slot, zone, language)}, {occurrence.room.name}"


def last_day(end: datetime, zone: ZoneInfo) -> date:
    """The day until which something holds that is over at ``end``: midnight belongs to the day before."""
    return (end - timedelta(seconds=1)).astimezone(zone).date()


class Elsewhere(Protocol):
    """Another time or room for a date, such as a ``Change``."""

    @property
    def room(self) -> Room: ...
    @property
    def slot(self) -> Slot: ...
    @property
    def former_room(self) -> Room: ...
    @property
    def former_slot(self) -> Slot: ...


def change_line(change: Elsewhere, zone: ZoneInfo, language: str) -> str:
    """Di, 8. Dezember 2026: 18:00 bis 20:00 Uhr statt 19:00 bis 21:00 Uhr, Werkstatt

    Only what differs is told twice: another room stands as "Werkstatt statt Große Fläche".
    """
    local = change.slot.start.astimezone(zone).date()
    new, old = span(change.slot, zone, language), before_line(change, zone, language)
    instead = words(language).gettext("%(new)s instead of %(old)s")
    if local != change.former_slot.start.astimezone(zone).date():
        return instead % {"new": place_line(change.room, change.slot, zone, language), "old": old}
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


def office_hours(hours: Mapping[int, tuple[time, time]], language: str) -> str:
    """montags bis freitags zwischen 9 und 17 Uhr"""
    runs = []
    in_a_row = groupby(enumerate(sorted(hours)), key=lambda entry: (entry[1] - entry[0], hours[entry[1]]))
    for (_, span), entries in in_a_row:
        run = [weekday for _, weekday in entries]
        first, last = (weekday(a_day(n), language) for n in (run[0], run[-1]))
        begins, ends = map(hour, span)
        if language == "de":
            name = f"{first.lower()}s bis {last.lower()}s" if len(run) > 1 else f"{first.lower()}s"
            runs.append(f"{name} zwischen {begins} und {ends} Uhr")
        else:
            name = f"{first} to {last}" if len(run) > 1 else first
            runs.append(f"{name} between {begins} and {ends}")
    return ", ".join(runs)


def hour(at: time) -> str:
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


def ordinal(number: int, language: str) -> str:
    """zweiten, as in "am zweiten Dienstag"; -1 is the last."""
    text = words(language)
    return str(
        {
            1: text.pgettext("on the … Tuesday", "first"),
            2: text.pgettext("on the … Tuesday", "second"),
            3: text.pgettext("on the … Tuesday", "third"),
            4: text.pgettext("on the … Tuesday", "fourth"),
            5: text.pgettext("on the … Tuesday", "fifth"),
            -1: text.pgettext("on the … Tuesday", "last"),
        }[number]
    )


def ordinal_name(number: int, language: str) -> str:
    """zweite, as in "der zweite Dienstag"; -1 is the last."""
    text = words(language)
    return str(
        {
            1: text.pgettext("the … Tuesday", "first"),
            2: text.pgettext("the … Tuesday", "second"),
            3: text.pgettext("the … Tuesday", "third"),
            4: text.pgettext("the … Tuesday", "fourth"),
            5: text.pgettext("the … Tuesday", "fifth"),
            -1: text.pgettext("the … Tuesday", "last"),
        }[number]
    )


def _number(number: int, language: str) -> str:
    """zwei, drei, vier; in figures from five on."""
    text = words(language)
    return {2: text.gettext("two"), 3: text.gettext("three"), 4: text.gettext("four")}.get(number, str(number))


def rhythm(rule: RecurrenceRule, language: str) -> str:
    """Jeden Mittwoch; Alle zwei Wochen am Dienstag; Immer am zweiten Dienstag im Monat; Einmal"""
    text = words(language)
    on = {"days": joined([_names(language)[1][n] for n in rule.weekdays], language)}
    if rule.freq is Frequency.SINGLE:
        number = len(rule.days())
        return text.gettext("Once") if number == 1 else text.gettext("On %(number)d single dates") % {"number": number}
    if rule.freq is Frequency.WEEKLY:
        if rule.interval == 1:
            return text.gettext("Every %(days)s") % on
        return text.gettext("Every %(number)s weeks on %(days)s") % {**on, "number": _number(rule.interval, language)}
    on["ordinals"] = joined([ordinal(n, language) for n in sorted(rule.ordinals, key=lambda n: n % 7)], language)
    if rule.interval == 1:
        return text.gettext("On the %(ordinals)s %(days)s of each month") % on
    on["number"] = _number(rule.interval, language)
    return text.gettext("Every %(number)s months on the %(ordinals)s %(days)s") % on


def rule_sentence(
    rule: RecurrenceRule, begins: time, minutes: int, days: Sequence[date], language: str, *, is_open: bool = False
) -> str:
    """Immer am zweiten Dienstag im Monat, 19:00 bis 21:00 Uhr, vom 8. Dezember 2026 bis 8. Juni 2027 (7 Termine)

    ``days`` are the dates that count, at least one; an open rule has no last one.
    """
    text = words(language)
    ends = (datetime.combine(date.min, begins) + timedelta(minutes=minutes)).time()
    first, last = days[0], days[-1]
    parts = {
        "rhythm": rhythm(rule, language),
        "times": times(begins, ends, language),
        "day": day(first, language),
        "first": day_and_month(first, language) if first.year == last.year else full_date(first, language),
        "last": full_date(last, language),
        "start": full_date(first, language),
        "number": len(days),
    }
    if is_open:
        return text.gettext("%(rhythm)s, %(times)s, from %(start)s on") % parts
    if rule.freq is Frequency.SINGLE:
        if len(days) == 1:
            return text.gettext("%(rhythm)s, %(day)s, %(times)s") % {**parts, "rhythm": text.gettext("Once")}
        parts["rhythm"] = text.gettext("On %(number)d single dates") % parts
        return text.gettext("%(rhythm)s, %(times)s, from %(first)s to %(last)s") % parts
    return (
        text.ngettext(
            "%(rhythm)s, %(times)s, %(day)s (%(number)d date)",
            "%(rhythm)s, %(times)s, from %(first)s to %(last)s (%(number)d dates)",
            len(days),
        )
        % parts
    )


def booking_sentence(booking: Booking, zone: ZoneInfo, language: str, starts: Sequence[datetime] | None = None) -> str:
    """The sentence of a stored booking: its rule, and the dates it asked for, at the times these really have.

    ``starts``: when its dates were to begin, where that has been read already.
    """
    if starts is None:
        starts = [occurrence.original_start for occurrence in booking.occurrences]
    days = sorted(start.astimezone(zone).date() for start in starts)
    begins, minutes = booking.begins, booking.minutes
    slots = [Slot.on(day, begins, minutes, zone) for day in days]
    real = {(slot.start.astimezone(zone).time(), slot.wall_minutes(zone)) for slot in slots}
    if len(real) == 1:  # else most are as the rule says
        [(begins, minutes)] = real
    return rule_sentence(booking.recurrence_rule, begins, minutes, days, language)


def in_short(booking: Booking, zone: ZoneInfo, language: str) -> str:
    """Days and times of the dates as they were asked for: Mi 16–18 Uhr, 25 Termine; Di, 8. Dezember, 19–21 Uhr.

    The times are those of most of the dates.
    """
    starts = [(each.original_start, each.end - each.start) for each in booking.occurrences]
    slots = [(start.astimezone(zone), (start + length).astimezone(zone)) for start, length in starts]
    [((begins, ends), _)] = Counter((start.time(), end.time()) for start, end in slots).most_common(1)
    hours = f"{hour(begins)}–{hour(ends)} Uhr" if language == "de" else f"{clock(begins)}–{clock(ends)}"
    if len(slots) == 1:
        return f"{short_day(slots[0][0].date(), language)}, {hours}"
    days = "/".join(_names(language)[0][n] for n in sorted({start.weekday() for start, _ in slots}))
    number = words(language).ngettext("%(num)d date", "%(num)d dates", len(slots)) % {"num": len(slots)}
    return f"{days} {hours}, {number}"
