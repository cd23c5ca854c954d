"""Open data: the files, and the record by which data portals find them."""

import csv
import io

import pytest
import rdflib
from flask import Flask
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF

from booking.domain.status import Status
from tests import make
from tests.support.app import CheckedClient, Client, Clock
from tests.support.pages import parse, text

THEMES = "http://publications.europa.eu/resource/authority/data-theme/"


def plan(clock: Clock) -> None:
    """A year in which groups met openly and behind closed doors, and a meeting of which one date is off."""
    clock.set("2027-03-01T09:00")
    make.house()
    hall, workshop, _ = make.rooms()
    days = ("2027-01-06", "2027-01-13", "2027-01-20")
    make.booking(hall, *(f"{day}T16:00" for day in days), status=Status.APPROVED, group="Chor", title="=Singen; laut")
    make.booking(workshop, "2027-02-02T18:00", status=Status.APPROVED, group="Selbsthilfe", is_open=False)
    make.booking(workshop, "2027-02-03T18:00", status=Status.APPROVED, group="Selten")
    make.booking(hall, "2027-03-03T16:00", status=Status.APPROVED, group="Chor", title="=Singen; laut")
    make.booking(hall, "2027-03-04T16:00", status=Status.CANCELLED, group="Chor", title="Probe")
    make.booking(hall, "2027-03-05T16:00", status=Status.APPROVED, group="Selbsthilfe", is_open=False)
    make.booking(hall, "2027-03-06T16:00", title="Nur gefragt")


def lines(client: Client, path: str) -> list[list[str]]:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype, answer.headers["Access-Control-Allow-Origin"]) == (
        200,
        "text/csv",
        "*",
    )
    return list(csv.reader(io.StringIO(answer.text)))


def test_files_hold_what_the_public_may_read(app: Flask, clock: Clock) -> None:
    plan(clock)
    client = Client(app)

    head, *uses = lines(client, "/daten/nutzung-2027.csv")
    assert head == ["Datum", "Wochentag", "Beginn", "Ende", "Raum", "Art", "Offen", "Gruppe"]
    assert uses == [
        *(
            [day, "Mittwoch", "16:00", "18:00", "Große Fläche", "Externe Akteure", "offen für alle", "Chor"]
            for day in ("2027-01-06", "2027-01-13", "2027-01-20")
        ),
        ["2027-02-02", "Dienstag", "18:00", "20:00", "Werkstatt", "Externe Akteure", "Geschlossenes Treffen", ""],
        ["2027-02-03", "Mittwoch", "18:00", "20:00", "Werkstatt", "Externe Akteure", "offen für alle", ""],
    ]
    head, *coming = lines(client, "/en/daten/termine.csv")
    assert head[-3:] == ["Group", "Takes place", "Address"]
    assert [[*line[:2], *line[5:8]] for line in coming] == [
        ["2027-03-03", "Wednesday", "'=Singen; laut", "Chor", "yes"],
        ["2027-03-04", "Thursday", "Probe", "Chor", "no"],
    ]
    assert client.get(coming[0][8].removeprefix("http://localhost")).status_code == 200
    assert client.get("/daten/nutzung-2026.csv").status_code == 404


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph")  # rdflib's own
def test_record_is_one_that_portals_can_harvest(app: Flask, clock: Clock) -> None:
    """What DCAT-AP.de demands of catalogue, data sets and distributions, and where the distributions are."""
    plan(clock)
    client = Client(app)
    graph = rdflib.Graph().parse(data=client.get("/daten/dcat.jsonld").text, format="json-ld")

    def one(subject: rdflib.term.Node, *names: rdflib.URIRef) -> list[rdflib.term.Node]:
        found = [list(graph.objects(subject, name)) for name in names]
        assert [len(each) for each in found] == [1] * len(names), (subject, names)
        return [each for (each,) in found]

    (catalogue,) = graph.subjects(RDF.type, DCAT.Catalog)
    sets = set(graph.subjects(RDF.type, DCAT.Dataset))
    assert (sets, len(sets)) == ({*graph.objects(catalogue, DCAT.dataset)}, 2)
    for each in (catalogue, *sets):
        title, description, publisher = one(each, DCTERMS.title, DCTERMS.description, DCTERMS.publisher)
        assert (title.language, description.language) == ("de", "de")
        assert (publisher, RDF.type, FOAF.Agent) in graph
        assert one(publisher, FOAF.name) == [rdflib.Literal("Open Innovation City Bielefeld")]
    for each in sets:
        assert {*graph.objects(each, DCAT.theme)} == {rdflib.URIRef(THEMES + name) for name in ("GOVE", "SOCI")}
        one(each, DCTERMS.identifier, DCTERMS.accrualPeriodicity, DCTERMS.spatial, DCAT.contactPoint, DCAT.landingPage)
    files = {file for each in sets for file in graph.objects(each, DCAT.distribution)}
    assert (files, len(files)) == ({*graph.subjects(RDF.type, DCAT.Distribution)}, 4)
    for file in files:
        access, download, licence, media = one(file, DCAT.accessURL, DCAT.downloadURL, DCTERMS.license, DCAT.mediaType)
        assert access == download == file
        assert str(licence) == "http://dcat-ap.de/def/licenses/dl-by-de/2.0"
        answer = client.get(str(file).removeprefix("http://localhost"))
        assert (answer.status_code, str(media)) == (
            200,
            f"https://www.iana.org/assignments/media-types/{answer.mimetype}",
        )
    assert not [each for each in graph.predicates() if "contributorID" in each]
    app.config["DATA_CONTRIBUTOR"] = "http://dcat-ap.de/def/contributors/bielefeld"
    assert "contributorID" in client.get("/en/daten/dcat.jsonld").text


def test_page_leads_to_the_files_and_names_their_licence(checked_client: CheckedClient, clock: Clock) -> None:
    plan(clock)

    main = parse(checked_client.get("/en/daten").text)[0].find("body/main")
    files = [a.get("href") for a in main.iter("a") if a.get("href").startswith("/en/")]

    assert "/en/daten/nutzung-2027.csv" in files
    assert [path for path in files if checked_client.get(path).status_code != 200] == []
    assert "Datenlizenz Deutschland – Namensnennung – 2.0" in text(main)
