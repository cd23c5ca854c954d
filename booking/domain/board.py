"""What the lobby screen says about a date at each moment.

The life of a row is a list of phases. Between two of them nothing changes but
the minutes that are left and how far a meeting has come, so a screen that
holds the phases stays right for days without a network and without knowing
these rules.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from booking.domain.slot import Slot


class State(StrEnum):
    LATER = "later"
    DOORS = "doors"  # guests may come in
    SOON = "soon"
    RUNNING = "running"
    ENDING = "ending"
    OVER = "over"  # a moment ago
    CANCELLED = "cancelled"
    MOVED = "moved"  # this is where it used to be
    GONE = "gone"


#: What stands under "Now".
HAPPENING = frozenset({State.DOORS, State.SOON, State.RUNNING, State.ENDING, State.OVER})

ALWAYS = datetime.min.replace(tzinfo=UTC)

_SOON = timedelta(minutes=15)  # before the start
_ENDING = timedelta(minutes=10)  # before the end
LINGERS = timedelta(minutes=5)  # after the end


class Phase(NamedTuple):
    """From ``begins`` on a row is in ``state``."""

    begins: datetime
    state: State


def phases(slot: Slot, *, doors: datetime | None = None, open_end: bool = False) -> list[Phase]:
    """The phases of a date that takes place, the first from ever and the last for good.

    The minutes to the start come before the open doors, since they say more.
    Where the end is not public (``open_end``), nothing tells of it.
    """
    life = [Phase(ALWAYS, State.LATER)]
    if doors and doors < slot.start:
        life.append(Phase(doors, State.DOORS))
    life += [Phase(slot.start - _SOON, State.SOON), Phase(slot.start, State.RUNNING)]
    if not open_end:
        life += [Phase(max(slot.end - _ENDING, slot.start), State.ENDING), Phase(slot.end, State.OVER)]
    life.append(Phase(slot.end + LINGERS, State.GONE))
    return [phase for phase, after in pairwise(life) if phase.begins < after.begins] + life[-1:]


def phases_off(slot: Slot, state: State) -> list[Phase]:
    """The phases of a date that does not take place here: it says so until it would have ended."""
    return [Phase(ALWAYS, state), Phase(slot.end, State.GONE)]


def is_gone(slot: Slot, now: datetime, *, is_off: bool) -> bool:
    """Whether the last phase has begun; the answer of ``phases`` and ``phases_off`` without all the others."""
    return now >= (slot.end if is_off else slot.end + LINGERS)


def minutes_until(instant: datetime, now: datetime) -> int:
    """As a clock on the wall tells it: in the last minute 1."""
    return math.ceil((instant - now) / timedelta(minutes=1))


def phase_at(life: Sequence[Phase], now: datetime) -> Phase:
    """The phase at an instant; the instant at which one begins belongs to it."""
    return [phase for phase in life if phase.begins <= now][-1]


def pages(number: int, most: int) -> list[slice]:
    """How ``number`` rows go on pages of at most ``most``: as few as can be, and evenly (4 and 4, not 7 and 1)."""
    if number <= 0:
        return [slice(0, 0)]
    count = -(-number // max(most, 1))
    edges = [round(number * n / count) for n in range(count + 1)]
    return [slice(first, last) for first, last in pairwise(edges)]
