"""The group's own page for one request, for whoever knows its secret address.

Looking changes nothing, so that mail scanners may open what they like: a page
asks first, and only what is sent from it acts.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, NamedTuple

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from booking import clock, ical, links, log, requesting, wording
from booking.domain.policy import is_outside_hours
from booking.domain.status import Status
from booking.extensions import limiter
from booking.models import Booking, LogEntry, Occurrence
from booking.schedule import house, house_rules
from booking.web import locale
from booking.web.access import link_holder

NOT_FOUND = 404

bp = Blueprint("status_page", __name__)
# Nobody guesses 256 bits; this keeps those away who try. Whoever has a link may look as often as they like.
limiter.shared_limit("20/minute", scope="unknown links", deduct_when=lambda answer: answer.status_code == NOT_FOUND)(bp)

TOKEN = "<string(length=43):token>"  # noqa: S105 - a place in the address
SHOWN = 10  # dates to come; further ones are folded
GONE = 410


class Line(NamedTuple):
    """What happened, in plain words."""

    at: datetime
    text: str


def _opened(view: Callable[[str, Booking, datetime], Any]) -> Callable[[str], Any]:
    """Look the token up: 404 for one that opens nothing, and a page of its own for one that has run out."""

    @wraps(view)
    def wrapped(token: str) -> Any:
        link = links.find(token)
        if link is None:
            abort(404)
        now = clock.now()
        if links.has_expired(link, now):
            return render_template("status_page/expired.html"), GONE
        return view(token, link.booking, now)

    return wrapped


@bp.after_request
def _keep_out_of_indexes(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get(f"/a/{TOKEN}")
@link_holder
@_opened
def show(token: str, booking: Booking, now: datetime) -> str:
    """The state of each date, what is next, and what can be done."""
    coming = [each for each in booking.occurrences if each.end > now]
    meetings = [each for each in coming if each.status is Status.APPROVED]
    following = meetings[0] if meetings else None
    return render_template(
        "status_page/show.html",
        token=token,
        booking=booking,
        following=following,
        is_outside=following is not None and is_outside_hours(following.slot, house_rules()),
        shown=coming[:SHOWN],
        folded=coming[SHOWN:],
        past=[each for each in booking.occurrences if each.end <= now],
        can_cancel=[each.id for each in meetings],
        can_withdraw=len(booking.dates(Status.REQUESTED)),
        history=[Line(entry.at, _told(entry)) for entry in log.history(booking)],
    )


@bp.get(f"/a/{TOKEN}.ics")
@link_holder
@_opened
def calendar(token: str, booking: Booking, now: datetime) -> Response:
    """The dates that are confirmed, for a calendar of one's own."""
    kept = booking.dates(Status.APPROVED, Status.CANCELLED)
    response = make_response(ical.calendar(kept, method=None, language=locale.selected()))
    response.mimetype = "text/calendar"
    response.headers["Content-Disposition"] = f'attachment; filename="{booking.reference}.ics"'
    return response


@bp.get(f"/a/{TOKEN}/absagen")
@link_holder
@_opened
def cancel(token: str, booking: Booking, now: datetime) -> str | Response:
    """Ask whether a date, or all that are to come, should be cancelled."""
    dates = _chosen(booking, request.args.get("date", ""), now)
    if not dates:
        return redirect(url_for(".show", token=token), 303)
    return render_template("status_page/cancel.html", token=token, booking=booking, dates=dates)


@bp.post(f"/a/{TOKEN}/absagen")
@link_holder
@limiter.limit("30 per minute")
@_opened
def send_cancel(token: str, booking: Booking, now: datetime) -> Response:
    """Cancel the dates that were asked about; others can have their rooms at once."""
    asked_about = {int(text) for text in request.form.getlist("date") if text.isdecimal() and len(text) < 10}
    gone = requesting.cancel(booking, asked_about, now)
    flash(_cancelled(gone) if gone else gettext("There was nothing left to cancel."))
    return redirect(url_for(".show", token=token), 303)


@bp.get(f"/a/{TOKEN}/zurueckziehen")
@link_holder
@_opened
def withdraw(token: str, booking: Booking, now: datetime) -> str | Response:
    """Ask whether the dates that nobody has decided yet should be taken back."""
    dates = booking.dates(Status.REQUESTED)
    if not dates:
        return redirect(url_for(".show", token=token), 303)
    return render_template("status_page/withdraw.html", token=token, booking=booking, dates=dates)


@bp.post(f"/a/{TOKEN}/zurueckziehen")
@link_holder
@limiter.limit("30 per minute")
@_opened
def send_withdraw(token: str, booking: Booking, now: datetime) -> Response:
    """Take back what is not decided yet."""
    number = requesting.withdraw(booking, now)
    flash(
        ngettext("You have withdrawn %(num)d date.", "You have withdrawn %(num)d dates.", number)
        if number
        else gettext("There was nothing left to withdraw.")
    )
    return redirect(url_for(".show", token=token), 303)


def _chosen(booking: Booking, wanted: str, now: datetime) -> list[Occurrence]:
    """The approved date to come with this id, or all of them."""
    possible = [each for each in booking.dates(Status.APPROVED) if each.end > now]
    return possible if wanted == "all" else [each for each in possible if str(each.id) == wanted]


def _cancelled(gone: list[Occurrence]) -> str:
    if len(gone) > 1:
        return gettext("Cancelled: %(number)d dates. The rooms are free for others again.", number=len(gone))
    day = gone[0].start.astimezone(house().zone).date()
    return gettext(
        "Cancelled: %(day)s. The room is free for others again.", day=wording.long_day(day, locale.selected())
    )


def _told(entry: LogEntry) -> str:
    """One entry of the record, to the group it is about."""
    number = entry.count
    by_group = entry.actor == "group"
    cancelled = (
        ngettext("You cancelled %(num)d date.", "You cancelled %(num)d dates.", number)
        if by_group
        else ngettext("The team cancelled %(num)d date.", "The team cancelled %(num)d dates.", number)
    )
    told: dict[str, str] = {
        "request": ngettext("You asked for %(num)d date.", "You asked for %(num)d dates.", number),
        "approve": ngettext("The team confirmed %(num)d date.", "The team confirmed %(num)d dates.", number),
        "decline": ngettext("%(num)d date was not possible.", "%(num)d dates were not possible.", number),
        "undo": ngettext(
            "The team is looking at %(num)d date once more.", "The team is looking at %(num)d dates once more.", number
        ),
        "withdraw": ngettext("You withdrew %(num)d date.", "You withdrew %(num)d dates.", number),
        "cancel": cancelled,
    }
    return told.get(entry.action, "")
