"""Who of the team looks at a request just now: told to the others, kept in this process alone, and soon forgotten.

It keeps nobody from deciding. Several processes do not know of each other's readers.
"""

from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from flask import Response
from flask_babel import gettext, ngettext
from flask_login import current_user

from booking import clock
from booking.web.access import staff_only
from booking.web.staff.frame import bp

#: Whoever has not been heard of for so long has gone.
GONE_AFTER = timedelta(minutes=2)


class Reader(NamedTuple):
    """Somebody of the team who has a request open. ``since`` then, ``last`` heard of."""

    name: str
    since: datetime
    last: datetime


_lock = Lock()
_readers: dict[tuple[str, int], Reader] = {}  # by the number of a request and the id of a member


@bp.post("/anfragen/<reference>/da")
@staff_only
def look_too(reference: str) -> Response:
    """Note that somebody has this request open, and say who else has; nothing where nobody has."""
    now = clock.now()
    with _lock:
        for key in [key for key, each in _readers.items() if now - each.last > GONE_AFTER]:
            del _readers[key]
        own = (reference, current_user.id)
        since = _readers[own].since if own in _readers else now
        _readers[own] = Reader(current_user.name, since, now)
        others = [each for key, each in _readers.items() if key[0] == reference and key != own]
    return Response(" ".join(_told(each, now) for each in others), mimetype="text/plain")


def _told(reader: Reader, now: datetime) -> str:
    minutes = (now - reader.since) // timedelta(minutes=1)
    if minutes < 1:
        return gettext("%(name)s is looking at this too.", name=reader.name)
    return ngettext(
        "%(name)s is looking at this too (for %(num)d minute).",
        "%(name)s is looking at this too (for %(num)d minutes).",
        minutes,
        name=reader.name,
    )
