"""A bad mail day: what is owed arrives, whatever happens to the mail server and to those who send.

``python -m drills.mail`` runs it on SQLite and on PostgreSQL, each with several
workers as processes of their own (``flask letters send``) and a real mail
server:

* 200 letters while the server is away, refuses everything, hangs, puts letters
  off, dies in the middle of some and takes others without a word, and while 30
  workers are killed: none is lost, none goes more often than nobody could know;
* healthy letters among poisoned ones: none waits for longer than a minute;
* an outage of some minutes: a minute after it all letters are out.
"""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any

from booking import clock
from booking.database import db
from drills.service import ROOT, Service, postgresql_service, sqlite_service
from tests.support.letters import counts, put
from tests.support.mail import MailServer

LETTERS = 200
KILLS = 30
#: A worker is killed after so many letters, or seconds, whichever comes first.
KILL_AFTER, KILL_AT_LATEST = 4, 8.0
#: Seconds of each ill of the server, one after the other.
AWAY, REFUSING, HANGING = 10, 8, 8
OUTAGE = 150
#: Of a worker; a letter of a killed one is taken over after twelve of them.
TIMEOUT = 3
DRAIN_SECONDS = 300
A_MINUTE = 60

#: Addresses that no letter can reach: two that cannot be read, two that the server does not know.
POISON = ["a@ا٠..com", "jürgen@example.org", "gone-1@example.org", "gone-2@example.org"]


#: The server falls silent with a letter to one of them, and breaks off with one to the other.
HANGS, CRASHES = "hang@example.org", "crash@example.org"


