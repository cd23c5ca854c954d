"""The letters that went out, or wait, or failed."""

from datetime import time, timedelta

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, log
from booking.database import db, transaction
from booking.domain.slot import Slot
from booking.house import house
from booking.letters import dispatch, outbox
from booking.models import Letter, day_of
from booking.notices.frame import for_the_team
from booking.web.access import staff_only
from booking.web.staff.frame import bp, member, page_of

#: Databases have no number beyond it.
LAST_NUMBER = 2**31 - 1

#: A letter that is due for longer than this has met no mail server: the sender looks every few seconds.
PATIENCE = timedelta(minutes=2)


@bp.get("/ausgang", endpoint="outbox")
@staff_only
def letters() -> str:
    """What needs somebody first, then what goes next, then what is gone, newest first."""
    now = clock.now()
    ordered = db.select(Letter).options(
        joinedload(Letter.contact), joinedload(Letter.staff_member), joinedload(Letter.booking)
    )
    pending = db.session.scalars(
        ordered.where(Letter.state.in_(("waiting", "sending", "failed"))).order_by(Letter.id.desc())
    ).all()
    left_at = db.func.coalesce(Letter.sent_at, Letter.send_at)
    midnight = Slot.on(day_of(now, house().zone), time(0), 1, house().zone).start
    is_gone = Letter.state.in_(("sent", "stopped"))
    sent_today = db.case((db.and_(Letter.state == "sent", Letter.sent_at >= midnight), 1))
    number, today = db.session.execute(db.select(db.func.count(), db.func.count(sent_today)).where(is_gone)).one()
    gone = page_of(ordered.where(is_gone).order_by(left_at.desc(), Letter.id.desc()), number)
    return render_template(
        "staff/outbox.html",
        now=now,
        troubled=[letter for letter in pending if letter.state == "failed" or letter.error],
        coming=[letter for letter in pending if letter.state != "failed" and not letter.error],
        gone=gone,
        patience=now - PATIENCE,
        paused_since=dispatch.report(now).paused_since,
        sent_today=today,
        readable=for_the_team,
        page_url=lambda number: url_for(".outbox", page=number),
    )


@bp.get("/ausgang/<int:letter_id>")
@staff_only
def letter(letter_id: int) -> str:
    """One letter as it was sent, but for the group's secret address."""
    found, now = _letter(letter_id), clock.now()
    return render_template(
        "staff/letter.html",
        letter=found,
        dates=(found.calendar or "").count("BEGIN:VEVENT"),
        now=now,
        patience=now - PATIENCE,
        readable=for_the_team,
    )


@bp.post("/ausgang/<int:letter_id>/senden")
@staff_only
def send_again(letter_id: int) -> AnyResponse:
    """Let a letter that failed or waits go at once."""
    with transaction():
        found = _letter(letter_id)
        if found.state in ("failed", "waiting"):
            outbox.release(found, clock.now())
            log.record("send_again", found.booking, by=member(), now=clock.now())
    flash(gettext("The letter is on its way."))
    return redirect(url_for(".outbox", _anchor="said"), 303)


def _letter(letter_id: int) -> Letter:
    found: Letter = db.get_or_404(Letter, min(letter_id, LAST_NUMBER))
    return found
