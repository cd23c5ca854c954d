"""The screens that show the plan: which there are, what each of them shows, and whether it runs."""

from datetime import datetime
from typing import Any, NamedTuple

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.widgets import CheckboxInput, ListWidget

from booking import clock, displays, links
from booking.database import db
from booking.house import RoomRow, room_rows
from booking.languages import DEFAULT
from booking.models import Display
from booking.web import locale
from booking.web.access import MISTAKES, POLICY, staff_only
from booking.web.forms.fields import TextLine
from booking.web.forms.page import PageForm
from booking.web.phrases import ago, listed
from booking.web.staff.frame import bp, member
from booking.web.staff.rooms import DIRECTIONS

AS_FROM_THE_LOBBY = ""


def _languages() -> list[SelectChoice]:
    """Each alone, and that of the house with each other one below it."""
    first, *others = sorted(locale.languages_here(), key=lambda each: each.code != DEFAULT)
    both = [SelectChoice(f"{first.code}+{each.code}", f"{first.name} + {each.name}") for each in others]
    return [*(SelectChoice(each.code, each.name) for each in (first, *others)), *both]


class DisplayForm(PageForm):
    """What a display is called and shows."""

    name = TextLine(
        lazy_gettext("Name"),
        lazy_gettext("Write what you call this display."),
        most=60,
        description=lazy_gettext("As you call it among yourselves, such as “entrance” or “first floor”."),
    )
    rooms = SelectMultipleField(
        lazy_gettext("Which rooms does it show?"),
        coerce=int,
        widget=ListWidget(),
        option_widget=CheckboxInput(),
        description=lazy_gettext("None ticked: the whole house. Several: those of a floor. One: that room alone."),
    )
    language = SelectField(
        lazy_gettext("Language"),
        description=lazy_gettext("With two, the screen says what matters in both, one below the other."),
    )


class WayForm(PageForm):
    """Where a room is, as seen from a display; its fields bear the room's id."""

    direction = SelectField(
        lazy_gettext("Arrow"),
        choices=[
            SelectChoice(AS_FROM_THE_LOBBY, lazy_gettext("as from the lobby")),
            *(SelectChoice(*each) for each in DIRECTIONS.items()),
        ],
    )
    way = TextLine(lazy_gettext("Way"), most=80)
    way_en = TextLine(lazy_gettext("Way, in English"), most=80)


class WholeForm:
    """The form of a page: the display's own fields, and the way to each room."""

    def __init__(self, sent: MultiDict[str, str] | None, display: Display | None) -> None:
        told: dict[str, Any] = {}
        if display:
            languages = "+".join(filter(None, (display.language, display.second_language)))
            told = {"name": display.name, "rooms": display.room_ids, "language": languages}
        self.stored: dict[str, dict[str, str]] = display.ways if display else {}
        every = [room for room in room_rows().values() if not room.together]
        self.own = DisplayForm(sent, data=told)
        self.own.language.choices = _languages()
        self.own.rooms.choices = [SelectChoice(room.id, room.name) for room in every]
        self.ways: list[tuple[RoomRow, WayForm]] = [
            (room, WayForm(sent, prefix=f"room-{room.id}", data=self.stored.get(str(room.id), {}))) for room in every
        ]

    def validate(self) -> bool:
        """Each of them, so that all mistakes are told at once."""
        for form in self._all():
            form.validate()
        return not self.mistakes

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        return [each for form in self._all() for each in form.mistakes]

    def _all(self) -> list[PageForm]:
        return [self.own, *(form for _, form in self.ways)]

    @property
    def values(self) -> dict[str, Any]:
        ways = {
            str(room.id): {
                **self.stored.get(str(room.id), {}),
                "direction": form.direction.data,
                **form.said("way", "way_en"),
            }
            for room, form in self.ways
            if form.direction.data or form.way.meant
        }
        own = self.own
        language, _, second = own.language.data.partition("+")
        languages = {"language": language, "second_language": second}
        return {"name": own.name.meant, "room_ids": own.rooms.data, **languages, "ways": ways}


