"""The worker that sends the letters of the outbox.

A letter that was put is sent, whatever happens. The worker takes one at a time
with a lease, hands it over outside any transaction and notes that it is gone.
If it dies in between, the letter goes twice (with the same Message-ID) rather
than never. While the mail server is away the whole queue waits, and no letter is
the worse for it. Whatever one letter raises concerns that letter alone: it ends
with a definite refusal of its recipient or its text, when it cannot be put
together, or when its mailbox has taken nothing for days; the team sees those.
Any number of workers may run, in threads, processes and on several machines.
"""

import logging
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import NamedTuple

import sqlalchemy as sa
from flask import Flask, current_app

from booking import clock
from booking.database import NotStored, UtcDateTime, db, transaction
from booking.letters import delivery, message, outbox
from booking.models import Contact, Letter

logger = logging.getLogger(__name__)

#: How long a letter rests when its mailbox takes nothing now, by attempts; the last figure counts from there on.
RESTS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
#: When a mailbox that takes nothing is given up (RFC 5321, section 4.5.4.1).
GIVEN_UP_AFTER = timedelta(days=5)
#: So often may a letter meet a server that breaks off before the letter itself is the likely cause.
BREAKS = 2
#: A worker that does not come back within so many time-outs counts as dead, and another takes its letter.
LEASE_IN_TIMEOUTS = 12
#: Seconds between two tries to note what came of a letter, while the database cannot store it.
NOTE_EVERY = 1.0
#: The last letter that left is looked for among so many that fell due last: there is an index for these.
AMONG = 50
#: By so much may the clocks of several machines differ before one counts as set back.
CLOCKS_DIFFER = timedelta(minutes=1)


class Taken(NamedTuple):
    """A letter that this worker holds. ``attempts`` fences it: who took it later has a higher number."""

    id: int
    attempts: int


class Report(NamedTuple):
    """How sending goes, for those who watch over it."""

    oldest_waiting: int | None
    """For how many seconds the oldest letter has been due that nothing but us or the mail server holds up."""
    last_sent_at: datetime | None
    paused_since: datetime | None
    """Since when the mail server fails, as this process knows; ``None`` also where others do the sending."""


def report(now: datetime) -> Report:
    latest = sa.select(Letter.sent_at).where(Letter.state == "sent").order_by(Letter.send_at.desc()).limit(AMONG)
    last_sent_at = max((sent_at for sent_at in db.session.scalars(latest) if sent_at), default=None)
    return Report(outbox.not_gone(now).oldest, last_sent_at, _pause().since)


def run_worker(app: Flask, stop: Event, *, wait: float = 1.0) -> None:
    """Send what is due, again and again, looking every ``wait`` seconds. After ``stop`` no further letter is begun."""
    while not stop.is_set():
        try:
            with app.app_context():
                deliver_due(clock.now(), stop)
        except Exception as error:  # a worker that ends is mail that does not go; the next round tries again
            _log(error)
        stop.wait(wait)


def deliver_due(now: datetime, stop: Event | None = None) -> int:
    """Send all letters that are due, until ``stop`` is set; gives the number that left. Opens its own transactions."""
    pause, started, sent = _pause(), time.monotonic(), 0

    def moment() -> datetime:
        return now + timedelta(seconds=time.monotonic() - started)

    while not pause.holds(moment()) and _is_any_due(moment()):
        try:
            with delivery.way_out() as hand_over:
                while not (stop and stop.is_set()) and (taken := _take(moment())):
                    sent += _send(taken, hand_over, moment, pause)
                return sent
        except Broken as broken:
            pause.begin(moment(), broken.error, with_a_letter=True)
        except OSError as error:  # with all of smtplib's: the server is away, silent, or wants mail later
            pause.begin(moment(), error)
    return sent


def _pause() -> delivery.Pause:
    """The one of this process."""
    pause: delivery.Pause = current_app.extensions.setdefault("pause-of-letters", delivery.Pause())
    return pause


def _log(error: Exception) -> str:
    """Tell where an error arose, with neither its words nor its values: they may hold what people wrote."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    logger.error("letters: %s in %s, line %s", type(error).__name__, Path(place.filename).name, place.lineno)
    return type(error).__name__


def _is_any_due(now: datetime) -> bool:
    found = db.session.scalar(sa.select(Letter.id).where(_due(now)).limit(1)) is not None
    db.session.rollback()
    return found


def _due(now: datetime) -> sa.ColumnElement[bool]:
    """Which letters are due. What lies further ahead than it was ever put shows a clock that was set back since."""
    longest = sa.case(
        *(
            (Letter.attempts <= number, sa.literal(now + rest, UtcDateTime))
            for number, rest in enumerate(RESTS[:-1], 1)
        ),
        else_=sa.literal(now + RESTS[-1], UtcDateTime),
    )
    is_set_back = sa.case(
        (Letter.attempts == 0, Letter.created_at > now + CLOCKS_DIFFER), else_=Letter.send_at > longest
    )
    longest_lease = now + _lease() + CLOCKS_DIFFER
    return sa.or_(
        sa.and_(Letter.state == "waiting", sa.or_(Letter.send_at <= now, is_set_back)),
        sa.and_(Letter.state == "sending", sa.or_(Letter.lease_until <= now, Letter.lease_until > longest_lease)),
    )


def _lease() -> timedelta:
    return LEASE_IN_TIMEOUTS * timedelta(seconds=current_app.config["SMTP_TIMEOUT"])


def _take(now: datetime) -> Taken | None:
    """Take the next letter that is due, so that no other worker does before the lease is over."""
    next_due = (
        sa.select(Letter.id)
        .where(_due(now))
        .order_by(Letter.send_at, Letter.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with transaction():
        row = db.session.execute(
            sa.update(Letter)
            .where(Letter.id == db.session.scalar(next_due))
            .values(state="sending", attempts=Letter.attempts + 1, lease_until=now + _lease())
            .returning(Letter.id, Letter.attempts)
        ).first()
    return Taken(row.id, row.attempts) if row else None


class Broken(Exception):
    """The server went away, or failed, with a letter in hand."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error


