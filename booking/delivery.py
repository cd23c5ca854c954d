"""How a message leaves: through a mail server, or as a file where none is set.

Nothing here knows letters, bookings or the database. A definite no to this
message is ``Refused``; all else that goes wrong is an ``OSError``, as the errors
of smtplib are, and says that the server is away or wants mail later.
"""

import ipaddress
import os
import re
import secrets
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app
from flask_mail import Connection, Message

LONGEST_WORDS = 200

#: Answers of 5xx that are about us and not about the message: sign-in or encryption is wanted.
ABOUT_US = {530, 534, 535, 538}

#: Hands a message over; the name is for the file, where it becomes one.
HandOver = Callable[[Message, str], None]


class Refused(Exception):
    """The mail server will never take this message; its words, without addresses."""


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


@contextmanager
def way_out() -> Iterator[HandOver]:
    """Open the way for several messages."""
    if current_app.config["SMTP_URL"]:
        with TimedConnection(current_app.extensions["mail"]) as connection:
            yield connection.hand_over
    else:
        yield write_file


class TimedConnection(Connection):
    """Flask-Mail's connection with a time-out and checked certificates; its own waits for a silent server for ever."""

    def __enter__(self) -> "TimedConnection":
        self.host = self.configure_host()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.host is None:
            return
        try:
            if error is None:
                self.host.quit()
        except OSError:
            pass  # all is handed over; how we part does not matter
        finally:
            self.host.close()

    def configure_host(self) -> smtplib.SMTP:
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

    def hand_over(self, message: Message, _file_name: str) -> None:
        try:
            self.send(message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            code = _answer(error)[0]
            if 500 <= code < 600 and code not in ABOUT_US:  # RFC 5321, section 4.2.1
                raise Refused(words(error, message)) from None
            raise


def write_file(message: Message, file_name: str) -> None:
    """Put a message into instance/mail, whole or not at all; writing it again replaces it."""
    folder = Path(current_app.instance_path) / "mail"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # letters hold the groups' secret addresses
    unfinished = folder / f".{file_name}.{secrets.token_hex(4)}"
    with unfinished.open("wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / file_name)


def words(error: OSError, message: Message | None = None) -> str:
    """What a mail server said, or what happened to it, in one line and without the recipient or any other address."""
    code, said = _answer(error)
    said = re.sub(r"<?[^\s<>]+@[^\s<>]+>?", "…", said)
    for recipient in message.recipients if message else ():
        local_part = str(recipient).partition("@")[0]
        said = re.sub(rf"\b{re.escape(local_part)}\b", "…", said, flags=re.IGNORECASE)
    return " ".join(f"{code or ''} {said}".split())[:LONGEST_WORDS]


def _answer(error: OSError) -> tuple[int, str]:
    """The server's code and words; code 0 where it did not answer."""
    said: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))  # a message has one recipient
    elif isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
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
