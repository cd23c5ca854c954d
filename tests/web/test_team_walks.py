"""The office decides, in a real browser: with the mouse, with the keyboard, without scripts, and two at once."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Booking, Letter, Occurrence, Room
from tests import make
from tests.support.browser import PHONE, NewPage, arriving, check_axe, check_focus, follow, look, press, shoot, sign_in
from tests.support.mail import MailServer
from tests.support.server import Server

pytestmark = pytest.mark.browser

HERE = "/team/anfragen/IO-26-0142"
LONG = "arbeitsgruppen.gesundes-staedtenetzwerk@example.org"
STICKING_OUT = (
    "[...document.querySelectorAll('.mails :is(th, td)')].filter(c => c.scrollWidth > c.clientWidth + 1).length"
)
DAYS = ["2027-01-06", "2027-01-13", "2027-02-24", "2027-03-17"]


@pytest.fixture
def request_(server: Server) -> Booking:
    """Four Wednesdays: two free, one taken by the office, one that the food council wants too."""
    hall = db.session.scalars(db.select(Room).where(Room.name == "Große Fläche")).one()
    make.booking(hall, "2027-02-24T16:30", minutes=90, status=Status.APPROVED, group="eigenes Team", title="KI-Meetup")
    make.booking(hall, "2027-03-17T16:30", group="Ernährungsrat", title="Runder Tisch", reference="IO-26-0143")
    return make.booking(
        hall, *[f"{day}T16:00" for day in DAYS], reference="IO-26-0142", title="Arbeitsgruppen", email=LONG
    )


def day(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name)


def states(booking: Booking) -> list[str]:
    db.session.rollback()
    return [date.status.value for date in booking.occurrences]


def waiting_letters(booking: Booking) -> int:
    db.session.rollback()
    found = db.session.scalars(db.select(Letter).where(Letter.booking_id == booking.id, Letter.state == "waiting"))
    return len(found.all())


def focused(page: Page) -> str:
    return " ".join(str(page.evaluate("document.activeElement.textContent")).split())


def test_office_decides_and_takes_it_back(page: Page, request_: Booking) -> None:
    sign_in(page)
    check_axe(page)
    shoot(page, "team-inbox")
    follow(page, "Arbeitsgruppen")
    check_axe(page)
    shoot(page, "team-decision", full_page=False)

    day(page, "Mittwoch, 24. Februar 2027").get_by_label("nicht möglich").check()
    expect(page.get_by_role("button", name="Nicht möglich … (1)")).to_be_visible()
    page.get_by_role("button", name="Alle freien zusagen (2)").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="3 Termine entscheiden, 1 offen lassen")).to_be_focused()
    dialog.get_by_label("Grund").select_option(label="eigener Bedarf")
    dialog.get_by_label("Nachricht an die Gruppe").fill("Schön, dass ihr weitermacht!")
    expect(dialog.locator("mark")).to_have_text("Schön, dass ihr weitermacht!")
    expect(dialog.get_by_role("region", name="Genau so geht die Mail raus")).to_contain_text(
        "Wir brauchen den Raum an diesem Tag selbst."
    )
    check_axe(page)
    shoot(page, "team-panel", full_page=False)
    press(page, "2 zusagen, 1 nicht möglich: Mail senden")

    line = page.locator("#decided")
    expect(line).to_contain_text("2 Termine zugesagt. 1 Termin nicht möglich. Mail geht in")
    expect(line).to_be_focused()
    check_axe(page)
    shoot(page, "team-decided", full_page=False)
    assert states(request_) == ["approved", "approved", "declined", "requested"]
    assert waiting_letters(request_) == 1

    press(page, "Rückgängig")

    expect(page.locator("#said")).to_contain_text("Zurückgenommen: 3 Termine sind wieder offen.")
    assert states(request_) == ["requested"] * 4
    assert waiting_letters(request_) == 0
    page.goto("/team/ausgang")
    expect(page.get_by_text(LONG)).to_be_visible()
    assert page.evaluate(STICKING_OUT) == 0
    check_axe(page)
    shoot(page, "team-outbox")


def test_double_click_opens_one_panel(page: Page, request_: Booking) -> None:
    sign_in(page, path=HERE)

    page.get_by_role("button", name="Alle freien zusagen (2)").dblclick()

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="2 Termine entscheiden, 2 offen lassen")).to_be_focused()
    expect(dialog).to_have_count(1)
    dialog.get_by_role("link", name="Zurück zu den Terminen").click()
    expect(dialog).to_have_count(0)
    day(page, "Mittwoch, 24. Februar 2027").get_by_label("nicht möglich").check()
    page.get_by_role("button", name="Nicht möglich … (1)").click()
    dialog.get_by_label("Grund").select_option(label="anderes")
    expect(dialog.get_by_label("Eigener Satz")).to_be_visible()


def test_place_of_ones_own_can_be_written(page: Page, request_: Booking) -> None:
    sign_in(page, path=HERE)
    day(page, "Mittwoch, 24. Februar 2027").get_by_label("vorschlagen").check()
    page.get_by_role("button", name="Vorschlag machen (1)").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Beginn")).to_be_hidden()

    dialog.get_by_label("Etwas anderes").check()

    expect(dialog.get_by_label("Beginn")).to_be_visible()
    dialog.get_by_label("Beginn").fill("19:00")
    dialog.get_by_label("Ende").fill("20:30")
    with arriving(page):
        dialog.locator("[value=send]").click()
    assert states(request_)[2] == "proposed"


def test_keyboard_alone_decides(page: Page, request_: Booking, server: Server, smtp: MailServer) -> None:
    page.goto(HERE)
    for words in ("henrike@bielefeld.de", make.PASSWORD):
        press_to(page, "input:not([type=hidden])")
        page.keyboard.type(words)
    with arriving(page):
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Arbeitsgruppen")

    press_to(page, "[name=step][value=free]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert focused(page) == "Alle freien zusagen (2)"
    approve_with_keys(page)
    page.keyboard.press("Tab")
    assert focused(page) == "Rückgängig"
    with arriving(page):
        page.keyboard.press("Enter")
    expect(page.locator("#said")).to_be_focused()
    assert states(request_) == ["requested"] * 4

    press_to(page, "[name=step][value=free]")
    approve_with_keys(page)
    for _ in range(2):
        page.keyboard.press("Tab")
        check_focus(page)
    assert focused(page) == "Jetzt senden"
    with arriving(page):
        page.keyboard.press("Enter")
    expect(page.locator("#said")).to_be_focused()
    assert states(request_) == ["approved", "approved", "requested", "requested"]
    assert len(smtp.wait_for(1)) == 1


def test_single_keys_do_nothing_until_they_are_switched_on_and_never_in_fields(page: Page, request_: Booking) -> None:
    sign_in(page, path=HERE)
    page.keyboard.press("a")
    assert page.locator("input[name=date]:checked").count() == 0
    page.goto("/team/konto")
    page.get_by_label("Einzelne Tasten tun, was Knöpfe tun").check()
    with arriving(page):
        page.get_by_role("button", name="Speichern").click()
    page.get_by_label("Name").focus()
    page.keyboard.press("?")
    with arriving(page):
        page.locator("h1").click()
        page.keyboard.press("?")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tasten")

    page.goto("/team")
    page.keyboard.press("j")
    page.keyboard.press("j")
    with arriving(page):
        page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text("Arbeitsgruppen")
    page.keyboard.press("a")
    expect(page.locator("input[name=date]:checked")).to_have_count(2)
    page.keyboard.press("Control+a")
    page.keyboard.press("z")
    page.get_by_role("dialog").locator("textarea").first.fill("az")  # letters, in a field
    with arriving(page):
        page.keyboard.press("Control+Enter")
    assert states(request_) == ["approved", "approved", "requested", "requested"]
    with arriving(page):
        page.keyboard.press("u")
    assert states(request_) == ["requested"] * 4
    page.keyboard.press("g")
    with arriving(page):
        page.keyboard.press("h")
    expect(page).to_have_url(re.compile("/team/heute"))


def approve_with_keys(page: Page) -> None:
    """From the button for all free dates on."""
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("heading", level=1)).to_be_focused()
    press_to(page, "dialog [value=send]")
    with arriving(page):
        page.keyboard.press("Enter")
    expect(page.locator("#decided")).to_be_focused()


def press_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there. It is seen all the way; nothing hides below the bar at the bottom."""
    for _ in range(60):
        page.keyboard.press("Tab")
        check_focus(page)
        assert_not_covered(page)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never comes to {selector}")


