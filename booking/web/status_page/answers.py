"""What a group answers: yes or no to a proposal, and what the team wanted to know."""

from datetime import datetime

from flask import request
from flask_babel import gettext, lazy_gettext

from booking import changing
from booking.changing import TooLate
from booking.models import Booking
from booking.web.access import PageAnswer
from booking.web.forms.fields import Paragraph
from booking.web.forms.page import PageForm
from booking.web.status_page.frame import back, may_write, page, pages, reader
from booking.web.status_page.sentences import ids_sent, name_days


class RefusalForm(PageForm):
    """A few words to the team, or none."""

    note = Paragraph(lazy_gettext("What would suit you?"), most=600)


class AnswerForm(PageForm):
    """What the team wanted to know."""

    answer = Paragraph(lazy_gettext("Your answer"), lazy_gettext("Write your answer into the field."), 600)


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
            dates = changing.accept(booking, ids_sent(), now, reader())
        else:
            dates = changing.refuse(booking, ids_sent(), form.note.meant, now, reader())
    except TooLate:
        return back(
            gettext("This suggestion has run out, so others can have the room. Write to us, and we’ll find another.")
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
    if changing.answer_question(booking, form.answer.meant, now, reader()):
        return back(gettext("Thank you, we’ve got your answer."))
    return back(gettext("There was nothing left to answer."))


def _refuse_page(booking: Booking, now: datetime, form: RefusalForm) -> PageAnswer:
    ids = ids_sent()
    dates = [each for each in changing.answerable(booking, now) if each.id in ids]
    return page("status_page/refuse.html", form, dates=dates) if dates else back()
