"""What happens to a form whose page lay open for too long."""

from flask import request
from flask_wtf.csrf import CSRFError

from booking import clock
from booking.web.access import PageAnswer
from booking.web.dates import chooser
from booking.web.dates.choices import choices_sent
from booking.web.errors import handle_http
from booking.web.forms.when import WhenForm
from booking.web.request_form import about, check, dates, when
from booking.web.request_form.frame import bp
from booking.web.request_form.progress import Progress, StepMissing


@bp.errorhandler(CSRFError)
def after_a_pause(error: CSRFError) -> PageAnswer:
    """The page lay open for too long, or somebody else sent it: store nothing, show what was typed, ask again.

    Where nothing is left to be shown, the page of errors says what to do.
    """
    found = Progress(clock.now())
    try:
        match request.endpoint:
            case "request_form.send_when":
                page = when.when_page(WhenForm(request.form, found.now), pause=True)
            case "request_form.send_dates":
                typed = choices_sent(request.form, found.dates)
                page = dates.dates_page(chooser.decide_dates(found.dates, typed, found.now), found.now, pause=True)
            case "request_form.send_about":
                page = about.about_page(found.about_form(request.form), found.plan, pause=True)
            case _:
                page = check.check_page(found, request.form, pause=True)
    except StepMissing:
        return handle_http(error)
    return page, 400
