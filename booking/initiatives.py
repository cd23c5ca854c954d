"""The groups as the office keeps them: their names and kinds, what it notes of them, and two that are one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from booking import log
from booking.database import db, transaction
from booking.domain.status import Status
from booking.house import house, public_changed
from booking.lifecycle import Stale
from booking.models import Booking, Contact, Initiative, KeyLoan, Letter, Link, Occurrence, StaffMember
from booking.requesting import known_group
from booking.sharing import erasing
from booking.sharing.erasing import HoldsKey


class NameTaken(Exception):
    """Another group has this name."""


@dataclass(frozen=True, slots=True)
class AboutGroup:
    """What the office says of a group. ``other_names``: by which it is found too; ``notes`` are for the team alone."""

    name: str
    kind: str
    is_public: bool
    notes: str
    other_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, group: Initiative) -> "AboutGroup":
        return cls(group.name, group.kind, group.is_public, group.notes, tuple(group.other_names.splitlines()))


class Belongings(NamedTuple):
    """How many rows hang on a group, and go along where it is merged into another."""

    bookings: int
    dates: int
    coming: int
    letters: int
    links: int
    keys_out: int


def edit_group(group: Initiative, about: AboutGroup, *, seen: AboutGroup, by: StaffMember, now: datetime) -> Initiative:
    """Write down what the office says of a group; what public pages show of it changes with it.

    Raises ``Stale`` where somebody else has changed it since it was ``seen``, or merged it into another, and
    ``NameTaken``.
    """
    with transaction():
        (row,) = _present([group])
        if AboutGroup.of(row) != seen:
            raise Stale
        known = known_group(about.name)
        if known and known is not row:
            raise NameTaken
        names = about.other_names
        if row.name.casefold() != about.name.casefold():
            names = (*names, row.name)  # who still writes it is found; its address stays, as calendars follow it
        row.other_names = _each_once(names, about.name)
        row.name, row.kind, row.is_public, row.notes = about.name, about.kind, about.is_public, about.notes
        log.record("edit_group", None, by=by, group=row.id, now=now)
        public_changed()
        return row


def merge_groups(
    keep: Initiative, gone: Initiative, *, seen: Belongings | None, by: StaffMember, now: datetime
) -> Initiative:
    """Make two groups one, which keeps its name, kind and publicity: all bookings of the other, with all that hangs on
    them, are its own, and so are the notes and the names.

    Raises ``Stale`` where one of them is merged already, or ``gone`` has something else than was ``seen``.
    """
    with transaction():
        keep_id, gone_id = map(_id_of, (keep, gone))
        moving = sa.select(Booking.id).where(Booking.initiative_id == gone_id)
        db.session.execute(moving.order_by(Booking.id).with_for_update()).all()  # bookings before the house, as always
        stays, goes = _present([keep, gone])
        goes_with = belongings([goes], now)[gone_id]
        if stays is goes or goes_with != seen:
            raise Stale
        db.session.execute(sa.update(Booking).where(Booking.initiative_id == gone_id).values(initiative_id=keep_id))
        stays.other_names = _each_once(
            (*stays.other_names.splitlines(), goes.name, *goes.other_names.splitlines()), stays.name
        )
        stays.notes = "\n\n".join(filter(None, (stays.notes, goes.notes)))
        db.session.delete(goes)
        log.record("merge_groups", None, by=by, count=goes_with.dates, group=keep_id, former=gone_id, now=now)
        public_changed()
        return stays


def erase_contact(group: Initiative, contact_id: int, *, by: StaffMember, now: datetime) -> int:
    """Forget a person who speaks for bookings of a group, in all of them; returns in how many rows they were known.

    What they asked for stays. Raises ``HoldsKey`` while they have a key.
    """
    known = contacts(group)
    chosen = next((each for each in known if each.id == contact_id), None)
    if chosen is None:
        return 0
    same = [each for each in known if each is chosen or (each.mailbox and each.mailbox == chosen.mailbox)]
    ids = [each.id for each in same]
    has_key = sa.select(KeyLoan.id).join(KeyLoan.booking)
    if db.session.scalars(has_key.where(KeyLoan.returned_at.is_(None), Booking.contact_id.in_(ids)).limit(1)).first():
        raise HoldsKey
    erasing.erase_people(same, now, by)
    return len(same)


def contacts(group: Initiative) -> list[Contact]:
    """Everybody known who speaks for bookings of a group, or has a link to one; the latest first."""
    own = sa.select(Booking.id).where(Booking.initiative_id == group.id)
    speak = sa.select(Booking.contact_id).where(Booking.id.in_(own))
    hold = sa.select(Link.contact_id).where(Link.booking_id.in_(own))
    is_known = sa.or_(Contact.name.is_not(None), Contact.email.is_not(None), Contact.phone.is_not(None))
    found = sa.select(Contact).where(sa.or_(Contact.id.in_(speak), Contact.id.in_(hold)), is_known)
    return list(db.session.scalars(found.order_by(Contact.id.desc())))


def belongings(groups: Iterable[Initiative], now: datetime) -> dict[int, Belongings]:
    """What hangs on groups, by their ids: one statement."""
    own = Booking.initiative_id == Initiative.id
    numbers = (
        sa.select(sa.func.count(Booking.id)).where(own),
        sa.select(sa.func.count(Occurrence.id)).join(Occurrence.booking).where(own),
        sa.select(sa.func.count(Occurrence.id))
        .join(Occurrence.booking)
        .where(own, Occurrence.status == Status.APPROVED, Occurrence.end > now),
        sa.select(sa.func.count(Letter.id)).join(Letter.booking).where(own),
        sa.select(sa.func.count(Link.id)).join(Link.booking).where(own, Link.revoked_at.is_(None)),
        sa.select(sa.func.count(KeyLoan.id)).join(KeyLoan.booking).where(own, KeyLoan.returned_at.is_(None)),
    )
    ids = [*map(_id_of, groups)]
    of_each = [each.correlate(Initiative).scalar_subquery() for each in numbers]
    rows = db.session.execute(sa.select(Initiative.id, *of_each).where(Initiative.id.in_(ids)))
    return {id_: Belongings(*counted) for id_, *counted in rows}


def _present(groups: Iterable[Initiative]) -> list[Initiative]:
    """The groups as they are when it is our turn, one at a time for all that change groups; ``Stale`` where one is
    gone."""
    db.session.refresh(house(), with_for_update=True)
    found = [db.session.get(Initiative, _id_of(each), populate_existing=True) for each in groups]
    present = [each for each in found if each is not None]
    if len(present) < len(found):
        raise Stale
    return present


def _each_once(names: Iterable[str], name: str) -> str:
    """Other names than this one, however they are capitalised, one a line."""
    found = {each.casefold(): each for each in reversed([*names])}
    found.pop(name.casefold(), None)
    return "\n".join(reversed(found.values()))


def _id_of(group: Initiative) -> int:
    """Its id, without reading a row that may be gone by now."""
    (id_,) = sa.inspect(group).identity or ()
    return int(id_)
