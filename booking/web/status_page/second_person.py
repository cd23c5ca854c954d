"""Somebody else of the group who gets a link of their own."""

from datetime import datetime

from flask import request
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking.models import Booking
from booking.sharing import people
from booking.web.access import PageAnswer
from booking.web.forms.people import PersonForm, may_cause_letters
from booking.web.status_page.frame import back, page, pages, who_speaks
from booking.web.status_page.sentences import ids_sent


@pages.get("/vertretung")
@who_speaks
def second(booking: Booking, now: datetime) -> PageAnswer:
    """Who has a link, and the form for one more."""
    return _page(booking, PersonForm())


@pages.post("/vertretung", may_cause_letters)
@who_speaks
def send_second(booking: Booking, now: datetime) -> PageAnswer:
    """Mail a link of its own to a second person."""
    form = PersonForm(request.form)
    if not form.validate():
        return _page(booking, form)
    try:
        people.share(booking, form.name.meant, form.email.meant, now)
    except people.KnownAlready:
        form.refuse(form.email, gettext("This address has a link already."))
        return _page(booking, form)
    except people.TooMany:
        return _page(booking, form, gettext("Three further people have a link already. Take one away first."))
    return back(gettext("We’ve sent %(name)s a link.", name=form.name.meant), ".second")


@pages.post("/vertretung/wegnehmen")
@who_speaks
def take_link_back(booking: Booking, now: datetime) -> Response:
    """Take a second person's link away again."""
    if people.take_link_back(booking, max(ids_sent("person"), default=0), now):
        return back(gettext("The link is taken away, and we’ve deleted the name and address."), ".second")
    return back(to=".second")


def _page(booking: Booking, form: PersonForm, full: str = "") -> PageAnswer:
    others = people.seconds(booking)
    return page(
        "status_page/second.html",
        form,
        mistakes=[("others", full)] if full else [],
        others=others,
        is_full=len(others) >= people.MOST_SECONDS,
        most=people.MOST_SECONDS,
    )
