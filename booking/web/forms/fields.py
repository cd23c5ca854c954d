"""The fields that people type into. Each keeps what was typed, and reads it as people mean it."""

import re
import unicodedata
from datetime import date, time
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext, ngettext
from wtforms import StringField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation
from wtforms.widgets import TextArea

from booking.domain.typed import NotReadable, from_to, is_open_end, read_date, read_end, read_number, read_time
from booking.house import house_rules
from booking.languages import DEFAULT
from booking.web import locale
from booking.web.forms import messages
from booking.web.forms.texts import LONGEST_ADDRESS, LONGEST_READ, is_phone, tidy, written_address

#: More are a slip of the fingers.
MOST_PEOPLE = 9999
#: Characters that end a line or steer a terminal.
_CONTROL = ("Cc", "Zl", "Zp")


class TypedField(StringField):
    """Something typed: ``data`` stays as it was typed, ``meant`` is what it says, once the form is validated.

    ``missing`` is said where nothing was typed. With None, the field may stay empty; with "", ``read`` says it.
    """

    nothing: Any = None

    def __init__(self, label: Any = None, missing: Any = None, **options: Any) -> None:
        super().__init__(label, **options)
        self.missing = missing
        self.meant: Any = self.nothing

    def pre_validate(self, form: BaseForm) -> None:
        text = tidy(self.data)
        self.meant = self.nothing
        if not text and self.missing:
            raise StopValidation(self.missing)
        if not text and self.missing is None:
            return
        try:
            self.meant = self.read(text, form)
        except NotReadable as fault:
            raise StopValidation(messages.not_readable(fault)) from None

    def read(self, text: str, form: BaseForm) -> Any:
        """What the text says. Raises ``NotReadable`` or ``StopValidation``."""
        raise NotImplementedError


class TextLine(TypedField):
    """One line of text. A line break in it is never a slip of the hand."""

    nothing: Any = ""
    breaks = ""

    def __init__(self, label: Any = None, missing: Any = None, most: int = 200, **options: Any) -> None:
        super().__init__(label, missing, **options)
        self.most = most

    def read(self, text: str, form: BaseForm) -> Any:
        is_read = len(text) <= LONGEST_READ
        if is_read and any(unicodedata.category(char) in _CONTROL and char not in self.breaks for char in text):
            raise StopValidation(gettext("Please write this in one line."))
        if len(text) > self.most:
            raise StopValidation(
                ngettext(
                    "That is %(number)d character. Please shorten it to %(most)d.",
                    "That is %(number)d characters. Please shorten it to %(most)d.",
                    len(text),
                    number=len(text),
                    most=self.most,
                )
            )
        return text


class Paragraph(TextLine):
    """Several lines of text."""

    widget = TextArea()
    breaks = "\n\t"


class AddressField(TextLine):
    """An address to write to, meant as mail travels to it: the domain in ASCII, by IDNA 2008."""

    def __init__(self, label: Any = None, missing: Any = "", **options: Any) -> None:
        super().__init__(label, missing, LONGEST_ADDRESS, **options)

    def read(self, text: str, form: BaseForm) -> Any:
        written = written_address(super().read(text, form))
        if len(re.findall(r"[^\s,;@]@", written)) > 1:
            raise StopValidation(gettext("Please enter one address only."))
        try:
            return validate_email(written, check_deliverability=False, allow_smtputf8=False).ascii_email
        except EmailNotValidError:
            raise StopValidation(gettext("Enter an e-mail address, for example name@example.org.")) from None


class PhoneField(TextLine):
    """A number to call. ``missing`` is also what is said of one that is none."""

    def read(self, text: str, form: BaseForm) -> Any:
        written = re.sub("[‐-―−]", "-", super().read(text, form))  # phones put in long dashes by themselves
        if not is_phone(written):
            raise StopValidation(self.missing or gettext("Enter a phone number, for example 0123 456789."))
        return written


class SpanField(TypedField):
    """From when to when, as "9-11". ``minutes``: how long that is, once a form has worked it out."""

    minutes = 0

    def read(self, text: str, form: BaseForm) -> tuple[time, time]:
        both = from_to(text)
        if both is None:
            raise NotReadable("span_unreadable", text=text)
        return read_time(both[0]), read_end(both[1])


class LanguageField(StringField):
    """One of the languages of the house, or of those that are ``whole``; its own where none is chosen, as there is no
    other."""

    def __init__(self, label: Any = None, *, whole: bool = False, **options: Any) -> None:
        super().__init__(label, **options)
        self.whole = whole

    def pre_validate(self, form: BaseForm) -> None:
        self.data = self.data or DEFAULT
        if self.data not in locale.codes_here(whole=self.whole):
            raise StopValidation(gettext("Choose one of the options on this page."))


class NumberField(TypedField):
    """A whole number from 1 on."""

    def __init__(self, label: Any = None, most: int | None = None, **options: Any) -> None:
        super().__init__(label, "", **options)
        self.most = most

    def read(self, text: str, form: BaseForm) -> int:
        number = read_number(text, at_most=self.most is not None)
        if self.most and number > self.most:
            raise NotReadable("number_unreadable", text=text)
        return number


class DayField(TypedField):
    """A day; without a year the next such day, from the form's ``today`` on, or from what the field ``since`` means."""

    def __init__(self, label: Any = None, missing: Any = "", since: str = "", **options: Any) -> None:
        super().__init__(label, missing, **options)
        self.since = since

    def read(self, text: str, form: Any) -> date:
        first = form[self.since].meant if self.since else None
        return read_date(text, first or form.today)


class StartField(TypedField):
    """The time of day at which something begins; the end too, where both are typed into it."""

    def read(self, text: str, form: Any) -> time:
        if (both := from_to(text)) and form.end.data in (None, "", both[1]):
            form.end.data = both[1]
            return read_time(both[0])
        return read_time(text)


class EndField(TypedField):
    """The time of day at which something ends: 24:00 is one. Without a fixed end, it is the latest that there is."""

    def read(self, text: str, form: BaseForm) -> time:
        return house_rules().latest_end if is_open_end(text) else read_end(text)
