"""The application on a fresh database for every test, and clients that talk to it."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from contextvars import Context
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import flask_migrate
import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse

import booking.clock
from booking import cli, create_app
from booking.database import db, sqlite_library
from booking.extensions import limiter, security
from booking.models import House, Initiative, Room, StaffMember
from tests import make
from tests.support import pages, statements

ZONE = ZoneInfo("Europe/Berlin")

ENOUGH_MEMORY = 2**30  # bytes; a server of PostgreSQL needs a fifth of that, all databases in SQLite a hundredth


def quick_folder() -> str:
    """In memory where there is room: on a disk a database waits for each of its transactions, or is made ten times as
    slowly."""
    memory, disk = "/dev/shm", "/tmp"  # noqa: S108 - what is put there has a name that nobody knows
    has_room = os.path.isdir(memory) and shutil.disk_usage(memory).free > ENOUGH_MEMORY
    return memory if has_room else disk


class Clock:
    """The house's clock. Every test begins on Monday, 30 November 2026, at 10:00 in Bielefeld."""

    def __init__(self) -> None:
        self.set("2026-11-30T10:00")

    def set(self, local: str) -> datetime:
        """Let the clock stand at this local time; the instant is given back."""
        instant = datetime.fromisoformat(local).replace(tzinfo=ZONE)
        booking.clock.stand_at(instant)
        return instant

    @property
    def now(self) -> datetime:
        return booking.clock.now()


@pytest.fixture
def clock() -> Iterator[Clock]:
    yield Clock()
    booking.clock.stand_at(None)


def folder_of_run(paths: pytest.TempPathFactory, name: str) -> Path:
    """A folder that all processes of a run share."""
    of_process = paths.getbasetemp()
    folder = (of_process.parent if "PYTEST_XDIST_WORKER" in os.environ else of_process) / name
    folder.mkdir(exist_ok=True)
    return folder


class Compiled(FileSystemBytecodeCache):
    """Templates compiled once for all processes; a test may have a disk that takes nothing."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


@pytest.fixture(scope="session", autouse=True)
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where templates are kept that are compiled once for all applications of a run."""
    folder = folder_of_run(tmp_path_factory, "templates")
    Flask.jinja_options = {"bytecode_cache": Compiled(str(folder))}
    return folder


@pytest.fixture(scope="session")
def _instance() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="app", dir=quick_folder()) as folder:
        yield Path(folder) / "instance"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, _instance: Path) -> Iterator[None]:
    """Whatever the developer's shell has set, tests see the defaults, and an instance folder with nothing in it."""
    for name in os.environ:
        if name.startswith("BOOKING_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("BOOKING_INSTANCE", str(_instance))
    yield
    if _instance.exists():
        shutil.rmtree(_instance)


def settings(url: str) -> dict[str, Any]:
    return {
        "TESTING": True,
        "DATABASE_URL": url,
        "SECRET_KEY": "only for tests, where nobody minds",
        "PUBLIC_URL": "http://localhost",
        "RATE_LIMITS": "off",
        # As secure as a test needs it: each hash would take a tenth of a second.
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {"argon2__rounds": 1, "argon2__memory_cost": 32},
    }


def migrate(url: str) -> None:
    """Bring an empty database to today's tables, as `flask db upgrade` does."""
    app = create_app(settings(url), serving=False)
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()


def _new(url: str, *, serving: bool = True) -> Flask:
    app = create_app(settings(url), serving=serving)
    cli.init_app(app, create_app)  # also of one that serves, as tests do both
    app.test_client_class = Client
    app.extensions["passwords"] = security.pwd_context
    return app


_kept = cache(_new)  # to make an application takes longer than most tests do


@contextmanager
def application(url: str, *, own: bool = False, serving: bool = True) -> Iterator[Flask]:
    """The application on a migrated database, with its context entered, as if it were freshly made.

    With ``own`` it is, for a test that changes more of it than its settings.
    Without ``serving`` it is made for commands, whatever its database is.
    """
    app = _new(url, serving=serving) if own else _kept(url, serving=serving)
    given = dict(app.config), dict(app.extensions)
    limiter.enabled = app.config["RATELIMIT_ENABLED"]  # of all applications, so the last one made has set it
    security.pwd_context = app.extensions["passwords"]  # likewise
    Path(app.instance_path).mkdir(exist_ok=True)
    try:
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()
    finally:
        for kept, was in zip((app.config, app.extensions), given, strict=True):
            kept.clear()
            kept.update(was)


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOOKING_INSTANCE", str(folder))
        migrate(f"sqlite:///{folder / 'booking.sqlite'}")
    return folder / "booking.sqlite"


@pytest.fixture(scope="session")
def _sqlite_file(_instance: Path) -> Path:
    return _instance.parent / "booking.sqlite"


def remove_database(file: Path) -> None:
    """What is left of a SQLite database, with all that lies beside it."""
    for left in file.parent.glob(f"{file.name}*"):
        left.unlink()


@pytest.fixture
def sqlite_url(_migrated_sqlite: Path, _sqlite_file: Path) -> str:
    """A migrated, empty SQLite database in a file, at the same address for all tests of a process."""
    remove_database(_sqlite_file)
    shutil.copy(_migrated_sqlite, _sqlite_file)
    return f"sqlite:///{_sqlite_file}"


@pytest.fixture
def app(sqlite_url: str, clock: Clock) -> Iterator[Flask]:
    """The application on an empty SQLite database, its context entered."""
    with application(sqlite_url) as app:
        yield app


def _is_empty() -> bool:
    """Whether nothing stands in it that people make."""
    tables = (House, Room, Initiative, StaffMember)
    is_filled = db.session.scalar(db.select(db.or_(*(db.select(table.id).exists() for table in tables))))
    db.session.rollback()
    return not is_filled


T = TypeVar("T")

_filled: dict[str, tuple[Any, Any]] = {}  # copies of databases and what was said of them, by what fills them


def fill_once(name: str, fill: Callable[[], T]) -> T:
    """Let the empty database of a test be as ``fill`` leaves it, which runs once in a process; and what it says of it.

    One in PostgreSQL, or in which something stands already, is filled anew each time.
    """
    if db.engine.dialect.name != "sqlite" or not _is_empty():
        return fill()
    with closing(sqlite_library.connect(db.engine.url.database)) as file:
        if name in _filled:
            _filled[name][0].backup(file)
        else:
            _filled[name] = sqlite_library.connect(":memory:"), fill()
            file.backup(_filled[name][0])
    return cast(T, _filled[name][1])


@pytest.fixture
def app_pg(postgresql_url: str, clock: Clock) -> Iterator[Flask]:
    """The application on an empty PostgreSQL database, its context entered. Mark the test `postgresql`."""
    with application(postgresql_url) as app:
        yield app


ON_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)


