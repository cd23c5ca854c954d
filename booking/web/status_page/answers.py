"""What a group answers: yes or no to a proposal, and what the team wanted to know."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import TextAreaField

from booking import changing
from booking.changing import TooLate
from booking.models import Booking
from booking.web.access import MISTAKES, PageAnswer, link_holder
from booking.web.forms.page import PageForm
from booking.web.forms.texts import tidy
from booking.web.status_page.frame import TOKEN, bp, may_write, opened
from booking.web.status_page.sentences import ids_sent, name_days


class WordsForm(PageForm):
    """A few words to the team."""

    note = TextAreaField(lazy_gettext("What would suit you?"))
    answer = TextAreaField(lazy_gettext("Your answer"))

    def read_note(self) -> str:
        """Words that may be left out; the field says what is wrong with them."""
        text = tidy(self.note.data)
        self._look_at_text(self.note, text)
        return text

    def read_answer(self) -> str:
        text = tidy(self.answer.data)
        self._look_at_text(self.answer, text)
        if not text:
            self.refuse(self.answer, gettext("Write your answer into the field."))
        return text


@bp.get(f"/a/{TOKEN}/vorschlag")
@link_holder
@opened
def refuse(token: str, booking: Booking, now: datetime) -> PageAnswer:
    """Ask whether a proposal really does not suit the group, and what would."""
    return _refuse_page(token, booking, now, WordsForm())


@bp.post(f"/a/{TOKEN}/vorschlag")
@link_holder
@may_write
@opened
def send_answer(token: str, booking: Booking, now: datetime) -> PageAnswer:
    """Accept proposals, or refuse them; one that has run out can be neither."""
    form = WordsForm(_typed())
    note = form.read_note()
    if form.mistakes:
        return _refuse_page(token, booking, now, form)
    accepts = request.form.get("do") == "accept"
    try:
        dates = (
            changing.accept(booking, ids_sent(), now) if accepts else changing.refuse(booking, ids_sent(), note, now)
        )
    except TooLate:
        flash(gettext("This suggestion has run out, so others can have the room. Write to us, and we'll find another."))
        return redirect(url_for(".show", token=token), 303)
    if not dates:
        flash(gettext("There was nothing left to answer."))
    elif accepts:
        flash(gettext("Confirmed: %(days)s. We look forward to seeing you!", days=name_days(dates)))
    else:
        flash(gettext("Thank you for telling us. The room is free for others again."))
    return redirect(url_for(".show", token=token), 303)


@bp.get(f"/a/{TOKEN}/antworten")
@link_holder
@opened
def answer(token: str, booking: Booking, now: datetime) -> PageAnswer:
    """What the team wants to know, with a field for the answer."""
    if not booking.waits_for_answer:
        return redirect(url_for(".show", token=token), 303)
    return render_template("status_page/answer.html", token=token, booking=booking, form=WordsForm(), mistakes=[])


@bp.post(f"/a/{TOKEN}/antworten")
@link_holder
@may_write
@opened
def send_words(token: str, booking: Booking, now: datetime) -> PageAnswer:
    """Hand the answer to the team."""
    form = WordsForm(_typed())
    text = form.read_answer()
    if form.mistakes and booking.waits_for_answer:
        page = render_template(
            "status_page/answer.html", token=token, booking=booking, form=form, mistakes=form.mistakes
        )
        return page, MISTAKES
    is_new = changing.answer_question(booking, text, now)
    flash(gettext("Thank you, we've got your answer.") if is_new else gettext("There was nothing left to answer."))
    return redirect(url_for(".show", token=token), 303)


def _refuse_page(token: str, booking: Booking, now: datetime, form: WordsForm) -> PageAnswer:
    ids = ids_sent()
    dates = [each for each in changing.answerable(booking, now) if each.id in ids]
    if not dates:
        return redirect(url_for(".show", token=token), 303)
    page = render_template(
        "status_page/refuse.html", token=token, booking=booking, dates=dates, form=form, mistakes=form.mistakes
    )
    return (page, MISTAKES) if form.mistakes else page


def _typed() -> MultiDict[str, str]:
    return request.form
