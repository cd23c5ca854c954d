"""Letters that are owed: put down in the transaction that causes them, sent later by a worker.

A letter that was put is sent, whatever happens. The worker takes one at a time
with a lease, hands it over outside any transaction and notes that it is gone.
If it dies in between, the letter goes twice (with the same Message-ID) rather
than never. While the mail server is away the whole queue waits; only a definite
refusal of this recipient or this text ends a letter. Any number of workers may
run, in threads, processes and on several machines.
"""

import logging
import re
import secrets
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.utils import formataddr
from pathlib import Path
from threading import Event
from typing import NamedTuple

import sqlalchemy as sa
from flask import Flask, current_app
from flask_mail import Message
from icalendar import Calendar

from booking import clock, delivery
from booking.database import db, transaction
from booking.letter_html import letter_html
from booking.models import Booking, Contact, House, Letter

logger = logging.getLogger(__name__)

#: How long a letter rests when the server wants to see it later, by attempts; the last figure counts from there on.
RESTS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
#: How long the whole queue rests after a failure; doubled with each further one.
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
#: An outage of this length is worth an error in the log; the team sees waiting letters all the time.
WORTH_AN_ALERT = timedelta(hours=1)
#: A worker that does not come back within so many time-outs counts as dead, and another takes its letter.
LEASE_IN_TIMEOUTS = 12

#: What stands in a letter as ⟦name⟧ until it is sent, and how it is found then.
_marks: dict[str, Callable[[Letter], str]] = {}


class Unsendable(Exception):
    """A letter that no mail server can take, in words without personal data."""


class Outgoing(NamedTuple):
    """A letter that this worker holds. ``attempts`` fences it: who took it later has a higher number."""

    id: int
    attempts: int
    message: Message
    file_name: str


def mark(name: str) -> Callable[[Callable[[Letter], str]], Callable[[Letter], str]]:
    """Register what ⟦name⟧ in a letter stands for. So the table holds neither names nor secret addresses."""

    def register(find: Callable[[Letter], str]) -> Callable[[Letter], str]:
        _marks[name] = find
        return find

    return register


def put(
    kind: str,
    *,
    subject: str,
    body: str,
    language: str,
    now: datetime,
    booking: Booking | None = None,
    contact: Contact | None = None,
    calendar: str | None = None,
    send_at: datetime | None = None,
) -> Letter:
    """Owe a letter, in the transaction at hand: to the contact, or to the office where there is none.

    Letters about one booking to one recipient leave in the order in which they
    were put. A subject of several lines is refused with ``ValueError``.
    """
    if len(subject.splitlines()) != 1:
        raise ValueError("a subject is one line")
    db.session.flush()
    earlier = db.session.scalar(
        sa.select(sa.func.max(Letter.send_at)).where(
            Letter.booking_id == (booking.id if booking else None),
            Letter.contact_id == (contact.id if contact else None),
            Letter.state.in_(("waiting", "sending")),
        )
    )
    letter = Letter(
        kind=kind,
        booking=booking,
        contact=contact,
        language=language,
        subject=subject,
        body=body,
        calendar=calendar,
        created_at=now,
        send_at=max(filter(None, (send_at or now, earlier))),
        message_id=f"<{secrets.token_hex(16)}@{delivery.own_host()}>",
    )
    db.session.add(letter)
    db.session.flush()
    return letter


def stop(letter: Letter) -> bool:
    """Keep a letter from being sent, in the transaction at hand; ``False`` where it may be on its way already."""
    stopped = db.session.execute(
        sa.update(Letter)
        .where(Letter.id == letter.id, Letter.state == "waiting", Letter.attempts == 0)
        .values(state="stopped")
        .returning(Letter.id)
    )
    return stopped.first() is not None


def send_now(letter: Letter, now: datetime) -> None:
    """Let a waiting letter go at once and a failed one go again, in the transaction at hand."""
    db.session.execute(
        sa.update(Letter)
        .where(Letter.id == letter.id, Letter.state.in_(("waiting", "failed")))
        .values(state="waiting", send_at=now, error="")
    )


def oldest_waiting(now: datetime) -> int | None:
    """For how many seconds the oldest letter has been waiting that should be gone; ``None`` if there is none."""
    oldest = db.session.scalar(
        sa.select(sa.func.min(Letter.created_at)).where(
            Letter.state.in_(("waiting", "sending")), sa.or_(Letter.send_at <= now, Letter.attempts > 0)
        )
    )
    return None if oldest is None else int((now - oldest).total_seconds())


def counts() -> dict[str, int]:
    """How many letters there are in each state."""
    found = db.session.execute(sa.select(Letter.state, sa.func.count().label("number")).group_by(Letter.state))
    return {row.state: row.number for row in found}


def run_worker(app: Flask, stop: Event, *, wait: float = 1.0) -> None:
    """Send what is due, again and again until ``stop`` is set, looking every ``wait`` seconds."""
    while not stop.is_set():
        try:
            with app.app_context():
                deliver_due(clock.now())
        except Exception as error:  # a worker that ends is mail that does not go; the next round tries again
            # Neither the words nor the values of an error: they may hold what people wrote.
            place = traceback.extract_tb(error.__traceback__)[-1]
            logger.error("letters: %s in %s, line %s", type(error).__name__, Path(place.filename).name, place.lineno)
        stop.wait(wait)


