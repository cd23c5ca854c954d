"""Forms about people and what they told: an address, a second person, the details of a booking."""

from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, StringField

from booking.extensions import sender
from booking.web import limits
from booking.web.forms import messages
from booking.web.forms.page import PageForm
from booking.web.forms.texts import is_phone, mailbox, tidy
from booking.web.forms.typed import NotReadable, read_number
from booking.web.forms.when import MOST_PEOPLE


class AddressForm(PageForm):
    """An address to write to."""

    email = StringField(lazy_gettext("Your e-mail address"))

    def told(self) -> str:
        """The address; empty where there is none: then the field says what."""
        text = tidy(self.email.data)
        self._look_at_text(self.email, text)
        email = self._read_email(self.email, text)
        return "" if self.mistakes else email


class PersonForm(PageForm):
    """Somebody else who gets a link."""

    name = StringField(lazy_gettext("Name"))
    email = StringField(lazy_gettext("E-mail address"))

    def told(self) -> tuple[str, str] | None:
        """Name and address; None where something is missing: then the fields say what."""
        name, email = tidy(self.name.data), tidy(self.email.data)
        self._look_at_text(self.name, name)
        self._look_at_text(self.email, email)
        if not name:
            self.refuse(self.name, gettext("Enter the name of the person."))
        email = self._read_email(self.email, email)
        return None if self.mistakes else (name, email)


class DetailsForm(PageForm):
    """What a group can change by itself of what it told."""

    title = StringField(
        lazy_gettext("What is your meeting called?"),
        description=lazy_gettext("This appears in the calendar and on the lobby screen."),
    )
    people = StringField(
        lazy_gettext("Roughly how many will you be?"), description=lazy_gettext("An estimate is fine.")
    )
    is_open = StringField()
    url = StringField(lazy_gettext("Link for people who are interested"))
    way_in = StringField()
    onsite_name = StringField(lazy_gettext("Name"))
    onsite_phone = StringField(lazy_gettext("Mobile number"))
    reminders = BooleanField(lazy_gettext("Remind me by e-mail before every meeting"))
    name = StringField(lazy_gettext("What's your name?"))
    phone = StringField(lazy_gettext("Phone"))

    def told(self, *, outside_hours: bool, named: bool) -> dict[str, Any] | None:
        """The values of ``sharing.Details``; None where something is missing: then the fields say what.

        ``outside_hours``: the house is closed at one of the dates. ``named``: somebody speaks for the booking.
        """
        typed = [field for field in self if field.name != "reminders"]
        said: dict[str, Any] = {field.name: tidy(field.data) for field in typed}
        for field in typed:
            self._look_at_text(field, said[field.name])
        if not said["title"]:
            self.refuse(self.title, gettext("Give your meeting a name."))
        if said["is_open"] not in ("yes", "no"):
            self.refuse(self.is_open, gettext("Choose who can come."))
        if named and not said["name"]:
            self.refuse(self.name, gettext("Tell us your name."))
        if said["phone"] and not is_phone(said["phone"]):
            self.refuse(self.phone, gettext("Enter a phone number, for example 0521 123456."))
        if outside_hours and named:
            self._require_way_in(said)
        said["people"] = self._read_people(said["people"])
        said["is_open"] = said["is_open"] == "yes"
        said["url"] = self._read_url(self.url, said["url"]) if said["is_open"] else ""
        return None if self.mistakes else {**said, "reminders": bool(self.reminders.data)}

    def _read_people(self, text: str) -> int:
        try:
            number = read_number(text)
            if number > MOST_PEOPLE:
                raise NotReadable("number_unreadable", text=text)
        except NotReadable as fault:
            self.refuse(self.people, messages.not_readable(fault))
            return 0
        return number


def addressee() -> str:
    """Whom a limit on letters counts: the mailbox that a form names, read as the form itself reads it."""
    return mailbox(request.form.get("email", "")) or sender()


may_cause_letters = limits.letters_to(addressee)
