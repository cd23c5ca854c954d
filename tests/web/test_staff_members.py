"""The page on which admins invite colleagues, and the page on which these choose a password."""

import re
from typing import Any

import pytest
from flask import Flask

from booking.database import db, transaction
from booking.models import Letter, StaffMember
from booking.signing_in import members
from tests import make
from tests.support.app import CheckedClient, Client, Clock

TEAM = "/team/haus/team"
NEW = "Sparren-Senne-Linde-4"


@pytest.fixture
def admin(app: Flask) -> StaffMember:
    make.house()
    return make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD, role="admin")


@pytest.fixture
def mine(checked_client: CheckedClient, admin: StaffMember) -> CheckedClient:
    checked_client.sign_in(admin)
    return checked_client


def colleague(email: str) -> StaffMember:
    db.session.expire_all()
    return db.session.scalars(db.select(StaffMember).where(StaffMember.email == email)).one()


def test_colleague_is_invited_chooses_a_password_and_is_in(mine: CheckedClient, app: Flask, clock: Clock) -> None:
    page = mine.submit(TEAM, {"name": "Kim", "email": "Kim@Bielefeld.de", "role": "reception"}, form=TEAM)
    assert "Die Einladung geht an Kim@bielefeld.de." in page.text
    assert "Eingeladen am 30. November 2026, noch ohne Antwort." in page.text.replace("\xa0", " ")
    kim = colleague("kim@bielefeld.de")
    (letter,) = db.session.scalars(db.select(Letter.id))
    assert "⟦" not in mine.get(f"/team/ausgang/{letter}").text

    path = f"/team/einladung/{members.invitation_token(kim)}"
    client = CheckedClient(app, use_cookies=True)
    assert "Du meldest dich mit kim@bielefeld.de an." in client.get(path).text
    for password, sentence in (("kurz", "mindestens 12 Zeichen"), ("kim-1234567890", "leicht zu erraten")):
        page = client.submit(path, {"name": "Kim Berg", "password": password}, form=path)
        assert (page.status_code, sentence in page.text, password in page.text) == (422, True, False)
        assert 'value="Kim Berg"' in page.text

    page = client.submit(path, {"name": "Kim Berg", "password": NEW}, form=path)

    assert (page.request.path, "Willkommen! Ab jetzt meldest du dich" in page.text) == ("/team/heute", True)
    assert "Rolle: Empfang" in client.get("/team/konto").text
    again = Client(app, use_cookies=True).get(path, follow_redirects=True)
    assert "Diese Einladung gilt nicht mehr" in again.text
    assert again.request.path == "/team/anmelden"


def test_whoever_has_a_second_factor_needs_it_after_a_new_password(
    mine: CheckedClient, admin: StaffMember, app: Flask, clock: Clock
) -> None:
    jonas = make.staff("Jonas", password=make.PASSWORD)
    with transaction():
        db.session.get_one(StaffMember, jonas.id).totp_secret = "there is one"
    mine.submit(TEAM, form=f"{TEAM}/{jonas.id}/einladen")
    path = f"/team/einladung/{members.invitation_token(colleague(jonas.email))}"

    page = Client(app, use_cookies=True).submit(path, {"password": NEW}, form=path)

    assert page.request.path == "/team/anmelden/code"


def test_role_and_second_step_are_changed_and_hold_at_once(mine: CheckedClient, app: Flask) -> None:
    jonas = make.staff("Jonas", password=make.PASSWORD)
    his = Client(app, use_cookies=True)
    his.sign_in(jonas)
    assert his.get("/team").status_code == 200

    page = mine.submit(TEAM, {"role": "team", "needs_second_factor": "yes"}, form=f"{TEAM}/{jonas.id}")
    assert "Gespeichert: Jonas." in page.text
    assert his.get("/team").location == "/team/konto"
    assert "Hier arbeitet niemand nur mit einem Passwort." in his.get("/team/konto").text

    mine.submit(TEAM, {"role": "reception", "needs_second_factor": None}, form=f"{TEAM}/{jonas.id}")
    assert [his.get(path).status_code for path in ("/team", "/team/konto", TEAM)] == [403, 200, 403]


