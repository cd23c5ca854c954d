"""What a group does with its dates: it asks to cancel or withdraw them, and is asked whether it means it."""

from collections.abc import Sequence
from datetime import datetime

from flask import flash, request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from booking import changing, requesting
from booking.changing import TooLate
from booking.domain.status import Status
from booking.models import Booking, Occurrence
from booking.web.access import PageAnswer
from booking.web.status_page.frame import back, may_write, page, pages, reader
from booking.web.status_page.sentences import cancelled, ids_sent, name_days


@pages.get("/absagen")
def cancel_dates(booking: Booking, now: datetime) -> PageAnswer:
    """Which dates (``?date=12&date=14``, or ``all``)? Where that is said, or there is only one: really?"""
    possible = booking.coming(now)
    dates = _chosen(possible) or (possible if len(possible) == 1 else [])
    if dates:
        can_change = len(dates) == 1 and dates[0] in changing.changeable(booking, now)
        return page("status_page/cancel.html", dates=dates, can_change=can_change)
    if not possible or "date" in request.args:
        return back()
    mistake = gettext("Choose which dates you want to cancel.") if "chosen" in request.args else ""
    mistakes = [(f"date-{possible[0].id}", mistake)] if mistake else []
    return page("status_page/choose_cancel.html", dates=possible, mistakes=mistakes)


@pages.post("/absagen", may_write)
def send_cancel_dates(booking: Booking, now: datetime) -> Response:
    """Cancel the dates that were asked about; others can have their rooms at once."""
    gone = changing.cancel_dates(booking, ids_sent(), now, reader())
    return back(cancelled(gone) if gone else gettext("There was nothing left to cancel."))


@pages.post("/rueckgaengig", may_write)
def restore_dates(booking: Booking, now: datetime) -> Response:
    """Take a cancellation back, as far as nobody else has the rooms by now."""
    try:
        restored, taken = changing.restore_dates(booking, ids_sent(), now, reader())
    except TooLate:
        return back(gettext("This date can’t be put back any more. Write to us or call us."))
    if restored:
        flash(gettext("On after all: %(days)s.", days=name_days(restored)))
    if taken:
        flash(gettext("Others have the room by now, so this stays cancelled: %(days)s.", days=name_days(taken)))
    return back()


@pages.get("/zurueckziehen")
def withdraw(booking: Booking, now: datetime) -> PageAnswer:
    """Ask whether dates that nobody has decided yet should be taken back: those of ``?date=12``, or all."""
    possible = booking.dates(Status.REQUESTED)
    dates = _chosen(possible) if "date" in request.args else possible
    return page("status_page/withdraw.html", dates=dates) if dates else back()


@pages.post("/zurueckziehen", may_write)
def send_withdraw(booking: Booking, now: datetime) -> Response:
    """Take back the dates that were asked about and are still undecided."""
    number = requesting.withdraw(booking, now, ids_sent(), reader())
    if number:
        return back(ngettext("You have withdrawn %(num)d date.", "You have withdrawn %(num)d dates.", number))
    return back(gettext("There was nothing left to withdraw."))


def _chosen(possible: Sequence[Occurrence]) -> list[Occurrence]:
    """Those of the possible dates that the address names."""
    if request.args.get("date") == "all":
        return list(possible)
    ids = ids_sent()
    return [each for each in possible if each.id in ids]
