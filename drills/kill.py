"""Kills of the service under load: what it has acknowledged is there afterwards, whole, with its letters.

It kills the bundled server on SQLite 100 times and two gunicorn processes on
PostgreSQL 40 times; ``python -m drills kill sqlite=10 postgresql=0`` does so
more or less often.
"""

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import sqlalchemy as sa

from booking.database import db
from booking.models import Letter
from drills.clients import Acknowledged, Asker, Decider, broken_promises, keep_doing
from drills.service import TEAM, Service, postgresql_service, settings, sqlite_service

ASKERS, DECIDERS = 10, 6
ROUND_SECONDS = (2.0, 10.0)
#: Longer than the lease of a letter whose sender was killed.
DRAIN_SECONDS = 300


class Load:
    """People who ask and decide all the time, each in a thread of their own."""

    def __init__(self, service: Service) -> None:
        self.acknowledged = Acknowledged()
        self._over = threading.Event()
        tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011, TID251 - of the service, which runs today
        askers = [Asker(service.url, service.room_slugs, tomorrow, number) for number in range(ASKERS)]
        deciders = [Decider(service.url, *TEAM, 1000 + number) for number in range(DECIDERS)]
        works = [asker.ask for asker in askers] + [decider.decide for decider in deciders]
        self._threads = [
            threading.Thread(target=keep_doing, args=(work, self.acknowledged, self._over), daemon=True)
            for work in works
        ]
        for thread in self._threads:
            thread.start()

    @property
    def number(self) -> int:
        """Of requests and decided dates that were acknowledged."""
        return len(self.acknowledged.requests) + len(self.acknowledged.approvals)

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def unsent(service: Service) -> int:
    """How many letters have not left once there was time to send them. A letter that left is a file."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while True:
        with service.app.app_context():
            states = dict(db.session.execute(sa.select(Letter.state, sa.func.count()).group_by(Letter.state)).all())
            db.session.remove()
        waiting = states.get("waiting", 0) + states.get("sending", 0)
        if not waiting or time.monotonic() > deadline:
            files = len(list((service.folder / "mail").glob("*.eml")))
            return waiting + states.get("failed", 0) + max(0, states.get("sent", 0) - files)
        time.sleep(1)


def drill(name: str, service: Service, kills: int, kill: Callable[[], None]) -> bool:
    """Kill something so often under load, and look whether all that was acknowledged is there."""
    choose = random.Random(name)
    service.start()
    load = Load(service)
    begun = time.monotonic()
    for number in range(1, kills + 1):
        time.sleep(choose.uniform(*ROUND_SECONDS))
        kill()
        if number % 10 == 0:
            print(f"  {name}: {number} kills, {load.number} acknowledged", flush=True)
    load.end()
    told = load.acknowledged
    with service.app.app_context():
        found = broken_promises(db.session.connection(), told)
        db.session.remove()
    found |= {"letters not sent": unsent(service), "faults of the database": len(service.faults())}
    print(
        f"{name}: {kills} kills in {time.monotonic() - begun:.0f} s;"
        f" {len(told.requests)} requests and {len(told.approvals)} approved dates acknowledged"
    )
    print("".join(f"  {what}: {number}\n" for what, number in found.items()), end="")
    for what, number in Counter(told.unexpected).most_common(5):
        print(f"  unexpected: {number} x {what}")
    return not any(found.values()) and bool(told.requests) and bool(told.approvals)


def main(arguments: list[str]) -> int:
    kills = settings(arguments, sqlite=100, postgresql=40)
    fine = True
    if kills["sqlite"]:
        with sqlite_service() as service:
            fine &= drill("SQLite, bundled server", service, kills["sqlite"], service.kill_and_start)
    if kills["postgresql"]:
        with postgresql_service() as (service, _):
            fine &= drill("PostgreSQL, 2 gunicorn processes", service, kills["postgresql"], service.kill_and_start)
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
