"""The secret addresses of a booking, 256 bit strong: of its page, of its calendar, and to say yes to its handover.

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
from sqlalchemy.orm import joinedload, selectinload

from booking.database import db
from booking.domain.policy import HANDOVER_WAITS
from booking.languages import LANGUAGES
from booking.models import Booking, Contact, Display, Link, Occurrence

#: A link opens its page until this long after the last date …
VALID_AFTER_LAST_DATE = timedelta(days=60)
#: … and a fresh one, asked for later than that, for this long.
VALID_AT_LEAST = timedelta(days=14)

#: What is read with a link. Whoever acts reads the dates when it is their turn.
_TO_ACT = (joinedload(Link.contact), joinedload(Link.booking).lazyload(Booking.occurrences))
_TO_SHOW = (
    joinedload(Link.contact),
    joinedload(Link.of_booking),
    joinedload(Link.booking).options(
        joinedload(Booking.contact),
        selectinload(Booking.occurrences).options(joinedload(Occurrence.original_room), joinedload(Occurrence.changes)),
    ),
)

#: What a link is for, and the folder of its address. One of a calendar only reads dates, and opens no page.
FOLDERS = {"page": "a", "calendar": "k", "handover": "uebergabe"}


def issue(booking: Booking, now: datetime, contact: Contact | None = None, purpose: str = "page") -> Link:
    """A new link to a booking for a person, added to the transaction at hand; who speaks for it where none is named.

    Whoever gets a page for the first time gets the calendar with it.
    """
    person = contact or booking.contact
    link = _made(booking, person, purpose, now)
    found = [link]
    if purpose == "page" and not _had_calendar(booking, person):
        found.append(_made(booking, person, "calendar", now))
    db.session.add_all(found)
    db.session.flush()
    return link


def revoke(booking: Booking, contact: Contact | None, now: datetime, *purposes: str) -> None:
    """End the links of a person to a booking, in the transaction at hand; those of all purposes where none is named."""
    held = _held(booking, contact, *(purposes or FOLDERS))
    db.session.execute(sa.update(Link).where(*held).values(revoked_at=now))


def token(link: Link | Display) -> str:
    """The secret itself: 43 characters."""
    key = current_app.config["SECRET_KEY"].encode()
    digest = hmac.new(key, b"booking link:" + link.nonce.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def page_url(link: Link, language: str) -> str:
    """The absolute address for letters, from the configured public address and nothing else."""
    prefix = LANGUAGES[language].prefix
    return f"{current_app.config['PUBLIC_URL']}{prefix}/{FOLDERS[link.purpose]}/{token(link)}"


def use(link: Link, now: datetime) -> None:
    """Note that a link was used, in the transaction at hand: it has arrived, and takes the place of older ones."""
    link.opened_at = now
    for other in older(link):
        other.revoked_at = now


def older(link: Link) -> list[Link]:
    """Links of the same person and kind that were made before and still open something."""
    held = _held(link.booking, link.contact, link.purpose)
    return list(db.session.scalars(sa.select(Link).where(*held, Link.id < link.id)))


def current(booking: Booking, contact: Contact | None = None, purpose: str = "page") -> Link | None:
    """The newest link of a person to a booking that is not revoked; of who speaks for it where none is named."""
    person = contact or booking.contact
    held = {"booking_id": booking.id, "contact_id": person.id if person else None, "purpose": purpose}
    return db.session.scalars(_CURRENT, held).first()


#: Each letter asks; to make the statement anew takes longer than to run it.
_CURRENT = (
    sa.select(Link)
    .where(
        Link.booking_id == sa.bindparam("booking_id"),
        Link.contact_id.is_not_distinct_from(sa.bindparam("contact_id")),
        Link.purpose == sa.bindparam("purpose"),
        Link.revoked_at.is_(None),
    )
    .order_by(Link.id.desc())
    .limit(1)
)


def find(secret: str, purpose: str = "page", *, to_show: bool = False) -> Link | None:
    """The link with this token, revoked and expired ones too (see ``is_over``); ``None`` for an unknown one.

    ``to_show``: what a page shows of its booking is read with it, people, links, dates and the changes of these.
    """
    found = db.select(Link).where(Link.token_hash == hash_of(secret), Link.purpose == purpose)
    found = found.options(*(_TO_SHOW if to_show else _TO_ACT))
    return db.session.scalars(found).unique().one_or_none()


def held_beside(link: Link, purpose: str) -> list[Link]:
    """The links of the same person to the same booking that are not revoked, oldest first, as read with a page."""
    mine = [each for each in link.of_booking if each.contact_id == link.contact_id and each.purpose == purpose]
    return [each for each in mine if each.revoked_at is None]


def is_over(link: Link, now: datetime) -> bool:
    """Whether a link opens nothing any more: another has taken its place, or its time is over."""
    if link.purpose == "handover":
        return link.revoked_at is not None or now > link.created_at + HANDOVER_WAITS
    last = max(occurrence.end for occurrence in link.booking.occurrences)
    return link.revoked_at is not None or now > max(last + VALID_AFTER_LAST_DATE, link.created_at + VALID_AT_LEAST)


def _made(booking: Booking, person: Contact | None, purpose: str, now: datetime) -> Link:
    link = Link(booking=booking, contact=person, purpose=purpose, nonce=secrets.token_hex(16), created_at=now)
    link.token_hash = hash_of(token(link))
    return link


def _had_calendar(booking: Booking, person: Contact | None) -> bool:
    """Whether a person has, or had and gave up, a link for calendar programs too; not to what is not stored yet."""
    if sa.inspect(booking).pending:
        return False
    db.session.flush()  # a new person has no id yet
    had = sa.select(Link.id).where(
        Link.booking_id == booking.id,
        Link.contact_id == (person.id if person else None),
        Link.purpose == "calendar",
    )
    return db.session.scalars(had.limit(1)).first() is not None


def _held(booking: Booking, contact: Contact | None, *purposes: str) -> tuple[sa.ColumnElement[bool], ...]:
    """By what the links of a person to a booking are found that are not revoked."""
    return (
        Link.booking_id == booking.id,
        Link.contact_id == (contact.id if contact else None),
        Link.purpose.in_(purposes),
        Link.revoked_at.is_(None),
    )


def hash_of(secret: str) -> str:
    """What of a secret is stored."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
