"""The main job from end to end: asked for, mailed, approved, answered with a calendar file, shown in the lobby."""

import re
from datetime import datetime

import icalendar
import pytest
import recurring_ical_events
from playwright.sync_api import Page, expect

from tests import make
from tests.support.browser import NewPage, check_axe, follow, press, shoot, sign_in
from tests.support.mail import MailServer, plain
from tests.support.server import Server

pytestmark = pytest.mark.browser

SENTENCE = "Immer am zweiten Dienstag im Monat, 19:00 bis 21:00 Uhr, vom 8. Dezember 2026 bis 11. Mai 2027 (6 Termine)"
DAYS = ["8. Dezember 2026", "12. Januar 2027", "9. Februar 2027", "9. März 2027", "13. April 2027", "11. Mai 2027"]
LINES = [f"Di, {day}, 19:00 bis 21:00 Uhr, Werkstatt" for day in DAYS]


def choose(page: Page, label: str) -> None:
    page.locator("label").filter(has_text=re.compile(label)).first.click()


def words(page: Page, selector: str = "main") -> str:
    return " ".join(page.locator(selector).inner_text().split())


def go_on(page: Page, heading: str) -> None:
    press(page, "Weiter")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    check_axe(page)


def test_group_asks_office_approves_from_its_mail_and_the_lobby_shows_the_way(
    idle_server: Server, new_page: NewPage, smtp: MailServer
) -> None:
    server = idle_server
    server.restart(now="2026-11-30T10:00")
    group = new_page()
    ask_for_the_second_tuesday(group)
    to_group, to_office = read_first_letters(smtp)

    status = new_page()
    status.goto(link_in(to_group, "/a/"))
    assert SENTENCE in words(status)
    check_axe(status)

    office = new_page()
    approve_from_the_mail(office, link_in(to_office, "/team/anfragen/"))

    read_the_answer(smtp)
    status.reload()
    expect(status.get_by_text("zugesagt", exact=True)).to_have_count(6)
    check_axe(status)
    shoot(status, "status")

    server.restart(now="2026-12-08T18:42")
    for width, height in ((1920, 1080), (1080, 1920)):
        lobby = new_page(viewport={"width": width, "height": height})
        lobby.goto("/lobby")
        shown = words(lobby, "body").replace("\u00ad", "")
        assert "19:00 – 21:00" in shown
        assert "Utopische Schreibwerkstatt" in shown
        assert "Werkstatt EG, links" in shown
        assert "Zoë" not in lobby.content()
        check_axe(lobby)
        shoot(lobby, f"lobby-{width}x{height}", full_page=False)


def ask_for_the_second_tuesday(page: Page) -> None:
    page.goto("/")
    check_axe(page)
    follow(page, "Raum anfragen")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wann trefft ihr euch?")
    check_axe(page)
    choose(page, "Einmal im Monat")
    page.get_by_label("Wann ist das erste Treffen?").fill("Di 8.12.")
    page.get_by_label("Beginn").fill("19")
    page.get_by_label("Ende", exact=True).fill("21 Uhr")
    choose(page, "Für eine bestimmte Anzahl Treffen")
    page.locator("[name=count]").fill("6")
    page.get_by_label("Wie viele seid ihr ungefähr?").fill("12")
    choose(page, "^Werkstatt")
    go_on(page, "Eure Termine")
    told = words(page).replace("\u00a0", " ")
    assert "Der 8. Dezember 2026 ist der zweite Dienstag im Dezember." in told
    assert "Immer am zweiten Dienstag im Monat 8. Dezember 12. Januar 9. Februar 9. März … (6 Termine)" in told
    assert "Alle zwei Wochen am Dienstag 8. Dezember 22. Dezember 5. Januar 19. Januar … (6 Termine)" in told

    choose(page, "^Alle zwei Wochen am Dienstag")
    press(page, "Diese Termine zeigen")
    expect(page.get_by_role("heading", level=1)).to_have_text("Eure Termine")
    assert "16. Februar" in words(page).replace("\u00a0", " ")
    choose(page, "^Immer am zweiten Dienstag im Monat")
    press(page, "Diese Termine zeigen")
    expect(page.get_by_role("heading", level=1)).to_have_text("Eure Termine")

    go_on(page, "Über euch und euer Treffen")
    page.get_by_label("Wie heißt euer Treffen?").fill("Utopische Schreibwerkstatt")
    page.get_by_label("Wer trifft sich?").fill("Utopisches Schreiben")
    choose(page, "^Initiative, Verein")
    page.get_by_label("Worum geht es?").fill("Wir schreiben gemeinsam.")
    choose(page, "^Offen für alle")
    choose(page, "^Jemand von uns hat schon einen Schlüssel")
    page.locator("[name=onsite_name]").fill("Zoë Müller")
    page.locator("[name=onsite_phone]").fill("0170 1234567")
    page.get_by_label("Wie heißt du?").fill("Zoë Müller")
    page.get_by_label("Deine E-Mail-Adresse").fill("zoe@example.org")
    go_on(page, "Alles richtig?")
    assert SENTENCE in words(page).replace("\u00a0", " ")
    choose(page, "Wir haben die Hausordnung gelesen")
    press(page, "Anfrage absenden")
    expect(page.get_by_role("heading", level=1)).to_have_text("Danke, eure Anfrage ist da!")
    assert "IO-26-0001" in words(page)
    check_axe(page)
    shoot(page, "thanks")


