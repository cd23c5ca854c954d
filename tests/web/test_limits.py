"""How much one place may send, and how much of it one mailbox gets."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from flask import Flask

from booking import create_app, links
from booking.database import db
from booking.extensions import sender
from booking.sharing.people import seconds, share
from booking.web import limits
from booking.web.forms.texts import mailbox
from tests import make
from tests.support.app import CheckedClient, Client, Clock, settings
from tests.support.group_page import address_of, post
from tests.support.pages import parse
from tests.support.request_form import ABOUT, ONCE, Asking, value_of
from tests.support.server import Server
from tests.support.whole_house import UNKNOWN
from tests.web.test_methods import token_of


@pytest.fixture
def limited(app: Flask, sqlite_url: str) -> Iterator[Flask]:
    """The application with its limits on, as it is by default."""
    make.house()
    make.rooms()
    limited = create_app({**settings(sqlite_url), "RATE_LIMITS": "on"})
    yield limited
    with limited.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    ("addresses", "number"),
    [
        (["192.0.2.7", "192.0.2.8"], 2),
        (["::ffff:192.0.2.7", "192.0.2.7"], 1),
        (["2001:db8::1", "2001:db8::ffff:1"], 1),
        (["2001:db8::1", "2001:db8:0:1::1"], 2),
        (["fe80::1%eth0", "fe80::2"], 1),
        (["unix", ""], 2),
    ],
)
def test_limits_count_everybody_once(app: Flask, addresses: list[str], number: int) -> None:
    found = set()
    for address in addresses:
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            found.add(sender())

    assert len(found) == number


@pytest.mark.parametrize(
    "written",
    [
        "zoe.mueller@bücher.example",
        " Zoe.Mueller@BÜCHER.example ",
        "zoemueller@xn--bcher-kva.example",
        "zoe.mueller+1@bücher.example",
        "zoe.mueller@ｂücher.example",
    ],
)
def test_mailbox_is_the_same_however_it_is_written(written: str) -> None:
    assert mailbox(written) == "zoemueller@xn--bcher-kva.example"


@pytest.mark.parametrize("written", ["", "zoe", "a@x.example, b@y.example", "\x00"])
def test_mailbox_of_no_address_is_none(written: str) -> None:
    assert mailbox(written) == ""


def test_mailbox_is_not_filled_from_many_places(limited: Flask, clock: Clock) -> None:
    askings = []
    for number in range(7):
        client = CheckedClient(limited)
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        askings.append(Asking(client))
        askings[-1].all_of(ONCE, email=f"zoe+{number}@example.org")
    clock.set("2026-11-30T10:05")

    askings[0].send(rules=None)  # a mistake, which counts for nothing
    statuses = [asking.send().status_code for asking in askings]

    assert statuses == [200] * 6 + [429]


def test_room_full_of_people_behind_one_address_asks_within_ten_minutes(limited: Flask, clock: Clock) -> None:
    people = []
    for number in range(30):
        client = Client(limited)
        token = token_of(client)
        people.append((client, token))
        about = {**ABOUT, "email": f"person-{number}@example.org"}
        for path, values in (("/anfrage", ONCE), ("/anfrage/termine", {}), ("/anfrage/ueber-euch", about)):
            client.post(path, data={"csrf_token": token, **values})
    clock.set("2026-11-30T10:05")

    answers = [
        client.post(
            "/anfrage/pruefen",
            data={"csrf_token": token, "rules": "yes", "seen": value_of(client.get("/anfrage/pruefen"), "seen")},
        )
        for client, token in people
    ]

    assert [answer.location.partition("?")[0] for answer in answers] == ["/anfrage/danke"] * 30


def test_sending_without_an_address_is_no_error_of_ours(limited: Flask) -> None:
    asking = Asking(CheckedClient(limited))
    asking.all_of(ONCE, email=None)
    token = parse(asking.client.get("/anfrage").text)[0].find(".//input[@name='csrf_token']").get("value")

    sent = asking.client.post(asking.address("/anfrage/pruefen"), data={"csrf_token": token})

    assert sent.location == f"/anfrage/ueber-euch?mistakes=1&draft={asking.draft}"


@pytest.fixture
def behind_a_proxy(idle_server: Server) -> Server:
    idle_server.start(proxies=1)
    return idle_server


def test_bundled_server_tells_apart_who_comes_through_a_proxy(behind_a_proxy: Server) -> None:
    """With its limits off it answers its own machine alone, so the status tells whom it sees."""
    chains = ("127.0.0.1", "192.0.2.7", "127.0.0.1, 192.0.2.7", "192.0.2.7, 127.0.0.1")

    assert [ask(behind_a_proxy, chain) for chain in chains] == [200, 403, 403, 403]


def test_bundled_server_takes_nobody_who_was_forwarded_for_this_machine(server: Server) -> None:
    """With its limits off it answers its own machine alone, and knows of no proxy."""
    assert [ask(server, chain) for chain in ("192.0.2.7", "127.0.0.1")] == [403, 403]


def test_nobody_becomes_somebody_else_by_a_header_that_no_proxy_set(limited: Flask) -> None:
    client = Client(limited)

    answers = [
        client.get(f"/a/{UNKNOWN}", headers={"X-Forwarded-For": f"192.0.2.{number}", "Forwarded": "for=192.0.2.1"})
        for number in range(21)
    ]

    assert [answer.status_code for answer in answers] == [404] * 20 + [429]


def test_bundled_server_takes_no_endless_bodies(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("POST", "/anfrage")
    connection.putheader("Content-Length", str(10**8))
    connection.endheaders()

    assert connection.getresponse().status == 413
    connection.close()


def test_bundled_server_answers_while_many_requests_stay_half_sent(server: Server) -> None:
    halves = (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"POST /link HTTP/1.1\r\nContent-Length: 9\r\n\r\nemail=")
    with ExitStack() as stack:
        for number in range(300):
            hanging = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
            hanging.sendall(halves[number % 2])

        statuses = [ask(server, "", path) for path in ("/healthz", "/")]

    assert statuses == [200, 200]


def ask(server: Server, forwarded_for: str, path: str = "/healthz") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path, headers={"X-Forwarded-For": forwarded_for} if forwarded_for else {})
    status = connection.getresponse().status
    connection.close()
    return status


def test_unknown_links_are_refused_after_twenty_and_known_ones_never(limited: Flask) -> None:
    booking = make.booking(make.room("Empore"), "2027-01-06T16:00")
    make.link(booking)
    known = [address_of(booking, booking.contact, purpose) for purpose in ("page", "calendar")]
    client = Client(limited)

    guesses = [client.get(f"/a/{number:043}").status_code for number in range(10)]
    guesses += [client.get(f"/k/{number:043}.ics").status_code for number in range(7)]
    guesses += [client.get(f"/uebergabe/{number:043}").status_code for number in range(5)]
    looks = [client.get(address).status_code for address in known for _ in range(25)]

    assert guesses == [404] * 20 + [429] * 2
    assert looks == [200] * 50


def test_whoever_has_to_wait_reads_until_when(limited: Flask) -> None:
    client = CheckedClient(limited)
    for number in range(20):
        client.get(f"/a/{number:043}")

    page, english = (client.get(f"{prefix}/a/{UNKNOWN}") for prefix in ("", "/en"))

    assert "Das waren viele Versuche in kurzer Zeit. Bitte versuch es in einer Minute noch einmal." in page.text
    assert "Please try again in 1 minute." in english.text
    assert 1 <= int(page.headers["Retry-After"]) <= 61


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        (1, "in einer Minute"),
        (61, "in 2 Minuten"),
        (60 * 60, "in 60 Minuten"),
        (60 * 60 + 1, "um 11:01 Uhr"),
        (14 * 3600 - 60, "um 23:59 Uhr"),
        (14 * 3600, "morgen um 00:00 Uhr"),
    ],
)
def test_wait_is_said_in_minutes_or_as_a_time(app: Flask, clock: Clock, seconds: int, sentence: str) -> None:
    make.house()
    with app.test_request_context():
        assert limits.wait_in_words(seconds, clock.now) == f"Bitte versuch es {sentence} noch einmal."


def test_machines_read_until_when_to_wait(limited: Flask) -> None:
    client = Client(limited)
    answers = [client.post("/api/v1/preview", json={}) for _ in range(121)]

    assert [answer.status_code for answer in answers] == [422] * 120 + [429]
    wait = answers[-1].headers["Retry-After"]
    assert answers[-1].json["detail"] == f"Too many requests in a short time. Try again in {wait} seconds."
    assert 1 <= int(wait) <= 61


def test_slips_in_an_address_cost_the_others_in_a_house_nothing(limited: Flask) -> None:
    client = Client(limited)

    slips = [post(client, "/link", "/link", email="zoe@").status_code for _ in range(12)]

    assert (slips, post(client, "/link", "/link", email="zoe@example.org").status_code) == ([422] * 12, 303)


@pytest.mark.parametrize("email", ["zoe@example.org", "nobody@example.org"])
def test_fresh_links_fill_no_mailbox_and_the_limit_does_not_tell_who_is_known(limited: Flask, email: str) -> None:
    make.link(make.booking(make.room("Empore"), "2027-01-06T16:00"))
    statuses = []
    for number in range(7):
        client = CheckedClient(limited)
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        written = email.replace("@", f"+{number}@") if number else email
        statuses.append(client.submit("/link", {"email": written}, form="fresh-link").status_code)

    assert statuses == [200] * 6 + [429]


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("z\0oe@example.org", id="NUL inside"),
        pytest.param("\0" * 300 + "zoe@example.org", id="NUL before"),
        pytest.param(" " * 300 + "zoe@example.org", id="blanks"),
        pytest.param("\u202e" * 300 + "zoe@example.org", id="turning marks"),
    ],
)
def test_mailbox_is_not_filled_with_what_forms_leave_out(limited: Flask, written: str) -> None:
    make.link(make.booking(make.room("Empore"), "2027-01-06T16:00"))
    statuses = []
    for number in range(7):
        client = CheckedClient(limited)
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        statuses.append(post(client, "/link", "/link", email=written).status_code)

    assert statuses == [303] * 6 + [429]


def test_nothing_fills_a_mailbox_from_the_page_of_one_booking(limited: Flask, clock: Clock) -> None:
    booking = make.booking(make.room("Empore"), *[f"2027-01-{day:02}T16:00" for day in range(1, 31)])
    first = links.token(make.link(booking))
    share(booking, "Ali", "ali@example.org", clock.now)
    tokens = [first, links.token(links.current(booking, seconds(booking)[0]))]
    client = Client(limited)
    steps = [("zurueckziehen", "date", str(date.id)) for date in booking.occurrences]
    mistake = post(client, f"/a/{tokens[0]}/angaben", "/link", title="").status_code

    statuses = []
    others = [("absagen", "date", "1"), ("uebergeben", "email", ""), ("kalender-abo", "", "")]
    for number, (step, name, value) in enumerate([*steps, *others]):
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        statuses.append(post(client, f"/a/{tokens[number % 2]}/{step}", "/link", **{name: value}).status_code)

    assert (mistake, statuses) == (422, [303] * 30 + [429] * 3)
    assert client.get(f"/a/{tokens[0]}").status_code == 200


def test_one_sender_gets_sixty_links_an_hour(limited: Flask) -> None:
    client = Client(limited)
    token = token_of(client)

    statuses = [
        client.post("/link", data={"csrf_token": token, "email": f"{number}@example.org"}).status_code
        for number in range(61)
    ]

    assert statuses == [303] * 60 + [429]


def test_preview_counts_the_dates_that_are_looked_up(limited: Flask) -> None:
    rule = {"start": "2027-01-06T16:00", "duration_minutes": 60, "freq": "weekly"}
    client = Client(limited)

    def ask(limit: int) -> int:
        return client.post("/api/v1/preview", json={"rule": rule, "limit": limit}).status_code

    few, many = [ask(20) for _ in range(17)], [ask(520) for _ in range(5)]
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"

    assert (few, many) == ([200] * 17, [200] * 3 + [429] * 2)
    assert ask(520) == 200
