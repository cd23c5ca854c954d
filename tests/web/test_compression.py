"""What travels, and what a browser or proxy may keep of it."""

import gzip
import zlib

import pytest

from tests import make
from tests.support.app import Client

GZIP = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.fixture
def house(app):
    make.house()
    make.rooms()


def fetch(client: Client, address: str, headers: dict[str, str], method: str = "GET"):
    """As a server does, which closes a file once it is sent."""
    return client.open(address, method=method, headers=headers, buffered=True)


@pytest.mark.parametrize("path", ["/", "/anfrage", "/lobby", "/heute"])
def test_pages_travel_in_gzip_and_say_so(house, client, path):
    plain, packed = fetch(client, path, {}), fetch(client, path, GZIP)

    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert plain.headers["Vary"] == packed.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert "<h1" in gzip.decompress(packed.data).decode()


def test_a_stylesheet_is_kept_for_a_year_and_a_sixth_of_its_size(house, client):
    address = "/static/vendor/kern.css?v=2.7.2"
    plain, packed = fetch(client, address, {}), fetch(client, address, GZIP)

    assert gzip.decompress(packed.data) == plain.data
    assert (packed.headers["Content-Type"], packed.headers["Cache-Control"], packed.headers["Vary"]) == (
        "text/css; charset=utf-8",
        "public, max-age=31536000, immutable",
        "Accept-Encoding",
    )
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 6


@pytest.mark.parametrize("headers", [{}, GZIP], ids=["plain", "gzip"])
def test_what_is_held_already_is_not_sent_again(house, client, headers):
    """Also without the digest in its address, where it is asked about each time."""
    for address in ("/static/css/public.css", "/lobby"):
        first = fetch(client, address, headers)

        again = fetch(client, address, {**headers, "If-None-Match": first.headers["ETag"]})

        assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
        assert (again.headers["ETag"], again.headers["Vary"]) == (first.headers["ETag"], first.headers["Vary"])
        assert again.headers["Cache-Control"] in ("no-cache", "no-store")


def test_compressed_and_plain_files_are_told_apart(house, client):
    tags = [fetch(client, "/static/css/public.css", headers).headers["ETag"] for headers in ({}, GZIP)]

    assert len(set(tags)) == 2


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        pytest.param("/healthz", GZIP, id="a tiny answer"),
        pytest.param("/static/fonts/open-sans-latin.woff2", GZIP, id="a font, which is compressed itself"),
        pytest.param("/", {"Accept-Encoding": "gzip;q=0"}, id="a browser that refuses it"),
        pytest.param("/", {"Accept-Encoding": "br"}, id="a browser that knows another"),
        pytest.param("/static/css/public.css", {**GZIP, "Range": "bytes=0-99"}, id="a part of a file"),
    ],
)
def test_what_gains_nothing_travels_as_it_is(house, client, path, headers):
    answer = fetch(client, path, headers)

    assert (answer.status_code in (200, 206), answer.headers.get("Content-Encoding")) == (True, None)
    assert len(answer.data) == int(answer.headers["Content-Length"])
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_an_answer_that_repeats_what_was_sent_is_not_compressed(house, client):
    client.get("/anfrage")
    page = client.post("/anfrage", data={"date": "morgen?"}, headers=GZIP)

    assert page.status_code != 200
    assert page.headers.get("Content-Encoding") is None


def test_head_answers_as_get_without_its_body(house, client):
    head, get = (fetch(client, "/", GZIP, method) for method in ("HEAD", "GET"))

    assert (head.data, head.headers["Content-Encoding"], head.headers["Vary"]) == (b"", "gzip", get.headers["Vary"])
    assert zlib.decompress(get.data, 31)


def test_a_page_comes_also_while_files_of_its_look_are_missing(house, app, client, tmp_path, monkeypatch):
    monkeypatch.setattr(app, "static_folder", str(tmp_path))

    page = client.get("/")

    assert (page.status_code, 'href="/static/vendor/kern.css"' in page.text) == (200, True)
