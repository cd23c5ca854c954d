"""A series is approved in part: a suggestion for one date, taken back, made again, and accepted by the group."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from booking.database import db
from booking.domain.status import Status
from booking.models import Booking, Contact, Room
from tests import make
from tests.support.browser import NewPage, arriving, check_axe, press, shoot, sign_in
from tests.support.mail import MailServer, plain
from tests.support.server import Server

pytestmark = pytest.mark.browser

HERE = "/team/anfragen/IO-26-0142"
TAKEN = {"2027-02-24": "KI-Meetup", "2027-03-17": "Chor", "2027-04-14": "KI-Meetup"}
WEDNESDAYS = [
    f"2027-{month:02}-{day:02}"
    for month, days in {
        1: (6, 13, 20, 27),
        2: (3, 10, 17, 24),
        3: (3, 10, 17, 24, 31),
        4: (7, 14, 21, 28),
        5: (5, 12, 19, 26),
        6: (2, 16, 23, 30),
    }.items()
    for day in days
]
SUBJECT = "Zum Teil zugesagt: Arbeitsgruppen, 22 von 25 Terminen (IO-26-0142)"


@pytest.fixture
def request_(server: Server) -> Booking:
    """25 Wednesdays in the hall, three of them taken."""
    hall = db.session.scalars(db.select(Room).where(Room.name == "Große Fläche")).one()
    for day, title in TAKEN.items():
        make.booking(hall, f"{day}T16:30", minutes=90, status=Status.APPROVED, group=title, title=title)
    return make.booking(hall, *[f"{day}T16:00" for day in WEDNESDAYS], reference="IO-26-0142", title="Arbeitsgruppen")


def words(page: Page, selector: str = "main") -> str:
    return " ".join(page.locator(selector).inner_text().split())


def day(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name)


def states(booking: Booking) -> dict[str, int]:
    db.session.rollback()
    found = [date.status.value for date in booking.occurrences]
    return {status: found.count(status) for status in sorted(set(found))}


def test_office_approves_in_part_takes_it_back_and_the_group_accepts_the_suggestion(
    new_page: NewPage, request_: Booking, smtp: MailServer
) -> None:
    office = sign_in(new_page(), path=HERE)
    open_panel(office)
    read_the_letter(office)
    press(office, "22 zusagen, 1 vorschlagen, 2 nicht möglich: Mail senden")
    expect(office.locator("#decided")).to_be_focused()
    expect(office.locator("#decided")).to_contain_text(
        "22 Termine zugesagt. 1 Vorschlag gemacht. 2 Termine nicht möglich. Mail geht in"
    )
    check_axe(office)
    shoot(office, "partial-decided")

    press(office, "Rückgängig")
    expect(office.locator("#said")).to_have_text(
        re.compile("Zurückgenommen: 25 Termine sind wieder offen. Es ging keine Mail raus.")
    )
    assert states(request_) == {"requested": 25}
    office.goto("/team/ausgang")
    expect(office.get_by_role("table").get_by_text("angehalten")).to_have_count(1)
    assert smtp.messages == []

    office.goto(HERE)
    open_panel(office)
    press(office, "22 zusagen, 1 vorschlagen, 2 nicht möglich: Mail senden")
    expect(office.locator("#decided")).to_be_visible()
    press(office, "Jetzt senden")
    expect(office.locator("#said")).to_be_visible()
    (letter,) = smtp.wait_for(1)
    assert letter["Subject"] == SUBJECT
    assert states(request_) == {"approved": 22, "declined": 2, "proposed": 1}

    visitor = new_page()
    assert [is_in_calendar(visitor, each) for each in ("2027-01-06", "2027-02-24", "2027-04-14")] == [
        True,
        False,
        False,
    ]

    group = new_page()
    accept_suggestion(group, plain(letter))
    assert states(request_) == {"approved": 23, "declined": 2}
    assert is_in_calendar(visitor, "2027-04-14")

    office.goto(HERE)
    told = words(office, ".log")
    assert "Gruppe: 1 Vorschlag angenommen" in told
    assert told.count("Henrike: 22 Termine zugesagt, 1 Vorschlag gemacht, 2 Termine nicht möglich") == 2
    assert "Henrike: 25 Termine wieder offen" in told
    check_axe(office)


def open_panel(page: Page) -> None:
    """All that is free, two declined, and for one what is free later that day."""
    for name in ("Mittwoch, 24. Februar 2027", "Mittwoch, 17. März 2027"):
        day(page, name).locator("label", has_text="nicht möglich").click()
    day(page, "Mittwoch, 14. April 2027").locator("label", has_text="vorschlagen").click()
    expect(page.get_by_role("button", name="Nicht möglich … (2)")).to_be_visible()
    expect(page.get_by_role("button", name="Vorschlag machen (1)")).to_be_visible()
    page.get_by_role("button", name="Alle freien zusagen (22)").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", level=1)).to_be_focused()
    dialog.locator("label", has_text="18:30 bis 20:30 Uhr").click()
    expect(dialog.locator(".letter__text")).to_contain_text("18:30 bis 20:30 Uhr statt 16:00 bis 18:00 Uhr")


def read_the_letter(page: Page) -> None:
    check_axe(page)
    shoot(page, "partial-panel", full_page=False)
    letter = words(page, "dialog .letter")
    assert SUBJECT in letter
    assert "Zugesagt (22): Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche" in letter
    assert "Nicht möglich (2): Mi, 24. Februar 2027: Der Raum ist zu dieser Zeit schon vergeben." in letter
    suggested = "Mi, 14. April 2027: 18:30 bis 20:30 Uhr statt 16:00 bis 18:00 Uhr, Große Fläche"
    assert f"Vorschlag von uns (1), bitte antworte bis Mo, 7. Dezember 2026: {suggested}" in letter


def is_in_calendar(page: Page, day: str) -> bool:
    page.goto(f"/kalender/tag/{day}")
    return "Arbeitsgruppen" in words(page).replace("\u00ad", "")


def accept_suggestion(page: Page, body: str) -> None:
    found = re.search(r"http://127\.0\.0\.1:\d+(/a/[\w-]{43})\s", body)
    assert found, body
    page.goto(found.group(1))
    check_axe(page)
    with arriving(page):
        page.get_by_role("button", name="Vorschlag annehmen").click()
    expect(page.get_by_role("button", name="Vorschlag annehmen")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_evening_group_gets_a_key_that_nobody_else_hears_of(
    server: Server, new_page: NewPage, smtp: MailServer
) -> None:
    workshop = db.session.scalars(db.select(Room).where(Room.name == "Werkstatt")).one()
    mobile = "0170 5550142"
    contact = Contact(
        name="Zoë Müller", email="zoe@example.org", phone=None, onsite_name="Can Yıldız", onsite_phone=mobile
    )
    make.booking(
        workshop,
        "2026-12-10T19:00",
        reference="IO-26-0142",
        title="Abendtreffen",
        way_in="need",
        contact=contact,
        people=12,
    )
    office = sign_in(new_page())
    expect(office.locator(".requests")).to_contain_text("braucht Schlüssel")
    office.goto(HERE)
    assert "Außerhalb der Öffnungszeiten, die Gruppe braucht einen Schlüssel" in words(office)
    assert mobile in words(office)
    office.get_by_role("button", name="Alle freien zusagen (1)").click()
    expect(office.get_by_role("dialog").locator(".letter__text")).to_contain_text("Den Schlüssel bekommst du")
    press(office, "1 zusagen und Mail senden")
    press(office, "Jetzt senden")

    office.get_by_label("Nummer").fill("Nord 317")
    press(office, "ausgegeben")

    expect(office.locator("#said")).to_be_focused()
    expect(office.locator("#said")).to_contain_text("Schlüssel Nord 317 ist ausgegeben.")
    assert "Nord 317, ausgegeben am Mo, 30. November 2026" in words(office)
    check_axe(office)
    shoot(office, "key-handed-out")
    (letter,) = smtp.wait_for(1)
    assert "Den Schlüssel bekommst du im Büro, montags bis freitags zwischen 9 und 17 Uhr." in " ".join(
        plain(letter).split()
    )
    visitor = new_page()
    seen = [str(part.get_content()) for part in letter.walk() if not part.is_multipart()]
    assert "BEGIN:VEVENT" in seen[-1]
    for path in ("/kalender/tag/2026-12-10", "/kalender/woche/2026-12-10", "/lobby"):
        visitor.goto(path)
        seen.append(visitor.content())
    assert "Abendtreffen" in seen[-3]
    assert not [each for each in seen if mobile in each or "Nord 317" in each]
