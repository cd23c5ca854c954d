"""Step 2, "your dates": every date with its state, and the ways out where it is not free."""

from datetime import datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from booking import wording
from booking.availability.ways_out import WayForAll
from booking.web import limits, locale
from booking.web.access import PageAnswer, public
from booking.web.dates import chooser
from booking.web.dates.choices import Choices, choices_sent, for_all
from booking.web.dates.chooser import Plan
from booking.web.dates.shown import shown
from booking.web.forms import draft
from booking.web.request_form.frame import bp
from booking.web.request_form.progress import Progress, guarded


@bp.get("/anfrage/termine")
@public
@guarded()
def dates(found: Progress) -> PageAnswer:
    """Every date with its state, and the ways out where it is not free."""
    gone = bool(found.choices.get("done") and found.dates.open_rows)
    return dates_page(found.dates, found.now, mistakes=gone or "mistakes" in request.args, gone=gone)


@bp.post("/anfrage/termine")
@public
@limits.step
@guarded()
def send_dates(found: Progress) -> PageAnswer:
    """Keep the choices. Another reading of the rhythm shows its dates first; go on if all is decided."""
    before, sent = found.dates, request.form
    choices = choices_sent(sent, before)
    if "back" in sent:
        draft.keep(found.kept, {"dates": choices}, found.now)
        return redirect(url_for(".when"), 303)
    if sent.get("reading") == "other":
        draft.keep(found.kept, {"when": {**found.draft.data["when"], "rhythm": ["single"]}, "dates": {}}, found.now)
        return redirect(url_for(".when", _anchor="date"), 303)
    if choices["reading"] != before.reading or "readings" in sent:
        draft.keep(found.kept, {"dates": choices}, found.now)
        return redirect(url_for(".dates", _anchor="sum"), 303)
    way = next((way for way in chooser.ways_for_series(before, found.now) if way.value == sent.get("instead")), None)
    if "instead" in sent:
        when = found.draft.data["when"] | (_typed(way) if way else {})
        draft.keep(found.kept, {"when": when, "dates": {"reading": choices["reading"]}}, found.now)
        return redirect(url_for(".dates", _anchor="sum"), 303)
    if "holidays" in sent:
        when = found.draft.data["when"] | _with_holidays(before)
        draft.keep(found.kept, {"when": when, "dates": choices}, found.now)
        return redirect(url_for(".dates", _anchor="decide"), 303)
    if "bulk" in sent:
        choices["choices"] |= for_all(before, sent.get("for_all", ""))
        draft.keep(found.kept, {"dates": choices}, found.now)
        return redirect(url_for(".dates", _anchor="decide"), 303)
    plan = chooser.decide_dates(before, choices, found.now)
    return decide_and_go_on(found, plan, {"dates": choices})


def decide_and_go_on(found: Progress, plan: Plan, changes: dict[str, Choices]) -> Response:
    """Keep what was decided about the dates, and go on unless one of them is still open."""
    accepted = [each.day.isoformat() for each in plan.free if each.day not in plan.unwanted]
    is_done = bool(plan.wished) and not plan.open_rows
    changes["dates"] |= {"accepted": accepted, "done": is_done}
    found.kept, found.dates = draft.keep(found.kept, changes, found.now), plan
    if not is_done:
        return redirect(url_for(".dates", mistakes=1), 303)
    return redirect(url_for(".check_request" if found.about_form().validate() else ".about"), 303)


def needs_no_page(plan: Plan) -> bool:
    """Whether this is one free date of which nothing else is to be said: step 1 has told that already."""
    said = shown(plan, mistakes=False, gone=False)
    is_one = len(plan.preview.dates) == 1 and bool(plan.free) and not plan.readings
    return is_one and not (said["notes"] or said["too_small"] or plan.left_out)


def _typed(way: WayForAll) -> draft.Typed:
    """Another room or time as it would be typed in step 1."""
    if way.kind == "room":
        return {"room": [way.room.slug]}
    return {"start": [wording.clock(way.times.begins)], "end": [wording.clock(way.times.ends)]}


def _with_holidays(plan: Plan) -> draft.Typed:
    """The same series with the public holidays in it, as it would be typed in step 1; it ends on the day it did."""
    last = max([each.day for each in plan.preview.dates] + [each.day for each in plan.preview.left_out])
    return {"skip_holidays": [], "until_kind": ["date"], "until": [f"{last.day}.{last.month}.{last.year}"]}


def _in_words(way: WayForAll) -> str:
    """Werkstatt; 13:30 bis 15:30 Uhr"""
    if way.kind == "room":
        return way.room.name
    return wording.times(way.times.begins, way.times.ends, locale.selected())


def dates_page(plan: Plan, now: datetime, *, mistakes: bool = False, gone: bool = False, pause: bool = False) -> str:
    said = shown(plan, mistakes=mistakes, gone=gone)
    said["ways_for_series"] = [(way, _in_words(way)) for way in chooser.ways_for_series(plan, now)]
    return render_template("request_form/dates.html", **said, pause=pause)
