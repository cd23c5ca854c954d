"""What somebody sees whose page was overtaken: nothing was saved, and both versions stand side by side."""

from flask import render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.database import db
from booking.domain.status import Status
from booking.models import Booking
from booking.web.staff import history, verdicts
from booking.web.staff.forms import MessageForm
from booking.web.staff.frame import back_to
from booking.web.staff.verdicts import Choice


def overtaken(
    booking: Booking, choice: Choice | None = None, *, is_done: bool, step: str | None = None, anchor: str = "said"
) -> AnyResponse | tuple[str, int]:
    """409 with what holds now; where the same person sent the same form twice, the page that tells of it.

    ``choice``: what was chosen for dates. ``is_done``: the booking is as the form wanted it; where rows do not tell
    how it came to be so, ``step`` is what the form would have been noted as.
    """
    db.session.rollback()
    steps = history.last_change(booking)
    is_own = bool(steps) and steps[0].staff_member_id == current_user.id
    if is_done and is_own and step in (None, steps[0].action):
        return back_to(booking.reference, anchor)
    still_open = {date.id for date in booking.dates(Status.REQUESTED)}
    chosen = choice or Choice(frozenset(), frozenset())
    page = render_template(
        "staff/stale.html",
        booking=booking,
        changed=history.changed(steps, clock.now()),
        rows=verdicts.side_by_side(booking, chosen) if choice is not None else [],
        message=MessageForm(request.form).message.text,
        ticked=sorted(chosen.approve & still_open),
        declined=sorted(chosen.decline & still_open),
        proposed=sorted(chosen.propose & still_open),
    )
    return page, 409
