"""The groups that meet in the house, as the start page tells of them: open ones only."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_babel import gettext

from booking import wording
from booking.database import db
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.slot import Slot, usual_times, wall_end
from booking.domain.status import Status
from booking.house import house
from booking.models import Booking, Initiative, Occurrence, day_of
from booking.web import locale

WEEKS = 9  # dots in a row
FEWEST = 4  # dates from which on a rhythm is one

#: What the start page of a large house looks at and shows: the groups that meet next.
DATES_LOOKED_AT = 600
MOST_GROUPS = 40

LONGEST = timedelta(days=1)  # no date lasts longer


class RegularGroup(NamedTuple):
    """A group with a rhythm. ``weeks``: whether it meets, from this week on."""

    title: str
    name: str
    sentence: str
    weeks: list[bool]


class Groups(NamedTuple):
    regular: list[RegularGroup]
    irregular: list[str]


def find_groups(now: datetime) -> Groups:
    """Open groups that have a date ahead, the nearest of them: those with a rhythm, and the titles of the others."""
    bookings = db.session.execute(_nearest(now)).all()
    slots: dict[int, list[Slot]] = defaultdict(list)
    with_gaps = set()
    dates = sa.select(Occurrence.booking_id, Occurrence.status, Occurrence.start, Occurrence.end)
    for booking_id, status, start, end in db.session.execute(
        dates.where(Occurrence.booking_id.in_([b.id for b in bookings]))
    ):
        if status is Status.APPROVED:
            slots[booking_id].append(Slot(start, end))
        elif status in (Status.CANCELLED, Status.DECLINED):
            with_gaps.add(booking_id)
    series: dict[tuple[int, str], tuple[tuple[bool, int, tuple[int, ...], str], RegularGroup]] = {}
    irregular: dict[str, None] = {}
    zone = house().zone
    today = day_of(now, zone)
    for booking in sorted(bookings, key=lambda one: one.id):
        rule = RecurrenceRule.from_json(booking.rule)
        days = [day_of(slot.start, zone) for slot in slots[booking.id]]
        if rule.freq is Frequency.SINGLE or len(days) < FEWEST or not _keeps_to(rule, days):
            irregular[booking.title] = None
        elif (booking.initiative_id, booking.title) not in series:
            order = rule.freq is Frequency.MONTHLY, rule.interval, rule.weekdays, booking.title
            almost = bool(booking.skipped or booking.rule.get("exdates") or booking.id in with_gaps)
            group = RegularGroup(
                booking.title,
                booking.name if booking.name != booking.title else "",
                _sentence(rule, *usual_times(slots[booking.id], zone), open_end=booking.open_end, almost=almost),
                meeting_weeks(days, today),
            )
            series[booking.initiative_id, booking.title] = order, group
    regular = [group for _, group in sorted(series.values(), key=lambda found: found[0])]
    return Groups(regular, [title for title in irregular if title not in {group.title for group in regular}])


def _nearest(now: datetime) -> sa.Select[Any]:
    """The open bookings that meet next. However many dates there are, only the first ones are looked at."""
    ahead = (
        sa.select(Occurrence.booking_id, Occurrence.start)
        .where(Occurrence.status == Status.APPROVED, Occurrence.start > now - LONGEST, Occurrence.end > now)
        .order_by(Occurrence.start)
        .limit(DATES_LOOKED_AT)
        .subquery()
    )
    nearest = (
        sa.select(ahead.c.booking_id)
        .join(Booking, Booking.id == ahead.c.booking_id)
        .where(Booking.is_open)
        .group_by(ahead.c.booking_id)
        .order_by(sa.func.min(ahead.c.start), ahead.c.booking_id)
        .limit(MOST_GROUPS)
    )
    columns = (
        Booking.id,
        Booking.initiative_id,
        Booking.title,
        Booking.rule,
        Booking.open_end,
        Booking.skipped,
        Initiative.name,
    )
    return sa.select(*columns).join(Initiative, Initiative.id == Booking.initiative_id).where(Booking.id.in_(nearest))


def meeting_weeks(days: Sequence[date], today: date) -> list[bool]:
    """For this week and those that follow, whether one of the days is in it."""
    monday = today - timedelta(days=today.weekday())
    mondays = [monday + timedelta(weeks=n) for n in range(WEEKS + 1)]
    return [any(first <= day < following for day in days) for first, following in pairwise(mondays)]


def _keeps_to(rule: RecurrenceRule, days: Sequence[date]) -> bool:
    """Whether most dates are still on the weekdays of their rule; else it would send people on the wrong days."""
    return 2 * sum(day.weekday() in rule.weekdays for day in days) > len(days)


def _sentence(rule: RecurrenceRule, begins: time, minutes: int, *, open_end: bool, almost: bool) -> str:
    """(fast) jeden Mittwoch ab 16:00 Uhr"""
    language = locale.selected()
    rhythm = wording.rhythm(rule, language)
    rhythm = rhythm[0].lower() + rhythm[1:]
    if almost:
        rhythm = gettext("(almost) %(rhythm)s", rhythm=rhythm)
    if open_end:
        return str(gettext("%(rhythm)s from %(begins)s", rhythm=rhythm, begins=wording.clock(begins)))
    times = wording.times(begins, wall_end(begins, minutes), language)
    return str(gettext("%(rhythm)s, %(times)s", rhythm=rhythm, times=times))
