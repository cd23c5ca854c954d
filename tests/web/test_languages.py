"""Languages that a house can do without."""

import re

import pytest

from booking import WrongSetting, clock, create_app, links
from booking.database import db, transaction
from booking.doctor import house_faults
from booking.facts import missing_facts
from booking.house import house
from booking.house_file import load_house
from booking.models import Closure, Display, Room
from tests import make
from tests.support.app import settings
from tests.support.whole_house import UNKNOWN
from tests.test_another_town import TOWN
from tests.web.test_methods import token_of


@pytest.fixture
def german_only(app, monkeypatch):
    monkeypatch.setitem(app.config, "LANGUAGES", "de")
    make.house()
    make.room()
    return app


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("/en", "/"),
        ("/en/", "/"),
        ("/en/a/abc?x=1&y=%C3%BC", "/a/abc?x=1&y=%C3%BC"),
        ("/en/r%C3%A4ume", "/r%C3%A4ume"),
        ("/en//elsewhere.example", "/elsewhere.example"),
    ],
)
def test_addresses_of_a_language_that_is_off_lead_to_that_of_the_house(german_only, client, asked, answered):
    answer = client.get(asked)

    assert (answer.status_code, answer.location) == (302, answered)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/", "/kalender", "/anfrage", "/heute", "/impressum", "/lobby", "/sitemap.xml", "/no"]
)
def test_pages_know_no_language_that_is_off(german_only, client, path):
    page = client.get(path).text

    assert [word for word in ("/en/", 'hreflang="en"', ">English<") if word in page] == []


def test_team_chooses_among_the_languages_there_are(german_only, staff_client):
    pages = [staff_client.get(path).text for path in ("/team/konto", "/team/eintragen", "/team")]

    assert [page for page in pages if "Englisch" in page or 'value="en"' in page or ">English<" in page] == []


