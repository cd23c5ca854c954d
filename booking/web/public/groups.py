"""The groups that meet in the house, as the start page tells of them: open ones only."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from markupsafe import Markup

from booking import wording
from booking.catalogues import words
from booking.database import db
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.slot import Slot, WeekdayTimes, times_of_weekdays, usual_times
from booking.domain.status import Status
from booking.house import house
from booking.models import Booking, Initiative, Occurrence, day_of
from booking.web import locale
from booking.web.filters import nbsp

WEEKS = 9  # dots in a row
FEWEST = 4  # dates from which on a rhythm is one

#: What the start page of a large house looks at and shows: the groups that meet next.
DATES_LOOKED_AT = 600
MOST_GROUPS = 40

LONGEST = timedelta(days=1)  # no date lasts longer


#: The tables, since rows are all that is wanted.
_DATE, _BOOKING, _GROUP = (each.__table__ for each in (Occurrence, Booking, Initiative))

#: However many dates are ahead, only the first ones are looked at.
_AHEAD = (
    sa.select(_DATE.c.booking_id, _DATE.c.start)
    .where(
        _DATE.c.status == Status.APPROVED,
        _DATE.c.start > sa.bindparam("yesterday", type_=_DATE.c.start.type),
        _DATE.c.end > sa.bindparam("now", type_=_DATE.c.end.type),
    )
    .order_by(_DATE.c.start)
    .limit(DATES_LOOKED_AT)
    .subquery()
)
_NEAREST_IDS = (
    sa.select(_AHEAD.c.booking_id)
    .join(_BOOKING, _BOOKING.c.id == _AHEAD.c.booking_id)
    .where(_BOOKING.c.is_open)
    .group_by(_AHEAD.c.booking_id)
    .order_by(sa.func.min(_AHEAD.c.start), _AHEAD.c.booking_id)
    .limit(sa.bindparam("most"))
)
_OF_BOOKING = sa.select(sa.func.count()).select_from(_DATE).where(_DATE.c.booking_id == _BOOKING.c.id)
#: The open bookings that meet next. ``number``: of all their dates that are on; ``has_gaps``: others are not.
_NEAREST = (
    sa.select(
        *_BOOKING.c["id", "initiative_id", "title", "rule", "open_end", "skipped", "begins", "minutes"],
        _GROUP.c.name,
        sa.case((_GROUP.c.is_public, _GROUP.c.slug), else_="").label("slug"),
        _OF_BOOKING.where(_DATE.c.status == Status.APPROVED).scalar_subquery().label("number"),
        _OF_BOOKING.where(_DATE.c.status.in_([Status.CANCELLED, Status.DECLINED])).scalar_subquery().label("has_gaps"),
    )
    .join(_GROUP, _GROUP.c.id == _BOOKING.c.initiative_id)
    .where(_BOOKING.c.id.in_(_NEAREST_IDS))
)
#: What is on of some bookings in the weeks that are drawn; no other helps anybody to find them.
_DATES = sa.select(_DATE.c.booking_id, _DATE.c.start, _DATE.c.end).where(
    _DATE.c.booking_id.in_(sa.bindparam("ids", type_=sa.Integer, expanding=True)),
    _DATE.c.status == Status.APPROVED,
    _DATE.c.start >= sa.bindparam("begins", type_=_DATE.c.start.type),
    _DATE.c.start < sa.bindparam("ends", type_=_DATE.c.start.type),
)


class RegularGroup(NamedTuple):
    """A group with a rhythm. ``weeks``: whether it meets, from this week on. ``slug``: empty where it has no page."""

    title: str
    name: str
    slug: str
    sentence: Markup
    weeks: tuple[bool, ...]


class Groups(NamedTuple):
    """``irregular``: the titles of the others, with the slug of the group."""

    regular: list[RegularGroup]
    irregular: list[tuple[str, str]]


def find_groups(now: datetime) -> Groups:
    """Open groups that have a date ahead, the nearest of them: those with a rhythm, and the titles of the others."""
    zone = house().zone
    today = day_of(now, zone)
    monday = today - timedelta(days=today.weekday())
    bookings = db.session.execute(_NEAREST, {"now": now, "yesterday": now - LONGEST, "most": MOST_GROUPS}).all()
    rules = {booking.id: RecurrenceRule.from_json(booking.rule) for booking in bookings}
    with_rule = [number for number, rule in rules.items() if rule.freq is not Frequency.SINGLE]
    begins, ends = (Slot.on(monday + timedelta(weeks=n), time(0), 1, zone).start for n in (0, WEEKS))
    spans: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for booking_id, *span in db.session.execute(_DATES, {"ids": with_rule, "begins": begins, "ends": ends}):
        spans[booking_id].append((span[0], span[1]))
    series: dict[tuple[int, str], tuple[tuple[bool, int, tuple[int, ...], str], RegularGroup]] = {}
    irregular: dict[str, str] = {}
    for booking in sorted(bookings, key=lambda one: one.id):
        rule, rhythm = rules[booking.id], None
        if rule.freq is not Frequency.SINGLE and booking.number >= FEWEST:
            almost = bool(booking.skipped or booking.rule.get("exdates") or booking.has_gaps)
            plan = (rule, booking.begins, booking.minutes, booking.open_end, almost)
            rhythm = _rhythm(*plan, tuple(spans[booking.id]), monday, zone, locale.selected())
        if rhythm is None:
            irregular.setdefault(booking.title, booking.slug)
        elif (booking.initiative_id, booking.title) not in series:
            order = rule.freq is Frequency.MONTHLY, rule.interval, rule.weekdays, booking.title
            name = booking.name if booking.name != booking.title else ""
            series[booking.initiative_id, booking.title] = (
                order,
                RegularGroup(booking.title, name, booking.slug, *rhythm),
            )
    regular = [group for _, group in sorted(series.values(), key=lambda found: found[0])]
    told = {group.title for group in regular}
    return Groups(regular, [each for each in irregular.items() if each[0] not in told])


@lru_cache(1024)  # most groups meet as they did when somebody asked before
def _rhythm(
    rule: RecurrenceRule,
    begins: time,
    minutes: int,
    open_end: bool,
    almost: bool,
    spans: tuple[tuple[datetime, datetime], ...],
    monday: date,
    zone: ZoneInfo,
    language: str,
) -> tuple[Markup, tuple[bool, ...]] | None:
    """Its sentence, and the weeks in which it meets; ``None`` for dates that do not keep to their rule.

    ``spans``: its dates in the weeks that are drawn; where there are none, it begins at ``begins`` for ``minutes``.
    """
    slots = [Slot(*span) for span in spans]
    days = [day_of(slot.start, zone) for slot in slots]
    if not _keeps_to(rule, days):
        return None
    times = usual_times(slots, zone) if days else (begins, minutes)
    others = times_of_weekdays(slots, zone, rule.weekdays)
    sentence = _sentence(rule, *times, others, language, open_end=open_end, almost=almost)
    return sentence, meeting_weeks(days, monday)


def meeting_weeks(days: Iterable[date], monday: date) -> tuple[bool, ...]:
    """For the week that begins on ``monday`` and those that follow, whether one of the days is in it."""
    weeks = {(day - monday).days // 7 for day in days}
    return tuple(week in weeks for week in range(WEEKS))


def _keeps_to(rule: RecurrenceRule, days: Sequence[date]) -> bool:
    """Whether most dates are still on the weekdays of their rule; else it would send people on the wrong days."""
    return not days or 2 * sum(day.weekday() in rule.weekdays for day in days) > len(days)


def _sentence(
    rule: RecurrenceRule,
    begins: time,
    minutes: int,
    others: tuple[WeekdayTimes, ...],
    language: str,
    *,
    open_end: bool,
    almost: bool,
) -> Markup:
    """(fast) jeden Mittwoch ab 16:00 Uhr"""
    text = words(language)
    rhythm = wording.rhythm(rule, language)
    rhythm = rhythm[0].lower() + rhythm[1:]
    if almost:
        rhythm = text.gettext("(almost) %(rhythm)s") % {"rhythm": rhythm}
    if open_end and others:
        return nbsp(rhythm)  # when it begins, the calendar tells for each day
    if open_end:
        said = {"rhythm": rhythm, "begins": wording.clock(begins)}
        return nbsp(text.gettext("%(rhythm)s from %(begins)s") % said)
    times = wording.series_times(rule, begins, minutes, others, language)
    return nbsp(text.gettext("%(rhythm)s, %(times)s") % {"rhythm": rhythm, "times": times})