class MoodyServer(MailServer):
    """When ``is_moody``, some letters meet an ill at their first try. ``seen`` tells when each arrived first."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals = dict.fromkeys(POISON[2:], "550 5.1.1 No such mailbox")
        self.is_moody = False
        self.unheard = 0
        self.ills: Counter[str] = Counter()
        self.seen: dict[str, float] = {}
        self.arrived: Counter[str] = Counter()
        self._tried: set[str] = set()
        self._chance = random.Random("a bad mail day")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        id_ = str(message_from_bytes(envelope.content, policy=policy.default)["Message-ID"])
        ill = self._ill_of(id_)
        self.ills[ill] += bool(ill)
        if ill == "put off":
            return "451 4.7.1 Greylisted"
        if ill == "hung" or HANGS in envelope.rcpt_tos:
            await asyncio.sleep(2 * TIMEOUT)
            return "451 4.3.0 Too late"
        if ill == "broken off":
            server.transport.abort()
            return "421 Gone"
        answer = await super().handle_DATA(server, session, envelope)
        if answer.startswith("250"):
            self.arrived[id_] += 1
            self.seen.setdefault(id_, time.monotonic())
            if ill == "unheard":
                self.unheard += 1
                server.transport.abort()
        return answer

    def _ill_of(self, id_: str) -> str:
        if not self.is_moody or id_ in self._tried:
            return ""
        self._tried.add(id_)
        ills = ["put off", "hung", "unheard", "broken off", ""]
        return self._chance.choices(ills, weights=[10, 5, 5, 5, 75])[0]


class Workers:
    """Processes that send letters."""

    def __init__(self, service: Service, server: MailServer, number: int) -> None:
        self._log = (service.folder / "workers.log").open("ab")
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "DATABASE_URL": service.database,
            "BOOKING_INSTANCE": str(service.folder),
            "BOOKING_SECRET_KEY": "only for drills, where nobody minds",
            "BOOKING_PUBLIC_URL": service.url,
            "BOOKING_SMTP_URL": server.url,
            "BOOKING_SMTP_TIMEOUT": str(TIMEOUT),
        }
        self._running = [self._start() for _ in range(number)]

    def kill_the_oldest(self) -> None:
        """End the one that has run longest, at once, and start another."""
        self._running.append(self._start())
        oldest = self._running.pop(0)
        oldest.kill()
        oldest.wait()

    def stop(self) -> None:
        """End all as a supervisor does; each has to go by itself, with the letter in hand sent."""
        for worker in self._running:
            worker.terminate()
        codes = [worker.wait(60) for worker in self._running]
        self._log.close()
        if any(codes):
            raise SystemExit(f"workers ended with {codes}")

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "flask", "--app", "app", "letters", "send"]
        return subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log)


def owe(service: Service, email: str) -> str:
    """Owe a letter; gives its Message-ID."""
    with service.app.app_context():
        message_id = put(email, now=clock.now()).message_id
        db.session.remove()
        return message_id


def states(service: Service) -> Counter[str]:
    with service.app.app_context():
        found = Counter(counts())
        db.session.remove()
        return found


def wait(holds: Callable[[], bool], seconds: float) -> float:
    """Wait until something holds, but not for ever; for how many seconds that was."""
    begun = time.monotonic()
    while not holds() and time.monotonic() < begun + seconds:
        time.sleep(0.25)
    return time.monotonic() - begun


def bad_day(service: Service, workers: int) -> list[str]:
    """All ills and kills; what must not be, in words."""
    server = MoodyServer()
    running = Workers(service, server, workers)
    begun = time.monotonic()
    kills, arrived, killed = 0, 0, 0.0
    owed: list[tuple[str, bool]] = []
    poisoned = random.Random("where").sample(range(LETTERS), len(POISON))
    while kills < KILLS or len(owed) < LETTERS:
        passed = time.monotonic() - begun
        if passed > AWAY and server.is_away:
            server.start()
        server.answer = "451 4.3.2 Not accepting messages" if passed < AWAY + REFUSING else None
        server.hanging = AWAY + REFUSING < passed < AWAY + REFUSING + HANGING
        server.is_moody = passed > AWAY + REFUSING + HANGING
        if len(owed) < LETTERS:
            number = len(owed)
            is_poisoned = number in poisoned
            email = POISON[poisoned.index(number)] if is_poisoned else f"{number}@example.org"
            owed.append((owe(service, email), is_poisoned))
        if kills < KILLS and (server.arrived.total() >= arrived + KILL_AFTER or passed > killed + KILL_AT_LATEST):
            running.kill_the_oldest()
            kills, arrived, killed = kills + 1, server.arrived.total(), passed
        time.sleep(0.4)
    calm = time.monotonic()
    drained = wait(lambda: not states(service) & Counter(waiting=LETTERS, sending=LETTERS), DRAIN_SECONDS)
    running.stop()
    server.stop()
    healthy = {id_ for id_, is_poisoned in owed if not is_poisoned}
    lost = healthy - set(server.arrived)
    duplicates = server.arrived.total() - len(server.arrived)
    print(
        f"  {LETTERS} letters, {kills} kills in {calm - begun:.0f} s, drained {drained:.0f} s later; ills: "
        + ", ".join(f"{number} {ill}" for ill, number in sorted(server.ills.items()) if ill)
    )
    print(f"  lost {len(lost)}, duplicates {duplicates}, unheard {server.unheard}; {dict(states(service))}")
    return [
        *([f"{len(lost)} letters lost"] if lost else []),
        *([f"{duplicates} duplicates"] if duplicates > server.unheard + kills else []),
        *(["not all is settled"] if states(service) != {"sent": len(healthy), "failed": len(POISON)} else []),
    ]


def poisoned_among_healthy(service: Service) -> list[str]:
    """One worker, healthy letters among such as hang, break the server, are refused or meet a full mailbox."""
    server = MoodyServer()
    server.refusals["full@example.org"] = "452 4.2.2 Mailbox full"
    server.crashes = {CRASHES}
    server.start()
    running = Workers(service, server, 1)
    put_at = {}
    for number in range(24):
        if number % 4 == 0:
            for poison in (*POISON, "full@example.org", HANGS, CRASHES):
                owe(service, poison)
        put_at[owe(service, f"{number}@example.org")] = time.monotonic()
    wait(lambda: set(put_at) <= set(server.seen), DRAIN_SECONDS)
    running.stop()
    server.stop()
    delays = [server.seen.get(id_, time.monotonic()) - at for id_, at in put_at.items()]
    print(f"  24 healthy letters among 42 poisoned ones: {max(delays):.1f} s at the most, the worker's start included")
    return [f"a healthy letter took {max(delays):.0f} s"] if max(delays) >= A_MINUTE else []


def outage(service: Service, workers: int) -> list[str]:
    """The server is away for minutes; how soon is all out once it is back?"""
    server = MoodyServer()
    running = Workers(service, server, workers)
    owed = {owe(service, f"{number}@example.org") for number in range(60)}
    time.sleep(OUTAGE)
    server.start()
    took = wait(lambda: owed <= set(server.seen), DRAIN_SECONDS)
    running.stop()
    server.stop()
    print(f"  60 letters after an outage of {OUTAGE} s: all out {took:.1f} s after it")
    return [f"{took:.0f} s after the outage"] if took >= A_MINUTE else []


def drill(name: str, service: Service, workers: int) -> bool:
    print(f"{name}, {workers} workers", flush=True)
    breaches = bad_day(service, workers) + poisoned_among_healthy(service) + outage(service, workers)
    for breach in breaches:
        print(f"  BREACH: {breach}")
    return not breaches


def main() -> int:
    with sqlite_service() as service:
        fine = drill("SQLite", service, 2)
    with postgresql_service() as (service, _):
        fine &= drill("PostgreSQL", service, 3)
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())
