"""Keys that groups have: which, since when, and that they are back. Never public, never in letters."""

from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, hosting
from booking.models import Booking, Contact, KeyLoan
from booking.web.access import staff_only
from booking.web.staff.forms import KeyForm
from booking.web.staff.frame import back_to, booking_of, bp, member

#: Pages from which keys are handed out and taken back, besides that of the request, as their forms say it.
PAGES = {"today": ".today", "keys": ".keys"}

#: So far ahead the page looks for groups that need a key.
AHEAD = timedelta(days=14)


def of(booking: Booking) -> list[KeyLoan]:
    """The keys of a booking, those that are out first."""
    return sorted(booking.key_loans, key=lambda loan: (loan.returned_at is not None, loan.id))


@bp.get("/schluessel", endpoint="keys")
@staff_only
def keys_page() -> str:
    """Which key is out, with whom, since when and until when; and who needs one."""
    now = clock.now()
    return render_template(
        "staff/keys.html", now=now, out=hosting.keys_out(now), wishes=hosting.keys_wished_for(now, now + AHEAD)
    )


@bp.get("/schluessel/<int:loan_id>/quittung")
@staff_only
def receipt(loan_id: int) -> str:
    """The receipt of a key that is out, to be printed and signed."""
    now = clock.now()
    found = next((each for each in hosting.keys_out(now) if each.loan.id == loan_id), None)
    return render_template("staff/receipt.html", key=found, now=now) if found else abort(404)


@bp.post("/anfragen/<reference>/schluessel")
@staff_only
def hand_out_key(reference: str) -> AnyResponse:
    """Note that a key was handed out."""
    booking = booking_of(reference)
    form = KeyForm(request.form)
    if not form.validate():
        flash(form.key.errors[0], "error")
        return _back(reference)
    number = form.key.meant
    try:
        hosting.hand_out_key(booking, number, by=member(), now=clock.now())
    except hosting.KeyIsOut as taken:
        other = taken.loan.booking
        if other.id != booking.id:
            sentence = gettext(
                "Key %(number)s is still out: %(group)s, %(reference)s.",
                number=number,
                group=other.initiative.name,
                reference=other.reference,
            )
            flash(sentence, "error")
            return _back(reference)
    flash(gettext("Key %(number)s is handed out.", number=number))
    return _back(reference)


@bp.post("/anfragen/<reference>/schluessel/<int:loan_id>/zurueck")
@staff_only
def take_key_back(reference: str, loan_id: int) -> AnyResponse:
    """Note that a key is back."""
    booking = booking_of(reference)
    loan = next((loan for loan in booking.key_loans if loan.id == loan_id), None)
    if loan is None:
        abort(404)
    number = loan.number
    hosting.take_key_back(booking, loan_id, by=member(), now=clock.now())
    flash(gettext("Key %(number)s is back.", number=number))
    return _back(reference)


@bp.post("/anfragen/<reference>/schluessel/erinnern")
@staff_only
def ask_for_key(reference: str) -> AnyResponse:
    """Ask the group for its key by letter, now."""
    booking = booking_of(reference)
    contact: Contact | None = booking.contact
    group = booking.initiative.name
    if not (contact and contact.email):
        flash(gettext("There is no e-mail address of %(group)s.", group=group), "error")
    elif all(loan.returned_at for loan in booking.key_loans):
        flash(gettext("%(group)s has no key of ours any more.", group=group), "error")
    elif booking.coming(clock.now()):
        flash(gettext("%(group)s still has dates for which it needs the key.", group=group), "error")
    else:
        try:
            hosting.ask_for_key(booking, by=member(), now=clock.now())
        except hosting.AskedAlready:
            said = gettext("%(group)s has been reminded today already. No second letter was sent.", group=group)
            flash(said, "error")
        else:
            flash(gettext("A reminder to %(group)s is on its way.", group=group))
    return _back(reference)


def _back(reference: str) -> AnyResponse:
    """Where the form stood."""
    page = request.form.get("page", "")
    if page not in PAGES:
        return back_to(reference)
    return redirect(url_for(PAGES[page], tag=request.form.get("tag") or None, _anchor="said"), 303)
