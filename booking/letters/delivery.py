"""How a message leaves: through a mail server, or as a file where none is set.

Nothing here knows letters, bookings or the database. A definite no to this
message is ``Undeliverable``, a mailbox that cannot take it now is ``PutOff``; all else
that goes wrong on the way is an ``OSError``, as the errors of smtplib are, and
says that the server is away, broken or busy.
"""

import ipaddress
import logging
import os
import re
import secrets
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import idna
from flask import current_app

logger = logging.getLogger(__name__)

LONGEST_WORDS = 200

#: Answers of 5xx that are about us and not about the message: sign-in or encryption is wanted.
ABOUT_US = {530, 534, 535, 538}
#: The only answer to the sender's address that is about the message: it is larger than the server allows (RFC 1870).
TOO_LARGE = 552

#: For so long nothing is tried after a failure of the server; doubled with each further one.
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(seconds=30)
#: An outage of this length is worth an error in the log; the team sees waiting letters all the time.
WORTH_AN_ALERT = timedelta(hours=1)


class Parcel(NamedTuple):
    """A finished message on its way to one mailbox. The name is for the file, where it becomes one."""

    sender: str
    recipient: str
    content: bytes
    file_name: str


#: Hands a message over.
HandOver = Callable[[Parcel], None]


class Undeliverable(Exception):
    """The mail server will never take this message; its words, without addresses."""


class PutOff(Exception):
    """The mail server takes nothing for this mailbox now, though it does for others; its words, without addresses."""


class MailServer(NamedTuple):
    host: str
    port: int
    security: str  # "", "starttls" or "tls"
    user: str
    password: str


def mail_server(url: str) -> MailServer:
    """What BOOKING_SMTP_URL says. ``ValueError`` where it cannot be meant."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("a mail server is smtp://host:25, smtps://host:465 or smtp://host:587?starttls=1")
    security = "tls" if parts.scheme == "smtps" else ""
    if not security and parse_qs(parts.query).get("starttls") == ["1"]:
        security = "starttls"
    port = parts.port or {"": 25, "starttls": 587, "tls": 465}[security]
    return MailServer(parts.hostname, port, security, unquote(parts.username or ""), unquote(parts.password or ""))


def own_host() -> str:
    return urlsplit(current_app.config["PUBLIC_URL"]).hostname or "localhost"


def as_sent(address: str) -> str:
    """An address as it travels: its domain in ASCII by IDNA 2008. Raises ``ValueError`` where that cannot be.

    Python's own codec follows IDNA 2003, which makes fass.example of faß.example: somebody else's domain.
    """
    name, at, domain = address.rpartition("@")
    return address if domain.isascii() else f"{name}{at}{idna.encode(domain, uts46=True).decode()}"


@dataclass
class Pause:
    """The rest of the whole queue while the mail server is away, longer with each failure. One for each process."""

    until: datetime | None = None
    since: datetime | None = None
    failures: int = 0
    is_told: bool = False

    def holds(self, now: datetime) -> bool:
        # A clock set back must not make the pause longer than it was.
        return self.until is not None and timedelta(0) < self.until - now <= LONGEST_PAUSE

    def begin(self, now: datetime, error: OSError, *, with_a_letter: bool = False) -> None:
        """Rest after a failure. The first one that came with a letter may be the letter's: others are tried at once."""
        self.since = self.since or now
        self.failures += 1
        if with_a_letter and self.failures == 1:
            return
        self.until = now + min(FIRST_PAUSE * 2 ** min(self.failures - 1, 16), LONGEST_PAUSE)
        logger.warning("letters wait until %s: %s", f"{self.until:%H:%M:%S %Z}", said_about(error))
        if now - self.since >= WORTH_AN_ALERT and not self.is_told:
            self.is_told = True
            logger.error("no letter has left since %s: see BOOKING_SMTP_URL", f"{self.since:%Y-%m-%d %H:%M %Z}")

    def end(self) -> None:
        self.until, self.since, self.failures, self.is_told = None, None, 0, False


@contextmanager
def way_out() -> Iterator[HandOver]:
    """Open the way for several messages."""
    if not current_app.config["SMTP_URL"]:
        yield _write_file
        return
    host = _connect()

    def hand_over(parcel: Parcel) -> None:
        nonlocal host
        if host.sock is None:  # the server hung up with its last answer
            host = _connect()
        _hand_over(host, parcel)

    try:
        yield hand_over
        with suppress(OSError):  # all is handed over; how we part does not matter
            host.quit()
    finally:
        host.close()