class ShownDisplay(NamedTuple):
    """A display as the team's pages tell of it."""

    display: Display
    address: str
    preview: str
    scope: str
    is_running: bool
    seen: str

    @property
    def is_upright(self) -> bool:
        width, _, height = str(self.display.report.get("viewport", "")).partition("x")
        return bool(height) and int(height) > int(width)

    @classmethod
    def of(cls, display: Display, now: datetime) -> "ShownDisplay":
        names = [room.name for room in room_rows().values() if room.id in display.room_ids]
        return cls(
            display,
            displays.display_url(display),
            url_for("lobby.display", token=links.token(display), vorschau=1),
            listed(names) if names else gettext("the whole house"),
            displays.is_running(display, now),
            when_seen(display, now),
        )


def when_seen(display: Display, now: datetime) -> str:
    """zuletzt gesehen vor 20 Sekunden"""
    if display.seen_at is None:
        return gettext("not seen yet")
    return gettext("last seen %(ago)s", ago=ago(display.seen_at, now))


@bp.get("/haus/anzeigen", endpoint="displays")
@staff_only
def all_displays() -> Response:
    now = clock.now()
    shown = [ShownDisplay.of(each, now) for each in displays.registered()]
    return _with_frames(render_template("staff/displays.html", displays=shown))


@bp.get("/haus/anzeigen/neu")
@staff_only
def new_display() -> Response:
    return _display_page(None, WholeForm(None, None))


@bp.post("/haus/anzeigen/neu")
@staff_only
def send_new_display() -> AnyResponse:
    return _keep(None)


@bp.get("/haus/anzeigen/<int:display_id>")
@staff_only
def edit_display(display_id: int) -> Response:
    display = _display_or_404(display_id)
    return _display_page(display, WholeForm(None, display))


@bp.post("/haus/anzeigen/<int:display_id>")
@staff_only
def send_display(display_id: int) -> AnyResponse:
    return _keep(_display_or_404(display_id))


@bp.post("/haus/anzeigen/<int:display_id>/neue-adresse")
@staff_only
def renew_display(display_id: int) -> AnyResponse:
    """End the address of a display by giving it another one."""
    display = _display_or_404(display_id)
    displays.renew_display(display, by=member(), now=clock.now())
    flash(gettext("%(name)s has a new address. The former one shows nothing any more.", name=display.name))
    return redirect(url_for(".edit_display", display_id=display.id, _anchor="said"), 303)


@bp.post("/haus/anzeigen/<int:display_id>/entfernen")
@staff_only
def end_display(display_id: int) -> AnyResponse:
    display = _display_or_404(display_id)
    name = display.name
    displays.end_display(display, by=member(), now=clock.now())
    flash(gettext("%(name)s is removed. Its address shows nothing any more.", name=name))
    return redirect(url_for(".displays", _anchor="said"), 303)


def _keep(display: Display | None) -> AnyResponse:
    form = WholeForm(request.form, display)
    if not form.validate():
        answer = _display_page(display, form)
        answer.status_code = MISTAKES
        return answer
    kept = displays.keep_display(display, form.values, by=member(), now=clock.now())
    if display:
        flash(gettext("%(name)s is saved. The display shows it within a minute.", name=kept.name))
    else:
        flash(gettext("%(name)s is registered. Now open its address on the screen.", name=kept.name))
    return redirect(url_for(".edit_display", display_id=kept.id, _anchor="said"), 303)


def _display_or_404(display_id: int) -> Display:
    found: Display = db.get_or_404(Display, min(display_id, 2**31 - 1))
    return found


def _display_page(display: Display | None, form: WholeForm) -> Response:
    shown = ShownDisplay.of(display, clock.now()) if display else None
    return _with_frames(render_template("staff/display.html", shown=shown, form=form))


def _with_frames(page: str) -> Response:
    """A page that shows others of ours in small."""
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return answer
