"""The only place that asks the time.

Everything else takes ``now`` from here or as an argument, so that any day can
be shown, tried and tested (``BOOKING_NOW``).
"""

import math
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_shift = timedelta(0)


def now() -> datetime:
    """The present instant of the house, in UTC."""
    return datetime.now(UTC) + _shift


def today(zone: ZoneInfo) -> date:
    """The day on the wall calendar of the house."""
    return now().astimezone(zone).date()


def seconds_until(instant: float) -> int:
    """Whole seconds from now to an instant that others have counted from the machine's own clock, as an epoch."""
    return math.ceil(instant - time.time())


def start_at(instant: datetime | None) -> None:
    """Let the house's clock stand at ``instant`` (aware) now and run on; ``None`` sets it right again."""
    global _shift  # noqa: PLW0603 - a process has one clock
    _shift = timedelta(0) if instant is None else instant - datetime.now(UTC)
