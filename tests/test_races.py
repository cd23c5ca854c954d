"""Many who book at once, in several processes, on both databases: nobody gets a room that another one has."""

import http.cookiejar
import multiprocessing
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import Pool
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from flask import Flask

from booking import guard
from booking.database import db, transaction
from booking.domain.status import HOLDS_ROOM, Status
from booking.models import Booking, House, Letter, Occurrence
from tests import make
from tests.support import racing
from tests.support.app import CheckedClient, Clock
from tests.support.mail import MailServer
from tests.support.pages import find_form
from tests.support.request_form import ONCE, Asking
from tests.support.server import SentForm, Server, Zygote


class Processes(NamedTuple):
    pool: Pool
    barrier: Barrier


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    """Four processes, forked by one that has loaded the service and nothing else; they are kept from race to race."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([racing.__name__])
    barrier = server.Barrier(racing.PROCESSES)
    with server.Pool(racing.PROCESSES, racing.enter, [barrier]) as pool:
        yield Processes(pool, barrier)
        pool.close()
        pool.join()


@pytest.fixture
def house(engine_app: Flask) -> None:
    """A hall and its halves (rooms 1 to 3), five more rooms, and somebody of the team who decides."""
    make.house()
    make.room("Saal", parts=["north", "south"])
    make.room("Saal Nord", parts=["north"])
    make.room("Saal Süd", parts=["south"])
    for number in range(4, 9):
        make.room(f"Raum {number}")
    make.staff()
    make.initiative()


def race(processes: Processes, scenario: str) -> Counter[str]:
    """What came of it all."""
    db.session.remove()
    url = db.engine.url.render_as_string(hide_password=False)
    if processes.barrier.broken:  # by the race before, which failed
        processes.barrier.reset()
    each = [(scenario, url, number) for number in range(racing.PROCESSES)]
    parts = processes.pool.starmap(racing.run, each, chunksize=1)
    return sum(parts, Counter())


def count(what: sa.ColumnElement[bool]) -> int:
    return db.session.scalars(sa.select(sa.func.count()).where(what)).one()


def assert_nothing_overlaps() -> None:
    """Occupancy is the truth, and no row of a part begins before the one before it has ended."""
    assert guard.untruths(db.session.connection()) == []
    overlaps = sa.text(
        'SELECT count(*) FROM (SELECT start, lag("end") OVER (PARTITION BY part_id ORDER BY start) AS before'
        " FROM occupancy) AS neighbours WHERE before > start"
    )
    assert db.session.scalars(overlaps).one() == 0
    if db.engine.dialect.name == "postgresql":
        deadlocks = sa.text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert db.session.scalars(deadlocks).one() == 0


def test_bookings_in_eight_rooms_never_overlap(house: None, processes: Processes) -> None:
    outcomes = race(processes, "single dates")

    attempts = racing.PROCESSES * racing.THREADS * racing.ATTEMPTS
    assert outcomes.total() == attempts
    assert outcomes == {"booked": outcomes["booked"], "taken": outcomes["taken"]}
    assert min(outcomes.values()) > attempts // 10  # else it was no race
    assert count(Occurrence.status == Status.APPROVED) == outcomes["booked"]
    assert_nothing_overlaps()


def test_of_twenty_approvals_at_once_exactly_one_wins(house: None, processes: Processes) -> None:
    with transaction():
        db.session.add_all(racing.rival_requests(racing.ROUNDS))
    before = db.session.get_one(House, 1).version

    outcomes = race(processes, "approvals")

    approved = sa.select(Occurrence.booking_id).where(Occurrence.status == Status.APPROVED)
    winners = Counter((booking_id - 1) // racing.RIVALS for booking_id in db.session.scalars(approved))
    assert outcomes == {"approved": racing.ROUNDS, "taken": racing.ROUNDS * (racing.RIVALS - 1)}
    assert winners == dict.fromkeys(range(racing.ROUNDS), 1)
    assert count(Occurrence.status == Status.REQUESTED) == racing.ROUNDS * (racing.RIVALS - 1)
    assert count(Letter.id > 0) == racing.ROUNDS
    assert db.session.get_one(House, 1).version == before + racing.ROUNDS
    assert_nothing_overlaps()


def test_of_approvals_and_proposals_for_one_time_exactly_one_wins(house: None, processes: Processes) -> None:
    with transaction():
        db.session.add_all(racing.rival_requests(racing.ROUNDS, some_on_another_day=True))

    outcomes = race(processes, "proposals")

    rounds = racing.ROUNDS
    losers = rounds * (racing.RIVALS - 1)
    proposed = outcomes["proposed"]  # which of them is faster is by chance
    assert outcomes == Counter(approved=rounds - proposed, proposed=proposed, taken=losers)
    assert proposed >= rounds // 3
    holding = sa.select(Occurrence.booking_id).where(Occurrence.status.in_(HOLDS_ROOM))
    winners = Counter((booking_id - 1) // racing.RIVALS for booking_id in db.session.scalars(holding))
    assert winners == dict.fromkeys(range(rounds), 1)
    assert count(Occurrence.status == Status.REQUESTED) == losers
    assert count(Letter.id > 0) == rounds
    assert_nothing_overlaps()


def test_series_are_booked_as_a_whole_or_not_at_all(house: None, processes: Processes) -> None:
    outcomes = race(processes, "series")

    assert outcomes.total() == 20 * racing.SERIES
    assert outcomes == {"booked": outcomes["booked"], "taken": outcomes["taken"]}
    assert outcomes["booked"] >= 5
    sizes = sa.select(sa.func.count(Occurrence.id)).group_by(Occurrence.booking_id)
    assert Counter(db.session.scalars(sizes)) == {racing.WEEKS: outcomes["booked"]}
    assert count(Booking.id > 0) == outcomes["booked"]
    assert_nothing_overlaps()


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Leave the redirect to whoever asked."""


