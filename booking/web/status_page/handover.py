"""Somebody else is to speak for a booking: begun on the group's page, answered by both from their letters."""

from datetime import datetime

from flask import request
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking import clock, links
from booking.models import Booking
from booking.sharing import fresh_links, handover, people
from booking.web import limits
from booking.web.access import PageAnswer, link_holder
from booking.web.forms.people import PersonForm, may_cause_letters
from booking.web.status_page.frame import GONE, TOKEN, back, bp, find_link, may_write, page, pages, who_speaks


@pages.get("/uebergeben")
@who_speaks
def hand_over(booking: Booking, now: datetime) -> PageAnswer:
    """What a handover is, and to whom."""
    return page("status_page/hand_over.html", PersonForm(), under_way=handover.open_handover(booking, now))


@pages.post("/uebergeben", lambda view: may_cause_letters(may_write(view)))
@who_speaks
def send_hand_over(booking: Booking, now: datetime) -> PageAnswer:
    """Ask at both addresses."""
    form = PersonForm(request.form)
    if form.validate():
        try:
            handover.hand_over(booking, form.name.meant, form.email.meant, now)
            return back(gettext("We’ve written to both of you. As soon as both have said yes, the handover is done."))
        except people.KnownAlready:
            form.refuse(form.email, gettext("This is the address that holds now."))
    return page("status_page/hand_over.html", form, under_way=handover.open_handover(booking, now))


@pages.post("/uebergeben/abbrechen")
@who_speaks
def call_off(booking: Booking, now: datetime) -> Response:
    """End a handover that not both have said yes to."""
    ended = handover.call_off(booking, now)
    return back(gettext("The handover is called off. Everything stays as it is.") if ended else "")


@bp.get(f"/uebergabe/{TOKEN}")
@link_holder
def agree(token: str) -> PageAnswer:
    """Ask one of the two whether they say yes."""
    link, now = find_link(token, "handover"), clock.now()
    asked = handover.handover_of(link)
    if asked and asked.given_at and asked.taken_at:
        return page("status_page/handover_done.html")
    if asked is None or asked.ended_at or links.is_over(link, now):
        return page("status_page/handover_over.html", status=GONE)
    takes = link.contact_id == asked.contact_id
    return page(
        "status_page/handover.html",
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
    asked = handover.handover_of(link)
    if not links.is_over(link, now):
        fresh_links.note_use(link, now)
    if request.form.get("answer") == "no" and asked and not asked.ended_at and not links.is_over(link, now):
        handover.call_off(link.booking, now)
    elif request.form.get("answer") == "yes":
        handover.agree(link, now)
    return back(to=".agree")
