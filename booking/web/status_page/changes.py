"""Another time or room for a date, or for all that follow it too: looked up, asked for, taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from booking import changing, wording
from booking.domain.policy import is_outside_hours
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.slot import Slot
from booking.house import house, house_rules, rooms
from booking.lifecycle import Place
from booking.models import Booking, Occurrence, day_of
from booking.requesting import ChangedMeanwhile, Refused
from booking.web import limits, locale
from booking.web.access import MISTAKES, PageAnswer, link_holder
from booking.web.dates import outlook
from booking.web.dates.choices import plan_as_sent
from booking.web.dates.chooser import Plan
from booking.web.dates.shown import shown
from booking.web.forms import messages
from booking.web.forms.when import AskedDates
from booking.web.status_page.frame import TOKEN, bp, may_write, opened
from booking.web.status_page.place import PlaceForm, own


@dataclass(frozen=True, slots=True)
class Asking:
    """A group that wants a date to be elsewhere. ``following``: this date and all after it that could move as well."""

    token: str
    booking: Booking
    date: Occurrence
    following: Sequence[Occurrence]
    now: datetime


@bp.get(f"/a/{TOKEN}/aendern")
@link_holder
@opened
def change_dates(token: str, booking: Booking, now: datetime) -> PageAnswer:
    """Which date should be another one? For ``?date=12``: when and where instead?"""
    asking = _asking(token, booking, now)
    if asking:
        form = PlaceForm()
        form.show(asking.date.slot, asking.date.room)
        return _page(asking, form)
    possible = changing.changeable(booking, now)
    if not possible:
        return redirect(url_for(".show", token=token), 303)
    return render_template("status_page/choose_change.html", token=token, booking=booking, dates=possible)


@bp.post(f"/a/{TOKEN}/aendern")
@link_holder
@may_write
@opened
def send_change_dates(token: str, booking: Booking, now: datetime) -> PageAnswer:
    """Say what is free then; or ask for it, if it still is."""
    asking = _asking(token, booking, now)
    if asking is None:
        flash(gettext("This date can't be changed any more."))
        return redirect(url_for(".show", token=token), 303)
    form = PlaceForm(request.form)
    dates = asking.following if form.following.data else [asking.date]
    asked = form.wanted(booking, now, [each.id for each in dates])
    if asked and form.following.data and form.day != _day(asking.date):
        form.keep_day()
    if asked is None or form.mistakes:
        return _page(asking, form), MISTAKES
    plan = _plan(asked, dates, now)
    if "check" in request.form or "bulk" in request.form:
        return _page(asking, form, plan)
    if plan.open_rows or not plan.wished:
        return _page(asking, form, plan, mistakes=True), MISTAKES
    places = _places(plan, dates)
    if all(places.get(each.id) in (None, (each.room_id, each.slot)) for each in dates):
        form.refuse(form.date, gettext("That is how it is already. Choose another day, time or room."))
        return _page(asking, form), MISTAKES
    try:
        changing.ask_for_change(booking, places, form.words, now)
    except Refused as refusal:
        form.refuse(form.date, messages.objection(refusal.objections[0]))
        return _page(asking, form, plan), MISTAKES
    except ChangedMeanwhile as refusal:
        plan = _plan(asked, dates, now)
        if not plan.open_rows:  # what is in the way is another date of the group itself
            form.refuse(form.date, own(refusal.days[0]))
        return _page(asking, form, plan, mistakes=True, gone=True), MISTAKES
    flash(_told(dates))
    return redirect(url_for(".show", token=token), 303)


@bp.post(f"/a/{TOKEN}/aendern/zuruecknehmen")
@link_holder
@limits.press
@opened
def take_back_change(token: str, booking: Booking, now: datetime) -> Response:
    """Do without a change that was asked for."""
    sent = request.form.get("change", "")
    number = int(sent) if sent.isdecimal() and sent.isascii() and len(sent) < 10 else 0
    flash(
        gettext("You have taken your change back. The date stays as it is.")
        if changing.take_back_change(booking, number, now)
        else gettext("There was nothing left to take back.")
    )
    return redirect(url_for(".show", token=token), 303)


def _asking(token: str, booking: Booking, now: datetime) -> Asking | None:
    """The date that the address names, if it can be changed."""
    possible = changing.changeable(booking, now)
    found = next((each for each in possible if str(each.id) == request.args.get("date")), None)
    if found is None:
        return None
    return Asking(token, booking, found, [each for each in possible if each.start >= found.start], now)


def _plan(asked: AskedDates, dates: Sequence[Occurrence], now: datetime) -> Plan:
    """What the dates would meet with, and what was chosen where that is not nothing."""
    exclude = [each.id for each in dates]
    if len(dates) > 1:
        first, *others = sorted({_day(each) for each in dates})
        asked = replace(asked, rule=RecurrenceRule(first, Frequency.SINGLE, extra_dates=frozenset(others)))
    return plan_as_sent(asked, request.form, now, locale.selected(), exclude=exclude)


def _places(plan: Plan, dates: Sequence[Occurrence]) -> dict[int, Place]:
    zone = house().zone
    places = {
        each.rule_day: Place(each.room_id, Slot.on(each.day, each.begins, each.minutes, zone)) for each in plan.wished
    }
    if len(dates) == 1:
        return {dates[0].id: next(iter(places.values()))}
    return {each.id: places[_day(each)] for each in dates if _day(each) in places}


def _day(each: Occurrence) -> date:
    return day_of(each.start, house().zone)


def _page(
    asking: Asking, form: PlaceForm, plan: Plan | None = None, *, mistakes: bool = False, gone: bool = False
) -> str:
    said: Mapping[str, Any] = shown(plan, mistakes=mistakes, gone=gone) if plan else {"mistakes": []}
    has_way_in = asking.booking.way_in or is_outside_hours(asking.date.slot, house_rules())
    outside = plan is not None and plan.preview.outside_hours and not has_way_in
    return render_template(
        "status_page/change.html",
        **{
            **said,
            "mistakes": [*form.mistakes, *said["mistakes"]],
            "outside": gettext("That's outside opening hours. Tell us below how you get in.") if outside else "",
        },
        token=asking.token,
        booking=asking.booking,
        date=asking.date,
        further=len(asking.following) - 1,
        form=form,
        echo=outlook.echo,
        rooms=rooms(),
        is_looked_up=plan is not None,
    )


def _told(dates: Sequence[Occurrence]) -> str:
    """What has come of it."""
    number = sum(each.open_change is not None for each in dates)
    if number:
        return ngettext(
            "We've got your wish. Your confirmed date stays in place until we confirm the change.",
            "We've got your wish for %(num)d dates. They stay in place until we confirm the change.",
            number,
        )
    if len(dates) > 1:
        return ngettext("%(num)d date is changed.", "%(num)d dates are changed.", len(dates))
    line = wording.date_line(dates[0], house().zone, locale.selected())
    return gettext("So this is what you ask for now: %(date)s.", date=line)