class Browser:
    """Asks the running service, with the cookies of one sign-in."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), Stay)
        self.submit("/team/anmelden", {"email": server.member.email, "password": make.PASSWORD})
        self.ask("/team")  # the session has its token for forms before many ask at once

    def ask(self, path: str, data: list[tuple[str, str]] | None = None) -> tuple[int, str]:
        body = None if data is None else urllib.parse.urlencode(data).encode()
        try:
            with self.opener.open(f"{self.server.url}{path}", body, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()

    def submit(self, path: str, values: dict[str, str], *, form: str = "", button: str = "") -> tuple[int, str]:
        filled = find_form(self.ask(path)[1], form).filled(values, button)
        return self.ask(filled.target or path, list(filled.data.items(multi=True)))


@pytest.fixture
def service(
    house: None, engine_app: Flask, zygote: Zygote, clock: Clock, tmp_path: Path, smtp: MailServer
) -> Iterator[Server]:
    """The service as it runs, on either database."""
    server = Server(zygote, engine_app, clock, tmp_path, smtp)
    server.start()
    yield server
    server.stop()


def test_of_twenty_approvals_over_http_one_wins_and_none_is_an_error(service: Server) -> None:
    rounds = max(1, racing.ROUNDS // 5)
    with transaction():
        db.session.add_all(racing.rival_requests(rounds))
    dates = dict(db.session.execute(sa.select(Booking.reference, Occurrence.id).join(Booking.occurrences)).all())
    db.session.rollback()  # PostgreSQL ends who stays in a transaction for long
    browser = Browser(service)
    together = threading.Barrier(racing.RIVALS)

    def approve(number: int, rival: int) -> str:
        """Both look at the panel while the time is free; then both press the button."""
        reference = f"{number}-{rival}"
        values = {"date": str(dates[reference])}
        _, panel = browser.submit(f"/team/anfragen/{reference}", values, form="decision", button="selection")
        filled = find_form(panel, "panel").filled({}, "send")
        together.wait(60)
        sent = list(filled.data.items(multi=True))
        while (status := browser.ask(filled.target, sent)[0]) == 503:
            pass  # on a busy machine a turn may take longer than the service waits: it says so, and keeps nothing
        return str(status)

    with ThreadPoolExecutor(racing.RIVALS) as clients:
        answers = [
            Counter(clients.map(approve, [number] * racing.RIVALS, range(racing.RIVALS))) for number in range(rounds)
        ]

    db.session.rollback()
    assert set(sum(answers, Counter())) <= {"303", "409"}
    approved = sa.select(Occurrence.booking_id).where(Occurrence.status == Status.APPROVED)
    winners = Counter((booking_id - 1) // racing.RIVALS for booking_id in db.session.scalars(approved))
    assert winners == dict.fromkeys(range(rounds), 1)
    assert_nothing_overlaps()


def test_form_that_is_sent_five_times_at_once_is_one_request_with_its_letters(
    service: Server, engine_app: Flask, smtp: MailServer
) -> None:
    asking = Asking(CheckedClient(engine_app, use_cookies=True))
    asking.all_of({**ONCE, "room": "raum-4"})
    page = asking.client.get("/anfrage/pruefen")
    filled = find_form(page.text, "request").filled({"rules": "yes"}, "")
    body = urllib.parse.urlencode(list(filled.data.items(multi=True)))
    form = SentForm(page.request.headers["Cookie"], body)
    together = threading.Barrier(5)

    def send(_: int) -> int:
        together.wait(60)
        return service.ask("POST", "/anfrage/pruefen", form)

    with ThreadPoolExecutor(5) as windows:
        statuses = list(windows.map(send, range(5)))

    db.session.rollback()
    assert statuses == [303] * 5
    assert count(Booking.id > 0) == 1
    assert count(Letter.id > 0) == 2
    assert len(smtp.wait_for(2)) == 2
    assert len(smtp.to("zoe@example.org")) == 1
