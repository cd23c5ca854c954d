"""Opening hours, free times, days in a row and addresses as pages say them."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext, ngettext
from markupsafe import Markup, escape

from booking import catalogues, wording
from booking.domain.slot import Slot
from booking.house import house, opening_hours
from booking.published import PublicDate
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


def opening_times(room_id: int | None = None) -> list[Markup]:
    """Montag bis Freitag, 9 bis 17 Uhr: a line for each run of days with the same hours."""
    language = locale.selected()
    runs = wording.days_alike(opening_hours(room_id), wording.weekday, language, shortest_run=3)
    return [nbsp(with_hours(days, spans)) for days, spans in runs]


def opening_times_in_short() -> str:
    """Mo bis Fr, 9 bis 17 Uhr"""
    language = locale.selected()
    runs = wording.days_alike(opening_hours(), wording.short_weekday, language)
    return "; ".join(with_hours(days, spans) for days, spans in runs)


def with_hours(days: str, spans: Sequence[tuple[time, time]]) -> str:
    language = locale.selected()
    told = wording.joined([wording.hours_span(*span, language) for span in spans], language)
    return gettext("%(days)s, %(times)s", days=days, times=told)


def key_hours() -> str:
    """montags bis freitags zwischen 9 und 17 Uhr: when somebody is there to hand out a key."""
    return wording.office_hours(opening_hours(), locale.selected())


def hours(slots: Sequence[Slot], zone: ZoneInfo | None = None) -> Markup:
    """9 bis 16 Uhr und 18 bis 22 Uhr"""
    return _hours(tuple(slots), zone or house().zone, locale.selected())


@lru_cache(2048)
def _hours(slots: tuple[Slot, ...], zone: ZoneInfo, language: str) -> Markup:
    return nbsp(wording.joined([wording.hours_span(*span, language) for span in _local(slots, zone)], language))


def free_hours(slots: Sequence[Slot], zone: ZoneInfo | None = None) -> Markup:
    """9–16, 18–22 Uhr, where there is little room"""
    return _free_hours(tuple(slots), zone or house().zone, locale.selected())


@lru_cache(2048)
def _free_hours(slots: tuple[Slot, ...], zone: ZoneInfo, language: str) -> Markup:
    return nbsp(wording.short_hours(_local(slots, zone), language, dash=_UNBROKEN_DASH))


def free_when(slots: Sequence[Slot], zone: ZoneInfo | None = None) -> Markup:
    """frei 9–16, 18–22 Uhr"""
    return _free_when(tuple(slots), zone or house().zone, locale.selected())


@lru_cache(2048)
def _free_when(slots: tuple[Slot, ...], zone: ZoneInfo, language: str) -> Markup:
    text = Markup(catalogues.words(language).gettext("free %(times)s"))  # noqa: S704 - the catalogue is ours
    return text % {"times": _free_hours(slots, zone, language)}


def request_on(the_room: str, day: date) -> Markup:
    """die Werkstatt am Di, 8. Dezember anfragen"""
    return _request_on(the_room, day, locale.selected())


@lru_cache(4096)
def _request_on(the_room: str, day: date, language: str) -> Markup:
    text = Markup(catalogues.words(language).gettext("request %(room)s on %(day)s"))  # noqa: S704 - of our catalogue
    return text % {"room": the_room, "day": nbsp(wording.short_day(day, language))}


def until(ends: str) -> str:
    """bis 21:00"""
    return _until(ends, locale.selected())


@lru_cache
def _until(ends: str, language: str) -> str:
    return catalogues.words(language).gettext("until %(time)s") % {"time": ends}


def _local(slots: Sequence[Slot], zone: ZoneInfo) -> list[tuple[time, time]]:
    return [(slot.start.astimezone(zone).time(), slot.end.astimezone(zone).time()) for slot in slots]


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
    """example.org"""
    return re.sub(r"^https?://|/$", "", url)


def column_day(day: date) -> tuple[str, str]:
    """Di and 8. Dez., for the head of a narrow column"""
    language = locale.selected()
    return wording.short_weekday(day, language), wording.by_pattern(day, "D MMM", language)


def breakable(text: str) -> str:
    """Mark where long German words may break, for browsers that have no dictionary"""
    return _LONG_WORD.sub(lambda word: _JOINT.sub("\u00ad", word[0]), text)


def listed(names: Sequence[str]) -> Markup:
    """Montag, Mittwoch und Freitag; links among them stay links"""
    joined = wording.joined([str(escape(name)) for name in names], locale.selected())
    return Markup(joined)  # noqa: S704 - each is escaped


def group_link(group: tuple[str, str]) -> Markup:
    """The name of a group, leading to its page where it has one; of name and slug"""
    name, slug = group
    return _group_link(request.script_root, slug, name) if slug else escape(name)


@lru_cache(1024, typed=True)  # what is escaped already is not the same as what is not
def _group_link(root: str, slug: str, name: str) -> Markup:
    return Markup('<a href="{}/gruppen/{}">{}</a>').format(root, slug, name)


def meeting(date: PublicDate) -> str:
    """What a date is called in public."""
    return date.title or gettext("Closed meeting")


def ago(then: datetime, now: datetime) -> str:
    """vor 20 Sekunden, in the largest unit of which it is one at least"""
    seconds = max(0, int((now - then).total_seconds()))
    if seconds < 60:
        return ngettext("%(num)d second ago", "%(num)d seconds ago", seconds)
    if seconds < 3600:
        return ngettext("%(num)d minute ago", "%(num)d minutes ago", seconds // 60)
    if seconds < 86400:
        return ngettext("%(num)d hour ago", "%(num)d hours ago", seconds // 3600)
    return ngettext("%(num)d day ago", "%(num)d days ago", seconds // 86400)


def kind_names() -> dict[str, str]:
    return {
        "initiative": gettext("External groups"),
        "department": gettext("Other departments"),
        "own": gettext("Own team"),
        "other": gettext("Others"),
    }
