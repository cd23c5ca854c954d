"""The last page: what was sent and what happens next; and the address that was typed wrong, corrected from there.

Only the browser that has sent a request gets to see this. There is no way from here to the group's page: the mailed
link proves the address, and this browser does not.
"""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from booking import clock
from booking.models import Booking
from booking.sharing import fresh_links
from booking.web.access import MISTAKES, PageAnswer, public
from booking.web.forms import draft
from booking.web.forms.people import AddressForm, may_cause_letters
from booking.web.request_form.frame import bp


@bp.get("/anfrage/danke")
@public
def thanks() -> PageAnswer:
    """What was sent and what happens next."""
    now = clock.now()
    booking = draft.sent_by_tab(now)
    if booking is None:
        return redirect(url_for(".when"), 303)
    address = Markup("<strong>{}</strong>").format(booking.contact.email if booking.contact else "")
    sentence = gettext("We’ve sent an e-mail to %(address)s. It contains the link to view and change everything.")
    return render_template(
        "request_form/thanks.html",
        booking=booking,
        letter=Markup(sentence) % {"address": address},  # noqa: S704 - our own sentence
        skipped=[(date.fromisoformat(each["day"]), each["reason"]) for each in booking.skipped],
        main_room=booking.usual_room,
        again="again" in request.args,
        back="back" in request.args,
        can_correct=fresh_links.can_correct(booking, now),
    )


@bp.get("/anfrage/adresse")
@public
def address() -> PageAnswer:
    """Correct the address, only once."""
    booking = _correctable()
    if booking is None or booking.contact is None:
        return redirect(url_for(".thanks", draft=request.args.get("draft")), 303)
    return _address_page(booking, AddressForm(data={"email": booking.contact.email}))


@bp.post("/anfrage/adresse")
@public
@may_cause_letters
def send_address() -> PageAnswer:
    """Send the first letter to the right address; the link that the wrong one got is over."""
    booking = _correctable()
    if booking is None or booking.contact is None:
        return redirect(url_for(".thanks", draft=request.args.get("draft")), 303)
    form = AddressForm(request.form)
    if form.validate() and form.email.meant == booking.contact.email:
        form.refuse(form.email, gettext("This is the address that we’ve written to."))
    if form.mistakes:
        return _address_page(booking, form), MISTAKES
    if fresh_links.correct_address(booking, form.email.meant, clock.now()):
        flash(gettext("Corrected. We’ve sent the e-mail once more."))
    return redirect(url_for(".thanks", draft=request.args.get("draft")), 303)


def _correctable() -> Booking | None:
    now = clock.now()
    found = draft.sent_by_tab(now)
    return found if found and fresh_links.can_correct(found, now) else None


def _address_page(booking: Booking, form: AddressForm) -> str:
    return render_template("request_form/address.html", booking=booking, form=form, mistakes=form.mistakes)
