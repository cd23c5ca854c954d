"""A house below a path of a host name that others share: every way out of a page stays below it."""

import re

import pytest

from booking import create_app
from booking.web.access import cookie_name
from tests import make
from tests.support.app import Client
from tests.web.test_methods import rules

BASE = "/stadt/raeume"
#: What leads somewhere in a page or an answer: attributes, and what scripts ask.
PLACES = re.compile(r"""(?:\s(?:href|src|action|formaction|content|data-[a-z-]+)=|url\()["']?(/[^"'\s)>]*)""")
#: The server's own address, where it stands alone.
OWN = re.compile(r"http://localhost(?!/stadt/raeume)[^\s\"'<\\]*")


@pytest.fixture
def below(app):
    app.config.update(PUBLIC_URL=f"http://localhost{BASE}", SESSION_COOKIE_PATH=BASE)


@pytest.mark.parametrize("prefix", ["", pytest.param("/en", marks=pytest.mark.variant)])
def test_every_address_and_every_link_of_a_page_stay_below_the_path(app, below, whole_house, prefix):
    client = Client(app)
    client.sign_in(make.staff())
    astray, answers = {}, {}
    for rule in rules(app):
        if "GET" not in rule.methods:
            continue
        path = whole_house.address(rule, whole_house.own_token(rule))
        answer = client.get(f"{BASE}{prefix}{path}")
        answers[rule.rule] = answer.status_code
        text = answer.text if answer.mimetype == "text/html" or "xml" in answer.mimetype else ""
        answer.close()  # a file
        out = {place for place in PLACES.findall(text) if not place.startswith((f"{BASE}/", "//")) and place != BASE}
        out |= set(OWN.findall(text))
        location = answer.headers.get("Location", "")
        if location and not location.startswith((f"{BASE}/", "http")):
            out.add(location)
        if out:
            astray[rule.rule] = sorted(out)[:5]

    assert astray == {}
    assert {status for status in answers.values() if status >= 500} == set()
    assert answers["/kalender"] == 200


def test_house_below_a_path_answers_without_it_too_and_keeps_its_cookies_there(app, below, whole_house):
    client = Client(app)

    asked = client.get("/anfrage")

    assert client.get("/readyz").status_code == 200
    assert f'action="{BASE}/anfrage' in asked.text
    cookies = client.get(f"{BASE}/team/anmelden").headers.getlist("Set-Cookie")
    assert cookies
    assert all(f"Path={BASE}" in cookie for cookie in cookies)


@pytest.mark.parametrize(
    ("public_url", "name"),
    [
        ("http://127.0.0.1:5000", "session"),
        ("https://raeume.example.org", "__Host-session"),
        ("https://stadt.example.org/raeume", "__Secure-session"),
    ],
)
def test_cookies_are_named_as_browsers_demand_it(sqlite_url, public_url, name):
    app = create_app({"DATABASE_URL": sqlite_url, "PUBLIC_URL": public_url, "PROXIES": 1}, serving=False)

    assert (cookie_name("session", public_url), app.config["SESSION_COOKIE_NAME"]) == (name, name)
    assert app.config["SESSION_COOKIE_PATH"] == ("/raeume" if name.startswith("__Secure") else "/")
