"""What the city's website and search engines read, and the snippet on a page of somebody else."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from flask import Flask
from playwright.sync_api import Browser

from booking.database import db
from booking.domain.status import Status
from booking.models import Booking, Room
from tests import make
from tests.support.app import Client, Clock
from tests.support.server import ROOT, Server

KEYS = [
    *("title", "description", "date", "time", "duration", "location", "category", "target_audience", "cost"),
    *("booking_url", "link_text", "featured", "topic"),
]
TITLE = 'Nähen: "offen" & <b>frei</b> 🪡'


def plan() -> Booking:
    make.house()
    room = make.room()
    open_one = make.booking(
        room,
        "2027-01-13T16:00",
        "2027-01-05T16:00",
        "2027-01-06T16:00",
        minutes=90,
        status=Status.APPROVED,
        title=TITLE,
    )
    make.booking(room, "2027-01-07T16:00", status=Status.APPROVED, title="Verschwiegen", is_open=False)
    make.booking(room, "2027-01-08T16:00", status=Status.CANCELLED, title="Abgesagt")
    make.booking(room, "2027-01-09T16:00", title="Nur gefragt")
    return open_one


def test_events_are_what_the_websites_loop_renders(app: Flask, clock: Clock) -> None:
    clock.set("2027-01-06T09:00")
    booking = plan()

    found = yaml.safe_load(Client(app).get("/export/oic/events.yml").text)

    assert [list(each) for each in found] == [KEYS, KEYS]
    ids = {f"{each.start:%Y-%m-%d}": each.id for each in booking.occurrences}
    assert [(each["title"], each["date"], each["time"], each["duration"], each["booking_url"]) for each in found] == [
        (TITLE, day, "16:00", "1,5 Stunden", f"http://localhost/termine/{ids[day]}")
        for day in ("2027-01-06", "2027-01-13")
    ]
    assert found[0]["location"] == "Innovation Office, Große Fläche, Alter Markt 13"


def test_events_of_an_empty_house_are_a_list(app: Flask) -> None:
    make.house()

    assert yaml.safe_load(Client(app).get("/export/oic/events.yml").text) == []


def test_search_engines_find_public_pages_and_leave_others_alone(app: Flask, clock: Clock) -> None:
    clock.set("2027-01-06T09:00")
    plan()
    client = Client(app)

    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
    places = [each.text or "" for each in ElementTree.fromstring(client.get("/sitemap.xml").text).iter(name)]  # noqa: S314 - our own

    assert sum("/termine/" in each for each in places) == 4  # two dates in two languages
    assert [
        each for each in places if client.get(each.removeprefix("http://localhost") or "/").status_code != 200
    ] == []
    robots = client.get("/robots.txt").text
    assert "Disallow: /a/\n" in robots
    assert "Sitemap: http://localhost/sitemap.xml\n" in robots


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address at which somebody else's server shows it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


PAGE = """<!doctype html><html lang="de"><meta charset="utf-8"><title>Stadt</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {house}; connect-src {house}">
<div data-io-kalender data-tage="14"><a href="{house}/kalender">Alle Treffen</a></div>
<script src="{house}/embed/v1.js" defer></script></html>"""


def test_digest_of_the_snippet_stands_in_the_guide(client: Client) -> None:
    digest = base64.b64encode(hashlib.sha384(client.get("/embed/v1.js").data).digest()).decode()

    assert f'integrity="sha384-{digest}"' in (ROOT / "docs" / "website.md").read_text()


@pytest.mark.browser
def test_snippet_shows_open_dates_on_another_website_and_keeps_its_link(
    server: Server, chromium: Browser, elsewhere: tuple[Path, str]
) -> None:
    room = db.session.scalars(db.select(Room)).first() or make.room()
    make.booking(room, "2027-01-06T16:00", status=Status.APPROVED, title=TITLE)
    server.restart("2027-01-06T09:00")
    folder, address = elsewhere
    (folder / "index.html").write_text(PAGE.format(house=server.url))

    def told(wait_for: str) -> list[str]:
        context = chromium.new_context()
        page = context.new_page()
        page.clock.set_fixed_time("2027-01-06T09:00:00+01:00")
        page.goto(address)
        page.locator(wait_for).first.wait_for()
        found = page.locator("[data-io-kalender]").locator("li, :scope > a").all_inner_texts()
        context.close()
        return found

    assert told("li") == [f"Mi., 6. Januar, 16:00 {TITLE}", "Alle Treffen"]
    server.stop()
    assert told("a") == ["Alle Treffen"]
