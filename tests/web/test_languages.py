"""Languages that a house can do without."""

import pytest

from booking import WrongSetting, create_app
from booking.facts import missing_facts
from booking.house import house
from booking.house_file import load_house
from tests import make
from tests.support.app import settings
from tests.test_another_town import TOWN


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
        WrongSetting, match="BOOKING_LANGUAGES must be some of de en with spaces between, de among them"
    ):
        create_app({**settings("sqlite://"), "LANGUAGES": codes}, serving=False)


def test_display_speaks_no_language_that_is_off(german_only, staff_client):
    page = staff_client.get("/team/haus/anzeigen/neu").text

    assert ('value="de"' in page, 'value="en"' in page, 'value="de+en"' in page) == (True, False, False)
