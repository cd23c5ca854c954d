"""How the house addresses people in German: with du and ihr, or formally with Sie, and nowhere with both."""

import re
from html import unescape
from pathlib import Path

import pytest

from booking import catalogues
from booking.database import transaction
from booking.house import house, public_changed
from tests import make
from tests.support.letters import first_half, put_each
from tools.messages import FAMILIAR, GERMAN, ROOT, read, texts

TEXTS = ROOT / "templates" / "public" / "_texts"
DU, SIE = "Wann trefft ihr euch?", "Wann treffen Sie sich?"

#: What is *Sie* to somebody; where a sentence begins, it may be others.
ADDRESSING = re.compile(r"(?<=[a-zäöüß,] )(?:Sie|Ihnen|Ihr(?:e[mnrs]?)?)\b")


def _be_formal(formal=True):
    with transaction():
        house().is_formal = formal
        public_changed()


def test_house_addresses_people_formally_from_the_next_answer_on(client):
    make.house()
    make.room()
    kept = client.get("/").text
    assert DU in client.get("/anfrage").text

    _be_formal()

    page = client.get("/anfrage").text
    assert (SIE in page, DU in page) == (True, False)
    assert catalogues.words("de").gettext("Room") == "Raum", "what addresses nobody is said once"
    assert "When do you meet?" in client.get("/en/anfrage").text
    assert "Ein Raum für Ihre Ideen" in client.get("/").text
    assert "<h2>Ihre Rechte</h2>" in client.get("/datenschutz").text
    _be_formal(False)
    assert client.get("/").text == kept


def test_words_need_neither_an_app_nor_a_house_nor_a_database_that_answers(app):
    assert catalogues.words("de").gettext("When do you meet?") == DU, "there is no house yet"
    make.house(is_formal=True)
    assert catalogues.words("de").gettext("When do you meet?") == SIE
    with app.app_context():
        catalogues.assume_last_known()
        assert catalogues.words("de").gettext("When do you meet?") == SIE


def test_no_letter_to_a_group_of_a_formal_house_says_du(app):
    make.house(is_formal=True, way_in="Danach brauchen Sie Ihren Schlüssel.")
    booking = make.booking(make.room(), "2027-01-06T20:00", "2027-01-13T16:00", language="de")
    letters = put_each(booking)

    said = {kind: first_half(letter) for kind, letter in letters.items() if letter.contact}
    assert len(said) > 20
    assert {kind: found[0] for kind, text in said.items() if (found := FAMILIAR.search(_without_ours(text)))} == {}
    assert "Ihr Team" in said["approved"]
    assert "du meldest dich dort an" in letters["new_request"].body, "colleagues say du"


def _without_ours(text):
    """What the office typed in these letters."""
    return text.replace("Braucht ihr den Beamer?", "")


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*.de.html")), ids=lambda path: path.name)
def test_page_of_text_is_there_in_both_forms_where_it_addresses_people(path):
    familiar, formal = path, path.with_name(path.name.replace(".de.", ".de_formal."))
    assert bool(FAMILIAR.search(_plain(familiar))) == formal.exists()
    assert ADDRESSING.search(_plain(familiar)) is None
    if formal.exists():
        assert FAMILIAR.search(_plain(formal)) is None
        assert _frame(formal) == _frame(familiar)


def _plain(path: Path):
    return unescape(re.sub(r"{%.*?%}|{{.*?}}|<[^>]*>", "", path.read_text("utf-8")))


def _frame(path: Path):
    """All of it that is no words."""
    return re.findall(r"{%.*?%}|{{.*?}}|<[^>]*>", path.read_text("utf-8"))


def test_no_sentence_of_the_familiar_catalogue_says_sie():
    said = [text for message in read(GERMAN) if message.id for text in texts(message)]

    assert [text for text in said if ADDRESSING.search(text)] == []
