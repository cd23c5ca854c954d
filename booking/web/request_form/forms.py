"""The pages of a request that are filled in. Each form keeps what was typed and yields what was meant."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

import idna
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext, lazy_gettext, ngettext
from wtforms import BooleanField, Field, FieldList, Form, SelectMultipleField, StringField, TextAreaField

from booking.letter_message import TURNING
from booking.models import mailbox_of

KINDS = ("initiative", "department", "other")
WAYS_IN = ("have", "need", "talk")

#: The most characters of what is typed; where nothing is said, 200.
LONGEST = {
    "title": 80,
    "group": 80,
    "purpose": 600,
    "note": 600,
    "answer": 600,
    "name": 80,
    "onsite_name": 80,
    "url": 300,
    "email": 254,
}
#: Where an error in a group of controls leads to.
FIRST_CONTROL = {
    "rhythm": "rhythm-once",
    "weekday": "weekday-0",
    "ordinal": "ordinal-1",
    "until_kind": "until_kind-date",
    "room": "room-any",
    "kind": "kind-initiative",
    "is_open": "is_open-yes",
    "way_in": "way_in-have",
    "equipment": "equipment-0",
}
#: Where most mailboxes are, to notice a slip such as gmial.com.
COMMON_DOMAINS = (
    *("gmail.com", "googlemail.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "posteo.de", "yahoo.de"),
    *("outlook.com", "outlook.de", "hotmail.com", "icloud.com", "bielefeld.de"),
)
#: Characters that end a line or steer a terminal.
_CONTROL = ("Cc", "Zl", "Zp")
#: Longer texts are refused for their length. Nothing more is looked for in them: to put the marks of one letter in
#: order takes the square of their number.
_LONGEST_READ = 2 * max(LONGEST.values())


class Page(Form):
    """What the forms have in common: sentences beside the fields, and all of them at the top."""

    def refuse(self, field: Field, sentence: str) -> None:
        field.errors = [*field.errors, sentence]

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """The id of the control and its sentence, in the order of the page."""
        return [
            (FIRST_CONTROL.get(field.name, field.id), field.errors[0]) for field in self._controls() if field.errors
        ]

    @property
    def names(self) -> list[str]:
        return [field.name for field in self._controls()]

    def forgive_gaps(self) -> None:
        """Say nothing about what is not filled in yet."""
        for field in self._controls():
            if not field.data:
                field.errors = []

    def _look_at_text(self, field: Field, text: str) -> None:
        """Lines and lengths. A line break in a field of one line is never a slip of the hand."""
        allowed = "\n\t" if isinstance(field, TextAreaField) else ""
        is_read = len(text) <= _LONGEST_READ
        if is_read and any(unicodedata.category(char) in _CONTROL and char not in allowed for char in text):
            self.refuse(field, gettext("Please write this in one line."))
        most = LONGEST.get(field.name, 200)
        if len(text) > most:
            self.refuse(
                field,
                ngettext(
                    "That is %(number)d character. Please shorten it to %(most)d.",
                    "That is %(number)d characters. Please shorten it to %(most)d.",
                    len(text),
                    number=len(text),
                    most=most,
                ),
            )

    def _read_email(self, field: Field, text: str) -> str:
        if len(text) > LONGEST["email"]:  # said already
            return ""
        if len(re.findall(r"[^\s,;@]@", text)) > 1:
            self.refuse(field, gettext("Please enter one address only."))
            return ""
        try:
            found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
            return found.ascii_email or ""  # as mail travels to it: the domain in ASCII, by IDNA 2008
        except EmailNotValidError:
            self.refuse(field, gettext("Enter an e-mail address, for example name@example.org."))
            return ""

    def _read_url(self, field: Field, text: str) -> str:
        if not text:
            return ""
        address = text if "://" in text else f"https://{text}"
        if not is_web_address(address):
            self.refuse(field, gettext("Enter an address that begins with https://."))
        return address

    def _require_way_in(self, said: dict[str, str]) -> None:
        """How a group gets in while the house is closed, and whom we reach then."""
        if said["way_in"] not in WAYS_IN:
            self.refuse(self["way_in"], gettext("Choose how you will get in."))
        if not said["onsite_name"]:
            self.refuse(self["onsite_name"], gettext("Say who is responsible on the evening."))
        if not is_phone(said["onsite_phone"]):
            self.refuse(self["onsite_phone"], gettext("Enter a mobile number where we can reach someone that evening."))

    def _controls(self) -> list[Field]:
        found: list[Field] = []
        for field in self:
            found += list(field) if isinstance(field, FieldList) else [field]
        return found


class About(Page):
    """Step 3: who meets, what for, and whom to write to."""

    title = StringField(
        lazy_gettext("What is your meeting called?"),
        description=lazy_gettext("This appears in the calendar and on the lobby screen."),
    )
    group = StringField(
        lazy_gettext("Who is meeting?"), description=lazy_gettext("Name of your initiative, association or team")
    )
    kind = StringField()
    purpose = TextAreaField(
        lazy_gettext("What is it about?"), description=lazy_gettext("A few sentences will do. Only we read this.")
    )
    is_open = StringField()
    url = StringField(lazy_gettext("Link for people who are interested"))
    equipment = SelectMultipleField(choices=[], validate_choice=False)
    equipment_other = StringField(lazy_gettext("Something else"))
    access_needs = StringField(
        lazy_gettext("What do people in your group need to take part?"),
        description=lazy_gettext("For example step-free access. Please no names and no diagnoses."),
    )
    way_in = StringField()
    onsite_name = StringField(lazy_gettext("Name"))
    onsite_phone = StringField(lazy_gettext("Mobile number"))
    name = StringField(lazy_gettext("What's your name?"))
    email = StringField(
        lazy_gettext("Your e-mail address"),
        description=lazy_gettext("We'll send the link to your request here."),
    )
    phone = StringField(lazy_gettext("Phone"))
    reminders = BooleanField(lazy_gettext("Remind me by e-mail before every meeting"))
    note = TextAreaField(lazy_gettext("Anything else you'd like to tell us?"))

    def told(self, equipment: Sequence[str], *, outside_hours: bool) -> dict[str, Any] | None:
        """The part of a ``Wish`` that stands here; None where something is missing: then the fields say what.

        ``equipment`` is what the rooms have to offer. ``outside_hours``: the
        house is closed at one of the dates, so somebody needs a way in.
        """
        texts = [field for field in self if field.name not in ("equipment", "reminders")]
        said = {field.name: tidy(field.data) for field in texts}
        for field in texts:
            self._look_at_text(field, said[field.name])
        self._require(said)
        told: dict[str, Any] = {**said, "is_open": said["is_open"] == "yes", "reminders": bool(self.reminders.data)}
        things = [thing for thing in equipment if thing in (self.equipment.data or ())]
        other = told.pop("equipment_other")
        told["equipment"] = [*things, other] if other else things
        told["url"] = self._read_url(self.url, said["url"]) if told["is_open"] else ""
        told["email"] = self._read_email(self.email, said["email"])
        if outside_hours:
            self._require_way_in(said)
        else:
            told.update(way_in="", onsite_name="", onsite_phone="")
        if said["phone"] and not is_phone(said["phone"]):
            self.refuse(self.phone, gettext("Enter a phone number, for example 0521 123456."))
        return None if self.mistakes else told

    def _require(self, said: dict[str, str]) -> None:
        needed = (
            (self.title, said["title"], gettext("Give your meeting a name.")),
            (self.group, said["group"], gettext("Say who is meeting.")),
            (self.kind, said["kind"] in KINDS, gettext("Choose who you belong to.")),
            (self.purpose, said["purpose"], gettext("Say briefly what it is about.")),
            (self.is_open, said["is_open"] in ("yes", "no"), gettext("Choose who can come.")),
            (self.name, said["name"], gettext("Tell us your name.")),
        )
        for field, given, sentence in needed:
            if not given:
                self.refuse(field, sentence)


def likely_address(email: str) -> str:
    """What was probably meant instead of name@gmial.com; empty where nothing looks wrong."""
    name, _, domain = email.rpartition("@")
    if domain in COMMON_DOMAINS:
        return ""
    close = get_close_matches(domain, COMMON_DOMAINS, n=1, cutoff=0.8)
    return f"{name}@{close[0]}" if close else ""


def mailbox(email: str) -> str:
    """Where the mail arrives, however the address is written; empty where it is none."""
    written = tidy(email)
    if len(written) > LONGEST["email"]:
        return ""
    try:
        address = validate_email(written, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return ""
    return mailbox_of(address.ascii_email or "")


def tidy(text: str | None) -> str:
    """What can be read of a text; nothing where there is nothing to see. One that no field holds is left as it is."""
    plain = (text or "").replace("\r\n", "\n").translate(TURNING).strip(" \t\n\u00a0")
    if len(plain) > _LONGEST_READ:
        return plain
    is_seen = any(unicodedata.category(char) not in ("Cf", "Zs") for char in plain)
    return unicodedata.normalize("NFC", plain) if is_seen else ""


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


def is_phone(text: str) -> bool:
    digits = sum(char.isdigit() for char in text)
    return re.fullmatch(r"[+0-9 ()/.\-]+", text) is not None and 5 <= digits <= 20
