"""The class of all forms: each keeps what was typed, and yields what was meant or says beside its fields what to do."""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext, ngettext
from wtforms import Field, FieldList, Form, TextAreaField

from booking.web.forms.texts import LONGEST, LONGEST_READ, is_phone, is_web_address

WAYS_IN = ("have", "need", "talk")
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
#: Characters that end a line or steer a terminal.
_CONTROL = ("Cc", "Zl", "Zp")


class PageForm(Form):
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
        is_read = len(text) <= LONGEST_READ
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
