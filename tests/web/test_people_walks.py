"""Links, people and groups that come again, walked through in a real browser with real letters."""

import contextlib
import json
import re
import urllib.error
import urllib.request

import pytest
import sqlalchemy as sa

from booking import deciding, links
from booking.availability.occupied import conflicts
from booking.availability.wanted import Wanted
from booking.database import db, transaction
from booking.domain.status import Status
from booking.house import rooms
from booking.models import Booking
from tests import make
from tests.support.browser import DESKTOP, SMALL_PHONE, arriving, follow, look, press
from tests.support.letters import counts, wait_until
from tests.support.mail import plain

pytestmark = pytest.mark.browser

WEDNESDAYS = ["2027-03-10T16:00", "2027-03-17T16:00", "2027-03-24T16:00", "2027-03-31T16:00"]
SAME = {
    "de": "Wenn zu dieser Adresse eine Anfrage gehört, haben wir gerade einen neuen Link geschickt.",
    "en": "If there is a request for this address, we’ve just sent a new link.",
}


def words(page):
    return page.inner_text("main").replace("\u00a0", " ")


def everything():
    """All that stands in the database, but for letters that have left."""
    db.session.rollback()
    tables = [table for table in db.metadata.sorted_tables if table.name != "letter"]
    return {table.name: [tuple(row) for row in db.session.execute(sa.select(table))] for table in tables}


def links_in(text):
    return re.findall(r"http://127\.0\.0\.1:\d+[^\s\"<>]*", text)


def link_in(letter, part):
    """The first address in a letter that holds this part, from the root of the service on."""
    found = [link for link in links_in(plain(letter)) if part in link]
    assert found, plain(letter)
    return re.sub(r"^http://[^/]+", "", found[0])


def booked(server, language="de", status=Status.REQUESTED, **changes):
    """Four Wednesdays at the hall."""
    hall = next(room for room in rooms() if room.name == "Große Fläche")
    return make.booking(hall, *WEDNESDAYS, language=language, status=status, title="Netzwerktreffen", **changes)


def approved_by_letter(server, smtp, booking):
    """The team confirms all dates; the letter to the group."""
    server.app.config["UNDO_SECONDS"] = 0
    before = len(smtp.messages)
    deciding.decide(
        booking,
        approve=[each.id for each in booking.occurrences],
        seen_version=booking.version,
        by=server.member,
        now=server.clock.now,
    )
    return smtp.wait_for(before + 1)[-1]


def scan(address):
    """What the scanner of a mail server does: ask for the head, then for the page."""
    text = ""
    for method in ("HEAD", "GET"):
        with contextlib.suppress(urllib.error.HTTPError):
            asked = urllib.request.Request(address, method=method)  # noqa: S310 - our own server
            with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - our own server
                text = answer.read().decode()
    return text


@pytest.mark.parametrize(
    ("language", "viewport"),
    [
        pytest.param("de", DESKTOP, id="German, at a desk", marks=pytest.mark.variant),
        pytest.param("en", SMALL_PHONE, id="English, on a small phone"),
    ],
)
def test_scanner_cancellation_and_a_link_that_has_expired(server, new_page, smtp, language, viewport):
    """Walk 12."""
    server.restart(undo_seconds=1)  # letters about a group's own steps wait three times as long
    prefix = "/en" if language == "en" else ""
    booking = booked(server, language)
    letter = approved_by_letter(server, smtp, booking)
    own = link_in(letter, "/a/")

    before = everything()
    for address in links_in(plain(letter)):
        for further in links_in_page(server, scan(address)):
            scan(further)
    assert everything() == before

    page = new_page(viewport=viewport)
    page.goto(own)
    look(page, f"people-status-{language}")
    cancel_24_march(page, language)
    wait_until(lambda: counts() == {"sent": 3})  # the office hears of it, too; before the restart all is noted
    subject = smtp.to("zoe@example.org")[-1]["Subject"]
    assert (
        subject
        == {
            "de": f"Abgesagt: Netzwerktreffen am Mi, 24. März 2027 ({booking.reference})",
            "en": f"Cancelled: Netzwerktreffen on Wed 24 March 2027 ({booking.reference})",
        }[language]
    )
    assert is_free(booking.occurrences[2])
    page.goto(f"{prefix}/kalender/tag/2027-03-24")
    assert {"de": "fällt aus", "en": "cancelled"}[language] in words(page)

    server.restart(now="2027-03-24T15:00")
    lobby = new_page(viewport={"width": 1920, "height": 1080})
    lobby.goto("/lobby")
    assert "Fällt heute aus" in lobby.inner_text("body").replace("\u00a0", " ").replace("\u00ad", "")

    server.restart(now="2027-06-09T18:00")
    page.goto(own)
    expired_link_is_replaced(page, smtp, own, language)


