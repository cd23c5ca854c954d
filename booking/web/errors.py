"""What people read when something does not work out, and what machines get below /api/.

An error page never fails itself: where the house cannot be read, or the
address is not even one of ours, a page without menu and without database
says the same.
"""

import json
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, make_response, request, url_for
from flask_babel import gettext
from flask_limiter.errors import RateLimitExceeded
from flask_login import current_user
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import (
    Forbidden,
    HTTPException,
    InternalServerError,
    RequestHeaderFieldsTooLarge,
    RequestURITooLarge,
    SecurityError,
    ServiceUnavailable,
    TooManyRequests,
)

from booking import catalogues
from booking.database import NotStored, db
from booking.house import NoHouse, house
from booking.web import limits, locale
from booking.web.access import ForOthers, FromElsewhere

API, TEAM = "/api/", "/team/"

#: Errors of a database that works, and of a program that does not.
OURS = (IntegrityError, DataError, ProgrammingError, NotSupportedError)
#: Nothing that was typed into such a field goes into a page.
SECRET = "password"  # noqa: S105 - the name of a field
SET_UP = "flask --app app house load FOLDER"


class Message(NamedTuple):
    """Headline and sentence of an error page."""

    headline: str
    sentence: str


def words_for(error: HTTPException) -> Message:
    """What is said to people about an error."""
    if isinstance(error, CSRFError):
        return Message(
            gettext("Please send that once more"),
            gettext(
                "The page was open for a long time, so we could not be sure that this came from you."
                " Nothing has been saved. Go back, reload the page and send it again."
            ),
        )
    if isinstance(error, FromElsewhere):
        return Message(
            gettext("That came from another site"),
            gettext(
                "We take only what is sent from our own pages. Nothing has been saved. Open the page here and send it"
                " once more."
            ),
        )
    if isinstance(error, ForOthers):
        is_for_team = "team" in error.roles
        return Message(
            gettext("Only the team may do this") if is_for_team else gettext("Only an admin may do this"),
            gettext("Your account is not made for it. If you need it, ask an admin to change your role."),
        )
    if error.code == TooManyRequests.code:
        sentence = " ".join((gettext("That was a lot of attempts in a short time."), limits.when_again()))
        return Message(gettext("Please wait a little"), sentence)
    return _words_of(error.code or 500)


def _words_of(code: int) -> Message:
    """What is said of a kind of error, the less common ones as the nearest of these."""
    words = {
        400: Message(
            gettext("We could not understand that"),
            gettext(
                "Something about this request was not as we expect it. Nothing has been saved. Go back and try again."
            ),
        ),
        403: Message(
            gettext("This page is not for everybody"),
            gettext("You do not have the right to see this page. If you think you should, write to us."),
        ),
        404: Message(
            gettext("This page doesn’t exist (any more)"),
            gettext("Try the calendar or the start page."),
        ),
        405: Message(
            gettext("That does not work here"),
            gettext("This address cannot be used like that. Go back and try again, or begin on the start page."),
        ),
        409: Message(
            gettext("Something has changed meanwhile"),
            gettext("Somebody was faster. Nothing of yours has been saved here. Reload the page and have a look."),
        ),
        410: Message(
            gettext("This address is no longer used"),
            gettext("Nothing is shown here any more. The page of your request has the address that is used now."),
        ),
        **dict.fromkeys(
            (413, 414, 431),
            Message(
                gettext("That was too much"),
                gettext(
                    "What you sent is larger than we can take. Nothing has been saved."
                    " Please write less and send it again."
                ),
            ),
        ),
        500: Message(
            gettext("Something went wrong on our side"),
            gettext("Try again in a few minutes or write to us."),
        ),
        503: Message(
            gettext("We’ll be right back"),
            gettext("The service cannot be reached at the moment. Try again in a few minutes."),
        ),
    }
    return words.get(code) or words[400 if code < 500 else 500]


def handle_http(error: HTTPException) -> Response:
    """Every error that has a status code. A redirect is one too, and passes."""
    if error.response is not None or not error.code or error.code < 400:
        return make_response(error.get_response())
    again = _sent_by_our_page() if isinstance(error, CSRFError) else []
    if not again:
        return _answer(error, words_for(error))
    sentence = gettext(
        "The page was open for a long time, so we could not be sure that this came from you. Nothing has been saved,"
        " and nothing of what you typed is lost: here you can send it again."
    )
    return _answer(error, Message(gettext("Please send that once more"), sentence), again=again)


def signed_out() -> Response | None:
    """For whoever typed until their session had ended: they sign in beside this page, and send it from here. ``None``
    where there is nothing to lose."""
    if not (again := _sent_by_our_page()):
        return None
    sentence = gettext(
        "Nothing has been saved, and nothing of what you typed is lost. Sign in on a page of its own, then come back to"
        " this one and send it again."
    )
    words = Message(gettext("You were signed out meanwhile"), sentence)
    return _answer(Forbidden(), words, again=again, sign_in=url_for("auth.sign_in"))


