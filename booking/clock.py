"""The only place that asks the time.

Everything else takes ``now`` from here or as an argument, so that any day can
be shown, tried and tested (``BOOKING_NOW``).
"""

import math
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


class _Setting:
    """How the house's clock differs from the machine's: by a shift, or it stands at an instant."""

    shift = timedelta(0)
    stands_at: datetime | None = None


_setting = _Setting()


def now() -> datetime:
    """The present instant of the house, in UTC."""
    return _setting.stands_at or datetime.now(UTC) + _setting.shift


def today(zone: ZoneInfo) -> date:
    """The day on the wall calendar of the house."""
    return now().astimezone(zone).date()


def seconds_until(instant: float) -> int:
    """Whole seconds from now to an instant that others have counted from the machine's own clock, as an epoch."""
    return math.ceil(instant - time.time())


def start_at(instant: datetime | None) -> None:
    """Let the house's clock stand at ``instant`` (aware) now and run on; ``None`` sets it right again."""
    _setting.shift = timedelta(0) if instant is None else instant - datetime.now(UTC)


def stand_at(instant: datetime | None) -> None:
    """Hold the house's clock at ``instant`` (aware), so that what is compared does not depend on how long it took;
    ``None`` lets it run."""
    _setting.stands_at = None if instant is None else instant.astimezone(UTC)