def links_in_page(server, html):
    """The group's own addresses in a page, as a scanner would follow them."""
    return {f"{server.url}{path}" for path in re.findall(r'href="((?:/en)?/a/[^"]+)"', html.replace("&amp;", "&"))}


def cancel_24_march(page, language):
    day = re.compile({"de": r"24\.\sMärz", "en": r"24\sMarch"}[language])
    with arriving(page):
        page.locator("tr", has_text=day).locator("a.act").click()
    look(page, f"people-cancel-{language}")
    press(page, {"de": "Ja, Termin absagen", "en": "Yes, cancel date"}[language])
    assert {
        "de": "Abgesagt: Mittwoch, 24. März 2027. Der Raum ist wieder frei für andere.",
        "en": "Cancelled: Wednesday 24 March 2027. The room is free for others again.",
    }[language] in words(page)
    look(page, f"people-cancelled-{language}")


def is_free(occurrence):
    db.session.rollback()
    return conflicts([Wanted(occurrence.room, occurrence.occupied)]) == {}


def expired_link_is_replaced(page, smtp, own, language):
    """From a link that is over to a fresh one, with the same sentence for everybody."""
    label = {"de": "Deine E-Mail-Adresse", "en": "Your e-mail address"}[language]
    button = {"de": "Neuen Link schicken", "en": "Send me a new link"}[language]
    title = {"de": "Dieser Link ist abgelaufen", "en": "This link has expired"}[language]
    answers = []
    for email in ("nobody@example.org", "zoe@example.org"):
        page.goto(own)
        page.get_by_role("heading", name=title).wait_for()
        look(page, f"people-expired-{language}")
        page.get_by_label(label).fill(email)
        press(page, button)
        answers.append(words(page))
        look(page, f"people-sent-{language}")
    assert answers[0] == answers[1]
    assert SAME[language] in answers[0]

    fresh = link_in(smtp.wait_for(4)[-1], "/a/")
    assert len(smtp.messages) == 4
    page.goto(fresh)
    assert page.get_by_role("heading", level=1).inner_text() == "Netzwerktreffen"
    look(page, f"people-fresh-{language}")
    page.goto(own)
    page.get_by_role("heading", name=title).wait_for()
    assert {"de": "einen neueren Link geschickt", "en": "a newer link"}[language] in words(page)


# ---- walk 14, as far as it is the group's


def choose(page, *labels):
    for label in labels:
        page.locator("label", has_text=label).first.click()


@pytest.mark.parametrize(
    "has_script",
    [
        pytest.param(True, id="with JavaScript", marks=pytest.mark.variant),
        pytest.param(False, id="without JavaScript"),
    ],
)
def test_evening_meeting_asks_for_the_way_in_and_keeps_it_to_itself(server, new_page, smtp, has_script):
    hall = next(room for room in rooms() if room.name == "Große Fläche")
    make.booking(hall, "2026-12-10T18:30", minutes=150, status=Status.APPROVED, group="Code for Bielefeld")
    page = new_page(java_script_enabled=has_script)
    page.goto("/anfrage")
    choose(page, "Einmal", "Große Fläche")
    page.locator("[name=date]").fill("Do 10.12.")
    page.get_by_label("Beginn").fill("19")
    page.get_by_label("Ende", exact=True).fill("21")
    page.get_by_label("Wie viele seid ihr ungefähr?").fill("12")
    press(page, "Weiter")
    page.locator("#d-2026-12-10").get_by_text("Anderer Raum: Werkstatt").click()
    press(page, "Weiter")

    page.get_by_label("Wie heißt euer Treffen?").fill("Abendrunde")
    page.get_by_label("Wer trifft sich?").fill("Gesundheitsladen")
    page.get_by_label("Worum geht es?").fill("Wir lesen.")
    page.get_by_label("Wie heißt du?").fill("Zoë Müller")
    page.get_by_label("Deine E-Mail-Adresse").fill("zoe@example.org")
    choose(page, "Initiative, Verein oder freie Gruppe", "Offen für alle", "Wir brauchen einen Schlüssel")
    assert "Übergabe montags bis freitags zwischen 9 und 17 Uhr" in words(page)
    look(page, "people-way-in")
    press(page, "Weiter")
    assert page.title().startswith("Fehler: ")
    for missing in (
        "Schreibt, wer an dem Abend verantwortlich ist.",
        "Trag eine Handynummer ein, unter der wir an dem Abend jemanden erreichen.",
    ):
        assert missing in words(page)
    look(page, "people-way-in-mistakes")
    page.get_by_label("Name", exact=True).fill("Kim Nachtwächter")
    page.get_by_label("Handynummer").fill("0170 7654321")
    press(page, "Weiter")
    assert "Kim Nachtwächter, 0170 7654321" in words(page)
    choose(page, "Wir haben die Hausordnung gelesen")
    press(page, "Anfrage absenden")
    smtp.wait_for(2)

    booking = db.session.scalars(db.select(Booking).where(Booking.title == "Abendrunde")).one()
    letter = plain(approved_by_letter(server, smtp, booking))
    assert "Den Schlüssel bekommst du im Büro, montags bis freitags zwischen 9 und 17 Uhr." in letter
    assert secrets_in_public_pages(server) == {}


