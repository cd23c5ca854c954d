"""The group's own page for one request: the state of each date, and what can be done."""

from datetime import datetime
from typing import NamedTuple

from flask import make_response, render_template
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking import ical, log
from booking.domain.policy import is_outside_hours
from booking.domain.status import Status
from booking.models import Booking, LogEntry
from booking.schedule import house_rules
from booking.web import locale
from booking.web.access import link_holder
from booking.web.status_page.frame import TOKEN, bp, opened

SHOWN = 10  # dates to come; further ones are folded


class Line(NamedTuple):
    """What happened, in plain words."""

    at: datetime
    text: str


@bp.get(f"/a/{TOKEN}")
@link_holder
@opened
def show(token: str, booking: Booking, now: datetime) -> str:
    """The state of each date, what is next, and what can be done."""
    coming = [each for each in booking.occurrences if each.end > now]
    meetings = [each for each in coming if each.status is Status.APPROVED]
    following = meetings[0] if meetings else None
    return render_template(
        "status_page/show.html",
        token=token,
        booking=booking,
        following=following,
        is_outside=following is not None and is_outside_hours(following.slot, house_rules()),
        shown=coming[:SHOWN],
        folded=coming[SHOWN:],
        past=[each for each in booking.occurrences if each.end <= now],
        can_cancel=[each.id for each in meetings],
        can_withdraw=len(booking.dates(Status.REQUESTED)),
        history=[Line(entry.at, _told(entry)) for entry in log.history(booking)],
    )


@bp.get(f"/a/{TOKEN}.ics")
@link_holder
@opened
def calendar(token: str, booking: Booking, now: datetime) -> Response:
    """The dates that are confirmed, for a calendar of one's own."""
    kept = booking.dates(Status.APPROVED, Status.CANCELLED)
    response = make_response(ical.calendar(kept, method=None, language=locale.selected()))
    response.mimetype = "text/calendar"
    response.headers["Content-Disposition"] = f'attachment; filename="{booking.reference}.ics"'
    return response


def _told(entry: LogEntry) -> str:
    """One entry of the record, to the group it is about."""
    number = entry.count
    by_group = entry.actor == "group"
    cancelled = (
        ngettext("You cancelled %(num)d date.", "You cancelled %(num)d dates.", number)
        if by_group
        else ngettext("The team cancelled %(num)d date.", "The team cancelled %(num)d dates.", number)
    )
    told: dict[str, str] = {
        "request": ngettext("You asked for %(num)d date.", "You asked for %(num)d dates.", number),
        "approve": ngettext("The team confirmed %(num)d date.", "The team confirmed %(num)d dates.", number),
        "decline": ngettext("%(num)d date was not possible.", "%(num)d dates were not possible.", number),
        "undo": ngettext(
            "The team is looking at %(num)d date once more.", "The team is looking at %(num)d dates once more.", number
        ),
        "withdraw": ngettext("You withdrew %(num)d date.", "You withdrew %(num)d dates.", number),
        "cancel": cancelled,
    }
    return told.get(entry.action, "")
