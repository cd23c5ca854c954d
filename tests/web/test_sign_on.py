"""Signing in by the city's accounts, against a provider of OpenID Connect in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask

from booking.database import db, transaction
from booking.models import StaffMember
from tests import make
from tests.support.app import CheckedClient
from tests.support.letters import wait_until
from tests.support.mail import free_port

BEGIN, BACK = "/team/anmelden/stadt", "/team/anmelden/stadt/zurueck"


def ask(url: str, method: str = "GET", body: str = "", kind: str = "application/json") -> tuple[int, str]:
    """Status and Location of an answer, whose redirect is not followed."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=30)
    connection.request(method, f"{parts.path}?{parts.query}", body, {"Content-Type": kind})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers.get("Location", "")


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The issuer."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--require-nonce",
        "true",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers() -> bool:
        with suppress(OSError):
            return ask(f"{url}/.well-known/openid-configuration")[0] == 200
        return False

    wait_until(answers)
    for sub, claims in PEOPLE.items():
        assert ask(f"{url}/users/{sub}", "PUT", json.dumps(claims))[0] == 204
    yield url
    process.kill()
    process.wait()


PEOPLE = {
    "henrike": {"email": "Henrike@Bielefeld.de", "email_verified": True},
    "unverified": {"email": "henrike@bielefeld.de", "email_verified": False},
    "silent": {"email": "henrike@bielefeld.de"},
    "stranger": {"email": "stranger@bielefeld.de", "email_verified": True},
    "gone": {"email": "gone@bielefeld.de", "email_verified": True},
    "nobody": {},
}


@pytest.fixture
def client(app: Flask, provider: str) -> CheckedClient:
    make.house()
    make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD)
    gone = make.staff("Gone", "gone@bielefeld.de")
    with transaction():
        db.session.get_one(StaffMember, gone.id).active = False
    app.config.update(OIDC_ISSUER=provider, OIDC_CLIENT_ID="rooms", OIDC_CLIENT_SECRET="a secret of both")
    return CheckedClient(app, use_cookies=True)


def come_back(client: CheckedClient, sub: str, begin: str = BEGIN) -> str:
    """The way back after signing in there as ``sub``, not gone yet."""
    asked = client.get(begin).location
    status, location = ask(asked, "POST", urlencode({"sub": sub}), "application/x-www-form-urlencoded")
    assert (status, location.startswith(f"http://localhost{BACK}?")) == (302, True)
    return location.removeprefix("http://localhost")


def test_whoever_is_known_there_and_here_is_in(client: CheckedClient) -> None:
    page = client.get("/team/ausgang", follow_redirects=True)
    assert f'href="{BEGIN}?next=/team/ausgang"' in page.text
    asked = parse_qs(urlsplit(client.get(BEGIN).location).query)
    assert asked["scope"] == ["openid email"]
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) > 19 for name in ("code_challenge", "nonce", "state"))

    page = client.get(come_back(client, "henrike", f"/en{BEGIN}?next=/en/team/ausgang"))

    assert (page.status_code, page.location) == (303, "/en/team/ausgang")
    assert ">Henrike</a>" in client.get("/team").text


@pytest.mark.parametrize("sub", ["unverified", "silent", "stranger", "gone", "nobody"])
def test_nobody_else_is_let_in_nor_made_one_of_the_team(client: CheckedClient, sub: str) -> None:
    page = client.get(come_back(client, sub))

    assert (page.status_code, "niemand im Team hat diese Adresse" in page.text) == (422, True)
    assert client.get("/team").status_code == 302
    assert len(db.session.scalars(db.select(StaffMember)).all()) == 2


def test_way_back_is_good_once_and_in_one_browser_alone(client: CheckedClient, app: Flask) -> None:
    back = come_back(client, "henrike")
    thief = CheckedClient(app, use_cookies=True)

    for who, path in (
        (thief, back),
        (client, BACK),
        (client, f"{BACK}?error=access_denied"),
        (client, back.replace("state=", "state=x")),
        (client, back.replace("code=", "code=x")),
    ):
        page = who.get(path)
        assert (page.status_code, "Anmelden über die Stadt hat nicht geklappt." in page.text) == (422, True)
    back = come_back(client, "henrike")
    assert client.get(back).status_code == 303
    client.submit("/team/konto", form="/team/abmelden")
    assert client.get(back).status_code == 422


def test_second_step_is_asked_for_all_the_same(client: CheckedClient) -> None:
    with transaction():
        db.session.execute(db.update(StaffMember).values(totp_secret="there is one"))

    page = client.get(come_back(client, "henrike"), follow_redirects=True)

    assert page.request.path == "/team/anmelden/code"
    assert client.get("/team").status_code == 302


def test_password_is_enough_while_the_city_is_away(client: CheckedClient, app: Flask) -> None:
    app.config["OIDC_ISSUER"] = f"http://127.0.0.1:{free_port()}"

    page = client.get(BEGIN)
    assert (page.status_code, "Anmelden über die Stadt hat nicht geklappt." in page.text) == (422, True)

    page = client.submit("/team/anmelden", {"email": "henrike@bielefeld.de", "password": make.PASSWORD})
    assert page.request.path == "/team"


def test_nothing_of_it_is_there_where_it_is_not_set(client: CheckedClient, app: Flask) -> None:
    app.config["OIDC_ISSUER"] = ""

    assert BEGIN not in client.get("/team/anmelden").text
    assert [client.get(path).location for path in (BEGIN, BACK)] == ["/team/anmelden"] * 2
