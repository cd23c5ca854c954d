"""What a group wants of the team, or the team of a group: another time or title, an answer to a question."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from flask import redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from booking import afterwards, clock, deciding, wording
from booking.domain.status import Action, Status
from booking.house import house
from booking.lifecycle import Place, Stale
from booking.models import Booking, Change, Occurrence
from booking.notices.frame import Proposal, preview_letter
from booking.web import locale
from booking.web.access import staff_only
from booking.web.staff import desk, places, stale, verdicts
from booking.web.staff.desk import DateView, Met
from booking.web.staff.forms import AskForm, SettleForm
from booking.web.staff.frame import back_to, booking_of, bp, say, seen_version, signed


class OpenWish(NamedTuple):
    """A change that the group asks for, and what it would meet now."""

    change: Change
    met: Met

    @property
    def line(self) -> str:
        return wording.date_line(self.change, house().zone, locale.selected())

    @property
    def why(self) -> str:
        """What keeps it from being possible."""
        return places.in_the_way(self.place, self.met)

    @property
    def notes(self) -> list[str]:
        """What is worth knowing of it."""
        return places.notes_on(self.change.occurrence, self.place, self.met.groups)

    @property
    def place(self) -> Place:
        return Place(self.change.room_id, self.change.slot)


def places_wished(booking: Booking, now: datetime) -> dict[Occurrence, Place]:
    """Where the group would like to have approved dates that are still to come."""
    return {
        date: Place(change.room_id, change.slot)
        for date in booking.coming(now)
        if (change := date.open_change) and change.proposed_by == "group"
    }


def wished(there: Mapping[Occurrence, Met]) -> list[list[OpenWish]]:
    """The changes that the group asks for; those of one wish stand together."""
    together: dict[datetime, list[OpenWish]] = {}
    for date, met in there.items():
        if change := date.open_change:
            together.setdefault(change.created_at, []).append(OpenWish(change, met))
    return list(together.values())


def unwanted(views: Sequence[DateView], now: datetime) -> list[DateView]:
    """Dates whose proposal did not suit the group, or was not answered, and that are still to come."""
    return [
        view
        for view in views
        if view.kind == "declined"
        and view.date.end > now
        and view.change
        and view.change.proposed_by == "team"
        and view.change.state in ("refused", "expired")
    ]


@bp.get("/anfragen/<reference>/wunsch/<int:change_id>")
@staff_only
def change(reference: str, change_id: int) -> AnyResponse | str:
    """Ask whether what the group wishes for is possible (``?answer=yes``), with the letter that would tell.

    All dates of the wish that this change belongs to are ticked to begin with, as far as the answer suits them.
    """
    booking, now = booking_of(reference), clock.now()
    form = SettleForm(request.args, booking.language)
    wish = _wish_with(booking, change_id, now)
    form.date.data = frozenset(each.change.occurrence_id for each in wish if not (form.is_yes and each.why))
    if not form.date.data:
        return redirect(url_for(".decision", reference=reference), 303)
    return _wish_page(booking, wish, form, now)


@bp.post("/anfragen/<reference>/wunsch/<int:change_id>")
@staff_only
def send_change(reference: str, change_id: int) -> stale.Answer:
    """Say yes or no to the ticked dates of a wish; without the button that does, show the letter anew."""
    booking, now = booking_of(reference), clock.now()
    form = SettleForm(request.form, booking.language)
    wish = _wish_with(booking, change_id, now)
    if not wish or seen_version() != booking.version:
        step = Action.MOVE if form.is_yes else "refuse_change"
        return stale.overtaken(booking, is_done=not wish, step=step)
    stays = ngettext("The date stays where it is.", "The %(num)d dates stay where they are.", len(_ticked(wish, form)))
    return stale.carry_out(
        booking,
        form,
        lambda: _wish_page(booking, wish, form, now),
        partial(
            afterwards.settle_changes,
            booking,
            [each.change.id for each in _ticked(wish, form)],
            accept=form.is_yes,
            reason=form.told,
            message=form.message.text,
        ),
        lambda: gettext("Changed as the group wished.") if form.is_yes else stays,
        is_done=False,
    )


def _wish_with(booking: Booking, change_id: int, now: datetime) -> list[OpenWish]:
    """The wish that this change belongs to; none where it is not one of the booking's, or settled."""
    there = desk.look(places_wished(booking, now), booking, now).there
    return next((wish for wish in wished(there) if any(each.change.id == change_id for each in wish)), [])


def _ticked(wish: Sequence[OpenWish], form: SettleForm) -> list[OpenWish]:
    return [each for each in wish if each.change.occurrence_id in form.date.data]


def _wish_page(booking: Booking, wish: Sequence[OpenWish], form: SettleForm, now: datetime) -> str:
    changes, letter = [each.change for each in _ticked(wish, form)], None
    dates = [each.occurrence for each in changes]
    if booking.addressee and dates and form.is_yes:
        moves = [Proposal(each.occurrence, each.room, each.slot) for each in changes]
        letter = preview_letter("moved", booking, dates, changes=moves, message=form.message.text, now=now)
    elif booking.addressee and dates:
        letter = preview_letter("change_declined", booking, dates, changes=changes, reason=form.told, now=now)
    return render_template(
        "staff/wish.html",
        wish=wish,
        **verdicts.letter_values(booking, letter, form, [form.sentence.text]),
        errors=form.mistakes,
    )


@bp.get("/anfragen/<reference>/rueckfrage")
@staff_only
def ask(reference: str) -> AnyResponse | str:
    """What shall the group be asked? With the letter that would ask."""
    booking = booking_of(reference)
    if not _can_be_asked(booking):
        return redirect(url_for(".decision", reference=reference), 303)
    return _ask_page(booking, AskForm())


@bp.post("/anfragen/<reference>/rueckfrage")
@staff_only
def send_ask(reference: str) -> stale.Answer:
    """Ask the group something; without the button that does, show the letter anew."""
    booking = booking_of(reference)
    if not _can_be_asked(booking):
        return redirect(url_for(".decision", reference=reference), 303)
    form = AskForm(request.form)
    question = form.question.text
    return stale.carry_out(
        booking,
        form,
        lambda: _ask_page(booking, form),
        partial(deciding.ask, booking, question),
        lambda: gettext("Your question is asked."),
        is_done=booking.question == question and not booking.answer,
    )


def _can_be_asked(booking: Booking) -> bool:
    return bool(booking.addressee and booking.dates(Status.REQUESTED))


def _ask_page(booking: Booking, form: AskForm) -> str:
    letter = preview_letter("question", booking, question=form.question.text, now=clock.now())
    return render_template(
        "staff/ask.html",
        **verdicts.letter_values(booking, letter, form, message=form.question.text),
        errors=form.mistakes,
    )


@bp.post("/anfragen/<reference>/titel/<any(uebernehmen, lassen):answer>")
@staff_only
def title(reference: str, answer: str) -> stale.Answer:
    """Take over the title that the group wishes for, or leave it as it is."""
    booking = booking_of(reference)
    accept = answer == "uebernehmen"
    if booking.title_wish:
        said = gettext("The new title holds from now on.") if accept else gettext("The title stays as it is.")
    else:
        said = gettext("The new link holds from now on.") if accept else gettext("The link stays as it is.")
    try:
        letter = deciding.settle_title(booking, accept=accept, **signed())
    except Stale:
        step = "accept_title" if accept else "refuse_title"
        return stale.overtaken(booking, is_done=not booking.wishes_words, step=step)
    return back_to(reference, say(said, letter))
