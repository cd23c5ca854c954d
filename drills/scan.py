"""Feed everything with texts that nobody means, and compare the time of each answer with that of an ordinary one.

Both databases, every address, every field, all fillings. Held if no answer is
a fault of ours and none takes ten times as long as the address usually does.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from tests.support.app import Client, Clock, application, migrate
from tests.support.hostile import Sent, addresses, requests, requests_to_all
from tests.support.postgresql import Cluster
from tests.support.whole_house import FORMS, lived_in
from tools.machine import NO_POSTGRESQL, find_postgresql

TIMES = 10
#: Seconds that an answer at least counts for, as a small page takes: a redirect takes a hundredth of that.
ORDINARY = 0.03


def main() -> int:
    bad = 0
    with _databases() as found:
        for name, url in found:
            with application(url) as app:
                bad += _scan(name, app)
    return int(bad > 0)


def _scan(database: str, app: Flask) -> int:
    house = lived_in(app, Clock())
    client, stranger = Client(app, use_cookies=True), Client(app, use_cookies=False)
    token = _token(client)
    client.post("/team/anmelden", data={"csrf_token": token, **FORMS["auth.send_sign_in"](house)})
    token = _token(client)
    found = addresses(app, house, client, token)
    pages = [each for each in found if each.ordinary.method == "GET"]
    usual = {
        each.path: max(ORDINARY, statistics.median(_ask(each.ordinary, client)[1] for _ in range(3))) for each in pages
    }
    bad, slowest, number = 0, [], 0
    plans = [(stranger, "everywhere", ORDINARY, requests_to_all(app))]
    plans += [
        (client, each.rule.rule, usual.get(each.path, ORDINARY), requests(each, token, house.version)) for each in found
    ]
    for asker, where, ordinary, sent in plans:
        for each in sent:
            status, seconds = _ask(each, asker)
            if seconds > TIMES * ordinary:  # once more: others may have had the machine
                seconds = min(seconds, _ask(each, asker)[1])
            number += 1
            factor = seconds / ordinary
            slowest.append((factor, seconds, status, f"{each.method} {where}, {each.what}"[:100]))
            bad += status >= 500 or factor > TIMES
    print(f"{database}: {number} requests to {len(found)} addresses, {bad} bad; the slowest:")
    for factor, seconds, status, what in sorted(slowest, reverse=True)[:8]:
        print(f"  {factor:5.1f} times  {seconds:6.3f} s  {status}  {what}")
    return bad


def _ask(sent: Sent, client: Client) -> tuple[int, float]:
    """The status, and the processor's seconds, which tell the work however busy the machine is."""
    begun = time.thread_time()
    with sent.to(client) as answer:
        return answer.status_code, time.thread_time() - begun


def _token(client: Client) -> str:
    return client.get("/link").text.partition('name="csrf_token" value="')[2].partition('"')[0]


@contextmanager
def _databases() -> Iterator[list[tuple[str, str]]]:
    """A migrated one of each kind, gone afterwards."""
    binaries = find_postgresql()
    if binaries is None:
        raise SystemExit(NO_POSTGRESQL)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BOOKING_INSTANCE"] = folder
        cluster = Cluster(binaries)
        cluster.start()
        try:
            found = [("SQLite", f"sqlite:///{folder}/booking.sqlite"), ("PostgreSQL", cluster.url("postgres"))]
            for _, url in found:
                migrate(url)
            yield found
        finally:
            cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
