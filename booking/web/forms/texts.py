"""Texts as people type them: tidied, and looked at for what they should be, an address, a link, a phone number."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from urllib.parse import urlsplit

import idna
from email_validator import EmailNotValidError, validate_email

from booking.letters.message import TURNING
from booking.models import mailbox_of

#: The most characters of an address to write to (RFC 5321, 4.5.3.1.3).
LONGEST_ADDRESS = 254
#: Where most mailboxes are, to notice a slip such as gmial.com.
COMMON_DOMAINS = (
    *("gmail.com", "googlemail.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "posteo.de", "yahoo.de"),
    *("outlook.com", "outlook.de", "hotmail.com", "icloud.com"),
)
#: Longer texts are refused for their length. Nothing more is looked for in them: to put the marks of one letter in
#: order takes the square of their number.
LONGEST_READ = 1200


def likely_address(email: str, of_house: str) -> str:
    """What was probably meant instead of name@gmial.com; empty where nothing looks wrong.

    ``of_house``: the address of the house, whose domain is a usual one here.
    """
    name, _, domain = email.rpartition("@")
    known = (*COMMON_DOMAINS, of_house.rpartition("@")[2])
    if domain in known:
        return ""
    close = get_close_matches(domain, known, n=1, cutoff=0.8)
    return f"{name}@{close[0]}" if close else ""


def mailbox(email: str) -> str:
    """Where the mail arrives, however the address is written; empty where it is none."""
    written = written_address(email)
    if len(written) > LONGEST_ADDRESS:
        return ""
    try:
        address = validate_email(written, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return ""
    return mailbox_of(address.ascii_email or "")


def tidy(text: str | None) -> str:
    """What can be read of a text; nothing where there is nothing to see. One that no field holds is left as it is."""
    plain = (text or "").replace("\r\n", "\n").translate(TURNING).strip(" \t\n\u00a0")
    if len(plain) > LONGEST_READ:
        return plain
    is_seen = any(unicodedata.category(char) not in ("Cf", "Zs") for char in plain)
    return unicodedata.normalize("NFC", plain) if is_seen else ""


def ids_in(values: Iterable[str]) -> frozenset[int]:
    """The ids among what controls hold; what is no number is left out."""
    return frozenset(int(value) for value in values if re.fullmatch("[0-9]{1,9}", value))


def is_web_address(text: str) -> bool:
    """Whether it leads to a host with a name (IDNA 2008), and to the one that it seems to lead to.

    What stands before an @ only looks like the host, a backslash is a slash for browsers, and whoever gives the number
    of a machine, in whatever spelling, has no page for the public.
    """
    if any(char in '\\<>"`' or char == " " or not char.isprintable() for char in text):
        return False
    try:
        parts = urlsplit(text)
        host = idna.encode(parts.hostname or "", uts46=True).decode()
        port_is_fine = parts.port != 0
    except ValueError:  # IDNAError is one
        return False
    has_name = re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]", host.rpartition(".")[2]) is not None and "." in host
    return parts.scheme in ("http", "https") and "@" not in parts.netloc and has_name and port_is_fine


def written_address(text: str) -> str:
    """An address without what clings to it when it is copied: a name, brackets, mailto:, a comma, what nobody sees."""
    seen = "".join(char for char in tidy(text) if unicodedata.category(char) != "Cf")
    before, bracket, after = seen.rpartition("<")
    address = after.partition(">")[0] if bracket and "@" not in before else seen
    return address.strip().removeprefix("mailto:").strip(" ,;.")


def is_phone(text: str) -> bool:
    """Whether it is a number, or several, with remarks in brackets such as "(abends)", or "Tel." before it."""
    bare = re.sub(r"\([^()]*[^\W\d_][^()]*\)|\b(?:Tel(?:efon)?|Handy|Mobil|Mobile|Phone)\b[.:]*", "", text, flags=re.I)
    numbers = re.split(r"[,;]| oder | or ", bare)
    return all(
        re.fullmatch(r"[+0-9 ()/.\-]+", number) and 5 <= sum(char.isdigit() for char in number) <= 20
        for number in numbers
    )
