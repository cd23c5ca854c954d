"""Nothing but a POST with its token acts: laws over all addresses, found by themselves."""

from collections.abc import Iterator
from itertools import cycle

import pytest
from flask import Flask
from werkzeug.routing import Rule

from booking.extensions import csrf
from tests.support.app import Client
from tests.support.whole_house import FORMS, WholeHouse

OTHERS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
OVERRIDES = {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST", "X-Method-Override": "POST"}

#: What needs no token: it stores nothing and answers everybody the same, or the address itself is the secret, and no
#: cookie adds to it.
WITHOUT_TOKEN = {"api.preview", "api.read_wish", "lobby.pulse"}


@pytest.fixture
def everybody(whole_house: WholeHouse, app: Flask) -> Client:
    """One browser in which a member of the team is signed in, and that holds a group's links as well."""
    client = Client(app)
    client.post("/team/anmelden", data={"csrf_token": token_of(client), **FORMS["auth.send_sign_in"](whole_house)})
    assert client.get("/team").status_code == 200
    return client


def token_of(client: Client) -> str:
    return client.get("/link").text.partition('name="csrf_token" value="')[2].partition('"')[0]


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def addresses(house: WholeHouse, app: Flask) -> Iterator[tuple[str, Rule]]:
    for rule in rules(app):
        yield house.address(rule, house.own_token(rule)), rule


def test_every_view_has_one_method(app: Flask) -> None:
    methods = {rule.endpoint: (rule.methods or set()) - {"HEAD", "OPTIONS"} for rule in rules(app)}

    assert {endpoint: found for endpoint, found in methods.items() if found not in ({"GET"}, {"POST"})} == {}
    assert len(methods) == len(rules(app))


def test_every_form_has_something_to_send(app: Flask) -> None:
    """So that what follows has something to refuse."""
    posts = {rule.endpoint for rule in rules(app) if "POST" in (rule.methods or ())}

    assert posts - set(FORMS) == WITHOUT_TOKEN
    assert set(FORMS) - posts == set()


@pytest.mark.parametrize("each_in_turn", [True, pytest.param(False, marks=pytest.mark.variant)])
def test_nothing_but_a_post_acts(app: Flask, whole_house: WholeHouse, everybody: Client, each_in_turn: bool) -> None:
    """GET, and whatever else there is, in each address; or of what is refused alike one in each, taking turns."""
    turns = cycle(OTHERS)
    before = whole_house.rows(all_of_them=True)
    token = token_of(everybody)
    forms = {rule.rule: FORMS[rule.endpoint] for rule in rules(app) if rule.endpoint in FORMS}
    acted = []
    with whole_house.watched() as has_changed:
        for path, rule in addresses(whole_house, app):
            values = forms[rule.rule](whole_house) if rule.rule in forms else {}
            body = {"csrf_token": token, "version": whole_house.version, **values}
            query, bare = {**body, "_method": "POST"}, path.partition("?")[0]
            if each_in_turn:
                everybody.open(bare, method=next(turns), query_string=query, data=body, headers=OVERRIDES).close()
            for method in ("GET",) if each_in_turn else ("GET", *OTHERS):
                everybody.open(bare, method=method, query_string=query).close()
                everybody.open(path, method=method, data=body, headers=OVERRIDES).close()
            if has_changed() and whole_house.rows(all_of_them=True) != before:
                acted.append(path)
                whole_house.restore()

    assert acted == []
    assert everybody.get("/team").status_code == 200


def test_no_form_acts_without_its_token(app: Flask, whole_house: WholeHouse, everybody: Client) -> None:
    before = whole_house.rows(all_of_them=True)
    taken = {}
    for path, rule in addresses(whole_house, app):
        if rule.endpoint not in FORMS:
            continue
        for token in (None, "", "wrong"):
            body = {"version": whole_house.version, **FORMS[rule.endpoint](whole_house)}
            answer = everybody.post(path, data=body if token is None else {"csrf_token": token, **body})
            if answer.status_code != 400:
                taken[rule.endpoint] = answer.status_code

    assert taken == {}
    assert whole_house.rows(all_of_them=True) == before
    assert {name.rpartition(".web.")[2] for name in csrf._exempt_views} == {
        "api.preview",
        "api.read_wish",
        "lobby.displays.pulse",
    }
