"""Going on: a series that is extended, and single further dates."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from flask import request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from booking import continuing, wording
from booking.continuing import TooEarly
from booking.domain import policy
from booking.domain.recurrence import Frequency
from booking.domain.status import GOING_ON
from booking.house import house
from booking.models import Booking, day_of
from booking.web import locale
from booking.web.access import PageAnswer
from booking.web.dates.choices import plan_as_sent
from booking.web.dates.chooser import Plan
from booking.web.dates.going_on import ExtensionForm, continued
from booking.web.status_page.frame import back, may_write, pages, reader
from booking.web.status_page.place import PlaceForm, plan_page, put_in


@pages.get("/verlaengern")
def extend(booking: Booking, now: datetime) -> PageAnswer:
    """Until when (``?until=30.6.2027``), and on which dates?"""
    if not continuing.can_extend(booking, now):
        return _too_early(booking)
    form = _extension(booking, now)
    return _extend_page(form, continued(form, booking, now))


@pages.post("/verlaengern", may_write)
def send_extend(booking: Booking, now: datetime) -> PageAnswer:
    """Ask for the further dates, once somebody has decided about each of them."""
    if not continuing.can_extend(booking, now):
        return _too_early(booking)
    form = _extension(booking, now)

    def ask(plan: Plan) -> str:
        added = continuing.extend(booking, plan.wished, plan.rule.until, plan.skipped, now, reader())
        return _told(len(added) or len(plan.wished))

    try:
        return put_in(form, form.until, lambda: continued(form, booking, now), ask, _extend_page)
    except TooEarly:
        return _too_early(booking)


@pages.get("/weiterer-termin")
def further(booking: Booking, now: datetime) -> PageAnswer:
    """When and where should one more date be? A letter may have named it (``?date=…&start=…&end=…&room=slug``)."""
    if "date" in request.args:
        return _further_page(PlaceForm(request.args, now))
    form = PlaceForm(None, now)
    last = booking.occurrences[-1]
    form.show(last.slot, booking.usual_room)
    form.date.data = ""
    return _further_page(form)


@pages.post("/weiterer-termin", may_write)
def send_further(booking: Booking, now: datetime) -> PageAnswer:
    """Say what is free then; or ask for one more date, if it still is."""
    form = PlaceForm(request.form, now)

    def look() -> Plan | None:
        asked = form.wanted(booking)
        return plan_as_sent(asked, request.form, now, locale.selected()) if asked else None

    def ask(plan: Plan) -> str:
        continuing.extend(booking, [replace(each, rule_day=None) for each in plan.wished], None, {}, now, reader())
        return _told(1)

    return put_in(form, form.date, look, ask, _further_page)


_extend_page, _further_page = (
    partial(plan_page, "status_page/extend.html"),
    partial(plan_page, "status_page/further.html"),
)


def _told(number: int) -> str:
    return ngettext(
        "We’ve got your wish for %(num)d further date and will let you know.",
        "We’ve got your wish for %(num)d further dates and will let you know.",
        number,
    )


def _too_early(booking: Booking) -> Response:
    """The series goes on for long, perhaps because it has just been extended."""
    going_on = booking.dates(*GOING_ON)
    if not going_on or booking.recurrence_rule.freq is Frequency.SINGLE:
        return back()
    zone, language, last = house().zone, locale.selected(), going_on[-1].end
    return back(
        gettext(
            "Your series runs until %(last)s. You can extend it from %(first)s on.",
            last=wording.full_date(day_of(last, zone), language),
            first=wording.full_date(day_of(last - policy.EXTEND_FROM, zone), language),
        )
    )


def _extension(booking: Booking, now: datetime) -> ExtensionForm:
    """What the address says, or what suits most."""
    if "until" in request.args:
        return ExtensionForm(request.args)
    form = ExtensionForm()
    form.show(booking, now)
    return form
