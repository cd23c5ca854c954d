"""Keys that a group has: which, since when, and that they are back. Never public, never in letters."""

from flask import abort, flash, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, deciding
from booking.models import Booking, KeyLoan
from booking.web.access import staff_only
from booking.web.staff.forms import KeyForm
from booking.web.staff.frame import back_to, booking_of, bp, member


def of(booking: Booking) -> list[KeyLoan]:
    """The keys of a booking, those that are out first."""
    return sorted(booking.key_loans, key=lambda loan: (loan.returned_at is not None, loan.id))


@bp.post("/anfragen/<reference>/schluessel")
@staff_only
def hand_out_key(reference: str) -> AnyResponse:
    """Note that a key was handed out."""
    booking = booking_of(reference)
    form = KeyForm(request.form)
    if not form.validate():
        flash(form.key.errors[0], "error")
        return back_to(reference)
    number = form.key.meant
    try:
        deciding.hand_out_key(booking, number, by=member(), now=clock.now())
    except deciding.KeyIsOut as taken:
        other = taken.loan.booking
        if other.id != booking.id:
            sentence = gettext(
                "Key %(number)s is still out: %(group)s, %(reference)s.",
                number=number,
                group=other.initiative.name,
                reference=other.reference,
            )
            flash(sentence, "error")
            return back_to(reference)
    flash(gettext("Key %(number)s is handed out.", number=number))
    return back_to(reference)


@bp.post("/anfragen/<reference>/schluessel/<int:loan_id>/zurueck")
@staff_only
def take_key_back(reference: str, loan_id: int) -> AnyResponse:
    """Note that a key is back."""
    booking = booking_of(reference)
    loan = next((loan for loan in booking.key_loans if loan.id == loan_id), None)
    if loan is None:
        abort(404)
    number = loan.number
    deciding.take_key_back(booking, loan_id, by=member(), now=clock.now())
    flash(gettext("Key %(number)s is back.", number=number))
    return back_to(reference)
