"""Step 3 of a request: who meets, what for, and whom to write to."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, SelectMultipleField, StringField, TextAreaField

from booking.house import rooms
from booking.web.forms.page import PageForm
from booking.web.forms.texts import is_phone, tidy

KINDS = ("initiative", "department", "other")


class AboutForm(PageForm):
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


def equipment() -> list[str]:
    """What the rooms have to offer, each thing once."""
    return list(dict.fromkeys(thing for room in rooms() for thing in room.equipment))
