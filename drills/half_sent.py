"""Three hundred half-sent requests that hang, and a few that go on byte by byte, while others use the service."""

import socket
import statistics
import sys
import time
import urllib.request
from contextlib import ExitStack

from drills.service import Service, sqlite_service

HANGING = 300
DRIPPING = 50  # of them send a byte now and then, so that no timeout ends them
SECONDS = 20
WORST = 2.0  # seconds for any answer while they hang
PATHS = ("/healthz", "/")
HALVES = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    b"POST /link HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\nemail=",
)


def main() -> int:
    """1 where an answer failed or came late, or connections that say nothing are kept."""
    with sqlite_service() as service:
        service.start()
        return int(not _holds(service))


def _holds(service: Service) -> bool:
    print(f"alone:      {_told(_measured(service, 5))}")
    with ExitStack() as stack:
        sockets = []
        for number in range(HANGING):
            hanging = stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=60))
            hanging.sendall(HALVES[number % 2])
            sockets.append(hanging)
        while_hanging = _measured(service, SECONDS, sockets[:DRIPPING])
        print(f"{HANGING} hanging: {_told(while_hanging)}")
        time.sleep(25)  # what says nothing for 30 seconds is ended, within 5 more
        kept = sum(_is_open(each) for each in sockets[DRIPPING:])
        print(f"kept of {HANGING - DRIPPING} that said nothing: {kept}")
    return max(while_hanging) < WORST and kept == 0


def _measured(service: Service, seconds: float, dripping: list[socket.socket] | None = None) -> list[float]:
    """How long each answer took. An error or a status above 399 raises."""
    took: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for each in dripping or []:
            each.sendall(b"x")
        for path in PATHS:
            begun = time.monotonic()
            with urllib.request.urlopen(f"{service.url}{path}", timeout=30) as answer:  # noqa: S310 - our own address
                answer.read()
            took.append(time.monotonic() - begun)
        time.sleep(0.2)
    return took


def _is_open(hanging: socket.socket) -> bool:
    hanging.setblocking(False)
    try:
        return hanging.recv(4096) != b"" and _is_open(hanging)
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


def _told(took: list[float]) -> str:
    return f"{len(took)} answers, median {statistics.median(took) * 1000:.0f} ms, slowest {max(took) * 1000:.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
