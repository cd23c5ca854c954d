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
from booking.domain.status import Status
from booking.models import Booking, Draft, Letter

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
            contacts += _forget_contact(booking, now)
        forgotten = Forgotten(drafts, onsite, contacts, letters)
        if any(forgotten):
            log.record("forget", None, now=now, **forgotten._asdict())
    return forgotten


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


def _forget_contact(booking: Booking, now: datetime) -> bool:
    contact = booking.contact
    if contact is None or contact.name is None:
        return False
    in_vain = len(booking.dates(Status.DECLINED, Status.WITHDRAWN)) == len(booking.occurrences)
    answered = max(occurrence.changed_at for occurrence in booking.occurrences)
    if (answered > now - IN_VAIN) if in_vain else (_last(booking) > now - CONTACT):
        return False
    contact.name = contact.email = contact.phone = contact.onsite_name = contact.onsite_phone = None
    booking.purpose = booking.note = booking.access_needs = ""
    return True


def _last(booking: Booking) -> datetime:
    return max(occurrence.end for occurrence in booking.occurrences)
