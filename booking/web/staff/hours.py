"""When the house is open, and rooms that differ from it."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from booking import clock, housekeeping, wording
from booking.database import db
from booking.domain.policy import Hours, is_outside_hours
from booking.domain.slot import Slot
from booking.domain.status import GOING_ON
from booking.domain.typed import from_to, read_time
from booking.house import house_rules, opening_hours, single_rooms
from booking.housekeeping import Span
from booking.models import Occurrence, Room
from booking.web import locale
from booking.web.access import staff_only
from booking.web.forms.fields import TypedField
from booking.web.forms.page import PageForm
from booking.web.staff.frame import bp, is_overtaken, member

_BETWEEN = re.compile(r"[,;/+]|\bund\b|\band\b")


class SpansField(TypedField):
    """The times of a weekday: 9–12, 13–17. What touches is one."""

    nothing = ()

    def read(self, text: str, form: BaseForm) -> Any:
        spans = sorted(self._span(piece.strip()) for piece in _BETWEEN.split(text))
        for before, after in pairwise(spans):
            if after[0] < before[1]:
                raise StopValidation(gettext("Two of these times overlap. Write each time once."))
        found: list[Span] = []
        for opens, closes in spans:
            if found and found[-1][1] == opens:
                opens = found.pop()[0]
            found.append((opens, closes))
        return tuple(found)

    def _span(self, text: str) -> Span:
        both = from_to(text)
        if both is None:
            raise StopValidation(gettext("Write from when to when, for example 9–12, 13–17."))
        opens, closes = map(read_time, both)
        if closes <= opens:
            raise StopValidation(
                gettext(
                    "The end (%(end)s) is before the start (%(start)s). Please check both.",
                    end=wording.clock(closes),
                    start=wording.clock(opens),
                )
            )
        return opens, closes


class HoursForm(PageForm):
    """A line for each weekday; empty where nothing is open."""

    monday = SpansField()
    tuesday = SpansField()
    wednesday = SpansField()
    thursday = SpansField()
    friday = SpansField()
    saturday = SpansField()
    sunday = SpansField()

    def __init__(self, form: MultiDict[str, str] | None, hours: Hours) -> None:
        language = locale.selected()
        names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        told = {names[n]: wording.short_hours(spans, language) for n, spans in hours.items()}
        super().__init__(form, data=told)
        for number, field in enumerate(self.controls()):
            field.label.text = wording.weekday(wording.a_day(number), language)

    @property
    def hours(self) -> dict[int, tuple[Span, ...]]:
        """What was meant, by weekday."""
        return {number: field.meant for number, field in enumerate(self.controls()) if field.meant}


@bp.get("/haus/oeffnungszeiten", endpoint="hours")
@staff_only
def all_hours() -> str:
    """When the house is open, or the room of ``?raum=slug``."""
    room = _room()
    return _hours_page(_stored(room), room)


@bp.post("/haus/oeffnungszeiten")
@staff_only
def send_hours() -> AnyResponse | tuple[str, int]:
    """Open at other times from now on, and say which dates to come are outside then."""
    room = _room()
    form = HoursForm(request.form, {})
    is_good = form.validate()
    if is_good and not (form.hours or room):
        form.refuse(form.monday, gettext("The house needs one open day at least."))
    if form.mistakes:
        return _hours_page(form, room, mistakes=form.mistakes), 422
    stored = _stored(room)
    if is_overtaken(stored):
        return _hours_page(form, room, overtaken=form.differing(stored)), 409
    before = _outside()
    housekeeping.set_hours(form.hours, room.id if room else None, by=member(), now=clock.now())
    number = len(_outside() - before)
    said = ngettext(
        "Saved. %(num)d date to come is outside opening hours now.",
        "Saved. %(num)d dates to come are outside opening hours now.",
        number,
    )
    flash(said if number else gettext("Saved. No date to come is outside opening hours because of it."))
    return redirect(url_for(".hours", raum=room.slug if room else None, _anchor="said"), 303)


def _room() -> Room | None:
    """The room that the address names; 404 for one that there is not."""
    slug = request.args.get("raum")
    found = next((room for room in single_rooms() if room.slug == slug), None)
    if slug and found is None:
        abort(404)
    return found


def _outside() -> set[int]:
    """The ids of the dates to come that lie outside the hours of their rooms."""
    rules = house_rules()
    dates = db.session.execute(
        sa.select(Occurrence.id, Occurrence.room_id, Occurrence.start, Occurrence.end).where(
            Occurrence.status.in_(GOING_ON), Occurrence.end > clock.now()
        )
    )
    return {id_ for id_, room_id, start, end in dates if is_outside_hours(Slot(start, end), rules, room_id)}


def _stored(room: Room | None) -> HoursForm:
    return HoursForm(None, house_rules().room_hours.get(room.id, {}) if room else opening_hours())


def _hours_page(
    form: HoursForm,
    room: Room | None,
    mistakes: Sequence[tuple[str, str]] = (),
    overtaken: Sequence[tuple[str, str]] | None = None,
) -> str:
    return render_template(
        "staff/hours.html",
        form=form,
        seen=_stored(room).as_seen,
        overtaken=overtaken,
        room=room,
        rooms=single_rooms(),
        own=house_rules().room_hours,
        mistakes=mistakes,
    )
