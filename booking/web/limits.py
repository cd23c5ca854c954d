"""How often things may be done: all limits with their figures, and what is said to whoever has to wait.

Whom a limit counts is a sender, who may be a room full of people behind one
address, or a mailbox. A sender's figures are such that thirty people ask within
ten minutes; what one mailbox gets stays little whoever causes it. Each limit
counts before the work is done, so that many at once are no way around it.
"""

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from threading import Lock
from typing import Any

from flask import Response, g, make_response
from flask_babel import gettext, ngettext
from flask_limiter import RequestLimit
from limits.errors import StorageError
from limits.storage import MemoryStorage
from sqlalchemy.exc import SQLAlchemyError

from booking import clock, wording
from booking.extensions import hidden, limiter, sender
from booking.house import NoHouse, house
from booking.web.access import MISTAKES, View

#: Up to here a wait is told in minutes, beyond as a time of the day.
MANY_MINUTES = 60

#: Seconds to wait where nothing tells how many.
SOON = 120


def settings(url: str) -> dict[str, Any]:
    """How Flask-Limiter counts: in this process, or in the Redis at ``url``, and as long as that is away in this
    process again, with a line in the log."""
    options = {"socket_connect_timeout": 1, "socket_timeout": 1, "wrap_exceptions": True}  # and it tries once
    return {
        "RATELIMIT_STORAGE_URI": url or "own-memory://",
        "RATELIMIT_STORAGE_OPTIONS": options if url else {},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": bool(url),
        "RATELIMIT_HEADERS_ENABLED": False,
    }


# ---- Work that a sender causes

#: Pages that answer while somebody types.
look_up = limiter.limit("300 per minute")

#: A page of the form that is sent; each keeps a draft.
step = limiter.limit("120 per minute; 900 per hour")

#: A button on a group's page, whatever comes of it.
press = limiter.limit("120 per minute")

#: Questions of programs to the preview.
ask_as_program = limiter.limit("120 per minute")

#: Dates that such questions have looked up, ``g.dates`` at a time: each takes about a thousandth of a second.
look_up_dates = limiter.limit("2400 per minute", cost=lambda: g.dates)

#: Signs of life of all the screens behind one address.
heartbeat = limiter.limit("120 per minute")

#: Looks of monitors at what works; each tries the database.
watch = limiter.limit("60 per minute")

# ---- What is sent


def request_to(mailbox: Callable[[], str], is_sent: Callable[[Response], bool]) -> Callable[[View], View]:
    """How many requests a sender makes, and how many one mailbox hears of; only those that were sent count."""
    per_sender = Counted("60 per hour; 150 per day", "requests of a sender", is_sent)
    per_mailbox = Counted("6 per hour; 10 per day", "requests of a mailbox", is_sent, mailbox)
    return lambda view: per_sender(per_mailbox(view))


def letters_to(mailbox: Callable[[], str]) -> Callable[[View], View]:
    """How much a sender may have mailed, and how much of it one mailbox gets from all pages together.

    Mistakes count for the sender alone: an address that cannot be read is nobody's mailbox.
    """
    per_sender = limiter.limit("60 per hour")
    per_mailbox = Counted("6 per hour; 10 per day", "letters to a mailbox", _is_done, mailbox)
    return lambda view: per_sender(per_mailbox(view))


def letters_of(booking: Callable[[], str], is_done: Callable[[Response], bool]) -> Callable[[View], View]:
    """How often something is done to one booking, whoever does it: letters or the record tell of it each time. Looking
    and mistakes do not count."""
    per_booking = Counted("30 per hour; 60 per day", "letters of a booking", is_done, booking)
    return lambda view: press(per_booking(view))


# ---- Guesses


def guesses(of: str, account: Callable[[], str], page: Callable[[str], str]) -> Callable[[View], View]:
    """How many wrong passwords or codes are allowed for one account, and from one sender: each costs us work.

    ``page`` shows the sentence that says to wait.
    """

    def answer(_limit: RequestLimit) -> Response:
        response = Response(page(" ".join((gettext("Those were too many attempts."), when_again()))), 429)
        response.headers["Retry-After"] = str(seconds_to_wait() or SOON)
        return response

    per_account = Counted("5 per 15 minutes", f"wrong {of}", _is_wrong, account, answer)
    per_sender = Counted("50 per 15 minutes", f"wrong {of} of a sender", _is_wrong, answer=answer)
    return lambda view: per_sender(per_account(view))


def _is_wrong(answer: Response) -> bool:
    return answer.status_code == MISTAKES


def _is_done(answer: Response) -> bool:
    return answer.status_code == 303


#: Passkeys cannot be guessed; this bounds the work.
try_passkey = limiter.limit("100 per 15 minutes")


@limiter.shared_limit("20 per minute", scope="unknown links")
def count_unknown_link() -> None:
    """Nobody guesses 256 bits; this keeps those away who try. Whoever has a link may look as often as they like."""


@dataclass(frozen=True)
class Counted:
    """A limit on what a view really does: where its answer shows that it has not, the count is given back."""

    figures: str
    scope: str
    counts: Callable[[Response], bool]
    key: Callable[[], str] = sender
    answer: Callable[[RequestLimit], Response] | None = None  # instead of the page that says to wait

    def __call__(self, view: View) -> View:
        @wraps(view)
        def wrapped(*args: Any, **arguments: Any) -> Response:
            answer = make_response(view(*args, **arguments))
            if not self.counts(answer):
                self._give_back()
            return answer

        limited: View = limiter.shared_limit(
            self.figures, scope=self.scope, key_func=lambda: hidden(self.key()), on_breach=self.answer
        )(wrapped)
        return limited

    def _give_back(self) -> None:
        for each in limiter.current_limits:
            if each.request_args[-1] == self.scope:
                with suppress(StorageError):
                    limiter.limiter.storage.incr(each.key, each.limit.get_expiry(), amount=-1)


class OwnMemory(MemoryStorage):
    """Counts in this process. The library's own looks for a count and begins it in two steps, so that of two requests
    that come first at once it may forget one."""

    STORAGE_SCHEME = ["own-memory"]

    def __init__(self, uri: str | None = None, **options: Any) -> None:
        self._turn = Lock()
        super().__init__(uri, **options)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        with self._turn:
            return super().incr(key, expiry, amount)


# ---- What is said


def seconds_to_wait() -> int | None:
    """Until the limit that has refused this request lets one pass again; ``None`` where no limit has."""
    limit = limiter.current_limit
    if limit is None or not limit.breached:
        return None
    with suppress(StorageError):
        return max(1, clock.seconds_until(limit.window.reset_time))
    return None


def when_again() -> str:
    """The sentence that says when to try again."""
    seconds = seconds_to_wait()
    return gettext("Please try again in a few minutes.") if seconds is None else wait_in_words(seconds, clock.now())


def wait_in_words(seconds: int, now: datetime) -> str:
    """The same for a wait that is known."""
    minutes = math.ceil(seconds / 60)
    if minutes <= MANY_MINUTES:
        return ngettext("Please try again in %(num)d minute.", "Please try again in %(num)d minutes.", minutes)
    try:
        zone = house().zone
    except (NoHouse, SQLAlchemyError):  # an error page never fails itself
        return ngettext("Please try again in %(num)d hour.", "Please try again in %(num)d hours.", -(-minutes // 60))
    at = (now + timedelta(minutes=minutes)).astimezone(zone)
    if at.date() == now.astimezone(zone).date():
        return gettext("Please try again at %(time)s.", time=wording.clock(at))
    return gettext("Please try again tomorrow at %(time)s.", time=wording.clock(at))
