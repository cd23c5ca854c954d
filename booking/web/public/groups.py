"""The groups that meet in the house, as the start page tells of them: open ones only."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy.orm import joinedload

from booking import wording
from booking.database import db
from booking.domain.recurrence import Frequency
from booking.domain.slot import wall_end
from booking.domain.status import Status
from booking.house import house
from booking.models import Booking, Occurrence, day_of
from booking.web import locale

WEEKS = 9  # dots in a row
FEWEST = 4  # dates from which on a rhythm is one


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
    """Open groups that have a date ahead: those with a rhythm, and the titles of the others."""
    zone = house().zone
    ahead = db.select(Occurrence.booking_id).where(Occurrence.status == Status.APPROVED, Occurrence.end > now)
    bookings = db.session.scalars(
        db.select(Booking)
        .where(Booking.is_open, Booking.id.in_(ahead))
        .options(joinedload(Booking.initiative))
        .order_by(Booking.id)
    ).all()
    series: dict[tuple[int, str], Booking] = {}
    irregular: dict[str, None] = {}
    for booking in bookings:
        if booking.recurrence_rule.freq is Frequency.SINGLE or len(booking.dates(Status.APPROVED)) < FEWEST:
            irregular[booking.title] = None
        else:
            series.setdefault((booking.initiative_id, booking.title), booking)
    today = day_of(now, zone)
    regular = sorted(series.values(), key=_order)
    return Groups(
        [_regular(booking, today, zone) for booking in regular],
        [title for title in irregular if title not in {booking.title for booking in regular}],
    )


def _order(booking: Booking) -> tuple[bool, int, tuple[int, ...], str]:
    rule = booking.recurrence_rule
    return rule.freq is Frequency.MONTHLY, rule.interval, rule.weekdays, booking.title


def _regular(booking: Booking, today: date, zone: ZoneInfo) -> RegularGroup:
    days = [day_of(occurrence.start, zone) for occurrence in booking.dates(Status.APPROVED)]
    name = booking.initiative.name if booking.initiative.name != booking.title else ""
    return RegularGroup(booking.title, name, _sentence(booking), meeting_weeks(days, today))


def meeting_weeks(days: Sequence[date], today: date) -> list[bool]:
    """For this week and those that follow, whether one of the days is in it."""
    monday = today - timedelta(days=today.weekday())
    mondays = [monday + timedelta(weeks=n) for n in range(WEEKS + 1)]
    return [any(first <= day < following for day in days) for first, following in pairwise(mondays)]


def _sentence(booking: Booking) -> str:
    """(fast) jeden Mittwoch ab 16:00 Uhr"""
    language = locale.selected()
    rhythm = wording.rhythm(booking.recurrence_rule, language)
    rhythm = rhythm[0].lower() + rhythm[1:]
    if booking.skipped or booking.rule.get("exdates") or booking.dates(Status.CANCELLED, Status.DECLINED):
        rhythm = gettext("(almost) %(rhythm)s", rhythm=rhythm)
    if booking.open_end:
        return str(gettext("%(rhythm)s from %(begins)s", rhythm=rhythm, begins=wording.clock(booking.begins)))
    times = wording.times(booking.begins, wall_end(booking.begins, booking.minutes), language)
    return str(gettext("%(rhythm)s, %(times)s", rhythm=rhythm, times=times))
