"""What somebody wants to see of the public plan: one room, open meetings alone, rooms without steps.

It stands in the query of an address, so it is kept from day to day and from view to view, and can be passed on.
"""

from collections.abc import Sequence
from typing import NamedTuple

from flask import abort, request

from booking import catalogues
from booking.house import RoomRow, offered_rooms, room_rows, rooms_with
from booking.web import locale

#: As they stand in addresses.
PARAMETERS = ("raum", "offen", "stufenlos")
YES = "ja"


class Narrowed(NamedTuple):
    """``query``: what addresses of other days and views take along; empty where all is shown."""

    room: RoomRow | None
    open_only: bool
    step_free: bool
    query: dict[str, str]

    @property
    def rooms(self) -> list[RoomRow]:
        wanted = rooms_with(self.room) if self.room else room_rows().values()
        return [room for room in wanted if room.step_free or not self.step_free]

    @property
    def room_ids(self) -> Sequence[int]:
        """Those of ``rooms``; empty where they are all, an id that no room has where they are none."""
        return [room.id for room in self.rooms] or [0] if self.room or self.step_free else ()

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """What can be chosen in place of the room: slugs with names."""
        every = catalogues.words(locale.selected()).gettext("all rooms")
        return ("", every), *((room.slug, room.name) for room in offered_rooms())

    @property
    def words(self) -> list[str]:
        text = catalogues.words(locale.selected())
        said = [text.gettext("open meetings only")] if self.open_only else []
        said += [text.gettext("step-free rooms only")] if self.step_free else []
        return [self.room.name, *said] if self.room else said


def narrowed() -> Narrowed:
    """As the address says; 404 for a room that is not there."""
    slug = request.args.get("raum")
    room = next((each for each in room_rows().values() if each.slug == slug), None) if slug else None
    if slug and not room:
        abort(404)
    open_only, step_free = bool(request.args.get("offen")), bool(request.args.get("stufenlos"))
    values = (slug, open_only and YES, step_free and YES)
    query = {name: value for name, value in zip(PARAMETERS, values, strict=True) if value}
    return Narrowed(room, open_only, step_free, query)
