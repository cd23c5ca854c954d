"""The class of all forms: each keeps what was typed, and yields what was meant or says beside its fields what to do."""

from typing import Any

from wtforms import Field, FieldList, Form


class PageForm(Form):
    """What the forms have in common: sentences beside the fields, and all of them at the top."""

    def refuse(self, field: Field, sentence: str) -> None:
        field.errors = [*field.errors, sentence]

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """The id of the control and its sentence, in the order of the page."""
        return [(field.id, field.errors[0]) for field in self.controls() if field.errors]

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
