"""What the page of step 2 says about a plan: sentences, groups of dates, mistakes."""

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from booking import wording
from booking.availability.preview import PreviewDate
from booking.domain.recurrence import ordinal_of
from booking.web import filters, locale
from booking.web.dates import outlook
from booking.web.dates.chooser import DateToDecide, Plan


def shown(plan: Plan, *, mistakes: bool, gone: bool) -> dict[str, Any]:
    """All that the template needs. ``gone``: what is open now was decided before, and was taken meanwhile."""
    errors = {row.name: _error(row, gone=gone) for row in plan.open_rows} if mistakes else {}
    known_until = plan.preview.school_holidays_known_until
    last = max(each.day for each in plan.preview.dates) if plan.preview.dates else None
    unknown = "school" in plan.asked.leave_out and last and (known_until is None or known_until < last)
    start = plan.rule.start
    return {
        "plan": plan,
        "errors": errors,
        "mistakes": [
            (f"{row.name}-0" if row.options else row.name, errors[row.name]) for row in plan.open_rows if errors
        ]
        or _nothing_left(plan, mistakes=mistakes),
        "nth": nth(start),
        "fifth": _fifth(start) if ordinal_of(start) == 5 else "",
        "months": [
            (_month(days[0].day, first=index == 0), days)
            for index, days in enumerate(
                list(group) for _, group in groupby(plan.free, key=lambda each: (each.day.year, each.day.month))
            )
        ],
        "notes": {each.day: note for each in plan.free if (note := _note(each))},
        "too_small": outlook.too_small(plan.asked.room, plan.asked.people),
        "outside": outlook.outside() if plan.preview.outside_hours else "",
        "school_unknown": (known_until or start) if unknown else None,
        "rhythms": {one.key: wording.rhythm(one.rule, locale.selected()) for one in plan.readings},
    }


def nth(day: date) -> Markup:
    """8 December 2026 is the second Tuesday in December."""
    language = locale.selected()
    values: Mapping[str, Any] = {
        "day": wording.full_date(day, language),
        "nth": Markup("<strong>{} {}</strong>").format(
            wording.ordinal_name(ordinal_of(day), language), wording.weekday(day, language)
        ),
        "month": _month_name(day),
    }
    return Markup(gettext("%(day)s is the %(nth)s in %(month)s.")) % values  # noqa: S704 - our own sentence


def _fifth(day: date) -> str:
    return gettext("Not every month has a fifth %(weekday)s.", weekday=wording.weekday(day, locale.selected()))


def _error(row: DateToDecide, *, gone: bool) -> str:
    day = _day_without_year(row.date.day)
    if row.met_by:
        return gettext(
            "You have this time already, for %(day)s. Choose something else.", day=_day_without_year(row.met_by)
        )
    if gone:
        return gettext(
            "While you were writing, this date was taken: %(day)s. Your other details are still here.", day=day
        )
    if not row.options:
        return gettext("This date is not free. Choose another day or another time.")
    return gettext("Decide what should happen on %(day)s.", day=day)


def _nothing_left(plan: Plan, *, mistakes: bool) -> list[tuple[str, str]]:
    if not mistakes or plan.wished or not plan.preview.dates:
        return []
    first = f"keep-{plan.free[0].day}" if plan.free else f"{plan.rows[0].name}-0"
    return [(first, gettext("Keep at least one date."))]


def _note(each: PreviewDate) -> tuple[str, str] | None:
    """What is worth knowing about a free date, after the name of its symbol."""
    if any(note.code == "nonexistent_time" for note in each.notes):
        return "clock", gettext("the clocks go forward in this night: %(times)s", times=filters.local_span(each.slot))
    for note in each.notes:
        if note.code == "tight":
            return "clock", gettext("Tight: %(why)s", why=outlook.tight_note(note))
        if note.code == "school_holiday":
            return "calendar", str(note.params["name"])
    return None


def _day_without_year(day: date) -> str:
    return wording.plain_day(day, locale.selected())


def _month_name(day: date) -> str:
    return wording.month_name(day, locale.selected())


def _month(day: date, *, first: bool) -> str:
    """Dezember 2026, and the year again in each January."""
    return f"{_month_name(day)} {day.year}" if first or day.month == 1 else _month_name(day)