def test_whoever_is_removed_is_out_at_once_and_can_be_invited_again(mine: CheckedClient, app: Flask) -> None:
    jonas = make.staff("Jonas", "jonas@bielefeld.de", password=make.PASSWORD)
    his = Client(app, use_cookies=True)
    his.sign_in(jonas)

    page = mine.submit(TEAM, form=f"{TEAM}/{jonas.id}/entfernen")

    assert "Jonas kann sich nicht mehr anmelden." in page.text
    assert "Nicht mehr dabei" in page.text
    assert his.get("/team").status_code == 302
    mine.submit(TEAM, form=f"{TEAM}/{jonas.id}/einladen")
    assert colleague("jonas@bielefeld.de").active


def test_last_admin_is_told_to_stay(mine: CheckedClient, admin: StaffMember) -> None:
    for form, values in ((f"{TEAM}/{admin.id}/entfernen", {}), (f"{TEAM}/{admin.id}", {"role": "team"})):
        page = mine.submit(TEAM, values, form=form)
        assert "Eine Leitung muss bleiben." in page.text
    assert mine.get(TEAM).status_code == 200


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"name": "", "email": "kim@bielefeld.de"}, "Schreib den Namen dazu."),
    ({"name": "Kim", "email": "kim"}, "Trag eine E-Mail-Adresse ein"),
    ({"name": "Kim", "email": "HENRIKE@bielefeld.de"}, "Diese Adresse hat schon jemand aus dem Team."),
]


@pytest.mark.parametrize(("values", "sentence"), MISTAKES)
def test_mistakes_are_told_and_nobody_is_invited(mine: CheckedClient, values: dict[str, Any], sentence: str) -> None:
    page = mine.submit(TEAM, {**values, "role": "team"}, form=TEAM)

    assert (page.status_code, sentence in page.text) == (422, True)
    assert db.session.scalars(db.select(Letter)).all() == []


def test_account_keeps_name_language_and_what_to_hear_of(mine: CheckedClient, admin: StaffMember) -> None:
    page = mine.submit("/team/konto", {"name": "", "language": "en"}, form="/team/konto")
    assert (page.status_code, "Schreib deinen Namen" in page.text) == (422, True)

    page = mine.submit(
        "/team/konto", {"name": "Henrike Voß", "language": "en", "hears_of_requests": "y"}, form="/team/konto"
    )

    assert "Gespeichert." in page.text
    mine.submit("/team/konto", {}, form="/team/konto")
    saved = colleague(admin.email)
    assert (saved.name, saved.language, saved.hears_of_requests) == ("Henrike Voß", "en", True)


def test_new_password_ends_all_other_sessions(mine: CheckedClient, admin: StaffMember, app: Flask) -> None:
    other = Client(app, use_cookies=True)
    other.sign_in(admin)
    page = mine.submit("/team/konto/passwort", {"password": "x" * 200}, form="/team/konto/passwort")
    assert (page.status_code, "höchstens 128 Zeichen" in page.text) == (422, True)

    page = mine.submit("/team/konto/passwort", {"password": NEW}, form="/team/konto/passwort")

    assert (page.request.path, "Dein neues Passwort gilt." in page.text) == ("/team/konto", True)
    assert other.get("/team").status_code == 302
    signed_in = Client(app, use_cookies=True).submit("/team/anmelden", {"email": admin.email, "password": NEW})
    assert signed_in.request.path == "/team"


def test_pages_speak_english(mine: CheckedClient, admin: StaffMember) -> None:
    assert "No longer here" not in mine.get(f"/en{TEAM}").text
    assert re.search("Admins run the house and this list too", mine.get(f"/en{TEAM}").text)
    assert "Role: Admin" in mine.get("/en/team/konto").text
