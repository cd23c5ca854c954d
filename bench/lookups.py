"""What is asked most, against 3,000, 300,000 and 3,000,000 occupied rows."""

import statistics
from collections.abc import Callable, Iterable
from datetime import date, time
from time import perf_counter
from typing import NamedTuple

import sqlalchemy as sa

from bench.databases import SIZES, database
from booking import clock, lifecycle
from booking.agenda import agenda
from booking.availability.claim import claim_booking
from booking.availability.occupied import conflicts
from booking.availability.wanted import Wanted
from booking.database import db, transaction
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.domain.slot import Slot
from booking.domain.status import Action
from booking.house import rooms
from booking.models import Booking, Room, occupancy
from tests import make
from tests.make import ZONE

REPEATS, ROUNDS = 41, 9
OF_LONG_WORK = 5, 3
MOST_MS = {"sqlite": 2.5, "postgresql": 5.0}
MOST_GROWTH = 2.0
MOST_PREVIEW_MS = 6.0

WEEKLY = {"start": date(2024, 1, 3), "freq": Frequency.WEEKLY, "count": 520}
BEGINS, MINUTES = time(18, 30), 105

# The least that a database could need: 520 rows read by their primary key, in one statement as well.
_FLOOR = {
    "sqlite": """
        SELECT count(occupancy."end") FROM json_each(:starts) AS wanted
        JOIN occupancy ON occupancy.part_id = :part_id AND occupancy.start = wanted.value""",
    "postgresql": """
        SELECT count(occupancy."end") FROM unnest(CAST(:starts AS bigint[])) AS wanted (start)
        JOIN occupancy ON occupancy.part_id = :part_id AND occupancy.start = wanted.start""",
}


class Figures(NamedTuple):
    """Medians in milliseconds."""

    floor: float
    check: float
    preview: float
    taken: int
    all_rooms: float  # which of all rooms is free for how much of a series of 52 dates
    wanted_there: int  # dates times rooms
    day: float  # the plan of a day
    approve_52: float  # without the commit, which takes as long as the disk does
    approve_520: float


def median_ms(work: Callable[[], object], repeats: int = REPEATS, rounds: int = ROUNDS) -> float:
    """The median in the quietest of some rounds: what else the machine does meanwhile is not what is asked."""
    work()
    return min(statistics.median(_milliseconds(work) for _ in range(repeats)) for _ in range(rounds))


