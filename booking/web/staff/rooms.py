"""The rooms as the office describes them; groups, calendar and lobby read the same."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from booking import clock, housekeeping
from booking.house import rooms
from booking.languages import GERMAN, beginning
from booking.models import Room
from booking.requesting import slug_of
from booking.web.access import MISTAKES, staff_only
from booking.web.filters import the
from booking.web.forms.fields import NumberField, TextLine
from booking.web.forms.page import PageForm
from booking.web.staff.frame import bp, member

#: What fits on the lobby screen.
LONGEST_SHORT_NAME = 16
MOST_SEATS = 2000

DIRECTIONS = {
    "left": lazy_gettext("to the left"),
    "right": lazy_gettext("to the right"),
    "up": lazy_gettext("straight on, or up"),
    "down": lazy_gettext("down"),
}


class ThingsField(TextLine):
    """Things with commas between."""

    nothing: Any = ()

    def read(self, text: str, form: Any) -> Any:
        return [thing for each in super().read(text, form).split(",") if (thing := " ".join(each.split()))]


class RoomForm(PageForm):
    """What is told of a room."""

    name = TextLine(lazy_gettext("Name"), lazy_gettext("Write what the room is called."), most=60)
    article = SelectField(
        lazy_gettext("Article in a German sentence"),
        choices=[SelectChoice(each, each or lazy_gettext("no article")) for each in GERMAN.articles],
    )
    inflected = TextLine(
        lazy_gettext("Name after “in der” or “im”, where that is another"),
        most=60,
        description=lazy_gettext("For example “Großen Saal” for “Großer Saal”."),
    )
    short_name = TextLine(
        lazy_gettext("Short name, for the lobby screen"),
        lazy_gettext("Write a short name for the lobby screen."),
        most=LONGEST_SHORT_NAME,
    )
    seats = NumberField(lazy_gettext("Seats"), most=MOST_SEATS)
    step_free = BooleanField(lazy_gettext("Step-free access"))
    way = TextLine(
        lazy_gettext("Way"),
        lazy_gettext("Write where the room is."),
        most=80,
        description=lazy_gettext("For example “ground floor, left”."),
    )
    way_en = TextLine(lazy_gettext("Way, in English"), lazy_gettext("Write where the room is, in English."), most=80)
    direction = SelectField(
        lazy_gettext("Arrow on the lobby screen"), choices=[SelectChoice(*each) for each in DIRECTIONS.items()]
    )
    equipment = ThingsField(
        lazy_gettext("What is there"),
        most=400,
        description=lazy_gettext("With commas between."),
    )
    equipment_en = ThingsField(
        lazy_gettext("What is there, in English"),
        most=400,
        description=lazy_gettext("The same things in the same order. Empty: as above."),
    )

    def validate(self, *args: Any, **options: Any) -> bool:
        is_good = super().validate(*args, **options)
        if is_good and self.equipment_en.meant and len(self.equipment_en.meant) != len(self.equipment.meant):
            self.refuse(self.equipment_en, gettext("Name the same things as above, in their order."))
        return not self.mistakes

    @property
    def values(self) -> dict[str, Any]:
        read = {name: field.meant for name, field in self._fields.items() if hasattr(field, "meant")}
        lists = {name: list(read[name]) for name in ("equipment", "equipment_en")}
        chosen = {name: getattr(self, name).data for name in ("step_free", "direction", "article")}
        return {**read, **lists, **chosen}


@bp.get("/haus/raeume", endpoint="rooms")
@staff_only
def all_rooms() -> str:
    """The rooms in their order."""
    return render_template("staff/rooms.html", rooms=rooms())


@bp.get("/haus/raeume/neu")
@staff_only
def new_room() -> str:
    return _room_page(None, RoomForm())


@bp.post("/haus/raeume/neu")
@staff_only
def send_new_room() -> AnyResponse | tuple[str, int]:
    return _keep(None)


@bp.get("/haus/raeume/<slug>")
@staff_only
def edit_room(slug: str) -> str:
    room = _room_or_404(slug)
    told = {name: getattr(room, name) for name in RoomForm().names}
    lists = {name: ", ".join(told[name]) for name in ("equipment", "equipment_en")}
    return _room_page(room, RoomForm(data={**told, **lists}))


@bp.post("/haus/raeume/<slug>")
@staff_only
def send_room(slug: str) -> AnyResponse | tuple[str, int]:
    return _keep(_room_or_404(slug))


@bp.post("/haus/raeume/<slug>/nach-oben")
@staff_only
def raise_room(slug: str) -> AnyResponse:
    """Show a room one place earlier, wherever rooms stand in a list."""
    housekeeping.move_room(_room_or_404(slug), -1, by=member(), now=clock.now())
    return redirect(url_for(".rooms", _anchor=slug), 303)


def _keep(room: Room | None) -> AnyResponse | tuple[str, int]:
    form = RoomForm(request.form)
    if form.validate():
        try:
            kept = housekeeping.keep_room(room, form.values, slug_of(form.name.meant), by=member(), now=clock.now())
        except housekeeping.RoomNameTaken:
            form.refuse(form.name, gettext("Something in the house is called that already. Choose another name."))
        else:
            flash(beginning(gettext("%(room)s is saved. Form, calendar and lobby show it at once.", room=the(kept))))
            return redirect(url_for(".rooms", _anchor="said"), 303)
    return _room_page(room, form), MISTAKES


def _room_or_404(slug: str) -> Room:
    return next((room for room in rooms() if room.slug == slug), None) or abort(404)


def _room_page(room: Room | None, form: RoomForm) -> str:
    return render_template("staff/room.html", room=room, form=form)
