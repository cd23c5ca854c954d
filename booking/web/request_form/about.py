"""Step 3, "about you": who meets, what for, and whom to write to."""

from flask import redirect, render_template, request, url_for

from booking import clock
from booking.database import db
from booking.models import Initiative
from booking.web import limits
from booking.web.access import PageAnswer, public
from booking.web.dates.chooser import Plan
from booking.web.forms import draft
from booking.web.forms.about import AboutForm, equipment
from booking.web.request_form import progress
from booking.web.request_form.frame import bp


@bp.get("/anfrage/ueber-euch")
@public
def about() -> PageAnswer:
    """Who meets, what for, and whom to write to."""
    now = clock.now()
    stored = draft.of_browser(now)
    plan = progress.planned(stored, now)
    if stored is None or plan is None:
        return redirect(url_for(".dates"), 303)
    form = AboutForm(draft.as_form_data(stored.data.get("about")))
    if "mistakes" in request.args:
        form.told(equipment(), outside_hours=plan.outside_hours)
    return about_page(form, plan)


@bp.post("/anfrage/ueber-euch")
@public
@limits.step
def send_about() -> PageAnswer:
    """Keep what was typed; go on if nothing is missing."""
    now = clock.now()
    if progress.was_sent(draft.of_browser(now)):
        return redirect(url_for(".thanks", again=1), 303)
    sent = request.form
    form = AboutForm(sent)
    stored = draft.keep({"about": draft.typed(sent, form.names)}, now)
    plan = progress.planned(stored, now)
    if plan is None:
        return redirect(url_for(".dates"), 303)
    if form.told(equipment(), outside_hours=plan.outside_hours) is None:
        return redirect(url_for(".about", mistakes=1), 303)
    return redirect(url_for(".check_request"), 303)


def about_page(form: AboutForm, plan: Plan, *, pause: bool = False) -> str:
    names = db.select(Initiative.name).where(Initiative.is_public).order_by(Initiative.name)
    return render_template(
        "request_form/about.html",
        form=form,
        mistakes=form.mistakes,
        groups=db.session.scalars(names).all(),
        equipment=equipment(),
        outside_hours=plan.outside_hours,
        is_series=len(plan.wished) > 1,
        pause=pause,
    )
