"""Many who book at once: what each process of a race does.

A race has four processes with twenty threads each, all on one database. They
start together, as the processes wait for each other, and go through the code
that the pages go through.
"""

import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from multiprocessing.synchronize import Barrier

from flask import Flask

from booking import clock, create_app, deciding
from booking.availability.claim import claim
from booking.availability.occupied import conflicts
from booking.availability.wanted import Wanted
from booking.database import RoomTaken, db, postgresql, transaction, turns
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.lifecycle import Place
from booking.models import Booking, Contact, Occurrence, Room, StaffMember
from tests.support.app import settings

PROCESSES = 4
THREADS = 20

#: A round: so many ask for the same time, or propose it. ``make drill ARGS=races`` runs more of them.
RIVALS = 20
ROUNDS = int(os.environ.get("TEST_ROUNDS", "4"))

#: Single dates that each client books in so many days, for which there are ever as many who want them.
ATTEMPTS = 3 * ROUNDS // 2
DAYS = 2 * ROUNDS

#: A series asks for so many weeks. Twenty clients take part, and each asks for some.
WEEKS = 52
SERIES = max(1, ROUNDS // 4)

MONDAY = datetime(2027, 1, 4, 8, tzinfo=UTC)

_processes: Barrier


def enter(processes: Barrier) -> None:
    """Initialise a process of the pool."""
    global _processes  # noqa: PLW0603 - a process is in one pool
    _processes = processes


@dataclass(frozen=True)
class Client:
    process: int
    thread: int
    together: Callable[[], object]  # wait until all clients have come here

    @property
    def random(self) -> random.Random:
        return random.Random(100 * self.process + self.thread)  # noqa: S311 - the same steps every time


@cache
def _app(url: str) -> Flask:
    """Kept from race to race, as all have the same address."""
    return create_app(settings(url))


def run(scenario: str, url: str, process: int) -> Counter[str]:
    """One process' part of a race: what came of all attempts, and how often."""
    turns.PATIENCE = postgresql.STATEMENT = 60  # eighty at once on a busy machine: who wins, and not how fast
    app = _app(url)
    outcomes: Counter[str] = Counter()
    barrier = threading.Barrier(THREADS, action=lambda: _processes.wait(60))

    def work(thread: int) -> None:
        with app.app_context():
            try:
                barrier.wait()
                outcomes.update(SCENARIOS[scenario](Client(process, thread, barrier.wait)))
            except Exception as error:  # whatever it was, the test wants to see it
                outcomes[f"{type(error).__name__}: {error}"[:300]] += 1
                barrier.abort()
            db.session.remove()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with app.app_context():
        db.engine.dispose()
    return outcomes


def single_dates(client: Client) -> Iterator[str]:
    """Books single dates in eight rooms that share parts; every second attempt leaves the looking to the database."""
    choose = client.random
    for attempt in range(ATTEMPTS):
        room_id = choose.randrange(1, 9)
        start = MONDAY + timedelta(days=choose.randrange(DAYS), minutes=15 * choose.randrange(32))
        slot = Slot(start, start + timedelta(minutes=choose.choice([60, 90])))
        try:
            with transaction():
                room = db.session.get_one(Room, room_id)
                if attempt % 2:
                    claim([room])
                    if conflicts([Wanted(room, slot)]):
                        raise RoomTaken
                db.session.add(_booking(f"{client.process}-{client.thread}-{attempt}", room_id, [slot]))
            yield "booked"
        except RoomTaken:
            yield "taken"


def _rounds(client: Client, rounds: int) -> Iterator[tuple[int, int, Booking]]:
    """Number of the round, of this rival in it, and its request; four rounds run at once, each with five of every
    process."""
    groups = THREADS * PROCESSES // RIVALS
    rival = client.process * (RIVALS // PROCESSES) + client.thread // groups
    for first in range(0, rounds, groups):
        number = first + client.thread % groups
        client.together()
        if number < rounds:
            yield number, rival, db.session.get_one(Booking, number * RIVALS + rival + 1)


def approvals(client: Client) -> Iterator[str]:
    """Approves one of twenty requests for the same time."""
    by = db.session.get_one(StaffMember, 1)
    for _, _, booking in _rounds(client, ROUNDS):
        ids = [each.id for each in booking.occurrences]
        decision = deciding.decide(booking, approve=ids, seen_version=booking.version, by=by, now=clock.now())
        yield "approved" if decision.approved else "taken" if decision.taken else "nothing"


def proposals(client: Client) -> Iterator[str]:
    """As ``approvals``, but those who ``propose`` have a request for another day and propose this time for it."""
    by = db.session.get_one(StaffMember, 1)
    for number, rival, booking in _rounds(client, ROUNDS):
        (date,) = booking.occurrences
        wishes = (
            {"propose": {date.id: Place(date.room_id, round_slot(number))}}
            if propose(number, rival)
            else {"approve": [date.id]}
        )
        decision = deciding.decide(booking, **wishes, seen_version=booking.version, by=by, now=clock.now())
        came_of_it = {
            "approved": decision.approved,
            "proposed": decision.proposed,
            "taken": decision.taken or decision.not_free,
        }
        yield next((name for name, dates in came_of_it.items() if dates), "nothing")


def series(client: Client) -> Iterator[str]:
    """Books series of 52 weeks in the hall or a half of it, from the first to the last, the reverse, or at random."""
    choose = client.random
    for attempt in range(SERIES if client.thread < 20 // PROCESSES else 0):
        room_id = choose.randrange(1, 4)
        start = MONDAY + timedelta(days=choose.randrange(7), minutes=30 * choose.randrange(24))
        slots = [
            Slot(each, each + timedelta(minutes=60)) for each in (start + timedelta(weeks=n) for n in range(WEEKS))
        ]
        choose.choice([list[Slot].reverse, choose.shuffle, len])(slots)
        try:
            with transaction():
                claim([db.session.get_one(Room, room_id)])
                db.session.add(_booking(f"{client.process}-{client.thread}-{attempt}", room_id, slots))
            yield "booked"
        except RoomTaken:
            yield "taken"


SCENARIOS = {"single dates": single_dates, "approvals": approvals, "proposals": proposals, "series": series}


def _booking(name: str, room_id: int, slots: list[Slot], status: Status = Status.APPROVED) -> Booking:
    return Booking(
        reference=name,
        form_id=name,
        created_at=MONDAY,
        language="de",
        initiative_id=1,
        title="Treffen",
        purpose="",
        is_open=True,
        url="",
        people=5,
        equipment=[],
        access_needs="",
        way_in="",
        note="",
        rules_version="",
        rule={"start": "2027-01-04", "freq": "single"},
        begins=time(9),
        minutes=slots[0].minutes,
        before_minutes=0,
        after_minutes=0,
        skipped=[],
        occurrences=[
            Occurrence(
                room_id=room_id,
                start=slot.start,
                end=slot.end,
                original_start=slot.start,
                original_room_id=room_id,
                status=status,
                changed_at=MONDAY,
            )
            for slot in slots
        ],
    )


def round_slot(number: int) -> Slot:
    """The time that all want in a round."""
    start = MONDAY + timedelta(days=number // 4, hours=2 * (number % 4))
    return Slot(start, start + timedelta(hours=2))


def propose(number: int, rival: int) -> bool:
    """Every second client; in every third round all, as an approval can be the faster of the two each time."""
    return rival % 2 == 1 or number % 3 == 2


def rival_requests(rounds: int, *, some_on_another_day: bool = False) -> list[Booking]:
    """For each round, twenty requests for one time in one room; the rounds that run at once are in different rooms."""
    made = []
    for number in range(rounds):
        slot = round_slot(number)
        for rival in range(RIVALS):
            later = timedelta(days=60 + rival if some_on_another_day and propose(number, rival) else 0)
            wanted = Slot(slot.start + later, slot.end + later)
            booking = _booking(f"{number}-{rival}", number % 4 + 4, [wanted], Status.REQUESTED)
            booking.contact = Contact(name="Zoë Müller", email="zoe@example.org")
            made.append(booking)
    return made