def deliver_due(now: datetime) -> int:
    """Send all letters that are due; gives the number that left. Opens its own transactions."""
    pause = current_app.extensions.setdefault("outbox-pause", Pause())
    is_due = db.session.scalar(sa.select(Letter.id).where(_due(now)).limit(1)) is not None
    db.session.rollback()
    if pause.holds(now) or not is_due:
        return 0

    started = time.monotonic()
    sent = 0
    moment = now
    try:
        with delivery.way_out() as hand_over:
            while letter := _take(moment):
                if _send(letter, hand_over, moment):
                    sent += 1
                pause.end()
                moment = now + timedelta(seconds=time.monotonic() - started)
    except OSError as error:  # with all of smtplib's: the server is away, silent, or wants mail later
        pause.begin(now + timedelta(seconds=time.monotonic() - started), error)
    return sent


def _due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.and_(Letter.state == "waiting", Letter.send_at <= now),
        sa.and_(Letter.state == "sending", Letter.lease_until <= now),
    )


def _take(now: datetime) -> Outgoing | None:
    """Take the next letter that is due, so that no other worker does before the lease is over."""
    lease = LEASE_IN_TIMEOUTS * timedelta(seconds=current_app.config["SMTP_TIMEOUT"])
    next_due = (
        sa.select(Letter)
        .where(_due(now))
        .order_by(Letter.send_at, Letter.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with transaction():
        while letter := db.session.scalars(next_due).first():
            letter.attempts += 1
            try:
                if letter.contact and letter.contact.email is None:
                    letter.state = "stopped"  # the person asked to be forgotten
                else:
                    outgoing = _outgoing(letter)
                    letter.state, letter.lease_until = "sending", now + lease
                    return outgoing
            except Unsendable as reason:
                letter.state, letter.error = "failed", str(reason)
            db.session.flush()
    return None


def _send(letter: Outgoing, hand_over: delivery.HandOver, now: datetime) -> bool:
    """Hand one letter over and note what came of it. Raises ``OSError`` where the queue should pause."""
    try:
        hand_over(letter.message, letter.file_name)
    except delivery.Refused as refusal:
        _note(letter, state="failed", error=str(refusal))
        return False
    except OSError as error:
        rest = RESTS[min(letter.attempts, len(RESTS)) - 1]
        _note(letter, state="waiting", error=delivery.words(error, letter.message), send_at=now + rest)
        raise
    _note(letter, state="sent", error="", sent_at=now)
    return True


def _note(letter: Outgoing, **values: object) -> None:
    with transaction():
        db.session.execute(
            sa.update(Letter)
            .where(Letter.id == letter.id, Letter.attempts == letter.attempts, Letter.state == "sending")
            .values(lease_until=None, **values)
        )


@dataclass
class Pause:
    """The rest of the whole queue while the mail server is away, longer with each failure."""

    until: datetime | None = None
    since: datetime | None = None
    failures: int = 0
    is_told: bool = False

    def holds(self, now: datetime) -> bool:
        # A clock set back must not make the pause longer than it was.
        return self.until is not None and timedelta(0) < self.until - now <= LONGEST_PAUSE

    def begin(self, now: datetime, error: OSError) -> None:
        self.since = self.since or now
        self.until = now + min(FIRST_PAUSE * 2 ** min(self.failures, 16), LONGEST_PAUSE)
        self.failures += 1
        logger.warning("letters wait until %s: %s", f"{self.until:%H:%M:%S %Z}", delivery.words(error))
        if now - self.since >= WORTH_AN_ALERT and not self.is_told:
            self.is_told = True
            logger.error("no letter has left since %s: see BOOKING_SMTP_URL", f"{self.since:%Y-%m-%d %H:%M %Z}")

    def end(self) -> None:
        self.until, self.since, self.failures, self.is_told = None, None, 0, False


def _outgoing(letter: Letter) -> Outgoing:
    house = db.session.get_one(House, 1)
    recipient = _address((letter.contact.email or "") if letter.contact else house.email)
    subject, body = _filled(letter.subject, letter), _filled(letter.body, letter)
    if len(subject.splitlines()) != 1:
        raise Unsendable("a header would have several lines")
    message = Message(
        subject=_folded(subject),
        recipients=[recipient],
        body=body,
        html=letter_html(body, subject, letter.language, current_app.config["PUBLIC_URL"]),
        sender=current_app.config["MAIL_FROM"] or formataddr((house.name, house.email)),
        reply_to=house.email,
        date=letter.created_at.timestamp(),
        extra_headers={"Auto-Submitted": "auto-generated"},
    )
    message.msgId = letter.message_id
    if letter.calendar:
        method = Calendar.from_ical(letter.calendar).get("method")
        parameters = f"; method={method}" if method else ""
        message.attach("termine.ics", f"text/calendar; charset=utf-8{parameters}", letter.calendar.encode())
    if message.has_bad_headers():
        raise Unsendable("a header would have several lines")
    file_name = f"{letter.created_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{letter.id:06}-{letter.kind}.eml"
    return Outgoing(letter.id, letter.attempts, message, file_name)


def _folded(subject: str) -> str:
    """As it travels: lines so short that Python does not fold them once more, for that loses a space now and then."""
    return Header(subject, header_name="Subject").encode(linesep="\r\n")


def _address(text: str) -> str:
    """The one address in ``text``: a list of two would be mailed to both."""
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):
        raise Unsendable("the address cannot be read") from None
    if not address.username or not address.username.isascii() or not address.domain:
        raise Unsendable("the address cannot be read")
    return address.addr_spec


def _filled(text: str, letter: Letter) -> str:
    def found(match: re.Match[str]) -> str:
        find = _marks.get(match[1])
        return find(letter) if find else match[0]

    return re.sub("⟦([a-z]+)⟧", found, text)
