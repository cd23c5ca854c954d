"""The second step of signing in: nothing of the team's is open between password and code."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from booking import create_app
from booking.database import db, transaction
from booking.models import StaffMember
from booking.signing_in import codes
from tests import make
from tests.support.app import CheckedClient, Client, Clock, settings
from tests.support.codes import code_of, with_app

pytestmark = pytest.mark.usefixtures("noon")

STEP = "/team/anmelden/code"
WRONG = "Der Code passt nicht."
AGAIN = "Fang bitte noch einmal mit dem Passwort an"


@pytest.fixture
def member(app: Flask) -> StaffMember:
    make.house()
    return with_app(make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD))


def type_password(client: Client, path: str = "/team/anmelden", email: str = "henrike@bielefeld.de"):
    return client.submit(path, {"email": email, "password": make.PASSWORD})


def type_code(client: Client, code: str, path: str = STEP):
    return client.submit(path, {"code": code}, form=path)


def test_code_after_the_password_leads_to_the_page_that_was_wanted(
    checked_client: CheckedClient, member: StaffMember
) -> None:
    page = type_password(checked_client, "/team/anmelden?next=/team/ausgang")
    assert page.request.full_path == f"{STEP}?next=/team/ausgang"
    assert re.findall('inputmode="numeric"|autocomplete="one-time-code"', page.text) == [
        'inputmode="numeric"',
        'autocomplete="one-time-code"',
    ]

    code = code_of(member.totp_secret)
    page = type_code(checked_client, f"{code[:3]} {code[3:]}", f"{STEP}?next=/team/ausgang")

    assert page.request.path == "/team/ausgang"
    assert "Henrike" in page.text


def test_between_password_and_code_nothing_is_open(checked_client: CheckedClient, member: StaffMember) -> None:
    type_password(checked_client)

    for path in ("/team", "/team/ausgang", "/team/konto", "/team/konto/app", "/team/konto/bestaetigen"):
        assert checked_client.get(path).location == f"/team/anmelden?next={path}"
    page = checked_client.get("/team/anmelden")
    assert "Abmelden" not in page.text
    with checked_client.session_transaction() as session:
        assert "_user_id" not in session


def test_password_alone_is_as_worthless_as_no_password(checked_client: CheckedClient, member: StaffMember) -> None:
    page = checked_client.get(STEP, follow_redirects=True)
    assert (page.request.path, AGAIN in page.text) == ("/team/anmelden", True)

    token = re.search('name="csrf_token" value="([^"]+)"', page.text)[1]
    page = checked_client.post(
        STEP, data={"csrf_token": token, "code": code_of(member.totp_secret)}, follow_redirects=True
    )

    assert (page.request.path, AGAIN in page.text) == ("/team/anmelden", True)


def test_session_is_made_anew_at_both_steps(client: Client, member: StaffMember) -> None:
    client.get("/team/anmelden")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    type_password(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        session["planted"] = "once more"
    waiting = client.get_cookie("session").value

    type_code(client, code_of(member.totp_secret))

    with client.session_transaction() as session:
        assert not {"planted", "waiting"} & set(session)
    assert client.get("/team").status_code == 200
    client.set_cookie("session", waiting)  # one that was copied, or planted, before the code was typed
    assert client.get("/team").status_code == 302


@pytest.mark.parametrize("code", ["", "000000", "0" * 12, "x" * 20_000, "12345\x00"])
def test_wrong_code_is_refused_with_a_sentence(checked_client: CheckedClient, member: StaffMember, code: str) -> None:
    type_password(checked_client)

    page = type_code(checked_client, code)

    assert page.status_code == 422
    assert page.text.count(WRONG if code else "Trag den Code ein.") == 2
    assert "<title>Fehler: Noch ein Schritt" in page.text
    assert checked_client.get("/team").status_code == 302


def test_code_signs_in_once(app: Flask, member: StaffMember) -> None:
    first, second = CheckedClient(app), CheckedClient(app)
    code = code_of(member.totp_secret)
    for client in (first, second):
        type_password(client)

    pages = [type_code(client, code) for client in (first, second)]

    assert [page.request.path for page in pages] == ["/team", STEP]


def test_recovery_code_signs_in_once_and_as_it_is_printed(app: Flask, member: StaffMember) -> None:
    code = codes.new_recovery_codes(member.id)[0]
    printed = f"{code[:4]} {code[4:8]}-{code[8:]}"
    paths = []
    for _ in range(2):
        client = CheckedClient(app)
        type_password(client)
        paths.append(type_code(client, printed).request.path)

    assert paths == ["/team", STEP]


@pytest.mark.parametrize("later", ["2026-11-30T10:11", "2026-11-30T08:59"], ids=["too late", "clock gone back"])
def test_password_is_good_for_some_minutes(
    checked_client: CheckedClient, member: StaffMember, clock: Clock, later: str
) -> None:
    type_password(checked_client)
    clock.set(later)

    page = checked_client.get(STEP, follow_redirects=True)
    assert (page.request.path, AGAIN in page.text) == ("/team/anmelden", True)

    type_password(checked_client)
    assert type_code(checked_client, code_of(member.totp_secret)).request.path == "/team"


def test_whoever_has_left_meanwhile_is_refused(checked_client: CheckedClient, member: StaffMember) -> None:
    type_password(checked_client)
    with transaction():
        db.session.get_one(StaffMember, member.id).active = False

    page = checked_client.get(STEP, follow_redirects=True)

    assert page.request.path == "/team/anmelden"


def test_second_step_speaks_english(checked_client: CheckedClient, member: StaffMember) -> None:
    page = type_password(checked_client, "/en/team/anmelden")
    assert page.request.path == f"/en{STEP}"
    assert "Now show that it is you." in page.text

    page = type_code(checked_client, "000000", f"/en{STEP}")

    assert "That code does not fit." in page.text


@pytest.fixture
def limited(member: StaffMember, sqlite_url: str) -> Iterator[Flask]:
    """The application with its limits on, as it is by default."""
    app = create_app({**settings(sqlite_url), "RATE_LIMITS": "on"})
    yield app
    with app.app_context():
        db.engine.dispose()


def test_codes_are_limited_for_each_account_wherever_they_come_from(limited: Flask, member: StaffMember) -> None:
    jonas = with_app(make.staff("Jonas", "jonas@bielefeld.de", password=make.PASSWORD))
    statuses = []
    for number in range(6):
        client = CheckedClient(limited)
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        type_password(client)
        statuses.append(type_code(client, "000000").status_code)
    assert statuses == [422] * 5 + [429]

    right, other = CheckedClient(limited), CheckedClient(limited)
    type_password(right)
    page = type_code(right, code_of(member.totp_secret))
    assert (page.status_code, "Das waren zu viele Versuche." in page.text) == (429, True)
    type_password(other, email="jonas@bielefeld.de")
    assert type_code(other, code_of(jonas.totp_secret)).request.path == "/team"


def test_signing_in_often_with_codes_is_no_attack(limited: Flask, member: StaffMember) -> None:
    paths = []
    for code in codes.new_recovery_codes(member.id)[:7]:
        client = Client(limited)
        type_password(client)
        paths.append(type_code(client, code).request.path)

    assert paths == ["/team"] * 7
