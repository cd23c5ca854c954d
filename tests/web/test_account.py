"""The own account of one of the team: switching the second step on and off, and where it is demanded."""

import re

import pytest
from flask import Flask

from booking.database import db, transaction
from booking.models import Passkey, StaffMember
from booking.signing_in import codes
from tests import make
from tests.support.app import CheckedClient, Client
from tests.support.codes import code_of, with_app

pytestmark = pytest.mark.usefixtures("noon")

ACCOUNT = "/team/konto"
ANEW = "/team/konto/bestaetigen"


@pytest.fixture
def member(app: Flask) -> StaffMember:
    make.house()
    return make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD, role="admin")


@pytest.fixture
def mine(checked_client: CheckedClient, member: StaffMember) -> CheckedClient:
    """Henrike, signed in a moment ago."""
    checked_client.sign_in(member)
    return checked_client


def long_since(client: Client) -> None:
    """As if the sign-in had been an hour ago."""
    with client.session_transaction() as session:
        session["fs_paa"] -= 3600


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall('name="(csrf_token|setup)" value="([^"]+)"', page))


def shown_key(page: str) -> str:
    return re.search('class="account__key">([A-Z2-7 ]+)<', page)[1]


def shown_codes(page: str) -> list[str]:
    return re.findall(r"<li>(\d{4} \d{4} \d{4})</li>", page)


def add_passkey(member: StaffMember, name: str = "Telefon") -> Passkey:
    with transaction():
        passkey = Passkey(
            member=db.session.get_one(StaffMember, member.id),
            name=name,
            credential_id=name.encode(),
            public_key=b"",
            sign_count=0,
            created_at=make.instant("2026-11-12T10:00"),
        )
        db.session.add(passkey)
    return passkey


def test_app_is_switched_on_with_a_code_and_gives_recovery_codes_once(mine: CheckedClient, member: StaffMember) -> None:
    page = mine.get(ACCOUNT).text
    assert "Zurzeit reicht dein Passwort." in page
    assert f'href="{ACCOUNT}">Henrike</a>' in mine.get("/team").text

    setup = mine.get(f"{ACCOUNT}/app").text
    key = shown_key(setup)
    assert re.fullmatch("([A-Z2-7]{4} ){7}[A-Z2-7]{4}", key)
    assert re.search('<svg class="account__code" role="img" aria-label="QR-Code[^"]+" viewBox="-4 -4', setup)

    page = mine.post(f"{ACCOUNT}/app", data=hidden(setup) | {"code": code_of(key)}).text

    assert "Ab jetzt fragen wir beim Anmelden nach einem Code aus deiner App." in page
    assert len(set(shown_codes(page))) == 10
    page = mine.get(ACCOUNT).text
    assert "Nach dem Passwort fragen wir nach etwas, das nur du hast." in page
    assert "Du hast noch 10." in page
    assert shown_codes(page) == []
    assert key not in page


def test_wrong_code_keeps_the_key_that_was_typed_into_the_app(mine: CheckedClient, member: StaffMember) -> None:
    page = mine.submit(f"{ACCOUNT}/app", {"code": "000000"}, form=f"{ACCOUNT}/app")
    assert (page.status_code, page.text.count("Der Code passt nicht.")) == (422, 2)
    key = shown_key(page.text)

    page = mine.post(f"{ACCOUNT}/app", data=hidden(page.text) | {"code": code_of(key)})

    assert len(shown_codes(page.text)) == 10


def test_set_up_of_another_account_is_worth_nothing(mine: CheckedClient, member: StaffMember, app: Flask) -> None:
    other = CheckedClient(app)
    other.sign_in(make.staff("Jonas"))
    page = other.get(f"{ACCOUNT}/app").text
    fields = hidden(page) | hidden(mine.get(ACCOUNT).text) | {"code": code_of(shown_key(page))}

    answer = mine.post(f"{ACCOUNT}/app", data=fields)

    assert answer.status_code == 400
    assert not member.has_second_factor


@pytest.mark.parametrize("setup", ["", ".", "a.b.c", "ä.ß", "\x00", "x" * 20_000])
def test_set_up_that_is_none_of_ours_is_refused(mine: CheckedClient, member: StaffMember, setup: str) -> None:
    token = hidden(mine.get(ACCOUNT).text)

    assert mine.post(f"{ACCOUNT}/app", data=token | {"setup": setup, "code": "000000"}).status_code == 400


def test_change_ends_all_other_sessions(app: Flask, mine: CheckedClient, member: StaffMember) -> None:
    thief = Client(app)
    thief.sign_in(member)
    assert thief.get("/team").status_code == 200
    with_app(member)
    mine.sign_in(member)
    thief.sign_in(member)

    page = mine.submit(ACCOUNT, form=f"{ACCOUNT}/app/aus")

    assert page.request.path == ACCOUNT
    assert "Wir fragen nicht mehr nach einem Code aus deiner App." in page.text
    assert mine.get("/team").status_code == 200
    assert thief.get("/team").status_code == 302


def test_new_recovery_codes_take_the_place_of_the_old(mine: CheckedClient, member: StaffMember) -> None:
    with_app(member)
    old = codes.new_recovery_codes(member.id)
    mine.sign_in(member)

    page = mine.submit(ACCOUNT, form=f"{ACCOUNT}/ersatzcodes")

    new = [code.replace(" ", "") for code in shown_codes(page.text)]
    assert "Deine alten Ersatzcodes gelten nicht mehr." in page.text
    assert [codes.use_up(member.id, code) for code in (old[0], new[0])] == [False, True]


