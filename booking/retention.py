"""Forgetting what is no longer needed, on the days that the house has decided and the privacy notice names.

What statistics need stays: group, kind, room, time. Running it twice does no harm.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from time import sleep
from typing import Any, NamedTuple

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from flask import Flask
from sqlalchemy.orm import InstrumentedAttribute

from booking import clock, log, traces
from booking.database import db, transaction
from booking.domain.policy import HANDOVER_WAITS
from booking.domain.remembering import Retention
from booking.domain.status import Status
from booking.house import public_changed, rooms
from booking.models import Booking, Change, Contact, Draft, Handover, House, Initiative, Letter, Link, Occurrence

logger = logging.getLogger(__name__)

#: What nobody has sent: no decision of the house, as a break in writing takes no longer.
DRAFTS = timedelta(hours=24)

ONCE_A_DAY = 24 * 3600

#: Rows in one transaction, which takes some milliseconds.
BATCH = 100
#: Between two of them: whoever waits to write looks more often.
REST = partial(sleep, 0.02)

#: What a contact tells of a person: all there is.
PERSONAL = [column.key for column in sa.inspect(Contact).columns if not column.primary_key]
#: What people write of themselves in a booking.
OWN_WORDS = ("purpose", "note", "access_needs", "question", "answer", "title_wish", "url", "url_wish")

_IS_KNOWN = sa.or_(Contact.name.is_not(None), Contact.email.is_not(None))


class WhatIsForgotten(NamedTuple):
    """How many of each were forgotten."""

    drafts: int
    onsite: int
    contacts: int
    letters: int


def forget_what_is_due(now: datetime, rest: Callable[[], object] = REST) -> WhatIsForgotten:
    """Forget what is due, in short transactions with a ``rest`` after each, in which others can write."""
    place = db.session.get(House, 1)
    kept = place.remembers if place else Retention()
    batches = partial(_batches, rest=rest)
    forgotten = WhatIsForgotten(
        drafts=batches(_old_drafts(now), _forget_drafts),
        onsite=batches(_past(now, kept), _forget_onsite),
        contacts=batches(_long_past(now, kept), _forget_bookings) + batches(_former(now), _forget_people),
        letters=batches(_old_letters(now, kept), _forget_letters),
    )
    if any(forgotten):
        with transaction():
            log.record("forget", None, now=now, **forgotten._asdict())
    traces.wipe()
    return forgotten


def _batches(due: sa.Select[int], forget_some: Callable[[Sequence[int]], int], rest: Callable[[], object]) -> int:
    """Choose once, which holds nobody up; then look again at some at a time, and forget those that are still due.

    A row that somebody is changing just now is left for the next day.
    """
    number = 0
    (id_,) = due.selected_columns
    db.session.rollback()
    ids = db.session.scalars(due.order_by(id_)).all()
    for first in range(0, len(ids), BATCH):
        with transaction():
            some = due.where(id_.in_(ids[first : first + BATCH])).with_for_update(skip_locked=True)
            number += forget_some(db.session.scalars(some).all())
        rest()
    return number


def contacts_of(booking: Booking) -> list[Contact]:
    """Everybody who speaks for a booking, has or had a link to it, or was to follow."""
    held = sa.select(Link.contact_id).where(Link.booking_id == booking.id)
    wanted = sa.or_(Contact.id == booking.contact_id, Contact.id.in_(held))
    return list(db.session.scalars(sa.select(Contact).where(wanted).order_by(Contact.id)))


def forget_contact(contact: Contact) -> None:
    """Empty all that is known of a person, in the transaction at hand."""
    for name in PERSONAL:
        setattr(contact, name, None)


def forget_texts(bookings: Collection[int]) -> None:
    """Empty what people wrote about themselves in their own words, in the transaction at hand."""
    db.session.execute(sa.update(Booking).where(Booking.id.in_(bookings)).values(dict.fromkeys(OWN_WORDS, "")))
    dates = sa.select(Occurrence.id).where(Occurrence.booking_id.in_(bookings))
    db.session.execute(sa.update(Change).where(Change.occurrence_id.in_(dates)).values(note=""))
    offered = {thing for room in rooms() for thing in room.equipment}
    for id_, equipment in db.session.execute(sa.select(Booking.id, Booking.equipment).where(Booking.id.in_(bookings))):
        if not offered.issuperset(equipment):
            kept = [thing for thing in equipment if thing in offered]
            db.session.execute(sa.update(Booking).where(Booking.id == id_).values(equipment=kept))


def forget_notes(bookings: Collection[int]) -> None:
    """Empty what the office noted of the groups of these bookings, where nobody of the group is known any more; in the
    transaction at hand, after people are forgotten."""
    groups = sa.select(Booking.initiative_id).where(Booking.id.in_(bookings))
    still_known = (
        sa.exists().where(Booking.initiative_id == Initiative.id, Booking.contact_id == Contact.id, _IS_KNOWN)
    ).correlate(Initiative)
    gone = sa.update(Initiative).where(Initiative.id.in_(groups), Initiative.notes != "", ~still_known)
    db.session.execute(gone.values(notes=""), execution_options={"synchronize_session": False})


def run_daily(app: Flask, stop: Event) -> None:
    """Forget once a day until ``stop`` is set, beginning now."""
    while not stop.is_set():
        try:
            with app.app_context():
                forget_what_is_due(clock.now())
        except Exception as error:  # the next day tries again
            logger.error("retention: %s", type(error).__name__)
        stop.wait(ONCE_A_DAY)


# ---- what is due


def _old_drafts(now: datetime) -> sa.Select[int]:
    return sa.select(Draft.id).where(Draft.changed_at <= now - DRAFTS)


def _old_letters(now: datetime, kept: Retention) -> sa.Select[int]:
    since = now - timedelta(days=kept.letters_days)
    return sa.select(Letter.id).where(
        Letter.state.in_(("sent", "stopped")), Letter.created_at <= since, Letter.body != ""
    )


def _past(now: datetime, kept: Retention) -> sa.Select[int]:
    """Bookings of which it is still known who was responsible on the evening."""
    is_known = sa.or_(Contact.onsite_name.is_not(None), Contact.onsite_phone.is_not(None))
    since = now - timedelta(days=kept.onsite_days)
    return sa.select(Booking.id).where(
        sa.exists().where(Contact.id == Booking.contact_id, is_known), _last(Occurrence.end) <= since
    )


def _long_past(now: datetime, kept: Retention) -> sa.Select[int]:
    """Bookings that are over, or came to nothing, and of which somebody is still known."""
    came_to_something = sa.exists().where(
        Occurrence.booking_id == Booking.id, Occurrence.status.not_in((Status.DECLINED, Status.WITHDRAWN))
    )
    return sa.select(Booking.id).where(
        sa.or_(
            sa.exists().where(Contact.id == Booking.contact_id, _IS_KNOWN),
            sa.exists().where(Link.booking_id == Booking.id, Link.contact_id == Contact.id, _IS_KNOWN),
        ),
        sa.or_(
            sa.and_(came_to_something, _last(Occurrence.end) <= now - relativedelta(months=kept.contact_months)),
            sa.and_(
                ~came_to_something, _last(Occurrence.changed_at) <= now - relativedelta(months=kept.in_vain_months)
            ),
        ),
    )


def _former(now: datetime) -> sa.Select[int]:
    """Who has no booking and no link any more, such as somebody who has handed over, once the last letter has left."""
    is_to_follow = sa.and_(Handover.ended_at.is_(None), Handover.created_at > now - HANDOVER_WAITS)
    still_in_it: sa.CompoundSelect[int] = (
        sa.union_all(  # asked once, where a question for each contact would take a look at all bookings
            sa.select(Booking.contact_id).where(Booking.contact_id.is_not(None)),
            sa.select(Link.contact_id).where(
                Link.contact_id.is_not(None), Link.purpose == "page", Link.revoked_at.is_(None)
            ),
            sa.select(Handover.contact_id).where(is_to_follow),
            sa.select(Letter.contact_id).where(
                Letter.contact_id.is_not(None), Letter.state.in_(("waiting", "sending"))
            ),
        )
    )
    return sa.select(Contact.id).where(_IS_KNOWN, Contact.id.not_in(still_in_it))


def _last(column: InstrumentedAttribute[datetime]) -> sa.ScalarSelect[datetime]:
    return sa.select(sa.func.max(column)).where(Occurrence.booking_id == Booking.id).scalar_subquery()


# ---- forgetting it, in the transaction at hand; each gives the number of its rows


def _forget_drafts(ids: Sequence[int]) -> int:
    return _changed(sa.delete(Draft).where(Draft.id.in_(ids)))


def _forget_letters(ids: Sequence[int]) -> int:
    return _changed(sa.update(Letter).where(Letter.id.in_(ids)).values(body="", calendar=None))


def _forget_onsite(bookings: Sequence[int]) -> int:
    contacts = sa.select(Booking.contact_id).where(Booking.id.in_(bookings))
    return _changed(sa.update(Contact).where(Contact.id.in_(contacts)).values(onsite_name=None, onsite_phone=None))


def _forget_bookings(bookings: Sequence[int]) -> int:
    """Everybody who had to do with these bookings, and what they wrote."""
    speaks = sa.select(Booking.contact_id).where(Booking.id.in_(bookings))
    held = sa.select(Link.contact_id).where(Link.booking_id.in_(bookings))
    if bookings:
        public_changed()  # their links are gone from the plan of days long past
    people = sa.select(Contact.id).where(sa.or_(Contact.id.in_(speaks), Contact.id.in_(held)), _IS_KNOWN)
    forget_texts(bookings)
    number = _forget_people(db.session.scalars(people).all())
    forget_notes(bookings)
    return number


def _forget_people(ids: Sequence[int]) -> int:
    return _changed(sa.update(Contact).where(Contact.id.in_(ids)).values(dict.fromkeys(PERSONAL)))


def _changed(statement: sa.Delete | sa.Update) -> int:
    """Run a statement; gives the number of its rows."""
    result: Any = db.session.execute(statement)
    return int(result.rowcount)
