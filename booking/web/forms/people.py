"""Forms about people and what they told: an address, a second person, the facts of a request and of a booking."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, PasswordField, SelectMultipleField, StringField
from wtforms.validators import AnyOf, StopValidation

from booking.extensions import sender
from booking.house import offered_rooms
from booking.signing_in import members
from booking.web import limits
from booking.web.forms.fields import MOST_PEOPLE, AddressField, NumberField, Paragraph, PhoneField, TextLine
from booking.web.forms.page import PageForm
from booking.web.forms.texts import is_web_address, mailbox

KINDS = ("initiative", "department", "other")
#: Asked only where the house is closed at one of the dates.
WAY_IN = ("way_in", "onsite_me", "onsite_name", "onsite_phone")


class AddressForm(PageForm):
    """An address to write to."""

    email = AddressField(lazy_gettext("Your e-mail address"))


class PersonForm(PageForm):
    """Somebody else who gets a link."""

    name = TextLine(lazy_gettext("Name"), lazy_gettext("Enter the name of the person."), 80)
    email = AddressField(lazy_gettext("E-mail address"))


class NewPasswordForm(PageForm):
    """A password that somebody of the team chooses; ``email``: whose it is."""

    password = PasswordField(
        lazy_gettext("New password"),
        description=lazy_gettext(
            "At least %(number)d characters: some words that do not belong together are good, and easy to keep.",
            number=members.SHORTEST,
        ),
    )

    def __init__(self, typed: MultiDict[str, str] | None = None, *, email: str, **known: Any) -> None:
        super().__init__(typed, **known)
        self.address = email

    def validate_password(self, _field: PasswordField) -> None:
        length = len(self.chosen)
        if length < members.SHORTEST:
            sentence = gettext("Take at least %(number)d characters, some words for example.", number=members.SHORTEST)
            raise StopValidation(sentence)
        if length > members.LONGEST:
            raise StopValidation(gettext("Take at most %(number)d characters.", number=members.LONGEST))
        if members.is_easily_guessed(self.chosen, self.address):
            raise StopValidation(gettext("That is easily guessed. Take some words that do not belong together."))

    @property
    def chosen(self) -> str:
        return self.password.data or ""


class InvitationForm(NewPasswordForm):
    """What a new colleague fills in."""

    name = TextLine(lazy_gettext("Name"), lazy_gettext("Enter your name, as colleagues read it."), 80)


class FactsForm(PageForm):
    """What a group tells of its meeting and of itself, in the order in which pages ask for it.

    A page that asks for less leaves fields out, by its class or by ``without``.
    """

    title = TextLine(
        lazy_gettext("What is your meeting called?"),
        lazy_gettext("Give your meeting a name."),
        80,
        description=lazy_gettext("This appears in the calendar and on the lobby screen."),
    )
    people = NumberField(
        lazy_gettext("Roughly how many will you be?"), MOST_PEOPLE, description=lazy_gettext("An estimate is fine.")
    )
    group = TextLine(
        lazy_gettext("Who is meeting?"),
        lazy_gettext("Say who is meeting."),
        80,
        description=lazy_gettext("Name of your initiative, association or team"),
    )
    kind = StringField(id="kind-initiative", validators=[AnyOf(KINDS, lazy_gettext("Choose who you belong to."))])
    purpose = Paragraph(
        lazy_gettext("What is it about?"),
        lazy_gettext("Say briefly what it is about."),
        600,
        description=lazy_gettext("A few sentences will do. Only we read this."),
    )
    is_open = StringField(id="is_open-yes", validators=[AnyOf(("yes", "no"), lazy_gettext("Choose who can come."))])
    url = TextLine(lazy_gettext("Link for people who are interested"), most=300)
    equipment = SelectMultipleField(choices=[], validate_choice=False)
    equipment_other = TextLine(lazy_gettext("Something else"))
    access_needs = TextLine(
        lazy_gettext("What do people in your group need to take part?"),
        description=lazy_gettext("For example step-free access. Please no names and no diagnoses."),
    )
    way_in = StringField(
        id="way_in-have", validators=[AnyOf(("have", "need", "talk"), lazy_gettext("Choose how you will get in."))]
    )
    onsite_me = BooleanField(lazy_gettext("That’s me"))
    onsite_name = TextLine(lazy_gettext("Name"), lazy_gettext("Say who is responsible on the evening."), 80)
    onsite_phone = PhoneField(
        lazy_gettext("Mobile number"), lazy_gettext("Enter a mobile number where we can reach someone that evening.")
    )
    name = TextLine(lazy_gettext("What’s your name?"), lazy_gettext("Tell us your name."), 80)
    email = AddressField(
        lazy_gettext("Your e-mail address"), description=lazy_gettext("We’ll send the link to your request here.")
    )
    phone = PhoneField(lazy_gettext("Phone"))
    reminders = BooleanField(lazy_gettext("Remind me by e-mail before every meeting"))
    note = Paragraph(lazy_gettext("Anything else you’d like to tell us?"), most=600)

    def __init__(
        self, typed: MultiDict[str, str] | None = None, *, without: Collection[str] = (), **known: Any
    ) -> None:
        super().__init__(typed, **known)
        for name in without:
            del self[name]

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Whoever says "That's me" need not write their name and number twice."""
        if self.onsite_me and self.onsite_me.data and self.name:
            self.onsite_name.data = self.onsite_name.data or self.name.data
            self.onsite_phone.data = self.onsite_phone.data or self.phone.data
        return super().validate(extra_validators)

    def validate_url(self, field: TextLine) -> None:
        """Only who is open to others has a link for them."""
        if self.is_open.data != "yes":
            field.meant = ""
        elif field.meant:
            field.meant = field.meant if "://" in field.meant else f"https://{field.meant}"
            if not is_web_address(field.meant):
                raise StopValidation(gettext("Enter an address that begins with https://."))

    @property
    def told(self) -> dict[str, Any]:
        """What the fields mean, once they are validated."""
        meant = {field.name: getattr(field, "meant", field.data) for field in self if field is not self.onsite_me}
        return {**meant, "is_open": self.is_open.data == "yes"}


class AboutForm(FactsForm):
    """Step 3 of a request: who meets, what for, and whom to write to."""

    people = None  # type: ignore[assignment]  # so fields of a base are left out in WTForms

    @property
    def told(self) -> dict[str, Any]:
        """The part of a ``Wish`` that stands here."""
        told = {"way_in": "", "onsite_name": "", "onsite_phone": "", **super().told}
        things = [thing for thing in equipment() if thing in (self.equipment.data or ())]
        other = told.pop("equipment_other")
        return {**told, "equipment": [*things, other] if other else things}


class DetailsForm(FactsForm):
    """What a group can change by itself of what it told."""

    group = kind = purpose = equipment = None  # type: ignore[assignment]  # so fields of a base are left out in WTForms
    equipment_other = access_needs = email = note = None  # type: ignore[assignment]  # so fields of a base are left out


def equipment() -> list[str]:
    """What the rooms have to offer, each thing once."""
    return list(dict.fromkeys(thing for room in offered_rooms() for thing in room.equipment))


def addressee() -> str:
    """Whom a limit on letters counts: the mailbox that a form names, read as the form itself reads it."""
    return mailbox(request.form.get("email", "")) or sender()


may_cause_letters = limits.letters_to(addressee)
