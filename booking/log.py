"""The record of who did what to which booking, and when: append-only, ids and codes only."""

from datetime import datetime
from typing import Any

from booking.database import db
from booking.models import Booking, LogEntry, StaffMember


def record(
    action: str,
    booking: Booking | None,
    *,
    by: StaffMember | None = None,
    actor: str = "system",
    count: int = 0,
    now: datetime,
    **detail: Any,
) -> None:
    """Write one entry in the transaction at hand. ``actor`` is group, team or system; ``detail`` is never free text."""
    db.session.add(
        LogEntry(
            at=now,
            actor="team" if by else actor,
            staff_member_id=by.id if by else None,
            booking_id=booking.id if booking else None,
            action=action,
            count=count,
            detail=detail,
        )
    )


def history(booking: Booking) -> list[LogEntry]:
    """What happened to a booking, newest first."""
    return list(
        db.session.scalars(db.select(LogEntry).where(LogEntry.booking_id == booking.id).order_by(LogEntry.id.desc()))
    )
