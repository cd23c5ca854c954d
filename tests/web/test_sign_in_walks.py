"""The second step of signing in, in a real browser; it plays the authenticator of passkeys itself."""

import re

import pytest
from playwright.sync_api import CDPSession, Page, expect

from booking.database import db, transaction
from booking.models import StaffMember
from booking.signing_in import codes
from tests import make
from tests.support.browser import PHONE, NewPage, arriving, check_axe, check_focus, follow, look, press, shoot, sign_in
from tests.support.server import Server

pytestmark = pytest.mark.browser

BUILT_IN = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
INBOX = re.compile("/team$")


@pytest.fixture
def server(idle_server: Server) -> Server:
    """Browsers have passkeys for names alone, and without https for this machine's."""
    idle_server.host = "localhost"
    idle_server.start()
    return idle_server


def plug_in(page: Page, **options: object) -> tuple[CDPSession, str]:
    """A key, built into the machine unless ``options`` say otherwise; and the number the browser knows it by."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": {**BUILT_IN, **options}})
    return session, added["authenticatorId"]


def register(page: Page, name: str) -> None:
    page.goto("/team/konto")
    page.get_by_label("Wie nennst du ihn?").fill(name)
    press(page, "Passkey anlegen")


def sign_out(page: Page) -> None:
    page.goto("/team/konto")
    press(page, "Abmelden")


def type_password(page: Page) -> None:
    """As Henrike, to whom the second step is left."""
    page.get_by_label("E-Mail-Adresse").fill("henrike@bielefeld.de")
    page.get_by_label("Passwort").fill(make.PASSWORD)
    with arriving(page):
        page.get_by_role("button", name="Anmelden", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Noch ein Schritt")


def test_passkey_signs_in_until_it_is_removed(page: Page) -> None:
    plug_in(page)
    sign_in(page)
    follow(page, "Henrike")
    check_axe(page)
    shoot(page, "account")
    for _ in range(10):
        page.keyboard.press("Tab")
        check_focus(page)

    register(page, "Rechner im Büro")
    expect(page.get_by_role("status")).to_contain_text("Mit dem Passkey „Rechner im Büro“ kannst du dich jetzt")
    expect(page.locator(".account__codes li")).to_have_count(10)
    check_axe(page)
    shoot(page, "account-recovery-codes")
    follow(page, "Ich habe sie aufbewahrt")
    expect(page.locator(".account__keys")).to_contain_text("noch nicht benutzt")

    sign_out(page)
    check_axe(page)
    shoot(page, "sign-in")
    press(page, "Mit Passkey anmelden")
    expect(page).to_have_url(INBOX)
    page.goto("/team/konto")
    expect(page.locator(".account__keys")).to_contain_text("zuletzt benutzt am 30. November 2026")
    check_axe(page)
    shoot(page, "account-with-passkey")

    press(page, "Entfernen: Rechner im Büro")
    sign_out(page)
    press(page, "Mit Passkey anmelden")  # the browser has it still
    expect(page.get_by_role("link", name="Dieser Passkey öffnet hier nichts.")).to_be_visible()
    check_axe(page)
    shoot(page, "sign-in-removed-passkey")
    page.goto("/team")
    expect(page.get_by_role("heading", level=1)).to_have_text("Anmelden")


def test_security_key_is_the_second_step_after_the_password(page: Page) -> None:
    plug_in(page, transport="usb")
    sign_in(page)
    register(page, "Stick")
    sign_out(page)

    type_password(page)
    check_axe(page)
    shoot(page, "second-step")
    press(page, "Mit Passkey anmelden")

    expect(page).to_have_url(INBOX)


def test_passkey_of_somebody_else_does_not_finish_a_sign_in(page: Page, server: Server) -> None:
    make.staff("Jonas", "jonas@bielefeld.de", password=make.PASSWORD)
    session, own = plug_in(page)
    sign_in(page)
    register(page, "Telefon")
    sign_out(page)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": own, "isUserVerified": False})
    with page.expect_response(re.compile("frage")):
        page.get_by_role("button", name="Mit Passkey anmelden").click()
    expect(page.locator("[data-told]")).to_have_text(
        "Das hat nicht geklappt. Versuch es noch einmal oder melde dich ohne Passkey an."
    )
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": own})

    plug_in(page)
    sign_in(page, "jonas@bielefeld.de")
    register(page, "Telefon von Jonas")
    sign_out(page)
    type_password(page)

    press(page, "Mit Passkey anmelden")

    expect(page.get_by_role("heading", level=1)).to_have_text("Noch ein Schritt")
    expect(page.get_by_role("link", name="Dieser Passkey öffnet hier nichts.")).to_be_visible()
    page.goto("/team")
    expect(page.get_by_role("heading", level=1)).to_have_text("Anmelden")


def test_without_scripts_there_is_no_button_for_passkeys(page_without_js: Page) -> None:
    page = page_without_js
    page.goto("/team/anmelden")
    expect(page.get_by_role("button", name="Mit Passkey anmelden")).to_be_hidden()

    sign_in(page, path="/team/konto")

    expect(page.get_by_role("button", name="Passkey anlegen")).to_be_hidden()
    expect(page.get_by_text("Dein Browser kann auf dieser Seite keine Passkeys anlegen.")).to_be_visible()
    follow(page, "App einrichten")
    check_axe(page)
    shoot(page, "account-app")


def test_account_and_recovery_code_on_a_phone_in_english(new_page: NewPage, server: Server) -> None:
    page = new_page(viewport=PHONE, locale="en-GB")
    page.goto("/en/team/konto")
    type_english_password(page)
    look(page, "sign-in")
    with arriving(page):
        page.keyboard.press("Enter")
    for path in ("/en/team/konto", "/en/team/konto/app", "/en/team/konto/bestaetigen"):
        page.goto(path)
        look(page, path.rpartition("/")[2])

    with transaction():
        db.session.get_one(StaffMember, server.member.id).totp_secret = codes.new_secret()
    code = codes.new_recovery_codes(server.member.id)[0]
    page.context.clear_cookies()
    page.goto("/en/team/ausgang")
    type_english_password(page)
    for typed in (None, "123 456", code):
        if typed:
            page.get_by_label("Code", exact=True).fill(typed)
            look(page, f"second-step-{len(typed)}")
        with arriving(page):
            page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/en/team/ausgang$"))


def type_english_password(page: Page) -> None:
    page.get_by_label("E-mail address").fill("henrike@bielefeld.de")
    page.get_by_label("Password").fill(make.PASSWORD)


def test_where_it_is_demanded_all_ways_lead_to_the_account(new_page: NewPage, server: Server) -> None:
    server.restart(second_factor="demanded")
    page = sign_in(new_page(viewport=PHONE), path="/team/ausgang")
    expect(page).to_have_url(re.compile("/team/konto$"))
    look(page, "account-demanded")
    plug_in(page)
    follow(page, "Innovation Office")
    expect(page).to_have_url(re.compile("/team/konto$"))

    register(page, "Telefon")
    look(page, "recovery-codes")
    follow(page, "Innovation Office")

    expect(page).to_have_url(INBOX)
