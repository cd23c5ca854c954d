"""The forms of the team's pages. A rule about a field stands on the field."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import Field, StringField, ValidationError
from wtforms.validators import DataRequired

from booking.afterwards import Scope
from booking.lifecycle import Place
from booking.sentences import reasons
from booking.signing_in import passkeys
from booking.web.forms.fields import Paragraph, TextLine
from booking.web.forms.page import PageForm
from booking.web.forms.texts import ids_in

LONGEST_SEARCH = 100


def tidied(text: str | None) -> str:
    """What was typed, without control characters and piles of empty lines."""
    plain = re.sub("\r\n|[\r\u2028\u2029]", "\n", text or "")
    plain = "".join(char for char in plain if char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"))
    return re.sub(r"\n{3,}", "\n\n", plain).strip()


def in_one_line(text: str | None) -> str:
    return " ".join(tidied(text).split())


class LineField(StringField):
    """A line of text, or what a hidden control holds; ``text`` is empty where the form lacks it."""

    @property
    def text(self) -> str:
        return self.data or ""


class TextField(Paragraph):
    """Several lines of text; ``text`` likewise."""

    @property
    def text(self) -> str:
        return self.data or ""


class DateIds(Field):
    """Dates of a booking that are ticked, by their ids; several may stand in one value, with commas between."""

    def process_data(self, value: Iterable[int] | None) -> None:
        self.data = frozenset(value or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = ids_in(each for value in valuelist for each in value.split(","))


class StepForm(PageForm):
    """What all forms have in common that do one thing when they are sent, and else show their letter anew."""

    step = LineField()
    has_changed = False  # whether it was sent before its page had shown all that it does

    @property
    def is_sent(self) -> bool:
        return bool(self.step.text == "send")


#: The scope of those that are ticked.
PICKED = "picked"


class ScopeForm(StepForm):
    """A change that may reach further dates of a series. ``seen``: which ones the page has shown."""

    scope = LineField(default=Scope.ONE.value)
    seen = LineField()
    shown = ""  # which ones it shows

    @property
    def is_wide(self) -> bool:
        return self.scope.text in (Scope.FROM, Scope.ALL)

    @property
    def has_changed(self) -> bool:  # type: ignore[override]  # of what was sent, and never set
        return self.is_sent and self.is_wide and self.seen.text != self.shown


class TickedForm(StepForm):
    """Some dates of a booking."""

    date = DateIds(
        lazy_gettext("Which dates?"), id="dates", validators=[DataRequired(lazy_gettext("Choose dates first."))]
    )


class UsualReason(NamedTuple):
    """A reason for declining: its name for the team, and the sentence that the group reads."""

    code: str
    name: str
    sentence: str


def usual_reasons(language: str) -> list[UsualReason]:
    """The reasons to choose from; sentences in the language of the group."""
    names = {
        "taken": gettext("given to others"),
        "closed": gettext("closed"),
        "access": gettext("access"),
        "size": gettext("size"),
        "profile": gettext("profile"),
        "short_notice": gettext("short notice"),
        "own_need": gettext("needed by ourselves"),
        "other": gettext("something else"),
    }
    sentences = reasons(language)
    return [UsualReason(code, name, sentences.get(code, "")) for code, name in names.items()]


class ReasonForm(PageForm):
    """Why something cannot be: a usual reason, or a sentence of the team's own."""

    reason = LineField(lazy_gettext("Reason"))
    sentence = TextField(lazy_gettext("Your own sentence"), most=300, filters=[in_one_line])

    def __init__(self, form: MultiDict[str, str], language: str, usual: str = "", prefix: str = "") -> None:
        super().__init__(form, prefix=prefix, reason=usual)
        self.usual = {each.code: each.sentence for each in usual_reasons(language)}

    @property
    def told(self) -> str:
        """The sentence that the group reads."""
        return self.sentence.text or self.usual.get(self.reason.text, "")

    def validate_reason(self, field: LineField) -> None:
        if field.data not in self.usual:
            raise ValidationError(gettext("Choose a reason."))

    def validate_sentence(self, field: TextField) -> None:
        if self.reason.text in self.usual and not self.told:
            raise ValidationError(gettext("Write the reason that the group shall read."))


class MessageForm(PageForm):
    """The team's own words in a letter."""

    message = TextField(lazy_gettext("Message to the group (optional)"), most=2000, filters=[tidied])


class CancelForm(ScopeForm, TickedForm, ReasonForm, MessageForm):
    """Which dates do not take place, and why. ``origin``: the one from which a scope is reckoned."""

    scope = LineField(default=PICKED)
    origin = DateIds()

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        return bool(super().validate(extra_validators)) and not self.has_changed


class PutBackForm(TickedForm, MessageForm):
    """Which dates take place after all."""


class MoveForm(ScopeForm, ReasonForm, MessageForm):
    """Why a date goes elsewhere. ``to``: what the form for that says (``places.ElsewhereForm``), if it can be."""

    to: Place | None = None

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        return bool(super().validate(extra_validators)) and self.to is not None and not self.has_changed


class SettleForm(TickedForm, ReasonForm, MessageForm):
    """The answer to what the group wishes for some dates: yes with a message, or no with a reason."""

    answer = LineField()

    @property
    def is_yes(self) -> bool:
        return bool(self.answer.text == "yes")

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Look at what belongs to the answer; the other's fields are not on the page."""
        super().validate(extra_validators)
        for field in (self.reason, self.sentence) if self.is_yes else (self.message,):
            field.errors = []
        return not self.mistakes


class AskForm(StepForm):
    """A question to the group."""

    question = TextField(
        lazy_gettext("Your question"), lazy_gettext("Write what you want to know."), most=600, filters=[tidied]
    )


class KeyForm(PageForm):
    """The number of a key that is handed out."""

    key = TextLine(
        lazy_gettext("Number"), lazy_gettext("Enter the number that stands on the key."), most=32, filters=[in_one_line]
    )


class PasskeyForm(PageForm):
    """A passkey that was just made, and how it is to be called."""

    credential = LineField(default="")
    name = LineField(filters=[lambda text: " ".join(tidied(text)[: passkeys.LONGEST_NAME].split())])


class PasswordForm(PageForm):
    """The password once more."""

    password = LineField(default="")


class AppForm(PageForm):
    """The secret that an app shares with us, signed by us."""

    setup = LineField(default="")


class SearchForm(PageForm):
    """What the inbox is filtered by."""

    search = LineField(filters=[lambda text: tidied(text)[:LONGEST_SEARCH]])
    room = LineField()
