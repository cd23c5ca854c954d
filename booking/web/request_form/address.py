"""The address that was typed wrong, corrected from the last page of the form."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from booking import clock, requesting, sharing
from booking.models import Booking
from booking.web.access import MISTAKES, PageAnswer, public
from booking.web.forms import draft
from booking.web.forms.people import AddressForm, may_cause_letters
from booking.web.request_form.frame import bp


@bp.get("/anfrage/adresse")
@public
def address() -> PageAnswer:
    """Correct the address, only in the browser that has just sent the request, and only once."""
    booking = _correctable()
    if booking is None or booking.contact is None:
        return redirect(url_for(".thanks"), 303)
    return _page(booking, AddressForm(data={"email": booking.contact.email}))


@bp.post("/anfrage/adresse")
@public
@may_cause_letters
def send_address() -> PageAnswer:
    """Send the first letter to the right address; the link that the wrong one got is over."""
    booking = _correctable()
    if booking is None or booking.contact is None:
        return redirect(url_for(".thanks"), 303)
    form = AddressForm(request.form)
    if form.validate() and form.email.meant == booking.contact.email:
        form.refuse(form.email, gettext("This is the address that we've written to."))
    if form.mistakes:
        return _page(booking, form), MISTAKES
    if sharing.correct_address(booking, form.email.meant, clock.now()):
        flash(gettext("Corrected. We've sent the e-mail once more."))
    return redirect(url_for(".thanks"), 303)


def _correctable() -> Booking | None:
    now = clock.now()
    stored = draft.of_browser(now)
    booking = requesting.find_by_form(stored.form_id) if stored else None
    return booking if booking and sharing.can_correct(booking, now) else None


def _page(booking: Booking, form: AddressForm) -> str:
    return render_template("request_form/address.html", booking=booking, form=form, mistakes=form.mistakes)
