"""What the city's website and search engines read: open dates, a snippet that shows them, and our pages."""

import json
from pathlib import Path
from xml.etree import ElementTree

from babel.units import format_unit
from flask import Blueprint, Response, current_app
from flask_babel import gettext

from booking import clock, published
from booking.house import house, offered_rooms
from booking.languages import DEFAULT
from booking.models import Occurrence
from booking.published import PublicDate, public_dates
from booking.web import locale, shared
from booking.web.access import public

bp = Blueprint("website", __name__)

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
#: Pages that are there in every house.
PAGES = (
    "",
    "/anfrage",
    "/kalender",
    "/kalender/abonnieren",
    "/raeume",
    "/daten",
    "/hilfe",
    "/hausordnung",
    "/barrierefreiheit",
)
#: Addresses that nobody should find by searching: they are a person's, or the team's.
HIDDEN = ("/a/", "/k/", "/uebergabe/", "/team", "/link", "/anfrage/")


@bp.get("/export/oic/events.yml")
@shared.for_programs("application/yaml")
def events() -> str:
    """The open dates to come in the shape of the website's own list of events: YAML whose values are JSON's."""
    return "".join(map(_as_yaml, _coming())) or "[]\n"


@bp.get("/embed/v1.js")
@public
def embed() -> Response:
    """The snippet that shows the next open dates on another website, and leaves its link where anything fails."""
    script = Path(current_app.static_folder or "", "js", "embed.js")
    answer = Response(script.read_bytes(), mimetype="text/javascript")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@bp.get("/robots.txt")
@public
def robots() -> Response:
    """What search engines leave alone."""
    lines = ["User-agent: *", *(f"Disallow: {locale.root()}{path}" for path in HIDDEN)]
    lines += [f"Sitemap: {current_app.config['PUBLIC_URL']}/sitemap.xml", ""]
    return Response("\n".join(lines), mimetype="text/plain")


@bp.get("/sitemap.xml")
@shared.for_programs("application/xml")
def sitemap() -> str:
    """Every page that search engines may show, in each language."""
    ElementTree.register_namespace("", SITEMAP)
    root = ElementTree.Element(f"{{{SITEMAP}}}urlset")
    paths = [*PAGES, *(f"/raeume/{room.slug}" for room in offered_rooms())]
    paths += [f"/termine/{date.id}" for date in _coming()]
    for language in locale.languages_here():
        for path in paths:
            url = ElementTree.SubElement(root, f"{{{SITEMAP}}}url")
            where = ElementTree.SubElement(url, f"{{{SITEMAP}}}loc")
            where.text = f"{current_app.config['PUBLIC_URL']}{language.prefix}{path}"
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _coming() -> list[PublicDate]:
    """The open dates that take place and are not over."""
    dates = public_dates(published.open_to_all(), Occurrence.end > clock.now())
    return [each for each in dates if not each.is_off]


def _as_yaml(date: PublicDate) -> str:
    place, public_url = house(), current_app.config["PUBLIC_URL"]
    start, end = (at.astimezone(place.zone) for at in (date.start, date.end))
    page = f"{public_url}/termine/{date.id}"
    fields = {
        "title": date.title,
        "description": date.group if date.group != date.title else "",
        "date": f"{start:%Y-%m-%d}",
        "time": f"{start:%H:%M}",
        "duration": format_unit((date.end - date.start).total_seconds() / 3600, "duration-hour", locale=DEFAULT),
        "location": f"{place.name}, {date.room.name}, {place.street}",
        "category": gettext("Meeting"),
        "target_audience": gettext("open to everyone"),
        "cost": gettext("free of charge"),
        "booking_url": date.url if date.url.startswith(("https://", "http://")) else page,
        "link_text": gettext("More about it"),
        "featured": False,
        "topic": "",
    }
    told = [f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in fields.items()]
    return "- " + "  ".join(told)
