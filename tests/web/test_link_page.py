"""A fresh link by mail, and what links say that are over."""

import re

import pytest

from booking import links
from booking.database import db, transaction
from booking.letters import dispatch
from booking.models import Letter, Link
from booking.sharing import people
from tests import make
from tests.support.group_page import post
from tests.support.pages import parse, text
from tests.support.request_form import beside, by_id, main_of, mistakes

SAME = "Wenn zu dieser Adresse eine Anfrage gehört, haben wir gerade einen neuen Link geschickt."
#: What is no address, and the sentence beside the field.
NO_ADDRESSES = [
    pytest.param("", "Trag eine E-Mail-Adresse ein, zum Beispiel name@beispiel.de.", id="nothing"),
    pytest.param("zoe", "Trag eine E-Mail-Adresse ein, zum Beispiel name@beispiel.de.", id="no address"),
    pytest.param("a@example.org, b@example.org", "Bitte trag nur eine Adresse ein.", id="two"),
    pytest.param("a@example.org;b@example.org", "Bitte trag nur eine Adresse ein.", id="two with a semicolon"),
    pytest.param("zoe@example.org\r\nBcc: all@example.org", "Bitte schreib das in eine Zeile.", id="line break"),
    pytest.param(
        "a" * 10_000 + "@example.org",
        "Das sind 10012 Zeichen. Bitte kürzt es auf höchstens 254.",
        id="10,000 characters",
    ),
    pytest.param("zoe@\u202eexample.org\u2028x", "Bitte schreib das in eine Zeile.", id="control characters"),
    pytest.param("<b>@x", "Trag eine E-Mail-Adresse ein, zum Beispiel name@beispiel.de.", id="markup"),
]


@pytest.fixture
def booking(house_with_rooms):
    return make.booking(house_with_rooms[0], "2027-01-06T16:00", title="Netzwerktreffen")


@pytest.fixture
def address(booking):
    return f"/a/{links.token(make.link(booking))}"


def words(response):
    return main_of(response).replace("\u00a0", " ")


def new_address(contact):
    """Where the newest link of a person leads to."""
    db.session.expire_all()
    return f"/a/{links.token(links.current(contact_booking(contact), contact))}"


def contact_booking(contact):
    return db.session.scalars(db.select(Link).where(Link.contact_id == contact.id)).first().booking


def ask(client, email, prefix=""):
    return client.submit(f"{prefix}/link", {"email": email}, form="fresh-link")


def deliver(clock):
    """Let the letters leave: then their links are made."""
    dispatch.deliver_due(clock.now)


@pytest.mark.parametrize("email", ["zoe@example.org", "ZOE@EXAMPLE.ORG", "nobody@example.org"])
def test_every_address_gets_the_same_answer(checked_client, booking, email):
    response = ask(checked_client, email)

    shown = re.sub(r'value="[^"]{40,}"', "", response.text)
    assert (response.status_code, response.request.path) == (200, "/link")
    assert SAME in words(response)
    assert email not in shown


def test_answers_differ_in_nothing(checked_client, new_client, booking):
    known, unknown = ask(checked_client, "zoe@example.org"), ask(new_client(), "nobody@example.org")

    assert (known.status_code, known.text, dict(known.headers)) == (
        unknown.status_code,
        unknown.text,
        dict(unknown.headers),
    )


def test_old_link_works_until_the_new_one_is_used(checked_client, booking, address, clock):
    ask(checked_client, "zoe@example.org")
    deliver(clock)
    fresh = new_address(booking.contact)

    looked = [checked_client.get(path).status_code for path in (address, fresh, address)]
    by_the_old_one = post(checked_client, f"{address}/kalender-abo", address).status_code
    still = [checked_client.get(path).status_code for path in (address, fresh)]
    ended = checked_client.submit(fresh, form="end-older-link")
    old = checked_client.get(address)

    assert (looked, by_the_old_one, still) == ([200] * 3, 303, [200] * 2)
    assert "Dein früherer Link gilt nicht mehr." in words(ended)
    assert (old.status_code, checked_client.get(fresh).status_code) == (410, 200)
    assert "Dieser Link ist abgelaufen" in words(old)
    assert "Wir haben dir inzwischen einen neueren Link geschickt" in words(old)


def test_page_of_the_new_link_says_that_the_old_one_still_works(checked_client, booking, address, clock):
    ask(checked_client, "zoe@example.org")
    deliver(clock)

    note = "Dein früherer Link gilt, bis du hier zum ersten Mal etwas änderst."
    shown = [note in words(checked_client.get(path)) for path in (address, new_address(booking.contact))]

    assert shown == [False, True]


