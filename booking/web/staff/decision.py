"""The page of a request: its dates one by one, what is known around them, and what the group wants."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time
from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, deciding
from booking.continuing import is_series
from booking.database import RoomTaken
from booking.domain.slot import Slot
from booking.house import house
from booking.lifecycle import Stale
from booking.models import Booking, Letter, Occurrence, Room
from booking.notices.frame import for_the_team
from booking.web import filters
from booking.web.access import staff_only
from booking.web.staff import around, desk, history, keys, places, week, wishes
from booking.web.staff.desk import DateView
from booking.web.staff.frame import back_to, booking_of, bp, member, signed
from booking.web.staff.requests import age, to_do
from booking.web.staff.verdicts import DatesForm


@bp.get("/anfragen/<reference>")
@staff_only
def decision(reference: str) -> str:
    return request_page(booking_of(reference))


@bp.post("/anfragen/<reference>/zuruecknehmen")
@staff_only
def undo(reference: str) -> AnyResponse:
    booking = booking_of(reference)
    try:
        number = deciding.undo(booking, **signed())
    except Stale:
        flash(gettext("Somebody has changed this request meanwhile. Nothing has been taken back."), "error")
        return redirect(url_for(".decision", reference=reference), 303)
    except deciding.LetterHasLeft:
        sentence = gettext("That is no longer possible: the letter is on its way. Get in touch with the group.")
        flash(sentence, "error")
    except RoomTaken:
        flash(gettext("That is no longer possible: others have the room by now. Nothing has been taken back."), "error")
    else:
        flash(
            ngettext(
                "Taken back: %(num)d date is open again. No letter was sent.",
                "Taken back: %(num)d dates are open again. No letter was sent.",
                number,
            )
            if number
            else gettext("Taken back. No letter was sent.")
        )
    return back_to(reference)


@bp.post("/anfragen/<reference>/zurueckhalten")
@staff_only
def hold(reference: str) -> AnyResponse:
    """Let the waiting letter wait for longer."""
    try:
        deciding.hold(booking_of(reference), by=member(), now=clock.now())
    except deciding.LetterHasLeft:
        flash(gettext("That is no longer possible: the letter is on its way. Get in touch with the group."), "error")
        return back_to(reference)
    return back_to(reference, "decided")


@bp.post("/anfragen/<reference>/spaeter")
@staff_only
def later(reference: str) -> AnyResponse:
    """Keep a request in sight without an answer, and go on with the next one."""
    booking = booking_of(reference)
    deciding.put_off(booking, by=member(), now=clock.now())
    flash(gettext("Noted for later: %(title)s.", title=booking.title))
    waiting = [each.reference for each in to_do().requests.values()]
    following = waiting[waiting.index(reference) + 1 :] if reference in waiting else []
    if following:
        return back_to(following[0])
    return redirect(url_for(".inbox", _anchor="said"), 303)


@bp.post("/anfragen/<reference>/jetzt-senden")
@staff_only
def send_now(reference: str) -> AnyResponse:
    deciding.send_now(booking_of(reference), by=member(), now=clock.now())
    flash(gettext("The letter is on its way."))
    return back_to(reference)


def request_page(booking: Booking, error: str = "") -> str:
    """The page, with what is wrong about what was sent from it."""
    now = clock.now()
    views, there, in_week = desk.look(
        wishes.places_wished(booking, now), booking, now, lambda views: week.of_the_week(_focus(views, now).date)
    )
    record, letters = history.record_and_letters(booking)
    letter = deciding.waiting_letter(booking, letters, now)
    focus = _focus(views, now)
    chosen = DatesForm(request.values)
    rivals, group = around.known(views, booking, now)
    open_references = [each.reference for each in to_do().requests.values()]
    place = open_references.index(booking.reference) if booking.reference in open_references else None
    return render_template(
        "staff/decision.html",
        now=now,
        booking=booking,
        views=views,
        counts=desk.count(view.kind for view in views),
        tight=sum(view.is_tight for view in views),
        months=desk.months(views),
        month_sum=desk.month_sum,
        holidays=desk.holidays(views),
        usual=usual_of(booking),
        age=age(booking.created_at, now)[0],
        fits=around.fits(booking),
        free=sum(view.kind == "free" for view in views),
        ticked=chosen.date.data,
        declined=chosen.decline.data,
        proposed=chosen.propose.data,
        ways=places.ways_beside(views, now),
        focus=focus,
        week=week.week_around(focus.date, in_week),
        next_conflict=_next_conflict(views, focus),
        rivals=rivals,
        group=group,
        wished=wishes.wished(there),
        unwanted=wishes.unwanted(views, now),
        keys=keys.of(booking),
        history=history.told(record, letters),
        letter=letter,
        seconds=max(0, int((letter.send_at - now).total_seconds())) if letter else 0,
        moved=_moved(booking, letter),
        deed=history.deed(record, letter, current_user.id) if letter else None,
        taken=[view for view in views if view.date.id in request.args.getlist("taken", type=int)],
        place=place,
        is_series=is_series(booking),
        open_references=open_references,
        error=error,
        why=desk.why,
        readable=for_the_team,
    )


def _moved(booking: Booking, letter: Letter | None) -> Occurrence | None:
    """The one date that a waiting letter says has moved."""
    told = [date for date in booking.occurrences if letter and letter.kind == "moved" and date.letter_id == letter.id]
    return told[0] if len(told) == 1 else None


def _focus(views: Sequence[DateView], now: datetime) -> DateView:
    """The date whose week is shown: the one asked for, else the first that needs a look, is open, or is to come."""
    wanted = request.args.get("week", type=int)
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


class Usual(NamedTuple):
    """What most dates of a booking have in common, so that only the others need say it."""

    room: Room
    slot: Slot
    occupied: Slot
    others: dict[int, str]  # by occurrence id: how it differs


def usual_of(booking: Booking) -> Usual:
    zone = house().zone

    def shape(date: Occurrence) -> tuple[int, time, int, int, int]:
        begins = date.start.astimezone(zone).time()
        return date.room_id, begins, date.slot.wall_minutes(zone), date.before_minutes, date.after_minutes

    common = Counter(map(shape, booking.occurrences)).most_common(1)[0][0]
    model = next(date for date in booking.occurrences if shape(date) == common)
    others = {}
    for each in booking.occurrences:
        if shape(each)[1:3] != common[1:3]:
            others[each.id] = gettext("%(times)s, %(room)s", times=filters.local_span(each.slot), room=each.room.name)
        elif each.room_id != common[0]:
            others[each.id] = each.room.name
    return Usual(model.room, model.slot, model.occupied, others)
