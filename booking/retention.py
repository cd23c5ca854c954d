"""Forgetting what is no longer needed, on the days that the privacy notice names.

What statistics need stays: group, kind, room, time. Running it twice does no harm.
"""

import logging
from datetime import datetime, timedelta
from threading import Event
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Flask

from booking import clock, log
from booking.database import db, transaction
from booking.domain.policy import HANDOVER_WAITS
from booking.domain.status import Status
from booking.models import Booking, Contact, Draft, Handover, Letter, Link
from booking.schedule import rooms

logger = logging.getLogger(__name__)

DRAFTS = timedelta(hours=24)
#: Who is responsible on the evening, after the last date.
ONSITE = timedelta(weeks=4)
#: Who asked and what for, after the last date …
CONTACT = timedelta(days=365)
#: … or after the last answer, where nothing came of it.
IN_VAIN = timedelta(days=183)
#: The text of letters, after they were sent.
LETTERS = timedelta(days=90)

ONCE_A_DAY = 24 * 3600


class Forgotten(NamedTuple):
    """How many of each were forgotten."""

    drafts: int
    onsite: int
    contacts: int
    letters: int


def forget(now: datetime) -> Forgotten:
    """Forget what is due, in one transaction."""
    with transaction():
        drafts = _changed(sa.delete(Draft).where(Draft.changed_at <= now - DRAFTS))
        letters = _changed(
            sa.update(Letter)
            .where(Letter.state.in_(("sent", "stopped")), Letter.created_at <= now - LETTERS, Letter.body != "")
            .values(body="", calendar=None)
        )
        onsite = contacts = 0
        for booking in db.session.scalars(sa.select(Booking).where(Booking.contact_id.is_not(None))):
            onsite += _forget_onsite(booking, now)
            contacts += _forget_contacts(booking, now)
        contacts += _forget_former(now)
        forgotten = Forgotten(drafts, onsite, contacts, letters)
        if any(forgotten):
            log.record("forget", None, now=now, **forgotten._asdict())
    return forgotten


def contacts_of(booking: Booking) -> list[Contact]:
    """Everybody who speaks for a booking, has or had a link to it, or was to follow."""
    held = sa.select(Link.contact_id).where(Link.booking_id == booking.id)
    wanted = sa.or_(Contact.id == booking.contact_id, Contact.id.in_(held))
    return list(db.session.scalars(sa.select(Contact).where(wanted).order_by(Contact.id)))


def forget_contact(contact: Contact) -> None:
    """Empty all that is known of a person, in the transaction at hand."""
    contact.name = contact.email = contact.phone = contact.onsite_name = contact.onsite_phone = None


def forget_texts(booking: Booking) -> None:
    """Empty what people wrote about themselves in their own words, in the transaction at hand."""
    booking.purpose = booking.note = booking.access_needs = booking.question = booking.answer = booking.title_wish = ""
    booking.url = booking.url_wish = ""
    offered = {thing for room in rooms() for thing in room.equipment}
    booking.equipment = [thing for thing in booking.equipment if thing in offered]
    for occurrence in booking.occurrences:
        for change in occurrence.changes:
            change.note = ""


def run_daily(app: Flask, stop: Event) -> None:
    """Forget once a day until ``stop`` is set, beginning now."""
    while not stop.is_set():
        try:
            with app.app_context():
                forget(clock.now())
        except sa.exc.SQLAlchemyError as error:  # the next day tries again
            logger.error("retention: %s", type(error).__name__)
        stop.wait(ONCE_A_DAY)


def _changed(statement: sa.Delete | sa.Update) -> int:
    """Run a statement; gives the number of its rows."""
    result: Any = db.session.execute(statement)
    return int(result.rowcount)


def _forget_onsite(booking: Booking, now: datetime) -> bool:
    contact = booking.contact
    if contact is None or not (contact.onsite_name or contact.onsite_phone) or _last(booking) > now - ONSITE:
        return False
    contact.onsite_name = contact.onsite_phone = None
    return True


def _forget_contacts(booking: Booking, now: datetime) -> int:
    """Everybody who had to do with a booking that is long past, and what they wrote."""
    people = [each for each in contacts_of(booking) if each.name is not None or each.email is not None]
    in_vain = len(booking.dates(Status.DECLINED, Status.WITHDRAWN)) == len(booking.occurrences)
    answered = max(occurrence.changed_at for occurrence in booking.occurrences)
    if (answered > now - IN_VAIN) if in_vain else (_last(booking) > now - CONTACT):
        return 0
    for contact in people:
        forget_contact(contact)
    if people:
        forget_texts(booking)
    return len(people)


def _forget_former(now: datetime) -> int:
    """Who has no booking and no link any more, such as somebody who has handed over, once the last letter has left."""
    speaks = sa.exists().where(Booking.contact_id == Contact.id)
    holds_link = sa.exists().where(Link.contact_id == Contact.id, Link.purpose == "page", Link.revoked_at.is_(None))
    is_to_follow = sa.exists().where(
        Handover.contact_id == Contact.id, Handover.ended_at.is_(None), Handover.created_at > now - HANDOVER_WAITS
    )
    gets_a_letter = sa.exists().where(Letter.contact_id == Contact.id, Letter.state.in_(("waiting", "sending")))
    former = db.session.scalars(
        sa.select(Contact).where(
            sa.or_(Contact.email.is_not(None), Contact.name.is_not(None)),
            ~(speaks | holds_link | is_to_follow | gets_a_letter),
        )
    ).all()
    for contact in former:
        forget_contact(contact)
    return len(former)


def _last(booking: Booking) -> datetime:
    return max(occurrence.end for occurrence in booking.occurrences)
