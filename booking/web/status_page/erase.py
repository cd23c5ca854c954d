"""Being forgotten: everything by who speaks for the booking, only themselves by a second person."""

from datetime import datetime

from flask import abort, redirect, request, url_for
from flask_babel import gettext

from booking.domain.status import Status
from booking.models import Booking, Contact
from booking.sharing import erasing, people
from booking.web.access import PageAnswer
from booking.web.status_page.frame import DONE, back, page, pages, reader


@pages.get("/daten-loeschen")
def erase(booking: Booking, now: datetime) -> PageAnswer:
    """Say what is deleted, what stays, and what happens to the dates."""
    return _page(booking, now)


@pages.post("/daten-loeschen")
def send_erase(booking: Booking, now: datetime) -> PageAnswer:
    """Forget whoever asks for it."""
    person = _person()
    if "sure" not in request.form:
        return _page(booking, now, gettext("Tick this if you want to delete your data."))
    if not people.speaks_for(booking, person):
        erasing.leave(booking, person, now)
    else:
        try:
            erasing.erase(booking, now)
        except erasing.HoldsKey:
            return back(to=".erase")
    return redirect(url_for("links.erased"), DONE)


def _person() -> Contact:
    """Who asks to be forgotten. A booking that the office entered has nobody to forget."""
    return reader() or abort(404)


def _page(booking: Booking, now: datetime, mistake: str = "") -> PageAnswer:
    return page(
        "status_page/erase.html",
        speaks=people.speaks_for(booking, _person()),
        others=people.seconds(booking),
        to_cancel=booking.coming(now),
        to_withdraw=booking.dates(Status.REQUESTED, Status.PROPOSED),
        keys=[loan.number for loan in booking.key_loans if loan.returned_at is None],
        mistakes=[("sure", mistake)] if mistake else [],
    )
