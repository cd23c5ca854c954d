"""A house's folder: what it holds beside its file, and what is refused of it."""

import re
import shutil
from pathlib import Path

import pytest

from booking.cli.setting_up import EXAMPLE_HOUSE
from booking.database import db
from booking.facts import FACTS, missing_facts
from booking.house import house
from booking.house_file import check_house, load_house
from booking.house_folder import NotAHouse
from booking.models import HouseFile
from tests.support.pages import parse, text

ROOT = Path(__file__).parent.parent

#: What only the example may say.
EXAMPLE = re.compile(r"Bielefeld|Innovation Office|\bOIC\b|NRW|Alter Markt|0521|innovationen@", re.IGNORECASE)
#: The address from which a city's website takes its dates; changing it would leave that website empty.
AGREED = "/export/oic/events.yml"

SKYLINE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path class="front" d="M0 9V5h9v4z"/></svg>'
DOCTYPE = '<!DOCTYPE svg [<!ENTITY a "b">]><svg/>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to be changed: the example's file and facts, and nothing else."""
    for name in ("house.toml", "facts.toml"):
        shutil.copy(EXAMPLE_HOUSE / name, tmp_path)
    return tmp_path


def put(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_nothing_of_the_example_stands_outside_of_its_folder():
    paths = [path for name in ("booking", "templates", "static") for path in (ROOT / name).rglob("*")]
    ours = [path for path in paths if path.suffix in (".py", ".po", ".html", ".txt", ".css", ".js", ".svg")]
    lines = [(path, line) for path in ours for line in path.read_text().replace(AGREED, "").splitlines()]

    assert len(ours) > 300
    assert [f"{path}: {line[:80]}" for path, line in lines if EXAMPLE.search(line)] == []


def test_facts_that_are_missing_are_marked_and_none_is_made_up(app, folder, client):
    (folder / "facts.toml").unlink()
    load_house(folder)

    assert missing_facts(house()) == list(FACTS)
    for prefix, mark in (("", "Aufsichtsbehörde: wird noch ergänzt"), ("/en", "supervisory authority: still to be")):
        pages = [client.get(f"{prefix}/{path}").text for path in ("impressum", "datenschutz", "barrierefreiheit")]
        said = " ".join(text(parse(page)[0].find("body/main/*[2]")) for page in pages)
        assert mark in said
        assert [word for word in ("Nordrhein", "DE 124") if word in said] == []


def test_facts_are_said_with_links_and_in_the_language_of_the_reader(app, folder, client):
    put(folder / "facts.toml", 'ombuds_office = """\nStelle <b>\nhttps://www.ombud.example/a?b=1.\nom@ombud.example"""')
    load_house(folder)

    german, english = (client.get(f"{prefix}/barrierefreiheit").text for prefix in ("", "/en"))

    said = (
        'Stelle &lt;b&gt;<br><a href="https://www.ombud.example/a?b=1">ombud.example/a?b=1</a>.'
        '<br><a href="mailto:om@ombud.example">om@ombud.example</a>'
    )
    assert said in german
    assert f'<span lang="de">{said}</span>' in english


def test_own_texts_are_markdown_with_facts_in_braces_and_no_html(app, folder, client):
    facts = "{name}, {vat_id}, {supervision} & <script>alert(1)</script>"
    markdown = f"# Wer\n\n{facts}\n\n[Mail](mailto:{{email}}) ![x](x.png)"
    for language in ("de", "en"):
        put(folder / f"legal/imprint.{language}.md", markdown)
    load_house(folder)

    page = client.get("/impressum").text

    assert (
        "<h2>Wer</h2>\n<p>Innovation Office, DE 124001953, "
        '<mark class="fill-in">Aufsichtsbehörde: wird noch ergänzt</mark> &amp; &lt;script&gt;alert(1)&lt;/script&gt;'
        '</p>\n<p><a href="mailto:innovationen@bielefeld.de">Mail</a> !<a href="x.png">x</a></p>'
    ) in page
    assert "supervision" not in missing_facts(house())


def test_own_texts_say_for_how_long_in_words(app, folder, client):
    for language in ("de", "en"):
        put(
            folder / f"legal/privacy.{language}.md",
            "{contact_period}, {in_vain_period}, {onsite_period}, {letters_period}",
        )
    load_house(folder)

    said = [client.get(f"{prefix}/datenschutz").text.replace("\u00a0", " ") for prefix in ("", "/en")]

    assert "<p>12 Monate, 6 Monate, 4 Wochen, 90 Tage</p>" in said[0]
    assert "<p>12 months, 6 months, 4 weeks, 90 days</p>" in said[1]


def test_live_house_that_has_not_decided_how_long_it_knows_people_is_told(app, folder):
    without = re.sub(r"\[retention\][^[]*", "", (folder / "house.toml").read_text())
    put(folder / "house.toml", without)

    assert "retention" in missing_facts(load_house(folder))