def test_own_texts_need_no_language_that_is_off(german_only, tmp_path):
    for path in (TOWN / "house.toml", TOWN / "facts.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "legal").mkdir()
    (tmp_path / "legal" / "house_rules.de.md").write_text("Seid nett.")

    load_house(tmp_path)

    assert missing_facts(house()) == []


def test_house_needs_no_name_and_no_way_in_a_language_that_is_off(german_only, monkeypatch):
    make.room("Küche", way_en="")
    with transaction():
        house().site_name_en = ""

    asked = {}
    for codes in ("de", "de en"):
        monkeypatch.setitem(german_only.config, "LANGUAGES", codes)
        asked[codes] = [fault.key for fault in house_faults(house(), clock.now()) if fault.key.endswith("_en")]

    assert asked == {"de": [], "de en": ["site_name_en", "way_en"]}


def test_office_writes_rules_and_texts_in_no_language_that_is_off(german_only, staff_client, monkeypatch):
    path, rules = "/team/haus/hausordnung", {"rules-de": "# Leise"}
    pages = [staff_client.get(each).text for each in (path, "/team/haus/texte")]
    saved = staff_client.submit(path, rules, button="Ab heute gelten lassen", form=path)
    monkeypatch.setitem(german_only.config, "LANGUAGES", "de en")
    edition = staff_client.get(f"/en/hausordnung/{house().rules_version}")

    assert [page for page in pages if "Englisch" in page or "/texte/en/" in page] == []
    assert "Diese Hausordnung gilt ab heute." in saved.text
    assert ("Leise" in edition.text, edition.status_code) == (True, 200)
    monkeypatch.setitem(german_only.config, "LANGUAGES", "de")
    assert staff_client.get("/team/haus/texte/en/reminder").status_code == 404


@pytest.mark.parametrize("codes", ["en", "de fr", ""])
def test_languages_that_are_none_end_the_start_with_a_sentence(app, codes):
    with pytest.raises(
        WrongSetting, match="BOOKING_LANGUAGES must be some of de en nl with spaces between, de among them"
    ):
        create_app({**settings("sqlite://"), "LANGUAGES": codes}, serving=False)


def test_display_speaks_no_language_that_is_off(german_only, staff_client):
    page = staff_client.get("/team/haus/anzeigen/neu").text

    assert ('value="de"' in page, 'value="en"' in page, 'value="de+en"' in page) == (True, False, False)


@pytest.fixture
def once_english(app, monkeypatch):
    """A house in which much was said in English before that was turned off."""
    make.house()
    make.room("Große Fläche", way_en="on the left")
    make.closure("2027-03-08T00:00", "2027-03-09T00:00", reason="Inventur", reason_en="Stocktaking")
    ways = {"1": {"direction": "up", "way": "hinten", "way_en": "at the back"}}
    make.display("Eingang", language="de", second_language="en", ways=ways)
    monkeypatch.setitem(app.config, "LANGUAGES", "de")


def test_no_page_of_the_team_has_a_field_or_a_choice_for_a_language_that_is_off(whole_house, monkeypatch, client):
    monkeypatch.setitem(whole_house.app.config, "LANGUAGES", "de")
    client.sign_in(make.staff(role="admin"))
    found = {}
    for rule in whole_house.app.url_map.iter_rules():
        if rule.endpoint.startswith("staff.") and "GET" in rule.methods:
            path = whole_house.address(rule, UNKNOWN)
            page = client.get(path)
            words = re.findall(r'name="[\w-]+_en"|value="(?:de\+)?en"|[Ee]nglisch\w*|English|lang="en"', page.text)
            found[path] = (page.status_code, words)

    assert len(found) >= 50
    assert {
        path: said for path, said in found.items() if said not in [(code, []) for code in (200, 302, 303, 404)]
    } == {}


def test_language_that_is_off_cannot_be_chosen_on_a_page_from_before(once_english, staff_client):
    told = {}
    for path, sent in (
        ("/team/konto", {"name": "Henrike", "language": "en"}),
        ("/team/eintragen", {"language": "en", "step": "send"}),
        ("/team/haus/anzeigen/1", {"name": "Tür", "language": "de+en"}),
        ("/team/haus/anzeigen/neu", {"name": "Flur", "language": "en"}),
    ):
        answer = staff_client.post(path, data={"csrf_token": token_of(staff_client), **sent})
        told[path] = (answer.status_code, "Wähle eine der Möglichkeiten auf dieser Seite." in answer.text)

    assert told == dict.fromkeys(told, (422, True))
    db.session.rollback()
    assert [each.name for each in db.session.scalars(db.select(Display))] == ["Eingang"]


def test_what_was_written_in_a_language_that_is_off_stays_until_it_is_spoken_again(once_english, staff_client):
    for path, sent in (
        ("/team/haus/raeume/grosse-flaeche", {"seats": "50"}),
        ("/team/haus/raeume/neu", {"name": "Küche", "short_name": "Küche", "seats": "8", "way": "hinten"}),
        ("/team/haus/sperrzeiten/1", {"last": "9.3.2027"}),
        ("/team/haus/anzeigen/1", {"name": "Tür"}),
    ):
        assert staff_client.submit(path, sent, form="room" if "raeume" in path else path).status_code == 200, path

    db.session.rollback()
    rooms = [(each.name, each.seats, each.way_en) for each in db.session.scalars(db.select(Room))]
    closure, display = db.session.get_one(Closure, 1), db.session.get_one(Display, 1)
    assert sorted(rooms) == [("Große Fläche", 50, "on the left"), ("Küche", 8, "")]
    assert (closure.end, closure.reason_en) == (make.instant("2027-03-10T00:00"), "Stocktaking")
    assert (display.name, display.second_language, display.ways["1"]["way_en"]) == ("Tür", "", "at the back")


@pytest.mark.parametrize(("first", "second"), [("de", "en"), ("en", ""), ("en", "de")])
def test_display_that_spoke_a_language_speaks_that_of_the_house_once_it_is_off(german_only, client, first, second):
    display = make.display(language=first, second_language=second)

    page = client.get(f"/display/{links.token(display)}").text

    assert {*re.findall(r'lang="(\w+)"', page)} == {"de"}