def _milliseconds(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return (perf_counter() - begun) * 1000


def wanted(room: Room) -> list[Wanted]:
    """A rule's dates in the house's zone."""
    days = RecurrenceRule(**WEEKLY).days()
    return [Wanted(room, Slot.on(day, BEGINS, MINUTES, ZONE)) for day in days]


def floor(engine: str, room: Room) -> Callable[[], object]:
    part_id = min(room.part_lists.at(0))
    in_order = sa.select(occupancy.c.start).where(occupancy.c.part_id == part_id).order_by(occupancy.c.start)
    starts = db.session.scalars(in_order).all()
    chosen = str([starts[n * len(starts) // 520] for n in range(520)])
    values = {"part_id": part_id, "starts": chosen if engine == "sqlite" else f"{{{chosen[1:-1]}}}"}
    statement = sa.text(_FLOOR[engine])
    return lambda: db.session.execute(statement, values).scalar_one()


def all_rooms() -> object:
    days = RecurrenceRule(**WEEKLY).days()[:52]
    slots = [Slot.on(day, BEGINS, MINUTES, ZONE) for day in days]
    return conflicts([Wanted(room, slot) for room in rooms() for slot in slots])


def plan_of_a_day() -> object:
    db.session.rollback()  # a page begins with nothing read
    return agenda(date(2029, 3, 7), 1)


class TakenBack(Exception):
    """An approval that was only tried."""


def approval(dates: int) -> Callable[[], object]:
    """Approve a series that nothing stands in the way of, with its letter, and take it back."""
    title = f"bench {dates}"
    booking = db.session.scalars(sa.select(Booking).where(Booking.title == title)).first()
    if booking is None:
        days = RecurrenceRule(start=date(2040, 1, 4), freq=Frequency.WEEKLY, count=dates).days()
        booking = make.booking(db.session.get_one(Room, 1), *(f"{day}T18:30" for day in days), title=title)
    booking_id = booking.id

    def approve() -> None:
        try:
            with transaction():
                found = db.session.get_one(Booking, booking_id)
                claim_booking(found)
                assert conflicts([Wanted(each.room, each.occupied) for each in found.occurrences]) == {}
                lifecycle.take(found, {Action.APPROVE: found.occurrences}, now=clock.now())
                raise TakenBack
        except TakenBack:
            pass

    return approve


def measure(engine: str, rows: int) -> Figures:
    with database(engine, rows):
        room = db.session.get_one(Room, SIZES[rows] // 2)
        wishes = wanted(room)
        assert len(wishes) == 520
        figures = Figures(
            floor=median_ms(floor(engine, room)),
            check=median_ms(lambda: conflicts(wishes)),
            preview=median_ms(lambda: conflicts(wanted(room))),
            taken=len(conflicts(wishes)),
            all_rooms=median_ms(all_rooms, *OF_LONG_WORK),
            wanted_there=52 * SIZES[rows],
            day=median_ms(plan_of_a_day, *OF_LONG_WORK),
            approve_52=median_ms(approval(52), *OF_LONG_WORK),
            approve_520=median_ms(approval(520), *OF_LONG_WORK),
        )
        db.session.rollback()
        return figures


def shown(figures: Figures) -> str:
    """Milliseconds, and how many times what bare reads of as many rows take where that can be said."""
    reads = {figures.check: 520, figures.preview: 520, figures.all_rooms: figures.wanted_there}
    compared = "".join(f"{f'{ms:.2f} ({ms / figures.floor / n * 520:.1f}×)':>16}" for ms, n in reads.items())
    return compared + "".join(f"{ms:>9.2f}" for ms in (figures.day, figures.approve_52, figures.approve_520))


def missed(engine: str, found: dict[int, Figures]) -> list[str]:
    """What took longer than is asked for."""
    limits = {"check": MOST_MS[engine], "preview": MOST_PREVIEW_MS}
    late = [
        f"{engine}: {name} of {getattr(figures, name):.2f} ms"
        for figures in found.values()
        for name, most in limits.items()
        if getattr(figures, name) > most
    ]
    grows = growth(found)
    return late + ([f"{engine}: grows {grows:.2f} times"] if grows >= MOST_GROWTH else [])


def growth(found: dict[int, Figures]) -> float:
    """How much longer the check takes with the most rows than with the fewest."""
    return found[max(found)].check / found[min(found)].check


def report(engines: Iterable[str], most_rows: int) -> bool:
    """Measure and print; whether all that is asked for is met."""
    sizes = [rows for rows in SIZES if rows <= most_rows]
    print(f"In ms: the median of {REPEATS}, in the quietest of {ROUNDS} rounds.")
    print("Floor: 520 bare primary-key reads in one statement. Check: a weekly rule of 520 dates in one room.")
    print("Preview: rule, zone and check. All rooms: 52 dates in each of 6, 30 or 200 rooms. Day: the plan of a day.")
    print("52, 520: to approve a series with its letter, but for the commit. (Times the floor of as many reads.)\n")
    late = []
    for engine in engines:
        names = "".join(f"{name:>16}" for name in ("check", "preview", "all rooms"))
        print(f"{engine:<11}{'rows':>10}{'taken':>8}{'floor':>9}{names}{'day':>9}{'52':>9}{'520':>9}")
        found = {}
        for rows in sizes:
            found[rows] = figures = measure(engine, rows)
            print(f"{'':<11}{rows:>10,}{figures.taken:>8}{figures.floor:>9.2f}{shown(figures)}", flush=True)
        print(f"{'':<11}{sizes[-1]:,} against {sizes[0]:,} rows: check {growth(found):.2f} times\n")
        late += missed(engine, found)
    print("Asked for: check in 2.5 ms on SQLite and 5 ms on PostgreSQL, preview in 6 ms, growth below 2 times.")
    print(f"Missed: {'; '.join(late)}." if late else "All of it is met.")
    return not late
