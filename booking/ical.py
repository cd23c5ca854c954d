"""Dates as iCalendar (RFC 5545), for the files in letters and for feeds.

Every date is a VEVENT of its own: what counts are the stored dates, and each of
them can be moved or cancelled by itself. A calendar program knows a date by
its UID and takes the higher SEQUENCE, so a later file updates what an earlier
one brought and doubles nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import current_app
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vDuration, vText

from booking import wording
from booking.database import db
from booking.domain.recurrence import WEEKDAY_CODES
from booking.domain.status import PUBLIC, Dated, Status
from booking.languages import LANGUAGES
from booking.models import Booking, House, Occurrence

STATUS = {
    Status.REQUESTED: "TENTATIVE",
    Status.PROPOSED: "TENTATIVE",
    Status.APPROVED: "CONFIRMED",
    Status.DECLINED: "CANCELLED",
    Status.WITHDRAWN: "CANCELLED",
    Status.CANCELLED: "CANCELLED",
}

#: How often programs ask for a feed that say when to ask again. Changes of the next hours are told by letters as well.
REFRESH = timedelta(hours=1)

_HALF_HOUR = timedelta(minutes=30)

#: Years in which a rule by which clocks are set must hold.
RULE_HOLDS = 10

#: What a TEXT value must not hold (RFC 5545 section 3.3.11), and what would break it into lines. The library escapes
#: the rest.
_CONTROL = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029), " ")


class CalendarDate(Dated, Protocol):
    """What a VEVENT tells of a date, whether it is a row of the session or plain values."""

    @property
    def uid(self) -> str: ...
    @property
    def sequence(self) -> int: ...
    @property
    def changed_at(self) -> datetime: ...
    @property
    def room(self) -> Any: ...


class CalendarEntry(NamedTuple):
    """A date with its words, and the path of the page that tells more, without the prefix of a language."""

    date: CalendarDate
    title: str
    description: str
    path: str
    more: Mapping[str, str] = MappingProxyType({})  # further properties


def feed(booking: Booking, language: str) -> str:
    """The confirmed dates of a booking, and those that were, for a program that asks for them again and again."""
    house = db.session.get_one(House, 1)
    entries = [_entry(each, house, language) for each in booking.dates(*PUBLIC)]
    return feed_of(f"{booking.title}, {house.name}", entries, language)


def feed_of(title: str, entries: Iterable[CalendarEntry], language: str) -> str:
    """Dates for a program that asks for them again and again."""
    house = db.session.get_one(House, 1)
    calendar = _calendar(house, language)
    for name in ("name", "x-wr-calname"):  # RFC 7986, section 5.1, and what programs read before it
        calendar.add(name, vText(_plain(title)))
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    return _filled(calendar, entries, house, language)


def objects(occurrences: Collection[Occurrence], language: str) -> list[str]:
    """Dates as objects to be mailed (RFC 5546): one that publishes what takes place, and for each other date one that
    cancels it, as all that a CANCEL holds must have the same UID (section 3.2.5)."""
    house = db.session.get_one(House, 1)
    cancelled = [each for each in occurrences if STATUS[each.status] == "CANCELLED"]
    published = [each for each in occurrences if each not in cancelled]
    made = []
    for method, dates in [("PUBLISH", published)] * bool(published) + [("CANCEL", [each]) for each in cancelled]:
        calendar = _calendar(house, language)
        calendar.add("method", method)
        entries = [_entry(each, house, language) for each in dates]
        made.append(_filled(calendar, entries, house, language, is_mailed=True))
    return made


def _calendar(house: House, language: str) -> Calendar:
    made = Calendar()
    made.add("prodid", f"-//{_plain(house.name)}//{_plain(house.site_name)}//{language.upper()}")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    return made


def _filled(
    calendar: Calendar,
    entries: Iterable[CalendarEntry],
    house: House,
    language: str,
    *,
    is_mailed: bool = False,
) -> str:
    """The calendar with these dates, earliest first, and their zone.

    The addresses in it are public: a calendar is shared more easily than a letter.
    """
    found = sorted(entries, key=lambda entry: (entry.date.start, entry.date.uid))
    if found:
        calendar.add_component(_zone(house.zone, found[0].date.start.year, found[-1].date.end.year))
    whole: bytes = calendar.to_ical()
    around, end, rest = whole.rpartition(b"END:VCALENDAR")
    events = [_event(_told(entry, house, language, is_mailed=is_mailed), house.zone) for entry in found]
    return b"".join([around, *events, end, rest]).decode()


def _entry(occurrence: Occurrence, house: House, language: str) -> CalendarEntry:
    """A date as its group has it in its calendar."""
    around = wording.times_around(occurrence, house.zone, language)
    day = occurrence.start.astimezone(house.zone)
    return CalendarEntry(occurrence, occurrence.booking.title, around, f"/kalender/tag/{day:%Y-%m-%d}")


class EventFacts(NamedTuple):
    """All that a VEVENT says."""

    uid: str
    sequence: int
    changed_at: datetime
    status: str
    start: datetime
    end: datetime
    title: str
    description: str
    location: str
    url: str
    more: tuple[tuple[str, str], ...]
    organizer: tuple[str, str] | None  # name and address


def _told(entry: CalendarEntry, house: House, language: str, *, is_mailed: bool) -> EventFacts:
    public_url, date = current_app.config["PUBLIC_URL"], entry.date
    return EventFacts(
        f"{date.uid}@{urlsplit(public_url).hostname}",
        date.sequence,
        date.changed_at,
        STATUS[date.status],
        date.start,
        date.end,
        entry.title,
        entry.description,
        f"{date.room.name}, {house.name}, {house.address}",
        f"{public_url}{LANGUAGES[language].prefix}{entry.path}",
        tuple(entry.more.items()),
        (house.name, house.email) if is_mailed else None,
    )


@lru_cache(maxsize=4096)
def _event(facts: EventFacts, zone: ZoneInfo) -> bytes:
    """Kept, as the library takes a quarter of a millisecond for each, and feeds tell of the same ones."""
    event = Event()
    event.add("uid", facts.uid)
    event.add("sequence", facts.sequence)
    event.add("dtstamp", facts.changed_at)
    event.add("last-modified", facts.changed_at)
    event.add("status", facts.status)
    event.add("dtstart", facts.start.astimezone(zone))
    event.add("dtend", facts.end.astimezone(zone))
    event.add("summary", _plain(facts.title))
    if facts.description:
        event.add("description", _plain(facts.description))
    event.add("location", _plain(facts.location))
    event.add("url", facts.url)
    for name, value in facts.more:
        event.add(name, vText(_plain(value)))
    if facts.organizer:
        name, address = facts.organizer
        organizer = vCalAddress(f"mailto:{address}")
        organizer.params["CN"] = _plain(name)
        event.add("organizer", organizer)
    made: bytes = event.to_ical()
    return made


def _plain(text: str) -> str:
    return " ".join(text.translate(_CONTROL).split())


# ---- the zone


class Onset(NamedTuple):
    """When clocks are set: the local time at which, by what they showed before (RFC 5545, section 3.6.5)."""

    at: datetime
    before: timedelta  # ahead of UTC
    after: timedelta
    name: str
    is_summer: bool


def _zone(zone: ZoneInfo, first: int, last: int) -> Timezone:
    """A zone as it is in these years.

    Desktop Outlook heeds one STANDARD and one DAYLIGHT, each with a rule. Where no rule tells when clocks are set, each
    onset stands by itself, after what holds at the beginning.
    """
    onsets = [onset for year in range(first - 1, last + RULE_HOLDS) for onset in _onsets(zone, year)]
    kinds = {is_summer: [each for each in onsets if each.is_summer == is_summer] for is_summer in (False, True)}
    rules = {is_summer: _rule(alike) for is_summer, alike in kinds.items()}
    made = Timezone()
    made.add("tzid", zone.key)
    if all(rules.values()):
        for is_summer, alike in kinds.items():
            made.add_component(_observance(alike[0], rules[is_summer]))
        return made
    start = datetime(first - 1, 1, 1, tzinfo=zone)
    offset = start.utcoffset() or timedelta()
    for onset in (Onset(start.replace(tzinfo=None), offset, offset, start.tzname() or "", False), *onsets):
        made.add_component(_observance(onset, {}))
    return made


def _observance(onset: Onset, rule: dict[str, Any]) -> TimezoneStandard | TimezoneDaylight:
    made = TimezoneDaylight() if onset.is_summer else TimezoneStandard()
    made.add("dtstart", onset.at)
    made.add("tzoffsetfrom", onset.before)
    made.add("tzoffsetto", onset.after)
    made.add("tzname", onset.name)
    if rule:
        made.add("rrule", rule)
    return made


def _rule(onsets: Sequence[Onset]) -> dict[str, Any]:
    """The rule by which clocks are set once in each year; empty where there is none."""
    if len({(each.at.month, each.at.weekday(), each.at.time(), *each[1:]) for each in onsets}) != 1:
        return {}
    first = onsets[0].at
    if [each.at.year for each in onsets] != [*range(first.year, first.year + len(onsets))]:
        return {}
    ordinals = {(each.at.day - 1) // 7 + 1 for each in onsets}
    is_last = all((each.at + timedelta(days=7)).month != first.month for each in onsets)
    if len(ordinals) > 1 and not is_last:
        return {}
    ordinal = -1 if is_last else ordinals.pop()
    return {"freq": "yearly", "bymonth": first.month, "byday": f"{ordinal}{WEEKDAY_CODES[first.weekday()]}"}


@cache
def _onsets(zone: ZoneInfo, year: int) -> list[Onset]:
    """All of a year, looked for day by day, and on those days by the half-hours at which clocks are set."""
    start, end = (datetime(each, 1, 1, tzinfo=UTC) for each in (year, year + 1))
    onsets = []
    for day in _before_changes(zone, start, timedelta(days=1), (end - start).days):
        for instant in _before_changes(zone, day, _HALF_HOUR, 48):
            before, after = instant.astimezone(zone), (instant + _HALF_HOUR).astimezone(zone)
            offsets = before.utcoffset() or timedelta(), after.utcoffset() or timedelta()
            local = (before + _HALF_HOUR).replace(tzinfo=None)
            onsets.append(Onset(local, *offsets, after.tzname() or "", offsets[1] > offsets[0]))
    return onsets


def _before_changes(zone: ZoneInfo, start: datetime, step: timedelta, steps: int) -> Iterator[datetime]:
    for number in range(steps):
        instant = start + number * step
        if instant.astimezone(zone).utcoffset() != (instant + step).astimezone(zone).utcoffset():
            yield instant
