"""A language that is a folder of data and not whole: Dutch, for the pages of groups and visitors."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from playwright.sync_api import expect

from booking.database import db, transaction
from booking.house import house, public_changed
from booking.house_file import load_house
from booking.house_folder import NotAHouse
from booking.languages import LANGUAGES, languages_in
from booking.letters.message import parcel
from booking.models import Booking, HouseFile, Letter
from tests.support.app import CheckedClient, Client
from tests.support.browser import PHONE, check_axe, follow, look, press, shoot
from tests.support.mail import plain
from tests.support.pages import parse, text
from tests.support.request_form import ONCE, Asking, house_with_rooms
from tests.support.whole_house import WholeHouse
from tools import messages

__all__ = ["house_with_rooms"]

SPOKEN = "de en nl"
#: So many letters of a sentence are no chance.
LONG = 12


@pytest.fixture
def dutch(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setitem(app.config, "LANGUAGES", SPOKEN)
    return app


def foreign_sentences() -> set[str]:
    """What the pages would say in English and in German, as far as Dutch says something else."""
    dutch, found = set(), set()
    for path in messages.CATALOGUES:
        for message in messages.read(path):
            said = {piece for one in messages.texts(message) for piece in re.split(r"%\(\w+\)[a-z]", one)}
            if path == messages.GERMAN:
                found |= said | set(re.split(r"%\(\w+\)[a-z]", messages.identifier(message)[1][0]))
            else:
                dutch |= said
    return {piece.strip() for piece in found - dutch if len(piece.strip()) >= LONG}


def words_of_page(root: Element, language: str) -> str:
    """What stands on a page in its language, but for what says that it is in another one."""

    def told(element: Element) -> Iterator[str]:
        if element.get("lang", language) == language and element.tag not in ("script", "style"):
            yield from (element.text or "", element.get("alt", ""), element.get("aria-label", ""))
            for each in element:
                yield from told(each)
        yield element.tail or ""

    return " ".join(" ".join(told(root)).split())


def test_pages_of_groups_and_visitors_say_nothing_in_another_language(dutch: Flask, whole_house: WholeHouse) -> None:
    with transaction():
        place = house()
        place.facts = {}
        public_changed()
    client, wrong, foreign, pages = Client(dutch), {}, foreign_sentences(), 0
    for rule in dutch.url_map.iter_rules():
        audience = getattr(dutch.view_functions[rule.endpoint], "audience", "")
        if audience not in ("public", "link_holder") or "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        path = whole_house.address(rule, whole_house.own_token(rule))
        answer = client.get(f"/nl{path}")
        is_page = answer.status_code == 200 and answer.text.startswith("<!doctype html>")
        if not is_page or rule.rule.startswith("/display"):  # that has a language of its own
            continue
        pages += 1
        root, _ = parse(answer.text)
        said = words_of_page(root, "nl")
        found = sorted(piece for piece in foreign if piece in said)
        if found or root.get("lang") != "nl":
            wrong[path] = (root.get("lang"), found)
    assert wrong == {}
    assert pages > 30  # else it looked at nothing


def test_request_in_dutch_is_answered_in_english_with_german_below(
    dutch: Flask, house_with_rooms: object, checked_client: CheckedClient
) -> None:
    asking = Asking(checked_client, prefix="/nl")
    asking.when(ONCE)
    asking.sent("/anfrage/termine", button="Verder")
    asking.about()
    done = asking.send()

    booking = db.session.scalars(db.select(Booking)).one()
    letter = db.session.scalars(db.select(Letter).where(Letter.contact_id.is_not(None))).one()
    sent = parcel(letter.id)
    assert text(next(parse(done.text)[0].iter("h1"))) == "Bedankt, we hebben jullie aanvraag!"
    assert (booking.language, letter.language) == ("nl", "nl")
    english, line, german = letter.body.partition("-" * 60)
    assert (english.startswith("Hello ⟦name⟧,"), bool(line), german.strip().startswith("Hallo ⟦name⟧,")) == (True,) * 3
    assert sent is not None
    content = sent.content.replace(b"=\r\n", b"").replace(b"=3D", b"=")
    assert b'<html lang="en">' in content
    address = re.search(rb"http://localhost(/nl/a/[\w-]{43})", content)
    assert address is not None
    page = checked_client.get(address[1].decode())
    assert text(next(parse(page.text)[0].iter("title"))).startswith(
        "Netzwerktreffen: hoe het met jullie aanvraag staat"
    )


def test_wish_in_one_line_is_offered_where_it_is_read(dutch: Flask, house_with_rooms: object, client: Client) -> None:
    pages = [client.get(f"{prefix}{path}").text for prefix in ("/en", "/nl") for path in ("/", "/anfrage")]

    assert ['name="line"' in page for page in pages] == [True, True, False, False]


def test_pages_of_the_team_are_in_no_language_that_is_not_whole(
    dutch: Flask, house_with_rooms: object, staff_client: CheckedClient
) -> None:
    answers = [
        staff_client.get(path, follow_redirects=False) for path in ("/nl/team/heute?x=1", "/nl/team", "/nl/teams")
    ]
    account, texts = (staff_client.get(path).text for path in ("/team/konto", "/team/haus/texte"))

    assert [(answer.status_code, answer.location) for answer in answers] == [
        (302, "/team/heute?x=1"),
        (302, "/team"),
        (404, None),
    ]
    assert "Niederländisch" not in account
    assert re.findall(r"/team/haus/texte/nl/(\w+)", texts) == ["public", "reasons"]
    assert staff_client.get("/team/haus/texte/nl/approved").status_code == 404


def test_answers_to_programs_are_in_the_languages_that_are_whole(
    dutch: Flask, house_with_rooms: object, client: Client
) -> None:
    answer = client.post("/api/v1/preview", json={})

    (error, *_) = answer.json["errors"]
    assert sorted(error) == ["de", "en", "field"]


def test_calendars_and_search_engines_hear_of_it(dutch: Flask, house_with_rooms: object, client: Client) -> None:
    calendar, sitemap = (client.get(path).text for path in ("/nl/offen.ics", "/sitemap.xml"))

    assert "X-WR-CALNAME:Open bijeenkomsten\\, Innovation Office" in calendar
    assert [path in sitemap for path in ("/nl/anfrage<", "/en/anfrage<", "/fr/anfrage<")] == [True, True, False]


def test_house_welcomes_in_dutch_where_its_facts_do(
    dutch: Flask, house_with_rooms: object, client: Client, tmp_path: Path
) -> None:
    without = client.get("/nl/").text
    shutil.copytree(messages.ROOT / "house" / "example", tmp_path, dirs_exist_ok=True)
    load_house(tmp_path)
    pages = [client.get(path).text for path in ("/nl/", "/nl/heute", "/en/")]

    marked = '<p class="lead"><span lang="de">'
    assert (marked in without, marked in pages[0], "jullie welkom." in pages[0]) == (True, False, True)
    assert ("graag aanbellen." in pages[1], "jullie" in pages[2]) == (True, False)
    (tmp_path / "facts.toml").write_text('welcome_en = "Welcome"')
    with pytest.raises(NotAHouse, match="there is no fact 'welcome_en'"):
        load_house(tmp_path)


def test_text_of_the_house_stands_where_it_has_none_in_this_language(
    dutch: Flask, house_with_rooms: object, checked_client: CheckedClient
) -> None:
    ours = checked_client.get("/nl/hausordnung").text
    with transaction():
        house().files = {"legal/house_rules.de.html": "a1"}
        db.session.add(HouseFile(name="legal/house_rules.de.html", content=b"<p>Seid nett.</p>"))
        public_changed()
    theirs = checked_client.get("/nl/hausordnung").text

    assert ("wordt niet gerookt" in ours, "wordt niet gerookt" in theirs) == (True, False)
    assert '<div lang="de"><p>Seid nett.</p></div>' in theirs


def test_language_that_says_little_is_as_english_otherwise(tmp_path: Path) -> None:
    shutil.copytree(messages.TRANSLATIONS / "en", tmp_path / "en")
    about = tmp_path / "cs" / "language.toml"
    about.parent.mkdir()
    about.write_text('name = "Čeština"\nweekly = ["pondělí"]', "utf-8")

    czech = languages_in(tmp_path)["cs"]

    assert czech == LANGUAGES["en"]._replace(code="cs", name="Čeština", weekly=["pondělí"])
    assert (czech.prefix, czech.letters) == ("/cs", "en")
    about.write_text('nmae = "Čeština"', "utf-8")
    with pytest.raises(TypeError, match="nmae"):
        languages_in(tmp_path)


@pytest.mark.browser
def test_group_asks_for_a_room_in_dutch_on_a_phone(server, new_page, smtp) -> None:
    server.restart(languages=SPOKEN)
    page = new_page(viewport=PHONE, locale="nl-NL")
    page.goto("/")
    follow(page, "Nederlands")
    shoot(page, "dutch-start")
    check_axe(page)
    follow(page, "Ruimte aanvragen")
    page.locator("label", has_text="Elke week").first.click()
    page.get_by_label("Wanneer is de eerste bijeenkomst?").fill("8-12-2026")
    page.get_by_label("Begin", exact=True).fill("19")
    page.get_by_label("Einde", exact=True).fill("half negen")
    page.get_by_label("Met hoeveel zijn jullie ongeveer?").fill("12")
    page.locator("label", has_text="Een aantal bijeenkomsten").first.click()
    page.get_by_label("Hoeveel bijeenkomsten").fill("3")
    page.locator("label", has_text="Werkstatt").first.click()
    press(page, "Verder")
    expect(page.locator(".error-summary")).to_contain_text("We kunnen “half negen” niet als tijd lezen.")
    look(page, "dutch-mistake")
    page.get_by_label("Einde", exact=True).fill("21:00")
    press(page, "Verder")
    expect(page.locator("main")).to_contain_text("3 data, en alle zijn vrij.")
    look(page, "dutch-dates")
    press(page, "Verder")
    for question, answer in {
        "Hoe heet jullie bijeenkomst?": "Leeskring",
        "Wie komt er samen?": "Buurthuis",
        "Waar gaat het over?": "We lezen samen.",
        "Hoe heet je?": "Zoë Jansen",
        "Je e-mailadres": "zoe@example.org",
    }.items():
        page.get_by_label(question).fill(answer)
    for choice in ("Initiatief, vereniging of informele groep", "Open voor iedereen", "We hebben een sleutel nodig"):
        page.locator("label", has_text=choice).first.click()
    page.locator("#onsite_name").fill("Zoë Jansen")
    page.locator("#onsite_phone").fill("0170 1234567")
    look(page, "dutch-about")
    press(page, "Verder")
    expect(page.locator("main")).to_contain_text(
        "Elke dinsdag, 19:00 tot 21:00\u00a0uur, van 8\u00a0december tot 22\u00a0december 2026"
    )
    look(page, "dutch-check")
    page.locator("label", has_text="We hebben de huisregels gelezen").first.click()
    press(page, "Aanvraag versturen")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bedankt, we hebben jullie aanvraag!")
    look(page, "dutch-thanks")

    smtp.wait_for(2)
    (letter,) = smtp.to("zoe@example.org")
    found = re.search(r"^http://127[.]0[.]0[.]1:\d+(/nl/a/\S+)\s*$", plain(letter), re.MULTILINE)
    assert found, plain(letter)
    page.goto(found[1])
    look(page, "dutch-status")
    assert page.locator("html").get_attribute("lang") == "nl"
