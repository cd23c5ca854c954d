"""Letters that are owed: put down in the transaction that causes them, and sent by ``dispatch``."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import current_app

from booking import quota
from booking.database import UtcDateTime, db
from booking.letters import delivery
from booking.models import Booking, Contact, Letter, StaffMember

#: What stands beside a letter that came back to the office; the team's pages know it.
CAME_BACK = "came back"


def put(
    kind: str,
    *,
    subject: str,
    body: str,
    language: str,
    now: datetime,
    booking: Booking | None = None,
    contact: Contact | None = None,
    staff_member: StaffMember | None = None,
    calendar: str | None = None,
    send_at: datetime | None = None,
) -> Letter:
    """Owe a letter, in the transaction at hand: to the contact, to one of the team, or to the office where neither is.

    Letters about one booking to one recipient leave in the order in which they
    were put, and those to a mailbox that is not proved a few a day. A subject
    of several lines is refused with ``ValueError``.
    """
    if len(subject.splitlines()) != 1:
        raise ValueError("a subject is one line")
    db.session.flush()
    reader = {"booking_id": booking, "contact_id": contact, "staff_member_id": staff_member}
    ids = {name: row.id for name, row in reader.items() if row}
    of_mailbox = quota.values_about(contact) if contact and contact.email else {}
    latest, *known = db.session.execute(_latest(*ids, of_mailbox=bool(of_mailbox)), ids | of_mailbox).one()
    leaves_at = max(filter(None, (send_at or now, latest)))
    letter = Letter(
        kind=kind,
        booking=booking,
        contact=contact,
        staff_member=staff_member,
        mailbox_key=quota.key_of(contact) if contact else None,
        language=language,
        subject=subject,
        body=body,
        calendar=calendar,
        created_at=now,
        send_at=quota.leaves_at(leaves_at, *known) if known else leaves_at,
        message_id=f"<{secrets.token_hex(16)}@{delivery.own_host()}>",
    )
    db.session.add(letter)
    db.session.flush()
    return letter


@cache  # to make it anew takes longer than to run it
def _latest(*known: str, of_mailbox: bool) -> sa.Select[Any]:
    """When the last letter leaves that waits for a reader, who is none of the columns that are not ``known``; with what
    there is to know ``of_mailbox``."""
    columns = (Letter.booking_id, Letter.contact_id, Letter.staff_member_id)
    same = [each == sa.bindparam(each.key) if each.key in known else each.is_(None) for each in columns]
    latest = sa.select(sa.func.max(Letter.send_at)).where(*same, Letter.state.in_(("waiting", "sending")))
    return sa.select(latest.scalar_subquery(), *(quota.QUESTIONS if of_mailbox else ()))


def stop(letter: Letter) -> bool:
    """Keep a letter from being sent, in the transaction at hand; ``False`` where it may be on its way already."""
    return letter.id in stop_all(Letter.id == letter.id)


def stop_all(which: sa.ColumnElement[bool]) -> Sequence[int]:
    """The same for all letters of a kind; returns the ids of those that were stopped."""
    waiting = sa.update(Letter).where(which, Letter.state == "waiting", Letter.attempts == 0)
    return db.session.scalars(waiting.values(state="stopped").returning(Letter.id)).all()


def unsent(kind: str, booking: Booking, contact: Contact | None) -> tuple[sa.ColumnElement[bool], ...]:
    """By what letters of a kind to one reader are found that are not on their way."""
    whose = Letter.booking_id == booking.id, Letter.contact_id == (contact.id if contact else None)
    return Letter.kind == kind, *whose, Letter.state == "waiting", Letter.attempts == 0


def recall(kind: str, booking: Booking, contact: Contact | None, naming: str | None) -> Letter | None:
    """Keep a letter of this kind from leaving, so that a later one tells all of it, in the transaction at hand.

    ``naming``: the mark of the only other person it may name. ``None`` where
    none waits, or it may be on its way already.
    """
    waiting = sa.select(Letter).where(
        *unsent(kind, booking, contact), Letter.body.contains(naming or "⟦person") == bool(naming)
    )
    letter = db.session.scalars(waiting.order_by(Letter.id.desc())).first()
    return letter if letter and stop(letter) else None


def undo_until(now: datetime) -> datetime:
    """Until when what is done now can be taken back: so long its letter waits."""
    return now + timedelta(seconds=current_app.config["UNDO_SECONDS"])


def hold_back(letter: Letter, until: datetime) -> bool:
    """Let a waiting letter wait for longer, and with it those after it to the same reader, in the transaction at hand;
    ``False`` where it may be on its way. One that waits for longer already, as its mailbox is sent few, stays."""
    held = sa.update(Letter).where(
        Letter.booking_id == letter.booking_id,
        Letter.contact_id.is_not_distinct_from(letter.contact_id),
        Letter.id >= letter.id,
        Letter.state == "waiting",
        Letter.attempts == 0,
    )
    later = sa.case((Letter.send_at < until, sa.literal(until, UtcDateTime)), else_=Letter.send_at)
    return letter.id in db.session.scalars(held.values(send_at=later).returning(Letter.id)).all()


def gathering() -> timedelta:
    """How long a letter about steps of a group waits for further ones, which go into the same letter."""
    return 3 * timedelta(seconds=current_app.config["UNDO_SECONDS"])


def release(letter: Letter, now: datetime) -> None:
    """Let a waiting letter go at once and a failed one go again, in the transaction at hand."""
    db.session.execute(
        sa.update(Letter)
        .where(Letter.id == letter.id, Letter.state.in_(("waiting", "failed")))
        .values(state="waiting", send_at=now, put_off_since=None, error="")
    )


def note_return(letter: Letter) -> bool:
    """Note that a letter came back after it was sent, in the transaction at hand; ``False`` where it was not sent."""
    sent = sa.update(Letter).where(Letter.id == letter.id, Letter.state == "sent")
    returned = sent.values(state="failed", error=CAME_BACK).returning(Letter.id)
    return db.session.scalar(returned) is not None


class NotGone(NamedTuple):
    """Letters that have not left."""

    number: int
    failed: int
    oldest: int | None
    """For how many seconds the oldest has been due that nothing but us or the mail server holds up."""

    @classmethod
    def read(cls, now: datetime, number: int, failed: int, due_since: datetime | None) -> "NotGone":
        """From the row of ``NOT_GONE``."""
        return cls(number, failed, None if due_since is None else int((now - due_since).total_seconds()))


def _not_gone() -> sa.Select[int, int, datetime | None]:
    is_going = Letter.state.in_(("waiting", "sending"))
    due_since = sa.case((Letter.attempts == 0, Letter.send_at), else_=Letter.created_at)
    is_due = sa.and_(
        is_going, Letter.put_off_since.is_(None), due_since <= sa.bindparam("now")
    )  # a full mailbox must not hide that the server is away
    return sa.select(
        sa.func.count().label("number"),
        sa.func.count(sa.case((Letter.state == "failed", 1))).label("failed"),
        sa.func.min(sa.case((is_due, due_since))).label("due_since"),
    ).where(Letter.state.in_(("waiting", "sending", "failed")))


#: What has not left at an instant, ``now``, as one row. Every page of the team asks.
NOT_GONE = _not_gone()


def not_gone(now: datetime) -> NotGone:
    return NotGone.read(now, *db.session.execute(NOT_GONE, {"now": now}).one())
