"""Which parts of the house a room takes, now and from which days on; changed for a day to come."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.widgets import CheckboxInput, ListWidget

from booking import clock, housekeeping, wording
from booking.database import db
from booking.house import house, single_rooms
from booking.models import Part, Room, day_of
from booking.web import filters, locale
from booking.web.access import MISTAKES, staff_only
from booking.web.forms.fields import DayField, TextLine
from booking.web.forms.page import PageForm
from booking.web.staff.frame import bp, member
from booking.web.staff.requests import NamedDate, named_dates

#: Of more dates that would meet the first are shown.
MOST_PAIRS = 20


class NamedList(NamedTuple):
    """The parts that a room takes, by name. ``day``: from which on, for a list to come."""

    day: date | None
    names: Sequence[str]


class PartsForm(PageForm):
    """Which parts a room takes, and from which day on."""

    day = DayField(
        lazy_gettext("From which day on?"),
        lazy_gettext("Enter the day from which on this holds."),
        description=lazy_gettext("For example 1.5.2027. Dates before that day keep what they have."),
    )
    parts = SelectMultipleField(
        lazy_gettext("Which parts does the room take then?"),
        id="parts-0",
        coerce=int,
        validate_choice=False,
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )
    further = TextLine(
        lazy_gettext("A new part"),
        most=60,
        description=lazy_gettext("One that the house does not have yet, for example behind a wall that is built."),
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.today = day_of(clock.now(), house().zone)

    def validate_day(self, field: DayField) -> None:
        if field.meant and field.meant <= self.today:
            raise ValidationError(gettext("Choose a day from tomorrow on: what has been stays as it was."))

    def validate_parts(self, field: SelectMultipleField) -> None:
        if not (field.data or self.further.data):
            raise ValidationError(gettext("Tick one part at least, or name a new one."))


def lists_of(room: Room) -> list[NamedList]:
    """The parts that a room takes now, and those that it takes from later days on."""
    zone, now = house().zone, clock.now()
    later = sorted({row.since for row in room.part_rows if row.since > now.timestamp()})
    lists = [NamedList(None, filters.part_names_now(room))]
    for since in later:
        day = day_of(datetime.fromtimestamp(since, UTC), zone)
        lists.append(NamedList(day, [part.name for part in room.list_at(since)]))
    return lists


@bp.get("/haus/raeume/<slug>/teile")
@staff_only
def room_parts(slug: str) -> str:
    room = _room_named(slug)
    return _parts_page(room, PartsForm(data={"parts": [*filters.parts_now(room)]}))


@bp.post("/haus/raeume/<slug>/teile")
@staff_only
def send_room_parts(slug: str) -> AnyResponse | tuple[str, int]:
    """Let the room take other parts from a day on, or take such a plan back."""
    room, form = _room_named(slug), PartsForm(request.form)
    planned = {each.day.isoformat(): each.day for each in lists_of(room) if each.day}
    try:
        if back := request.form.get("back"):
            if back not in planned:
                flash(gettext("That is planned no more, or its day has come. Nothing has been changed."), "error")
                return _to_parts(slug)
            housekeeping.take_back_parts(room, planned[back], by=member(), now=clock.now())
            flash(gettext("Taken back: from %(day)s on nothing changes.", day=_told(planned[back])))
            return _to_parts(slug)
        if form.validate():
            day, chosen, further = form.day.meant, form.parts.data or (), form.further.meant
            housekeeping.change_parts(room, chosen, further, day, by=member(), now=clock.now())
            flash(gettext("From %(day)s on, %(room)s takes other parts.", day=_told(day), room=filters.the(room)))
            return _to_parts(slug)
    except housekeeping.SameParts:
        form.refuse(form.parts, gettext("These are the parts that the room takes on that day already."))
    except housekeeping.RoomNameTaken:
        form.refuse(form.further, gettext("A part of the house has this name. Tick it above, or choose another name."))
    except housekeeping.DatesMeet as found:
        form.refuse(
            form.parts,
            gettext(
                "Nothing has been changed: these dates would be in the same part at once. Move or cancel one first."
            ),
        )
        return _parts_page(room, form, found.pairs), 409
    return _parts_page(room, form), MISTAKES


def _room_named(slug: str) -> Room:
    return next((room for room in single_rooms() if room.slug == slug), None) or abort(404)


def _to_parts(slug: str) -> AnyResponse:
    return redirect(url_for(".room_parts", slug=slug, _anchor="said"), 303)


def _parts_page(room: Room, form: PartsForm, pairs: Sequence[tuple[int, int]] = ()) -> str:
    every = db.session.scalars(db.select(Part).order_by(Part.id)).all()
    form.parts.choices = [SelectChoice(part.id, part.name) for part in every]
    rooms = [each for each in single_rooms() if each.id != room.id]
    return render_template(
        "staff/room_parts.html",
        room=room,
        form=form,
        lists=lists_of(room),
        others={part.id: _taken_by(part, rooms) for part in every},
        pairs=_named_pairs(pairs[:MOST_PAIRS]),
        more=max(0, len(pairs) - MOST_PAIRS),
    )


def _told(day: date) -> str:
    return wording.full_date(day, locale.selected())


def _taken_by(part: Part, rooms: Iterable[Room]) -> str:
    """Which other rooms take a part today."""
    names = [room.name for room in rooms if part.id in filters.parts_now(room)]
    return gettext("also taken by %(rooms)s", rooms=wording.joined(names, locale.selected())) if names else ""


def _named_pairs(pairs: Sequence[tuple[int, int]]) -> list[tuple[NamedDate, list[NamedDate]]]:
    """Each date once, with those later ones that it meets."""
    ids = {id_ for pair in pairs for id_ in pair}
    named = {each.date.id: each for each in named_dates(ids, sa.false())} if ids else {}
    return [(named[one], [named[other] for _, other in met]) for one, met in groupby(pairs, itemgetter(0))]
