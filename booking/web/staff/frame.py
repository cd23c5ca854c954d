"""The frame of the team's pages: what stands around each, and what several of them ask."""

from collections.abc import Iterable
from functools import cache, partial
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user
from flask_sqlalchemy.pagination import Pagination
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm import joinedload, lazyload
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.checkup import is_public
from booking.database import db
from booking.facts import missing_facts
from booking.house import house, rooms
from booking.models import Booking, Change, Letter, Occurrence, StaffMember
from booking.web.access import first_page, only_who_may, role_may_open, who_is_signed_in
from booking.web.errors import handle_http, signed_out
from booking.web.forms.page import PageForm
from booking.web.staff import desk, history
from booking.web.staff.requests import to_do_in_short

bp = Blueprint("staff", __name__, url_prefix="/team")
bp.add_app_template_filter(desk.weekday_and_day)
bp.add_app_template_filter(desk.clock_to_the_second)
bp.add_app_template_filter(history.is_unknown_address)
bp.record_once(lambda setup: setup.app.jinja_env.globals.update(states=desk.STATES))  # macros see globals alone

PER_PAGE = 30
LAST_PAGE = 100_000

#: From this many seconds on a waiting letter is worth a warning on every page of the team.
LONG_WAIT = 3600


bp.before_request(only_who_may)


#: What the menu leads to, for whoever may open it.
MENU = ("inbox", "today", "calendar", "group_list", "statistics", "premises", "outbox")


@cache
def _menu(role: str) -> tuple[str, ...]:
    return tuple(target for target in (f"staff.{name}" for name in MENU) if role_may_open(role, target))


@bp.context_processor
def _frame() -> dict[str, Any]:
    """What the frame of all pages of the team shows, except to those who are signed out."""
    signed_in = who_is_signed_in()
    if signed_in is None:
        return {}
    requests, letters = to_do_in_short()
    return {
        "may_open": partial(role_may_open, signed_in.role),
        "menu": _menu(signed_in.role),
        "first_page": first_page(signed_in.role),
        "open_requests": requests,
        "facts_missing": len(missing_facts(house())) if is_public() else 0,
        "letters_to_go": letters.number,
        "letters_failed": letters.failed,
        "letters_stuck": letters.oldest is not None and letters.oldest > LONG_WAIT,
        "member_name": signed_in.name,
        "has_shortcuts": signed_in.has_shortcuts,
    }


@bp.errorhandler(CSRFError)
def _signed_out_meanwhile(error: CSRFError) -> AnyResponse:
    """A page stood open while its session ended: sign in, then back to it."""
    if current_user.is_authenticated:
        return handle_http(error)
    if page := signed_out():
        return page
    flash(gettext("You were signed out meanwhile. Nothing has been saved."), "error")
    reference = (request.view_args or {}).get("reference")
    wanted = url_for(".decision", reference=reference) if reference else url_for(".inbox")
    return redirect(url_for("auth.sign_in", next=wanted), 303)


def typed_words() -> list[str]:
    """What somebody wrote in their own words on the form that was sent, for pages that cannot save it."""
    own = ("message", "question", "sentence")
    return [text for name, text in request.form.items() if name.endswith(own) and text.strip()]


def page_of(rows: sa.Select[Any], total: int) -> Pagination:
    """The page of a list that is asked for; 404 beyond the last. ``total``: how many rows there are in all."""
    number = min(request.args.get("page", 1, type=int), LAST_PAGE)
    page = db.paginate(rows, page=number, per_page=PER_PAGE, count=False)
    page.total = total
    return page


def member() -> StaffMember:
    return db.session.get_one(StaffMember, current_user.id)


def booking_of(reference: str) -> Booking:
    """The booking of this number, or 404."""
    return bookings_of([reference])[0]


# With all that the pages of a request ask; to make it anew takes longer than to run it.
_BOOKINGS = (
    sa.select(Booking)
    .where(Booking.reference.in_(sa.bindparam("references", expanding=True)))
    .options(
        joinedload(Booking.initiative),
        joinedload(Booking.contact),
        joinedload(Booking.key_loans),
        joinedload(Booking.occurrences).options(
            lazyload(Occurrence.room),
            joinedload(Occurrence.changes).options(lazyload(Change.room), lazyload(Change.former_room)),
        ),
    )
    .order_by(Booking.created_at, Booking.id)
)


def bookings_of(references: Iterable[str]) -> list[Booking]:
    """The bookings of these numbers, in the order in which they were asked for; 404 where there is one less."""
    wanted = {*references}
    rooms()  # where their dates find theirs
    bookings = list(db.session.scalars(_BOOKINGS, {"references": [*wanted]}).unique())
    if len(bookings) < len(wanted):
        abort(404)
    return bookings


def seen_version() -> int:
    """The version of the booking that the page showed; 0, which no booking has, where the form lacks it."""
    return request.form.get("version", 0, type=int)


def is_overtaken(stored: PageForm) -> bool:
    """Whether somebody has stored something else since the page was shown from which a form was sent."""
    return request.form.get("seen") != stored.as_seen


def signed() -> dict[str, Any]:
    """What each verb of the team wants to know: who does it, when, and on which version of the booking."""
    return {"seen_version": seen_version(), "by": member(), "now": clock.now()}


def back_to(reference: str, anchor: str = "said", **more: Any) -> AnyResponse:
    """The page of a request, at the line that says what was done."""
    return redirect(url_for(".decision", reference=reference, **more, _anchor=anchor), 303)


def say(sentence: str, letter: Letter | None) -> str:
    """Put the line on the next page that tells what was done, unless its letter waits: then the page tells of both.

    Returns where on the page that stands.
    """
    if letter and letter.send_at > clock.now():
        return "decided"
    flash(f"{sentence} {gettext('The letter is on its way.')}" if letter else sentence)
    return "said"
