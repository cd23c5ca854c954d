"""Walk 15, without scripts: the office closes the house over the holidays, takes it back, and closes it after all; the
lobby says so, the year is counted, the city's website has the dates, and the week is printed."""

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, expect

from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Booking, Room
from tests import make
from tests.support.browser import DESKTOP, PHONE, arriving, check_axe, look, press, shoot, sign_in
from tests.support.mail import MailServer, plain
from tests.support.server import ROOT, Server
from tools.machine import apt_install

pytestmark = pytest.mark.browser

HERE = "/team/haus/sperrzeiten"
WEDNESDAYS = [*(f"2026-12-{day:02}T16:00" for day in (2, 9, 16, 23, 30)), "2027-01-06T16:00"]
THURSDAYS = [f"2026-12-{day:02}T18:30" for day in (3, 10, 17, 24, 31)]
#: What of a printed plan is wider than its place.
CUT_OFF = """() => [...document.querySelectorAll(".plan-sheet *")]
    .filter(each => getComputedStyle(each).display !== "inline" && each.scrollWidth > each.clientWidth + 1)
    .map(each => each.outerHTML.slice(0, 80))"""


@pytest.fixture
def server(idle_server: Server) -> Server:
    """It starts as the year ends."""
    return idle_server


@pytest.fixture
def december(server: Server) -> list[Booking]:
    """Two series of groups, to one date of which nobody came; a cancelled evening, a department, a request."""
    hall, workshop, _ = db.session.scalars(db.select(Room).order_by(Room.position)).all()
    approved = {"status": Status.APPROVED, "email": "netz@example.org"}
    network = make.booking(hall, *WEDNESDAYS, title="Gesundes Städte-Netzwerk", **approved)
    approved["email"] = "code@example.org"
    code = make.booking(hall, *THURSDAYS, group="Code for Bielefeld", title="Code for Bielefeld", **approved)
    make.booking(workshop, "2026-12-08T19:00", status=Status.CANCELLED, group="Utopische Schreibwerkstatt")
    make.initiative("Jugendamt", kind="department")
    make.booking(workshop, "2026-12-15T09:00", group="Jugendamt", title="Teamtag", is_open=False, **approved)
    request = make.booking(hall, "2026-12-28T16:00", group="Ernährungsrat", title="Runder Tisch")
    with transaction():
        code.occurrences[1].no_show = True
    return [network, code, request]


def statuses(booking: Booking) -> str:
    """The first letters of what its dates are."""
    db.session.rollback()
    return "".join(each.status.value[0] for each in booking.occurrences)


def look_at_both(page: Page, name: str) -> None:
    """At a desk and on a phone."""
    look(page, name)
    page.set_viewport_size(PHONE)
    look(page, name)
    page.set_viewport_size(DESKTOP)


