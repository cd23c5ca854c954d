"""The dates that programs may read, as plain rows: feeds, the JSON interface, open data. Public facts only.

A closed group has no title, name or link here, in whatever form it is asked for.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from booking.database import db
from booking.domain.parts import shares_parts
from booking.domain.slot import Slot
from booking.domain.status import HOLDS_ROOM, PUBLIC, Status
from booking.house import RoomRow, closures, part_changes, room_rows, rooms_with
from booking.models import Booking, Initiative, Occurrence

#: No date lasts longer, nor does setting up or tidying up.
DAY = timedelta(days=1)
#: How long a calendar program can still learn that a date is off: many ask once a month at least.
CANCELLED_KEPT = timedelta(days=60)
#: How far a feed goes back.
PAST_KEPT = timedelta(days=92)
#: Dates in one answer; of a feed the next ones.
MOST = 2000


class PublicDate(NamedTuple):
    """One date. ``title``, ``group`` and ``url`` are empty for a closed group."""

    id: int
    uid: str
    sequence: int
    changed_at: datetime
    status: Status
    start: datetime
    end: datetime
    original_start: datetime
    doors: datetime | None
    room: RoomRow
    is_open: bool
    open_end: bool
    title: str
    group: str
    slug: str  # of the group, where it is named in public
    url: str

    @property
    def is_off(self) -> bool:
        return self.status is Status.CANCELLED

    @property
    def slot(self) -> Slot:
        return Slot(self.start, self.end)


def public_dates(
    *which: sa.ColumnElement[bool], after: int = 0, most: int = MOST, first: sa.ColumnElement[bool] | None = None
) -> list[PublicDate]:
    """The dates that are or were confirmed and for which all of ``which`` hold, earliest first.

    Where there are too many, those for which ``first`` holds go first.
    """
    found = db.session.execute(
        sa.select(
            *(getattr(Occurrence, name) for name in PublicDate._fields[:9]),
            Occurrence.room_id,
            Booking.is_open,
            Booking.open_end,
            Booking.title,
            Initiative.name,
            Initiative.slug,
            Booking.url,
            Initiative.is_public,
        )
        .join(Occurrence.booking)
        .join(Booking.initiative)
        .where(Occurrence.status.in_(PUBLIC), *which)
        .order_by(*([] if first is None else [~first]), Occurrence.start, Occurrence.id)
        .offset(after)
        .limit(most)
    )
    return [_masked(row) for row in found]


def _masked(row: Any) -> PublicDate:
    *plain, room_id, is_open, open_end, title, group, slug, url, is_named = row
    words = (title, group, slug if is_named else "", url) if is_open else ("", "", "", "")
    return PublicDate._make((*plain, room_rows()[room_id], is_open, open_end, *words))


def for_feeds(now: datetime) -> sa.ColumnElement[bool]:
    """What a feed holds: from some months ago on, and what is off for as long as programs may not know of it."""
    is_known = sa.or_(Occurrence.status != Status.CANCELLED, Occurrence.changed_at >= now - CANCELLED_KEPT)
    return sa.and_(Occurrence.start >= now - PAST_KEPT, is_known)


def between(begin: datetime, end: datetime) -> sa.ColumnElement[bool]:
    """What reaches into a period, half-open; by way of an index, as no date is longer than a day."""
    return sa.and_(Occurrence.start < end, Occurrence.start > begin - DAY, Occurrence.end > begin)


def open_to_all() -> sa.ColumnElement[bool]:
    """What everybody may come to."""
    return Booking.is_open.is_(True)


def in_rooms(rooms: Sequence[RoomRow]) -> sa.ColumnElement[bool]:
    return Occurrence.room_id.in_([room.id for room in rooms_with(*rooms)])


def of_group(slug: str) -> sa.ColumnElement[bool]:
    """The open meetings of a group that is named in public."""
    is_theirs = sa.and_(Initiative.slug == slug, Initiative.is_public)
    return sa.and_(Booking.is_open, Booking.initiative_id.in_(sa.select(Initiative.id).where(is_theirs)))


def group_name(slug: str) -> str | None:
    """What a group is called that is named in public."""
    return db.session.scalar(sa.select(Initiative.name).where(Initiative.slug == slug, Initiative.is_public))


class Busy(NamedTuple):
    """A time in which a room cannot be had, setting up and tidying up included, and why: "taken" or "closed"."""

    room: RoomRow
    slot: Slot
    reason: str


def occupancy_of(rooms: Sequence[RoomRow], begin: datetime, end: datetime) -> list[Busy]:
    """When rooms are occupied in a period, by whatever shares a part with them, or closed; room by room.

    It tells nothing of who is there.
    """
    rows = db.session.execute(
        sa.select(
            *(getattr(Occurrence, name) for name in ("start", "end", "before_minutes", "after_minutes", "room_id"))
        )
        .where(Occurrence.status.in_(HOLDS_ROOM), between(begin - DAY, end + DAY))
        .order_by(Occurrence.start, Occurrence.id)
    ).all()
    by_id, changes = room_rows(), part_changes()
    sharing: dict[tuple[int, int], list[RoomRow]] = {}  # by the room, and after how many changes of parts
    found: dict[int, list[Busy]] = {room.id: [] for room in rooms}
    for start, stop, before, after, room_id in rows:
        slot = Slot(start, stop).widened(timedelta(minutes=before), timedelta(minutes=after))
        if slot.start < end and slot.end > begin:
            key = room_id, bisect_right(changes, slot.start.timestamp())
            if key not in sharing:
                sharing[key] = [room for room in rooms if shares_parts(by_id[room_id], room, slot.start)]
            for room in sharing[key]:
                found[room.id].append(Busy(room, slot, "taken"))
    for closure in closures(begin, end):
        for room in rooms:
            if closure.is_of_house or room.id in closure.room_ids:
                found[room.id].append(Busy(room, closure.slot, "closed"))
    return [busy for each in found.values() for busy in sorted(each, key=lambda it: (it.slot.start, it.slot.end))]