def read_first_letters(smtp: MailServer) -> tuple[str, str]:
    smtp.wait_for(2)
    (to_group,), (to_office,) = smtp.to("zoe@example.org"), smtp.to("innovationen@bielefeld.de")
    assert to_group["Subject"] == "Eure Anfrage ist da: IO-26-0001, Di 19–21 Uhr, 6 Termine"
    assert to_office["Subject"] == "Neue Anfrage: IO-26-0001, Di 19–21 Uhr, 6 Termine"
    body = plain(to_group)
    assert SENTENCE in body
    assert [line for line in body.splitlines() if line.endswith("Werkstatt")] == LINES
    assert SENTENCE in plain(to_office)
    return body, plain(to_office)


def link_in(body: str, path: str) -> str:
    found = re.search(rf"http://127\.0\.0\.1:\d+({re.escape(path)}\S+)", body)
    assert found, body
    return found.group(1)


def approve_from_the_mail(page: Page, path: str) -> None:
    sign_in(page, path=path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Utopische Schreibwerkstatt")
    assert SENTENCE in words(page).replace("\u00a0", " ")
    check_axe(page)
    shoot(page, "decision", full_page=False)
    page.get_by_role("button", name="Alle freien zusagen (6)").click()
    press(page, "6 zusagen und Mail senden")
    expect(page.locator("#decided")).to_contain_text("6 Termine zugesagt. Mail geht in")
    press(page, "Jetzt senden")


def read_the_answer(smtp: MailServer) -> None:
    smtp.wait_for(3)
    answer = smtp.to("zoe@example.org")[-1]
    assert answer["Subject"] == "Zugesagt: Utopische Schreibwerkstatt, ab Di, 8. Dezember 2026 (IO-26-0001)"
    assert [line for line in plain(answer).splitlines() if line.endswith("Werkstatt")] == LINES
    (attached,) = [part for part in answer.iter_attachments() if part.get_content_type() == "text/calendar"]
    calendar = icalendar.Calendar.from_ical(attached.get_content())
    assert {str(event["STATUS"]) for event in calendar.walk("VEVENT")} == {"CONFIRMED"}
    dates = recurring_ical_events.of(calendar).between((2026, 1, 1), (2028, 1, 1))
    found = sorted((event.start, event.end, str(event["SUMMARY"])) for event in dates)
    local = [datetime.fromisoformat(f"{day}T19:00").replace(tzinfo=make.ZONE) for day in (
        "2026-12-08", "2027-01-12", "2027-02-09", "2027-03-09", "2027-04-13", "2027-05-11",
    )]  # fmt: skip
    assert found == [(start, start.replace(hour=21), "Utopische Schreibwerkstatt") for start in local]
