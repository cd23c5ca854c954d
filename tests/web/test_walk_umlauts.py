"""Walk 7: whatever a group is called, the same stands on every page, in every letter and on every calendar."""

import csv
import io

import icalendar
import pytest
from playwright.sync_api import expect

from tests.support.browser import PHONE, check_axe, look, press, shoot, sign_in
from tests.support.mail import plain
from tests.support.visitor import Visitor

pytestmark = pytest.mark.browser

GROUP = "Café Çelebi e. V."
NAME = "Zoë Ößterreich-Müller"
TITLES = {
    "signs of all kinds": "Größe zählt: Füße, Straße & Ökologie – „Über-Mut“ 🌱 <b>x</b>",
    "80 characters": "Rindfleischetikettierung, Überwachung; Aufgaben\\Übertragung: der Lesekreis zu 80",
}
SCREENS = ((1920, 1080), (1080, 1920))
#: The title on the screen: whether any of it is cut off, and whether it lies on the screen.
LAID = """title => {
    const box = title.getBoundingClientRect();
    return {
        cut: title.scrollHeight > title.clientHeight + 4,
        sideways: title.scrollWidth > title.clientWidth + 1,
        outside: box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight,
    };
}"""


@pytest.mark.parametrize(
    "title",
    [
        pytest.param(TITLES["signs of all kinds"], id="signs of all kinds"),
        pytest.param(TITLES["80 characters"], id="80 characters", marks=pytest.mark.variant),
    ],
)
def test_title_is_the_same_everywhere(server, new_page, smtp, title):
    group = Visitor(new_page(viewport=PHONE), looks="<b>" in title)
    reference = ask(group, title)
    look(group.page, "umlauts-thanks")

    smtp.wait_for(2)
    (first,), (to_office,) = smtp.to("zoe@example.org"), smtp.to("innovationen@bielefeld.de")
    assert first["Subject"] == f"Eure Anfrage ist da: {reference}, Di, 8. Dezember, 19–21 Uhr"
    assert to_office["Subject"] == f"Neue Anfrage: {reference}, Di, 8. Dezember, 19–21 Uhr"
    assert f"Hallo {NAME}," in plain(first)
    group.open_link_in(first)
    assert_shown(group.page, title)
    look(group.page, "umlauts-status")

    office = new_page()
    approve(office, reference, title)
    smtp.wait_for(3)
    answer = smtp.to("zoe@example.org")[-1]
    assert answer["Subject"] == f"Zugesagt: {title}, am Di, 8. Dezember 2026 ({reference})"
    assert_in_calendar_file(answer, title)

    for path in ("/kalender", "/kalender/tag/2026-12-08", "/kalender/woche/2026-W50"):
        group.open(path)
        assert_shown(group.page, title)
    assert_printed(group.page, "/kalender/woche/2026-W50", title)
    table = group.page.request.get("/daten/termine.csv").text()
    assert title in [row["Titel"] for row in csv.DictReader(io.StringIO(table))]
    assert_on_the_screens(server, new_page, title)


def ask(group, title):
    """The reference; on the way, the form keeps what was typed."""
    page = group.page
    group.open("/anfrage")
    group.tell_when("Einmal", "8.12.2026", "19", "21", "12", "Werkstatt")
    group.press("Weiter")
    group.tell_about_us({"Wie heißt euer Treffen?": title, "Wer trifft sich?": GROUP, "Wie heißt du?": NAME})
    group.press("Weiter")
    group.follow("Zurück")
    typed = [group.field(label).input_value() for label in ("Wie heißt euer Treffen?", "Wer trifft sich?")]
    assert typed == [title, GROUP]
    group.press("Weiter")
    for said in (title, GROUP, NAME):
        assert_shown(page, said)
    look(page, "umlauts-check")
    return group.send()


def assert_shown(page, text):
    """As text: no letter changed, nothing in it taken for HTML."""
    assert text in " ".join(page.locator("body").inner_text().replace("\u00ad", "").split()), page.url
    assert page.locator("b", has_text="x").filter(has_not_text="xx").get_by_text("x", exact=True).count() == 0


def approve(page, reference, title):
    sign_in(page, path=f"/team/anfragen/{reference}")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.get_by_role("button", name="Alle freien zusagen (1)").click()
    press(page, "1 zusagen und Mail senden")
    press(page, "Jetzt senden")


def assert_in_calendar_file(letter, title):
    (attached,) = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    raw = attached.get_payload(decode=True)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    escaped = title.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    assert f"SUMMARY:{escaped}\r\n".encode() in raw.replace(b"\r\n ", b"")
    (event,) = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert str(event["SUMMARY"]) == title


def assert_printed(page, path, title):
    page.emulate_media(media="print")
    page.goto(path)
    assert_shown(page, title)
    page.emulate_media(media="screen")


def assert_on_the_screens(server, new_page, title):
    server.restart(now="2026-12-08T18:42")
    phone = new_page(viewport=PHONE)
    phone.goto("/heute")
    assert_shown(phone, title)
    for width, height in SCREENS:
        lobby = new_page(viewport={"width": width, "height": height})
        lobby.goto("/lobby")
        lobby.wait_for_function("() => document.querySelector('.frame').dataset.pages")
        shoot(lobby, f"umlauts-lobby-{height}", full_page=False)
        check_axe(lobby)
        assert_shown(lobby, title)
        laid = lobby.locator(".frame .row .title").evaluate(LAID)
        assert laid == {"cut": False, "sideways": False, "outside": False}
