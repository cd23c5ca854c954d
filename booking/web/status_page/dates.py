"""What a group does with single dates: it asks to cancel or withdraw them, and is asked whether it means it."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from booking import changing, requesting, wording
from booking.domain.status import Status
from booking.extensions import limiter
from booking.models import Booking, Occurrence
from booking.schedule import house
from booking.web import locale
from booking.web.access import link_holder
from booking.web.status_page.frame import TOKEN, bp, opened


@bp.get(f"/a/{TOKEN}/absagen")
@link_holder
@opened
def cancel(token: str, booking: Booking, now: datetime) -> str | Response:
    """Ask whether a date, or all that are to come, should be cancelled."""
    dates = _chosen(booking, request.args.get("date", ""), now)
    if not dates:
        return redirect(url_for(".show", token=token), 303)
    return render_template("status_page/cancel.html", token=token, booking=booking, dates=dates)


@bp.post(f"/a/{TOKEN}/absagen")
@link_holder
@limiter.limit("30 per minute")
@opened
def send_cancel(token: str, booking: Booking, now: datetime) -> Response:
    """Cancel the dates that were asked about; others can have their rooms at once."""
    asked_about = {int(text) for text in request.form.getlist("date") if text.isdecimal() and len(text) < 10}
    gone = changing.cancel(booking, asked_about, now)
    flash(_cancelled(gone) if gone else gettext("There was nothing left to cancel."))
    return redirect(url_for(".show", token=token), 303)


@bp.get(f"/a/{TOKEN}/zurueckziehen")
@link_holder
@opened
def withdraw(token: str, booking: Booking, now: datetime) -> str | Response:
    """Ask whether the dates that nobody has decided yet should be taken back."""
    dates = booking.dates(Status.REQUESTED)
    if not dates:
        return redirect(url_for(".show", token=token), 303)
    return render_template("status_page/withdraw.html", token=token, booking=booking, dates=dates)


@bp.post(f"/a/{TOKEN}/zurueckziehen")
@link_holder
@limiter.limit("30 per minute")
@opened
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
