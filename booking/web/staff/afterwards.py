"""What the team does with dates that are approved: move one, or cancel some, with a reason and a letter."""

from collections.abc import Sequence
from datetime import datetime

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, deciding
from booking.database import RoomTaken
from booking.domain.status import NotPossible, Status
from booking.house import rooms
from booking.lifecycle import Stale
from booking.models import Booking, Occurrence
from booking.notices.frame import Proposal, preview_letter
from booking.web import filters
from booking.web.access import staff_only
from booking.web.staff import desk, places, stale, verdicts
from booking.web.staff.forms import CancelForm, MoveForm
from booking.web.staff.frame import back_to, booking_of, bp, member, say, seen_version


@bp.get("/anfragen/<reference>/verlegen/<int:date_id>")
@staff_only
def move(reference: str, date_id: int) -> AnyResponse | str:
    """Ask where an approved date shall go, with the letter that would tell of it."""
    booking, now = booking_of(reference), clock.now()
    date = _date_of(booking, date_id)
    if date not in booking.coming(now):
        return redirect(url_for(".decision", reference=reference), 303)
    return _move_page(booking, date, MoveForm(request.form, booking.language), now)


@bp.post("/anfragen/<reference>/verlegen/<int:date_id>")
@staff_only
def send_move(reference: str, date_id: int) -> AnyResponse | tuple[str, int] | str:
    """Put an approved date elsewhere; without the button that does, show its letter anew."""
    booking, now = booking_of(reference), clock.now()
    date = _date_of(booking, date_id)
    if seen_version() != booking.version:
        is_done = date.status is Status.APPROVED and places.is_there(request.form, date, now)
        return stale.overtaken(booking, is_done=is_done)
    if date not in booking.coming(now):
        return redirect(url_for(".decision", reference=reference), 303)
    form = MoveForm(request.form, booking.language)
    if not form.is_sent:
        return _move_page(booking, date, form, now)
    place = places.written(request.form, [date], now).get(date)
    if not form.validate() or place is None:
        return _move_page(booking, date, form, now, is_refused=True), 422
    try:
        letter = deciding.move(
            booking,
            date.id,
            place,
            reason=form.told,
            message=form.message.text,
            seen_version=seen_version(),
            by=member(),
            now=now,
        )
    except (Stale, NotPossible):
        return stale.overtaken(booking, is_done=False)
    except (deciding.NotFree, RoomTaken):
        return _move_page(booking, date, form, now, is_refused=True), 422
    say(gettext("Moved: %(place)s.", place=filters.whole_line(date)), letter)
    return back_to(reference)


def _date_of(booking: Booking, date_id: int) -> Occurrence:
    """The date of this booking with this id, or 404."""
    date = next((date for date in booking.occurrences if date.id == date_id), None)
    if date is None:
        abort(404)
    return date


def _move_page(booking: Booking, date: Occurrence, form: MoveForm, now: datetime, *, is_refused: bool = False) -> str:
    """``is_refused``: say what is wrong about what was sent."""
    where = places.written(request.form, [date], now)
    met = desk.look(where, booking, now).there
    entry = places.offered(places.read(request.form, [date], met, now), now)[date.id]
    letter = None
    if booking.contact and entry.place and entry.room:
        proposal = Proposal(date, entry.room, entry.place.slot)
        told = {"reasons": {date.id: form.told}, "message": form.message.text}
        letter = preview_letter("moved", booking, [date], changes=[proposal], now=now, **told)
    return render_template(
        "staff/move.html",
        booking=booking,
        entry=entry,
        rooms=rooms(),
        **verdicts.letter_values(booking, letter, form),
        errors=[*entry.form.mistakes, *form.mistakes] if is_refused else [],
    )


@bp.get("/anfragen/<reference>/faellt-aus")
@staff_only
def cancel(reference: str) -> AnyResponse | str:
    """Ask which approved dates shall be cancelled, those of ``?date=12`` to begin with."""
    booking = booking_of(reference)
    possible = booking.coming(clock.now())
    if not possible:
        return redirect(url_for(".decision", reference=reference), 303)
    return _cancel_page(booking, possible, CancelForm(request.args, booking.language))


@bp.post("/anfragen/<reference>/faellt-aus")
@staff_only
def send_cancel(reference: str) -> AnyResponse | tuple[str, int] | str:
    """Cancel approved dates; without the button that does, show the letter anew."""
    booking, now = booking_of(reference), clock.now()
    form = CancelForm(request.form, booking.language)
    if seen_version() != booking.version:
        gone = {date.id for date in booking.dates(Status.CANCELLED) if not date.cancelled_by_group}
        return stale.overtaken(booking, is_done=bool(form.date.data) and form.date.data <= gone)
    possible = booking.coming(now)
    if not possible:
        return redirect(url_for(".decision", reference=reference), 303)
    form.date.data &= {date.id for date in possible}
    if not form.is_sent:
        return _cancel_page(booking, possible, form)
    if not form.validate():
        return _cancel_page(booking, possible, form), 422
    chosen = form.date.data
    try:
        letter = deciding.cancel(
            booking,
            dict.fromkeys(sorted(chosen), form.told),
            message=form.message.text,
            seen_version=seen_version(),
            by=member(),
            now=now,
        )
    except (Stale, NotPossible):
        return stale.overtaken(booking, is_done=False)
    say(ngettext("%(num)d date is cancelled.", "%(num)d dates are cancelled.", len(chosen)), letter)
    return back_to(reference)


def _cancel_page(booking: Booking, possible: Sequence[Occurrence], form: CancelForm) -> str:
    chosen = [date for date in possible if date.id in form.date.data]
    letter = None
    if booking.contact and chosen:
        reasons = dict.fromkeys((date.id for date in chosen), form.told)
        letter = preview_letter(
            "cancelled_by_team", booking, chosen, reasons=reasons, message=form.message.text, now=clock.now()
        )
    return render_template(
        "staff/cancel.html",
        booking=booking,
        possible=possible,
        chosen=chosen,
        **verdicts.letter_values(booking, letter, form),
        errors=form.mistakes,
    )
