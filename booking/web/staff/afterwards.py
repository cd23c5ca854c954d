"""What the team does with dates that are approved: move one, or cancel some, with a reason and a letter."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, deciding, notices
from booking.database import RoomTaken
from booking.domain.status import NotPossible, Status
from booking.house import rooms
from booking.lifecycle import Stale
from booking.models import Booking, Occurrence
from booking.notices import Proposal
from booking.web import filters
from booking.web.access import staff_only
from booking.web.staff import places, stale, verdicts
from booking.web.staff.frame import back_to, booking_of, bp, member, say, seen_version
from booking.web.staff.places import Entry
from booking.web.staff.verdicts import Form, Given


def coming(booking: Booking, now: datetime) -> list[Occurrence]:
    """The approved dates that can still be moved or cancelled."""
    return [date for date in booking.dates(Status.APPROVED) if date.end > now]


class Moving(NamedTuple):
    """Where a date is to go and what the group reads of it, as a form says."""

    entry: Entry
    message: str
    given: Given

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [*self.entry.errors, *self.given.errors, *verdicts.message_errors(self.message)]


@bp.get("/anfragen/<reference>/verlegen/<int:date_id>")
@staff_only
def move(reference: str, date_id: int) -> AnyResponse | str:
    """Ask where an approved date shall go, with the letter that would tell of it."""
    booking, now = booking_of(reference), clock.now()
    date = _date_of(booking, date_id)
    if date not in coming(booking, now):
        return redirect(url_for(".decision", reference=reference), 303)
    return _move_page(booking, _moving(MultiDict(), booking, date, now), now)


@bp.post("/anfragen/<reference>/verlegen/<int:date_id>")
@staff_only
def send_move(reference: str, date_id: int) -> AnyResponse | tuple[str, int] | str:
    """Put an approved date elsewhere; without the button that does, show its letter anew."""
    booking, now = booking_of(reference), clock.now()
    date = _date_of(booking, date_id)
    if seen_version() != booking.version:
        is_done = date.status is Status.APPROVED and places.is_there(request.form, date, now)
        return stale.answer(booking, is_done=is_done)
    if date not in coming(booking, now):
        return redirect(url_for(".decision", reference=reference), 303)
    wanted = _moving(request.form, booking, date, now)
    if request.form.get("aktion") != "senden":
        return _move_page(booking, wanted, now)
    if wanted.errors or wanted.entry.place is None:
        return _move_page(booking, wanted, now, wanted.errors), 422
    try:
        letter = deciding.move(
            booking,
            date.id,
            wanted.entry.place,
            reason=wanted.given.sentence,
            message=wanted.message,
            seen_version=seen_version(),
            by=member(),
            now=now,
        )
    except (Stale, NotPossible):
        return stale.answer(booking, is_done=False)
    except (deciding.NotFree, RoomTaken):
        wanted = _moving(request.form, booking, date, now)
        return _move_page(booking, wanted, now, wanted.entry.errors), 422
    say(gettext("Moved: %(place)s.", place=filters.whole_line(date)), letter)
    return back_to(reference)


def _date_of(booking: Booking, date_id: int) -> Occurrence:
    """The date of this booking with this id, or 404."""
    date = next((date for date in booking.occurrences if date.id == date_id), None)
    if date is None:
        abort(404)
    return date


def _moving(form: Form, booking: Booking, date: Occurrence, now: datetime) -> Moving:
    return Moving(
        places.read(form, [date], now)[date.id],
        verdicts.tidied(form.get("nachricht", "")),
        verdicts.reason(form, "verlegt", booking.language),
    )


def _move_page(booking: Booking, wanted: Moving, now: datetime, errors: Sequence[tuple[str, str]] = ()) -> str:
    entry, letter = wanted.entry, None
    if booking.contact and entry.place:
        proposal = Proposal(entry.date, entry.room, entry.place.slot)
        letter = notices.render_moved(booking, [proposal], wanted.message, now, {entry.date.id: wanted.given.sentence})
    return render_template(
        "staff/move.html",
        booking=booking,
        entry=entry,
        rooms=rooms(),
        **verdicts.values(booking, letter, wanted.message, wanted.given),
        errors=errors,
    )


@bp.get("/anfragen/<reference>/faellt-aus")
@staff_only
def cancel(reference: str) -> AnyResponse | str:
    """Ask which approved dates shall be cancelled, those of ``?termin=12`` to begin with."""
    booking = booking_of(reference)
    possible = coming(booking, clock.now())
    if not possible:
        return redirect(url_for(".decision", reference=reference), 303)
    return _cancel_page(booking, possible, request.args, [])


@bp.post("/anfragen/<reference>/faellt-aus")
@staff_only
def send_cancel(reference: str) -> AnyResponse | tuple[str, int] | str:
    """Cancel approved dates; without the button that does, show the letter anew."""
    booking, now = booking_of(reference), clock.now()
    wanted = _ids(request.form)
    if seen_version() != booking.version:
        gone = {date.id for date in booking.dates(Status.CANCELLED) if not date.cancelled_by_group}
        return stale.answer(booking, is_done=bool(wanted) and wanted <= gone)
    possible = coming(booking, now)
    if not possible:
        return redirect(url_for(".decision", reference=reference), 303)
    if request.form.get("aktion") != "senden":
        return _cancel_page(booking, possible, request.form, [])
    chosen = [date for date in possible if date.id in wanted]
    message = verdicts.tidied(request.form.get("nachricht", ""))
    given = verdicts.reason(request.form, "ausfall", booking.language)
    errors = [] if chosen else [("termine", gettext("Choose dates first."))]
    errors += [*given.errors, *verdicts.message_errors(message)]
    if errors:
        return _cancel_page(booking, possible, request.form, errors), 422
    try:
        letter = deciding.cancel(
            booking,
            dict.fromkeys((date.id for date in chosen), given.sentence),
            message=message,
            seen_version=seen_version(),
            by=member(),
            now=now,
        )
    except (Stale, NotPossible):
        return stale.answer(booking, is_done=False)
    say(ngettext("%(num)d date is cancelled.", "%(num)d dates are cancelled.", len(chosen)), letter)
    return back_to(reference)


def _ids(form: Form) -> set[int]:
    return set(form.getlist("termin", type=int))


def _cancel_page(
    booking: Booking, possible: Sequence[Occurrence], form: Form, errors: Sequence[tuple[str, str]]
) -> str:
    wanted, letter = _ids(form), None
    chosen = [date for date in possible if date.id in wanted]
    message = verdicts.tidied(form.get("nachricht", ""))
    given = verdicts.reason(form, "ausfall", booking.language)
    if booking.contact and chosen:
        reasons = dict.fromkeys((date.id for date in chosen), given.sentence)
        letter = notices.render_cancelled(booking, chosen, message, reasons)
    return render_template(
        "staff/cancel.html",
        booking=booking,
        possible=possible,
        chosen=chosen,
        **verdicts.values(booking, letter, message, given),
        errors=errors,
    )
