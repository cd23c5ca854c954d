"""The last page: what was sent and what happens next."""

from collections import Counter
from datetime import date

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from booking import clock, requesting, sharing
from booking.models import Booking, Room
from booking.web.access import PageAnswer, public
from booking.web.forms import draft
from booking.web.request_form.frame import bp


@bp.get("/anfrage/danke")
@public
def thanks() -> PageAnswer:
    """What was sent and what happens next. Only the browser that sent it gets to see it.

    There is no way from here to the group's page: the mailed link proves the address, and this browser does not.
    """
    now = clock.now()
    stored = draft.of_browser(now)
    booking = requesting.find_by_form(stored.form_id) if stored else None
    if booking is None:
        return redirect(url_for(".when"), 303)
    address = Markup("<strong>{}</strong>").format(booking.contact.email if booking.contact else "")
    sentence = gettext("We've sent an e-mail to %(address)s. It contains the link to view and change everything.")
    letter = Markup(sentence) % {"address": address}  # noqa: S704 - our own sentence
    return render_template(
        "request_form/thanks.html",
        booking=booking,
        letter=letter,
        skipped=[(date.fromisoformat(each["day"]), each["reason"]) for each in booking.skipped],
        main_room=_main_room(booking),
        again="again" in request.args,
        can_correct=sharing.can_correct(booking, now),
    )


def _main_room(booking: Booking) -> Room:
    """The room of most of its dates."""
    (room, _), *_others = Counter(each.room for each in booking.occurrences).most_common(1)
    return room
