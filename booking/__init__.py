"""Rooms for groups: asked for on the web, decided per date by the office, shown in the lobby."""

from booking.extensions import babel, csrf, limiter, mail, security  # first, see there

# isort: split

import contextlib
import importlib
import os
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click
from flask import Flask
from flask_login.utils import _user_context_processor
from jinja2 import StrictUndefined
from sqlalchemy.exc import OperationalError
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from booking import checkup, clock, database, faults, forks, guard, in_use, news, offers
from booking.checkup import LOOPBACK
from booking.database import db
from booking.languages import DEFAULT, LANGUAGES
from booking.letters import delivery, message
from booking.models import House, StaffMember
from booking.signing_in import codes
from booking.web import (
    access,
    api,
    auth,
    catalogue,
    compression,
    errors,
    feeds,
    filters,
    health,
    incoming,
    limits,
    lobby,
    locale,
    look,
    public,
    request_form,
    sign_on,
    staff,
    status_page,
    website,
)
from booking.web import links as link_pages  # booking.links is another

ROOT = Path(__file__).parent.parent
AUDIENCES = (
    public,
    request_form,
    status_page,
    link_pages,
    staff,
    sign_on,
    lobby,
    feeds,
    website,
    catalogue,
    look,
    health,
)
SHORTEST_KEY = 16

#: What numbers can be meant: the least and the most.
NUMBERS = {"PORT": (1, 65535), "SMTP_TIMEOUT": (1, 300), "UNDO_SECONDS": (0, 3600), "PROXIES": (0, 10)}
CHOICES = {"SECOND_FACTOR": ("offered", "demanded"), "RATE_LIMITS": ("on", "off")}
#: In these years there is room for whatever is reckoned from the house's clock.
YEARS = range(2000, 3000)


class WrongSetting(SystemExit):
    """A setting that cannot be meant: the start ends with a sentence that says what to do."""


def _as_it_is(view: Callable[..., Any]) -> Callable[..., Any]:
    """None of ours is a coroutine; Flask looks for that twice in each function that it calls for an answer."""
    return view


def create_app(overrides: Mapping[str, Any] | None = None, *, serving: bool | None = None) -> Flask:
    """The application, set up from config.py, the environment and ``overrides`` (upper-case settings, for tests).

    With ``serving`` the guard of the database is proved before anything is
    answered; without it there are commands, which must also work on a database
    that still needs its migrations. By default whatever is no command of
    ``flask`` serves. Ends the process with a sentence where a setting is wrong
    or the guard is missing.
    """
    app = Flask(
        __name__,
        root_path=str(ROOT),
        instance_path=str(Path(os.environ.get("BOOKING_INSTANCE", ROOT / "instance")).absolute()),
    )
    app.jinja_environment = filters.PageEnvironment
    app.ensure_sync = _as_it_is  # type: ignore[method-assign,assignment]  # Flask's way to call a view in another way
    faults.keep_words_out_of_logs()
    _configure(app, overrides or {})
    incoming.init_app(app)
    database.init_app(app)
    with app.app_context():
        forks.keep_apart(db.engine)
    babel.init_app(
        app,
        locale_selector=locale.selected,
        default_locale="de",
        default_translation_directories=str(ROOT / "booking" / "translations"),
    )
    csrf.init_app(app)
    limiter.init_app(app)
    mail.init_app(app)
    members = access.Members(db, StaffMember, None)  # type: ignore[arg-type]  # roles are a column: see access
    security.init_app(app, members, register_blueprint=False)
    # Flask-Principal and Flask-Login read who is signed in for each answer and template; ours ask where it matters.
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.template_context_processors[None].remove(_user_context_processor)

    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for part in (compression, access, locale, filters, errors):  # what comes first sees an answer last
        part.init_app(app)
    for audience in AUDIENCES:
        app.register_blueprint(audience.bp)
    api.init_app(app)
    message.LOOKUPS.update(news.WRITERS)
    message.MARKS.update(offers.MARKS)

    if serving is None:
        command = click.get_current_context(silent=True)
        serving = command is None or command.info_name == "run"
    if not serving:
        # Imported by nobody else: what commands need, such as Alembic, takes 15 MB that a service has no use for.
        importlib.import_module("booking.cli").init_app(app, create_app)
    _begin(app, serving)
    return app