def test_house_closes_and_the_year_is_told(
    page_without_js: Page, december: list[Booking], server: Server, smtp: MailServer, tmp_path: Path
) -> None:
    server.start("2026-12-20T10:00")
    page = sign_in(page_without_js, path=f"{HERE}/neu?tag=2026-12-24")
    expect(page.get_by_label("Von", exact=True)).to_have_value("Do, 24. Dezember 2026")
    page.get_by_label("Grund", exact=True).fill("Zwischen den Jahren")
    page.get_by_label("Bis einschließlich").fill("31.12.2026")
    look_at_both(page, "closure-new")
    press(page, "Sperre eintragen")

    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Diese Sperre trifft 3 zugesagte und 1 angefragten Termin")
    decide(page)
    first = page.get_by_role("group", name="Do, 24. Dezember 2026: Code for Bielefeld")
    first.get_by_label("verlegen").check()
    expect(first.get_by_role("group", name="Wohin?")).to_be_visible()
    press(page, "Weiter zu den Mails")
    look_at_both(page, "closure-letters")
    assert [statuses(each) for each in december] == ["aaaaaa", "aaaaa", "r"]
    press(page, "Sperre eintragen und 4 Mails senden")

    expect(page.locator("#decided")).to_contain_text("Gespeichert: Zwischen den Jahren.")
    look_at_both(page, "closures")
    press(page, "Rückgängig")
    expect(page.locator("#said")).to_contain_text("Zurückgenommen: Alles ist wie vorher, und keine Mail geht raus.")
    assert [statuses(each) for each in december] == ["aaaaaa", "aaaaa", "r"]

    page.goto(f"{HERE}/neu?tag=2026-12-24")
    page.get_by_label("Grund", exact=True).fill("Zwischen den Jahren")
    page.get_by_label("Bis einschließlich").fill("31.12.2026")
    press(page, "Sperre eintragen")
    decide(page)
    press(page, "Weiter zu den Mails")
    press(page, "Sperre eintragen und 3 Mails senden")
    assert [statuses(each) for each in december] == ["aaaaca", "aaacc", "d"]

    server.restart("2026-12-24T12:00", undo_seconds=0)
    letters = {each["To"]: each for each in smtp.wait_for(4)}  # and the one that tells the office of its day
    assert "Fällt aus: Gesundes Städte-Netzwerk am Mi, 30. Dezember 2026" in letters["netz@example.org"]["Subject"]
    assert "Fällt aus: Code for Bielefeld, 2 Termine" in letters["code@example.org"]["Subject"]
    for address in ("netz@example.org", "code@example.org", "zoe@example.org"):
        assert "(Zwischen den Jahren)" in " ".join(plain(letters[address]).split())
    page.goto("/lobby")
    expect(page.locator("main")).to_contain_text("Zwischen den Jahren")
    shoot(page, "lobby-closed")

    # Four Wednesdays, and three Thursdays to one of which nobody came.
    page.goto("/team/statistik?jahr=2026")
    external = page.get_by_role("region", name="Nutzung durch externe Akteure")
    expect(external.locator(".figure__number")).to_have_text("6")
    check_axe(page)
    file = page.request.get("/team/statistik/nutzungen.csv?jahr=2026").body().decode("utf-8-sig")
    lines = csv.DictReader(io.StringIO(file), delimiter=";")
    assert [(each["Gruppe"], each["Nutzungen"]) for each in lines] == [
        ("Jugendamt", "1"),
        ("Code for Bielefeld", "2"),
        ("Gesundes Städte-Netzwerk", "4"),
    ]
    report = yaml.safe_load(page.locator("textarea").input_value())
    assert [(each["title"], each["achieved"]) for each in report] == [
        ("Nutzung durch externe Akteure", 6),
        ("Nutzung durch andere Fachämter", 1),
    ]

    week_on_paper(page)
    website_is_built(server, tmp_path)
    server.stop()


def decide(page: Page) -> None:
    """All that are approved cannot take place, and what is asked for is not possible."""
    with arriving(page):
        page.get_by_role("region", name="Zugesagt").get_by_role("button", name="absagen").click()
    page.get_by_role("group", name="Mo, 28. Dezember 2026: Runder Tisch").get_by_label("nicht möglich").check()


def week_on_paper(page: Page) -> None:
    """One sheet of A4 with all that takes place, and nothing of it cut off."""
    page.goto("/team/wochenplan/2026-W51?fuer=team")
    page.emulate_media(media="print")
    plan = page.locator(".plan-sheet")
    for title in ("Teamtag", "Gesundes Städte-Netzwerk", "Code for Bielefeld"):
        expect(plan).to_contain_text(title)
    assert page.evaluate(CUT_OFF) == []
    printed = page.pdf(prefer_css_page_size=True).decode("latin-1")
    assert re.findall(r"/MediaBox \[0 0 ([\d. ]+)\]", printed) == ["841.91998 594.95996"]


def website_is_built(server: Server, folder: Path) -> None:
    """With the lines of our guide, as the city's website does each night; where we are away, the last dates stay."""
    if shutil.which("curl") is None and not apt_install("curl"):
        pytest.fail("The build of the website takes curl (Debian: sudo apt install curl).", pytrace=False)
    (folder / "_data").mkdir()
    command = re.search(r"run: \|\n((?: {4}.+\n)+)", (ROOT / "docs" / "website.md").read_text())
    assert command
    script = command[1].replace("https://rooms.example.org", server.url)

    def built() -> list[str]:
        subprocess.run(["bash", "-ec", script], cwd=folder, check=True, capture_output=True)
        dates = yaml.safe_load((folder / "_data" / "house_events.yml").read_text())
        return [f"{each['date']} {each['title']}" for each in dates]

    dates = ["2027-01-06 Gesundes Städte-Netzwerk"]
    assert built() == dates
    server.stop()
    assert built() == dates