def _connect() -> smtplib.SMTP:
    server = mail_server(current_app.config["SMTP_URL"])
    timeout = current_app.config["SMTP_TIMEOUT"]
    host: smtplib.SMTP
    if server.security == "tls":
        context = ssl.create_default_context()
        host = smtplib.SMTP_SSL(server.host, server.port, _greeting(), timeout=timeout, context=context)
    else:
        host = smtplib.SMTP(server.host, server.port, _greeting(), timeout=timeout)
    try:
        if server.security == "starttls":
            host.starttls(context=ssl.create_default_context())
        if server.user:
            host.login(server.user, server.password)
    except BaseException:
        host.close()
        raise
    return host


def _hand_over(host: smtplib.SMTP, parcel: Parcel) -> None:
    try:
        host.sendmail(parcel.sender, [parcel.recipient], parcel.content)
    except (smtplib.SMTPSenderRefused, smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        code, said = _answer(error)
        if isinstance(error, smtplib.SMTPSenderRefused) and code != TOO_LARGE:
            raise
        if 500 <= code < 600 and code not in ABOUT_US:  # RFC 5321, section 4.2.1
            raise Undeliverable(said_about(error, parcel.recipient)) from None
        if _is_about_mailbox(error, code, said):
            raise PutOff(said_about(error, parcel.recipient)) from None
        raise
    except smtplib.SMTPNotSupportedError as error:
        _begin_anew(host)
        raise Undeliverable(said_about(error, parcel.recipient)) from None
    except OSError:
        raise
    except Exception:
        _begin_anew(host)
        raise


def _begin_anew(host: smtplib.SMTP) -> None:
    """Leave a letter that never came to its end, for which the server still waits."""
    with suppress(OSError):
        host.rset()


def _is_about_mailbox(error: OSError, code: int, said: str) -> bool:
    """Whether "not now" says something about this mailbox rather than about the server.

    The server's own state has the codes x.3.y (RFC 3463) and 421. With the recipient's address all else is about the
    mailbox; with the text only what says so: the mailbox's state (x.2.y), or a rule such as greylisting (x.7.y).
    """
    if not 400 <= code < 500 or code == 421:
        return False
    subject = re.match(r"4\.([0-9])\.", said)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return subject is None or subject[1] != "3"
    return subject is not None and subject[1] in "27"


def _write_file(parcel: Parcel) -> None:
    """Put a message into instance/mail, whole or not at all; writing it again replaces it."""
    folder = Path(current_app.instance_path) / "mail"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # letters hold the groups' secret addresses
    unfinished = folder / f".{parcel.file_name}.{secrets.token_hex(4)}"
    with unfinished.open("wb") as file:
        file.write(parcel.content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / parcel.file_name)
    entries = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(entries)  # else the new name may be gone after a power cut, and the letter with it
    finally:
        os.close(entries)


def said_about(error: OSError, recipient: str = "") -> str:
    """What a mail server said, or what happened to it, in one line and without the recipient or any other address."""
    code, said = _answer(error)
    said = re.sub(r"<?(?<![^\s<>])[^\s<>@]*+@[^\s<>]++>?", "…", said[: 5 * LONGEST_WORDS])
    local_part = recipient.rpartition("@")[0]
    if local_part:
        said = re.sub(rf"\b{re.escape(local_part)}\b", "…", said, flags=re.IGNORECASE)
    said = "".join(char if char.isprintable() else " " for char in said)
    return " ".join(f"{code or ''} {said}".split())[:LONGEST_WORDS]


def _answer(error: OSError) -> tuple[int, str]:
    """The server's code and words; code 0 where it did not answer."""
    said: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))  # a message has one recipient
    elif isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    elif isinstance(error, smtplib.SMTPException):
        code, said = 0, str(error)
    else:
        return 0, error.strerror or type(error).__name__
    return code, said.decode("ascii", "replace") if isinstance(said, bytes) else said


def _greeting() -> str:
    """Who we say we are. Asking the name service, as smtplib would, can take as long as a time-out."""
    name = own_host()
    try:
        return f"[{ipaddress.IPv4Address(name)}]"
    except ValueError:
        return name
