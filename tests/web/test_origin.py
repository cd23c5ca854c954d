"""From where forms may be sent, as browsers tell."""

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests import make
from tests.support.app import CheckedClient, Client
from tests.support.browser import press
from tests.support.whole_house import FORMS, WholeHouse
from tests.web.test_methods import addresses, everybody, token_of

__all__ = ["everybody"]

PUBLIC = "https://räume.example.org"


@pytest.fixture
def house(app: Flask) -> None:
    make.house()


@pytest.mark.parametrize(
    ("origin", "site", "is_taken"),
    [
        pytest.param(None, None, True, id="no browser, or an old one"),
        pytest.param("null", "same-origin", True, id="a form of ours: the page sends no referrer"),
        pytest.param("null", None, True, id="the same over plain http"),
        pytest.param("null", "none", True, id="reloaded"),
        pytest.param("https://xn--rume-loa.example.org", "same-origin", True, id="a script of ours"),
        pytest.param("http://localhost", "same-origin", True, id="this machine"),
        pytest.param("null", "cross-site", False, id="a page elsewhere that hides itself"),
        pytest.param("null", "same-site", False, id="another service of the town that hides itself"),
        pytest.param("https://evil.example", "cross-site", False, id="a page elsewhere"),
        pytest.param("https://evil.example", None, False, id="a page elsewhere in an old browser"),
        pytest.param("https://example.org", "same-site", False, id="another service of the town"),
        pytest.param("http://xn--rume-loa.example.org", None, False, id="without https"),
        pytest.param("https://xn--rume-loa.example.org:8443", None, False, id="another port"),
        pytest.param("http://localhost:8000", "same-site", False, id="another service of this machine"),
        pytest.param("https://xn--rume-loa.example.org.evil.example", None, False, id="a name that looks like ours"),
        pytest.param("", "same-origin", False, id="nothing that a browser sends"),
        pytest.param("null", "Same-Origin", False, id="neither"),
    ],
)
def test_forms_are_taken_from_our_own_pages(
    app: Flask, client: Client, house: None, origin: str | None, site: str | None, is_taken: bool
) -> None:
    app.config["PUBLIC_URL"] = PUBLIC
    sent = {"Origin": origin, "Sec-Fetch-Site": site}
    headers = {name: value for name, value in sent.items() if value is not None}

    answer = client.post("/link", data={"csrf_token": token_of(client), "email": "zoe@example.org"}, headers=headers)

    assert answer.status_code == (303 if is_taken else 403)


def test_form_from_elsewhere_is_told_what_to_do(checked_client: CheckedClient, house: None) -> None:
    headers = {"Origin": "https://evil.example"}
    token = token_of(checked_client)

    german, english = (
        checked_client.post(f"{prefix}/link", data={"csrf_token": token}, headers=headers) for prefix in ("", "/en")
    )

    assert "Das kam von einer anderen Seite" in german.text
    assert "That came from another site" in english.text


def test_no_form_acts_from_elsewhere(app: Flask, whole_house: WholeHouse, everybody: Client) -> None:
    before = whole_house.rows(all_of_them=True)
    token = token_of(everybody)
    taken = {}
    for path, rule in addresses(whole_house, app):
        if rule.endpoint in FORMS:
            body = {"csrf_token": token, "version": whole_house.version, **FORMS[rule.endpoint](whole_house)}
            answer = everybody.post(path, data=body, headers={"Origin": "null", "Sec-Fetch-Site": "cross-site"})
            taken[rule.endpoint] = answer.status_code

    assert set(taken.values()) == {403}
    assert whole_house.rows(all_of_them=True) == before


def test_browser_sends_what_we_count_on(page: Page) -> None:
    page.goto("/link")
    page.get_by_label("E-Mail-Adresse").fill("zoe@example.org")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        press(page, page.get_by_role("main").get_by_role("button").inner_text().strip())

    headers = sent.value.all_headers()
    assert (headers.get("origin"), headers.get("sec-fetch-site")) == ("null", "same-origin")
