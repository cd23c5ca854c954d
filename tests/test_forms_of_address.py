"""How the house addresses people in German: with du and ihr, or formally with Sie, and nowhere with both."""

import re
import shutil
from html import unescape
from pathlib import Path

import pytest

from booking import catalogues, doctor, housekeeping
from booking.database import transaction
from booking.domain.familiar import FAMILIAR
from booking.house import house, public_changed
from booking.house_file import load_house
from booking.reasons import reason_in
from booking.sentences import reasons
from booking.texts import own_words
from tests import make
from tests.support.app import Client
from tests.support.every_state import asked
from tests.support.letters import NOW, first_half, put_each
from tests.support.pages import parse, text
from tools.messages import GERMAN, ROOT, read, texts

TEXTS = ROOT / "templates" / "public" / "_texts"
STEINBRUECK = Path(__file__).parent / "houses" / "steinbrueck"
WAY_IN = "Danach brauchen Sie Ihren Schlüssel."
#: Attributes that are read out.
SPOKEN = ("alt", "aria-label", "content", "placeholder", "title")
DU, SIE = "Wann trefft ihr euch?", "Wann treffen Sie sich?"

#: What is *Sie* to somebody; where a sentence begins, it may be others.
ADDRESSING = re.compile(r"(?<=[a-zäöüß,] )(?:Sie|Ihnen|Ihr(?:e[mnrs]?)?)\b")


def _be_formal(formal=True, **words):
    with transaction():
        house().is_formal = formal
        for name, said in words.items():
            setattr(house(), name, said)
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
    make.house(is_formal=True, way_in=WAY_IN)
    booking = make.booking(make.room(), "2027-01-06T20:00", "2027-01-13T16:00", language="de")
    letters = put_each(booking)

    said = {kind: first_half(letter) for kind, letter in letters.items() if letter.contact}
    assert len(said) > 20
    assert {kind: found[0] for kind, body in said.items() if (found := FAMILIAR.search(_without_ours(body)))} == {}
    assert "Ihr Team" in said["approved"]
    assert "du meldest dich dort an" in letters["new_request"].body, "colleagues say du"


def _without_ours(body):
    """A letter without what the office typed."""
    return body.replace("Braucht ihr den Beamer?", "")


def test_no_page_of_a_formal_house_says_du_but_those_of_its_team(whole_house, app):
    _be_formal(way_in=WAY_IN)
    visitor, member = Client(app), Client(app)
    member.sign_in(make.staff("Ana", "ana@example.org", role="admin"))
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint != "static"]

    pages = {
        rule.endpoint: visitor.get(whole_house.address(rule, whole_house.own_token(rule)))
        for rule in rules
        if not rule.rule.startswith("/team")
    }
    pages |= {state.name: state.answer for state in asked(app, "")}
    words = {name: _words_of(page) for name, page in pages.items() if page.mimetype == "text/html"}
    for page in pages.values():
        page.close()

    assert {name: found[0] for name, said in words.items() if (found := FAMILIAR.search(said))} == {}
    assert len(words) > 60
    assert "Danke, Ihre Anfrage ist da!" in words["thanks"]
    assert "Bitte schauen Sie sich" in words["step 3, empty"]
    assert "Ihre Termine" in words["status_page.show"]
    assert FAMILIAR.search(_words_of(member.get("/team/konto"))), "colleagues say du"


def _words_of(page):
    """What is read of a page, and heard."""
    root, _ = parse(page.text)
    told = [value for each in root.iter() for name, value in each.items() if name in SPOKEN]
    return "\n".join([text(root), *told])


def test_own_words_of_the_office_stay_as_they_are_when_it_changes_the_form(app, staff_client):
    load_house(STEINBRUECK)
    _be_formal(False)
    member = make.staff("Ana", "ana@example.org")
    greeting, idea = "Hallo ⟨Name⟩,", "Ein Raum für eure Ideen"
    housekeeping.put_in_own_words("mail/de/reminder.txt", {greeting: "Moin ⟨Name⟩,"}, by=member, now=NOW)
    housekeeping.put_in_own_words("sentences/de/public.txt", {idea: "Platz da!"}, by=member, now=NOW)
    too_small = reasons("de")["size"]

    load_house(STEINBRUECK)

    assert own_words("mail/de_formal/reminder.txt") == {"Guten Tag, ⟨Name⟩,": "Moin ⟨Name⟩,"}
    assert "Platz da!" in staff_client.get("/").text
    page = staff_client.get("/team/haus/texte/de/reminder").text
    assert ("Moin ⟨Name⟩," in page, "Original: Guten Tag, ⟨Name⟩," in page) == (True, True)
    assert (too_small, reason_in(too_small, "de")) == (
        "Unsere Räume sind für eure Gruppe zu klein.",
        "Unsere Räume sind für Ihre Gruppe zu klein.",
    ), "what was written stays known"
    housekeeping.put_in_own_words("mail/de_formal/reminder.txt", {}, by=member, now=NOW)
    load_house(STEINBRUECK)
    assert own_words("mail/de_formal/reminder.txt") == {}, "only a change of the form brings them along"


def test_doctor_names_what_says_du_in_words_of_a_formal_house(app, tmp_path):
    folder = shutil.copytree(STEINBRUECK, tmp_path / "house")
    for name, said, familiar in (
        ("house.toml", "Sonst holen Sie sich", "Ihr seid willkommen, sonst holen Sie sich"),
        ("legal/house_rules.de.md", "Alle sind willkommen.", "Alle sind willkommen, auch **euer** Hund."),
    ):
        written = (folder / name).read_text()
        assert said in written
        (folder / name).write_text(written.replace(said, familiar, 1))

    loaded = app.test_cli_runner().invoke(args=["house", "load", str(folder)])
    assert loaded.exit_code == 0
    member = make.staff("Ana", "ana@example.org")
    housekeeping.put_in_own_words("mail/de_formal/reminder.txt", {"Guten Tag, ⟨Name⟩,": "Na du,"}, by=member, now=NOW)
    assert doctor.familiar_words(house()) == [
        "way_in (Ihr seid)",
        "house_rules.de.md (euer)",
        "the office's own words for mail/de_formal/reminder.txt (du)",
    ]
    assert "The house says Sie, and these seem to say du: way_in (Ihr seid); house_rules.de.md (euer)." in loaded.output
    (*_, note) = doctor.notes()
    assert note.startswith("The house says Sie, and its own words seem to say du: way_in (Ihr seid); ")

    _be_formal(False)
    assert doctor.familiar_words(house()) == []


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
    said = [each for message in read(GERMAN) if message.id for each in texts(message)]

    assert [each for each in said if ADDRESSING.search(each)] == []
