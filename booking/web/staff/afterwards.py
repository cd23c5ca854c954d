"""What the team does with dates that are approved: move one, or cancel some, with a reason and a letter."""

from collections.abc import Sequence
from datetime import datetime

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, deciding, notices
from booking.database import RoomTaken
from booking.domain.status import NotPossible, Status
from booking.models import Booking, Occurrence
from booking.notices import Proposal
from booking.schedule import rooms
from booking.web import filters
from booking.web.access import staff_only
from booking.web.staff import places, stale, verdicts
from booking.web.staff.frame import back_to, booking_of, bp, member, say, seen_version
from booking.web.staff.places import Entry
from booking.web.staff.verdicts import Given


def coming(booking: Booking, now: datetime) -> list[Occurrence]:
    """The approved dates that can still be moved or cancelled."""
    return [date for date in booking.dates(Status.APPROVED) if date.end > now]


@bp.route("/anfragen/<reference>/verlegen/<int:date_id>", methods=["GET", "POST"])
@staff_only
def move(reference: str, date_id: int) -> AnyResponse | tuple[str, int] | str:
    """Put an approved date elsewhere, with the letter that tells why."""
    booking, now = booking_of(reference), clock.now()
    date = next((date for date in booking.occurrences if date.id == date_id), None)
    if date is None:
        abort(404)
    if request.method == "POST" and seen_version() != booking.version:
        is_done = date.status is Status.APPROVED and places.is_there(request.form, date, now)
        return stale.answer(booking, is_done=is_done)
    if date not in coming(booking, now):
        return redirect(url_for(".decision", reference=reference), 303)
    entry = places.read(request.form, [date], now)[date.id]
    message = verdicts.tidied(request.form.get("nachricht", ""))
    given = verdicts.reason(request.form, "verlegt", booking.language)
    errors = [*entry.errors, *given.errors, *verdicts.message_errors(message)]
    is_sent = request.form.get("aktion") == "senden"
    if not is_sent or errors or entry.place is None:
        page = _move_page(booking, entry, message, given, now, errors if is_sent else [])
        return (page, 422) if is_sent else page
    try:
        letter = deciding.move(
            booking,
            date.id,
            entry.place,
            reason=given.sentence,
            message=message,
            seen_version=seen_version(),
            by=member(),
            now=now,
        )
    except (deciding.Stale, NotPossible):
        return stale.answer(booking, is_done=False)
    except (deciding.NotFree, RoomTaken):
        entry = places.read(request.form, [date], now)[date.id]
        return _move_page(booking, entry, message, given, now, entry.errors), 422
    say(gettext("Moved: %(place)s.", place=filters.date_line(date)), letter)
    return back_to(reference)


def _move_page(
    booking: Booking, entry: Entry, message: str, given: Given, now: datetime, errors: Sequence[tuple[str, str]]
) -> str:
    letter = None
    if booking.contact and entry.place:
        proposal = Proposal(entry.date, entry.room, entry.place.slot)
        letter = notices.render_moved(booking, [proposal], message, now, {entry.date.id: given.sentence})
    return render_template(
        "staff/move.html",
        booking=booking,
        entry=entry,
        rooms=rooms(),
        **verdicts.values(booking, letter, message, given),
        errors=errors,
    )


@bp.route("/anfragen/<reference>/faellt-aus", methods=["GET", "POST"])
@staff_only
def cancel(reference: str) -> AnyResponse | tuple[str, int] | str:
    """Cancel approved dates, with the letter that tells why."""
    booking, now = booking_of(reference), clock.now()
    wanted = set(request.values.getlist("termin", type=int))
    if request.method == "POST" and seen_version() != booking.version:
        gone = {date.id for date in booking.dates(Status.CANCELLED) if not date.cancelled_by_group}
        return stale.answer(booking, is_done=bool(wanted) and wanted <= gone)
    possible = coming(booking, now)
    if not possible:
        return redirect(url_for(".decision", reference=reference), 303)
    chosen = [date for date in possible if date.id in wanted]
    message = verdicts.tidied(request.form.get("nachricht", ""))
    given = verdicts.reason(request.form, "ausfall", booking.language)
    errors = [] if chosen else [("termine", gettext("Choose dates first."))]
    errors += [*given.errors, *verdicts.message_errors(message)]
    is_sent = request.form.get("aktion") == "senden"
    if not is_sent or errors:
        page = _cancel_page(booking, possible, chosen, message, given, errors if is_sent else [])
        return (page, 422) if is_sent else page
    try:
        letter = deciding.cancel(
            booking,
            dict.fromkeys((date.id for date in chosen), given.sentence),
            message=message,
            seen_version=seen_version(),
            by=member(),
            now=now,
        )
    except (deciding.Stale, NotPossible):
        return stale.answer(booking, is_done=False)
    say(ngettext("%(num)d date is cancelled.", "%(num)d dates are cancelled.", len(chosen)), letter)
    return back_to(reference)


def _cancel_page(
    booking: Booking,
    possible: Sequence[Occurrence],
    chosen: Sequence[Occurrence],
    message: str,
    given: Given,
    errors: Sequence[tuple[str, str]],
) -> str:
    letter = None
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
