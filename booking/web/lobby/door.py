"""The screen at the door of one room: whether somebody is in it, until when, and what comes next there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext

from booking import wording
from booking.domain.board import State
from booking.house import closures, house, room_rows
from booking.models import Closure
from booking.web import filters, locale
from booking.web.lobby.board import Day, Line, said_twice
from booking.web.lobby.viewpoint import Viewpoint
from booking.web.lobby.words import midnight, named_day

#: While a screen shows one of these, or rows, the door of a room has something to say.
IN_VIEW = ("rows", "over", "done", "empty", "nothing")

TAKEN = (State.RUNNING, State.ENDING)
MOST_AFTER = 2


class Sign(NamedTuple):
    """What stands on it at one moment. ``kind``: free, taken or closed."""

    kind: str
    status: str
    also: str  # the same in the second language
    reason: str = ""  # why it is closed
    reason_also: str = ""
    lines: Sequence[Line] = ()  # what is on, or what comes next today
    after: Sequence[tuple[str, Line]] = ()  # what comes then, with its day and time


def sign(days: Sequence[Day], blocks: Sequence[Closure], now: datetime) -> Sign:
    """Of the first of these days."""
    today = days[0]
    ends = midnight(today.day + timedelta(days=1), house().zone)
    on = [line for line in today.lines if not line.is_gone and line.state is not State.OVER]
    taking = [line for line in on if line.state in TAKEN]
    shut = next((each for each in blocks if each.start <= now < each.end), None)
    shown = taking or [line for line in on if line not in taking][:1]
    after = [(day_and_time(line, days), line) for line in _after(days, shown) if not line.row.is_off]
    if taking:
        until = None if any(line.row.open_end for line in taking) else max(line.row.slot.end for line in taking)
        return Sign("taken", *_until("taken", until), "", "", taking, after[:MOST_AFTER])
    if shut:
        until = shut.end if shut.end < ends else None
        reason, _, also = said_twice(shut, "reason")
        return Sign("closed", *_until("closed", until), reason, also, shown, after[:MOST_AFTER])
    starts = [line.row.slot.start for line in on if not line.row.is_off] + [each.start for each in blocks]
    until = min((at for at in starts if now < at < ends), default=None)
    return Sign("free", *_until("free", until), "", "", shown, after[:MOST_AFTER])


def blocks_of(days: Sequence[Day], view: Viewpoint) -> list[Closure]:
    """When the room is closed in these days, by itself or with the house; earliest first."""
    begins, ends = (midnight(day, house().zone) for day in (days[0].day, days[-1].day + timedelta(days=1)))
    rooms = room_rows()
    of_room = [
        each for each in closures(begins, ends) if any(view.tells_of(rooms[id_], each.start) for id_ in each.room_ids)
    ]
    of_house = {id(each): each for day in days for each in day.closures}
    return sorted([*of_room, *of_house.values()], key=lambda each: each.start)


def status_words() -> dict[str, str]:
    """How its status begins, with ``{time}`` for a time of the day; and without one, what is said of all the day."""
    return {
        "free": gettext("Free until %(time)s", time="{time}"),
        "taken": gettext("In use until %(time)s", time="{time}"),
        "closed": gettext("Closed until %(time)s", time="{time}"),
        "free all day": gettext("Free today"),
        "taken all day": gettext("In use"),
        "closed all day": gettext("Closed today"),
        "tomorrow": gettext("Tomorrow"),
    }


def day_and_time(line: Line, days: Sequence[Day]) -> str:
    """19:00; Morgen, 18:00; Donnerstag, 18:30"""
    start = line.row.slot.start
    day = start.astimezone(house().zone).date()
    ahead = (day - days[0].day).days
    names = {0: "", 1: gettext("Tomorrow")}
    name = names.get(ahead, wording.weekday(day, locale.selected()) if ahead < len(days) else named_day(day))
    return filters.nbsp(f"{name}, {filters.local_clock(start)}" if name else filters.local_clock(start))


def _until(kind: str, instant: datetime | None) -> tuple[str, str]:
    """In both languages of the screen."""

    def said() -> str:
        told = status_words()
        return told[kind].replace("{time}", filters.local_clock(instant)) if instant else told[f"{kind} all day"]

    return said(), locale.in_second(said)


def _after(days: Sequence[Day], shown: Sequence[Line]) -> list[Line]:
    """What is still to come after what is shown, of today and of the days ahead."""
    last = days[-1].following
    ahead = [line for day in [*days[1:], *([last] if last else [])] for line in day.lines]
    today = [line for line in days[0].lines if not line.is_gone and line.state not in (*TAKEN, State.OVER)]
    return [line for line in [*today, *ahead] if line not in shown]
