"""The rooms as the office describes them; groups, calendar and lobby read the same."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, FileField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from booking import clock, housekeeping, pictures
from booking.house import single_rooms
from booking.languages import DEFAULT, LANGUAGES, beginning
from booking.models import Room
from booking.requesting import slug_of
from booking.web.access import MISTAKES, staff_only
from booking.web.filters import the
from booking.web.forms.fields import NumberField, TextLine
from booking.web.forms.page import PageForm
from booking.web.staff.frame import bp, is_overtaken, member
from booking.web.staff.room_calendar import followed_by
from booking.web.staff.room_parts import lists_of

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


#: What is there, in each language.
THINGS = ("equipment", "equipment_en")


class RoomForm(PageForm):
    """What is told of a room."""

    name = TextLine(lazy_gettext("Name"), lazy_gettext("Write what the room is called."), most=60)
    article = SelectField(
        lazy_gettext("Article in a German sentence"),
        choices=[SelectChoice(each, each or lazy_gettext("no article")) for each in LANGUAGES[DEFAULT].articles],
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

    is_active = BooleanField(
        lazy_gettext("Can be asked for"),
        default=True,
        description=lazy_gettext(
            "Without this tick the room is gone from the form, from public pages and from what is free."
            " The dates it has stay, and can be seen."
        ),
    )

    def validate(self, *args: Any, **options: Any) -> bool:
        is_good = super().validate(*args, **options)
        things, *others = self.said(*THINGS).values()
        if is_good and any(each and len(each) != len(things) for each in others):
            self.refuse(self.equipment_en, gettext("Name the same things as above, in their order."))
        return not self.mistakes

    @property
    def values(self) -> dict[str, Any]:
        read = {name: field.meant for name, field in self._fields.items() if hasattr(field, "meant")}
        return {
            **read,
            **{name: list(things) for name, things in self.said(*THINGS).items()},
            **{name: self[name].data for name in ("step_free", "direction", "article", "is_active")},
        }


class PhotoForm(PageForm):
    """The picture of a room, and what it shows in words; its texts alone where it has one."""

    photo = FileField(
        lazy_gettext("Picture"),
        description=lazy_gettext("JPEG, PNG or WebP, at most 8 MB. Time and place that a camera noted are taken out."),
    )
    photo_text = TextLine(
        lazy_gettext("What it shows"),
        lazy_gettext("Write what the picture shows, for those who do not see it."),
        most=200,
        description=lazy_gettext("For example “Long table for twelve before a wall of windows”."),
    )
    photo_text_en = TextLine(
        lazy_gettext("What it shows, in English"),
        lazy_gettext("Write what the picture shows, in English."),
        most=200,
    )

    jpeg: bytes | None = None

    def validate_photo(self, field: FileField) -> None:
        file = request.files.get(field.name)
        if data := file.read() if file else b"":
            try:
                self.jpeg = pictures.as_jpeg(data)
            except pictures.NotAPicture:
                raise ValidationError(
                    gettext(
                        "This cannot be read as a picture. Please take a JPEG, PNG or WebP of at most 50 megapixels."
                    )
                ) from None


@bp.get("/haus/raeume", endpoint="rooms")
@staff_only
def all_rooms() -> str:
    """The rooms in their order."""
    return render_template("staff/rooms.html", rooms=single_rooms())


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
    return _room_page(room, _form_of(room))


@bp.post("/haus/raeume/<slug>")
@staff_only
def send_room(slug: str) -> AnyResponse | tuple[str, int]:
    return _keep(_room_or_404(slug))


@bp.post("/haus/raeume/<slug>/foto")
@staff_only
def send_photo(slug: str) -> AnyResponse | tuple[str, int]:
    """Show a picture of the room on its public page, change its words, or take it away."""
    room = _room_or_404(slug)
    form = PhotoForm(request.form)
    if request.form.get("step") == "remove":
        housekeeping.put_photo(room, b"", {"photo_text": "", "photo_text_en": ""}, by=member(), now=clock.now())
        flash(gettext("The picture is taken away."))
        return redirect(url_for(".edit_room", slug=slug, _anchor="said"), 303)
    is_good = form.validate()
    if not (room.photo or form.jpeg or form.photo.errors):
        form.refuse(form.photo, gettext("Choose a picture."))
    elif is_good:
        housekeeping.put_photo(room, form.jpeg, form.said("photo_text", "photo_text_en"), by=member(), now=clock.now())
        flash(gettext("The picture is saved. The page of the room shows it."))
        return redirect(url_for(".edit_room", slug=slug, _anchor="said"), 303)
    return _room_page(room, _form_of(room), form), MISTAKES


@bp.post("/haus/raeume/<slug>/nach-oben")
@staff_only
def raise_room(slug: str) -> AnyResponse:
    """Show a room one place earlier, wherever rooms stand in a list."""
    housekeeping.move_room(_room_or_404(slug), -1, by=member(), now=clock.now())
    return redirect(url_for(".rooms", _anchor=slug), 303)


def _keep(room: Room | None) -> AnyResponse | tuple[str, int]:
    form = RoomForm(request.form)
    is_good = form.validate()
    if is_good and room and is_overtaken(stored := _form_of(room)):
        return _room_page(room, form, overtaken=form.differing(stored)), 409
    if is_good:
        try:
            kept = housekeeping.keep_room(room, form.values, slug_of(form.name.meant), by=member(), now=clock.now())
        except housekeeping.RoomNameTaken:
            form.refuse(form.name, gettext("Something in the house is called that already. Choose another name."))
        except housekeeping.LastRoom:
            form.refuse(form.is_active, gettext("One room at least has to be there to be asked for."))
        else:
            flash(beginning(gettext("%(room)s is saved. Form, calendar and lobby show it at once.", room=the(kept))))
            return redirect(url_for(".rooms", _anchor="said"), 303)
    return _room_page(room, form), MISTAKES


def _form_of(room: Room) -> RoomForm:
    told = {name: getattr(room, name) for name in RoomForm().names}
    return RoomForm(data={**told, **{name: ", ".join(told[name]) for name in THINGS if name in told}})


def _room_or_404(slug: str) -> Room:
    return next((room for room in single_rooms() if room.slug == slug), None) or abort(404)


def _room_page(
    room: Room | None,
    form: RoomForm,
    photo: PhotoForm | None = None,
    overtaken: Sequence[tuple[str, str]] | None = None,
) -> str:
    words = {name: getattr(room, name) for name in ("photo_text", "photo_text_en")} if room else {}
    photo = photo or PhotoForm(data=words)
    return render_template(
        "staff/room.html",
        room=room,
        form=form,
        photo=photo,
        mistakes=[*form.mistakes, *photo.mistakes],
        seen=_form_of(room).as_seen if room else "",
        overtaken=overtaken,
        followed=followed_by(room, clock.now()) if room else None,
        lists=lists_of(room) if room else (),
    )
