"""Somebody else is to speak for a booking: begun on the group's page, answered by both from their letters."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking import clock, links, sharing
from booking.models import Booking
from booking.web import limits
from booking.web.access import MISTAKES, link_holder
from booking.web.forms.people import PersonForm, may_cause_letters
from booking.web.status_page.frame import GONE, TOKEN, bp, find_link, may_write, opened, who_speaks


@bp.get(f"/a/{TOKEN}/uebergeben")
@link_holder
@opened
@who_speaks
def hand_over(token: str, booking: Booking, now: datetime) -> str:
    """What a handover is, and to whom."""
    return _page(token, booking, PersonForm(), now)


@bp.post(f"/a/{TOKEN}/uebergeben")
@link_holder
@may_cause_letters
@may_write
@opened
@who_speaks
def send_hand_over(token: str, booking: Booking, now: datetime) -> Response | tuple[str, int]:
    """Ask at both addresses."""
    form = PersonForm(request.form)
    person = form.told()
    if person is not None:
        try:
            sharing.hand_over(booking, *person, now)
        except sharing.KnownAlready:
            form.refuse(form.email, gettext("This is the address that holds now."))
    if person is None or form.mistakes:
        return _page(token, booking, form, now), MISTAKES
    flash(gettext("We've written to both of you. As soon as both have said yes, the handover is done."))
    return redirect(url_for(".show", token=token), 303)


@bp.post(f"/a/{TOKEN}/uebergeben/abbrechen")
@link_holder
@limits.press
@opened
@who_speaks
def call_off(token: str, booking: Booking, now: datetime) -> Response:
    """End a handover that not both have said yes to."""
    if sharing.call_off(booking, now):
        flash(gettext("The handover is called off. Everything stays as it is."))
    return redirect(url_for(".show", token=token), 303)


@bp.get(f"/uebergabe/{TOKEN}")
@link_holder
def agree(token: str) -> str | tuple[str, int]:
    """Ask one of the two whether they say yes."""
    link, now = find_link(token, "handover"), clock.now()
    asked = sharing.handover_of(link)
    if asked and asked.given_at and asked.taken_at:
        return render_template("status_page/handover_done.html")
    if asked is None or asked.ended_at or links.is_over(link, now):
        return render_template("status_page/handover_over.html"), GONE
    takes = link.contact_id == asked.contact_id
    return render_template(
        "status_page/handover.html",
        token=token,
        booking=link.booking,
        takes=takes,
        other=asked.former_contact if takes else asked.contact,
        has_said_yes=(asked.taken_at if takes else asked.given_at) is not None,
    )


@bp.post(f"/uebergabe/{TOKEN}")
@link_holder
@limits.press
def send_agree(token: str) -> Response:
    """Yes, or no for both."""
    link, now = find_link(token, "handover"), clock.now()
    asked = sharing.handover_of(link)
    if not links.is_over(link, now):
        sharing.note_use(link, now)
    if request.form.get("answer") == "no" and asked and not asked.ended_at and not links.is_over(link, now):
        sharing.call_off(link.booking, now)
    elif request.form.get("answer") == "yes":
        sharing.agree(link, now)
    return redirect(url_for(".agree", token=token), 303)


def _page(token: str, booking: Booking, form: PersonForm, now: datetime) -> str:
    return render_template(
        "status_page/hand_over.html",
        token=token,
        booking=booking,
        form=form,
        mistakes=form.mistakes,
        under_way=sharing.open_handover(booking, now),
    )
