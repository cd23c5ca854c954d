"""The frame of the team's pages: what stands around each, and what several of them ask."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user
from flask_sqlalchemy.pagination import Pagination
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.database import db
from booking.domain.status import Status
from booking.letters import outbox
from booking.models import Booking, Change, Letter, Occurrence, StaffMember
from booking.web.errors import handle_http
from booking.web.staff import desk, history

bp = Blueprint("staff", __name__, url_prefix="/team")
bp.add_app_template_filter(desk.weekday_and_day)
bp.add_app_template_filter(desk.month_name)
bp.add_app_template_filter(history.is_unknown_address)

PER_PAGE = 30
LAST_PAGE = 100_000

#: From this many seconds on a waiting letter is worth a warning on every page of the team.
LONG_WAIT = 3600


@bp.context_processor
def _frame() -> dict[str, Any]:
    """What the frame of all pages of the team shows."""
    letters = outbox.counts()
    now = clock.now()
    waiting = outbox.oldest_waiting(now)
    return {
        "open_requests": number_of(of_tab("neu", now)),
        "letters_to_go": sum(letters.get(state, 0) for state in ("waiting", "sending", "failed")),
        "letters_failed": letters.get("failed", 0),
        "letters_stuck": waiting is not None and waiting > LONG_WAIT,
        "member_name": current_user.name,
    }


@bp.errorhandler(CSRFError)
def _signed_out_meanwhile(error: CSRFError) -> AnyResponse:
    """A page stood open while its session ended: sign in, then back to it."""
    if current_user.is_authenticated:
        return handle_http(error)
    flash(gettext("You were signed out meanwhile. Nothing has been saved."), "error")
    reference = (request.view_args or {}).get("reference")
    wanted = url_for(".decision", reference=reference) if reference else url_for(".inbox")
    return redirect(url_for("auth.sign_in", next=wanted), 303)


def of_tab(tab: str, now: datetime) -> sa.Select[Booking]:
    """Bookings of a tab in their order: what somebody waits for, the longest wait first; all else, the newest first.

    A booking can be in several tabs, as each of its dates has its own fate.
    """
    is_open = Booking.occurrences.any(Occurrence.status == Status.REQUESTED)
    is_asked = db.and_(Booking.question != "", Booking.answer == "", is_open)
    waits = db.or_(is_asked, Booking.occurrences.any(Occurrence.status == Status.PROPOSED))
    wish = Occurrence.changes.any(db.and_(Change.state == "open", Change.proposed_by == "group"))
    wishes = db.or_(
        Booking.title_wish != "", Booking.url_wish != "", Booking.occurrences.any(db.and_(wish, Occurrence.end > now))
    )
    waiting = {"neu": is_open, "gruppe": waits, "wuensche": wishes}
    if tab in waiting:
        return sa.select(Booking).where(waiting[tab]).order_by(Booking.created_at, Booking.id)
    newest_first = sa.select(Booking).order_by(Booking.created_at.desc(), Booking.id.desc())
    return newest_first.where(~db.or_(*waiting.values())) if tab == "erledigt" else newest_first


def number_of(bookings: sa.Select[Booking]) -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(bookings.order_by(None).subquery())) or 0


def page_of(rows: Any) -> Pagination:
    return db.paginate(rows, page=min(request.args.get("seite", 1, type=int), LAST_PAGE), per_page=PER_PAGE)


def member() -> StaffMember:
    return db.session.get_one(StaffMember, current_user.id)


def booking_of(reference: str) -> Booking:
    """The booking of this number, or 404."""
    booking: Booking = db.first_or_404(db.select(Booking).where(Booking.reference == reference))
    return booking


def seen_version() -> int:
    """The version of the booking that the page showed; 0, which no booking has, where the form lacks it."""
    return request.form.get("version", 0, type=int)


def back_to(reference: str, anchor: str = "said", **more: Any) -> AnyResponse:
    """The page of a request, at the line that says what was done."""
    return redirect(url_for(".decision", reference=reference, **more, _anchor=anchor), 303)


def say(sentence: str, letter: Letter | None) -> None:
    """Put the line on the next page that tells what was done, and whether a letter tells the group."""
    flash(f"{sentence} {gettext('The letter is on its way.')}" if letter else sentence)
