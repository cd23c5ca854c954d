"""A server of calendars that rooms follow: it serves, changes and lies, on the loopback address."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


def event(start: str, end: str = "", **more: str) -> str:
    """A VEVENT; times as RFC 5545 writes them, in Bielefeld unless they end in Z or are days."""
    zoned = {"start": ";TZID=Europe/Berlin", "end": ";TZID=Europe/Berlin"}
    for name, at in (("start", start), ("end", end)):
        if at.endswith("Z"):
            zoned[name] = ""
        elif "T" not in at:
            zoned[name] = ";VALUE=DATE"
    lines = [f"DTSTART{zoned['start']}:{start}"]
    lines += [f"DTEND{zoned['end']}:{end}"] if end else []
    lines += [f"{name.replace('_', '-')}:{value}" for name, value in more.items()]
    lines += [] if "UID" in more else [f"UID:{start}-{end}"]
    return "\r\n".join(
        ["BEGIN:VEVENT", "DTSTAMP:20261101T000000Z", "SUMMARY:Geheim: Personalgespräch", *lines, "END:VEVENT"]
    )


def calendar(*events: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//", *events, "END:VCALENDAR", ""])


class CalendarServer(ThreadingHTTPServer):
    """Answers ``/room.ics`` with ``text``, and other paths with what is no calendar; ``asked`` are the paths so far."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.text = calendar()
        self.leads_to = ""
        self.asked: list[str] = []
        self.stopped = threading.Event()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: CalendarServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        path = self.path
        self.server.asked.append(path)
        body = self.server.text.encode()
        if path == "/elsewhere":
            self._answer(302, b"", Location=self.server.leads_to)
        elif path == "/page":
            self._answer(200, b"<!doctype html><title>Sign in</title>")
        elif path == "/large":
            self._answer(200, b"BEGIN:VCALENDAR\r\n" + b"X-A:" + b"a" * 10 * 2**20)
        elif path == "/packed":
            self._answer(200, body, **{"Content-Encoding": "gzip"})
        elif path == "/broken":
            self._answer(200, body[:-20], length=len(body))
        elif path == "/fault":
            self._answer(500, body)
        elif path == "/drip":
            self._drip()
        else:
            self._answer(200, body)

    def _answer(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):  # whoever asked has read enough
            self.wfile.write(body)

    def _drip(self) -> None:
        """A byte now and then, without end."""
        self.send_response(200)
        self.end_headers()
        while not self.server.stopped.wait(0.05):
            try:
                self.wfile.write(b"B")
            except OSError:
                return


@pytest.fixture
def calendar_server() -> Iterator[CalendarServer]:
    server = CalendarServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.stopped.set()
    server.shutdown()
    thread.join()
    server.server_close()
