"""The class of all forms: each keeps what was typed, and yields what was meant or says beside its fields what to do."""

import hashlib
from functools import cached_property
from typing import Any

from flask import current_app
from flask_babel import gettext
from wtforms import BooleanField, Field, FieldList, Form, SelectField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from booking.languages import endings_off


class FormWords(DefaultMeta):
    """What WTForms says by itself, which is all about something sent that no control of a page offers."""

    def get_translations(self, form: BaseForm) -> "FormWords":
        return self

    def gettext(self, _sentence: str) -> str:
        return self._one_of_these

    @cached_property
    def _one_of_these(self) -> str:
        """Looked up once for a form: WTForms asks for it with each field that has no label."""
        return gettext("Choose one of the options on this page.")

    def ngettext(self, sentence: str, *_more: Any) -> str:
        return self.gettext(sentence)


class PageForm(Form):
    """What the forms have in common: sentences beside the fields, and all of them at the top.

    What a row says in a further language has a field of that name (``reason_en``), and none where the house does
    without that language: ``said`` leaves it out, and what was written in it stays as it is.
    """

    Meta = FormWords

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        off = endings_off(current_app.config["LANGUAGES"])
        for name in [each for each in self._fields if off and each.endswith(off)]:
            del self[name]

    def said(self, *names: str) -> dict[str, Any]:
        """What is meant in these fields, as far as they are there."""
        fields: dict[str, Any] = self._fields
        return {name: fields[name].meant for name in names if name in fields}

    def refuse(self, field: Field, sentence: str) -> None:
        field.errors = [*field.errors, sentence]

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """The id of the control and its sentence, in the order of the page."""
        return [(field.id, field.errors[0]) for field in self.controls() if field.errors]

    @property
    def as_seen(self) -> str:
        """What stands in its fields, in one word: a page sends it along, to be compared with what is stored by then."""
        return hashlib.sha256("\0".join(map(_told, self.controls())).encode()).hexdigest()[:16]

    def differing(self, stored: "PageForm") -> list[tuple[str, str]]:
        """The names of fields that say something else than what is stored, with that."""
        pairs = zip(self.controls(), stored.controls(), strict=True)
        return [(str(one.label.text), _told(kept)) for one, kept in pairs if _told(one) != _told(kept)]

    @property
    def names(self) -> list[str]:
        return [field.name for field in self.controls()]

    def forgive_gaps(self) -> None:
        """Say nothing about what is not filled in yet."""
        for field in self.controls():
            if not field.data:
                field.errors = []

    def controls(self) -> list[Any]:
        """The fields, those of a list one by one."""
        found: list[Any] = []
        for field in self:
            found += list(field) if isinstance(field, FieldList) else [field]
        return found


def _told(field: Field) -> str:
    """What stands in a field, as people read it."""
    if isinstance(field, BooleanField):
        return gettext("yes") if field.data else gettext("no")
    if isinstance(field, SelectField):
        return next((str(each.label.text) for each in field if each.data == field.data), "")
    return str(field.data or "").strip()
