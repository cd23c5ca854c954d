"""What a group answers: yes or no to a proposal, and what the team wanted to know."""

from datetime import datetime

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from booking import changing
from booking.changing import TooLate
from booking.models import Booking
from booking.web.access import PageAnswer
from booking.web.forms.page import PageForm
from booking.web.forms.texts import tidy
from booking.web.status_page.frame import back, may_write, page, pages
from booking.web.status_page.sentences import ids_sent, name_days


class RefusalForm(PageForm):
    """A few words to the team, or none."""

    note = TextAreaField(lazy_gettext("What would suit you?"), filters=[tidy])

    def validate_note(self, field: TextAreaField) -> None:
        self._look_at_text(field, field.data or "")


class AnswerForm(PageForm):
    """What the team wanted to know."""

    answer = TextAreaField(
        lazy_gettext("Your answer"),
        filters=[tidy],
        validators=[DataRequired(lazy_gettext("Write your answer into the field."))],
    )

    def validate_answer(self, field: TextAreaField) -> None:
        self._look_at_text(field, field.data or "")


@pages.get("/vorschlag")
def refuse(booking: Booking, now: datetime) -> PageAnswer:
    """Ask whether a proposal really does not suit the group, and what would."""
    return _refuse_page(booking, now, RefusalForm())


@pages.post("/vorschlag", may_write)
def send_answer(booking: Booking, now: datetime) -> PageAnswer:
    """Accept proposals, or refuse them; one that has run out can be neither."""
    form = RefusalForm(request.form)
    if not form.validate():
        return _refuse_page(booking, now, form)
    accepts = request.form.get("do") == "accept"
    try:
        if accepts:
            dates = changing.accept(booking, ids_sent(), now)
        else:
            dates = changing.refuse(booking, ids_sent(), form.note.data or "", now)
    except TooLate:
        return back(
            gettext("This suggestion has run out, so others can have the room. Write to us, and we'll find another.")
        )
    if not dates:
        return back(gettext("There was nothing left to answer."))
    if accepts:
        return back(gettext("Confirmed: %(days)s. We look forward to seeing you!", days=name_days(dates)))
    return back(gettext("Thank you for telling us. The room is free for others again."))


@pages.get("/antworten")
def answer(booking: Booking, now: datetime) -> PageAnswer:
    """What the team wants to know, with a field for the answer."""
    return page("status_page/answer.html", AnswerForm()) if booking.waits_for_answer else back()


@pages.post("/antworten", may_write)
def send_words(booking: Booking, now: datetime) -> PageAnswer:
    """Hand the answer to the team."""
    form = AnswerForm(request.form)
    if not form.validate() and booking.waits_for_answer:
        return page("status_page/answer.html", form)
    if changing.answer_question(booking, form.answer.data or "", now):
        return back(gettext("Thank you, we've got your answer."))
    return back(gettext("There was nothing left to answer."))


def _refuse_page(booking: Booking, now: datetime, form: RefusalForm) -> PageAnswer:
    ids = ids_sent()
    dates = [each for each in changing.answerable(booking, now) if each.id in ids]
    return page("status_page/refuse.html", form, dates=dates) if dates else back()
