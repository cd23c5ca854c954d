"""The team's accounts: who is let in and kept out by command."""

import re

import pytest

from booking import clock
from booking.cli.staff import how_to_sign_in
from booking.database import db, transaction
from booking.models import Passkey, StaffMember
from booking.signing_in import EXAMPLE_ACCOUNT
from tests import make
from tests.support.app import Client

NEW = "Sparren-Senne-Linde-4"


@pytest.fixture
def run(app):
    return lambda *arguments, **options: app.test_cli_runner().invoke(args=list(arguments), **options)


@pytest.fixture
def henrike(app):
    make.house()
    return make.staff("Henrike", "henrike@bielefeld.de", password=make.PASSWORD)


def sign_in(client, email, password):
    """The status of the team's first page after signing in."""
    client.submit("/team/anmelden", {"email": email, "password": password})
    return client.get("/team").status_code


def test_staff_add_lets_a_colleague_in(run, client):
    make.house()

    result = run("staff", "add", "Henrike@Bielefeld.de", "--name", "Henrike", "--password", NEW)

    assert result.output == "Henrike can sign in as henrike@bielefeld.de.\n"
    assert sign_in(client, "henrike@bielefeld.de", NEW) == 200


def test_staff_add_prints_a_link_by_which_a_password_is_chosen_once(run, client):
    make.house()

    result = run("staff", "add", "henrike@bielefeld.de", "--name", "Henrike", "--link")

    (link,) = re.findall(r"http://localhost(/team/einladung/\S+)", result.output)
    assert run("staff", "list").output == "henrike@bielefeld.de  Henrike  (admin)  (cannot sign in)\n"
    client.submit(link, {"name": "Henrike", "password": NEW})
    assert client.get("/team").status_code == 200
    assert "wurde schon angenommen" in client.get(link, follow_redirects=True).text
    refused = run("staff", "add", "jonas@bielefeld.de", "--name", "Jonas", "--link", "--password", NEW)
    assert (refused.exit_code, "Either --link or --password" in refused.output) == (1, True)


def test_first_of_the_team_is_an_admin_and_roles_can_be_given(run, client):
    make.house()
    for name in ("henrike", "jonas"):
        run("staff", "add", f"{name}@bielefeld.de", "--name", name.title(), "--password", NEW)
    run("staff", "add", "kim@bielefeld.de", "--name", "Kim", "--role", "reception", "--password", NEW)
    assert run("staff", "list").output == (
        "henrike@bielefeld.de  Henrike  (admin)\n"
        "jonas@bielefeld.de  Jonas  (team)\n"
        "kim@bielefeld.de  Kim  (reception)\n"
    )

    result = run("staff", "role", "Jonas@bielefeld.de", "reception")

    assert result.output == "Jonas has the role reception now.\n"
    assert sign_in(client, "jonas@bielefeld.de", NEW) == 403


@pytest.mark.parametrize(
    ("email", "password", "complaint"),
    [
        ("henrike", NEW, "is no e-mail address"),
        ("h@example.org", "elf-Zeichen", "at least 12 characters"),
        ("h@example.org", "x" * 129, "at most 128"),
        ("h@example.org", "abababababab", "easily guessed"),
        ("zoe.weber@example.org", "Zoe.Weber-1234", "easily guessed"),
        ("Henrike@Bielefeld.de", NEW, "known already. For a new password: flask --app app staff password henrike@"),
    ],
)
def test_staff_add_refuses_what_cannot_be_meant(run, henrike, email, password, complaint):
    result = run("staff", "add", email, "--name", "H", "--password", password)

    assert (result.exit_code, complaint in result.output) == (1, True), result.output
    assert [member.email for member in db.session.scalars(db.select(StaffMember))] == ["henrike@bielefeld.de"]


def test_staff_password_ends_the_sessions_of_the_old_one(run, henrike, client, new_client):
    assert sign_in(client, henrike.email, make.PASSWORD) == 200

    result = run("staff", "password", "HENRIKE@bielefeld.de", "--password", NEW)

    sentence = "Henrike has a new password. All sessions of henrike@bielefeld.de have ended.\n"
    assert result.output == sentence
    assert client.get("/team").status_code == 302
    assert [sign_in(new_client(), henrike.email, word) for word in (make.PASSWORD, NEW)] == [302, 200]


