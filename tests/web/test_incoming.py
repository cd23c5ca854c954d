"""What comes in is bounded and readable before anything looks at it."""

import json

import pytest
from flask import request

from booking.database import db
from booking.models import Draft
from booking.web import incoming
from tests import make
from tests.support.group_page import post
from tests.support.request_form import ONCE, beside


@pytest.fixture
def house(app):
    make.house()
    make.rooms()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/" + "x" * 300, 404, id="long path"),
        pytest.param("/raeume/%00", 404, id="NUL in a path"),
        pytest.param("/raeume/%E2%80%AE", 404, id="turning mark in a path"),
        pytest.param("/anfrage?start=" + "9" * 7994, 200, id="the longest query"),
        pytest.param("/anfrage?start=" + "9" * 7995, 414, id="long query"),
        pytest.param("/en/kalender?von=" + "%20" * 3000, 414, id="long query in English"),
        pytest.param("/api/v1/openapi.json?x=" + "9" * 8000, 414, id="long query to a machine"),
    ],
)
def test_address_is_no_longer_than_any_of_ours(client, house, path, status):
    assert client.get(path).status_code == status


@pytest.mark.parametrize("name", ["Cookie", "X-CSRFToken", "Accept", "Referer"])
def test_header_is_no_longer_than_any_that_is_needed(app, house, name):
    client = app.test_client(use_cookies=False)

    answers = [client.get("/", headers={name: "x" * length}).status_code for length in (8000, 8001)]

    assert answers == [200, 431]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param({"date": "x" * 20_000}, 303, id="the longest text"),
        pytest.param({"date": "x" * 20_001}, 413, id="long text"),
        pytest.param({"x" * 101: ""}, 413, id="long name"),
        pytest.param({f"x{number}": "" for number in range(2001)}, 413, id="many fields"),
    ],
)
def test_form_is_no_larger_than_any_of_ours(checked_client, house, sent, status):
    assert post(checked_client, "/anfrage", "/anfrage", **sent).status_code == status


def test_what_is_too_much_is_told_in_both_languages(checked_client, house):
    pages = [checked_client.get(f"{prefix}/kalender?von={'x' * 9000}") for prefix in ("", "/en")]

    assert [("Das war zu viel" in page.text, "That was too much" in page.text) for page in pages] == [
        (True, False),
        (False, True),
    ]
    assert "xxx" not in pages[0].text + pages[1].text


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("t=%00a%00", "a"),
        ("t=%ED%A0%80", "%ED%A0%80"),  # half a pair of surrogates
        ("t=\xff\xfe", "%FF%FE"),  # no UTF-8, and not percent-encoded
        ("t=Gr\xc3\xb6\xc3\x9fe", "Größe"),  # UTF-8, not percent-encoded
        ("t%00=1", "1"),
    ],
)
def test_text_is_readable_wherever_it_comes_from(app, query, text):
    with app.test_request_context("/", environ_overrides={"QUERY_STRING": query}):
        assert request.args["t"] == request.values["t"] == text
    form = query.encode("latin-1")
    with app.test_request_context("/", method="POST", data=form, content_type="application/x-www-form-urlencoded"):
        assert request.form.get("t", text) == text
    with app.test_request_context("/", headers={"Cookie": "t=a\x00"}):
        assert request.cookies["t"] == "a"


def test_document_is_readable_to_its_ends():
    document = json.loads('{"a\\u0000": ["\\ud800", {"b": "c\\u0000"}, 1, null]}')

    assert incoming.readable(document) == {"a": ["?", {"b": "c"}, 1, None]}


def test_long_text_is_kept_as_it_was_typed_and_its_length_told(asking):
    page = asking.when(ONCE, people="9" * 20_000)
    about = asking.all_of(ONCE, purpose="\u0323\u0301" * 4000)

    assert beside(page, "people") == "Trag eine Zahl ein, zum Beispiel 12."
    assert beside(about, "purpose") == "Das sind 8000 Zeichen. Bitte kürzt es auf höchstens 600."
    assert db.session.scalars(db.select(Draft)).one().data["about"]["purpose"] == ["\u0323\u0301" * 4000]
