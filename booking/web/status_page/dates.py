"""What a group does with its dates: it asks to cancel or withdraw them, and is asked whether it means it."""

from collections.abc import Sequence
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from booking import changing, requesting
from booking.changing import TooLate
from booking.domain.status import Status
from booking.models import Booking, Occurrence
from booking.web.access import MISTAKES, PageAnswer, link_holder
from booking.web.status_page.frame import TOKEN, bp, may_write, opened
from booking.web.status_page.sentences import cancelled, ids_sent, name_days


@bp.get(f"/a/{TOKEN}/absagen")
@link_holder
@opened
def cancel_dates(token: str, booking: Booking, now: datetime) -> PageAnswer:
    """Which dates (``?date=12&date=14``, or ``all``)? Where that is said, or there is only one: really?"""
    possible = [each for each in booking.dates(Status.APPROVED) if each.end > now]
    dates = _chosen(possible)
    if dates or len(possible) == 1:
        dates = dates or possible
        can_change = len(dates) == 1 and dates[0] in changing.changeable(booking, now)
        return render_template(
            "status_page/cancel.html", token=token, booking=booking, dates=dates, can_change=can_change
        )
    if not possible or "date" in request.args:
        return redirect(url_for(".show", token=token), 303)
    mistake = gettext("Choose which dates you want to cancel.") if "chosen" in request.args else ""
    page = render_template(
        "status_page/choose_cancel.html", token=token, booking=booking, dates=possible, mistake=mistake
    )
    return (page, MISTAKES) if mistake else page


@bp.post(f"/a/{TOKEN}/absagen")
@link_holder
@may_write
@opened
def send_cancel_dates(token: str, booking: Booking, now: datetime) -> Response:
    """Cancel the dates that were asked about; others can have their rooms at once."""
    gone = changing.cancel_dates(booking, ids_sent(), now)
    flash(cancelled(gone) if gone else gettext("There was nothing left to cancel."))
    return redirect(url_for(".show", token=token), 303)


@bp.post(f"/a/{TOKEN}/rueckgaengig")
@link_holder
@may_write
@opened
def restore_dates(token: str, booking: Booking, now: datetime) -> Response:
    """Take a cancellation back, as far as nobody else has the rooms by now."""
    try:
        back, taken = changing.restore_dates(booking, ids_sent(), now)
    except TooLate:
        flash(gettext("The ten minutes are over. Write to us or call us; perhaps the room is still free."))
        return redirect(url_for(".show", token=token), 303)
    if back:
        flash(gettext("On after all: %(days)s.", days=name_days(back)))
    if taken:
        flash(gettext("Others have the room by now, so this stays cancelled: %(days)s.", days=name_days(taken)))
    return redirect(url_for(".show", token=token), 303)


@bp.get(f"/a/{TOKEN}/zurueckziehen")
@link_holder
@opened
def withdraw(token: str, booking: Booking, now: datetime) -> PageAnswer:
    """Ask whether dates that nobody has decided yet should be taken back: those of ``?date=12``, or all."""
    possible = booking.dates(Status.REQUESTED)
    dates = _chosen(possible) if "date" in request.args else possible
    if not dates:
        return redirect(url_for(".show", token=token), 303)
    return render_template("status_page/withdraw.html", token=token, booking=booking, dates=dates)


@bp.post(f"/a/{TOKEN}/zurueckziehen")
@link_holder
@may_write
@opened
def send_withdraw(token: str, booking: Booking, now: datetime) -> Response:
    """Take back the dates that were asked about and are still undecided."""
    number = requesting.withdraw(booking, now, ids_sent())
    flash(
        ngettext("You have withdrawn %(num)d date.", "You have withdrawn %(num)d dates.", number)
        if number
        else gettext("There was nothing left to withdraw.")
    )
    return redirect(url_for(".show", token=token), 303)


def _chosen(possible: Sequence[Occurrence]) -> list[Occurrence]:
    """Those of the possible dates that the address names."""
    if request.args.get("date") == "all":
        return list(possible)
    ids = ids_sent()
    return [each for each in possible if each.id in ids]
