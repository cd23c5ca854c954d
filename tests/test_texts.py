"""Letters in the office's own words: what may be changed in a template, and what becomes of it."""

import pytest
from flask import Flask

from booking import housekeeping, texts
from booking.database import db
from booking.languages import WHOLE
from booking.notices.frame import to_group
from tests import make
from tests.support.letters import NOW, transaction

SOURCE = """\
{% set late = dates|length > 3 %}
Bis bald: {{ what_on }}{% if late %}, {{ dates|length }} Termine{% endif %}


Hallo ⟦name⟧,

kommt {{ "am Tag" if one else "an den Tagen" }} {{ day(dates[0]) }} und {{ day(dates[1]) }}!

{% include "mail/de/_way_in.txt" %}
{% for each in dates %}
{{ date_line(each) }}
{% endfor %}
Absagen:
⟦link⟧
"""


def test_pieces_are_what_a_template_says_between_its_control_lines() -> None:
    assert [(piece.original, piece.is_subject, piece.needed) for piece in texts.pieces(SOURCE, "de")] == [
        ("Bis bald: ⟨Titel⟩", True, []),
        (", ⟨Anzahl⟩ Termine", True, []),
        ("Hallo ⟨Name⟩,", False, []),
        ("kommt ⟨am Tag/an den Tagen⟩ ⟨Tag⟩ und ⟨Tag 2⟩!", False, []),
        ("Absagen:\n⟨Link⟩", False, ["⟨Link⟩"]),
    ]


def test_own_words_take_the_place_of_their_originals_alone() -> None:
    own = {"kommt ⟨am Tag/an den Tagen⟩ ⟨Tag⟩ und ⟨Tag 2⟩!": "Erst ⟨Tag 2⟩, dann ⟨Tag⟩.", "Nie gesagt.": "Neu"}

    assert texts.with_own_words(SOURCE, "de", own) == SOURCE.replace(
        'kommt {{ "am Tag" if one else "an den Tagen" }} {{ day(dates[0]) }} und {{ day(dates[1]) }}!',
        "Erst {{ day(dates[1]) }}, dann {{ day(dates[0]) }}.",
    )


@pytest.mark.parametrize(
    ("number", "words", "faults"),
    [
        (3, "Kommt ⟨Tag⟩!", []),
        (3, "Kommt ⟨Uhrzeit⟩ und ⟨Ort⟩!", [("unknown", ["⟨Uhrzeit⟩", "⟨Ort⟩"])]),
        (3, "Kommt {{ config.SECRET_KEY }}!", [("brackets", [])]),
        (3, "{% include 'config.py' %}", [("brackets", [])]),
        (3, "Kommt ⟦link⟧", [("brackets", [])]),
        (3, "Kommt ⟨Tag", [("brackets", [])]),
        (4, "Nein danke", [("missing", ["⟨Link⟩"])]),
        (4, "⟨Link⟩\n\nHier steht alles.", []),
        (0, "Bis bald\nBcc: a@example.org", [("line", [])]),
        (3, "x" * 2001, [("long", [])]),
    ],
)
def test_piece_refuses_what_a_letter_cannot_hold(number: int, words: str, faults: list[tuple[str, list[str]]]) -> None:
    piece = texts.pieces(SOURCE, "de")[number]

    assert piece.faults(words) == faults
    assert (texts.with_own_words(SOURCE, "de", {piece.original: words}) == SOURCE) == bool(faults)


@pytest.mark.parametrize("folder", [*WHOLE, "de_formal"])
def test_every_letter_can_be_put_into_its_own_originals(app: Flask, folder: str) -> None:
    for name in texts.letter_names(folder):
        template = f"mail/{folder}/{name}.txt"
        source, language = texts.original_source(template), texts.language_of(template)
        found = texts.pieces(source, language)

        assert found, name
        assert [piece.faults(piece.original) for piece in found] == [[] for _ in found], name
        assert texts.with_own_words(source, language, {each.original: each.original for each in found}) == source


def test_next_letter_has_the_offices_words_until_they_are_taken_back(engine_app: Flask) -> None:
    make.house()
    team = make.staff()
    booking = make.booking(make.room(), "2027-01-06T16:00")

    def body() -> str:
        with transaction():
            letter = to_group("withdrawn", booking, booking.occurrences, now=NOW)
            assert letter is not None
            text = letter.body
            db.session.delete(letter)
        return text

    before = body()
    (greeting,) = [
        piece.original
        for piece in texts.pieces(texts.original_source("mail/de/withdrawn.txt"), "de")
        if piece.original.startswith("Hallo")
    ]
    housekeeping.put_in_own_words("mail/de/withdrawn.txt", {greeting: "Moin ⟨Name⟩ {}!"}, by=team, now=NOW)
    assert body() == before  # what cannot be meant is not sent
    housekeeping.put_in_own_words("mail/de/withdrawn.txt", {greeting: "Moin ⟨Name⟩!"}, by=team, now=NOW)
    assert body() == before.replace("Hallo ⟦name⟧,", "Moin ⟦name⟧!")
    housekeeping.put_in_own_words("mail/de/_signature.txt", {"Nichts davon": "Tschüss"}, by=team, now=NOW)
    housekeeping.put_in_own_words("mail/de/withdrawn.txt", {}, by=team, now=NOW)
    assert body() == before
