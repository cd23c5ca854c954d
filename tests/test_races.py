"""Many who book at once, in several processes, on both databases: nobody gets a room that another one has."""

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from multiprocessing.pool import Pool

import pytest
import sqlalchemy as sa
from flask import Flask

from booking import guard
from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Booking, House, Letter, Occurrence
from tests import make
from tests.support import racing


@pytest.fixture(scope="module")
def processes() -> Iterator[Pool]:
    """Four processes, which keep their modules from race to race."""
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(racing.PROCESSES, racing.enter, [spawn.Barrier(racing.PROCESSES)]) as pool:
        yield pool
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


def race(processes: Pool, scenario: str) -> Counter[str]:
    """What came of it all."""
    db.session.remove()
    url = db.engine.url.render_as_string(hide_password=False)
    parts = processes.starmap(racing.run, [(scenario, url, number) for number in range(racing.PROCESSES)], chunksize=1)
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


def test_two_thousand_bookings_in_eight_rooms_never_overlap(house: None, processes: Pool) -> None:
    outcomes = race(processes, "single dates")

    assert outcomes.total() == 2000
    assert outcomes == {"booked": outcomes["booked"], "taken": outcomes["taken"]}
    assert min(outcomes.values()) > 200  # else it was no race
    assert count(Occurrence.status == Status.APPROVED) == outcomes["booked"]
    assert_nothing_overlaps()


def test_of_twenty_approvals_at_once_exactly_one_wins(house: None, processes: Pool) -> None:
    with transaction():
        db.session.add_all(racing.rival_requests())

    outcomes = race(processes, "approvals")

    approved = sa.select(Occurrence.booking_id).where(Occurrence.status == Status.APPROVED)
    winners = Counter((booking_id - 1) // racing.RIVALS for booking_id in db.session.scalars(approved))
    assert outcomes == {"approved": racing.ROUNDS, "taken": racing.ROUNDS * (racing.RIVALS - 1)}
    assert winners == dict.fromkeys(range(racing.ROUNDS), 1)
    assert count(Occurrence.status == Status.REQUESTED) == racing.ROUNDS * (racing.RIVALS - 1)
    assert count(Letter.id > 0) == racing.ROUNDS
    assert db.session.get_one(House, 1).version == 1 + racing.ROUNDS
    assert_nothing_overlaps()


def test_series_are_booked_as_a_whole_or_not_at_all(house: None, processes: Pool) -> None:
    outcomes = race(processes, "series")

    assert outcomes.total() == 20 * racing.SERIES
    assert outcomes == {"booked": outcomes["booked"], "taken": outcomes["taken"]}
    assert outcomes["booked"] >= 5
    sizes = sa.select(sa.func.count(Occurrence.id)).group_by(Occurrence.booking_id)
    assert Counter(db.session.scalars(sizes)) == {racing.WEEKS: outcomes["booked"]}
    assert count(Booking.id > 0) == outcomes["booked"]
    assert_nothing_overlaps()
