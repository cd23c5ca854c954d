"""Step 3, "about you": who meets, what for, and whom to write to."""

from flask import redirect, render_template, request, url_for

from booking.database import db
from booking.models import Initiative
from booking.web import limits
from booking.web.access import PageAnswer, public
from booking.web.dates.chooser import Plan
from booking.web.forms import draft
from booking.web.forms.people import AboutForm, equipment
from booking.web.request_form.dates import needs_no_page
from booking.web.request_form.frame import bp
from booking.web.request_form.progress import Progress, guarded


@bp.get("/anfrage/ueber-euch")
@public
@guarded()
def about(found: Progress) -> PageAnswer:
    """Who meets, what for, and whom to write to."""
    form = found.about_form()
    if "mistakes" in request.args:
        form.validate()
    return about_page(form, found.plan)


@bp.post("/anfrage/ueber-euch")
@public
@limits.step
@guarded()
def send_about(found: Progress) -> PageAnswer:
    """Keep what was typed; go on if nothing is missing."""
    draft.keep(found.kept, {"about": draft.typed(request.form, AboutForm().names)}, found.now)
    if "back" in request.form:
        return redirect(url_for(".when" if needs_no_page(found.plan) else ".dates"), 303)
    form = found.about_form(request.form)
    if not form.validate():
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
