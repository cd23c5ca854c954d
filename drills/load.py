"""Five minutes of many people at once: nobody meets an error, no room is booked twice, and nobody waits long.

It loads two gunicorn processes on PostgreSQL, then the bundled server on SQLite
with a quarter of the people. ``python -m drills load seconds=60`` for another
time, ``sqlite=0`` or ``postgresql=0`` to leave one out.
"""

import random
import re
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from booking.database import db
from drills.clients import Acknowledged, Asker, Browser, Decider, Unexpected, broken_promises, keep_doing
from drills.service import TEAM, Service, postgresql_service, settings, sqlite_service

#: People of each kind; they rest between two clicks for about so many seconds.
READERS, ASKERS, DECIDERS, SCREENS = (200, 10.0), (40, 5.0), (6, 5.0), (30, 30.0)
SENDING = "/anfrage/pruefen"
MOST_SECONDS = {"page": 0.5, "sending": 1.0}
_VALUE = re.compile(r"IO-[0-9-]+|[0-9]{4}-[W0-9-]+|(?<=raeume/).+")
SHARES = (0.5, 0.95, 0.99)


class Left(TimeoutError):
    """The time is over: people leave where they are, and do not all click at once."""


class Times:
    """Seconds of all requests, by kind, and by address for whoever wants to make one faster."""

    def __init__(self) -> None:
        self.by_kind: defaultdict[str, list[float]] = defaultdict(list)
        self.by_path: defaultdict[str, list[float]] = defaultdict(list)
        self._lock = threading.Lock()

    def note(self, method: str, path: str, seconds: float) -> None:
        kind = "sending" if (method, path) == ("POST", SENDING) else "page"
        with self._lock:
            self.by_kind[kind].append(seconds)
            self.by_path[f"{method} {_VALUE.sub('…', path)}"].append(seconds)


def share(values: list[float], part: float) -> float:
    """The value below which this part of all lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] if values else 0.0


class Crowd:
    """Part of all people, each in a thread of their own, until ``over`` is set."""

    def __init__(self, service: Service, part: float) -> None:
        self.service = service
        self.part = part
        self.times = Times()
        self.told = Acknowledged()
        self.over = threading.Event()

    def run(self, seconds: int) -> None:
        tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011, TID251 - of the service, which runs today
        url, rooms = self.service.url, self.service.room_slugs
        works = [self._reader(number) for number in self._numbers(READERS)]
        works += [self._screen(number) for number in self._numbers(SCREENS)]
        works += [
            Asker(url, rooms, tomorrow, number, self._browser(ASKERS, number)).ask for number in self._numbers(ASKERS)
        ]
        works += [self._decider(number) for number in self._numbers(DECIDERS)]
        threads = [threading.Thread(target=keep_doing, args=(work, self.told, self.over)) for work in works]
        for thread in threads:
            thread.start()
        try:
            time.sleep(seconds)
        finally:
            self.over.set()
        for thread in threads:
            thread.join()

    def _numbers(self, kind: tuple[int, float]) -> range:
        return range(max(1, int(kind[0] * self.part)))

    def _rest(self, kind: tuple[int, float], number: int) -> Callable[[], None]:
        choose = random.Random(number)

        def rest() -> None:
            if self.over.wait(choose.uniform(0.5, 1.5) * kind[1]):
                raise Left

        return rest

    def _browser(self, kind: tuple[int, float], number: int) -> Callable[[str], Browser]:
        rest = self._rest(kind, number)
        return lambda base: Browser(base, rest=rest, note=self.times.note)

    def _reader(self, number: int) -> Callable[[Acknowledged], object]:
        """Somebody who wants to know what is on."""
        choose = random.Random(number)
        browser = self._browser(READERS, number)(self.service.url)

        def read(_told: Acknowledged) -> None:
            day = date.today() + timedelta(days=choose.randrange(60))  # noqa: DTZ011, TID251 - of the service, which runs today
            week = day.isocalendar()
            calendar = ("/kalender", f"/kalender/tag/{day}", f"/kalender/woche/{week.year}-W{week.week:02}")
            rooms = ("/raeume", f"/raeume/{choose.choice(self.service.room_slugs)}")
            browser.open(choose.choice(("/", "/", *calendar, *rooms, "/anfrage")))

        return read

    def _decider(self, number: int) -> Callable[[Acknowledged], object]:
        """One of the team, who signs in first."""
        new = cache(lambda: Decider(self.service.url, *TEAM, number, self._browser(DECIDERS, number)))
        return lambda told: new().decide(told)

    def _screen(self, number: int) -> Callable[[Acknowledged], object]:
        """A lobby screen, which asks whether its plan has changed."""
        rest, tags = self._rest(SCREENS, number), [""]

        def look(_told: Acknowledged) -> None:
            rest()
            headers = {"If-None-Match": tags[0]} if tags[0] else {}
            request = urllib.request.Request(f"{self.service.url}/lobby", headers=headers)  # noqa: S310 - our own address
            begun = time.perf_counter()
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own address
                    answer.read()
                    tags[0] = answer.headers["ETag"]
            except urllib.error.HTTPError as error:
                error.close()
                if error.code != 304:
                    raise Unexpected(f"{error.code} for a lobby screen") from None
            self.times.note("GET", "/lobby", time.perf_counter() - begun)

        return look


def drill(name: str, service: Service, part: float, seconds: int) -> bool:
    """Let this part of all people use the service for so long; whether it held."""
    print(f"{name}: for {seconds} s …")
    service.start()
    crowd = Crowd(service, part)
    crowd.run(seconds)
    with service.app.app_context():
        found = broken_promises(db.session.connection(), crowd.told)
        db.session.remove()
    found |= {"errors": len(crowd.told.unexpected), "faults of the database": len(service.faults())}
    told, times = crowd.told, crowd.times
    print(
        f"{name}: {sum(map(len, times.by_kind.values())) / seconds:.0f} requests a second for {seconds} s,"
        f" {len(told.requests)} requests for rooms, {len(told.approvals)} dates approved,"
        f" {service.memory() // 1024} MiB"
    )
    print("".join(f"  {what}: {number}\n" for what, number in found.items()), end="")
    for kind, values in sorted({**times.by_path, **times.by_kind}.items()):
        figures = ", ".join(f"p{part:.0%}".replace("%", f" {share(values, part) * 1000:.0f} ms") for part in SHARES)
        print(f"  {kind}: {len(values)}, {figures}")
    for what, number in Counter(told.unexpected).most_common(5):
        print(f"  error: {number} x {what}")
    late = [kind for kind, most in MOST_SECONDS.items() if share(times.by_kind[kind], 0.99) > most]
    print(f"  too late: {', '.join(late)}" if late else "  nobody waited long")
    nobody = [what for what, done in (("asked", told.requests), ("approved", told.approvals)) if not done]
    print("".join(f"  nobody {what} in this time\n" for what in nobody), end="")
    return not (any(found.values()) or late or nobody)


def main(arguments: list[str]) -> int:
    wanted = settings(arguments, postgresql=1, sqlite=1, seconds=300)
    fine = True
    if wanted["postgresql"]:
        with postgresql_service() as (service, _):
            fine &= drill("PostgreSQL, 2 gunicorn processes", service, 1, wanted["seconds"])
    if wanted["sqlite"]:
        with sqlite_service() as service:
            fine &= drill("SQLite, bundled server, a quarter of the people", service, 0.25, wanted["seconds"])
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
