"""The message that a letter becomes when it is sent: marks filled in, both halves, the headers, the calendar file.

Everything here may raise: what it raises is about this one letter.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.utils import formataddr, parseaddr

import sqlalchemy as sa
from flask import current_app
from flask_mail import Message

from booking.database import db, transaction
from booking.languages import LANGUAGES
from booking.letters import delivery
from booking.letters.html import NEXT, letter_html
from booking.models import House, Letter

#: Leaves out, by ``str.translate``, the marks that turn the direction of what follows, beyond the end of the text too:
#: <meeting> could become >gniteem<.
TURNING = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))

#: What stands in a letter as ⟦name⟧ until it is sent, so that the table holds neither names nor secret addresses, and
#: how it is found then. A number in it, as in ⟦person7⟧, is handed on.
MARKS: dict[str, Callable[..., str]] = {}

#: What letters of a kind still need when they leave: whatever takes longer than the person who caused them may notice.
#: It happens in a transaction of its own, again where that was cut short; ``False``: nobody gets this letter.
LOOKUPS: dict[str, Callable[[Letter, datetime], bool]] = {}


#: Says that nobody typed this (RFC 3834), so that no absence note answers it. Word that it did not arrive is wanted.
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply"}


#: The calendar objects of a letter, each a file of its own, whose type names its method (RFC 6047, section 2.4).
_OBJECTS = re.compile(r"(BEGIN:VCALENDAR\r\n.*?\r\nMETHOD:(\w+)\r\n.*?\r\nEND:VCALENDAR\r\n)", re.DOTALL)


class Unsendable(Exception):
    """A letter that no mail server can take, in words without personal data."""


def complete(letter_id: int, now: datetime) -> None:
    """Complete a letter of a kind that needs it; one that nobody gets is gone afterwards."""
    kind = db.session.scalar(sa.select(Letter.kind).where(Letter.id == letter_id))
    completes = LOOKUPS.get(kind or "")
    db.session.rollback()
    if completes:
        with transaction():
            letter = db.session.get_one(Letter, letter_id)
            if not completes(letter, now):
                db.session.delete(letter)


def parcel(letter_id: int) -> delivery.Parcel | None:
    """A letter as it travels; ``None`` where nobody is left who could get it."""
    letter = db.session.get(Letter, letter_id)
    if letter is None or (letter.contact and letter.contact.email is None):  # the person asked to be forgotten
        return None
    if letter.staff_member and not letter.staff_member.active:
        return None
    house = db.session.get_one(House, 1)
    recipient = one_address((letter.person.email or "") if letter.person else house.email)
    subject, body = _filled(letter.subject, letter), _filled(letter.body, letter)
    if len(subject.splitlines()) != 1 or len(letter.message_id.splitlines()) != 1:
        raise Unsendable("a header would have several lines")
    subject = _seen(subject)
    name, sender = parseaddr(current_app.config["MAIL_FROM"]) if current_app.config["MAIL_FROM"] else ("", "")
    sender = delivery.as_sent(sender or house.email)
    message = Message(
        subject=_header(subject, "Subject"),
        recipients=[recipient],
        body=body.replace(NEXT, ""),
        html=letter_html(body, subject, LANGUAGES[letter.language].letters, current_app.config["PUBLIC_URL"]),
        sender=formataddr((_header(_seen(name or house.name), "From").replace("\r\n", ""), sender)),
        reply_to=_answers_to(letter, house),
        date=letter.created_at.timestamp(),
        extra_headers=AUTOMATIC | _thread(letter),
    )
    message.msgId = letter.message_id
    objects = _OBJECTS.findall(letter.calendar or "")
    if letter.calendar and not objects:
        raise Unsendable("the file is no calendar")
    for number, (text, method) in enumerate(objects, start=1):
        name = f"termine-{number}.ics" if number > 1 else "termine.ics"
        message.attach(name, f"text/calendar; charset=utf-8; method={method}", text.encode())
    if message.has_bad_headers():
        raise Unsendable("a header would have several lines")
    file_name = f"{letter.created_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{letter.id:06}-{letter.kind}.eml"
    return delivery.Parcel(sender, recipient, message.as_bytes(), file_name)


def _answers_to(letter: Letter, house: House) -> str:
    """Who shall get an answer: the office, and of a letter to the office the group it tells of."""
    group = letter.booking.contact if letter.booking and not letter.contact else None
    try:
        return one_address(group.email if group and group.email else house.email)
    except Unsendable:  # a group's address must not keep a letter from the office
        return delivery.as_sent(house.email)


def _thread(letter: Letter) -> dict[str, str]:
    """What puts letters about one booking together (RFC 5322, section 3.6.4): the first that the same reader got."""
    if letter.staff_member and not letter.booking:
        return {}
    first = sa.select(Letter.message_id).where(
        Letter.booking_id == letter.booking_id,
        Letter.contact_id.is_not_distinct_from(letter.contact_id),
        Letter.staff_member_id.is_not_distinct_from(letter.staff_member_id),
        Letter.state == "sent",
        Letter.id < letter.id,
    )
    message_id = db.session.scalars(first.order_by(Letter.id).limit(1)).first()
    return {"In-Reply-To": message_id, "References": message_id} if message_id else {}


def _seen(text: str) -> str:
    """What can be seen of a header: marks that turn the direction of writing could make it say something else."""
    return "".join(char for char in text.translate(TURNING) if unicodedata.category(char) != "Cc")


def _header(text: str, name: str) -> str:
    """As it travels: lines so short that Python does not fold them once more, for that loses a space now and then.

    What somebody typed in the form of an encoded word (RFC 2047) is encoded itself, so that it is read as typed.
    """
    charset = "utf-8" if "=?" in text else None
    return Header(text, charset, header_name=name).encode(linesep="\r\n")


def one_address(text: str) -> str:
    """The one address in ``text``, as mail travels to it: a list of two would be mailed to both."""
    try:
        address = Address(addr_spec=delivery.as_sent(text))
    except (ValueError, IndexError, MessageError):
        raise Unsendable("the address cannot be read") from None
    if not address.username or not address.addr_spec.isascii() or not address.domain:
        raise Unsendable("the address cannot be read")
    return address.addr_spec


def _filled(text: str, letter: Letter) -> str:
    def found(match: re.Match[str]) -> str:
        find = MARKS.get(match[1])
        return find(letter, *filter(None, match.groups()[1:])) if find else match[0]

    filled = re.sub(r"⟦([a-z]+)(\d+)?⟧", found, text)
    return re.sub(r"\n{3,}", "\n\n", filled)  # where a paragraph stayed empty