def test_without_another_factor_there_are_no_recovery_codes(mine: CheckedClient, member: StaffMember) -> None:
    page = mine.get(ACCOUNT).text
    assert f"{ACCOUNT}/ersatzcodes" not in page

    token = hidden(page)
    assert mine.post(f"{ACCOUNT}/ersatzcodes", data=token).location == ACCOUNT
    assert not member.mf_recovery_codes


def test_passkeys_are_listed_and_removed(mine: CheckedClient, member: StaffMember) -> None:
    phone, other = add_passkey(member), add_passkey(make.staff("Jonas"), "Stick")
    codes.new_recovery_codes(member.id)
    page = mine.get(ACCOUNT).text
    assert "angelegt am 12. November 2026" in page.replace("\xa0", " ")
    assert "noch nicht benutzt" in page
    assert "Stick" not in page

    token = hidden(page)
    assert mine.post(f"{ACCOUNT}/passkeys/{other.id}/entfernen", data=token).status_code == 404
    page = mine.submit(ACCOUNT, form=f"{ACCOUNT}/passkeys/{phone.id}/entfernen")

    assert "Damit kann sich niemand mehr anmelden." in page.text
    assert db.session.scalars(db.select(Passkey.name)).all() == ["Stick"]
    db.session.refresh(member)
    assert not member.mf_recovery_codes


def changes(member: StaffMember) -> list[tuple[str, str]]:
    passkey = add_passkey(member)
    posts = ("app", "app/aus", "ersatzcodes", "passkeys", "passkeys/frage", f"passkeys/{passkey.id}/entfernen")
    return [("GET", f"{ACCOUNT}/app"), *(("POST", f"{ACCOUNT}/{post}") for post in posts)]


def test_every_change_wants_a_sign_in_of_the_last_minutes(mine: CheckedClient, member: StaffMember) -> None:
    token = hidden(mine.get(ACCOUNT).text)
    long_since(mine)

    answers = {}
    for method, path in changes(member):
        answers[method, path] = mine.open(path, method=method, data=token).location

    assert answers.pop(("GET", f"{ACCOUNT}/app")) == f"{ANEW}?next={ACCOUNT}/app"
    assert (len(answers), set(answers.values())) == (6, {ANEW})
    db.session.refresh(member)
    assert len(member.passkeys) == 1
    assert mine.get("/team").status_code == 200, "but nobody is signed out"


def test_password_opens_the_way_to_changes_again(mine: CheckedClient, member: StaffMember) -> None:
    long_since(mine)
    page = mine.get(f"{ACCOUNT}/app", follow_redirects=True)
    assert page.request.full_path == f"{ANEW}?next={ACCOUNT}/app"

    page = mine.submit(f"{ANEW}?next={ACCOUNT}/app", {"password": "falsch"}, form=f"{ANEW}?next={ACCOUNT}/app")
    assert (page.status_code, page.text.count("Das ist nicht dein Passwort.")) == (422, 2)
    page = mine.submit(f"{ANEW}?next={ACCOUNT}/app", {"password": make.PASSWORD}, form=f"{ANEW}?next={ACCOUNT}/app")

    assert page.request.path == f"{ACCOUNT}/app"


def test_clock_that_goes_back_asks_for_the_password_and_signs_nobody_out(
    mine: CheckedClient, member: StaffMember
) -> None:
    with mine.session_transaction() as session:
        session["fs_paa"] += 3600

    assert mine.get("/team").status_code == 200
    assert mine.get(f"{ACCOUNT}/app").location == f"{ANEW}?next={ACCOUNT}/app"


@pytest.fixture
def demanded(app: Flask) -> None:
    app.config["SECOND_FACTOR"] = "demanded"


@pytest.mark.usefixtures("demanded")
def test_where_it_is_demanded_nothing_else_can_be_done_before(
    app: Flask, checked_client: CheckedClient, member: StaffMember
) -> None:
    page = checked_client.submit("/team/anmelden", {"email": member.email, "password": make.PASSWORD})
    assert page.request.path == ACCOUNT
    assert "Hier arbeitet niemand nur mit einem Passwort." in page.text

    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("staff.")]
    others = [rule for rule in rules if not rule.rule.startswith(ACCOUNT)]
    token = hidden(page.text)
    for rule in others:
        path = re.sub(r"<int:\w+>", "1", re.sub(r"<any\((\w+).*?>", r"\1", rule.rule)).replace("<reference>", "IO-1")
        for method in rule.methods - {"OPTIONS"}:
            answer = checked_client.open(path, method=method, data=token)
            assert (method, path, answer.location) == (method, path, ACCOUNT)
    assert len(others) > 10

    add_passkey(member)
    assert checked_client.get("/team").status_code == 200


def test_passkeys_are_offered_where_browsers_have_them(mine: CheckedClient, app: Flask, member: StaffMember) -> None:
    assert "data-passkey" in mine.get(ACCOUNT).text

    app.config["PUBLIC_URL"] = "http://127.0.0.1:5000"

    assert "data-passkey" not in mine.get(ACCOUNT).text
    assert "data-passkey" not in CheckedClient(app).get("/team/anmelden").text
    token = hidden(mine.get(ACCOUNT).text)
    for path in (f"{ACCOUNT}/passkeys", f"{ACCOUNT}/passkeys/frage"):
        assert mine.post(path, data=token).status_code == 404


def test_account_speaks_english(mine: CheckedClient, member: StaffMember) -> None:
    add_passkey(member)

    page = mine.get(f"/en{ACCOUNT}").text

    assert "After the password we ask for something that only you have." in page
    assert "made on 12 November 2026" in page.replace("\xa0", " ")