def _sent_by_our_page() -> list[tuple[str, str]]:
    """What somebody has sent, with a token of the present session; nothing where the browser does not say that it was a
    page of ours: nobody shall send in one press what another site has put together."""
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        return []
    kept = [(name, text) for name, text in _what_was_sent() if name != "csrf_token"]
    return [("csrf_token", generate_csrf()), *kept] if kept else []


def _what_was_sent() -> list[tuple[str, str]]:
    """All fields of a form; none of one in which a password was typed."""
    has_secret = any(SECRET in name for name in request.form)
    return [] if has_secret else list(request.form.items(multi=True))


def handle_no_house(_error: NoHouse) -> Response:
    sentence = gettext("This installation has no house yet. Set one up with: %(command)s", command=SET_UP)
    return _answer(ServiceUnavailable(), Message(gettext("No house yet"), sentence))


def handle_database(error: SQLAlchemyError) -> Response:
    """The database is away, full or read-only, or another writer does not end: nothing was stored, try again."""
    if isinstance(error, OURS):
        raise error
    # The kind and not the words: they hold what people wrote. Those of NotStored are our own.
    what = str(error) if isinstance(error, NotStored) else type(getattr(error, "orig", error)).__name__
    current_app.logger.error("database: %s in %s", what, request.endpoint)
    catalogues.assume_last_known()
    again = []
    words = words_for(ServiceUnavailable())
    if request.method == "POST":
        words = Message(
            gettext("We could not save that just now"),
            gettext(
                "At the moment we cannot store anything, and nothing of what you sent has been saved."
                " Please wait a minute or two and send it again."
            ),
        )
        again = _what_was_sent()
    return _answer(ServiceUnavailable(), words, with_database=False, again=again)


def _answer(error: HTTPException, words: Message, **about: Any) -> Response:
    code = error.code or InternalServerError.code
    if request.path.startswith(API):
        problem = {"type": "about:blank", "title": error.name, "status": code, "detail": _plain(error)}
        response = make_response(json.dumps(problem, ensure_ascii=False), code)
        response.mimetype = "application/problem+json"
    else:
        response = make_response(_page(error, words, **about), code)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    if isinstance(error, TooManyRequests | ServiceUnavailable):
        response.headers.setdefault("Retry-After", str(limits.seconds_to_wait() or limits.SOON))
    return response


def _plain(error: HTTPException) -> str:
    """What the API says: our own reason where there is one; a limit's own wording is not for people."""
    if isinstance(error, RateLimitExceeded):
        return f"Too many requests in a short time. Try again in {limits.seconds_to_wait() or limits.SOON} seconds."
    if isinstance(error, SecurityError):
        return "Unknown host."
    return error.description or error.name


def _page(
    error: HTTPException,
    words: Message,
    *,
    with_database: bool = True,
    again: list[tuple[str, str]] | None = None,
    sign_in: str = "",
) -> str:
    """``again``: what was sent, for a button that sends it once more; ``sign_in``: where, if that is needed before."""
    about = {
        "request": request,
        "language": locale.selected(),
        "other_languages": locale.others(None if _can_be_opened_again(error) else "/"),
        "home": f"{request.script_root}/",
        "code": error.code,
        "words": words,
        "again": again,
        "sign_in": sign_in,
    }
    try:
        if isinstance(error, SecurityError) or not with_database:  # no address of ours: no links can be made for it
            return _rendered(about, frame="_layout/bare.html")
        db.session.rollback()
        return _rendered(about, house=house(), **_frame())
    except Exception:
        current_app.logger.debug("error page without the house", exc_info=True)
        return _rendered(about, frame="_layout/bare.html")


def _frame() -> dict[str, Any]:
    """What stands around the page: below the team's addresses the frame of the team, for whoever of it is signed in."""
    about: dict[str, Any] = {"frame": "_layout/base.html"}
    if f"{request.path}/".startswith(TEAM) and current_user.is_authenticated:
        about["frame"] = "_layout/staff.html"
        for fill in current_app.template_context_processors["staff"]:
            about |= current_app.ensure_sync(fill)()
    return about


def _can_be_opened_again(error: HTTPException) -> bool:
    return request.method == "GET" and not isinstance(error, RequestURITooLarge | RequestHeaderFieldsTooLarge)


def _rendered(about: dict[str, Any], **more: Any) -> str:
    """Past the context processors, which would ask the database."""
    return current_app.jinja_env.get_template("errors/error.html").render(about, **more)


def _log(raised: Any) -> None:
    """Note what failed, by the name of its page: the address of a group's page is a secret."""
    current_app.logger.error("%s %s failed", request.method, request.endpoint, exc_info=raised)


def init_app(app: Flask) -> None:
    # Its own words hold the address.
    app.log_exception = _log  # type: ignore[method-assign, assignment]  # Flask offers no setting for it
    app.register_error_handler(HTTPException, handle_http)
    app.register_error_handler(NoHouse, handle_no_house)
    for kind in (DatabaseError, InterfaceError, PoolTimeout, NotStored):
        app.register_error_handler(kind, handle_database)
