"""Loads a calendar from an address that somebody has typed, and reaches nothing that is not public by it.

A name is resolved once, every address it has is looked at, and the connection
goes to the one that was looked at: a name that means another address a moment
later (DNS rebinding) gains nothing. Redirects begin anew.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Collection
from contextlib import suppress
from threading import Timer
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import idna

#: Bytes of a calendar; a room's year has a tenth of that.
MOST = 2 * 1024 * 1024
#: Seconds without a byte, and for all of it, redirects included.
SILENCE, PATIENCE = 8.0, 20.0
MOST_REDIRECTS = 3
LONGEST_ADDRESS = 2000

REDIRECTS = {301, 302, 303, 307, 308}
PORTS = {"http": 80, "https": 443}

#: Addresses of IPv6 that stand for one of IPv4, or lead to one through a relay.
_DISGUISES = [ipaddress.ip_network(text) for text in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")]


class NotFetched(Exception):
    """There is no calendar to be had; the text is one of the codes in ``REASONS``."""


#: Why: no such address; none that we go to; nobody answers, in time; another status than 200; too many redirects; too
#: long; not a calendar, such as a page that asks for a password.
REASONS = ("address", "private", "unreachable", "slow", "status", "redirects", "large", "other")


class Target(NamedTuple):
    """What an address says, in ASCII."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host_header}{port}"

    @property
    def host_header(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def target_of(address: str) -> Target:
    """An address of http or https, or of webcal, which is the same. Raises ``NotFetched``."""
    if not address.strip().isprintable() or len(address) > LONGEST_ADDRESS:
        raise NotFetched("address")
    try:
        parts = urlsplit(address.strip())
        scheme = {"webcal": "https", "webcals": "https"}.get(parts.scheme.lower(), parts.scheme.lower())
        host, port = parts.hostname or "", parts.port or PORTS[scheme]
        if parts.username is not None or not host:
            raise NotFetched("address")
        host = host if ":" in host else idna.encode(host, uts46=True).decode() if not host.isascii() else host
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not (host + path).isascii() or " " in host + path:
            raise NotFetched("address")
    except (KeyError, ValueError):  # no scheme of ours, no port, or no host; IDNAError is one too
        raise NotFetched("address") from None
    return Target(scheme, host, port, path)


def fetch(address: str, permitted: Collection[str] = ()) -> bytes:
    """The calendar at an address. Raises ``NotFetched``.

    ``permitted``: origins such as https://exchange.example.org, which may stand in our own network; only they
    themselves lead there.
    """
    by = time.monotonic() + PATIENCE
    target = target_of(address)
    permitted = permitted if target.origin in permitted else ()
    for _ in range(MOST_REDIRECTS + 1):
        answer = _ask(target, permitted, by)
        if isinstance(answer, bytes):
            return answer
        target = _led_to(target, answer)
    raise NotFetched("redirects")


def _led_to(target: Target, location: str) -> Target:
    try:
        return target_of(urljoin(f"{target.origin}{target.path}", location))
    except ValueError:  # as http://[::1 is
        raise NotFetched("address") from None


def is_on_the_internet(address: str) -> bool:
    """Whether an IP address is one of the internet, and nothing else by another name."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (
        ip.sixtofour or ip.teredo or ip.is_site_local or any(ip in network for network in _DISGUISES)
    ):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _ask(target: Target, permitted: Collection[str], by: float) -> bytes | str:
    """What one address answers: a calendar, or where it is."""
    address = _looked_at(target, permitted)
    connection = http.client.HTTPConnection(target.host, target.port)
    timer = Timer(0, lambda: None)
    try:
        connection.sock = held = _connected(target, address, by)
        timer = Timer(max(0.0, by - time.monotonic()), lambda: _cut(held))
        timer.daemon = True
        timer.start()
        default = target.port == PORTS[target.scheme]
        headers = {
            "Host": target.host_header + ("" if default else f":{target.port}"),
            "User-Agent": "room-booking",
            "Accept": "text/calendar",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        connection.request("GET", target.path, headers=headers)
        with connection.getresponse() as answer:
            return _read(answer, by)
    except (OSError, http.client.HTTPException, ValueError):
        raise NotFetched("slow" if time.monotonic() >= by - 0.1 else "unreachable") from None
    finally:
        timer.cancel()
        connection.close()


def _looked_at(target: Target, permitted: Collection[str]) -> str:
    """The IP address to go to; none, where one of those that the name has is not public."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotFetched("unreachable") from None
    addresses = [str(each[4][0]) for each in found]
    if target.origin not in permitted and not (
        target.port == PORTS[target.scheme] and addresses and all(map(is_on_the_internet, addresses))
    ):
        raise NotFetched("private")
    return addresses[0]


def _connected(target: Target, address: str, by: float) -> socket.socket:
    left = max(0.1, min(SILENCE, by - time.monotonic()))
    plain = socket.create_connection((address, target.port), timeout=left)
    if target.scheme == "http":
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


def _cut(held: socket.socket) -> None:
    """End whatever is waited for: a server that sends a byte now and then is never silent."""
    with suppress(OSError):  # it may have ended by itself
        held.shutdown(socket.SHUT_RDWR)


def _read(answer: http.client.HTTPResponse, by: float) -> bytes | str:
    if answer.status in REDIRECTS and (to := answer.headers.get("Location")):
        return to
    if answer.status != http.HTTPStatus.OK:
        raise NotFetched("status")
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise NotFetched("other")
    body = answer.read(MOST + 1)
    if time.monotonic() >= by:
        raise NotFetched("slow")
    if len(body) > MOST:
        raise NotFetched("large")
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if text[:15].upper() != b"BEGIN:VCALENDAR":
        raise NotFetched("other")
    if answer.length or text[-13:].upper() != b"END:VCALENDAR":  # it broke off
        raise NotFetched("unreachable")
    return body
