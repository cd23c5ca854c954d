"""Another time or room for a date, or for all that follow it too: looked up, asked for, taken back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from flask import request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from booking import changing
from booking.availability.wanted import AnyRoom, OwnPlaces, Times
from booking.domain.policy import is_outside_hours
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import house, house_rules
from booking.lifecycle import Place
from booking.models import Booking, Occurrence, day_of
from booking.web import locale
from booking.web.access import PageAnswer
from booking.web.dates.choices import plan_as_sent
from booking.web.dates.chooser import Plan
from booking.web.forms.when import AskedDates
from booking.web.phrases import opening_times_in_short
from booking.web.status_page.frame import back, may_write, page, pages, reader
from booking.web.status_page.place import PlaceForm, plan_page, put_in
from booking.web.status_page.sentences import ids_sent, wished_elsewhere


class Asking(NamedTuple):
    """A group that wants a date to be elsewhere. ``following``: this date and all after it that could move as well."""

    booking: Booking
    date: Occurrence
    following: Sequence[Occurrence]
    now: datetime

    def page(self, form: PlaceForm, plan: Plan | None = None, **state: bool) -> PageAnswer:
        """What is asked, and what was found there."""
        outside = self.outside(plan) if plan else ""
        if outside and not self.booking.way_in:
            outside += " " + gettext("Tell us below how you get in.")
        return plan_page(
            "status_page/change.html",
            form,
            plan,
            **state,
            outside=outside,
            date=self.date,
            further=len(self.following) - 1,
        )

    def outside(self, plan: Plan) -> str:
        """That the house is closed then, unless the date is at such a time already."""
        if not plan.outside_hours or is_outside_hours(self.date.slot, house_rules(), self.date.room_id):
            return ""
        return gettext("That’s outside opening hours (%(hours)s).", hours=opening_times_in_short())


@pages.get("/aendern")
def change_dates(booking: Booking, now: datetime) -> PageAnswer:
    """Which date should be another one? For ``?date=12``, or where there is only one: when and where instead?"""
    possible = changing.changeable(booking, now)
    asking = _asking(booking, now, possible[0] if len(possible) == 1 and "date" not in request.args else None)
    if asking:
        form = PlaceForm(None, now)
        form.show(asking.date.slot, asking.date.room)
        return asking.page(form)
    return page("status_page/choose_change.html", dates=possible) if possible else back()


@pages.post("/aendern", may_write)
def send_change_dates(booking: Booking, now: datetime) -> PageAnswer:
    """Say what is free then; or ask for it, if it still is."""
    asking = _asking(booking, now)
    if asking is None:
        return back(gettext("This date can’t be changed any more."))
    form = PlaceForm(request.form, now)
    dates = asking.following if form.following.data else [asking.date]

    def look() -> Plan | None:
        asked = form.wanted(booking, [each.id for each in dates])
        if asked and form.following.data and form.date.meant != _day(asking.date):
            form.refuse(
                form.following,
                gettext("For all that follow we can change time and room only. Leave the day as it is."),
            )
        return None if asked is None or form.mistakes else _plan(asked, asking, dates, now)

    def ask(plan: Plan) -> str:
        places = _places(plan, dates)
        if all(places.get(each.id) in (None, (each.room_id, each.slot)) for each in dates):
            form.refuse(form.date, gettext("That is how it is already. Choose another day, time or room."))
            return ""
        moving = [each for each in dates if each.id in places]
        wished = sum(each.status is Status.APPROVED for each in moving)
        changing.ask_for_change(booking, places, form.note.meant, now, reader())
        return f"{wished_elsewhere(moving, wished)} {asking.outside(plan)}".strip()

    return put_in(form, form.date, look, ask, asking.page)


@pages.post("/aendern/zuruecknehmen")
def take_back_change(booking: Booking, now: datetime) -> Response:
    """Do without a change that was asked for."""
    number = changing.take_back_changes(booking, ids_sent("change"), now, reader())
    if number:
        return back(
            ngettext(
                "You have taken your change back. The date stays as it is.",
                "You have taken your changes back. The %(num)d dates stay as they are.",
                number,
            )
        )
    return back(gettext("There was nothing left to take back."))


def _asking(booking: Booking, now: datetime, only: Occurrence | None = None) -> Asking | None:
    """The date that the address names, if it can be changed; without one, the ``only`` there is."""
    possible = changing.changeable(booking, now)
    found = next((each for each in possible if str(each.id) == request.args.get("date")), only)
    if found is None:
        return None
    return Asking(booking, found, [each for each in possible if each.start >= found.start], now)


def _plan(asked: AskedDates, asking: Asking, dates: Sequence[Occurrence], now: datetime) -> Plan:
    """What the dates would meet with, and what was chosen where that is not nothing."""
    if len(dates) > 1:
        own = _own_places(asked, asking.date, dates)
        moving = [each for each in dates if _moves(each, *own[_day(each)])]
        dates = moving or dates
        first, *others = sorted({_day(each) for each in dates})
        asked = replace(asked, rule=RecurrenceRule(first, Frequency.SINGLE, extra_dates=frozenset(others)), own=own)
    exclude = [each.id for each in dates]
    return plan_as_sent(asked, request.form, now, locale.selected(), exclude=exclude)


def _own_places(asked: AskedDates, first: Occurrence, dates: Sequence[Occurrence]) -> OwnPlaces:
    """Where each of several dates should be: only what differs from the first changes, all else it keeps.

    Where a series has other times on another weekday, these stay.
    """
    zone = house().zone
    usual = Times.of(first.booking, zone)
    now_at = Times.of_date(first, zone)
    keeps_times = (asked.times.begins, asked.times.minutes) == (now_at.begins, now_at.minutes)
    keeps_room = asked.room is not None and asked.room.id == first.room_id
    places = {}
    for each in dates:
        its_own = Times.of_date(each, zone)
        is_like_first = usual.on(_day(each)) == usual.on(_day(first))
        times = (
            its_own
            if keeps_times or not is_like_first
            else replace(its_own, begins=asked.times.begins, minutes=asked.times.minutes)
        )
        places[_day(each)] = (each.room if keeps_room else asked.room, times)
    return places


def _moves(each: Occurrence, room: AnyRoom | None, times: Times) -> bool:
    return room is None or room.id != each.room_id or times.slot(_day(each), house_rules()) != each.slot


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
