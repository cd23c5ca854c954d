"""Lengthening a series by further dates, with the letter that tells of them."""

from datetime import datetime

from flask import render_template, request
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import AnyOf

from booking import clock, continuing
from booking.lifecycle import Stale
from booking.models import Booking, Occurrence
from booking.notices.decision import render_decision
from booking.requesting import ChangedMeanwhile, Refused, new_date
from booking.web.access import MISTAKES, staff_only
from booking.web.dates.chooser import Plan
from booking.web.dates.going_on import ExtensionForm, continued
from booking.web.dates.shown import shown
from booking.web.forms import messages
from booking.web.staff import places, stale, verdicts
from booking.web.staff.afterwards import to_dates
from booking.web.staff.forms import MessageForm, StepForm
from booking.web.staff.frame import back_to, booking_of, bp, say, seen_version, signed
from booking.web.staff.requests import to_do


class LengthenForm(ExtensionForm, MessageForm, StepForm):
    """Until when a series goes on, and whether that is confirmed at once."""

    bound = False

    approve = StringField(id="approve-yes", default="yes", validators=[AnyOf(("yes", "no"))])


@bp.get("/anfragen/<reference>/verlaengern")
@staff_only
def lengthen(reference: str) -> AnyResponse | str:
    """Ask until when a series shall go on, with what its further dates would meet with."""
    booking, now = booking_of(reference), clock.now()
    if not continuing.is_series(booking):
        return to_dates(reference)
    form = LengthenForm()
    form.show(booking, now)
    return _page(booking, form, continued(form, booking, now), now)


@bp.post("/anfragen/<reference>/verlaengern")
@staff_only
def send_lengthen(reference: str) -> stale.Answer:
    """Enter the further dates; without the button that does, say what they would meet with."""
    booking, now = booking_of(reference), clock.now()
    form = LengthenForm(request.form)
    form.validate()
    plan = continued(form, booking, now)
    if seen_version() != booking.version:
        return stale.overtaken(booking, is_done=form.last_day == booking.recurrence_rule.until)
    if not form.is_sent:
        return _page(booking, form, plan, now)
    if form.mistakes or plan is None or plan.open_rows or not plan.wished:
        return _page(booking, form, plan, now, mistakes=True), MISTAKES
    try:
        letter = continuing.lengthen(
            booking,
            plan.wished,
            plan.rule.until,
            plan.skipped,
            approve=form.approve.data == "yes",
            message=form.message.text,
            **signed(),
        )
    except Stale:
        return stale.overtaken(booking, is_done=False)
    except Refused as refusal:
        form.refuse(form.until, messages.objection(refusal.objections[0]))
        return _page(booking, form, plan, now, mistakes=True), MISTAKES
    except ChangedMeanwhile:
        return _page(booking, form, continued(form, booking, now), now, mistakes=True, gone=True), MISTAKES
    number = len(plan.wished)
    said = ngettext("%(num)d further date is entered.", "%(num)d further dates are entered.", number)
    return back_to(reference, say(said, letter))


def _page(
    booking: Booking,
    form: LengthenForm,
    plan: Plan | None,
    now: datetime,
    *,
    mistakes: bool = False,
    gone: bool = False,
) -> str:
    found = shown(plan, mistakes=mistakes, gone=gone) if plan else {"plan": None, "mistakes": [], "errors": {}}
    letter = None
    if booking.addressee and plan and plan.wished and form.approve.data == "yes":
        letter = render_decision(booking, _as_told(booking, plan, now), [], [], form.message.text, {}, now)
    return render_template(
        "staff/lengthen.html",
        **verdicts.letter_values(booking, letter, form),
        **found | {"undecided": found["errors"], "errors": [*form.mistakes, *found["mistakes"]] if mistakes else []},
        unreadable=[sentence for _, sentence in form.mistakes],
        requests=to_do().requests,
        over=0,
        echo="",
    )


def _as_told(booking: Booking, plan: Plan, now: datetime) -> list[Occurrence]:
    """The further dates as a letter would tell of them; nothing is stored."""
    by_id = places.rooms_by_id()
    dates = [new_date(booking, each, now) for each in plan.wished]
    for each in dates:
        each.room = by_id[each.room_id]
    return dates
