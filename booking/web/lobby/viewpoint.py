"""From where a screen looks: of which rooms it tells, and which way they are from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from booking.agenda import Beginning
from booking.house import RoomRow, room_rows, told_together
from booking.models import Display


class Viewpoint(NamedTuple):
    """``room_ids``: of which rooms a screen tells, all where none are named; ``ways`` as of a ``Display``.

    ``room``: at whose door it hangs.
    """

    room_ids: Sequence[int] = ()
    ways: Mapping[str, Mapping[str, str]] = {}
    room: RoomRow | None = None

    @classmethod
    def of(cls, display: Display) -> Viewpoint:
        """Of its rooms, and of those that cannot be used at the same time: what is on in a hall is on in its half."""
        rooms = room_rows().values()
        chosen = [room for room in rooms if room.id in display.room_ids]
        told = [room.id for room in rooms if any(map(room.shares_part_with, chosen))]
        return cls(told, display.ways, chosen[0] if len(chosen) == 1 else None)

    def seen(self, plan: Beginning) -> Beginning:
        """A day with each room as it is seen from here."""
        return plan._replace(rows=[row._replace(room=self._turned(row.room)) for row in plan.rows])

    def _turned(self, room: RoomRow) -> RoomRow:
        if room.together:
            told = told_together([self._turned(room_rows()[id_]) for id_ in room.together])
            return room._replace(**{name: told[name] for name in ("way", "way_en", "direction")})
        own = self.ways.get(str(room.id), {})
        if own.get("way"):
            room = room._replace(way=own["way"], way_en=own.get("way_en", ""))
        return room._replace(direction=own.get("direction") or room.direction)


FROM_THE_LOBBY = Viewpoint()