def test_pictures_stand_on_the_pages_and_stay_until_they_change(app, folder, client):
    logo = b"\x89PNG\r\n\x1a\n and so on"
    put(folder / "logo.png", logo)
    put(folder / "skyline.svg", SKYLINE)
    load_house(folder)

    (address,) = set(re.findall(r'<img class="mark" src="([^"]+)"', client.get("/").text))
    answer, older = client.get(address), client.get("/haus/logo.png?v=before")

    assert (answer.data, answer.mimetype, "immutable" in answer.headers["Cache-Control"]) == (logo, "image/png", True)
    assert older.headers["Cache-Control"] == "no-cache"
    assert '<path class="front" d="M0 9V5h9v4z" />' in client.get("/lobby").text
    assert {client.get(f"/haus/{name}").status_code for name in ("favicon.svg", "legal", "skyline.svg")} == {404}


def test_colours_come_after_all_other_stylesheets(app, folder, client, staff_client):
    put(folder / "theme.toml", 'main = "#00693c"\naccent = "#ffc20e"')
    load_house(folder)

    sheets = {
        path: re.findall(r'rel="stylesheet" href="([^"]+)"', client.get(path).text)[-1] for path in ("/", "/lobby")
    }
    sheets["/team"] = re.findall(r'rel="stylesheet" href="([^"]+)"', staff_client.get("/team").text)[-1]

    assert len(set(sheets.values())) == 1, sheets
    answer = client.get(sheets["/"])
    assert (answer.mimetype, "--io-yellow: #ffc20e" in answer.text) == ("text/css", True)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("favico.svg", SKYLINE, "means nothing here. There can be: examples.toml, facts.toml, favicon.ico"),
        ("legal/impressum.de.md", "x", "impressum.de.md means nothing here. There can be: accessibility.de.md"),
        ("legal/imprint.de.md", "x", "imprint.en.md is missing: imprint.de.md needs its other languages"),
        ("facts.toml", 'vat = "x"', "there is no fact 'vat', only "),
        ("facts.toml", "vat_id = 7", 'vat_id stands there as vat_id = "…", not as 7.'),
        ("facts.toml", "vat_id = x", "facts.toml cannot be read: Invalid value (at line 1, column 10)"),
        ("theme.toml", 'main = "#00693c"', "theme.toml needs at least main and accent."),
        ("theme.toml", 'light = "#00693c"', "there is no colour 'light', only main, accent and dark."),
        ("theme.toml", 'main = "green"', "main stands there as main = \"#00737a\", not as 'green'."),
        (
            "theme.toml",
            'main = "#003366"\naccent = "#cc0000"',
            "accent has a contrast of 2.4 to dark, and text needs 7.",
        ),
        ("logo.png", "GIF89a", "logo.png is no picture of the kind that its name says."),
        ("logo.svg", " " * 50_000, "logo.svg has 50000 bytes; more than 40000 make pages slow."),
        ("logo.svg", "<svg>", "logo.svg is no drawing: "),
        ("logo.svg", DOCTYPE, "has a DOCTYPE. Take that line out."),
        ("logo.svg", f'<?xml version="1.0" encoding="utf-16"?>{DOCTYPE}'.encode("utf-16"), "has a DOCTYPE. Take that"),
        ("logo.svg", SKYLINE.replace("<path", '<path onload="x()"'), "<path onload> may not stand in it."),
        ("logo.svg", SKYLINE.replace("<path", "<script/><path"), "<script> may not stand in it."),
        ("skyline.svg", SKYLINE.replace("<path", '<path style="fill:red"'), "<path style> may not stand in it."),
        ("skyline.svg", SKYLINE.replace("<path", '<a href="x"/><path'), "<a href> may not stand in it."),
    ],
)
def test_folder_that_cannot_be_meant_is_refused_with_its_place(app, folder, name, content, complaint):
    put(folder / name, content)

    for command in (check_house, load_house):
        with pytest.raises(NotAHouse, match=re.escape(complaint)):
            command(folder)

    assert db.session.scalars(db.select(HouseFile)).all() == []


def test_texts_that_name_what_is_not_there_are_refused_with_their_line(app, folder):
    for language in ("de", "en"):
        put(folder / f"legal/help.{language}.md", "Hilfe\n\nRuf {telephone} an.")

    with pytest.raises(NotAHouse, match=r"help\.de\.md, line 3: there is nothing called \{telephone\}, only name, "):
        load_house(folder)


def test_team_of_a_house_that_is_live_is_told_what_is_missing(app, folder, staff_client):
    load_house(folder)
    assert "rechtlichen Seiten" not in staff_client.get("/team").text

    app.config["PUBLIC_URL"] = "https://raeume.example.org"

    assert "Auf den rechtlichen Seiten fehlen 9 Angaben, die nur ihr machen könnt." in staff_client.get("/team").text
