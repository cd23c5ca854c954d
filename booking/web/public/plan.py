"""Lines of the public plan as pages show them: their times on the clock, and that one runs, is cancelled, was moved."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext

from booking import wording
from booking.agenda import AgendaRow
from booking.domain.board import State, is_gone, phase_at
from booking.domain.slot import Slot
from booking.house import house
from booking.web import locale, moments

#: So long before it begins something can be said of a meeting.
NEAR = timedelta(minutes=15)


#: Beside what is said of a meeting that is near.
DRAWINGS = {State.DOORS: "door", State.OVER: "done"} | dict.fromkeys((State.SOON, State.RUNNING, State.ENDING), "clock")


class Note(NamedTuple):
    """A word beside a line, with its drawing; ``look`` is a KERN badge, ``now`` marks what runs."""

    text: str
    icon: str
    look: str = ""
    now: bool = False


class PlanLine(NamedTuple):
    """A row of the plan at one moment.

    ``starts`` is local, as 2026-12-08T19:00, ``begins`` and ``ends`` its times on the clock. ``url``: the page of an
    open date.
    """

    row: AgendaRow
    starts: str
    begins: str
    ends: str
    url: str
    note: Note | None


def lines(rows: Iterable[AgendaRow], now: datetime) -> tuple[PlanLine, ...]:
    """The rows as they are shown, each word of theirs made once however often a page shows it."""
    zone, root = house().zone, request.script_root  # url_for takes longer than all else of a line
    found = []
    for row in rows:
        url = f"{root}/termine/{row.occurrence_id}" if row.is_open else ""
        found.append(PlanLine(row, *_on_the_clock(row.slot, zone), url, _note(row, now)))
    return tuple(found)


@lru_cache(2048)  # of a large house many meet at the same times
def _on_the_clock(slot: Slot, zone: ZoneInfo) -> tuple[str, str, str]:
    """``starts``, ``begins`` and ``ends`` of a line."""
    starts, ends = (at.astimezone(zone).isoformat()[:16] for at in slot)
    return starts, starts[11:], ends[11:]


def _note(row: AgendaRow, now: datetime) -> Note | None:
    """What people must know about this line at this moment; None where its time says it all."""
    if row.cancelled:
        return Note(gettext("cancelled"), "x", "danger")
    if row.moved_away:
        return Note(_moved_to(row), "swap", "info")
    state = _state(row, now)
    if state is not State.LATER and state in DRAWINGS:
        return Note(moments.said(row, state, now), DRAWINGS[state], now=state in (State.RUNNING, State.ENDING))
    if row.is_moved:
        return Note(_moved_from(row), "swap", "info")
    if row.is_open and row.doors and row.doors > now:
        return Note(moments.said(row, State.DOORS, now), "door")
    return None


def _state(row: AgendaRow, now: datetime) -> State:
    """What a meeting is at, unless it is far off or long over."""
    if (row.slot.start - now > NEAR and not row.doors) or has_gone(row, now):
        return State.LATER
    return phase_at(moments.life(row), now).state


def has_gone(row: AgendaRow, now: datetime) -> bool:
    """Whether the line can go from the plan of the day."""
    return is_gone(row.slot, now, is_off=row.is_off)


def _moved_to(row: AgendaRow) -> str:
    new, old = _local(row.start), _local(row.slot.start)
    when = {"day": wording.short_day(new.date(), locale.selected()), "time": wording.clock(new)}
    if new.date() == old.date():
        return str(gettext("moved to %(time)s", **when))
    return str(gettext("moved to %(day)s, %(time)s", **when))


def _moved_from(row: AgendaRow) -> str:
    new, old = _local(row.start), _local(row.original_start)
    if new.date() != old.date():
        return str(gettext("moved, instead of %(day)s", day=wording.short_day(old.date(), locale.selected())))
    if new != old:
        return str(gettext("moved, instead of %(time)s", time=wording.clock(old)))
    return str(gettext("moved, instead of %(room)s", room=row.original_room.name))


def _local(instant: datetime) -> datetime:
    return instant.astimezone(house().zone)