def _send(taken: Taken, hand_over: delivery.HandOver, moment: Callable[[], datetime], pause: delivery.Pause) -> bool:
    """Hand one letter over and note what came of it. Raises ``Broken`` where the way is to be opened anew."""
    try:
        message.complete(taken.id, moment())
        parcel = message.parcel(taken.id)
    except sa.exc.OperationalError:  # the database is away, which is no letter's fault
        raise
    except message.Unsendable as reason:
        _note(taken, state="failed", error=str(reason))
        return False
    except Exception as error:
        _note(taken, state="failed", error=f"cannot be put together: {_log(error)}")
        return False
    finally:
        db.session.rollback()
    if parcel is None:
        _note(taken, state="stopped")
        return False
    try:
        hand_over(parcel)
    except delivery.Undeliverable as refusal:
        _note(taken, state="failed", error=str(refusal))
    except delivery.PutOff as answer:
        _put_off(taken, str(answer), moment())
    except OSError as error:
        is_likely_cause = pause.failures == 0 and taken.attempts > BREAKS
        rest = _rest(taken) if is_likely_cause else delivery.LONGEST_PAUSE
        _note(taken, state="waiting", error=delivery.said_about(error, parcel.recipient), send_at=moment() + rest)
        _spare_the_mailbox(taken.id, moment() + delivery.LONGEST_PAUSE)
        raise Broken(error) from None
    except Exception as error:
        _note(taken, state="failed", error=f"cannot be handed over: {_log(error)}")
    else:
        _note(taken, state="sent", error="", sent_at=moment())
        pause.end()
        return True
    pause.end()
    return False


def _rest(taken: Taken) -> timedelta:
    return RESTS[min(taken.attempts, len(RESTS)) - 1]


def _put_off(taken: Taken, words: str, now: datetime) -> None:
    """Let a letter rest whose mailbox takes nothing now, and give it up after days."""
    since = db.session.scalar(sa.select(Letter.put_off_since).where(Letter.id == taken.id)) or now
    if now - since >= GIVEN_UP_AFTER:
        _note(taken, state="failed", error=words)
    else:
        # A clock that was set back since does not make the days longer.
        _note(taken, state="waiting", error=words, send_at=now + _rest(taken), put_off_since=min(since, now))


def _note(taken: Taken, **values: object) -> None:
    """Note what came of a letter; while nothing can be stored, again and again, for it would go twice otherwise."""
    by = time.monotonic() + _lease().total_seconds() / 2
    while True:
        try:
            with transaction():
                db.session.execute(
                    sa.update(Letter)
                    .where(Letter.id == taken.id, Letter.attempts == taken.attempts, Letter.state == "sending")
                    .values(lease_until=None, **values)
                )
                _let_others_rest(taken, values)
        except (NotStored, sa.exc.OperationalError):
            if time.monotonic() > by:
                raise
            time.sleep(NOTE_EVERY)
        else:
            return


def _let_others_rest(taken: Taken, values: Mapping[str, object]) -> None:
    """Keep letters about one booking to one person in order over the first rests of one, though not for long."""
    rest_until = values.get("send_at")
    if rest_until is None or taken.attempts > BREAKS:
        return
    this = db.session.get_one(Letter, taken.id)
    if this.booking_id is not None:
        db.session.execute(
            sa.update(Letter)
            .where(Letter.booking_id == this.booking_id, Letter.contact_id.is_not_distinct_from(this.contact_id))
            .where(Letter.id > this.id, Letter.state == "waiting", Letter.send_at < rest_until)
            .values(send_at=rest_until)
        )


def _spare_the_mailbox(letter_id: int, rest_until: datetime) -> None:
    """Let all letters to the mailbox rest with which the server broke off: the next would likely meet the same."""
    with transaction():
        this = db.session.get_one(Letter, letter_id)
        mailbox = sa.select(Contact.id).where(Contact.mailbox == this.contact.mailbox) if this.contact else None
        db.session.execute(
            sa.update(Letter)
            .where(Letter.contact_id.is_(None) if mailbox is None else Letter.contact_id.in_(mailbox))
            .where(Letter.state == "waiting", Letter.send_at < rest_until)
            .values(send_at=rest_until)
        )
