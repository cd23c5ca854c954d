"""The page on which a request is decided, date by date."""

import re
from collections.abc import Sequence
from datetime import datetime

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, deciding, notices
from booking.database import RoomTaken, db
from booking.domain.status import NotPossible, Status
from booking.models import Booking, Letter
from booking.web.access import staff_only
from booking.web.staff import around, desk, history, verdicts, week
from booking.web.staff.desk import DateView
from booking.web.staff.frame import bp, member, of_tab
from booking.web.staff.verdicts import Answer, Choice, Verdicts


@bp.get("/anfragen/<reference>")
@staff_only
def decision(reference: str) -> str:
    return _decision_page(_booking(reference))


@bp.post("/anfragen/<reference>/pruefen")
@staff_only
def check(reference: str) -> AnyResponse | tuple[str, int] | str:
    """Show what would be decided, with the letter, before anything is."""
    booking = _booking(reference)
    is_panel = "gesehen" in request.form
    choice = verdicts.on_panel(request.form) if is_panel else verdicts.on_page(request.form)
    if _seen_version() != booking.version:
        return _stale(booking, choice)
    chosen = verdicts.sort(choice, desk.look([booking], clock.now())[booking.id])
    if not (chosen.approve or chosen.decline or chosen.impossible):
        return _decision_page(booking, error=gettext("Choose dates first.")), 422
    return _panel(booking, chosen, verdicts.answer(request.form, chosen, booking))


@bp.post("/anfragen/<reference>/entscheiden")
@staff_only
def decide(reference: str) -> AnyResponse | tuple[str, int] | str:
    """Decide what the panel showed. A date that was taken meanwhile stays open and is named."""
    booking = _booking(reference)
    choice = verdicts.on_panel(request.form)
    if _seen_version() != booking.version:
        return _stale(booking, choice)
    chosen = verdicts.sort(choice, desk.look([booking], clock.now())[booking.id])
    answer = verdicts.answer(request.form, chosen, booking)
    has_changed = request.form.get("gesehen") != choice.mark
    if answer.errors or has_changed or not (choice.approve or choice.decline):
        return _panel(booking, chosen, answer, has_changed=has_changed, errors=answer.errors), 422
    try:
        done = deciding.decide(
            booking,
            approve=choice.approve,
            decline=answer.sentences,
            message=answer.message,
            seen_version=_seen_version(),
            by=member(),
            now=clock.now(),
        )
    except deciding.Stale:
        return _stale(booking, choice)
    except (NotPossible, RoomTaken):
        return _decision_page(booking, error=gettext("That is not possible any more. Nothing has been saved.")), 409
    if not (done.approved or done.declined or done.taken):
        return _decision_page(booking, error=gettext("That is not possible any more. Nothing has been saved.")), 409
    if done.letter is None and (done.approved or done.declined):
        flash(history.decided(len(done.approved), len(done.declined)))
    taken = [date.id for date in done.taken]
    return redirect(url_for(".decision", reference=reference, vergeben=taken, _anchor="decided"), 303)


@bp.post("/anfragen/<reference>/zuruecknehmen")
@staff_only
def undo(reference: str) -> AnyResponse:
    booking = _booking(reference)
    if _seen_version() != booking.version:
        flash(gettext("Somebody has changed this request meanwhile. Nothing has been taken back."), "error")
        return redirect(url_for(".decision", reference=reference), 303)
    try:
        number = deciding.undo(booking, by=member(), now=clock.now())
    except deciding.TooLate:
        sentence = gettext("That is no longer possible: the letter is on its way. Get in touch with the group.")
        flash(sentence, "error")
    else:
        flash(
            ngettext(
                "Taken back: %(num)d date is open again. No letter was sent.",
                "Taken back: %(num)d dates are open again. No letter was sent.",
                number,
            )
        )
    return redirect(url_for(".decision", reference=reference, _anchor="said"), 303)


@bp.post("/anfragen/<reference>/jetzt-senden")
@staff_only
def send_now(reference: str) -> AnyResponse:
    deciding.send_now(_booking(reference), by=member(), now=clock.now())
    flash(gettext("The letter is on its way."))
    return redirect(url_for(".decision", reference=reference, _anchor="said"), 303)


def _booking(reference: str) -> Booking:
    if not reference.isprintable():
        abort(404)
    booking: Booking = db.first_or_404(db.select(Booking).where(Booking.reference == reference))
    return booking


def _seen_version() -> int:
    """The version of the booking that the page showed; 0, which no booking has, where the form lacks it."""
    return request.form.get("version", 0, type=int)


