"""What happens to a form whose page lay open for too long."""

from flask import request
from flask_wtf.csrf import CSRFError

from booking import clock
from booking.web import locale
from booking.web.access import PageAnswer
from booking.web.dates import chooser
from booking.web.dates.choices import choices_sent
from booking.web.errors import handle_http
from booking.web.forms import draft
from booking.web.forms.about import AboutForm
from booking.web.forms.when import WhenForm
from booking.web.request_form import about, check, dates, progress, when
from booking.web.request_form.frame import bp


@bp.errorhandler(CSRFError)
def after_a_pause(error: CSRFError) -> PageAnswer:
    """The page lay open for too long, or somebody else sent it: store nothing, show what was typed, ask again.

    Where nothing is left to be shown, the page of errors says what to do.
    """
    now = clock.now()
    if request.endpoint == f"{bp.name}.send_when":
        return when.when_page(WhenForm(request.form), now, pause=True), 400
    stored = draft.of_browser(now)
    asked = progress.asked(stored, now)
    if stored is None or asked is None:
        return handle_http(error)
    if request.endpoint == f"{bp.name}.send_dates":
        before = chooser.plan_dates(asked, progress.choices(stored), now, locale.selected())
        typed = choices_sent(request.form, before)
        return dates.dates_page(chooser.decide_dates(before, typed, now), pause=True), 400
    plan = progress.planned(stored, now)
    if plan is None:
        return handle_http(error)
    if request.endpoint == f"{bp.name}.send_about":
        return about.about_page(AboutForm(request.form), plan, pause=True), 400
    told = progress.about_told(stored, plan)
    if told is None:
        return handle_http(error)
    return check.check_page(stored, plan, told, request.form, pause=True), 400
