"""What the team does with dates that were approved: move or cancel one, some or all that follow, or put them back."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from booking import afterwards, clock
from booking.afterwards import Scope
from booking.domain.status import Status
from booking.house import rooms
from booking.lifecycle import Place
from booking.models import Booking, Occurrence
from booking.notices.frame import Proposal, preview_letter
from booking.web import filters
from booking.web.access import staff_only
from booking.web.staff import desk, places, scopes, stale, verdicts
from booking.web.staff.forms import PICKED, CancelForm, MoveForm, PutBackForm
from booking.web.staff.frame import booking_of, bp, seen_version
from booking.web.staff.places import PlaceEntry
from booking.web.staff.scopes import Reach


@bp.get("/anfragen/<reference>/verlegen/<int:date_id>")
@staff_only
def move(reference: str, date_id: int) -> AnyResponse | str:
    """Ask where an approved date shall go, with the letter that would tell of it."""
    booking, now = booking_of(reference), clock.now()
    date = _date_of(booking, date_id)
    if date not in booking.coming(now):
        return to_dates(reference)
    form = MoveForm(request.form, booking.language)
    return _move_page(booking, form, *_read(booking, date, form, now), now)


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
        return to_dates(reference)
    entry, reached = _read(booking, date, form, now)
    to = {each.id: place for each, place in reached.going.items()}
    return stale.carry_out(
        booking,
        form,
        lambda: _move_page(booking, form, entry, reached, now),
        partial(afterwards.move, booking, to, reason=form.told, message=form.message.text),
        lambda: _moved(date, len(to)),
        is_done=is_there,
    )


def _moved(date: Occurrence, number: int) -> str:
    if number == 1:
        return gettext("Moved: %(place)s.", place=filters.whole_line(date))
    return ngettext("%(num)d date is moved.", "%(num)d dates are moved.", number)


def to_dates(reference: str) -> AnyResponse:
    """There is nothing to ask here: back to the page of the request."""
    return redirect(url_for(".decision", reference=reference), 303)


def _date_of(booking: Booking, date_id: int) -> Occurrence:
    """The date of this booking with this id, or 404."""
    date = next((date for date in booking.occurrences if date.id == date_id), None)
    if date is None:
        abort(404)
    return date


def _read(booking: Booking, date: Occurrence, form: MoveForm, now: datetime) -> tuple[PlaceEntry, Reach]:
    """Where a date is to go by what was written, and which others go along."""
    entry = places.read(request.form, [date], {}, now)[date.id]
    if entry.place is None:
        return entry, Reach({}, [], {})
    reached = scopes.reach(booking, date, entry.place, form.scope.text, now)
    form.shown = reached.mark
    if entry.ways is None:  # nobody has looked whether it is free
        entry = places.read(request.form, [date], reached.met, now)[date.id]
    return entry, reached


def _move_page(booking: Booking, form: MoveForm, entry: PlaceEntry, reached: Reach, now: datetime) -> str:
    entry = places.offered({entry.date.id: entry}, now)[entry.date.id]
    letter = None
    if booking.addressee and entry.place:
        by_id = places.rooms_by_id()
        proposals = [Proposal(each, by_id[place.room_id], place.slot) for each, place in reached.going.items()]
        told = {"reasons": {each.id: form.told for each in reached.going}, "message": form.message.text}
        letter = preview_letter("moved", booking, list(reached.going), changes=proposals, now=now, **told)
    return render_template(
        "staff/move.html",
        entry=entry,
        rooms=rooms(),
        reached=reached,
        scopes=scopes.choices(booking, entry.date, now, scopes.Choosable(Scope.ONE, gettext("This date alone"))),
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
        return to_dates(reference)
    form = CancelForm(request.args, booking.language)
    form.origin.data = form.date.data
    return _cancel_page(booking, possible, form)


@bp.post("/anfragen/<reference>/faellt-aus")
@staff_only
def send_cancel(reference: str) -> stale.Answer:
    """Cancel approved dates; without the button that does, show the letter anew."""
    booking, now = booking_of(reference), clock.now()
    form = CancelForm(request.form, booking.language)
    possible = booking.coming(now)
    if not possible and seen_version() == booking.version:
        return to_dates(reference)
    wanted = form.date.data
    origin = _origin(form, possible)
    if origin and form.is_wide:
        form.date.data = frozenset(date.id for date in afterwards.in_scope(booking, origin, form.scope.text, now))
    form.date.data &= {date.id for date in possible}
    form.shown = ",".join(map(str, sorted(form.date.data)))
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


def _origin(form: CancelForm, possible: Sequence[Occurrence]) -> Occurrence | None:
    """The date from which a scope is reckoned: the first one that the page began with."""
    return next((date for date in possible if date.id in form.origin.data), None)


def _cancel_page(booking: Booking, possible: Sequence[Occurrence], form: CancelForm) -> str:
    now = clock.now()
    chosen = [date for date in possible if date.id in form.date.data]
    letter = None
    if booking.addressee and chosen:
        reasons = dict.fromkeys((date.id for date in chosen), form.told)
        letter = preview_letter(
            "cancelled_by_team", booking, chosen, reasons=reasons, message=form.message.text, now=now
        )
    origin = _origin(form, possible)
    narrow = scopes.Choosable(PICKED, gettext("Those that are ticked"))
    return render_template(
        "staff/cancel.html",
        possible=possible,
        chosen=chosen,
        origin=origin,
        scopes=scopes.choices(booking, origin, now, narrow) if origin else [],
        exceptions=scopes.stay_cancelled(booking, origin, form.scope.text, now) if origin else [],
        **verdicts.letter_values(booking, letter, form, [form.sentence.text]),
        errors=form.mistakes,
    )


@bp.get("/anfragen/<reference>/findet-statt")
@staff_only
def put_back(reference: str) -> AnyResponse | str:
    """Ask which cancelled dates shall take place after all, those of ``?date=12`` to begin with."""
    booking = booking_of(reference)
    return _put_back_page(booking, PutBackForm(request.args), clock.now()) or to_dates(reference)


@bp.post("/anfragen/<reference>/findet-statt")
@staff_only
def send_put_back(reference: str) -> stale.Answer:
    """Let cancelled dates take place after all; without the button that does, show the letter anew."""
    booking, now = booking_of(reference), clock.now()
    form = PutBackForm(request.form)
    wanted = form.date.data
    possible = {date.id for date in afterwards.cancelled_to_come(booking, now)}
    if not possible and seen_version() == booking.version:
        return to_dates(reference)
    form.date.data &= possible
    return stale.carry_out(
        booking,
        form,
        lambda: _put_back_page(booking, form, now),
        partial(afterwards.put_back, booking, form.date.data, message=form.message.text),
        lambda: ngettext("%(num)d date takes place after all.", "%(num)d dates take place after all.", len(wanted)),
        is_done=bool(wanted) and wanted <= {date.id for date in booking.dates(Status.APPROVED)},
    )


def _put_back_page(booking: Booking, form: PutBackForm, now: datetime) -> str:
    """The page; empty where no cancelled date is to come."""
    at_their_places = {each: Place(each.room_id, each.slot) for each in afterwards.cancelled_to_come(booking, now)}
    there = desk.look(at_their_places, booking, now).there
    taken = [places.in_the_way(at_their_places[each], met) for each, met in there.items() if met.is_in_the_way]
    possible = [each for each, met in there.items() if not met.is_in_the_way]
    chosen = [each for each in possible if each.id in form.date.data]
    letter = None
    if booking.addressee and chosen:
        letter = preview_letter("put_back", booking, chosen, message=form.message.text, now=now)
    if not there:
        return ""
    return render_template(
        "staff/put_back.html",
        possible=possible,
        taken=taken,
        chosen=chosen,
        **verdicts.letter_values(booking, letter, form),
        errors=form.mistakes,
    )
