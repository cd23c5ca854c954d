"""The pages on which the office changes what its letters say."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from booking import sentences, texts
from booking.database import db
from booking.house import house
from booking.models import Letter
from booking.reasons import curable, reason_in
from tests import make
from tests.support.app import CheckedClient, Client
from tests.support.pages import parse, text

REMINDER = "/team/haus/texte/de/reminder"


@pytest.fixture(autouse=True)
def _house(app: Flask) -> None:
    make.house()
    make.booking(make.room(), "2027-01-06T16:00", title="Nähcafé", reference="IO-27-0007")


def field_of(beginning: str) -> str:
    """The control for the piece of the reminder that begins like this."""
    found = texts.pieces(texts.original_source("mail/de/reminder.txt"), "de")
    return next(f"piece-{number}" for number, piece in enumerate(found) if piece.original.startswith(beginning))


def test_texts_list_every_letter_in_every_language(staff_client: CheckedClient) -> None:
    page = staff_client.get("/team/haus/texte")

    links = {link.get("href") for link in parse(page.text)[0].iter("a")}
    for language in ("de", "en"):
        assert {f"/team/haus/texte/{language}/{name}" for name in texts.letter_names(language)} <= links
    assert "Übermorgen: ⟨Titel⟩" in text(parse(page.text)[0])
    rows = [text(row) for row in parse(page.text)[0].iter("th") if row.get("scope") == "row"]
    assert len(rows) == len(set(rows)), "two letters cannot be told apart"


def test_texts_of_other_names_are_not_there(staff_client: CheckedClient) -> None:
    for name in ("de/gibtsnicht", "fr/reminder", "de/..%2Fconfig"):
        assert staff_client.get(f"/team/haus/texte/{name}").status_code == 404


def test_text_is_shown_before_it_is_kept(staff_client: CheckedClient) -> None:
    greeting = field_of("Hallo")
    shown = staff_client.submit(REMINDER, {greeting: "Moin ⟨Name⟩,"}, button="Anzeigen", form=REMINDER)
    assert "Moin Zoë Müller," in shown.text
    assert "Nähcafé" not in shown.text  # nobody has said yes to it, so no letter names it in its subject
    assert house().own_words == {}

    kept = staff_client.submit(REMINDER, {greeting: "Moin ⟨Name⟩,"}, button="Speichern", form=REMINDER)
    assert "Der Text ist gespeichert. Die nächste Mail hat ihn schon." in kept.text
    assert "Original: Hallo ⟨Name⟩," in kept.text
    assert house().own_words == {"mail/de/reminder.txt": {"Hallo ⟨Name⟩,": "Moin ⟨Name⟩,"}}
    assert "1 eigene Stelle" in staff_client.get("/team/haus/texte").text

    staff_client.submit(REMINDER, {greeting: ""}, button="Speichern", form=REMINDER)
    assert house().own_words == {}


@pytest.mark.parametrize(
    ("beginning", "words", "sentence"),
    [
        ("Hallo", "Moin ⟨Vorname⟩,", "⟨Vorname⟩ gibt es hier nicht. Du kannst verwenden: ⟨Name⟩."),
        ("Klappt", "Sag ab!", "Bitte lass ⟨Link⟩ stehen: Ohne ihn kann niemand die Seite öffnen."),
        ("Hallo", "{{ 7 * 7 }}", "Bitte schreib ohne die Klammern { } ⟦ ⟧ ⟨ ⟩, außer bei dem, was eingesetzt wird."),
        ("Übermorgen", "Bald\u2028ist es so weit", "Das gehört zum Betreff. Bitte schreib es in eine Zeile."),
        ("Übermorgen", "Bald\nist es so weit", "Das gehört zum Betreff. Bitte schreib es in eine Zeile."),
    ],
)
def test_text_refuses_what_a_letter_cannot_hold_and_keeps_it(
    staff_client: CheckedClient, beginning: str, words: str, sentence: str
) -> None:
    answer = staff_client.submit(REMINDER, {field_of(beginning): words}, button="Speichern", form=REMINDER)

    assert (answer.status_code, "<title>Fehler: Übermorgen: " in answer.text) == (422, True)
    assert sentence in text(parse(answer.text)[0])
    (area,) = [each for each in parse(answer.text)[0].iter("textarea") if each.get("name") == field_of(beginning)]
    assert (area.text or "").strip("\n") == words.replace("\u2028", "\n")
    assert house().own_words == {}


@pytest.mark.parametrize("language", ["de", pytest.param("en", marks=pytest.mark.variant)])
def test_every_text_can_be_opened(staff_client: CheckedClient, language: str) -> None:
    for name in texts.letter_names(language):
        assert staff_client.get(f"/team/haus/texte/{language}/{name}").status_code == 200


def test_letter_is_tried_out_by_mail_to_oneself_and_saves_nothing(staff_client: CheckedClient) -> None:
    words = {field_of("Klappt es"): "Sagt bitte ab:\n⟨Link⟩"}
    answer = staff_client.submit(REMINDER, words, form=REMINDER, button="Mir mailen")

    db.session.rollback()
    (letter,) = db.session.scalars(db.select(Letter))
    assert letter.staff_member
    assert f"Unterwegs an {letter.staff_member.email}. Gespeichert ist nichts." in text(parse(answer.text)[0])
    assert (house().own_words, letter.booking, letter.contact, letter.state) == ({}, None, None, "waiting")
    assert letter.subject == "Zum Ausprobieren: Übermorgen: IO-27-0007 im Innovation Office"
    assert letter.body.startswith("Hallo ⟦name⟧,\n")  # that of the member, filled in when it leaves
    assert "Sagt bitte ab:\n…\n" in letter.body


# -- Sentences that stand in no letter


def words_of(client: CheckedClient, language: str, name: str, original: str, words: str) -> TestResponse:
    """Put a sentence in other words."""
    number = [piece.original for piece in sentences.sentences_of(name, language)].index(original)
    path = f"/team/haus/texte/{language}/{name}"
    return client.submit(path, {f"piece-{number}": words}, button="Speichern", form=path)


def test_reason_in_the_offices_words_is_told_and_still_known_for_what_it_is(staff_client: CheckedClient) -> None:
    original = "Der Raum ist zu dieser Zeit schon vergeben."
    told = {}
    for words in ("Da ist schon wer anders, sagt das ⟨Haus⟩.", "Da ist es voll."):
        words_of(staff_client, "de", "reasons", original, words)
        db.session.expire_all()
        told[words] = sentences.reasons("de")["taken"]

    assert [*told.values()] == ["Da ist schon wer anders, sagt das Innovation Office.", "Da ist es voll."]
    for sentence in (original, *told.values()):
        assert (sentences.code_of(sentence), reason_in(sentence, "en")) == ("taken", sentences.reasons("en")["taken"])
        assert sentence in curable()
    assert (sentences.code_of("Weil wir nicht wollen."), reason_in("Weil wir nicht wollen.", "en")) == (
        "",
        "Weil wir nicht wollen.",
    )


@pytest.mark.parametrize(
    ("words", "other"),
    [
        pytest.param("Wir brauchen den Raum an diesem Tag selbst.", "Eigener Bedarf", id="the original of another"),
        pytest.param("Da ist es voll.", "Kurzfristig", id="another's own words"),
        pytest.param("Da war es voll.", "Kurzfristig", id="what another said once"),
        pytest.param("Our rooms are too small for your group.", "Größe", id="another in another language"),
    ],
)
def test_reason_is_not_told_in_the_words_of_another(staff_client: CheckedClient, words: str, other: str) -> None:
    taken, short = "Der Raum ist zu dieser Zeit schon vergeben.", "Das ist uns leider zu kurzfristig."
    for own in ("Da war es voll.", "Da ist es voll."):
        words_of(staff_client, "de", "reasons", short, own)
    before = house().own_words

    answer = words_of(staff_client, "de", "reasons", taken, words)

    assert (answer.status_code, house().own_words) == (422, before)
    assert f"Das sagt auch „{other}“ oder hat es einmal gesagt." in text(parse(answer.text)[0])
    assert words_of(staff_client, "de", "reasons", taken, "Da sind schon andere.").status_code == 200


def test_public_reads_the_offices_words_at_once_until_the_original_is_back(
    staff_client: CheckedClient, client: Client
) -> None:
    headline, quiet = "Ein Raum für eure Ideen", "Heute ist hier noch Platz für eure Idee."
    for address, original in (("/", headline), ("/lobby", quiet)):
        assert original in client.get(address).text
        words_of(staff_client, "de", "public", original, "Kommt nach ⟨Stadt⟩!")
        assert "Kommt nach Bielefeld!" in client.get(address).text
        assert original not in client.get(address).text
        assert "Kommt nach" not in client.get(f"/en{address}").text
        words_of(staff_client, "de", "public", original, "")
        assert original in client.get(address).text
    assert house().own_words == {}


def test_sentence_is_shown_filled_in_and_refused_with_what_is_not_there(staff_client: CheckedClient) -> None:
    path = "/team/haus/texte/en/reasons"
    shown = staff_client.submit(path, {"piece-0": "Taken, call ⟨phone⟩."}, button="Anzeigen", form=path)
    refused = staff_client.submit(path, {"piece-0": "Taken, ask ⟨nobody⟩.\nBye"}, button="Speichern", form=path)

    assert f"Taken, call {house().phone}." in text(parse(shown.text)[0])
    assert refused.status_code == 422
    assert "⟨nobody⟩ gibt es hier nicht. Du kannst verwenden: ⟨house⟩" in text(parse(refused.text)[0])
    assert house().own_words == {}
