"""The frame of the group's own pages: who gets in, what each page knows, and where it leads when something is done."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from booking import clock, links
from booking.models import Booking, Contact, Link
from booking.sharing import fresh_links, people
from booking.web import limits
from booking.web.access import MISTAKES, PageAnswer, View, link_holder
from booking.web.forms.page import PageForm
from booking.web.forms.people import AddressForm

DONE = 303
GONE = 410

TOKEN = "<string(length=43):token>"  # noqa: S105 - a place in the address

bp = Blueprint("status_page", __name__)


class GroupPages:
    """Views below the secret address of a booking: each gets the booking and the time.

    404 for a token that opens nothing, and a page of its own for one that is over.
    """

    def get(self, path: str = "") -> Callable[[View], View]:
        return lambda view: bp.get(f"/a/{TOKEN}{path}")(link_holder(_opened(view)))

    def post(self, path: str, limit: Callable[[View], View] = limits.press) -> Callable[[View], View]:
        """What is sent from a page: limited as a button that is pressed, or as ``limit`` says."""
        return lambda view: bp.post(f"/a/{TOKEN}{path}")(link_holder(limit(_opened(view))))


pages = GroupPages()


def _opened(view: Callable[[Booking, datetime], Any]) -> View:
    @wraps(view)
    def wrapped(token: str) -> Any:
        link, now = find_link(token), clock.now()
        if request.method == "POST":
            fresh_links.note_use(link, now)
        if links.is_over(link, now):
            return page("status_page/expired.html", AddressForm(), status=GONE, why=_why_over(link))
        g.link, g.booking, g.reader = link, link.booking, link.contact
        return view(g.booking, now)

    return wrapped


def who_speaks(view: Callable[[Booking, datetime], Any]) -> Callable[[Booking, datetime], Any]:
    """Only for the person who speaks for the booking; a second person has no such page."""

    @wraps(view)
    def wrapped(booking: Booking, now: datetime) -> Any:
        if not people.speaks_for(booking, reader()):
            abort(404)
        return view(booking, now)

    return wrapped


def find_link(token: str, purpose: str = "page") -> Link:
    """The link with this token, ended ones too, or 404. Those who try unknown ones are stopped after some."""
    link = links.find(token, purpose, to_show=request.method != "POST")
    if link is None:
        limits.count_unknown_link()
        abort(404)
    return link


def _booking_opened() -> str:
    token: str = (request.view_args or {})["token"]
    link = links.find(token)
    return f"booking {link.booking_id}" if link else token


#: For what the office or the group is written to about, or the record keeps for ever.
may_write = limits.letters_of(_booking_opened, lambda answer: answer.status_code == DONE)


def reader() -> Contact | None:
    """Whose link it is that opened this page; ``None`` where the office entered the booking itself."""
    found: Contact | None = g.reader
    return found


def page(
    template: str,
    form: PageForm | None = None,
    *,
    mistakes: Iterable[tuple[str, str]] = (),
    status: int = 200,
    **values: Any,
) -> PageAnswer:
    """A page about the booking, with the mistakes of its form and further ones: a control's id and a sentence each."""
    found = [*(form.mistakes if form else ()), *mistakes]
    text = render_template(template, form=form, mistakes=found, **values)
    return text, MISTAKES if found else status


def back(said: str = "", to: str = ".show") -> Response:
    """To the group's page, or another one, which says what has come of it."""
    if said:
        flash(said)
    return redirect(url_for(to), DONE)


@bp.url_defaults
def _below_the_same_address(_endpoint: str, values: dict[str, Any]) -> None:
    values.setdefault("token", (request.view_args or {}).get("token"))


@bp.context_processor
def _booking() -> dict[str, Any]:
    return {"booking": g.booking} if "booking" in g else {}


def _why_over(link: Link) -> str:
    """``renewed`` where the same person has a newer one, else ``expired`` by itself, or ``ended``."""
    held = links.held_beside(link, link.purpose)
    if held and held[-1] is not link:
        return "renewed"
    return "expired" if link.revoked_at is None else "ended"


@bp.errorhandler(people.Forgotten)
def _gone_meanwhile(_error: people.Forgotten) -> Response:
    """To the page that says that the link is over."""
    return back()


@bp.after_request
def _keep_out_of_indexes(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    if response.status_code != MISTAKES:
        response.headers["Cache-Control"] = "no-store"
    return response