def _decision_page(booking: Booking, error: str = "") -> str:
    now = clock.now()
    views = desk.look([booking], now)[booking.id]
    letter = deciding.waiting_letter(booking, now)
    focus = _focus(views, now)
    open_references = list(db.session.scalars(of_tab("neu").with_only_columns(Booking.reference)))
    place = open_references.index(booking.reference) if booking.reference in open_references else None
    return render_template(
        "staff/decision.html",
        now=now,
        booking=booking,
        views=views,
        counts=desk.count(views),
        tight=sum(view.is_tight for view in views),
        months=desk.months(views),
        month_sum=desk.month_sum,
        holidays=desk.holidays(views),
        usual=desk.usual(booking),
        age=desk.age(booking, now)[0],
        fits=desk.fits(booking),
        free=sum(view.kind == "free" for view in views),
        ticked=set(request.values.getlist("termin", type=int)),
        declined=set(request.values.getlist("absagen", type=int)),
        focus=focus,
        week=week.week_around(focus.date),
        next_conflict=_next_conflict(views, focus),
        rivals=around.rivals(views, booking, now),
        group=around.group_facts(booking, now),
        history=history.told(booking),
        letter=letter,
        seconds=max(0, int((letter.send_at - now).total_seconds())) if letter else 0,
        undo_seconds=current_app.config["UNDO_SECONDS"],
        decided=_decided_with(booking, letter) if letter else "",
        taken=[view for view in views if view.date.id in request.args.getlist("vergeben", type=int)],
        place=place,
        open_references=open_references,
        error=error,
        why=desk.why,
        readable=notices.for_the_team,
    )


def _focus(views: Sequence[DateView], now: datetime) -> DateView:
    """The date whose week is shown: the one asked for, else the first that needs a look, is open, or is to come."""
    wanted = request.args.get("woche", type=int)
    found = (
        [view for view in views if view.date.id == wanted]
        or [view for view in views if view.is_open and view.kind != "free"]
        or [view for view in views if view.is_open]
        or [view for view in views if view.date.end > now]
    )
    return found[0] if found else views[-1]


def _next_conflict(views: Sequence[DateView], focus: DateView) -> DateView | None:
    conflicts = [view for view in views if view.is_open and view.kind != "free" and view is not focus]
    return next((view for view in conflicts if view.date.start > focus.date.start), next(iter(conflicts), None))


def _panel(
    booking: Booking,
    chosen: Verdicts,
    answer: Answer,
    *,
    has_changed: bool = False,
    errors: Sequence[tuple[str, str]] = (),
) -> str:
    approved = [view.date for view in chosen.approve]
    declined = [view.date for view in chosen.decline]
    text = None
    if (approved or declined) and booking.contact:
        text = notices.render_decision(booking, approved, declined, [], answer.message, answer.sentences)
    return render_template(
        "staff/panel.html",
        booking=booking,
        chosen=chosen,
        causes=verdicts.by_cause(chosen.decline),
        answer=answer,
        reasons=verdicts.reasons(booking.language),
        rivals=[rival.booking.initiative.name for rival in around.rivals(chosen.approve, booking, clock.now())],
        letter=text,
        parts=_parts(text.body, answer) if text else [],
        has_changed=has_changed,
        errors=errors,
        dates_in_short=desk.dates_in_short,
        undo_seconds=current_app.config["UNDO_SECONDS"],
        longest_reason=verdicts.LONGEST_REASON,
        longest_message=verdicts.LONGEST_MESSAGE,
    )


def _parts(body: str, answer: Answer) -> list[str]:
    """The letter cut where the team's own words begin and end: every second part is theirs."""
    own = [rf"^{re.escape(answer.message)}$"] if answer.message else []
    own += [rf"(?<=: ){re.escape(sentence)}$" for sentence in answer.own.values() if sentence]
    return re.split(f"({'|'.join(own)})", body, flags=re.MULTILINE) if own else [body]


def _stale(booking: Booking, choice: Choice) -> AnyResponse | tuple[str, int]:
    """Somebody else was faster, or the same form came twice: then what it wanted is done already."""
    db.session.rollback()
    steps = history.last_change(booking)
    if steps and steps[0].staff_member_id == current_user.id and _is_done(booking, choice):
        return redirect(url_for(".decision", reference=booking.reference, _anchor="decided"), 303)
    still_open = {date.id for date in booking.dates(Status.REQUESTED)}
    page = render_template(
        "staff/stale.html",
        booking=booking,
        changed=history.changed(steps, clock.now()),
        rows=verdicts.compared(booking, choice),
        message=verdicts.tidied(request.form.get("nachricht", "")),
        ticked=sorted(choice.approve & still_open),
        declined=sorted(choice.decline & still_open),
    )
    return page, 409


def _is_done(booking: Booking, choice: Choice) -> bool:
    approved = {date.id for date in booking.dates(Status.APPROVED)}
    declined = {date.id for date in booking.dates(Status.DECLINED)}
    return bool(choice.approve or choice.decline) and choice.approve <= approved and choice.decline <= declined


def _decided_with(booking: Booking, letter: Letter) -> str:
    told = [date.status for date in booking.occurrences if date.letter_id == letter.id]
    return history.decided(told.count(Status.APPROVED), told.count(Status.DECLINED))
