"""The secret address of a group's page, 256 bit strong.

Only its hash is stored. The token itself is made again from the secret key
when a letter is sent, so that neither a copy of the database nor the letters
waiting in it open a door. Changing the secret key ends all links; groups can
have a new one mailed.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from booking.database import db
from booking.domain.policy import HANDOVER_WAITS
from booking.models import Booking, Contact, Link

#: A link opens its page until this long after the last date …
VALID_AFTER_LAST_DATE = timedelta(days=60)
#: … and a fresh one, asked for later than that, for this long.
VALID_AT_LEAST = timedelta(days=14)


def issue(booking: Booking, now: datetime, contact: Contact | None = None, purpose: str = "page") -> Link:
    """A new link to a booking for a person, added to the transaction at hand; who speaks for it where none is named."""
    nonce = secrets.token_hex(16)
    link = Link(
        booking=booking,
        contact=contact or booking.contact,
        purpose=purpose,
        nonce=nonce,
        token_hash=_hash(_token(nonce)),
        created_at=now,
    )
    db.session.add(link)
    return link


def revoke(booking: Booking, contact: Contact, now: datetime, purpose: str = "page") -> None:
    """End all links of a person to a booking, in the transaction at hand."""
    for link in db.session.scalars(_held(booking, contact, purpose)):
        link.revoked_at = now


def token(link: Link) -> str:
    """The secret itself: 43 characters."""
    return _token(link.nonce)


def page_url(link: Link, language: str) -> str:
    """The absolute address for letters, from the configured public address and nothing else."""
    prefix = "/en" if language == "en" else ""
    folder = "uebergabe" if link.purpose == "handover" else "a"
    return f"{current_app.config['PUBLIC_URL']}{prefix}/{folder}/{token(link)}"


def current(booking: Booking, contact: Contact | None = None, purpose: str = "page") -> Link | None:
    """The newest link of a person to a booking that is not revoked; of who speaks for it where none is named."""
    return db.session.scalars(_held(booking, contact or booking.contact, purpose).order_by(Link.id.desc())).first()


def find(secret: str, purpose: str = "page") -> Link | None:
    """The link with this token, revoked and expired ones too (see ``is_over``); ``None`` for an unknown one."""
    return db.session.scalars(
        db.select(Link).where(Link.token_hash == _hash(secret), Link.purpose == purpose)
    ).one_or_none()


def is_over(link: Link, now: datetime) -> bool:
    """Whether a link opens nothing any more: another has taken its place, or its time is over."""
    if link.purpose == "handover":
        return link.revoked_at is not None or now > link.created_at + HANDOVER_WAITS
    last = max(occurrence.end for occurrence in link.booking.occurrences)
    return link.revoked_at is not None or now > max(last + VALID_AFTER_LAST_DATE, link.created_at + VALID_AT_LEAST)


def _held(booking: Booking, contact: Contact | None, purpose: str) -> sa.Select[Link]:
    return sa.select(Link).where(
        Link.booking_id == booking.id,
        Link.contact_id == (contact.id if contact else None),
        Link.purpose == purpose,
        Link.revoked_at.is_(None),
    )


def _token(nonce: str) -> str:
    key = current_app.config["SECRET_KEY"].encode()
    digest = hmac.new(key, b"booking link:" + nonce.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
