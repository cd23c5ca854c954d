"""Which of the wanted times are taken, asked in one statement; and whoever claims a room has it to themselves."""

import threading
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa
from flask import Flask

from booking.availability.claim import claim
from booking.availability.occupied import Around, Gap, around, asking_too, conflicts
from booking.availability.wanted import Wanted
from booking.database import db, transaction
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.models import Occurrence, Part, Room
from tests import make
from tests.support.statements import statements

QUARTER = timedelta(minutes=15)
MONDAY = make.instant("2027-01-04T08:00")


@pytest.fixture
def rooms(engine_app: Flask) -> list[Room]:
    """A hall, its halves, and a room apart from them, which is joined with one half for a night and a day."""
    make.house()
    rooms = [
        make.room("Saal", parts=["north", "south"]),
        make.room("Saal Nord", parts=["north"]),
        make.room("Saal Süd", parts=["south"]),
        make.room("Werkstatt"),
    ]
    make.other_parts(rooms[3], "2027-01-05T18:00", ["south", "Werkstatt"])
    make.other_parts(rooms[3], "2027-01-06T18:00", ["Werkstatt"])
    return rooms


def parts(one: Occurrence | Wanted) -> set[Part]:
    begin = (one.slot if isinstance(one, Wanted) else one.occupied).start.timestamp()
    since = max(row.since for row in one.room.part_rows if row.since <= begin)
    return {row.part for row in one.room.part_rows if row.since == since}


def meet(one: Occurrence | Wanted, other: Occurrence) -> bool:
    slot = one.slot if isinstance(one, Wanted) else one.occupied
    return not parts(one).isdisjoint(parts(other)) and slot.overlaps(other.occupied)


def some_dates(random: Random, rooms: list[Room]) -> list[Occurrence]:
    """Eighty dates; each that meets none before it is approved."""
    booking = make.booking(rooms[0], "2026-12-01T10:00")
    dates: list[Occurrence] = []
    for _ in range(80):
        room, start = random.choice(rooms), MONDAY + QUARTER * random.randrange(400)
        date = Occurrence(
            booking_id=booking.id,
            room=room,
            start=start,
            end=start + QUARTER * random.randint(1, 12),
            before_minutes=random.choice([0, 0, 15]),
            after_minutes=random.choice([0, 0, 30]),
            original_start=start,
            original_room_id=room.id,
            changed_at=MONDAY,
        )
        date.status = (
            Status.REQUESTED if any(meet(date, each) for each in dates if each.holds_room) else Status.APPROVED
        )
        dates.append(date)
    with transaction():
        db.session.add_all(dates)
    return dates


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.variant) for seed in (2, 3))])
def test_conflicts_agrees_with_comparing_every_pair(rooms: list[Room], seed: int) -> None:
    random = Random(seed)  # noqa: S311 - the same dates every time
    held = [date for date in some_dates(random, rooms) if date.holds_room]
    starts = [MONDAY + QUARTER * random.randrange(-10, 420) for _ in range(400)]
    wanted = [Wanted(random.choice(rooms), Slot(start, start + QUARTER * random.randint(1, 20))) for start in starts]

    found = conflicts(wanted)

    in_the_way = {index: {date.id for date in held if meet(wish, date)} for index, wish in enumerate(wanted)}
    assert 100 < len(found) < 350
    assert set(found) == {index for index, ids in in_the_way.items() if ids}
    assert {index: id_ for index, id_ in found.items() if id_ not in in_the_way[index]} == {}


@pytest.mark.parametrize("tight", [timedelta(minutes=30), timedelta(days=300)])
def test_around_agrees_with_looking_at_every_date(rooms: list[Room], tight: timedelta) -> None:
    random = Random(7)  # noqa: S311 - the same dates every time
    held = [date for date in some_dates(random, rooms) if date.holds_room]
    leaving = held[::3]
    exclude = [date.id for date in leaving]
    starts = [MONDAY + QUARTER * random.randrange(-10, 420) for _ in range(400)]
    wanted = [Wanted(random.choice(rooms), Slot(start, start + QUARTER * random.randint(1, 20))) for start in starts]

    found = around(wanted, tight, exclude)

    expected = {index: Around(taken_by, None) for index, taken_by in conflicts(wanted, exclude).items()}
    for index, wish in enumerate(wanted):
        neighbours = [date for date in held if date not in leaving and not parts(wish).isdisjoint(parts(date))]
        before = [wish.slot.start - date.occupied.end for date in neighbours if date.occupied.end <= wish.slot.start]
        later = [date.occupied.start - wish.slot.end for date in neighbours if date.occupied.start >= wish.slot.end]
        nearest = min([*before, *later], default=None)
        if index not in expected and nearest is not None and nearest < tight:
            expected[index] = Around(None, Gap(nearest // timedelta(minutes=1), before=nearest in before))
    assert len({index for index, each in expected.items() if each.gap}) > 30
    assert found == expected


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.variant)])
def test_rivals_agree_with_comparing_every_pair(rooms: list[Room], seed: int) -> None:
    random = Random(seed)  # noqa: S311 - the same dates every time
    dates = some_dates(random, rooms)
    asked = [date for date in dates if not date.holds_room]
    out = asked[::4]
    starts = [MONDAY + QUARTER * random.randrange(-10, 420) for _ in range(300)]
    wanted = [Wanted(random.choice(rooms), Slot(start, start + QUARTER * random.randint(1, 20))) for start in starts]

    found = asking_too(wanted, [date.id for date in out])

    expected = {
        index: {
            date.id: (date.id, date.booking_id, date.slot) for date in asked if date not in out and meet(wish, date)
        }
        for index, wish in enumerate(wanted)
    }
    assert len(found) > 80
    told = {index: {id_: (it.id, it.booking_id, it.slot) for id_, it in ids.items()} for index, ids in found.items()}
    assert told == {index: ids for index, ids in expected.items() if ids}


