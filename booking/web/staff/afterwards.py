"""What the team does with dates that are approved: move one, or cancel some, with a reason and a letter."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import cast

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from booking import afterwards, clock
from booking.domain.status import Status
from booking.house import rooms
from booking.lifecycle import Place
from booking.models import Booking, Occurrence
from booking.notices.frame import Proposal, preview_letter
from booking.web import filters
from booking.web.access import staff_only
from booking.web.staff import desk, places, stale, verdicts
from booking.web.staff.forms import CancelForm, MoveForm
from booking.web.staff.frame import booking_of, bp, seen_version


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
def send_move(reference: str, date_id: int) -> stale.Answer:
    """Put an approved date elsewhere; without the button that does, show its letter anew."""
    booking, now = booking_of(reference), clock.now()
    date = _date_of(booking, date_id)
    form = MoveForm(request.form, booking.language)
    form.to = places.written(request.form, [date], now).get(date)
    is_there = date.status is Status.APPROVED and places.is_there(request.form, date, now)
    if date not in booking.coming(now) and seen_version() == booking.version:
        return redirect(url_for(".decision", reference=reference), 303)
    return stale.carry_out(
        booking,
        form,
        lambda: _move_page(booking, date, form, now),
        partial(afterwards.move, booking, {date.id: cast(Place, form.to)}, reason=form.told, message=form.message.text),
        lambda: gettext("Moved: %(place)s.", place=filters.whole_line(date)),
        is_done=is_there,
    )


def _date_of(booking: Booking, date_id: int) -> Occurrence:
    """The date of this booking with this id, or 404."""
    date = next((date for date in booking.occurrences if date.id == date_id), None)
    if date is None:
        abort(404)
    return date


def _move_page(booking: Booking, date: Occurrence, form: MoveForm, now: datetime) -> str:
    where = places.written(request.form, [date], now)
    met = desk.look(where, booking, now).there
    entry = places.offered(places.read(request.form, [date], met, now), now)[date.id]
    letter = None
    if booking.addressee and entry.place and entry.room:
        proposal = Proposal(date, entry.room, entry.place.slot)
        told = {"reasons": {date.id: form.told}, "message": form.message.text}
        letter = preview_letter("moved", booking, [date], changes=[proposal], now=now, **told)
    return render_template(
        "staff/move.html",
        entry=entry,
        rooms=rooms(),
        **verdicts.letter_values(booking, letter, form, [form.sentence.text]),
        errors=[*entry.form.mistakes, *form.mistakes] if form.is_sent else [],
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
def send_cancel(reference: str) -> stale.Answer:
    """Cancel approved dates; without the button that does, show the letter anew."""
    booking = booking_of(reference)
    form = CancelForm(request.form, booking.language)
    possible, wanted = booking.coming(clock.now()), form.date.data
    if not possible and seen_version() == booking.version:
        return redirect(url_for(".decision", reference=reference), 303)
    form.date.data &= {date.id for date in possible}
    gone = {date.id for date in booking.dates(Status.CANCELLED) if not date.cancelled_by_group}
    return stale.carry_out(
        booking,
        form,
        lambda: _cancel_page(booking, possible, form),
        partial(
            afterwards.cancel, booking, dict.fromkeys(sorted(form.date.data), form.told), message=form.message.text
        ),
        lambda: ngettext("%(num)d date is cancelled.", "%(num)d dates are cancelled.", len(form.date.data)),
        is_done=bool(wanted) and wanted <= gone,
    )


def _cancel_page(booking: Booking, possible: Sequence[Occurrence], form: CancelForm) -> str:
    chosen = [date for date in possible if date.id in form.date.data]
    letter = None
    if booking.addressee and chosen:
        reasons = dict.fromkeys((date.id for date in chosen), form.told)
        letter = preview_letter(
            "cancelled_by_team", booking, chosen, reasons=reasons, message=form.message.text, now=clock.now()
        )
    return render_template(
        "staff/cancel.html",
        possible=possible,
        chosen=chosen,
        **verdicts.letter_values(booking, letter, form, [form.sentence.text]),
        errors=form.mistakes,
    )
