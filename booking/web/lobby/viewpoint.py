"""From where a screen looks: of which rooms it tells, and which way they are from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from booking.agenda import Beginning
from booking.domain.parts import lists_of_all, shares_parts
from booking.house import RoomRow, room_rows, told_together
from booking.models import Display


class Viewpoint(NamedTuple):
    """``room_ids``: what a screen may tell of, all rooms where none are named; ``ways`` as of a ``Display``.

    ``chosen``: of which rooms it tells; a single one is that at whose door it hangs.
    """

    room_ids: Sequence[int] = ()
    ways: Mapping[str, Mapping[str, str]] = {}
    chosen: Sequence[RoomRow] = ()

    @property
    def room(self) -> RoomRow | None:
        return self.chosen[0] if len(self.chosen) == 1 else None

    @classmethod
    def of(cls, display: Display) -> Viewpoint:
        """Of its rooms, and of those that cannot be used at the same time: what is on in a hall is on in its half."""
        rooms = room_rows().values()
        chosen = [room for room in rooms if room.id in display.room_ids]
        parts = lists_of_all([room.part_lists for room in chosen]).ever
        told = [room.id for room in rooms if not room.part_lists.ever.isdisjoint(parts)]
        return cls(told, display.ways, chosen)

    def tells_of(self, room: RoomRow, begin: datetime) -> bool:
        """Whether what begins then in this room is told."""
        return not self.chosen or any(shares_parts(each, room, begin) for each in self.chosen)

    def seen(self, plan: Beginning) -> Beginning:
        """A day with each room as it is seen from here."""
        told = [row for row in plan.rows if self.tells_of(row.room, row.slot.start)]
        return plan._replace(rows=[row._replace(room=self._turned(row.room)) for row in told])

    def _turned(self, room: RoomRow) -> RoomRow:
        if room.together:
            told = told_together([self._turned(room_rows()[id_]) for id_ in room.together])
            return room._replace(**{name: told[name] for name in ("way", "way_en", "direction")})
        own = self.ways.get(str(room.id), {})
        if own.get("way"):
            room = room._replace(way=own["way"], way_en=own.get("way_en", ""))
        return room._replace(direction=own.get("direction") or room.direction)


FROM_THE_LOBBY = Viewpoint()
