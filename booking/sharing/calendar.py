"""The address at which a person's calendar program reads the dates of a booking: renewed, and ended."""

from datetime import datetime

from booking import links, log
from booking.lifecycle import updating
from booking.models import Booking, Contact
from booking.sharing.person import require_known


def renew_calendar(booking: Booking, reader: Contact | None, now: datetime) -> None:
    """Give a person another address for their calendar program; the one they had is over. Raises ``Forgotten``."""
    with updating(booking):
        require_known(reader)
        links.revoke(booking, reader, now, "calendar")
        links.issue(booking, now, reader, "calendar")
        log.record("renew_calendar", booking, actor="group", now=now)


def end_calendar(booking: Booking, reader: Contact | None, now: datetime) -> bool:
    """End the address of a person's calendar program; ``False`` where they have none."""
    with updating(booking):
        if links.current(booking, reader, "calendar") is None:
            return False
        links.revoke(booking, reader, now, "calendar")
        log.record("end_calendar", booking, actor="group", now=now)
        return True