def test_conflicts_looks_past_dates_that_do_not_count(rooms: list[Room]) -> None:
    random = Random(4)  # noqa: S311 - the same dates every time
    held = [date for date in some_dates(random, rooms) if date.holds_room]
    leaving, staying = held[::2], held[1::2]
    starts = [MONDAY + QUARTER * random.randrange(-10, 420) for _ in range(400)]
    wanted = [Wanted(random.choice(rooms), Slot(start, start + QUARTER * random.randint(1, 20))) for start in starts]

    found = conflicts(wanted, [date.id for date in leaving])

    in_the_way = {index: {date.id for date in staying if meet(wish, date)} for index, wish in enumerate(wanted)}
    assert set(found) == {index for index, ids in in_the_way.items() if ids}
    assert {index: id_ for index, id_ in found.items() if id_ not in in_the_way[index]} == {}


def test_conflicts_asks_once_for_all_of_a_series(rooms: list[Room]) -> None:
    wanted = [Wanted(rooms[0], Slot(MONDAY, MONDAY + QUARTER * n)) for n in range(1, 100)]
    conflicts(wanted)

    with statements() as heard:
        assert conflicts(wanted) == {}

    assert len(heard) == 1


def test_conflicts_asks_nothing_for_nothing(engine_app: Flask) -> None:
    with statements() as heard:
        assert conflicts([]) == {}

    assert heard == []


def test_conflicts_descends_once_for_each_time(app: Flask) -> None:
    make.house()
    room = make.room()
    with statements() as heard:
        conflicts([Wanted(room, Slot(MONDAY, MONDAY + QUARTER))])

    plan = db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {heard[-1].replace('?', ':runs')}"), {"runs": "[]"})

    assert [row.detail for row in plan if "occupancy" in row.detail] == [
        "SEARCH occupancy USING PRIMARY KEY (part_id=? AND start<?)"
    ]


def test_claim_locks_parts_in_order_and_reads_anew(rooms: list[Room]) -> None:
    hall, half = rooms[0], rooms[2]
    with transaction():
        assert hall.name == "Saal"
        with statements() as heard:
            claim([half, hall])
        db.session.execute(sa.update(Room).where(Room.id == hall.id).values(name="Halle"))
        claim([hall])
        assert hall.name == "Halle"

    locking = " ORDER BY part.id FOR NO KEY UPDATE" if db.engine.dialect.name == "postgresql" else " ORDER BY part.id"
    assert "".join(heard[-1].splitlines()).endswith(locking)


@pytest.mark.postgresql
def test_claim_makes_others_wait_for_a_shared_part_only(app_pg: Flask) -> None:
    make.house()
    hall, half, apart = make.room("Saal", parts=["n", "s"]), make.room("Nord", parts=["n"]), make.room("Werkstatt")
    ids = [hall.id, half.id, apart.id]
    order: list[str] = []
    inside, done = threading.Event(), threading.Event()

    def other() -> None:
        with app_pg.app_context():
            inside.wait(60)
            with transaction():
                claim([db.session.get_one(Room, ids[2])])
                order.append("apart")
            done.set()
            with transaction():
                claim([db.session.get_one(Room, ids[1])])
                order.append("half")
            db.session.remove()

    thread = threading.Thread(target=other)
    thread.start()
    with transaction():
        claim([hall])
        inside.set()
        done.wait(60)
        waiting = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        for _ in range(200):
            if db.session.scalars(waiting).one():
                break
            threading.Event().wait(0.02)
        order.append("hall")
    thread.join()

    assert order == ["apart", "hall", "half"]
    assert db.session.scalars(sa.select(sa.func.count(Part.id))).one() == 3