def test_whoever_knows_an_address_takes_nothing_away(checked_client, new_client, booking, address, clock):
    """Neither the page nor the calendar, however often a stranger asks."""
    feed = f"/k/{links.token(links.current(booking, purpose='calendar'))}.ics"
    stranger = new_client()
    for _ in range(3):
        ask(stranger, "zoe@example.org")
        deliver(clock)

    assert [checked_client.get(path).status_code for path in (address, f"{address}.ics", feed)] == [200] * 3


@pytest.mark.parametrize(("email", "sentence"), NO_ADDRESSES)
def test_what_is_no_address_is_asked_for_again(checked_client, booking, email, sentence):
    page = checked_client.get("/link")
    token = parse(page.text)[0].find(".//input[@name='csrf_token']").get("value")

    response = checked_client.post("/link", data={"csrf_token": token, "email": email})

    assert (response.status_code, mistakes(response)) == (422, [("email", sentence)])
    assert beside(response, "email") == sentence
    assert "Fehler: Link neu zuschicken" in response.text
    assert db.session.scalars(db.select(Letter)).all() == []


def test_page_is_reached_from_help_footer_and_where_nothing_is(checked_client, booking):
    for path in ("/hilfe", "/", "/gibt-es-nicht"):
        root, _ = parse(checked_client.get(path).text)
        assert "/link" in {link.get("href") for link in root.iter("a")}


@pytest.mark.parametrize(
    ("now", "status"),
    [
        pytest.param("2027-03-07T17:00", 200, id="60 days after the last date"),
        pytest.param("2027-03-07T18:30", 410, id="a little later"),
        pytest.param("2027-03-17T10:00", 410, id="70 days"),
    ],
)
def test_link_ends_sixty_days_after_the_last_date(checked_client, booking, address, clock, now, status):
    clock.set(now)

    assert checked_client.get(address).status_code == status


def test_link_that_is_over_brings_the_form_for_a_fresh_one(checked_client, booking, address, clock):
    clock.set("2027-03-17T10:00")

    page = checked_client.get(address)
    sent = checked_client.submit(address, {"email": "zoe@example.org"}, form="fresh-link")
    deliver(clock)
    fresh = new_address(booking.contact)

    assert "Aus Sicherheitsgründen gilt der Link nur bis 60 Tage nach dem letzten Treffen." in words(page)
    assert SAME in words(sent)
    assert (checked_client.get(address).status_code, checked_client.get(fresh).status_code) == (410, 200)
    clock.set("2027-04-01T10:00")
    assert checked_client.get(fresh).status_code == 410


def test_every_page_of_a_link_that_is_over_is_gone(checked_client, booking, address, clock):
    clock.set("2027-03-17T10:00")

    pages = (".ics", "/absagen", "/angaben", "/vertretung", "/uebergeben", "/daten-loeschen")
    assert {page: checked_client.get(f"{address}{page}").status_code for page in pages} == dict.fromkeys(pages, 410)


def test_link_that_was_taken_away_does_not_promise_another(checked_client, booking, clock):
    people.share(booking, "Ali", "ali@example.org", clock.now)
    (second,) = people.seconds(booking)
    theirs = new_address(second)
    people.take_link_back(booking, second.id, clock.now)

    response = checked_client.get(theirs)

    assert response.status_code == 410
    assert "Er öffnet diese Anfrage nicht mehr." in words(response)


def test_english_page_speaks_english(checked_client, booking):
    response = ask(checked_client, "zoe@example.org", "/en")

    assert "If there is a request for this address, we’ve just sent a new link." in words(response)


def test_nothing_is_sent_without_the_token_of_the_form(checked_client, booking):
    assert checked_client.post("/link", data={"email": "zoe@example.org"}).status_code == 400
    assert db.session.scalars(db.select(Letter)).all() == []


def test_answer_is_read_out_first(checked_client, booking):
    response = ask(checked_client, "zoe@example.org")

    focused = [text(each) for each in parse(response.text)[0].iter() if "autofocus" in each.attrib]
    assert focused == [SAME]
    assert by_id(response, "fresh-link") == ""


def test_erased_page_needs_no_link(checked_client, house_with_rooms):
    assert "Deine Daten sind gelöscht" in words(checked_client.get("/daten-geloescht"))


def test_forgotten_person_gets_no_link(checked_client, booking, clock):
    with transaction():
        booking.contact.email = None

    response = ask(checked_client, "zoe@example.org")
    deliver(clock)

    assert (SAME in words(response), db.session.scalars(db.select(Letter)).all()) == (True, [])
