"""Open data: what the house is used for, as files, and a record by which data portals find them (DCAT-AP.de)."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import Blueprint, abort, current_app, render_template
from flask_babel import gettext

from booking import clock, published, report, wording
from booking.house import house, room_rows
from booking.languages import LANGUAGES
from booking.models import Occurrence, day_of
from booking.published import public_dates
from booking.web import locale, phrases, shared
from booking.web.access import public
from booking.web.tables import TableCell, as_csv

bp = Blueprint("catalogue", __name__)

#: What licences are called that the city may have chosen.
LICENCES = {
    "http://dcat-ap.de/def/licenses/dl-by-de/2.0": "Datenlizenz Deutschland – Namensnennung – 2.0",
    "http://dcat-ap.de/def/licenses/dl-zero-de/2.0": "Datenlizenz Deutschland – Zero – 2.0",
    "http://dcat-ap.de/def/licenses/cc-by/4.0": "Creative Commons BY 4.0",
    "http://dcat-ap.de/def/licenses/cc-zero": "Creative Commons Zero",
}
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatde": "http://dcat-ap.de/def/dcatde/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
AUTHORITY = "http://publications.europa.eu/resource/authority"


class DataFile(NamedTuple):
    """A file of a data set. ``kind``: its format, as people and as the EU's list of file types call it."""

    name: str
    path: str
    kind: str
    media: str


class DataSet(NamedTuple):
    name: str
    about: str
    files: list[DataFile]


@bp.get("/daten", endpoint="page")
@public
@shared.shared(by_minute=False)
def data_page() -> str:
    """What there is, in which files, and who may use it for what."""
    licence = current_app.config["DATA_LICENCE"]
    return render_template(
        "public/data.html", sets=_sets(), licence=licence, licence_name=LICENCES.get(licence, licence)
    )


@bp.get("/daten/termine.csv")
@shared.for_programs("text/csv")
def coming_dates() -> str:
    """The open meetings to come, a line each, those that do not take place among them."""
    head = [
        *_when_head(),
        gettext("Room"),
        gettext("Title"),
        gettext("Group"),
        gettext("Takes place"),
        gettext("Address"),
    ]
    dates = public_dates(published.open_to_all(), Occurrence.end > clock.now())
    address = current_app.config["PUBLIC_URL"] + LANGUAGES[locale.selected()].prefix
    rows = [
        [
            *_when(each.slot),
            *(each.room.name, each.title, each.group),
            gettext("no") if each.is_off else gettext("yes"),
            f"{address}/termine/{each.id}",
        ]
        for each in dates
    ]
    return as_csv(head, rows)


@bp.get("/daten/nutzung-<int:year>.csv")
@shared.for_programs("text/csv")
def uses_of_year(year: int) -> str:
    """What took place in a year, a line for each use; groups by name only as in the published report."""
    if year not in report.years(clock.now()):
        abort(404)
    rooms, kinds = room_rows(), phrases.kind_names()
    head = [*_when_head(), gettext("Room"), gettext("Kind"), gettext("Open"), gettext("Group")]
    rows = [
        [
            *_when(each),
            *(rooms[each.room_id].name, kinds[each.kind]),
            gettext("open to everyone") if each.is_open else gettext("Closed meeting"),
            each.group,
        ]
        for each in report.uses_of(year, clock.now())
    ]
    return as_csv(head, rows)


@bp.get("/daten/dcat.jsonld")
@shared.for_programs("application/ld+json")
def dcat_record() -> str:
    """The record of the data sets, in each language, for portals to harvest."""
    place, root = house(), current_app.config["PUBLIC_URL"]
    publisher = {
        "@id": f"{root}/#publisher",
        "@type": "foaf:Agent",
        "foaf:name": place.operator,
        **({"foaf:homepage": {"@id": place.website}} if place.website else {}),
    }
    return json.dumps(
        {
            "@context": CONTEXT,
            "@id": f"{root}/daten",
            "@type": "dcat:Catalog",
            "dct:title": _literal(gettext("Open data: %(house)s", house=place.name)),
            "dct:description": _literal(gettext("What is on in the house, and what it was used for.")),
            "dct:publisher": publisher,
            "foaf:homepage": {"@id": f"{root}/daten"},
            "dct:language": {"@id": f"{AUTHORITY}/language/DEU"},
            "dcat:dataset": [_as_dcat(each, number) for number, each in enumerate(_sets(), 1)],
        },
        ensure_ascii=False,
    )


