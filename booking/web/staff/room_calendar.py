"""The calendar from outside that a room follows: which, how old what we know of it is, and what meets it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import ValidationError

from booking import clock
from booking.house import single_rooms
from booking.models import Occurrence, Room
from booking.outside import following
from booking.outside.fetching import LONGEST_ADDRESS, NotFetched, target_of
from booking.web.access import MISTAKES, staff_only
from booking.web.forms.fields import TextLine
from booking.web.forms.page import PageForm
from booking.web.phrases import ago
from booking.web.staff.frame import bp, member

#: Why a calendar could not be read.
TROUBLE = {
    "address": lazy_gettext("This is no address of a calendar."),
    "private": lazy_gettext("The address leads into a network that is not public, where we do not look."),
    "unreachable": lazy_gettext("Nobody answers at the address."),
    "slow": lazy_gettext("The answer took too long."),
    "status": lazy_gettext("There is no calendar at the address, or it asks for a password."),
    "redirects": lazy_gettext("The address leads on and on."),
    "large": lazy_gettext("The calendar is larger than 2 MB."),
    "other": lazy_gettext("What is at the address is no calendar but, for example, a web page."),
    following.UNREADABLE: lazy_gettext("The calendar has something in it that we cannot read."),
}


class FollowedCalendar(NamedTuple):
    """What there is to tell of the calendar that a room follows. ``read``: how long ago, empty where it never was;
    ``clashes``: the approved dates that meet it."""

    address: str
    read: str
    trouble: str
    clashes: Sequence[Occurrence]


class CalendarForm(PageForm):
    """Which calendar a room follows; none where that is empty."""

    address = TextLine(
        lazy_gettext("Address of the calendar"),
        most=LONGEST_ADDRESS,
        description=lazy_gettext("It often ends in .ics, and begins with https:// or webcal://. Empty: none."),
    )

    def validate_address(self, field: TextLine) -> None:
        try:
            target_of(field.meant or "https://localhost")
        except NotFetched:
            raise ValidationError(
                gettext("Enter the whole address of the calendar, for example https://example.org/room.ics.")
            ) from None


def followed_by(room: Room, now: datetime) -> FollowedCalendar | None:
    """The calendar that a room follows, if it does."""
    row = following.calendar_of(room)
    if row is None:
        return None
    read = ago(row.fetched_at, now) if row.fetched_at else ""
    return FollowedCalendar(row.address, read, TROUBLE.get(row.error, ""), following.clashes_with(room, now))


@bp.get("/haus/raeume/<slug>/kalender")
@staff_only
def room_calendar(slug: str) -> str:
    return _calendar_page(_room_called(slug))


@bp.post("/haus/raeume/<slug>/kalender")
@staff_only
def send_room_calendar(slug: str) -> AnyResponse | tuple[str, int]:
    """Follow a calendar, another one, or none."""
    room, form = _room_called(slug), CalendarForm(request.form)
    if not form.validate():
        return _calendar_page(room, form), MISTAKES
    following.follow_calendar(room, form.address.meant, by=member(), now=clock.now())
    said = gettext("%(room)s follows the calendar. We look at it within a minute.", room=room.name)
    flash(said if form.address.meant else gettext("%(room)s follows no calendar.", room=room.name))
    return redirect(url_for(".room_calendar", slug=slug, _anchor="said"), 303)


@bp.post("/haus/raeume/<slug>/kalender/nachsehen")
@staff_only
def look_at_calendar(slug: str) -> AnyResponse:
    """Look at the calendar now, and not when its time comes."""
    following.look_again(_room_called(slug))
    flash(gettext("We look at the calendar within a minute."))
    return redirect(url_for(".room_calendar", slug=slug, _anchor="said"), 303)


def _room_called(slug: str) -> Room:
    return next((room for room in single_rooms() if room.slug == slug), None) or abort(404)


def _calendar_page(room: Room, form: CalendarForm | None = None) -> str:
    followed = followed_by(room, clock.now())
    form = form or CalendarForm(data={"address": followed.address if followed else ""})
    return render_template("staff/room_calendar.html", room=room, form=form, followed=followed)
