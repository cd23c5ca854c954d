"""A real mail server on the loopback address that keeps what it gets, and can be made to misbehave."""

import asyncio
import socket
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MailServer:
    """What arrived is in ``messages``; how it answers can be changed at any time.

    ``refusals`` maps a recipient to the answer it gets, such as ``550 5.1.1 No
    such mailbox``; ``answer`` is what every letter gets instead of being taken,
    such as ``451 4.3.0 Try again later``; while ``hanging``, letters get no
    answer at all. It hangs up in the middle of a letter to one of ``crashes``,
    and takes none of more than ``largest`` bytes where that is set before ``start``.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.messages: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}
        self.answer: str | None = None
        self.crashes: set[str] = set()
        self.largest: int | None = None
        self.hanging = False
        self.held = 0  # letters that arrived while hanging
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def is_away(self) -> bool:
        return self._controller is None

    def start(self) -> None:
        limits = {"data_size_limit": self.largest} if self.largest else {}
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **limits)
        self._controller.start()

    def stop(self) -> None:
        """Go away; ``start`` comes back on the same port."""
        self.hanging = False
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.crashes.intersection(envelope.rcpt_tos):
            server.transport.abort()
            return "421 Gone"
        self.held += self.hanging
        while self.hanging:
            await asyncio.sleep(0.05)
        if self.answer is not None:
            return self.answer
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 OK"

    def wait_for(self, count: int, seconds: float = 60) -> list[EmailMessage]:
        """The letters, as soon as there are at least ``count``."""
        deadline = time.monotonic() + seconds
        while len(self.messages) < count:
            subjects = [message["Subject"] for message in self.messages]
            assert time.monotonic() < deadline, f"{len(subjects)} of {count} letters after {seconds} s: {subjects}"
            time.sleep(0.05)
        return list(self.messages)

    def to(self, address: str) -> list[EmailMessage]:
        """The letters to one address, in the order of their arrival."""
        return [message for message in self.messages if address in str(message["To"])]


def plain(message: EmailMessage) -> str:
    """The letter itself: its plain text."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    """A mail server; see ``MailServer``."""
    server = MailServer()
    server.start()
    yield server
    server.stop()
