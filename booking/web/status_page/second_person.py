"""Somebody else of the group who gets a link of their own."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking import sharing
from booking.models import Booking
from booking.web import limits
from booking.web.access import MISTAKES, link_holder
from booking.web.forms.people import PersonForm, may_cause_letters
from booking.web.status_page.frame import TOKEN, bp, opened, who_speaks


@bp.get(f"/a/{TOKEN}/vertretung")
@link_holder
@opened
@who_speaks
def second(token: str, booking: Booking, now: datetime) -> str:
    """Who has a link, and the form for one more."""
    return _page(token, booking, PersonForm())


@bp.post(f"/a/{TOKEN}/vertretung")
@link_holder
@may_cause_letters
@opened
@who_speaks
def send_second(token: str, booking: Booking, now: datetime) -> Response | tuple[str, int]:
    """Mail a link of its own to a second person."""
    form = PersonForm(request.form)
    person = form.told()
    if person is not None:
        try:
            sharing.share(booking, *person, now)
        except sharing.KnownAlready:
            form.refuse(form.email, gettext("This address has a link already."))
        except sharing.TooMany:
            full = ("others", gettext("Three further people have a link already. Take one away first."))
            return _page(token, booking, form, [full]), MISTAKES
    if person is None or form.mistakes:
        return _page(token, booking, form), MISTAKES
    flash(gettext("We've sent %(name)s a link.", name=person[0]))
    return redirect(url_for(".second", token=token), 303)


@bp.post(f"/a/{TOKEN}/vertretung/wegnehmen")
@link_holder
@limits.press
@opened
@who_speaks
def take_link_back(token: str, booking: Booking, now: datetime) -> Response:
    """Take a second person's link away again."""
    text = request.form.get("person", "")
    number = int(text) if text.isdecimal() and len(text) < 10 else 0
    if sharing.take_link_back(booking, number, now):
        flash(gettext("The link is taken away, and we've deleted the name and address."))
    return redirect(url_for(".second", token=token), 303)


def _page(token: str, booking: Booking, form: PersonForm, mistakes: list[tuple[str, str]] | None = None) -> str:
    others = sharing.seconds(booking)
    return render_template(
        "status_page/second.html",
        token=token,
        booking=booking,
        form=form,
        mistakes=mistakes or form.mistakes,
        others=others,
        is_full=len(others) >= sharing.MOST_SECONDS,
        most=sharing.MOST_SECONDS,
    )