def assert_not_covered(page: Page) -> None:
    covered = page.evaluate(
        """() => {
            const focus = document.activeElement, bar = document.querySelector(".actions");
            if (!bar || bar.contains(focus) || focus === document.body || focus.closest("dialog")) return false;
            return focus.getBoundingClientRect().bottom > bar.getBoundingClientRect().top + 1
                && focus.getBoundingClientRect().top < bar.getBoundingClientRect().bottom;
        }"""
    )
    assert not covered, f"covered: {focused(page)}"


def test_office_decides_without_scripts(page_without_js: Page, request_: Booking) -> None:
    page = sign_in(page_without_js, path=HERE)
    page.get_by_label("Mi 6.").check()
    day(page, "Mittwoch, 17. März 2027").get_by_label("nicht möglich").check()
    press(page, "Auswahl zusagen")

    expect(page.get_by_role("heading", name="2 Termine entscheiden, 2 offen lassen")).to_be_visible()
    page.get_by_label("Grund").select_option(label="Größe")
    page.get_by_label("Nachricht an die Gruppe").fill("Bis bald!")
    press(page, "Vorschau erneuern")
    expect(page.locator("mark")).to_have_text("Bis bald!")
    shoot(page, "team-panel-without-scripts")
    press(page, "1 zusagen, 1 nicht möglich: Mail senden")

    expect(page.locator("#decided")).to_contain_text("1 Termin zugesagt. 1 Termin nicht möglich.")
    assert states(request_) == ["approved", "requested", "requested", "declined"]


