"""Opening hours, free times, days in a row and addresses as pages say them."""

import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from itertools import groupby

from babel.dates import format_date
from flask_babel import gettext, pgettext
from markupsafe import Markup

from booking import wording
from booking.domain.slot import Slot
from booking.house import house, opening_hours
from booking.models import Closure
from booking.web import locale
from booking.web.filters import nbsp

DAY = timedelta(days=1)
_UNBROKEN_DASH = "–\u2060"
_LONG_WORD = re.compile(r"\w{12,}")
_JOINT = re.compile(
    r"(?<=\w{4})(?<=ungs|eits|afts|ions|täts|ings)(?=\w{5})"
    r"|(?<=\w{4})(?=werkstatt|gesellschaft|netzwerk|treffen|gruppe|laden|engagement|beteiligung|mütter|stunde|stand)",
    re.IGNORECASE,
)


def opening_times() -> list[Markup]:
    """Montag bis Freitag, 9 bis 17 Uhr: a line for each run of days with the same hours."""
    hours, language = opening_hours(), locale.selected()
    names = [wording.weekday(date(2024, 1, 1) + n * DAY, language) for n in range(7)]  # a Monday
    lines = []
    for times, run in groupby(sorted(hours.items()), key=lambda pair: pair[1]):
        days = [weekday for weekday, _ in run]
        if days == list(range(days[0], days[-1] + 1)) and len(days) > 2:
            which = gettext("%(first)s to %(last)s", first=names[days[0]], last=names[days[-1]])
        else:
            which = wording.joined([names[n] for n in days], language)
        lines.append(nbsp(gettext("%(days)s, %(times)s", days=which, times=hours_span(*times))))
    return lines


def office_hours() -> str:
    """montags bis freitags zwischen 9 und 17 Uhr: when somebody is there to hand out a key."""
    return wording.office_hours(opening_hours(), locale.selected())


def hours_span(begins: time, ends: time) -> str:
    """9 bis 16:30 Uhr, for hours rather than dates"""
    return str(gettext("%(begins)s to %(ends)s", begins=_hour(begins), ends=_hour(ends)))


def _hour(at: time) -> str:
    if locale.selected() == "en":
        return f"{at:%H:%M}"
    return f"{at.hour}" if at.minute == 0 else f"{at.hour}:{at:%M}"


def hours(slots: Sequence[Slot]) -> Markup:
    """9 bis 16 Uhr und 18 bis 22 Uhr"""
    zone = house().zone
    spans = [hours_span(slot.start.astimezone(zone).time(), slot.end.astimezone(zone).time()) for slot in slots]
    return nbsp(wording.joined(spans, locale.selected()))


def short_hours(slots: Sequence[Slot]) -> Markup:
    """9–16, 18–22 Uhr, where there is little room"""
    zone = house().zone
    spans = [
        f"{_hour(slot.start.astimezone(zone).time())}{_UNBROKEN_DASH}{_hour(slot.end.astimezone(zone).time())}"
        for slot in slots
    ]
    return nbsp(pgettext("by the clock", "%(times)s", times=", ".join(spans)))


def day_names(days: Sequence[date]) -> Markup:
    """Sa, 12. Dezember und So, 13. Dezember; from three on: Sa, 12. Dezember bis Mo, 14. Dezember"""
    names = [wording.short_day(one, locale.selected()) for one in days]
    if len(names) > 2:
        return nbsp(gettext("%(first)s to %(last)s", first=names[0], last=names[-1]))
    return nbsp(wording.joined(names, locale.selected()))


def dialled(phone: str) -> str:
    """+495215134408, for tel: links"""
    return re.sub(r"[^\d+]", "", phone)


def bare_address(url: str) -> str:
    """oic-bielefeld.de"""
    return re.sub(r"^https?://|/$", "", url)


def plain_day(day: date) -> Markup:
    """Dienstag, 8. Dezember"""
    language = locale.selected()
    separator = ", " if language == "de" else " "
    return nbsp(wording.weekday(day, language) + separator + wording.day_and_month(day, language))


def column_day(day: date) -> tuple[str, str]:
    """Di and 8. Dez., for the head of a narrow column"""
    language = locale.selected()
    return (
        format_date(day, "ccc", locale=language).rstrip("."),
        format_date(day, "d. MMM" if language == "de" else "d MMM", locale=language),
    )


def reason(closure: Closure) -> str:
    """Why the house or a room is closed, in the reader's language"""
    return closure.reason_en if locale.selected() == "en" else closure.reason


def breakable(text: str) -> str:
    """Mark where long German words may break, for browsers that have no dictionary"""
    return _LONG_WORD.sub(lambda word: _JOINT.sub("\u00ad", word[0]), text)


def listed(names: Sequence[str]) -> str:
    """Montag, Mittwoch und Freitag"""
    return wording.joined(names, locale.selected())
