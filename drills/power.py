"""What a power cut cannot take back: each of 100 stored changes waits until the disk has it.

Traces the system calls of the process that writes (ours on SQLite, the
server's on PostgreSQL) and counts how often it makes the disk store a log.
Needs ``strace``, and to be root or to be allowed to trace others.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from booking.database import db, transaction
from booking.models import Room
from drills.service import Service, postgresql_service, sqlite_service

COMMITS = 100
_SYNC = re.compile(r"\b(fsync|fdatasync|sync_file_range)\(")
ATTACH_SECONDS = 30


def main() -> int:
    if shutil.which("strace") is None:
        print("strace is not installed (Debian: sudo apt install strace).")
        return 1
    with sqlite_service() as service:
        held = _holds("sqlite", service, os.getpid())
    with postgresql_service() as (service, cluster):
        parent = int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])
        held &= _holds("postgresql", service, parent)
    return int(not held)


def _holds(name: str, service: Service, pid: int) -> bool:
    found = service.folder / "trace"
    with service.app.app_context():
        db.engine.dispose()  # so that the connection that writes is made while the server is looked at
        with _traced(pid, found):
            for number in range(COMMITS):
                with transaction():
                    db.session.get_one(Room, 1).way = str(number)
        db.session.remove()
    syncs = len(_SYNC.findall(found.read_text()))
    print(f"{name}: {COMMITS} commits, {syncs} times stored on the disk")
    return syncs >= COMMITS


@contextmanager
def _traced(pid: int, found: Path) -> Iterator[None]:
    """Let ``strace`` write down into ``found`` how this process, and what it starts, makes the disk store things."""
    command = ["strace", "-f", "-e", "trace=fsync,fdatasync,sync_file_range", "-o", str(found), "-p", str(pid)]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    said = tracer.stderr
    assert said is not None
    first = said.readline()
    if "attached" not in first:
        raise SystemExit(f"strace cannot look at the process: {first}")
    time.sleep(1)  # threads that are there already are attached one by one
    try:
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.communicate(timeout=ATTACH_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
