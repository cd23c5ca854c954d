"""What a screen holds besides the page: seven days as data, from which ``static/js/lobby.js`` makes rows by itself.

Whatever rows have in common stands there once, and rows name it by its number,
so that the data of any house stay small.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask_babel import pgettext
from jinja2.utils import htmlsafe_json_dumps

from booking.domain.board import HAPPENING
from booking.house import house, notice
from booking.models import Closure
from booking.web import filters, locale, moments
from booking.web.lobby import door
from booking.web.lobby.board import Day, Line, TwiceSaid, notice_words, said_twice
from booking.web.lobby.words import NIGHT, THEMES, greetings, midnight, opening, quiet_words, soonest_words, towards

#: A row with all parts and no words.
SPECIMEN = {
    **dict.fromkeys(("starts", "ends", "words", "title", "change", "way"), ""),
    "also": "",
    "parts": ("was", "open", "fixed", "progress", "chip", "note", "change", "name", "off", "away", "sign"),
    "when": ("", ""),
    "row": {"group": "", "room": {"direction": "up", "short_name": ""}},
    "state": "later",
    "percent": 0,
}


#: So many seconds before its start a row is on no screen.
EVER = -(10**6)


class Common(dict[Any, int]):
    """Values by the number that rows name them by."""

    def number(self, value: Any) -> int:
        return self.setdefault(value, len(self))


def as_json(days: Sequence[Day], now: datetime, hint: TwiceSaid, blocks: Sequence[Closure] | None) -> str:
    """What the script reads, as it may stand in an attribute.

    ``hint``: what stands below where there is nothing else to say. ``blocks``: when the room is
    closed at whose door the screen hangs.
    """
    data = {**_Held(days, now).data(), "hint": hint}
    if blocks is not None:
        reasons = [said_twice(each, "reason") for each in blocks]
        data["door"] = {
            "blocks": [
                (epoch(each.start), epoch(each.end), said, also)
                for each, (said, _, also) in zip(blocks, reasons, strict=True)
            ]
        }
    return htmlsafe_json_dumps(data, partial(json.dumps, ensure_ascii=False, separators=(",", ":")))


class _Held:
    """The data of some days, as the script reads them."""

    def __init__(self, days: Sequence[Day], now: datetime) -> None:
        self.now = now
        self.zone = house().zone
        self.rooms, self.kinds, self.lives = Common(), Common(), Common()
        every = {day.day: day for day in days}
        beyond = [day.following for day in days if day.following and day.following.day not in every]
        self.places = {day: n for n, day in enumerate([*every, *(day.day for day in beyond[:1])])}
        self.days = [self.of_day(day) for day in days] + [self.rows_of(day) for day in beyond[:1]]

    def data(self) -> dict[str, Any]:
        says = spoken()
        if locale.second_language():
            with locale.speaking(locale.second_language()):
                says["also"] = spoken()
        return {
            "days": self.days,
            "rooms": [[room.short_name, filters.way(room), room.direction] for room in self.rooms],
            "towards": towards(),
            "kinds": list(self.kinds),
            "lives": list(self.lives),
            "happening": sorted(HAPPENING),
            "says": says,
            "notice": self.notice(),
            "night": NIGHT,
            "themes": THEMES,
            "greetings": {"open": greetings(closed=False), "closed": greetings(closed=True)},
        }

    def notice(self) -> tuple[str, str, str, int, bool] | None:
        posted = notice(self.now)
        return (*notice_words(self.now), epoch(posted.until), posted.is_important) if posted else None

    def of_day(self, day: Day) -> dict[str, Any]:
        data: dict[str, Any] = {**self.rows_of(day), "quiet": day.quiet}
        if day.closures:
            data["takesPlace"] = day.takes_place
            data["closed"] = [
                (epoch(each.start), epoch(each.end), *self.closed_words(day, each), opening(each.end))
                for each in day.closures
            ]
        if day.quiet == "shut":
            data["again"] = opening(midnight(day.day, self.zone))
        if day.following:
            data["next"], data["label"] = self.places[day.following.day], day.next_label
            data["also"] = locale.in_second(lambda: day.next_label)
        if day.upcoming and (day.quiet in ("empty", "shut") or day.closures):
            data["upcoming"] = [(*line.when, line.title) for line in day.upcoming]
        return data

    def closed_words(self, day: Day, closure: Closure) -> tuple[str, str]:
        return day.closed_words(closure), locale.in_second(lambda: day.closed_words(closure))

    def rows_of(self, day: Day) -> dict[str, Any]:
        begins, ends = (midnight(day.day + timedelta(days=n), self.zone) for n in (0, 1))
        return {
            "begins": epoch(begins),
            "ends": epoch(ends),
            "rows": [] if day.is_closed else [self.row(line, begins) for line in day.lines],
            "left": [[epoch(over), number] for over, number in day.left.items() if over > self.now],
        }

    def row(self, line: Line, midnight: datetime) -> tuple[object, ...]:
        row = line.row
        begins, ends = (int((at - midnight).total_seconds()) for at in (row.slot.start, row.slot.end))
        after = ((int((phase.begins - row.slot.start).total_seconds()), phase.state) for phase in line.life)
        life = tuple((max(seconds, EVER), state) for seconds, state in after)
        numbers = (self.lives.number(life), self.kinds.number(tuple(line.parts)), self.rooms.number(row.room))
        return (begins, ends, *numbers, line.title, line.change or row.group)


def spoken() -> dict[str, Any]:
    """What the script says in one language."""
    language = locale.selected()
    return {
        **moments.sentences(language),
        "byNumber": moments.by_number(language),
        "goesOn": pgettext("it goes on", "%(day)s:", day="{day}"),
        "off": pgettext("on the plan", "Cancelled"),  # on another day than today
        "soonest": soonest_words("{when}", "{title}"),
        "quiet": quiet_words(),
        "door": door.status_words(),
    }


def epoch(instant: datetime) -> int:
    return int(instant.timestamp())
