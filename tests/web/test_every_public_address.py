"""Laws over all addresses that everybody may open: they keep what is not public, ask no other host, and load little."""

import gzip
from functools import cache
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from booking.database import db, sqlite_library, transaction
from booking.domain.status import Status
from booking.house import public_changed, rooms
from tests import make
from tests.support.app import Client
from tests.support.whole_house import WholeHouse
from tests.web.test_markup import OURS

SECRET = "Verschwiegen"
#: Texts that everybody may read; of bookings those of open and confirmed ones alone. Another column is a secret.
PUBLIC_TABLES = {"house", "house_file", "room", "part", "closure", "notice"}
PUBLIC = {"booking.title", "booking.url", "initiative.name"}
#: Bookings that are closed, or of which nothing was ever confirmed.
HIDDEN = """NOT is_open OR id NOT IN (SELECT booking_id FROM occurrence WHERE status IN ('approved', 'cancelled'))"""
AT_MOST = 100_000  # bytes of a page and all it loads, packed
#: What a screen shows that has no plan yet: it fills in what it has kept.
WITHOUT_PLAN = {"/lobby/warten", "/en/lobby/warten"}
#: What programs ask for.
QUERIES = {"open_data.occurrences": "?from=2026-01-01&to=2026-12-31", "open_data.occupancy": "?room=grosse-flaeche"}


@pytest.fixture
def guarded(whole_house: WholeHouse) -> WholeHouse:
    """The house with a secret wherever something stands that is not for everybody."""
    make.booking(rooms()[1], "2026-12-09T18:00", status=Status.APPROVED, group="Selbsthilfe", is_open=False)
    with transaction():
        public_changed()
    db.session.remove()
    connection = sqlite_library.connect(db.engine.url.database)
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if table.name in PUBLIC_TABLES or not isinstance(column.type, sa.String) or name in PUBLIC | OURS:
                continue
            unique = " || id" if column.unique else ""
            connection.execute(f"UPDATE {table.name} SET {column.name} = ?{unique}", [SECRET])
    connection.execute(
        f"UPDATE booking SET title = ?, url = 'https://example.org/' || ? WHERE {HIDDEN}", [SECRET, SECRET]
    )
    of_hidden = f"id IN (SELECT initiative_id FROM booking WHERE {HIDDEN})"
    connection.execute(f"UPDATE initiative SET name = ? || id, is_public = 0 WHERE {of_hidden}", [SECRET])
    connection.commit()
    connection.close()
    return whole_house


class Loads(HTMLParser):
    """What a browser fetches for a page by itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.words = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "link" and {"stylesheet", "icon", "preload"} & {*values.get("rel", "").split()}:
            self.found.add(values["href"])
        if tag in ("script", "img", "iframe", "source", "video") and values.get("src"):
            self.found.add(values["src"])
        if tag == "use":
            self.found |= {values["href"].partition("#")[0]} - {""}  # or a drawing of the page itself

    def handle_data(self, data: str) -> None:
        self.words += len(data.split())


def test_public_addresses_keep_secrets_ask_no_other_host_and_load_little(app: Flask, guarded: WholeHouse) -> None:
    client, told, foreign, heavy, empty = Client(app), {}, {}, {}, []

    @cache
    def weight(address: str) -> int:
        with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.status_code == 200, address
            return len(answer.data)

    pages = 0
    for path in _addresses(app, guarded):
        answer = client.get(path)
        assert answer.status_code < 500, path
        text = answer.text
        if SECRET in text:
            told[path] = text[max(0, text.index(SECRET) - 80) :][:160]
        if answer.status_code != 200 or not text.startswith("<!doctype html>"):
            continue
        pages += 1
        loads = Loads(text)
        foreign[path] = {each for each in loads.found if urlsplit(each).netloc}
        heavy[path] = len(gzip.compress(answer.data, 6)) + sum(map(weight, loads.found - foreign[path]))
        if loads.words < 40 and path not in WITHOUT_PLAN:
            empty.append(path)

    assert told == {}
    assert {path: found for path, found in foreign.items() if found} == {}
    assert {path: size for path, size in heavy.items() if size > AT_MOST} == {}
    assert empty == []  # the words are there before any script runs
    assert pages > 40  # else it looked at nothing


def _addresses(app: Flask, house: WholeHouse) -> list[str]:
    """Every address for everybody in each language, with what it leads to."""
    found = []
    for rule in app.url_map.iter_rules():
        audience = getattr(app.view_functions[rule.endpoint], "audience", "")
        if audience == "public" and "GET" in (rule.methods or ()) and rule.endpoint != "static":
            path = house.address(rule, house.tokens["page"]) + QUERIES.get(rule.endpoint, "")
            found += [path, f"/en{path}"]
    return found