def _configure(app: Flask, overrides: Mapping[str, Any]) -> None:
    app.config.from_object(config)
    app.config.from_prefixed_env("BOOKING")
    app.config["DATABASE_URL"] = os.environ.get("DATABASE_URL", app.config["DATABASE_URL"])
    app.config.update(overrides)
    known = {name for name in vars(config) if name.isupper()} | {"INSTANCE"}
    for name in os.environ:
        if name.startswith("BOOKING_") and name.removeprefix("BOOKING_") not in known:
            raise WrongSetting(f"{name} is no setting of this service. All settings are in docs/operations.md.")

    _check(app.config)
    os.umask(0o077)  # what groups tell us is for the service alone, in whatever file it stands
    Path(app.instance_path).mkdir(mode=0o700, parents=True, exist_ok=True)
    url = app.config["DATABASE_URL"] or f"sqlite:///{Path(app.instance_path) / 'booking.sqlite'}"
    public = app.config["PUBLIC_URL"] = app.config["PUBLIC_URL"] or f"http://127.0.0.1:{app.config['PORT']}"
    secure = public.startswith("https://")
    secret = app.config["SECRET_KEY"] or _kept_secret(Path(app.instance_path) / "secret-key")
    hosts = [urlsplit(public).hostname]
    if app.config["HOST"] in LOOPBACK:
        hosts += ["127.0.0.1", "localhost"]
    app.config.update(
        SQLALCHEMY_DATABASE_URI=re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url),
        SECRET_KEY=secret,
        TRUSTED_HOSTS=hosts,
        MAX_CONTENT_LENGTH=256 * 1024,
        MAX_UPLOAD=8 * 1024 * 1024,  # of a picture, by the team
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        MAX_FORM_PARTS=2000,
        SESSION_COOKIE_NAME=access.cookie_name("session", public),
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH=locale.base_path(public) or "/",
        PERMANENT_SESSION_LIFETIME=12 * 3600,
        WTF_CSRF_TIME_LIMIT=None,  # a form may lie open overnight; the session bounds its token
        WTF_CSRF_SSL_STRICT=False,  # we send no Referer to ourselves; the token is what counts
        RATELIMIT_ENABLED=app.config["RATE_LIMITS"] != "off",
        MAIL_DEFAULT_SENDER=None,
        **auth.SECURITY_SETTINGS,
        **compression.SETTINGS,
        **limits.settings(app.config["LIMITS_URL"]),
        **codes.settings(secret),
    )
    if app.config["PROXIES"]:
        n = app.config["PROXIES"]
        proxied = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)
        app.wsgi_app = proxied  # type: ignore[method-assign]  # Flask's documented way to put something in front


def _check(settings: Mapping[str, Any]) -> None:
    for name, (least, most) in NUMBERS.items():
        value = settings[name]
        if type(value) is not int or not least <= value <= most:
            raise WrongSetting(f"BOOKING_{name} must be a whole number from {least} to {most}, not {value!r}.")
    _check_sites(settings)
    codes = settings["LANGUAGES"].split()
    if DEFAULT not in codes or not LANGUAGES.keys() >= {*codes}:
        raise WrongSetting(
            f"BOOKING_LANGUAGES must be some of {' '.join(LANGUAGES)} with spaces between, {DEFAULT} among them, not"
            f" {settings['LANGUAGES']!r}."
        )
    key = settings["SECRET_KEY"]
    if key and (type(key) is not str or len(key) < SHORTEST_KEY):
        raise WrongSetting(
            f"BOOKING_SECRET_KEY must have at least {SHORTEST_KEY} characters that nobody can guess, not digits alone."
        )
    for name, choices in CHOICES.items():
        if settings[name] not in choices:
            raise WrongSetting(f"BOOKING_{name} is {' or '.join(choices)}, not {settings[name]!r}.")
    if not re.match(r"https://[^/\s]|http://(127\.0\.0\.1|localhost)\b|$", settings["OIDC_ISSUER"]):
        raise WrongSetting(
            f"BOOKING_OIDC_ISSUER must be like https://login.example.org/realms/city, not {settings['OIDC_ISSUER']!r}."
        )
    if settings["OIDC_ISSUER"] and not settings["OIDC_CLIENT_ID"]:
        raise WrongSetting("BOOKING_OIDC_CLIENT_ID is missing: by which name BOOKING_OIDC_ISSUER knows this service.")
    if not re.match(r"(rediss?://[^/\s]|$)", settings["LIMITS_URL"]):
        raise WrongSetting("BOOKING_LIMITS_URL must be like redis://:password@host:6379/0.")
    try:
        if settings["SMTP_URL"]:
            delivery.mail_server(settings["SMTP_URL"])
    except ValueError as fault:
        raise WrongSetting(
            f"BOOKING_SMTP_URL must be like smtp://user:password@mail.example.org:587?starttls=1: {fault}"
        ) from None
    try:
        if settings["MAIL_FROM"]:
            message.one_address(parseaddr(settings["MAIL_FROM"])[1])
    except message.Unsendable:
        raise WrongSetting(
            f"BOOKING_MAIL_FROM must be like raeume@example.org or Rooms <raeume@example.org>,"
            f" not {settings['MAIL_FROM']!r}."
        ) from None
    if not re.match(r"(sqlite:///|postgres(ql)?(\+\w+)?://|$)", settings["DATABASE_URL"]):
        raise WrongSetting("DATABASE_URL must begin with sqlite:/// or postgresql://.")
    for name in ("NOW", "RATE_LIMITS"):
        if settings[name] not in ("", "on") and settings["HOST"] not in LOOPBACK:
            raise WrongSetting(
                f"BOOKING_{name} is for trying things out: it works only while the server listens on 127.0.0.1,"
                f" and BOOKING_HOST is {settings['HOST']}."
            )


