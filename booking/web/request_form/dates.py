"""Step 2, "your dates": every date with its state, and the ways out where it is not free."""

from flask import redirect, render_template, request, url_for

from booking import clock
from booking.web import limits, locale
from booking.web.access import PageAnswer, public
from booking.web.dates import chooser
from booking.web.dates.choices import choices_sent, for_all
from booking.web.dates.chooser import Plan
from booking.web.dates.shown import shown
from booking.web.forms import draft
from booking.web.request_form import progress
from booking.web.request_form.frame import PATTERNS, bp


@bp.get("/anfrage/termine")
@public
def dates() -> PageAnswer:
    """Every date with its state, and the ways out where it is not free."""
    now = clock.now()
    stored = draft.of_browser(now)
    asked = progress.asked(stored, now)
    if stored is None or asked is None:
        return progress.to_step_1(stored)
    plan = chooser.plan_dates(asked, progress.choices(stored), now, locale.selected())
    gone = bool(progress.choices(stored).get("done") and plan.open_rows)
    return dates_page(plan, mistakes=gone or "mistakes" in request.args, gone=gone)


@bp.post("/anfrage/termine")
@public
@limits.step
def send_dates() -> PageAnswer:
    """Keep the choices. Another reading of the rhythm shows its dates first; go on if all is decided."""
    now = clock.now()
    stored = draft.of_browser(now)
    if progress.was_sent(stored):
        return redirect(url_for(".thanks", again=1), 303)
    asked = progress.asked(stored, now)
    if stored is None or asked is None:
        return progress.to_step_1(stored)
    before = chooser.plan_dates(asked, progress.choices(stored), now, locale.selected())
    if request.form.get("reading") == "other":
        draft.keep({"when": progress.as_single_dates(stored), "dates": {}}, now)
        return redirect(url_for(".when", _anchor="date"), 303)
    choices = choices_sent(request.form, before)
    if choices["reading"] != before.reading or "readings" in request.form:
        draft.keep({"dates": choices}, now)
        return redirect(url_for(".dates"), 303)
    if "bulk" in request.form:
        choices["choices"] |= for_all(before, request.form.get("for_all", ""))
        draft.keep({"dates": choices}, now)
        return redirect(url_for(".dates", _anchor="decide"), 303)
    plan = chooser.decide_dates(before, choices, now)
    choices["accepted"] = [each.day.isoformat() for each in plan.free if each.day not in plan.unwanted]
    choices["done"] = bool(plan.wished) and not plan.open_rows
    stored = draft.keep({"dates": choices}, now)
    if not choices["done"]:
        return redirect(url_for(".dates", mistakes=1), 303)
    return redirect(url_for(".check_request" if progress.about_told(stored, plan) else ".about"), 303)


def dates_page(plan: Plan, *, mistakes: bool = False, gone: bool = False, pause: bool = False) -> str:
    said = shown(plan, mistakes=mistakes, gone=gone)
    return render_template("request_form/dates.html", **said, patterns=PATTERNS, pause=pause)
