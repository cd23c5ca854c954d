"""Being forgotten: everything by who speaks for the booking, only themselves by a second person."""

from datetime import datetime

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking import sharing
from booking.domain.status import Status
from booking.models import Booking, Contact
from booking.web import limits
from booking.web.access import MISTAKES, link_holder
from booking.web.status_page.frame import TOKEN, bp, opened, reader


@bp.get(f"/a/{TOKEN}/daten-loeschen")
@link_holder
@opened
def erase(token: str, booking: Booking, now: datetime) -> str:
    """Say what is deleted, what stays, and what happens to the dates."""
    return _page(token, booking, _person(), now)


@bp.post(f"/a/{TOKEN}/daten-loeschen")
@link_holder
@limits.press
@opened
def send_erase(token: str, booking: Booking, now: datetime) -> Response | tuple[str, int]:
    """Forget whoever asks for it."""
    person = _person()
    if "sure" not in request.form:
        mistake = ("sure", gettext("Tick this if you want to delete your data."))
        return _page(token, booking, person, now, [mistake]), MISTAKES
    if not sharing.speaks_for(booking, person):
        sharing.leave(booking, person, now)
        return redirect(url_for("links.erased"), 303)
    try:
        sharing.erase(booking, now)
    except sharing.HoldsKey:
        return redirect(url_for(".erase", token=token), 303)
    return redirect(url_for("links.erased"), 303)


def _person() -> Contact:
    """Who asks to be forgotten. A booking that the office entered has nobody to forget."""
    person = reader()
    if person is None:
        abort(404)
    return person


def _page(
    token: str, booking: Booking, person: Contact, now: datetime, mistakes: list[tuple[str, str]] | None = None
) -> str:
    return render_template(
        "status_page/erase.html",
        token=token,
        booking=booking,
        speaks=sharing.speaks_for(booking, person),
        others=sharing.seconds(booking),
        to_cancel=[each for each in booking.dates(Status.APPROVED) if each.end > now],
        to_withdraw=booking.dates(Status.REQUESTED, Status.PROPOSED),
        keys=[loan.number for loan in booking.key_loans if loan.returned_at is None],
        mistakes=mistakes or [],
    )