def _check_sites(settings: Mapping[str, Any]) -> None:
    if settings["PUBLIC_URL"] and not _is_site(settings["PUBLIC_URL"]):
        raise WrongSetting(
            "BOOKING_PUBLIC_URL must be like https://raeume.example.org or https://stadt.example.org/raeume, not"
            f" {settings['PUBLIC_URL']!r}: scheme, host and perhaps a port and a path, without a slash at the end."
        )
    if settings["PUBLIC_URL"].startswith("https://") and settings["HOST"] in LOOPBACK and not settings["PROXIES"]:
        raise WrongSetting(
            "BOOKING_PUBLIC_URL begins with https, and the server listens on this machine alone: so a proxy stands"
            " in front, and without BOOKING_PROXIES=1 all visitors would count as one. Set it to the number of proxies,"
            " and let them set X-Forwarded-For, -Proto and -Host."
        )
    for inside in settings["CALENDARS_INSIDE"].split():
        if not _is_site(inside) or urlsplit(inside).path:
            raise WrongSetting(
                f"BOOKING_CALENDARS_INSIDE must be like https://exchange.example.org, not {inside!r}: origins with"
                " spaces between."
            )


def _is_site(url: str) -> bool:
    """Whether an address names a host as browsers know it, and perhaps a path of plain words, and nothing but that."""
    try:
        is_plain = re.fullmatch(r"https?://[^/\s?#@\\]+(?:/[A-Za-z0-9][A-Za-z0-9._~-]*)*", url)
        return bool(is_plain and urlsplit(url).hostname and access.origin(url))
    except ValueError:  # a port that is no number; IDNAError is one too
        return False


def _kept_secret(path: Path) -> str:
    """A secret key made at the first start and kept beside the database, readable by its owner only."""
    if not path.exists():
        unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):  # another process was faster: all take the same
            os.link(unfinished, path)
        unfinished.unlink()
    return path.read_text()


def _begin(app: Flask, serving: bool) -> None:
    """Prove what serving needs and set the clock. Whatever comes of it, no connection to the database stays open."""
    try:
        with app.app_context():
            if serving:
                _prove(app)
            _set_clock(app)
    finally:
        with app.app_context():
            db.engine.dispose()


def _prove(app: Flask) -> None:
    try:
        in_use.take_part(db.engine.url)
        checkup.prove_guard()
    except (in_use.InUse, guard.Unguarded) as fault:
        raise SystemExit(f"This database is not served: {fault}") from None
    except (OperationalError, database.NotStored) as fault:
        raise WrongSetting(database.not_reached(fault)) from None
    if app.config["LIMITS_URL"] and app.config["RATELIMIT_ENABLED"] and not limiter.storage.check():
        raise WrongSetting(
            "The store for limits that BOOKING_LIMITS_URL names cannot be reached. Start it, or leave the setting out:"
            " then each process counts for itself."
        )


def _set_clock(app: Flask) -> None:
    """Start the house's clock at BOOKING_NOW, and answer nobody but this machine while it is set."""
    start = app.config["NOW"]
    if start or app.config["RATE_LIMITS"] == "off":
        app.before_request(access.only_this_machine)
    if not start:
        return
    try:
        instant = datetime.fromisoformat(start)
    except (TypeError, ValueError):
        raise WrongSetting(f"BOOKING_NOW must be a local time like 2026-12-08T18:42, not {start!r}.") from None
    if instant.year not in YEARS:
        raise WrongSetting(
            f"BOOKING_NOW must lie in one of the years from {YEARS[0]} to {YEARS[-1]}, not in {instant.year}."
        )
    house = db.session.get(House, 1) if db.inspect(db.engine).has_table(House.__tablename__) else None
    zone = house.zone if house else ZoneInfo("Europe/Berlin")  # of the example house, which is about to be loaded
    clock.start_at(instant if instant.tzinfo else instant.replace(tzinfo=zone))
