"""What comes of a form that does one thing, and what somebody sees whose page was overtaken: both versions."""

from collections.abc import Callable

from flask import flash, render_template, request
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, deciding
from booking.database import RoomTaken, db
from booking.domain.status import NotPossible, Status
from booking.lifecycle import Stale
from booking.models import Booking, Letter
from booking.web.staff import history, verdicts
from booking.web.staff.forms import StepForm
from booking.web.staff.frame import back_to, say, seen_version, signed, typed_words
from booking.web.staff.verdicts import Choice

Answer = AnyResponse | tuple[str, int] | str


def carry_out(
    booking: Booking,
    form: StepForm,
    page: Callable[[], str],
    act: Callable[..., Letter | None],
    said: Callable[[], str],
    *,
    is_done: bool,
    step: str | None = None,
) -> Answer:
    """Do what was sent, say so and lead back; or show the page anew, or what somebody else did meanwhile.

    ``is_done`` and ``step``: see ``overtaken``.
    """
    if seen_version() != booking.version:
        return overtaken(booking, is_done=is_done, step=step)
    if not form.is_sent:
        return page()
    if not form.validate():
        return page(), 422
    try:
        letter = act(**signed())
    except (Stale, NotPossible):
        return overtaken(booking, is_done=False)
    except (deciding.NotFree, RoomTaken):
        flash(gettext("That place was taken meanwhile. Nothing has been saved."), "error")
        return page(), 422
    return back_to(booking.reference, say(said(), letter))


def overtaken(
    booking: Booking, choice: Choice | None = None, *, is_done: bool, step: str | None = None, anchor: str = "said"
) -> Answer:
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
    words = typed_words()
    page = render_template(
        "staff/stale.html",
        booking=booking,
        changed=history.changed(steps, clock.now()),
        rows=verdicts.side_by_side(booking, chosen) if choice is not None else [],
        words=words,
        ticked=sorted(chosen.approve & still_open),
        declined=sorted(chosen.decline & still_open),
        proposed=sorted(chosen.propose & still_open),
        again=_again() if words else [],
        address=request.script_root
        + (request.path.removesuffix("/entscheiden") + "/pruefen" if choice else request.path),
    )
    return page, 409


def _again() -> list[tuple[str, str]]:
    """What was sent, to be looked at once more beside what holds now; nothing is lost that somebody wrote."""
    return [
        (name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "version", "step")
    ]
