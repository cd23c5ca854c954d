"""The dates of a booking in a calendar program, by an address that can do nothing else."""

from datetime import datetime
from typing import Any

from flask import abort, current_app, g, make_response, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking import clock, ical, links
from booking.house import house
from booking.models import Booking, day_of
from booking.sharing import people
from booking.web import locale
from booking.web.access import PageAnswer, link_holder
from booking.web.status_page.frame import GONE, TOKEN, back, bp, find_link, may_write, page, pages, reader


@bp.get(f"/k/{TOKEN}.ics")
@link_holder
def feed(token: str) -> Response:
    """The dates that are confirmed, and nothing else, whoever asks."""
    link = find_link(token, "calendar")
    if links.is_over(link, clock.now()):
        abort(GONE)
    return _file("termine", ical.feed(link.booking, locale.selected()))


@pages.get(".ics")
def former_feed(booking: Booking, now: datetime) -> Response:
    """The same at an address that was shown in earlier times, and opens the page too: calendar programs may hold it."""
    return _file("termine", ical.feed(booking, locale.selected()))


@pages.get("/termin.ics")
def date_file(booking: Booking, now: datetime) -> Response:
    """One date to come, for programs that subscribe to nothing."""
    date = next((each for each in booking.coming(now) if str(each.id) == request.args.get("date")), None) or abort(404)
    (text,) = ical.objects([date], locale.selected())
    return _file(f"termin-{day_of(date.start, house().zone)}", text)


@pages.get("/kalender-abo")
def subscription(booking: Booking, now: datetime) -> PageAnswer:
    """The address for calendar programs, to be copied, renewed or ended; and each date to come as a file."""
    return page("status_page/calendar.html", **addresses(), coming=booking.coming(now))


@pages.post("/kalender-abo", may_write)
def renew_subscription(booking: Booking, now: datetime) -> Response:
    """Another address, or a first one."""
    people.renew_calendar(booking, reader(), now)
    return back(gettext("This is the new address. Please subscribe to it in your calendar."), ".subscription")


@pages.post("/kalender-abo/beenden")
def end_subscription(booking: Booking, now: datetime) -> Response:
    """No address any more."""
    ended = people.end_calendar(booking, reader(), now)
    said = gettext("The subscription has ended. The old address shows nothing any more.") if ended else ""
    return back(said, ".subscription")


def addresses() -> dict[str, Any]:
    """Where a calendar program finds the dates of whoever has opened the page; empty where that was ended.

    ``download`` is the path of the file, ``feed`` the whole address, and ``subscribe`` what calendar programs answer
    to when it is clicked.
    """
    held = links.held_beside(g.link, "calendar")
    if not held:
        return {"download": "", "feed": "", "subscribe": ""}
    path = url_for(".feed", token=links.token(held[-1]))
    scheme, _, host = current_app.config["PUBLIC_URL"].partition("://")
    return {"download": path, "feed": f"{scheme}://{host}{path}", "subscribe": f"webcal://{host}{path}"}


def _file(name: str, text: str) -> Response:
    """304 for a program that has it as it is: it asks every hour. Nobody on the way may keep it."""
    response: Response = make_response(text)
    response.mimetype = "text/calendar"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    response.add_etag()
    return response.make_conditional(request)
