"""Step 3 of a request: about you and your meeting."""

from unicodedata import bidirectional

import pytest

from booking.database import db
from booking.models import Booking, Draft
from booking.web.forms.texts import is_web_address
from tests import make
from tests.support.pages import parse
from tests.support.request_form import ABOUT, ONCE, OUTSIDE, beside, mistakes, value_of

#: How Unicode says that a character only steers the direction of writing, and the three that do so unsaid.
STEERING = ("LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
HIDDEN = "\u061c\u200e\u200f"

EVENING = {**ONCE, "start": "19", "end": "21"}


@pytest.fixture
def at_step_3(asking):
    """Somebody whose dates are chosen, within opening hours."""
    asking.when(ONCE)
    asking.dates()
    return asking


def test_marks_that_turn_the_direction_of_writing_are_left_out(at_step_3):
    turning = (char for char in map(chr, range(0x110000)) if bidirectional(char) in STEERING or char in HIDDEN)

    page = at_step_3.about(title=f"Treffen \u202eetieS\u202c {''.join(turning)}jetzt")

    assert "Treffen etieS jetzt" in page.text


@pytest.mark.parametrize("title", ["=?utf-8?B?VHJlZmZlbg==?=", "=?iso-8859-1?Q?Treffen?= am Abend"])
def test_what_a_mail_program_would_decode_is_kept_as_it_was_typed(at_step_3, title):
    at_step_3.about(title=title)
    at_step_3.send()

    assert db.session.scalars(db.select(Booking.title)).all() == [title]


def test_title_of_invisible_characters_is_none(at_step_3):
    assert mistakes(at_step_3.about(title="\u200b\u2060 \u00a0\ufeff")) == [
        ("title", "Gebt eurem Treffen einen Namen.")
    ]


def test_what_was_told_leads_on(at_step_3):
    assert at_step_3.about().request.path == "/anfrage/pruefen"


def test_empty_page_says_what_is_missing(at_step_3):
    response = at_step_3.about(**{**dict.fromkeys(ABOUT, ""), "kind": None, "is_open": None})

    assert mistakes(response) == [
        ("title", "Gebt eurem Treffen einen Namen."),
        ("group", "Schreibt, wer sich trifft."),
        ("kind-initiative", "Wählt aus, zu wem ihr gehört."),
        ("purpose", "Schreibt kurz, worum es geht."),
        ("is_open-yes", "Wählt aus, wer kommen darf."),
        ("name", "Schreib uns, wie du heißt."),
        ("email", "Trag eine E-Mail-Adresse ein, zum Beispiel name@beispiel.de."),
    ]


REFUSED = {
    "no address": ("email", "zoe", "Trag eine E-Mail-Adresse ein, zum Beispiel name@beispiel.de."),
    "two addresses": ("email", "a@b.de, c@d.de", "Bitte trag nur eine Adresse ein."),
    "two addresses without a blank": ("email", "a@b.de;c@d.de", "Bitte trag nur eine Adresse ein."),
    "two addresses and a blank": ("email", "a@b.de c@d.de", "Bitte trag nur eine Adresse ein."),
    "a header in the address": ("email", "a@b.de\r\nBcc: c@d.de", "Bitte schreib das in eine Zeile."),
    "an address that no mail server takes": (
        "email",
        "zoë@beispiel.de",
        "Trag eine E-Mail-Adresse ein, zum Beispiel name@beispiel.de.",
    ),
    "line break in a name": ("name", "Zoë\nBcc: x@y.de", "Bitte schreib das in eine Zeile."),
    "line separator in a name": ("name", "Zoë\u2028Müller", "Bitte schreib das in eine Zeile."),
    "carriage return in a title": ("title", "Treffen\rzwei", "Bitte schreib das in eine Zeile."),
    "title too long": ("title", "x" * 81, "Das sind 81 Zeichen. Bitte kürzt es auf höchstens 80."),
    "purpose too long": ("purpose", "x" * 601, "Das sind 601 Zeichen. Bitte kürzt es auf höchstens 600."),
    "no number": ("phone", "ruf an", "Trag eine Telefonnummer ein, zum Beispiel 0123 456789."),
    "no web address": ("url", "javascript:alert(1)", "Trag eine Adresse ein, die mit https:// beginnt."),
    "half an address": ("url", "http://[", "Trag eine Adresse ein, die mit https:// beginnt."),
}


def test_field_is_refused_with_a_sentence_and_kept_as_typed(at_step_3):
    for what, (field, typed, sentence) in REFUSED.items():
        response = at_step_3.about(**{field: typed})

        assert (response.status_code, beside(response, field)) == (200, sentence), what
        assert db.session.scalars(db.select(Draft)).one().data["about"][field] == [typed]
    assert db.session.scalars(db.select(Booking)).all() == []


def test_eighty_characters_are_not_too_long(at_step_3):
    assert at_step_3.about(title="ü" * 80).request.path == "/anfrage/pruefen"


def test_what_people_typed_is_shown_as_text(at_step_3):
    title = "Größe zählt: Füße & Ökologie – „Über-Mut“ 🌱 <b>x</b>"

    response = at_step_3.about(title=title)

    assert title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in response.text
    assert value_of(at_step_3.client.get("/anfrage/ueber-euch"), "title") == title


def test_way_in_is_asked_only_for_dates_outside_opening_hours(asking):
    asking.when(ONCE)
    inside = asking.dates()
    asking.when(EVENING)
    outside = asking.dates()

    assert ("way_in" in inside.text, "way_in" in outside.text) == (False, True)


def test_whoever_comes_in_the_evening_says_how_and_who_is_there(asking):
    asking.when(EVENING)
    asking.dates()

    response = asking.about(onsite_phone="Zoë")

    assert mistakes(response) == [
        ("way_in-have", "Wählt aus, wie ihr ins Haus kommt."),
        ("onsite_name", "Schreibt, wer an dem Abend verantwortlich ist."),
        ("onsite_phone", "Trag eine Handynummer ein, unter der wir an dem Abend jemanden erreichen."),
    ]
    assert asking.about(**OUTSIDE).request.path == "/anfrage/pruefen"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        pytest.param({"phone": "0521 99887"}, ("Zoë Müller", "0521 99887"), id="all from below"),
        pytest.param({"onsite_phone": "0171 22334"}, ("Zoë Müller", "0171 22334"), id="another number"),
        pytest.param({"phone": "0521 99887", "onsite_name": "Ali"}, ("Ali", "0521 99887"), id="another name"),
    ],
)
def test_whoever_is_there_on_the_evening_need_not_say_it_twice(asking, typed, stored):
    asking.when(EVENING)
    asking.about(way_in="have", onsite_me="yes", **typed)
    asking.send()

    contact = db.session.scalars(db.select(Booking)).one().contact
    assert (contact.onsite_name, contact.onsite_phone) == stored


