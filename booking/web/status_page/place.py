"""Day, times and room for one date, read as the first page of a request reads them; and how dates are asked for."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, Field, StringField
from wtforms.validators import ValidationError

from booking import changing, wording
from booking.availability.wanted import AnyRoom
from booking.domain.slot import Slot
from booking.domain.typed import as_typed
from booking.house import house, house_rules, offered_rooms, room_rows
from booking.models import Booking
from booking.requesting import ChangedMeanwhile, Refused
from booking.web import locale
from booking.web.access import PageAnswer
from booking.web.dates import outlook
from booking.web.dates.chooser import Plan
from booking.web.dates.shown import shown
from booking.web.forms import messages
from booking.web.forms.fields import Paragraph
from booking.web.forms.page import PageForm
from booking.web.forms.when import AskedDates, WhenForm
from booking.web.status_page.frame import back, page


class PlaceForm(WhenForm):
    """When and where a date should be, and a few words about it."""

    room = StringField(default="any")  # a list to choose from, and no group of controls
    following = BooleanField()
    note = Paragraph(lazy_gettext("Anything else you’d like to tell us?"), most=600)

    def show(self, slot: Slot, room: AnyRoom) -> None:
        """Begin with this place."""
        start, end = (instant.astimezone(house().zone) for instant in (slot.start, slot.end))
        self.date.data = as_typed(start.date().isoformat())
        self.start.data, self.end.data = f"{start:%H:%M}", f"{end:%H:%M}"
        self.room.data = room.slug

    def validate_room(self, field: Field) -> None:
        """Several rooms at once only where they have been so before."""
        super().validate_room(field)
        if self.wish and not self.wish.id:
            raise ValidationError(gettext("Choose a room, or any room that fits."))

    def wanted(self, booking: Booking, moving: Collection[int] = ()) -> AskedDates | None:
        """What is wished for a date of this booking; None where it cannot be: then the fields say why.

        ``moving``: ids of the dates that are to move, and are not in their own way.
        """
        self.rhythm.data = "once"
        self.people.data = str(max(booking.people, 1))
        asked = self.asked()
        if asked is None:
            return None
        times = replace(asked.times, before=booking.before_minutes, after=booking.after_minutes)
        slot = times.occupied(times.slot(asked.rule.start, house_rules()))
        met = changing.own_date_at(booking, asked.room, slot, moving)
        if met:
            self.refuse(self.date, _own(met))
            return None
        return replace(asked, times=times)


def plan_page(
    template: str,
    form: PageForm,
    plan: Plan | None = None,
    *,
    mistakes: bool = False,
    gone: bool = False,
    **values: Any,
) -> PageAnswer:
    """A page that asks for dates, with what they would meet with where that has been looked up."""
    found = shown(plan, mistakes=mistakes, gone=gone) if plan else {}
    chosen = form["room"].data if "room" in form else ""
    several = [room for room in room_rows().values() if room.together and room.slug == chosen]
    rooms = [*offered_rooms(), *several]
    return page(template, form, **{**found, **values}, echo=outlook.echo, rooms=rooms, is_looked_up=bool(plan))


def put_in(
    form: PageForm,
    field: Field,
    look: Callable[[], Plan | None],
    ask: Callable[[Plan], str],
    show: Callable[..., PageAnswer],
) -> PageAnswer:
    """Show what dates would meet with; ask for them once somebody has decided about each and presses the button for it.

    ``look`` gives nothing where the form says what is wrong, and ``ask`` likewise, else what has come of it. ``field``
    tells what speaks against the dates.
    """
    plan = look()
    if plan is None or "check" in request.form or "bulk" in request.form:
        return show(form, plan)
    if plan.open_rows or not plan.wished:
        return show(form, plan, mistakes=True)
    try:
        if said := ask(plan):
            return back(said)
    except Refused as refusal:
        form.refuse(field, messages.objection(refusal.objections[0]))
    except ChangedMeanwhile as refusal:
        plan = look()
        if plan and not plan.open_rows:  # what is in the way is another date of the group itself
            form.refuse(field, _own(refusal.days[0]))
        return show(form, plan, mistakes=True, gone=True)
    return show(form, plan)


def _own(day: date) -> str:
    """That a group is in its own way."""
    return gettext(
        "You have this time already, for %(day)s. Choose something else.",
        day=wording.plain_day(day, locale.selected()),
    )
