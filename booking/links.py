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

from flask import current_app

from booking.database import db
from booking.models import Booking, Link

#: A link opens its page until this long after the last date.
VALID_AFTER_LAST_DATE = timedelta(days=60)


def issue(booking: Booking, now: datetime) -> Link:
    """A new link to a booking, added to the transaction at hand."""
    nonce = secrets.token_hex(16)
    link = Link(booking=booking, nonce=nonce, token_hash=_hash(_token(nonce)), created_at=now)
    db.session.add(link)
    return link


def token(link: Link) -> str:
    """The secret itself: 43 characters."""
    return _token(link.nonce)


def page_url(link: Link, language: str) -> str:
    """The absolute address for letters, from the configured public address and nothing else."""
    prefix = "/en" if language == "en" else ""
    return f"{current_app.config['PUBLIC_URL']}{prefix}/a/{token(link)}"


def current(booking: Booking) -> Link | None:
    """The newest link of a booking that is not revoked."""
    return db.session.scalars(
        db.select(Link).where(Link.booking_id == booking.id, Link.revoked_at.is_(None)).order_by(Link.id.desc())
    ).first()


def find(secret: str) -> Link | None:
    """The link that a token opens, expired or not; ``None`` for an unknown or revoked one."""
    link = db.session.scalars(db.select(Link).where(Link.token_hash == _hash(secret))).one_or_none()
    return link if link and link.revoked_at is None else None


def has_expired(link: Link, now: datetime) -> bool:
    last = max(occurrence.end for occurrence in link.booking.occurrences)
    return now > last + VALID_AFTER_LAST_DATE


def _token(nonce: str) -> str:
    key = current_app.config["SECRET_KEY"].encode()
    digest = hmac.new(key, b"booking link:" + nonce.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