def test_whoever_is_there_on_the_evening_tells_a_number(asking):
    asking.when(EVENING)

    response = asking.about(way_in="have", onsite_me="yes")

    assert [control for control, _ in mistakes(response)] == ["onsite_phone"]


def test_known_groups_are_suggested_and_others_are_not(at_step_3):
    make.initiative("Ernährungsrat")
    make.initiative("Anonyme Gruppe", is_public=False)

    response = at_step_3.client.get("/anfrage/ueber-euch")

    options = [option.get("value") for option in parse(response.text)[0].iter("option")]
    assert options == ["Ernährungsrat"]


def test_link_is_stored_only_for_open_meetings(at_step_3):
    at_step_3.about(is_open="no", url="https://beispiel.de")
    at_step_3.send()

    assert db.session.scalars(db.select(Booking)).one().url == ""


def test_things_of_the_rooms_and_own_wishes_are_stored(at_step_3):
    at_step_3.about(equipment=["Screen", "Klavier"], equipment_other="Verlängerungskabel")
    at_step_3.send()

    assert db.session.scalars(db.select(Booking)).one().equipment == ["Screen", "Verlängerungskabel"]


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org",
        "http://example.org:8080/a?b=c#d",
        "https://EXAMPLE.org/@name/@@",
        "https://bücher.example/ä",
        "https://faß.example",
        "https://xn--bcher-kva.example/",
    ],
)
def test_address_of_the_web_leads_to_a_host_with_a_name(address):
    assert is_web_address(address)


@pytest.mark.parametrize(
    "address",
    [
        *("https://:pw@host", "https://@host.example", "https://a@host.example", "https://a:b@host.example"),
        *("https://example.org@evil.example", "https://example.org\\@evil.example", "https://example.org／evil"),
        *("https://127.0.0.1/", "https://127.1", "https://2130706433/", "https://0x7f.0.0.1", "https://0x7f.1"),
        *("https://１２７.０.０.１", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://localhost/"),
        *("https://host", "https://", "https:///example.org", "https://.org", "https://a..org", "https://-a.example"),
        *(f"https://{'a' * 64}.example", "https://ex%61mple.org", "https://exa_mple.org", "https://exam\u200bple.org"),
        *("https://example.org:0", "https://example.org:99999", "https://example.org:x", "https://example.org: 80"),
        *(
            "https://exa mple.org",
            "https://example.org/a b",
            "https://example.org/\u202egpj.exe",
            "https://a.example\n",
        ),
        *("ftp://example.org", "javascript://example.org/%0aalert(1)", "data://example.org", 'https://example.org"x'),
    ],
)
def test_address_that_leads_elsewhere_than_it_seems_is_none(address):
    assert not is_web_address(address)