def _as_dcat(each: DataSet, number: int) -> dict[str, Any]:
    place, root = house(), current_app.config["PUBLIC_URL"]
    about: dict[str, Any] = {
        "@id": f"{root}/daten#{number}",
        "@type": "dcat:Dataset",
        "dct:identifier": f"{root}/daten#{number}",
        "dct:title": _literal(each.name),
        "dct:description": _literal(each.about),
        "dct:publisher": {"@id": f"{root}/#publisher"},
        "dcat:contactPoint": {
            "@type": "vcard:Organization",
            "vcard:fn": place.name,
            "vcard:hasEmail": {"@id": f"mailto:{place.email}"},
        },
        "dcat:theme": [{"@id": f"{AUTHORITY}/data-theme/{theme}"} for theme in ("GOVE", "SOCI")],
        "dcat:keyword": [_literal(word) for word in (gettext("rooms"), gettext("meetings"), gettext("civil society"))],
        "dct:accrualPeriodicity": {"@id": f"{AUTHORITY}/frequency/DAILY"},
        "dct:spatial": {"@type": "dct:Location", "skos:prefLabel": place.city},
        "dcat:landingPage": {"@id": f"{root}/daten"},
        "dcat:distribution": [_as_distribution(file) for file in each.files],
    }
    contributor = current_app.config["DATA_CONTRIBUTOR"]
    return about | ({"dcatde:contributorID": {"@id": contributor}} if contributor else {})


def _as_distribution(file: DataFile) -> dict[str, Any]:
    address = f"{current_app.config['PUBLIC_URL']}{file.path}"
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dct:title": _literal(file.name),
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        "dct:format": {"@id": f"{AUTHORITY}/file-type/{file.kind}"},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{file.media}"},
        "dct:license": {"@id": current_app.config["DATA_LICENCE"]},
        "dcatde:licenseAttributionByText": _literal(house().operator),
    }


def _literal(text: str) -> dict[str, str]:
    return {"@value": text, "@language": locale.selected()}


def _sets() -> list[DataSet]:
    place = house().name
    years = [
        DataFile(gettext("Uses of %(year)d", year=year), f"/daten/nutzung-{year}.csv", "CSV", "text/csv")
        for year in report.years(clock.now())
    ]
    return [
        DataSet(
            gettext("Open meetings, %(house)s", house=place),
            gettext("What everybody may come to: day, time, room, title and group, those that do not take place too."),
            [
                DataFile(gettext("Open meetings to come"), "/daten/termine.csv", "CSV", "text/csv"),
                DataFile(gettext("Open meetings as a calendar"), "/offen.ics", "ICS", "text/calendar"),
                DataFile(gettext("Dates of a period"), "/api/v1/occurrences", "JSON", "application/json"),
            ],
        ),
        DataSet(
            gettext("Uses, %(house)s", house=place),
            gettext(
                "What took place: day, time, room and kind of group. Closed meetings have no name,"
                " nor have groups that hardly come."
            ),
            years,
        ),
    ]


def _when_head() -> list[str]:
    return [gettext("Date"), gettext("Weekday"), gettext("Begins"), gettext("Ends")]


def _when(times: Any) -> Iterator[TableCell]:
    """Day, weekday, beginning and end of whatever has a start and an end."""
    zone = house().zone
    day = day_of(times.start, zone)
    yield day.isoformat()
    yield wording.weekday(day, locale.selected())
    yield from (f"{at.astimezone(zone):%H:%M}" for at in (times.start, times.end))
