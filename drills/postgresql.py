"""Kills of the PostgreSQL server under load: two gunicorn processes go on by themselves when it is back.

The server and all of its children are killed at once, 15 times, and started
again; ``python -m drills postgresql kills=3`` does so three times.
"""

import os
import signal
import subprocess
import sys
import time

from drills.kill import drill
from drills.service import Service, postgresql_service, settings
from tests.support.postgresql import Cluster

START_SECONDS = 60


def family(cluster: Cluster) -> list[int]:
    """The server's process ids, the parent's first."""
    parent = int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])
    listed = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = (line.split() for line in listed.stdout.splitlines())
    return [parent, *(int(pid) for pid, of in pairs if int(of) == parent)]


def kill(cluster: Cluster) -> None:
    parent, *_ = found = family(cluster)
    os.kill(parent, signal.SIGSTOP)  # so that it makes no more children meanwhile
    for pid in found:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:  # a connection that has just ended
            continue


def start(cluster: Cluster) -> None:
    """Start the server again; it may take a moment until the system has cleared away the one that was killed."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            cluster.start()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def kill_and_start(cluster: Cluster, service: Service, seconds: list[float]) -> None:
    kill(cluster)
    begun = time.monotonic()
    start(cluster)
    service.wait()
    seconds.append(time.monotonic() - begun)


def main(arguments: list[str]) -> int:
    kills = settings(arguments, kills=15)["kills"]
    seconds: list[float] = []
    with postgresql_service() as (service, cluster):
        held = drill("PostgreSQL killed", service, kills, lambda: kill_and_start(cluster, service, seconds))
    print(f"  back and serving after {max(seconds):.1f} s at most")
    return int(not held)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
