"""Pages about links that need none: a fresh one by mail, and the end of everything."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from booking import clock
from booking.sharing import fresh_links
from booking.web import locale
from booking.web.access import MISTAKES, public
from booking.web.forms.people import AddressForm, may_cause_letters

bp = Blueprint("links", __name__)


@bp.get("/link", endpoint="ask")
@public
def link_page() -> str:
    """Ask for a fresh link; afterwards, the one sentence that every address gets."""
    return render_template("links/ask.html", form=AddressForm(), mistakes=[], is_sent="sent" in request.args)


@bp.post("/link")
@public
@may_cause_letters
def send() -> Response | tuple[str, int]:
    """Mail a fresh link to whoever has asked for a room with this address. The answer does not tell who has."""
    form = AddressForm(request.form)
    if not form.validate():
        return render_template("links/ask.html", form=form, mistakes=form.mistakes, is_sent=False), MISTAKES
    fresh_links.send_fresh_links(form.email.meant, locale.selected(), clock.now())
    return redirect(url_for(".ask", sent=1), 303)


@bp.get("/daten-geloescht")
@public
def erased() -> str:
    """The last page that somebody sees whose data are gone."""
    return render_template("links/erased.html")
