"""Entering without a request: what came by telephone, events of the house itself, series that everybody knows of."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, StringField
from wtforms.validators import AnyOf, StopValidation

from booking import clock, entering, requesting
from booking.database import db
from booking.domain.recurrence import Frequency
from booking.domain.slot import Slot
from booking.domain.typed import as_typed
from booking.house import house, offered_rooms
from booking.languages import DEFAULT
from booking.models import Booking, Initiative
from booking.requesting import ChangedMeanwhile, Wish
from booking.web import locale
from booking.web.access import MISTAKES, PageAnswer, staff_only
from booking.web.dates import outlook
from booking.web.dates.choices import plan_as_sent
from booking.web.dates.chooser import Plan
from booking.web.dates.shown import shown
from booking.web.forms.fields import AddressField, LanguageField, Paragraph, PhoneField, TextLine
from booking.web.forms.people import KINDS
from booking.web.forms.when import AROUND, EVERY_MONTHS, EVERY_WEEKS, WEEK, AskedDates, WhenForm, choices_of
from booking.web.staff.forms import LineField
from booking.web.staff.frame import bp, member
from booking.web.staff.pasted import LONGEST_MAIL, proposals
from booking.web.staff.requests import to_do

#: What an address can bring along, as the calendar's links do, and the control that it is for.
FROM_LINKS = {"tag": "date", "von": "start", "bis": "end", "raum": "room"}


class EnterForm(WhenForm):
    """All of a booking on one page. What is to be known of people may stay empty."""

    bound = False

    group = TextLine(lazy_gettext("Group"), lazy_gettext("Say whose dates these are."), 80)
    kind = StringField(id="kind", default=KINDS[0], validators=[AnyOf((*KINDS, "own"))])
    title = TextLine(lazy_gettext("Title (the group’s name without one)"), most=80)
    is_open = StringField(id="is_open-yes", validators=[AnyOf(("yes", "no"), lazy_gettext("Choose who can come."))])
    name = TextLine(lazy_gettext("Name"), most=80)
    email = AddressField(lazy_gettext("E-mail address"), None)
    phone = PhoneField(lazy_gettext("Phone"))
    language = LanguageField(default=DEFAULT)
    letters = BooleanField(lazy_gettext("Tell them by letter"), default=True)
    note = Paragraph(lazy_gettext("Note for the team"), most=600)
    approve = StringField(id="approve-yes", default="yes", validators=[AnyOf(("yes", "no"))])
    form_id = LineField()
    reading_shown = LineField(id="which-rhythm")
    step = LineField()
    mail = StringField()

    def __init__(self, typed: MultiDict[str, str] | None, now: datetime) -> None:
        super().__init__(typed, now)
        self.rhythm.data = self.rhythm.data or "once"
        if not re.fullmatch("[0-9a-f]{32}", self.form_id.text):
            self.form_id.data = secrets.token_hex(16)

    @property
    def is_sent(self) -> bool:
        return self.step.text in ("send", "more")

    def validate_name(self, field: TextLine) -> None:
        if self.email.data and not field.meant:
            raise StopValidation(gettext("Enter the name too: letters begin with it."))

    def asked(self) -> AskedDates | None:
        """What is wanted, as soon as day and times can be read, whatever else is still missing."""
        self.validate()
        unreadable = any(field.errors for field in self.when_fields if field is not self.people)
        if self.rule is None or self.times is None or unreadable:
            return None
        return self._asked(self.rule, self.times)

    @property
    def when_fields(self) -> list[Any]:
        """Those of a ``WhenForm``, which stand first."""
        return list(takewhile(lambda field: field is not self.group, self.controls()))

    def begin_with(self, values: MultiDict[str, str]) -> None:
        """What the address brings along: day, times and room, and a group, or what was entered just before."""
        for name, control in FROM_LINKS.items():
            if name in values:
                self[control].data = as_typed(values[name])
        group = db.session.scalars(db.select(Initiative).where(Initiative.slug == values.get("gruppe", ""))).first()
        before = db.session.scalars(db.select(Booking).where(Booking.reference == values.get("wie", ""))).first()
        if before:
            group = before.initiative
            self.people.data, self.is_open.data = str(before.people), "yes" if before.is_open else "no"
            self.language.data = before.language
        if before and before.contact:
            self.name.data, self.email.data = before.contact.name, before.contact.email
            self.phone.data = before.contact.phone
        if group:
            self.group.data, self.kind.data = group.name, group.kind

    def wanted(self, plan: Plan) -> Wish:
        """What is to be stored; the form is validated, and its dates are decided."""
        return plan.wish(
            form_id=self.form_id.text,
            language=str(self.language.data),
            title=self.title.meant or self.group.meant,
            group=self.group.meant,
            kind=str(self.kind.data),
            purpose="",
            is_open=self.is_open.data == "yes",
            way_in="talk" if plan.outside_hours else "",
            name=self.name.meant,
            email=self.email.meant,
            phone=self.phone.meant,
            note=self.note.meant,
        )


@bp.get("/eintragen")
@staff_only
def enter() -> str:
    """An empty page, or with what the address brings along (``?tag=2027-01-12&von=18:30&bis=20:30&raum=werkstatt``)."""
    form = EnterForm(None, clock.now())
    form.begin_with(request.args)
    plan = _plan(form, MultiDict()) if form.date.data else None
    form.forgive_gaps()
    return _page(form, plan)


@bp.post("/eintragen")
@staff_only
def send_enter() -> PageAnswer:
    """Enter the dates, once; without a button that does, say what they would meet with."""
    form = EnterForm(request.form, clock.now())
    sent: MultiDict[str, str] = request.form
    asked: list[str] = []
    if form.step.text == "mail":
        values, asked = proposals(form.mail.data or "", form.now)
        form.put_in(values)
        sent = MultiDict({**sent.to_dict(flat=False), **values})
    plan = _plan(form, sent)
    if asked:
        form.forgive_gaps()
        return _page(form, plan, asked=asked)
    if not form.is_sent:
        form.forgive_gaps()
        return _page(form, plan)
    if plan and form.reading_shown.text != plan.reading:
        form.refuse(form.reading_shown, gettext("Have a look whether these are the dates that are meant."))
    if plan and form.approve.data == "no" and any(_is_over(plan, form.now)):
        form.refuse(form.approve, gettext("What is over can only be entered as confirmed."))
    if form.mistakes or plan is None or plan.open_rows or not plan.wished:
        return _page(form, plan, mistakes=True), MISTAKES
    try:
        booking, letter, is_new = entering.enter(
            form.wanted(plan),
            approve=form.approve.data == "yes",
            with_letter=bool(form.letters.data),
            by=member(),
            now=form.now,
        )
    except ChangedMeanwhile:
        return _page(form, _plan(form, sent), mistakes=True, gone=True), MISTAKES
    return _done(form, booking, is_new=is_new, is_told=letter is not None)


def _done(form: EnterForm, booking: Booking, *, is_new: bool, is_told: bool) -> AnyResponse:
    """Say what was entered, and lead to it, or to the next one."""
    number = len(booking.occurrences)
    said = (
        ngettext("%(num)d date is entered", "%(num)d dates are entered", number)
        if is_new
        else gettext("That had been entered already")
    )
    letter = gettext("A letter tells of it.") if is_told else ""
    flash(f"{said}: {booking.title}, {booking.reference}. {letter}".strip())
    if form.step.text == "more":
        return redirect(url_for(".enter", wie=booking.reference), 303)
    return redirect(url_for(".decision", reference=booking.reference, _anchor="said"), 303)


def _plan(form: EnterForm, sent: MultiDict[str, str]) -> Plan | None:
    """The dates with what they meet with now, and what the page sends about them; ``None`` where none can be read."""
    asked = form.asked()
    if asked is None:
        return None
    return plan_as_sent(asked, sent, entering.seen_from(asked.rule.start, form.now), locale.selected())


def _is_over(plan: Plan, now: datetime) -> list[bool]:
    zone = house().zone
    return [Slot.on(each.day, each.begins, each.minutes, zone).end <= now for each in plan.wished]


def _page(
    form: EnterForm, plan: Plan | None, *, mistakes: bool = False, gone: bool = False, asked: Sequence[str] = ()
) -> str:
    found: dict[str, Any] = shown(plan, mistakes=mistakes, gone=gone) if plan else {"plan": None, "mistakes": []}
    unreadable = [field.errors[0] for field in form.when_fields if field.errors and field.data]
    names = db.session.scalars(db.select(Initiative.name).order_by(Initiative.name)).all()
    return render_template(
        "staff/enter.html",
        **{**found, "mistakes": [*form.mistakes, *found["mistakes"]] if mistakes else []},
        form=form,
        groups=names,
        known=requesting.known_group(form.group.meant) if form.group.meant else None,
        rooms=offered_rooms(),
        echo=outlook.echo(form.date.meant),
        unreadable=[*asked, *unreadable],
        requests=to_do().requests,
        over=sum(_is_over(plan, form.now)) if plan else 0,
        kinds=(*KINDS, "own"),
        around=AROUND,
        week=WEEK,
        week_choices=choices_of(Frequency.WEEKLY, EVERY_WEEKS),
        month_choices=choices_of(Frequency.MONTHLY, EVERY_MONTHS),
        languages=locale.codes_here(),
        longest_mail=LONGEST_MAIL,
    )
