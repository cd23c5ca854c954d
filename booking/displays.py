"""Screens that the office has registered: made, changed, ended, and missed when nothing is heard of them."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from booking import links, log
from booking.agenda import closed_days
from booking.database import db, transaction
from booking.house import closures, house, opening_hours, public_changed
from booking.languages import DEFAULT
from booking.letters import outbox
from booking.models import Display, StaffMember
from booking.notices.frame import text_of

#: Without a sign of life for so long, a screen does not count as running any more; it gives two a minute.
RUNNING = timedelta(minutes=5)
#: So long the house has to be open, and nothing heard of a screen, before the team is told.
MISSED_AFTER = timedelta(minutes=30)


def registered() -> list[Display]:
    """In the order of their names."""
    return list(db.session.scalars(sa.select(Display).order_by(Display.name, Display.id)))


def display_of(secret: str) -> Display | None:
    """The display with this secret in its address."""
    return db.session.scalars(sa.select(Display).where(Display.token_hash == links.hash_of(secret))).one_or_none()


def display_url(display: Display) -> str:
    """The absolute address that the screen opens."""
    return f"{current_app.config['PUBLIC_URL']}/display/{links.token(display)}"


def keep_display(display: Display | None, values: Mapping[str, Any], *, by: StaffMember, now: datetime) -> Display:
    """Change what a display is called and shows, or register one."""
    with transaction():
        action = "edit_display" if display else "add_display"
        if display is None:
            display = Display(**values)
            _give_link(display)
            db.session.add(display)
        else:
            for name, value in values.items():
                setattr(display, name, value)
        db.session.flush()
        log.record(action, None, by=by, now=now, display=display.id)
        public_changed()
    return display


def renew_display(display: Display, *, by: StaffMember, now: datetime) -> None:
    """Give a display another address; what opens the former one shows nothing any more."""
    with transaction():
        _give_link(display)
        display.seen_at, display.report, display.missed_at = None, {}, None
        log.record("edit_display", None, by=by, now=now, display=display.id)


def end_display(display: Display, *, by: StaffMember, now: datetime) -> None:
    """Forget a display: what opens its address shows nothing any more."""
    with transaction():
        log.record("end_display", None, by=by, now=now, display=display.id)
        db.session.delete(display)


def hear_of(secret: str, report: Mapping[str, Any], now: datetime) -> bool:
    """Note a sign of life, with what the screen tells of itself; ``False`` where its address has ended."""
    with transaction():
        mine = sa.update(Display).where(Display.token_hash == links.hash_of(secret))
        heard = mine.values(seen_at=now, report=dict(report)).returning(Display.id)
        return db.session.scalar(heard) is not None


def is_running(display: Display, now: datetime) -> bool:
    return display.seen_at is not None and now - display.seen_at <= RUNNING


def tell_of_silence(now: datetime) -> int:
    """Owe the office one letter for each display that is missed, and one when it is heard of again; gives their number.

    A screen that may be off at night is missed in opening hours alone.
    """
    is_told, is_back = Display.missed_at.is_not(None), Display.seen_at > Display.missed_at
    silent = sa.and_(~is_told, Display.seen_at <= now - MISSED_AFTER)
    due = sa.select(Display).where(sa.or_(sa.and_(is_told, is_back), silent)).order_by(Display.id)
    ids = [each.id for each in db.session.scalars(due) if each.missed_at or _has_been_open(now)]
    return sum(_tell(due.where(Display.id == id_), now) for id_ in ids)


def missed() -> list[Display]:
    """Those of which the office was told that nothing is heard of them, and nothing has been since."""
    return [each for each in registered() if each.missed_at and each.seen_at and each.seen_at <= each.missed_at]


def _tell(due: sa.Select[Display], now: datetime) -> bool:
    with transaction():
        display = db.session.scalars(due.with_for_update()).one_or_none()
        if display is None or display.seen_at is None:  # another process was faster
            return False
        kind = "display_back" if display.missed_at else "display_missed"
        display.missed_at = None if display.missed_at else now
        text = text_of(
            f"team/{kind}",
            DEFAULT,
            name=display.name,
            seen=display.seen_at.astimezone(house().zone),
            display_id=display.id,
            minutes=MISSED_AFTER // timedelta(minutes=1),
        )
        outbox.put(kind, language=DEFAULT, subject=text.subject, body=text.body, now=now)
        return True


def _has_been_open(now: datetime) -> bool:
    """Whether the office has been open all the time in which a display would be missed."""
    since, at = ((now - ago).astimezone(house().zone) for ago in (MISSED_AFTER, timedelta(0)))
    spans = opening_hours().get(at.weekday(), ())
    return (
        any(opens <= since.time() and at.time() < closes for opens, closes in spans)
        and at.date() not in closed_days(at.date(), 1)
        and not any(closure.is_of_house for closure in closures(now - MISSED_AFTER, now))
    )


def _give_link(display: Display) -> None:
    display.nonce = secrets.token_hex(16)
    display.token_hash = links.hash_of(links.token(display))