@pytest.fixture(params=["sqlite", ON_POSTGRESQL])
def engine_app(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Flask]:
    """The application, once on SQLite and once on PostgreSQL."""
    with application(request.getfixturevalue(f"{request.param}_url")) as app:
        yield app


_POSTGRESQL_TOO = pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.variant])


@pytest.fixture(params=["sqlite", _POSTGRESQL_TOO])
def either_app(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Flask]:
    """The application on SQLite, and on PostgreSQL as a variant: for what is the same on both, whatever their SQL."""
    with application(request.getfixturevalue(f"{request.param}_url")) as app:
        yield app


#: For a test of ``either_app`` that says something of the databases, and for one of ``engine_app`` that says little.
on_both = pytest.mark.parametrize("either_app", ["sqlite", ON_POSTGRESQL], indirect=True)
on_either = pytest.mark.parametrize("engine_app", ["sqlite", _POSTGRESQL_TOO], indirect=True)


class Client(FlaskClient):
    """A client whose requests are as apart from the test as those of a real visitor.

    Each runs in a context of its own: Flask would otherwise share ``g``, the
    signed-in person and the session of the database with the test. What the
    test reads afterwards it reads anew.
    """

    def open(self, *args: Any, **options: Any) -> TestResponse:
        if has_app_context():
            db.session.rollback()
        return Context().run(super().open, *args, **options)

    def sign_in(self, member: StaffMember) -> None:
        """As somebody of the team, without the sign-in page."""
        identity = member.fs_uniquifier
        with self.session_transaction() as session:
            session.update(_user_id=identity, _fresh=True, fs_cc="set", fs_paa=time.time())

    def submit(
        self,
        path: str,
        values: dict[str, Any] | None = None,
        *,
        button: str = "",
        form: str = "",
        page: TestResponse | None = None,
    ) -> TestResponse:
        """Open a page, fill in its form and send it, hidden fields included; redirects are followed.

        Where ``page`` is the one at ``path``, it is open already.

        ``values`` maps names of controls to a text, a list of texts, or None to
        leave the control out. ``button`` is the text or the name of the button
        pressed, the first one without it; ``form`` the id or the address of the
        form, the first that is not a search without it.
        """
        if page is None or page.request.path != path.partition("?")[0]:
            page = self.get(path, follow_redirects=True)
        filled = pages.find_form(page.text, form).filled(values or {}, button)
        target = filled.target or page.request.path
        if filled.method == "get":
            return self.get(target, query_string=filled.data, follow_redirects=True)
        return self.post(target, data=filled.data, follow_redirects=True)


class CheckedClient(Client):
    """A client that looks at every answer: at pages as ``pages.complaints`` does, and at what it asked the database."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        response = super().open(*args, **options)
        if response.mimetype == "text/html" and response.status_code not in (301, 302, 303, 307, 308):
            assert pages.complaints(response) == [], f"{response.request.path} is not as a page must be"
        return response

    def run_wsgi_app(self, environ: dict[str, Any], buffered: bool = False) -> Any:
        with statements.of_this_answer() as heard:
            answer = super().run_wsgi_app(environ, buffered)
        assert statements.excess(self.application, environ, answer, heard) == ""
        return answer


@pytest.fixture
def client(app: Flask) -> Client:
    """A visitor."""
    return Client(app, use_cookies=True)


@pytest.fixture
def new_client(app: Flask) -> Callable[[], CheckedClient]:
    """Makes further visitors, each with cookies of their own."""
    return lambda: CheckedClient(app, use_cookies=True)


@pytest.fixture
def checked_client(app: Flask) -> CheckedClient:
    """A visitor that looks at every page."""
    return CheckedClient(app, use_cookies=True)


@pytest.fixture
def staff_client(app: Flask) -> CheckedClient:
    """Somebody of the team, signed in, that looks at every page."""
    client = CheckedClient(app, use_cookies=True)
    client.sign_in(make.staff())
    return client
