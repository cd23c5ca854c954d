"""The public and school holidays of the house's own place, and what the house does on them."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from babel import Locale
from flask import render_template

from booking import clock
from booking.database import db
from booking.domain.days_off import days_off
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import closures, house
from booking.models import Closure, Occurrence, day_of
from booking.web import locale
from booking.web.access import staff_only
from booking.web.staff.frame import bp

DAY = timedelta(days=1)


class PublicHoliday(NamedTuple):
    """A public holiday. ``closure``: of the whole house on that day; ``dates``: how many take place all the same."""

    day: date
    name: str
    closure: Closure | None
    dates: int


class SchoolBreak(NamedTuple):
    """School holidays in a row, both days included."""

    first: date
    last: date
    name: str


@bp.get("/haus/feiertage", endpoint="holidays")
@staff_only
def all_holidays() -> str:
    """The holidays of this year and the next."""
    about, language = house(), locale.selected()
    today = day_of(clock.now(), about.zone)
    first, last = date(today.year, 1, 1), date(today.year + 1, 12, 31)
    off = days_off(first, last, about.country, about.subdivision, language)
    begin, end = (Slot.on(day, time(0), 1, about.zone).start for day in (first, last + DAY))
    closed = [each for each in closures(begin, end) if each.is_of_house]
    on = db.session.scalars(
        sa.select(Occurrence.start).where(
            Occurrence.status == Status.APPROVED, Occurrence.start >= begin, Occurrence.start < end
        )
    )
    dates = Counter(day_of(start, about.zone) for start in on)
    return render_template(
        "staff/holidays.html",
        place=", ".join(filter(None, (Locale(language).territories.get(about.country, ""), about.subdivision))),
        years=(first.year, last.year),
        public=[
            PublicHoliday(day, name, _closure_on(day, closed), dates[day]) for day, name in sorted(off.public.items())
        ],
        breaks=_breaks(off.school),
        known_until=off.school_known_until,
        is_known=off.school_known_until == last,
        today=today,
    )


def _closure_on(day: date, closed: list[Closure]) -> Closure | None:
    slot = Slot.on(day, time(0), 24 * 60, house().zone)
    return next((each for each in closed if each.slot.overlaps(slot)), None)


def _breaks(school: Mapping[date, str]) -> list[SchoolBreak]:
    """Days in a row with one name are told as one."""
    found: list[SchoolBreak] = []
    for day, name in sorted(school.items()):
        if found and found[-1].last == day - DAY and found[-1].name == name:
            found[-1] = found[-1]._replace(last=day)
        else:
            found.append(SchoolBreak(day, day, name))
    return found