def test_staff_disable_ends_sessions_at_once_and_enable_lets_in_again(run, henrike, client, new_client):
    make.staff("Jonas", "jonas@bielefeld.de", password=make.PASSWORD)
    assert sign_in(client, henrike.email, make.PASSWORD) == 200

    assert run("staff", "disable", "henrike@bielefeld.de").output == (
        "Henrike can sign in no more. All sessions of henrike@bielefeld.de have ended.\n"
    )

    assert client.get("/team").status_code == 302
    assert sign_in(new_client(), henrike.email, make.PASSWORD) == 302
    assert run("staff", "list").output == (
        "henrike@bielefeld.de  Henrike  (team)  (cannot sign in)\njonas@bielefeld.de  Jonas  (team)\n"
    )

    assert run("staff", "enable", "henrike@bielefeld.de").output == (
        "Henrike can sign in again as henrike@bielefeld.de.\n"
    )
    assert client.get("/team").status_code == 302  # a session that has ended stays so
    assert sign_in(new_client(), henrike.email, make.PASSWORD) == 200


def test_staff_disable_says_that_nobody_is_left(run, henrike):
    result = run("staff", "disable", "henrike@bielefeld.de")

    assert (result.exit_code, "Nobody can sign in now." in result.output) == (0, True)


@pytest.mark.parametrize("command", [("disable",), ("enable",), ("password", "--password", NEW)])
def test_commands_for_somebody_unknown_say_how_to_see_all(run, henrike, command):
    result = run("staff", *command, "niemand@bielefeld.de")

    assert (result.exit_code, "flask --app app staff list" in result.output) == (1, True)


def test_an_account_is_made_for_the_example_house_alone(app, client):
    make.house()

    assert how_to_sign_in(with_example=False) == (
        "Nobody can sign in yet. Let somebody in: flask --app app staff add name@example.org --link"
    )
    assert db.session.scalars(db.select(StaffMember)).all() == []

    sentence = how_to_sign_in(with_example=True)
    password = sentence.rpartition(" ")[2]
    assert sentence == how_to_sign_in(with_example=True) == f"Sign in as {EXAMPLE_ACCOUNT} with the password {password}"
    assert how_to_sign_in(with_example=False) == "Sign in with your own account."
    assert sign_in(client, EXAMPLE_ACCOUNT, password) == 200


def test_the_account_of_the_example_house_is_worth_nothing_at_a_public_address(app, client):
    make.house()
    password = how_to_sign_in(with_example=True).rpartition(" ")[2]
    app.config["SESSION_COOKIE_SECURE"] = True

    client = Client(app, use_cookies=True)
    page = client.submit("https://localhost/team/anmelden", {"email": "Team@Example.org", "password": password})

    assert page.status_code == 422


def test_the_password_of_the_example_house_is_not_printed_once_it_is_another(run, app):
    how_to_sign_in(with_example=True)

    run("staff", "password", EXAMPLE_ACCOUNT, "--password", NEW)

    assert how_to_sign_in(with_example=True) == "Sign in with your own account."


@pytest.mark.parametrize("command", [("second-factor", "--off"), ("disable",)])
def test_second_factor_of_a_colleague_is_forgotten_by_command(run, henrike, command):
    name, *options = command
    with transaction():
        member = db.session.get_one(StaffMember, henrike.id)
        member.totp_secret, member.mf_recovery_codes = "encrypted", ["encrypted"]
        member.passkeys.append(
            Passkey(name="Telefon", credential_id=b"1", public_key=b"2", sign_count=0, created_at=clock.now())
        )
    before = henrike.fs_uniquifier
    assert run("staff", "list").output == "henrike@bielefeld.de  Henrike  (team)  (second factor)\n"

    assert run("staff", name, *options, "Henrike@bielefeld.de").exit_code == 0

    db.session.refresh(henrike)
    assert (henrike.has_second_factor, henrike.totp_secret, henrike.mf_recovery_codes) == (False, None, [])
    assert db.session.scalars(db.select(Passkey)).all() == []
    assert henrike.fs_uniquifier != before


def test_second_factor_is_not_forgotten_by_the_way(run, henrike):
    result = run("staff", "second-factor", henrike.email)

    assert (result.exit_code, "--off" in result.output) == (2, True)
