"""Days, weeks and pages as they stand in addresses and headings of calendars."""

import re
from datetime import date, timedelta

from flask import abort, request

from booking import catalogues, wording
from booking.web import locale

FIRST_YEAR, LAST_YEAR = 2000, 2099  # what calendars show; beyond is no page

DAY_PATTERN, WEEK_PATTERN = r"\d{4}-\d{2}-\d{2}", r"\d{4}-W\d{2}"


def day_or_404(text: str, pattern: str = DAY_PATTERN) -> date:
    """A day of the calendar, or of a week its Monday."""
    try:
        wanted = date.fromisoformat(text) if re.fullmatch(pattern, text, re.ASCII) else date.min
    except ValueError:
        abort(404)
    return wanted if FIRST_YEAR <= wanted.year <= LAST_YEAR else abort(404)


def iso_week(of: date) -> str:
    """2026-W50"""
    year, number, _ = of.isocalendar()
    return f"{year}-W{number:02}"


def week_title(monday: date) -> str:
    """Woche vom 7. bis 13. Dezember 2026"""
    sunday, language = monday + timedelta(days=6), locale.selected()
    first = wording.day_and_month(monday, language)
    if monday.year != sunday.year:
        first = wording.full_date(monday, language)
    elif monday.month == sunday.month:
        first = wording.by_pattern(monday, "D", language)
    said = {"first": first, "last": wording.full_date(sunday, language)}
    return catalogues.words(language).gettext("Week from %(first)s to %(last)s") % said


def page_or_404() -> int:
    """Which page is asked for, the first one where none is."""
    wanted = request.args.get("seite", "1")
    return int(wanted) if re.fullmatch(r"[1-9][0-9]{0,3}", wanted, re.ASCII) else abort(404)


def pages_or_404(page: int, number: int, on_a_page: int) -> int:
    """How many pages so many things take, this one among them."""
    pages = max(1, -(-number // on_a_page))
    return pages if page <= pages else abort(404)
