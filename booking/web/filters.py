"""What every template can use: the house, the language, and dates in words."""

import hashlib
import re
from collections.abc import Callable, MutableMapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask.templating import Environment
from markupsafe import Markup, escape

from booking import clock, sentences, wording
from booking.domain.parts import HasParts, parts_at
from booking.domain.slot import Slot
from booking.domain.status import Dated
from booking.house import RoomRow, house
from booking.languages import DEFAULT, LANGUAGES, Called, beginning, in_sentence, said_in
from booking.models import Booking, Occurrence, Room
from booking.web import locale


def asset(name: str) -> str:
    """The address of a file in static/, the same in both languages, with a digest of its content.

    Of a file that is missing, the address alone: its page comes, if not as it should look.
    """
    address = f"{locale.root()}/static/{name}"
    try:
        return f"{address}?v={_digest(str(current_app.static_folder), name)}"
    except FileNotFoundError:
        return address


def drawn(name: str, more: str = "") -> Markup:
    """A drawing of static/icons.svg; ``more``: a further class. Called a hundred times for a page, so kept."""
    return _drawn(locale.root(), name, more)


@lru_cache(1024)
def _drawn(_root: str, name: str, more: str) -> Markup:
    look, file = f"icon {more}".strip(), asset("icons.svg")
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(look, file, name)


@cache
def _digest(folder: str, name: str) -> str:
    return hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest()[:12]


def _local(instant: datetime) -> datetime:
    return instant.astimezone(house().zone)


def _day(value: date) -> date:
    return _local(value).date() if isinstance(value, datetime) else value


#: In each language the spaces between a number and what it counts, with the number.
_NUMBERED = {
    code: re.compile(
        rf"((?<![^ ])\d+{'[.]+' if language.day_of_month.endswith('.') else ''}(?= [A-ZÄÖÜ])"
        rf"|(?= (?:{'|'.join(map(re.escape, language.beside_numbers))})))( )"
    )
    for code, language in LANGUAGES.items()
}


def nbsp(text: str) -> Markup:
    """Keep a number and what it counts on one line: 8. Dezember, 16:00 Uhr, e. V."""
    return _nbsp(text, locale.selected())


@lru_cache(2048, typed=True)  # what is escaped already is not the same as what is not
def _nbsp(text: str, language: str) -> Markup:
    return Markup(_NUMBERED[language].sub("\\1\u00a0", escape(text)))  # noqa: S704 - escaped here


def own(original: str) -> str:
    """A sentence of a page as the office says it, or as it is."""
    return sentences.said_by_house(original, locale.selected())


def _of_days(say: Callable[[date, str], str]) -> Callable[[date], Markup]:
    """For pages: the local day of an instant, in the reader's language, with days and months kept together."""
    return lambda value: nbsp(say(_day(value), locale.selected()))


day, short_day = _of_days(wording.day), _of_days(wording.short_day)


def near_day(value: date) -> Markup:
    """8. Dezember, and with its year where that is not the present one"""
    day = _day(value)
    say = wording.day_and_month if day.year == _day(clock.now()).year else wording.full_date
    return nbsp(say(day, locale.selected()))


def edition(text: str) -> str:
    """November 2026, for what is written as 2026-11, or its day; any other name of a version stays as it is."""
    found = re.fullmatch(r"(\d{4}-\d\d)(?:(-\d\d)(?:[.](\d+))?)?", text)
    try:
        day = date.fromisoformat(f"{found[1]}{found[2] or '-01'}") if found else None
    except ValueError:  # 2026-02-31
        day = None
    if not (day and found):
        return text
    said = (wording.full_date if found[2] else wording.month)(day, locale.selected())
    return f"{said} ({found[3]})" if found[3] else said


def local_clock(instant: Any) -> str:
    """19:00, in the house's zone"""
    return wording.clock(_local(instant) if isinstance(instant, datetime) else instant)


def spoken_clock(instant: datetime) -> str:
    """9:00, in the house's zone"""
    return wording.clock_in_sentence(_local(instant))


def local_span(slot: Slot) -> Markup:
    """19:00 bis 21:00 Uhr"""
    return nbsp(wording.span(slot, house().zone, locale.selected()))


def iso(instant: datetime) -> str:
    """2026-12-08T19:00, for the datetime attribute of a time element"""
    return f"{_local(instant):%Y-%m-%dT%H:%M}"


def whole_line(occurrence: Occurrence) -> Markup:
    """Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche"""
    return nbsp(wording.date_line(occurrence, house().zone, locale.selected()))


def sentence(booking: Booking, dates: Sequence[Dated] | None = None) -> Markup:
    """The rule of a booking in one sentence. ``dates``: all of them, where somebody has read them."""
    return nbsp(wording.booking_sentence(booking, house().zone, locale.selected(), dates))


def marked(row: object, name: str) -> str:
    """The same as ``translated``, for pages: with its language, where that is not the reader's."""
    said = said_in(row, name, locale.selected())
    return said or Markup('<span lang="{}">{}</span>').format(DEFAULT, getattr(row, name))


def way(room: Room | RoomRow) -> str:
    """Where a room is: EG, links"""
    return locale.translated(room, "way")


def the(thing: Called, part: str = "the") -> str:
    """A room or the house in a sentence: die Werkstatt; ``inside``: in der Werkstatt."""
    return in_sentence(thing, part, locale.selected())


def parts_now(room: HasParts) -> frozenset[int]:
    """The ids of the parts that a room takes today."""
    return parts_at(room, clock.now())


def part_names_now(room: Room) -> list[str]:
    """What these are called."""
    return [part.name for part in room.list_at(clock.now().timestamp())]


#: Ways to say a day, each a filter by its name.
_DAYS = ["day", "short_day", "long_day", "full_date", "day_and_month", "plain_day", "weekday", "month", "month_name"]
#: By the names that templates use.
FILTERS = {name: _of_days(getattr(wording, name)) for name in _DAYS} | {
    "brief_day": _of_days(lambda day, language: wording.by_pattern(day, "ccc-D MMM", language)),
    "near_day": near_day,
    "clock": local_clock,
    "span": local_span,
    "iso": iso,
    "date_line": whole_line,
    "sentence": sentence,
    "nbsp": nbsp,
    "own": own,
    "edition": edition,
    "way": way,
    "the": the,
    "beginning": beginning,
    "translated": locale.translated,
    "marked": marked,
    "phone": locale.phone,
    "thing": locale.thing,
    "language_name": locale.name_of,
    "parts_now": parts_now,
    "part_names_now": part_names_now,
}


class PageEnvironment(Environment):
    """Gives templates what all of them have as it is.

    Jinja chains it to what one template alone may have, of which there is nothing, and looks some hundred names up
    through the chain for each page.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(FILTERS)
    for function in (asset, drawn):  # macros see globals, not what a context processor gives
        app.add_template_global(function)

    @app.context_processor
    def _globals() -> dict[str, Any]:
        return {
            "house": house(),
            "language": locale.selected(),
            "other_languages": locale.others(),
        }
