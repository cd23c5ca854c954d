"""What a group told about itself and its meeting, to be changed."""

from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext

from booking.domain.policy import is_outside_hours
from booking.domain.status import GOING_ON
from booking.house import house_rules
from booking.models import Booking
from booking.sharing import people
from booking.sharing.details import PROMISED, Details, edit, may_open
from booking.web.access import PageAnswer
from booking.web.dates import outlook
from booking.web.forms.people import WAY_IN, DetailsForm
from booking.web.status_page.frame import back, may_write, page, pages, reader


@pages.get("/angaben")
def details(booking: Booking, now: datetime) -> PageAnswer:
    """What can be changed at once, and what waits for the team."""
    known = {**_known(booking), "is_open": "yes" if booking.is_open else "no"}
    return _page(booking, DetailsForm(data=known), now)


@pages.post("/angaben", may_write)
def send_details(booking: Booking, now: datetime) -> PageAnswer:
    """Keep what was changed."""
    unasked = () if tells_way_in(booking, now) else WAY_IN
    form = DetailsForm(request.form, without=unasked if reader() else (*unasked, "name", "phone"))
    if not form.validate():
        return _page(booking, form, now)
    edit(booking, reader(), Details(**{**_known(booking), **form.told}), now)
    said = gettext("Your details are saved.")
    if booking.title_wish:
        said += " " + gettext("We’ll have a look at the new title first; until then the old one stays.")
    return back(f"{said} {outlook.too_small(booking.room_wish, booking.people)}".strip())


def tells_way_in(booking: Booking, now: datetime) -> bool:
    """Whether the page asks how the group gets in, as the house is closed at one of the dates to come.

    Whom we reach then is often who speaks, and no second person's.
    """
    rules = house_rules()
    coming = [each for each in booking.dates(*GOING_ON) if each.end > now]
    return people.speaks_for(booking, reader()) and any(
        is_outside_hours(each.slot, rules, each.room_id) for each in coming
    )


def _known(booking: Booking) -> dict[str, Any]:
    contact, person = booking.contact, reader()
    return {
        "title": booking.title_wish or booking.title,
        "people": booking.people,
        "is_open": booking.is_open,
        "url": booking.url_wish or booking.url,
        "way_in": booking.way_in,
        "onsite_name": (contact.onsite_name if contact else None) or "",
        "onsite_phone": (contact.onsite_phone if contact else None) or "",
        "reminders": booking.reminders,
        "name": (person.name if person else None) or "",
        "phone": (person.phone if person else None) or "",
    }


def _page(booking: Booking, form: DetailsForm, now: datetime) -> PageAnswer:
    person = reader()
    return page(
        "status_page/details.html",
        form,
        person=person,
        speaks=people.speaks_for(booking, person),
        may_open=may_open(booking),
        title_waits=booking.is_open and bool(booking.dates(*PROMISED)),
        outside_hours=tells_way_in(booking, now),
        is_series=len(booking.occurrences) > 1,
    )
