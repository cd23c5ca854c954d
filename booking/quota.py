"""How many letters a mailbox gets that has never shown that it wants any.

Anybody can type anybody's address. Until somebody has used a link that was
mailed there (see ``fresh_links.note_use``), a mailbox gets three letters a day, from all
bookings together; further ones wait, and go once a link was used.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from booking.database import db
from booking.models import Contact, Letter, Link, mailbox_of

MOST = 3
WITHIN = timedelta(days=1)


def key_of(contact: Contact) -> str:
    """By what letters to a mailbox are counted: it outlives the address, which may be corrected or forgotten, and
    nobody can turn it back."""
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, b"mailbox:" + mailbox_of(contact.email or "").encode(), hashlib.sha256).hexdigest()


def leaves_at(contact: Contact, send_at: datetime) -> datetime:
    """When a letter to a person may leave that shall leave at ``send_at``. Who else writes to the mailbox waits.

    It takes the same statements for every mailbox, so that nobody learns which of them is known.
    """
    if contact.email is None:
        return send_at
    key = key_of(contact)
    if db.engine.dialect.name == "postgresql":  # on SQLite the transaction itself is the lock
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(int(key[:15], 16))))
    leaves = sa.func.coalesce(Letter.sent_at, Letter.send_at)
    third = db.session.scalar(
        sa.select(leaves)
        .where(Letter.mailbox_key == key, Letter.state.in_(("waiting", "sending", "sent")))
        .order_by(leaves.desc())
        .offset(MOST - 1)
        .limit(1)
    )
    is_proved = _is_proved(contact)
    return send_at if is_proved or third is None else max(send_at, third + WITHIN)


def let_go(contact: Contact, now: datetime, longest_wait: timedelta) -> None:
    """Let letters leave now that waited for proof of the mailbox, in the transaction at hand.

    ``longest_wait``: so long may letters wait for other reasons after they were put.
    """
    waiting = sa.select(Letter).where(Letter.mailbox_key == key_of(contact), Letter.state == "waiting")
    for letter in db.session.scalars(waiting.where(Letter.attempts == 0, Letter.send_at > now)):
        if letter.send_at > letter.created_at + longest_wait:
            letter.send_at = now


def _is_proved(contact: Contact) -> bool:
    used = (
        sa.select(Link.id)
        .join(Contact, Contact.id == Link.contact_id)
        .where(Contact.mailbox == contact.mailbox, Link.opened_at.is_not(None))
    )
    return db.session.scalars(used.limit(1)).first() is not None
