"""The frame of the group's own page: who gets in, and what is said of it to browsers and search engines."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from booking import clock, links, sharing
from booking.extensions import limiter
from booking.models import Booking, Contact, Link
from booking.web.access import MISTAKES
from booking.web.people_forms import Address

DONE = 303
NOT_FOUND = 404
GONE = 410

Answer = str | Response | tuple[str, int]

bp = Blueprint("status_page", __name__)
# Nobody guesses 256 bits; this keeps those away who try. Whoever has a link may look as often as they like.
limiter.shared_limit("20/minute", scope="unknown links", deduct_when=lambda answer: answer.status_code == NOT_FOUND)(bp)

TOKEN = "<string(length=43):token>"  # noqa: S105 - a place in the address


def opened(view: Callable[[str, Booking, datetime], Any]) -> Callable[[str], Any]:
    """Look the token up: 404 for one that opens nothing, and a page of its own for one that is over."""

    @wraps(view)
    def wrapped(token: str) -> Any:
        link = links.find(token)
        if link is None:
            abort(404)
        now = clock.now()
        if links.is_over(link, now):
            return render_template("status_page/expired.html", form=Address(), why=_why_over(link)), GONE
        g.reader = link.contact
        return view(token, link.booking, now)

    return wrapped


def may_write(view: Callable[[str], Any]) -> Callable[[str], Any]:
    """Limit how often something is done to one booking, whoever does it: letters tell of it each time, to the office
    and to an address that nobody has proved to be theirs. Looking and mistakes do not count."""
    per_booking = limiter.shared_limit(
        "30 per hour; 60 per day",
        scope="letters of a booking",
        key_func=_booking_opened,
        deduct_when=lambda answer: answer.status_code == DONE,
    )
    limited: Callable[[str], Any] = limiter.limit("30 per minute")(per_booking(view))
    return limited


def _booking_opened() -> str:
    token: str = (request.view_args or {})["token"]
    link = links.find(token)
    return f"booking {link.booking_id}" if link else token


def reader() -> Contact | None:
    """Whose link it is that opened this page; ``None`` where the office entered the booking itself."""
    found: Contact | None = g.reader
    return found


def who_speaks(view: Callable[[str, Booking, datetime], Any]) -> Callable[[str, Booking, datetime], Any]:
    """Only for the person who speaks for the booking; a second person has no such page."""

    @wraps(view)
    def wrapped(token: str, booking: Booking, now: datetime) -> Any:
        if not sharing.speaks_for(booking, reader()):
            abort(404)
        return view(token, booking, now)

    return wrapped


def _why_over(link: Link) -> str:
    """``expired`` by itself, ``renewed`` where the same person has a newer one, else ``ended``."""
    if link.revoked_at is None:
        return "expired"
    return "renewed" if links.current(link.booking, link.contact) else "ended"


@bp.errorhandler(sharing.Forgotten)
def _gone_meanwhile(_error: sharing.Forgotten) -> Response:
    """To the page that says that the link is over."""
    return redirect(url_for(".show", token=(request.view_args or {})["token"]), 303)


@bp.after_request
def _keep_out_of_indexes(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    if response.status_code != MISTAKES:
        response.headers["Cache-Control"] = "no-store"
    return response
