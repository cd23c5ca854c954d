"""Pages that the law asks for, and help: complete in both languages, with the house's own facts."""

import re

import pytest

from booking.cli.setting_up import EXAMPLE_HOUSE
from booking.database import transaction
from booking.house import house
from booking.house_folder import FACTS_FILE, read_toml
from tests import make
from tests.support.pages import parse, text

PAGES = {
    "/hilfe": ("Hilfe", "Help"),
    "/impressum": ("Impressum", "Imprint"),
    "/datenschutz": ("Datenschutz", "Privacy notice"),
    "/barrierefreiheit": ("Erklärung zur Barrierefreiheit", "Accessibility statement"),
    "/hausordnung": ("Hausordnung", "House rules"),
}


@pytest.fixture(autouse=True)
def _house(app):
    facts = read_toml(EXAMPLE_HOUSE / FACTS_FILE)
    make.house(email="haus@example.org", phone="+49 30 12-345", rules_version="2027-04", facts=facts)


@pytest.mark.parametrize("path", PAGES)
def test_page_is_there_in_both_languages(checked_client, path):
    headings = []
    for prefix in ("", "/en"):
        root, _ = parse(checked_client.get(prefix + path).text)
        headings.append(text(root.find("body//h1")))

    assert tuple(headings) == PAGES[path]


@pytest.mark.parametrize("path", PAGES)
def test_both_languages_have_the_same_sections(checked_client, path):
    outline = []
    for prefix in ("", "/en"):
        root, _ = parse(checked_client.get(prefix + path).text)
        outline.append([heading.tag for heading in root.find("body/main").iter() if heading.tag in ("h2", "h3", "dt")])

    assert outline[0] == outline[1]


@pytest.mark.parametrize("path", PAGES)
def test_page_names_the_contact_of_this_house(checked_client, path):
    page = checked_client.get(path).text

    assert "mailto:haus@example.org" in page
    assert "tel:+493012345" in page
    assert "030 12-345" in page
    assert "bielefeld.de" not in re.sub(r"https://oic-bielefeld\.de|oic-bielefeld\.de", "", page)


def test_every_page_links_to_all_of_them(checked_client):
    page = checked_client.get("/en/kalender").text

    assert [path for path in PAGES if f'href="/en{path}"' not in page] == []


def test_what_only_the_city_can_say_is_marked(checked_client):
    root, _ = parse(checked_client.get("/impressum").text)

    marks = [text(mark) for mark in root.iter("mark")]
    assert marks == [
        "wer dafür handelt (gesetzliche Vertretung): wird noch ergänzt",
        "Aufsichtsbehörde: wird noch ergänzt",
    ]


def test_accessibility_statement_is_complete(checked_client):
    for prefix, date, method, formats in (
        ("", "28. November 2026", "Selbstbewertung", ("Leichter Sprache", "Deutscher Gebärdensprache", "geplant")),
        ("/en", "28 November 2026", "self-assessment", ("easy language", "German Sign Language", "planned")),
    ):
        root, _ = parse(checked_client.get(f"{prefix}/barrierefreiheit").text)

        said = text(root.find("body/main")).replace("\u00a0", " ")
        assert [word for word in (date, method, *formats, "haus@example.org") if word not in said] == []
        assert list(root.iter("mark")) == []


@pytest.mark.parametrize(
    ("path", "options"),
    [
        pytest.param("/", {}, id="start"),
        pytest.param("/anfrage", {}, id="form"),
        pytest.param("/heute", {}, id="plan on the phone"),
        pytest.param("/gibt/es/nicht", {}, id="no such page"),
        pytest.param("/", {"headers": {"Host": "evil.example"}}, id="without the database"),
        pytest.param("/anmelden", {}, id="before the sign-in"),
        pytest.param("/team", {}, id="inbox"),
        pytest.param("/team/konto", {}, id="account"),
        pytest.param("/team/gibt-es-nicht", {}, id="no such page of the team"),
    ],
)
def test_accessibility_statement_is_linked_from_every_page(client, path, options):
    if path.startswith("/team"):
        client.sign_in(make.staff())

    page = client.get(path, **options)

    assert [link.get("href") for link in parse(page.text)[0].iter("a") if "Barrierefreiheit" in text(link)] == [
        "/barrierefreiheit"
    ]


def test_privacy_notice_asks_for_no_consent(checked_client):
    page = checked_client.get("/datenschutz").text

    assert "Buchstabe\u00a0e" in page or "Buchstabe&nbsp;e" in page
    assert "Ich stimme" not in page


@pytest.mark.parametrize(
    ("version", "path", "said"),
    [
        ("2027-04", "/hausordnung", "Stand: April 2027."),
        ("2027-04", "/en/hausordnung", "Version: April 2027."),
        ("2027-13", "/hausordnung", "Stand: 2027-13."),
        ("2027-02-31", "/hausordnung", "Stand: 2027-02-31."),
        ("2027-02-28.2", "/hausordnung", "Stand: 28. Februar 2027 (2)."),
        ("0000-01", "/hausordnung", "Stand: 0000-01."),
        ("dritte Fassung", "/hausordnung", "Stand: dritte Fassung."),
    ],
)
def test_house_rules_carry_their_version(checked_client, version, path, said):
    with transaction():
        house().rules_version = version

    assert said in checked_client.get(path).text.replace("\u00a0", " ")
