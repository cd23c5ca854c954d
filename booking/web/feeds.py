"""What calendar programs, feed readers and the city's website fetch by themselves: the public dates, again and again.

Everybody gets the same, so each answer is tagged and kept (``booking.web.shared``). With time some dates are left out,
so it is another one every day.
"""

from xml.etree import ElementTree

import sqlalchemy as sa
from flask import Blueprint, abort, current_app
from flask_babel import gettext

from booking import clock, ical, published, wording
from booking.house import house, room_rows
from booking.languages import LANGUAGES
from booking.models import Occurrence
from booking.published import PublicDate, public_dates
from booking.web import filters, locale, phrases, shared
from booking.web.narrowed import PARAMETERS, narrowed

bp = Blueprint("feeds", __name__)

#: Entries of the list of news.
NEWS = 100

ATOM = "http://www.w3.org/2005/Atom"


@bp.get("/kalender.ics")
@shared.for_programs("text/calendar", *PARAMETERS)
def all_dates() -> str:
    """Every public date of the house, or what of them is asked for as on the pages of the calendar."""
    shown = narrowed()
    which = [published.open_to_all()] * shown.open_only
    if shown.room_ids:
        which.append(published.in_rooms(shown.rooms))
    return _calendar(", ".join([locale.translated(house(), "site_name"), *shown.words]), *which)


@bp.get("/offen.ics")
@shared.for_programs("text/calendar")
def open_dates() -> str:
    """What everybody may come to."""
    return _calendar(gettext("Open meetings, %(house)s", house=house().name), published.open_to_all())


@bp.get("/raeume/<slug>.ics")
@shared.for_programs("text/calendar")
def room_dates(slug: str) -> str:
    """What is on in one room."""
    room = next((room for room in room_rows().values() if room.slug == slug), None) or abort(404)
    return _calendar(f"{room.name}, {house().name}", published.in_rooms([room]))


@bp.get("/gruppen/<slug>.ics")
@shared.for_programs("text/calendar")
def group_dates(slug: str) -> str:
    """When one group meets; 404 for groups that are not named in public."""
    name = published.group_name(slug) or abort(404)
    return _calendar(f"{name}, {house().name}", published.of_group(slug))


@bp.get("/termine/<int(max=2147483647):date_id>.ics")
@shared.for_programs("text/calendar")
def one_date(date_id: int) -> str:
    """One date that everybody may come to."""
    (date,) = public_dates(Occurrence.id == date_id, published.open_to_all(), most=1) or abort(404)
    return ical.feed_of(date.title, [_entry(date)], locale.selected())


@bp.get("/kalender.atom")
@shared.for_programs("application/atom+xml")
def atom() -> str:
    """What is new in the plan, moved or cancelled, the latest change first (RFC 4287)."""
    now = clock.now()
    dates = public_dates(published.for_feeds(now), Occurrence.end > now)
    latest = sorted(dates, key=lambda each: (each.changed_at, each.id), reverse=True)[:NEWS]
    ElementTree.register_namespace("", ATOM)
    root = ElementTree.Element(f"{{{ATOM}}}feed", {"xml:lang": locale.selected()})
    _add(root, "id", _url("/kalender.atom"))
    _add(root, "title", gettext("What is on %(at_house)s", at_house=filters.the(house(), "at")))
    _add(root, "updated", (latest[0].changed_at if latest else now).isoformat())
    ElementTree.SubElement(root, f"{{{ATOM}}}link", {"rel": "self", "href": _url("/kalender.atom")})
    ElementTree.SubElement(root, f"{{{ATOM}}}link", {"href": _url("/kalender")})
    author = ElementTree.SubElement(root, f"{{{ATOM}}}author")
    _add(author, "name", house().name)
    for each in latest:
        entry = ElementTree.SubElement(root, f"{{{ATOM}}}entry")
        _add(entry, "id", f"{_url(f'/termine/{each.id}')}#{each.sequence}")
        _add(
            entry, "title", f"{gettext('Cancelled:')} {phrases.meeting(each)}" if each.is_off else phrases.meeting(each)
        )
        _add(entry, "updated", each.changed_at.isoformat())
        ElementTree.SubElement(entry, f"{{{ATOM}}}link", {"href": _url(f"/termine/{each.id}")})
        _add(entry, "summary", wording.date_line(each, house().zone, locale.selected()))
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{ATOM}}}{name}").text = text


def _calendar(title: str, *which: sa.ColumnElement[bool]) -> str:
    """The dates as iCalendar, with the page of each."""
    language = locale.selected()
    now = clock.now()
    dates = public_dates(published.for_feeds(now), *which, first=Occurrence.end > now)
    return ical.feed_of(title, [_entry(each) for each in dates], language)


def _entry(date: PublicDate) -> ical.CalendarEntry:
    around = gettext("Doors open at %(time)s.", time=filters.local_clock(date.doors)) if date.doors else ""
    said = " ".join(filter(None, [date.group if date.group != date.title else "", around]))
    return ical.CalendarEntry(date, phrases.meeting(date), said, f"/termine/{date.id}")


def _url(path: str) -> str:
    prefix = LANGUAGES[locale.selected()].prefix
    return f"{current_app.config['PUBLIC_URL']}{prefix}{path}"
