"""The articles of rooms and of the house in sentences, which are data of the house."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from booking import reasons
from booking.languages import LANGUAGES, beginning, in_sentence
from booking.lifecycle import Place
from booking.web import locale
from booking.web.dates.outlook import too_small
from booking.web.staff.places import notes_on
from tests import make
from tests.support.app import CheckedClient
from tests.support.pages import parse, text

ROOT = Path(__file__).parents[1]
PARTS = ("the", "object", "inside", "at", "of")
HALL = {"name": "Großer Saal", "article": "der", "inflected": "Großen Saal"}
KITCHEN = {"name": "Lehrküche", "article": "die"}
STUDIO = {"name": "Kleines Atelier", "article": "das", "inflected": "Kleinen Atelier"}


@pytest.mark.parametrize(
    ("called", "german", "english"),
    [
        (
            HALL,
            ["der Große Saal", "den Großen Saal", "im Großen Saal", "im Großen Saal", "vom Großen Saal"],
            ["the Großer Saal", "the Großer Saal", "in the Großer Saal", "at the Großer Saal", "of the Großer Saal"],
        ),
        (
            KITCHEN,
            ["die Lehrküche", "die Lehrküche", "in der Lehrküche", "in der Lehrküche", "von der Lehrküche"],
            ["the Lehrküche", "the Lehrküche", "in the Lehrküche", "at the Lehrküche", "of the Lehrküche"],
        ),
        (
            STUDIO,
            ["das Kleine Atelier", "das Kleine Atelier", *["im Kleinen Atelier"] * 2, "vom Kleinen Atelier"],
            [f"{each} Kleines Atelier" for each in ("the", "the", "in the", "at the", "of the")],
        ),
        (
            {"name": "Alte Halle Nord", "article": "die", "inflected": "Alten Halle Nord"},
            [
                "die Alte Halle Nord",
                "die Alte Halle Nord",
                *["in der Alten Halle Nord"] * 2,
                "von der Alten Halle Nord",
            ],
            [f"{each} Alte Halle Nord" for each in ("the", "the", "in the", "at the", "of the")],
        ),
        (
            {"name": "Tor 6", "article": ""},
            ["Tor 6", "Tor 6", "in Tor 6", "in Tor 6", "von Tor 6"],
            ["Tor 6", "Tor 6", "in Tor 6", "at Tor 6", "of Tor 6"],
        ),
    ],
)
def test_name_stands_in_a_sentence_with_its_article(
    called: dict[str, str], german: list[str], english: list[str]
) -> None:
    thing = SimpleNamespace(**{"inflected": "", **called})

    assert [in_sentence(thing, part, "de") for part in PARTS] == german
    assert [in_sentence(thing, part, "en") for part in PARTS] == english


@pytest.mark.parametrize(
    ("room", "german", "english"),
    [
        (HALL, ("Der Große Saal", "den Großen Saal"), "the Großer Saal"),
        (KITCHEN, ("Die Lehrküche", "die Lehrküche"), "the Lehrküche"),
        (STUDIO, ("Das Kleine Atelier", "das Kleine Atelier"), "the Kleines Atelier"),
    ],
)
def test_sentences_have_the_articles_of_rooms(
    app: Flask, room: dict[str, str], german: tuple[str, str], english: str
) -> None:
    make.house()
    small = make.room(**room, seats=8, step_free=False)
    large = make.room(**room, slug="gross", seats=20)
    closure = make.closure("2027-01-04T00:00", "2027-01-05T00:00", room=small, reason="Putztag", reason_en="Cleaning")
    date = make.booking(large, "2027-01-06T10:00", people=9, access_needs="Rollstuhl").occurrences[0]
    the, other = german

    said = {}
    for code in LANGUAGES:
        with app.test_request_context(), locale.speaking(code):
            notes = notes_on(date, Place(small.id, date.slot), [])
            said[code] = [too_small(small, 9), *notes, reasons.closed(closure, small, code)]

    assert said["de"] == [
        f"{the} hat Platz für 8 Personen, ihr seid etwa 9. Nehmt lieber {other} (bis 20).",
        f"{the} hat nur 8 Plätze.",
        f"{the} ist nur über Stufen zu erreichen.",
        f"{the} ist dann geschlossen (Putztag).",
    ]
    assert said["en"] == [
        f"{beginning(english)} holds 8 people, you are about 9. Better take {english} (up to 20).",
        f"{beginning(english)} has 8 seats only.",
        f"{beginning(english)} has steps.",
        f"{beginning(english)} is closed then (Cleaning).",
    ]


@pytest.mark.parametrize(
    ("called", "german", "english"),
    [
        ({"name": "Kulturladen", "article": "der"}, "im Kulturladen", "at the Kulturladen"),
        (
            {"name": "Alte Schule", "article": "die", "inflected": "Alten Schule"},
            "in der Alten Schule",
            "at the Alte Schule",
        ),
        ({"name": "Haus der Begegnung", "article": "das"}, "im Haus der Begegnung", "at the Haus der Begegnung"),
    ],
)
def test_pages_have_the_article_of_the_house(
    checked_client: CheckedClient, called: dict[str, str], german: str, english: str
) -> None:
    make.house(**{"inflected": "", **called})
    make.rooms()

    titles = [text(parse(checked_client.get(f"{prefix}/heute").text)[0].find(".//title")) for prefix in ("", "/en")]

    assert [title.partition(" – ")[0].partition(" · ")[0] for title in titles] == [
        f"Heute {german}",
        f"Today {english}",
    ]


#: A fixed article before a name that comes from the data of a house.
FIXED = re.compile(
    r"\b(?:der|die|das|den|dem|im|vom|beim|zum|zur|in|an|von|the|at|(?<!instead )of)\s+"
    r"(?:\{\{[-\s]*house\.name|\{\{[-\s]*\w*room\w*\.name|%\((?:room|house|better)\)s)",
    re.IGNORECASE,
)


def test_no_sentence_has_an_article_of_its_own_before_a_name() -> None:
    """Neither a letter nor a message; texts of the house, such as its privacy notice, are its own."""
    files = [*ROOT.glob("templates/mail/**/*.txt"), ROOT / "booking/translations/de/LC_MESSAGES/messages.po"]

    found = [f"{file.name}: {hit[0]}" for file in files for hit in FIXED.finditer(file.read_text("utf-8"))]

    assert found == []
