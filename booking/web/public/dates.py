"""One date and one group as everybody may see them, and how to have dates in a calendar of one's own."""

from datetime import time
from typing import NamedTuple
from urllib.parse import urlencode

from flask import abort, current_app, render_template
from flask_babel import gettext

from booking import clock, published, wording
from booking.domain.slot import Slot
from booking.house import house, offered_rooms
from booking.languages import LANGUAGES
from booking.models import Occurrence, day_of
from booking.published import public_dates
from booking.web import locale, phrases, shared
from booking.web.access import public
from booking.web.narrowed import PARAMETERS, narrowed
from booking.web.public import vocabulary
from booking.web.public.pages import bp

#: Dates of a group on its page.
MOST_OF_GROUP = 40


class FeedAddress(NamedTuple):
    """A feed by its name: the whole address, and what calendar programs answer to when it is clicked."""

    name: str
    address: str
    subscribe: str


@bp.get("/termine/<int(max=2147483647):date_id>", endpoint="date")
@public
@shared.shared(by_minute=False)
def date_page(date_id: int) -> str:
    """One date: what, when, where, and whether it takes place; 404 for what was never confirmed."""
    found = next(iter(public_dates(Occurrence.id == date_id, most=1)), None) or abort(404)
    zone = house().zone
    return render_template(
        "public/date.html",
        date=found,
        title=phrases.meeting(found),
        day=day_of(found.start, zone),
        times=wording.span(found.slot, zone, locale.selected()),
        former=None if found.start == found.original_start else found.original_start,
        facts=vocabulary.event(found) if found.is_open else {},
    )


@bp.get("/gruppen/<slug>", endpoint="group")
@public
@shared.shared()
def meetings_of(slug: str) -> str:
    """When a group meets that is named in public."""
    name = published.group_name(slug) or abort(404)
    zone = house().zone
    midnight = Slot.on(clock.today(zone), time(0), 1, zone).start
    dates = public_dates(published.of_group(slug), Occurrence.end > midnight, most=MOST_OF_GROUP + 1)
    return render_template(
        "public/group.html",
        name=name,
        slug=slug,
        dates=dates[:MOST_OF_GROUP],
        has_more=len(dates) > MOST_OF_GROUP,
        feed=_feed(name, f"/gruppen/{slug}.ics"),
    )


@bp.get("/kalender/abonnieren", endpoint="subscribe")
@public
@shared.shared(*PARAMETERS, by_minute=False)
def subscribe_page() -> str:
    """The addresses for calendar programs, and what to do with them; first the one of what the calendar showed."""
    shown = narrowed()
    chosen = [_feed(", ".join(shown.words), f"/kalender.ics?{urlencode(shown.query)}")] if shown.query else []
    feeds = [
        *chosen,
        _feed(gettext("Open meetings"), "/offen.ics"),
        _feed(gettext("Everything in the house"), "/kalender.ics"),
        *(_feed(room.name, f"/raeume/{room.slug}.ics") for room in offered_rooms()),
    ]
    return render_template("public/subscribe.html", feeds=feeds)


def _feed(name: str, path: str) -> FeedAddress:
    scheme, _, host = (current_app.config["PUBLIC_URL"] + LANGUAGES[locale.selected()].prefix).partition("://")
    return FeedAddress(name, f"{scheme}://{host}{path}", f"webcal://{host}{path}")