def secrets_in_public_pages(server):
    """What of this evening nobody else may read, by the public page on which it stands."""
    public = [
        rule.rule
        for rule in server.app.url_map.iter_rules()
        if "GET" in rule.methods
        and not rule.arguments
        and server.app.view_functions[rule.endpoint].audience == "public"
        and rule.endpoint != "health.ready"
    ]
    assert len(public) > 10
    found = {}
    for path in [*public, "/kalender/tag/2026-12-10", "/kalender/woche", "/raeume/werkstatt"]:
        text = scan(f"{server.url}{path}")
        secrets = [
            word
            for word in ("7654321", "Nachtwächter", "Schlüssel gebraucht")
            if word in text or json.dumps(word)[1:-1] in text
        ]
        if secrets:
            found[path] = secrets
    return found


# ---- a group that comes again


def test_returning_group_needs_five_pages(server, new_page, smtp):
    booking = booked(server, status=Status.APPROVED, way_in="have")
    with transaction():
        booking.contact.onsite_name, booking.contact.onsite_phone = "Kim", "0170 1234567"
    own = f"/a/{links.token(make.link(booking))}"
    page = new_page()
    loads = []
    page.on("load", lambda: loads.append(page.url))

    page.goto(own)
    press(page, "Neue Anfrage mit diesen Angaben")
    page.get_by_role("heading", name="Wann trefft ihr euch?").wait_for()
    look(page, "people-again")
    page.locator("[name=date]").fill("7.4.2027")
    press(page, "Weiter")
    press(page, "Weiter")
    page.get_by_role("heading", name="Alles richtig?").wait_for()
    choose(page, "Wir haben die Hausordnung gelesen")
    press(page, "Anfrage absenden")
    page.get_by_role("heading", name="Danke, eure Anfrage ist da!").wait_for()

    assert len(loads) == 5, loads


# ---- people


@pytest.mark.parametrize(
    ("language", "viewport"),
    [
        pytest.param("de", DESKTOP, id="German, at a desk"),
        pytest.param("en", SMALL_PHONE, id="English, on a small phone", marks=pytest.mark.variant),
    ],
)
def test_request_is_shared_handed_over_and_erased(server, new_page, smtp, language, viewport):
    german = language == "de"
    booking = booked(server, language)
    first = new_page(viewport=viewport)
    first.goto(link_in(approved_by_letter(server, smtp, booking), "/a/"))

    follow(first, "Link an eine zweite Person weitergeben" if german else "Pass a link on to a second person")
    write_to(first, "Ali", "ali@example.org", "Link schicken" if german else "Send link", german)
    look(first, f"people-second-{language}")
    second = new_page(viewport=viewport)
    second.goto(link_in(smtp.wait_for(2)[-1], "/a/"))
    look(second, f"people-second-page-{language}")

    follow(first, "Zurück" if german else "Back")
    follow(first, "Anfrage übergeben" if german else "Hand over this request")
    look(first, f"people-hand-over-{language}")
    write_to(first, "Noor", "noor@example.org", "Übergabe beginnen" if german else "Start handover", german)
    look(first, f"people-under-way-{language}")
    smtp.wait_for(4)
    for address, button in (
        ("noor@example.org", "Ja, übernehmen" if german else "Yes, take over"),
        ("zoe@example.org", "Ja, übergeben" if german else "Yes, hand over"),
    ):
        first.goto(link_in(smtp.to(address)[-1], "/uebergabe/"))
        look(first, f"people-handover-{language}")
        press(first, button)
        look(first, f"people-answered-{language}")
    smtp.wait_for(6)

    successor = new_page(viewport=viewport)
    successor.goto(link_in(smtp.to("noor@example.org")[-1], "/a/"))
    follow(successor, "Meine Daten löschen" if german else "Delete my data")
    look(successor, f"people-erase-{language}")
    successor.locator("label[for=sure]").click()
    press(successor, "Meine Daten löschen" if german else "Delete my data")
    assert ("Deine Daten sind gelöscht" if german else "Your data are deleted") in words(successor)
    look(successor, f"people-erased-{language}")
    second.reload()
    second.get_by_role("heading", name="Dieser Link ist abgelaufen" if german else "This link has expired").wait_for()
    assert "noor@example.org" not in str(everything())


def write_to(page, name, email, button, german):
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-Mail-Adresse" if german else "E-mail address").fill(email)
    press(page, button)
