"""Which parts of the house a room takes, which may be others from a day on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, Protocol

#: Since when the first list of a room's parts holds.
EVER = 0


class DatedIds(NamedTuple):
    """Lists of ids, each with the epoch seconds since when it holds, earliest first."""

    since: tuple[int, ...]
    ids: tuple[frozenset[int], ...]

    def at(self, seconds: float) -> frozenset[int]:
        """The list that holds then."""
        return self.ids[bisect_right(self.since, seconds, 1) - 1] if len(self.since) > 1 else self.ids[0]

    @property
    def ever(self) -> frozenset[int]:
        """What stands in one of them."""
        return frozenset().union(*self.ids) if len(self.ids) > 1 else self.ids[0]

    def changed(self, since: int, ids: frozenset[int]) -> DatedIds:
        """The same with this list from then on until the next one; with an empty one as if none began then."""
        lists = {**dict(zip(self.since, self.ids, strict=True)), since: ids}
        kept = sorted((begins, ids) for begins, ids in lists.items() if ids)
        return DatedIds(tuple(begins for begins, _ in kept), tuple(ids for _, ids in kept))

    def always_meet(self, other: DatedIds) -> bool:
        """Whether the two have something in common at all times."""
        return all(not self.at(since).isdisjoint(other.at(since)) for since in {*self.since, *other.since})


class HasParts(Protocol):
    """A room, as a row of the session or as plain values."""

    @property
    def part_lists(self) -> DatedIds: ...


@lru_cache(1000)
def read_lists(told: str) -> DatedIds:
    """Lists as a statement tells them: "0:1,0:2,1777586400:3"."""
    pairs = [each.split(":") for each in told.split(",")] if told else []
    ordered = sorted((int(since), int(part)) for since, part in pairs)
    lists = {since: frozenset(part for _, part in rows) for since, rows in groupby(ordered, itemgetter(0))}
    return DatedIds(tuple(lists) or (EVER,), tuple(lists.values()) or (frozenset(),))


def lists_of_all(every: Collection[DatedIds]) -> DatedIds:
    """What stands in one or the other."""
    since = tuple(sorted({EVER, *(since for lists in every for since in lists.since)}))
    return DatedIds(since, tuple(frozenset().union(*(lists.at(each) for lists in every)) for each in since))


def parts_at(room: HasParts, begin: datetime) -> frozenset[int]:
    """The parts that a date takes which begins then, set-up included."""
    return room.part_lists.at(begin.timestamp())


def shares_parts(one: HasParts, other: HasParts, begin: datetime, other_begin: datetime | None = None) -> bool:
    """Whether only one can be used by dates that begin then, such as of a hall and its half; a room is so with itself.

    ``other_begin``: when a date in the other begins; then too where that is not given.
    """
    return not parts_at(one, begin).isdisjoint(parts_at(other, other_begin or begin))
