"""What every template can use: the house, the language, and dates in words."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from markupsafe import Markup, escape

from booking import wording
from booking.domain.slot import Slot
from booking.house import house
from booking.models import Booking, Occurrence, Room
from booking.web import locale


def asset(name: str) -> str:
    """The address of a file in static/, the same in both languages, with a digest of its content.

    Of a file that is missing, the address alone: its page comes, if not as it should look.
    """
    address = f"{request.script_root.removesuffix(locale.PREFIX)}/static/{name}"
    try:
        return f"{address}?v={_digest(str(current_app.static_folder), name)}"
    except FileNotFoundError:
        return address


@cache
def _digest(folder: str, name: str) -> str:
    return hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest()[:12]


def _local(instant: datetime) -> datetime:
    return instant.astimezone(house().zone)


def _day(value: date) -> date:
    return _local(value).date() if isinstance(value, datetime) else value


def nbsp(text: str) -> Markup:
    """Keep a number and what it counts on one line: 8. Dezember, 16:00 Uhr, e. V."""
    kept = str(escape(text))
    for unit in (" Uhr", " Personen", " people", " Arbeitstag", " V."):
        kept = kept.replace(unit, "\u00a0" + unit[1:])
    words = kept.split(" ")
    joined = words[0]
    for before, word in zip(words, words[1:], strict=False):
        figure = (
            before.rstrip(".").isdigit() and (before.endswith(".") or locale.selected() == "en") and word[:1].isupper()
        )
        joined += ("\u00a0" if figure else " ") + word
    return Markup(joined)  # noqa: S704 - escaped above


def day(value: date) -> Markup:
    """Di, 8. Dezember 2026"""
    return nbsp(wording.day(_day(value), locale.selected()))


def short_day(value: date) -> Markup:
    """Di, 8. Dezember"""
    return nbsp(wording.short_day(_day(value), locale.selected()))


def long_day(value: date) -> Markup:
    """Dienstag, 8. Dezember 2026"""
    return nbsp(wording.long_day(_day(value), locale.selected()))


def full_date(value: date) -> Markup:
    """8. Dezember 2026"""
    return nbsp(wording.full_date(_day(value), locale.selected()))


def day_and_month(value: date) -> Markup:
    """8. Dezember"""
    return nbsp(wording.day_and_month(_day(value), locale.selected()))


def weekday(value: date) -> str:
    """Dienstag"""
    return wording.weekday(_day(value), locale.selected())


def month(value: date) -> str:
    """Dezember 2026"""
    return wording.full_date(_day(value), locale.selected()).split(" ", 1)[1]


def clock(instant: Any) -> str:
    """19:00, in the house's zone"""
    return wording.clock(_local(instant) if isinstance(instant, datetime) else instant)


def span(slot: Slot) -> Markup:
    """19:00 bis 21:00 Uhr"""
    return nbsp(wording.span(slot, house().zone, locale.selected()))


def iso(instant: datetime) -> str:
    """2026-12-08T19:00, for the datetime attribute of a time element"""
    return f"{_local(instant):%Y-%m-%dT%H:%M}"


def date_line(occurrence: Occurrence) -> Markup:
    """Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche"""
    return nbsp(wording.date_line(occurrence, house().zone, locale.selected()))


def sentence(booking: Booking, starts: Sequence[datetime] | None = None) -> Markup:
    """The rule of a booking in one sentence. ``starts``: of the dates it asked for, where somebody has read them."""
    return nbsp(wording.booking_sentence(booking, house().zone, locale.selected(), starts))


def way(room: Room) -> str:
    """Where a room is: EG, links"""
    return room.way_en if locale.selected() == "en" else room.way


FILTERS = (
    day,
    short_day,
    long_day,
    full_date,
    day_and_month,
    weekday,
    month,
    clock,
    span,
    iso,
    date_line,
    sentence,
    nbsp,
    way,
)


def init_app(app: Flask) -> None:
    for function in FILTERS:
        app.add_template_filter(function)
    app.add_template_global(asset)  # macros see globals, not what a context processor gives

    @app.context_processor
    def _globals() -> dict[str, Any]:
        return {
            "house": house(),
            "language": locale.selected(),
            "switch_url": locale.switch_url(),
        }
