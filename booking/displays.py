"""Screens that the office has registered: made, changed, ended, and missed when nothing is heard of them."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from booking import links, log
from booking.database import db, transaction
from booking.house import public_changed
from booking.models import Display, StaffMember

#: Without a sign of life for so long, a screen does not count as running any more; it gives two a minute.
RUNNING = timedelta(minutes=5)


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
        log.record("renew_display", None, by=by, now=now, display=display.id)


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


def _give_link(display: Display) -> None:
    display.nonce = secrets.token_hex(16)
    display.token_hash = links.hash_of(links.token(display))