def test_office_decides_on_a_phone(new_page: NewPage, request_: Booking) -> None:
    page = sign_in(new_page(viewport=PHONE), path=HERE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shoot(page, "team-decision-phone")

    page.get_by_role("button", name="Alle freien zusagen (2)").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check_axe(page)
    press(page, "2 zusagen und Mail senden")

    expect(page.locator("#decided")).to_contain_text("2 Termine zugesagt.")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with transaction():
        for letter in db.session.scalars(db.select(Letter)):
            letter.state, letter.error = "failed", "452 4.2.2 Mailbox full"
    page.goto("/team/ausgang")
    look(page, "team-outbox")
    page.set_viewport_size({"width": 800, "height": 900})
    button = page.get_by_role("button", name="Noch einmal senden").bounding_box()
    row = page.locator(".mails__bad").bounding_box()
    assert button
    assert row
    assert row["x"] + row["width"] - button["x"] - button["width"] == pytest.approx(20)


def test_two_of_the_team_decide_on_one_request(
    new_page: NewPage, request_: Booking, server: Server, faults: list[str]
) -> None:
    make.staff("Jonas", "jonas@bielefeld.de", password=make.PASSWORD)
    first, second = sign_in(new_page(), path=HERE), sign_in(new_page(), "jonas@bielefeld.de", HERE)
    first.get_by_role("button", name="Alle freien zusagen").click()
    press(first, "2 zusagen und Mail senden")
    expect(first.locator("#decided")).to_be_visible()

    day(second, "Mittwoch, 24. Februar 2027").get_by_label("nicht möglich").check()
    with arriving(second):
        second.get_by_role("button", name="Nicht möglich").click()

    expect(second.get_by_role("heading", level=1)).to_have_text("Schon entschieden")
    told = second.locator(".stop__head")
    expect(told).to_contain_text(re.compile(r"Geändert um 10:0. Uhr \(Henrike\): 2 Termine zugesagt\."))
    expect(told).to_contain_text("Deine Auswahl wurde nicht gespeichert.")
    check_axe(second)
    shoot(second, "team-stale")
    assert states(request_) == ["approved", "approved", "requested", "requested"]
    assert waiting_letters(request_) == 1
    faults[:] = [fault for fault in faults if "409" not in fault]  # the panel that was refused


def test_two_requests_for_one_time_get_one_room(new_page: NewPage, request_: Booking, server: Server) -> None:
    make.staff("Jonas", "jonas@bielefeld.de", password=make.PASSWORD)
    rival = db.session.scalars(db.select(Booking).where(Booking.reference == "IO-26-0143")).one()
    pages = [sign_in(new_page(), path=HERE), sign_in(new_page(), "jonas@bielefeld.de", "/team/anfragen/IO-26-0143")]
    for page in pages:
        day(page, "Mittwoch, 17. März 2027").get_by_label("Mi, 17. März auswählen").check()
        page.get_by_role("button", name="Auswahl zusagen (1)").click()

    buttons = [page.get_by_role("button", name="1 zusagen und Mail senden") for page in pages]
    for button in buttons:
        expect(button).to_be_visible()
    for button in buttons:
        button.click(no_wait_after=True)

    told = [page.locator("#decided") for page in pages]
    for line in told:
        expect(line).to_be_visible()
    words = sorted(re.search("1 Termin zugesagt|Inzwischen vergeben", line.inner_text())[0] for line in told)
    assert words == ["1 Termin zugesagt", "Inzwischen vergeben"]
    assert sorted([states(request_)[3], *states(rival)]) == ["approved", "requested"]
    at_that_time = Occurrence.start >= make.instant("2027-03-17T00:00")
    approved = db.session.scalars(db.select(Occurrence).where(Occurrence.status == Status.APPROVED, at_that_time))
    assert len(approved.all()) == 1
