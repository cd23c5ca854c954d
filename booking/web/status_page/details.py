"""What a group told about itself and its meeting, to be changed."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking import sharing
from booking.domain.policy import is_outside_hours
from booking.domain.status import GOING_ON
from booking.house import house_rules
from booking.models import Booking
from booking.web.access import MISTAKES, link_holder
from booking.web.forms.people import DetailsForm
from booking.web.status_page.frame import TOKEN, bp, may_write, opened, reader


@bp.get(f"/a/{TOKEN}/angaben")
@link_holder
@opened
def details(token: str, booking: Booking, now: datetime) -> str:
    """What can be changed at once, and what waits for the team."""
    return _page(token, booking, DetailsForm(data=_known(booking)), now)


@bp.post(f"/a/{TOKEN}/angaben")
@link_holder
@may_write
@opened
def send_details(token: str, booking: Booking, now: datetime) -> Response | tuple[str, int]:
    """Keep what was changed."""
    form = DetailsForm(request.form)
    outside = _tells_way_in(booking, now)
    told = form.told(outside_hours=outside, named=reader() is not None)
    if told is None:
        return _page(token, booking, form, now), MISTAKES
    if not outside:
        known = _known(booking)
        told |= {name: known[name] for name in ("way_in", "onsite_name", "onsite_phone")}
    sharing.edit(booking, reader(), sharing.Details(**told), now)
    said = gettext("Your details are saved.")
    if booking.title_wish:
        said += " " + gettext("We'll have a look at the new title first; until then the old one stays.")
    flash(said)
    return redirect(url_for(".show", token=token), 303)


def needs_way_in(booking: Booking, now: datetime) -> bool:
    """Whether the house is closed at one of the dates to come, so that the group needs a way in."""
    rules = house_rules()
    return any(is_outside_hours(each.slot, rules) for each in booking.dates(*GOING_ON) if each.end > now)


def _tells_way_in(booking: Booking, now: datetime) -> bool:
    """Whether the page asks how the group gets in. Whom we reach then is often who speaks, and no second person's."""
    return sharing.speaks_for(booking, reader()) and needs_way_in(booking, now)


def _known(booking: Booking) -> dict[str, Any]:
    contact, person = booking.contact, reader()
    return {
        "title": booking.title_wish or booking.title,
        "people": str(booking.people),
        "is_open": "yes" if booking.is_open else "no",
        "url": booking.url_wish or booking.url,
        "way_in": booking.way_in,
        "onsite_name": (contact.onsite_name if contact else None) or "",
        "onsite_phone": (contact.onsite_phone if contact else None) or "",
        "reminders": booking.reminders,
        "name": (person.name if person else None) or "",
        "phone": (person.phone if person else None) or "",
    }


def _page(token: str, booking: Booking, form: DetailsForm, now: datetime) -> str:
    person = reader()
    return render_template(
        "status_page/details.html",
        token=token,
        booking=booking,
        form=form,
        mistakes=form.mistakes,
        person=person,
        speaks=sharing.speaks_for(booking, person),
        may_open=sharing.may_open(booking),
        title_waits=booking.is_open and bool(booking.dates(*sharing.PROMISED)),
        outside_hours=_tells_way_in(booking, now),
        is_series=len(booking.occurrences) > 1,
    )
