"""Who comes in to the team's pages, and that nobody else does."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median
from threading import Barrier
from urllib.parse import quote

import pytest
from flask import Flask
from itsdangerous import TimestampSigner

from booking import create_app
from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import StaffMember
from booking.web.auth import local_path
from tests import make
from tests.support.app import CheckedClient, Client, settings
from tests.web.test_methods import token_of

WRONG = "Das passt nicht zusammen. Prüf E-Mail-Adresse und Passwort."


@pytest.fixture
def member(app: Flask) -> StaffMember:
    make.house()
    return make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD)


def sign_in(client: Client, email: str = "henrike@bielefeld.de", password: str = make.PASSWORD, next_: str = ""):
    path = f"/team/anmelden?next={next_}" if next_ else "/team/anmelden"
    return client.submit(path, {"email": email, "password": password})


def test_sign_in_leads_to_the_page_that_was_wanted(checked_client: CheckedClient, member: StaffMember) -> None:
    wanted = checked_client.get("/team/ausgang")
    assert (wanted.status_code, wanted.location) == (302, "/team/anmelden?next=/team/ausgang")

    page = checked_client.submit(wanted.location, {"email": "HENRIKE@bielefeld.de", "password": make.PASSWORD})

    assert page.request.path == "/team/ausgang"
    assert "Henrike" in page.text


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("HEAD", 200), ("PUT", 405), ("DELETE", 405)])
def test_nothing_but_a_post_signs_in(client: Client, member: StaffMember, method: str, status: int) -> None:
    right = {"email": "henrike@bielefeld.de", "password": make.PASSWORD}
    headers = {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST"}

    answer = client.open("/team/anmelden", method=method, data={**right, "_method": "POST"}, headers=headers)

    assert (answer.status_code, right["email"] in answer.text) == (status, False)
    assert client.get("/team").status_code == 302


@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param("henrike@bielefeld.de", "falsch", id="wrong password"),
        pytest.param("niemand@bielefeld.de", make.PASSWORD, id="unknown address"),
        pytest.param("henrike@bielefeld.de", "x" * 20_000, id="endless password"),
        pytest.param("henrike@bielefeld.de", make.PASSWORD + "\x07", id="password with a control character"),
    ],
)
def test_sign_in_says_the_same_to_whoever_is_wrong(
    checked_client: CheckedClient, member: StaffMember, email: str, password: str
) -> None:
    page = sign_in(checked_client, email, password)

    assert page.status_code == 422
    assert page.text.count(WRONG) == 2  # above the form and beside the field
    assert "<title>Fehler: Anmelden" in page.text
    assert checked_client.get("/team").status_code == 302


def test_sign_in_keeps_the_address_but_never_the_password(checked_client: CheckedClient, member: StaffMember) -> None:
    page = sign_in(checked_client, password="geheim-und-falsch")

    assert 'value="henrike@bielefeld.de"' in page.text
    assert "geheim-und-falsch" not in page.text


def test_sign_in_lets_password_managers_help(checked_client: CheckedClient, member: StaffMember) -> None:
    page = checked_client.get("/team/anmelden").text

    assert re.findall('autocomplete="([a-z-]+)"', page) == ["username", "current-password"]


def test_sign_in_asks_for_what_is_missing(checked_client: CheckedClient, member: StaffMember) -> None:
    page = sign_in(checked_client, "", "")

    assert page.status_code == 422
    assert "Trag deine E-Mail-Adresse ein." in page.text
    assert "Trag dein Passwort ein." in page.text


def test_sign_in_refuses_a_member_who_has_left(checked_client: CheckedClient, member: StaffMember) -> None:
    with transaction():
        db.session.get_one(StaffMember, member.id).active = False

    assert WRONG in sign_in(checked_client).text


def test_sign_in_takes_as_long_for_an_unknown_address(client: Client, member: StaffMember) -> None:
    page = client.get("/team/anmelden").text
    token = re.search('name="csrf_token" value="([^"]+)"', page)[1]

    def seconds(email: str) -> float:
        begin = time.process_time()  # of work, and not of waiting for a busy machine
        client.post("/team/anmelden", data={"csrf_token": token, "email": email, "password": "falsch"})
        return time.process_time() - begin

    pairs = [(seconds("henrike@bielefeld.de"), seconds("niemand@bielefeld.de")) for _ in range(5)]

    known, unknown = (median(column) for column in zip(*pairs, strict=True))
    assert 0.6 < unknown / known < 1.7  # without the work it would be under 0.1


@pytest.mark.parametrize(
    "target",
    ["//e", "/\\e", "\\\\e", "https:e", "https:///e", "////e", "javascript:", "/\t/e", " /x", "/\\\te", "", "/x\ny"],
)
def test_sign_in_leads_to_no_other_site(checked_client: CheckedClient, member: StaffMember, target: str) -> None:
    assert local_path(target) == ""

    page = checked_client.get("/team/anmelden", query_string={"next": target}).text
    token = re.search('name="csrf_token" value="([^"]+)"', page)[1]
    answer = checked_client.post(
        "/team/anmelden",
        query_string={"next": target},
        data={"csrf_token": token, "email": "henrike@bielefeld.de", "password": make.PASSWORD},
    )

    assert answer.location == "/team"


def test_sign_in_stays_in_english(checked_client: CheckedClient, member: StaffMember) -> None:
    page = checked_client.get("/en/team", follow_redirects=True)
    assert page.request.full_path == "/en/team/anmelden?next=/en/team"

    page = checked_client.submit(
        "/en/team/anmelden?next=/en/team", {"email": "henrike@bielefeld.de", "password": make.PASSWORD}
    )

    assert page.request.url == "http://localhost/en/team"
    assert "Sign out" in page.text


def test_sign_in_makes_the_session_anew(client: Client, member: StaffMember) -> None:
    client.get("/team/anmelden")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    before = client.get_cookie("session").value

    sign_in(client)

    assert client.get_cookie("session").value != before
    with client.session_transaction() as session:
        assert "planted" not in session


def test_sign_out_makes_a_copied_cookie_worthless(client: Client, app: Flask, member: StaffMember) -> None:
    sign_in(client)
    copied = client.get_cookie("session").value
    thief = Client(app)
    thief.set_cookie("session", copied)
    assert thief.get("/team").status_code == 200

    page = client.submit("/team", form="/team/abmelden")

    assert page.request.path == "/team/anmelden"
    assert "Du bist abgemeldet." in page.text
    thief.set_cookie("session", copied)
    assert thief.get("/team").status_code == 302
    assert client.get("/team").status_code == 302


def test_session_lasts_twelve_hours_of_idling(client: Client, app: Flask, member: StaffMember) -> None:
    sign_in(client)

    lifetime = app.permanent_session_lifetime
    cookie = client.get_cookie("session")

    assert lifetime.total_seconds() == 12 * 3600
    assert cookie.expires is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"


@pytest.fixture
def limited(member: StaffMember, sqlite_url: str) -> Iterator[Flask]:
    """The application with its limits on, as it is by default."""
    app = create_app({**settings(sqlite_url), "RATE_LIMITS": "on"})
    yield app
    with app.app_context():
        db.engine.dispose()


def test_sign_in_is_limited_per_account_and_address(limited: Flask) -> None:
    make.staff("Jonas", "jonas@bielefeld.de", password=make.PASSWORD)
    client = CheckedClient(limited)

    statuses = [sign_in(client, password="falsch").status_code for _ in range(6)]
    right = sign_in(client)
    other = sign_in(CheckedClient(limited), "jonas@bielefeld.de")

    assert statuses == [422] * 5 + [429]
    assert right.status_code == 429
    assert "Das waren zu viele Versuche. Bitte versuch es in 15 Minuten noch einmal." in right.text
    assert 840 <= int(right.headers["Retry-After"]) <= 901
    assert other.request.path == "/team"


def test_many_guesses_at_once_are_no_more_than_one_by_one(limited: Flask) -> None:
    first = Client(limited)
    form = {"csrf_token": token_of(first), "email": "henrike@bielefeld.de", "password": "falsch"}
    session = first.get_cookie("session").value
    begin = Barrier(24)

    def guess(_number: int) -> int:
        client = Client(limited)
        client.set_cookie("session", session)
        begin.wait()
        return client.post("/team/anmelden", data=form).status_code

    with ThreadPoolExecutor(24) as threads:
        statuses = sorted(threads.map(guess, range(24)))

    assert statuses == [422] * 5 + [429] * 19


def test_signing_in_often_is_no_attack(limited: Flask) -> None:
    pages = [sign_in(Client(limited)).request.path for _ in range(6)]

    assert pages == ["/team"] * 6


def paths_of(app: Flask, method: str) -> list[str]:
    """Addresses of the team's pages, with values that exist."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("staff.") and method in rule.methods]
    paths = [rule.rule.replace("<reference>", "IO-26-0001") for rule in rules]
    return [re.sub(r"<int:\w+>", "1", re.sub(r"<any\((\w+).*?>", r"\1", path)) for path in paths]


