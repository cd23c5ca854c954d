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


_LEAVES = sa.func.coalesce(Letter.sent_at, Letter.send_at)
_THIRD = (
    sa.select(_LEAVES)
    .where(Letter.mailbox_key == sa.bindparam("mailbox_key"), Letter.state.in_(("waiting", "sending", "sent")))
    .order_by(_LEAVES.desc())
    .offset(MOST - 1)
    .limit(1)
)
_USED = (
    sa.select(Link.id)
    .join(Contact, Contact.id == Link.contact_id)
    .where(Contact.mailbox == sa.bindparam("mailbox"), Link.opened_at.is_not(None))
)
#: What ``leaves_at`` has to know of a mailbox.
QUESTIONS = _THIRD.scalar_subquery(), sa.select(sa.exists(_USED)).scalar_subquery()


def values_about(contact: Contact) -> dict[str, str | None]:
    """Of which mailbox the questions are. Who else writes to it waits, in the transaction at hand.

    They are the same for every mailbox, so that nobody learns which of them is known.
    """
    key = key_of(contact)
    if db.engine.dialect.name == "postgresql":  # on SQLite the transaction itself is the lock
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(int(key[:15], 16))))
    return {"mailbox_key": key, "mailbox": contact.mailbox}


def leaves_at(send_at: datetime, third: datetime | None, is_proved: bool) -> datetime:
    """When a letter may leave that shall leave at ``send_at``. ``third``: when the third last to the mailbox does."""
    return send_at if is_proved or third is None else max(send_at, third + WITHIN)


def let_go(contact: Contact, now: datetime, longest_wait: timedelta) -> None:
    """Let letters leave now that waited for proof of the mailbox, in the transaction at hand.

    ``longest_wait``: so long may letters wait for other reasons after they were put.
    """
    waiting = sa.select(Letter).where(Letter.mailbox_key == key_of(contact), Letter.state == "waiting")
    for letter in db.session.scalars(waiting.where(Letter.attempts == 0, Letter.send_at > now)):
        if letter.send_at > letter.created_at + longest_wait:
            letter.send_at = now
