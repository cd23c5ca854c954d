"""The panel on which a decision is read once more, with its letter, before it is taken."""

from collections.abc import Sequence

from flask import flash, render_template, request
from flask_babel import gettext

from booking import clock, deciding
from booking.database import RoomTaken
from booking.domain.status import NotPossible, Status
from booking.house import rooms
from booking.lifecycle import Stale
from booking.models import Booking
from booking.notices.decision import render_decision
from booking.web.access import staff_only
from booking.web.staff import around, desk, history, places, stale, verdicts
from booking.web.staff.decision import request_page
from booking.web.staff.frame import back_to, booking_of, bp, seen_version, signed
from booking.web.staff.verdicts import Choice, DatesForm, PanelForm, Verdicts, Written


@bp.post("/anfragen/<reference>/pruefen")
@staff_only
def review(reference: str) -> stale.Answer:
    """Show what would be decided, with the letter, before anything is."""
    booking = booking_of(reference)
    panel = PanelForm(request.form)
    dates = DatesForm(request.form)
    choice = panel.choice if panel.is_panel else dates.choice
    if seen_version() != booking.version:
        return _stale(booking, choice)
    now = clock.now()
    chosen, written = verdicts.read_panel(dates.for_panel(request.form), choice, booking, now)
    if not (chosen.decided or chosen.impossible or panel.is_panel):
        return request_page(booking, error=gettext("Choose dates first.")), 422
    return _panel(booking, chosen, written)


@bp.post("/anfragen/<reference>/entscheiden")
@staff_only
def decide(reference: str) -> stale.Answer:
    """Decide what the panel showed. A date that was taken meanwhile stays open and is named."""
    booking = booking_of(reference)
    panel = PanelForm(request.form)
    choice = panel.choice
    if seen_version() != booking.version:
        return _stale(booking, choice)
    now = clock.now()
    chosen, written = verdicts.read_panel(request.form, choice, booking, now)
    has_changed = panel.seen.text != choice.mark
    if written.errors or has_changed or not choice:
        return _panel(booking, chosen, written, has_changed=has_changed, errors=written.errors), 422
    try:
        done = deciding.decide(
            booking,
            approve=choice.approve,
            decline=written.sentences,
            propose=written.places,
            answer_by=written.answer_day.at,
            message=written.message,
            **signed(),
        )
    except Stale:
        return _stale(booking, choice)
    except (NotPossible, RoomTaken):
        return _impossible(booking)
    is_decided = done.approved or done.declined or done.proposed
    if not (is_decided or done.taken or done.not_free):
        return _impossible(booking)
    if done.letter is None and is_decided:
        numbers = map(len, (done.approved, done.proposed, done.declined))
        flash(history.decided(dict(zip(deciding.VERDICTS, numbers, strict=True))))
    not_free = {date: written.places[date.id] for date in done.not_free}
    for date, met in desk.look(not_free, booking, now).there.items() if not_free else ():
        why = places.in_the_way(not_free[date], met)
        flash(gettext("Nothing was suggested for this date: %(why)s", why=why), "error")
    anchor = "decided" if done.letter or done.taken or not done.not_free else "said"
    return back_to(reference, anchor, taken=[date.id for date in done.taken])


def _impossible(booking: Booking) -> tuple[str, int]:
    return request_page(booking, error=gettext("That is not possible any more. Nothing has been saved.")), 409


def _panel(
    booking: Booking,
    chosen: Verdicts,
    written: Written,
    *,
    has_changed: bool = False,
    errors: Sequence[tuple[str, str]] = (),
) -> str:
    approved = [view.date for view in chosen.approve]
    declined = [view.date for view in chosen.decline]
    text = None
    if (approved or declined or written.proposals) and booking.addressee:
        text = render_decision(
            booking, approved, declined, written.proposals, written.message, written.sentences, clock.now()
        )
    return render_template(
        "staff/panel.html",
        **verdicts.letter_values(
            booking, text, written.form, [form.sentence.text for form in written.reasons.values()]
        ),
        chosen=chosen,
        causes=verdicts.by_cause(chosen.decline),
        written=written,
        entries=places.offered(written.entries, clock.now()),
        rooms=rooms(),
        rivals=[f"{rival.group} ({desk.compared(rival, booking)})" for rival in around.rivals(chosen.approve)],
        doubts=[fit for fit in around.fits(booking) if fit.look == "bad"],
        tight=[view for view in chosen.approve if view.is_tight],
        has_changed=has_changed,
        errors=errors,
        dates_in_short=desk.dates_in_short,
    )


def _stale(booking: Booking, choice: Choice) -> stale.Answer:
    """Somebody else was faster, or the same form came twice: then what it wanted is done already."""
    return stale.overtaken(booking, choice, is_done=_is_done(booking, choice), anchor="decided")


def _is_done(booking: Booking, choice: Choice) -> bool:
    status_of = {date.id: date.status for date in booking.occurrences}
    wanted = {Status.APPROVED: choice.approve, Status.DECLINED: choice.decline, Status.PROPOSED: choice.propose}
    return bool(choice) and all(status_of.get(id_) is status for status, ids in wanted.items() for id_ in ids)