def test_every_page_of_the_team_asks_who_it_is(checked_client: CheckedClient, app: Flask, member: StaffMember) -> None:
    found = {path: checked_client.get(path) for path in paths_of(app, "GET")}

    assert len(found) > 10
    assert {path: answer.location for path, answer in found.items()} == {
        path: f"/team/anmelden?next={quote(path)}" for path in found
    }


def test_every_button_of_the_team_needs_the_token_of_its_page(app: Flask, member: StaffMember) -> None:
    request = make.booking(make.room(), "2027-01-06T16:00", reference="IO-26-0001")
    client = CheckedClient(app)
    client.sign_in(member)
    posts = [*paths_of(app, "POST"), "/team/anmelden", "/team/abmelden"]

    values = {"version": 1, "approve": request.occurrences[0].id, "seen": f"{request.occurrences[0].id}:"}
    answers = {path: client.post(path, data=values).status_code for path in posts}

    assert len(answers) > 20
    assert set(answers.values()) == {400}
    assert client.get("/team").status_code == 200
    db.session.refresh(request)
    assert [date.status for date in request.occurrences] == [Status.REQUESTED]


def test_buttons_of_the_team_do_nothing_for_others(app: Flask, member: StaffMember) -> None:
    request = make.booking(make.room(), "2027-01-06T16:00", reference="IO-26-0001")
    client = CheckedClient(app)
    token = re.search('name="csrf_token" value="([^"]+)"', client.get("/team/anmelden").text)[1]

    answers = {path: client.post(path, data={"csrf_token": token, "version": 1}) for path in paths_of(app, "POST")}

    assert {answer.location for answer in answers.values()} == {"/team/anmelden"}
    db.session.refresh(request)
    assert [date.status for date in request.occurrences] == [Status.REQUESTED]


@pytest.mark.parametrize(
    ("ahead", "stays"),
    [
        pytest.param(timedelta(seconds=2), True, id="set back by seconds"),
        pytest.param(timedelta(hours=1), True, id="set back by an hour"),
        pytest.param(timedelta(days=3), False, id="of a time to come"),
        pytest.param(timedelta(hours=-11), True, id="eleven hours old"),
        pytest.param(timedelta(hours=-13), False, id="thirteen hours old"),
    ],
)
def test_clock_that_is_set_back_signs_nobody_out(
    client: Client, member: StaffMember, monkeypatch: pytest.MonkeyPatch, ahead: timedelta, stays: bool
) -> None:
    """The cookie was signed by a clock that was as much ahead of the present one."""
    now = TimestampSigner.get_timestamp
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda signer: now(signer) + int(ahead.total_seconds()))
        client.sign_in(member)

    response = client.get("/team")

    assert (response.status_code == 200) is stays
