"""The frame of the group's own page: who gets in, and what is said of it to browsers and search engines."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from booking import clock, links, sharing
from booking.models import Booking, Contact, Link
from booking.web import limits
from booking.web.access import MISTAKES
from booking.web.forms.people import AddressForm

DONE = 303
GONE = 410

bp = Blueprint("status_page", __name__)

TOKEN = "<string(length=43):token>"  # noqa: S105 - a place in the address


def opened(view: Callable[[str, Booking, datetime], Any]) -> Callable[[str], Any]:
    """Look the token up: 404 for one that opens nothing, and a page of its own for one that is over."""

    @wraps(view)
    def wrapped(token: str) -> Any:
        link = find_link(token)
        now = clock.now()
        if request.method == "POST":
            sharing.note_use(link, now)
        if links.is_over(link, now):
            return render_template("status_page/expired.html", form=AddressForm(), why=_why_over(link)), GONE
        g.link, g.reader = link, link.contact
        return view(token, link.booking, now)

    return wrapped


def find_link(token: str, purpose: str = "page") -> Link:
    """The link with this token, ended ones too, or 404. Those who try unknown ones are stopped after some."""
    link = links.find(token, purpose, to_show=request.method != "POST")
    if link is None:
        limits.count_unknown_link()
        abort(404)
    return link


def _booking_opened() -> str:
    token: str = (request.view_args or {})["token"]
    link = links.find(token)
    return f"booking {link.booking_id}" if link else token


may_write = limits.letters_of(_booking_opened, lambda answer: answer.status_code == DONE)


def reader() -> Contact | None:
    """Whose link it is that opened this page; ``None`` where the office entered the booking itself."""
    found: Contact | None = g.reader
    return found


def has_older_link() -> bool:
    """Whether whoever opened this page has another link from before that still works."""
    return any(each.id < g.link.id for each in links.held_beside(g.link, g.link.purpose))


def who_speaks(view: Callable[[str, Booking, datetime], Any]) -> Callable[[str, Booking, datetime], Any]:
    """Only for the person who speaks for the booking; a second person has no such page."""

    @wraps(view)
    def wrapped(token: str, booking: Booking, now: datetime) -> Any:
        if not sharing.speaks_for(booking, reader()):
            abort(404)
        return view(token, booking, now)

    return wrapped


def _why_over(link: Link) -> str:
    """``renewed`` where the same person has a newer one, else ``expired`` by itself, or ``ended``."""
    held = links.held_beside(link, link.purpose)
    if held and held[-1] is not link:
        return "renewed"
    return "expired" if link.revoked_at is None else "ended"


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
