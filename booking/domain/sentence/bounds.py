"""From when and until when, as days: what "bis zu den Sommerferien" comes to in this place. More than one day: it can
be any of them. None: nobody can say."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from dateutil.easter import easter

from booking.domain.days_off import days_off_near
from booking.domain.sentence.days import Bound, DayOfYear
from booking.domain.typed import NotReadable, read_date

_DAY = timedelta(days=1)
#: What is in the names of school breaks.
_BREAKS = {
    "summer": ("sommer", "summer"),
    "autumn": ("herbst", "autumn"),
    "christmas": ("weihnacht", "christmas"),
    "easter": ("oster", "easter"),
    "pentecost": ("pfingst", "whit"),
}
#: The last days before a season begins, by the calendar of the sun.
_BEFORE_SEASON = {"spring": (3, 19), "summer": (6, 20), "autumn": (9, 21), "winter": (12, 20)}
_AHEAD = timedelta(days=550)  # no break is farther away


class Locality(NamedTuple):
    """Where and when a wish is read: the day, and whose holidays and breaks these are (ISO 3166)."""

    today: date
    country: str
    subdivision: str


class Vacation(NamedTuple):
    """A school break, both days included."""

    name: str
    first: date
    last: date


def vacations(place: Locality, since: date, until: date) -> list[Vacation]:
    """The school breaks that reach into a period."""
    found: list[Vacation] = []
    off = days_off_near(place.today, since, until, place.country, place.subdivision, "de")
    for day, name in sorted(off.school.items()):
        if found and found[-1].name == name and found[-1].last + _DAY == day:
            found[-1] = found[-1]._replace(last=day)
        else:
            found.append(Vacation(name, day, day))
    return found


def is_called(vacation: Vacation, kind: str) -> bool:
    return not kind or any(part in vacation.name.lower() for part in _BREAKS.get(kind, ()))


def resolved(day: DayOfYear, since: date, *, latest: date | None = None) -> date:
    """The day that is meant: without its year the next one from ``since`` on, or the last one up to ``latest``.

    Raises ``NotReadable`` where there is none, or it falls on another weekday.
    """
    year = day.year
    if year is None and latest is not None:
        last_year = (day.month, day.day) > (latest.month, latest.day)
        if not last_year or (latest.year - 1, day.month, day.day) >= (since.year, since.month, since.day):
            year = latest.year - last_year
    found = read_date(f"{day.day}.{day.month}." + (f"{year:04}" if year else ""), since)
    if day.weekday is not None and day.weekday != found.weekday():
        raise NotReadable("weekday_clash", day=found, written=day.weekday)
    return found


def told_from_today(bound: Bound, today: date) -> list[date]:
    """Morgen; nächsten Montag, which can be the one of this week or of the next; nächste Woche Mittwoch."""
    value: Any = bound.value
    if bound.kind == "in_days":
        return [today + timedelta(days=value)]
    number, weekday = value
    coming = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    monday = today - timedelta(days=today.weekday())
    if bound.kind == "coming":
        return [coming]
    if bound.kind == "week":
        return [monday + timedelta(weeks=number, days=weekday)]
    in_next_week = monday + timedelta(weeks=1, days=weekday)
    return (
        [coming + timedelta(weeks=number - 1)]
        if coming == in_next_week
        else [each + timedelta(weeks=number - 1) for each in (coming, in_next_week)]
    )


def first_days(bound: Bound, place: Locality, until: date | None, *, after: bool) -> list[date]:
    """From when on."""
    today, value = place.today, bound.value
    match bound.kind:
        case "day" if isinstance(value, DayOfYear):
            return [resolved(value, today, latest=until)]
        case "month" | "next_month" if bound.part in ("", "start"):
            return [max(_month(bound, today), today)]
        case "year" | "next_year" if bound.part in ("", "start"):
            return [date(bound.year or today.year + 1, 1, 1)]
        case "break":
            found = _break(str(value), bound.year, place, today)
            return [found.last + _DAY if after or bound.part == "end" else found.first] if found else []
        case "feast":
            return list(_after_feast(str(value), today)) if after or value == "new_year" else []
        case "in_days" | "coming" | "week" | "next":
            return told_from_today(bound, today)
    return []


def last_days(bound: Bound, place: Locality, since: date, *, whole_month: bool) -> list[date]:
    """Until when, counted from a series' first day; ``whole_month``: "von Januar bis Juni" has June in it."""
    value = bound.value
    match bound.kind:
        case "day" if isinstance(value, DayOfYear):
            return [resolved(value, since)]
        case "month" | "next_month" if bound.part in ("", "end"):
            first = _month(bound, since if bound.kind == "month" else place.today)
            last = first.replace(day=monthrange(first.year, first.month)[1])
            return [last] if whole_month or bound.part or first <= since else [first - _DAY, last]
        case "season":
            month, day = _BEFORE_SEASON[str(value)]
            begins = date(bound.year or since.year + ((month, day) < (since.month, since.day)), month, day)
            found = _break(str(value), bound.year, place, since)
            return sorted({begins, found.first - _DAY} if found else {begins})
        case "break":
            found = _break(str(value), bound.year, place, since)
            return [found.last if bound.part == "end" else found.first - _DAY] if found else []
        case "feast":
            return list(_before_feast(str(value), since))
        case "year_end":
            return [date(bound.year or since.year, 12, 31)]
        case "year" if bound.year:
            return [date(bound.year - 1, 12, 31), date(bound.year, 12, 31)]
        case "in_days" | "coming" | "week" | "next":
            return told_from_today(bound, place.today)
    return []


def months_within(bounds: tuple[Bound, ...], today: date) -> tuple[date, date] | None:
    """The first and the last day of months that follow each other."""
    begins = [_month(bound, today) for bound in bounds]
    if len(begins) > 1 and begins[-1] < begins[0]:
        return None
    numbers = [12 * each.year + each.month for each in begins]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return None
    last = begins[-1]
    return begins[0], last.replace(day=monthrange(last.year, last.month)[1])


def _month(bound: Bound, since: date) -> date:
    """The first day of a month; without its year of the next such month that is not over."""
    if bound.kind == "next_month":
        return (since.replace(day=1) + timedelta(days=32)).replace(day=1)
    month: Any = bound.value
    return date(bound.year or since.year + (month < since.month), month, 1)


def _break(kind: str, year: int | None, place: Locality, since: date) -> Vacation | None:
    """The next break of this kind, or the one of a year."""
    since = date(year, 1, 1) if year else since
    ahead = vacations(place, since, min(since + _AHEAD, date(9000, 1, 1)))
    return next((each for each in ahead if is_called(each, kind) and each.first > since), None)


def _before_feast(feast: str, since: date) -> Iterator[date]:
    for year in (since.year, since.year + 1):
        days = {
            "christmas": [date(year, 12, 23), date(year, 12, 24)],
            "new_year": [date(year, 12, 31)],
            "easter": [easter(year) - timedelta(days=3), easter(year) - _DAY],
            "pentecost": [easter(year) + timedelta(days=48)],
        }[feast]
        if days[0] > since:
            yield from days
            return


def _after_feast(feast: str, today: date) -> Iterator[date]:
    for year in (today.year, today.year + 1):
        day = {
            "christmas": date(year, 12, 27),
            "new_year": date(year, 1, 1),
            "easter": easter(year) + timedelta(days=2),
            "pentecost": easter(year) + timedelta(days=51),
        }[feast]
        if day > today:
            yield day
            return
