"""Pages as people get them: CPU time of each, fresh, beside the least that a page could take."""

import gc
import multiprocessing
import resource
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial
from time import process_time
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Flask, current_app
from werkzeug.test import TestResponse

from bench import town
from bench.databases import database
from booking import clock, links
from booking.availability.rooms_at import best_room
from booking.database import db, transaction
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.models import Booking, House, Occurrence, StaffMember
from booking.web import look
from booking.web.access import public
from booking.web.dates import free_times
from tests import make
from tests.make import ZONE
from tests.support.app import Client
from tests.support.pages import find_form
from tests.support.request_form import ABOUT, OUTSIDE, WEEKLY
from tests.support.statements import statements

REPEATS, ROUNDS = 5, 5
FREE_DATES = 52
TITLE = "bench"  # of what is sent, and taken away afterwards

#: A weekly question of 26 dates, five of which clash.
QUESTION: dict[str, Any] = {
    "rule": {
        "start": f"2027-07-07T{town.ASKED:%H:%M}",
        "duration_minutes": 120,
        "freq": "weekly",
        "weekdays": ["WE"],
        "count": 26,
    },
    "room": "raum-2",
}
FORM = {**WEEKLY, "date": "7.7.2027", "start": f"{town.ASKED:%H:%M}", "end": "21:00", "people": "10"}


class Page(NamedTuple):
    """``ms``: the median of CPU time; ``floor``: of a view that reads one row, measured right beside it, as machines
    change their pace; ``statements``: said to the database; ``size``: bytes of the answer."""

    name: str
    ms: float
    floor: float
    statements: int
    size: int


class Found(NamedTuple):
    pages: list[Page]
    peak: float  # memory of the process, MB


def measured(engine: str, rows: int) -> Found:
    """All pages on one database, in a process of its own, for its memory."""
    context = multiprocessing.get_context("spawn")
    found = None
    for work in (_build, _measure):
        with ProcessPoolExecutor(1, mp_context=context) as alone:
            found = alone.submit(work, engine, rows).result()
    assert found is not None
    return found


def _build(engine: str, rows: int) -> None:
    with database(engine, rows, town.fill, "town"):
        pass


def _measure(engine: str, rows: int) -> Found:
    with database(engine, rows, town.fill, "town", copied=True) as app:
        clock.stand_at(town.NOW)
        app.test_client_class = Client
        app.add_url_rule("/floor", view_func=public(_one_row))
        gc.collect()
        gc.freeze()  # as app.py does
        floor = _page("floor", partial(Client(app).get, "/floor"))
        pages = [floor, *_public(app), *_of_the_team(app), *_asking(app), _full_inbox(app)]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return Found(pages, peak)


def _one_row() -> str:
    return str(db.session.scalars(sa.select(House.version)).one())


def _public(app: Flask) -> Iterator[Page]:
    for name, path in (
        ("day", "/kalender/tag/2027-07-07"),
        ("week", "/kalender/woche/2027-W27"),
        ("start", "/"),
        ("calendar", "/kalender"),
        ("room", "/raeume/raum-1"),
        ("lobby", "/lobby"),
    ):
        client = Client(app)
        ask = partial(client.get, path)
        yield _page(name, ask, afterwards=lambda: _forget_pages(app))
        yield _page(f"{name}, anew", ask, afterwards=lambda: _forget_pages(app, pieces=True))
        tag = client.get(path).headers.get("ETag", "")
        held = {"If-None-Match": tag}
        yield _page(f"{name}, 304", partial(client.get, path, headers=held))
    booking = db.session.scalars(sa.select(Booking).where(Booking.rule["count"].as_integer() == 52)).one()
    with transaction():
        token = links.token(links.issue(booking, clock.now()))
    yield _page("status page", lambda: Client(app).get(f"/a/{token}"))


def _forget_pages(app: Flask, *, pieces: bool = False) -> None:
    """Let the next answer be rendered, as after a minute or a change elsewhere; of none of the ``pieces`` of before."""
    app.extensions.pop("kept", None)
    if pieces:
        look.made_piece.cache_clear()
        free_times.days_of_room.cache_clear()


def _of_the_team(app: Flask) -> Iterator[Page]:
    client = _team(app)
    oldest = sa.select(sa.func.max(Booking.id) - town.REQUESTS + 1)
    booking = db.session.get_one(Booking, db.session.scalars(oldest).one())
    yield _page("inbox", lambda: client.get("/team"))
    reference = booking.reference
    yield _page("decision", lambda: client.get(f"/team/anfragen/{reference}"))
    yield _page("running order", lambda: client.get("/team/heute?tag=2027-07-07"))


def _full_inbox(app: Flask) -> Page:
    town.fill_inbox()
    client = _team(app)
    return _page("full inbox", lambda: client.get("/team"))


def _team(app: Flask) -> Client:
    """Somebody of the team, signed in."""
    client = Client(app, use_cookies=True)
    client.sign_in(db.session.scalars(sa.select(StaffMember)).first() or make.staff())
    return client


def _asking(app: Flask) -> Iterator[Page]:
    programs = Client(app)
    yield _page("preview", lambda: programs.post("/api/v1/preview", json=QUESTION))
    with statements() as heard:
        _free_room()
    yield Page("free room", *_beside_floor(_free_room), len(heard), 0)
    yield from _form(app)


def _free_room() -> None:
    db.session.rollback()  # a page begins with nothing read
    first = town.CLASHES[0]
    slots = [Slot.on(first + timedelta(weeks=n), town.ASKED, 120, ZONE) for n in range(FREE_DATES)]
    best_room(slots, 10, clock.now())


def _form(app: Flask) -> Iterator[Page]:
    """To check a series and to send it: 26 dates of which five are elsewhere, and 52 that are free."""
    for number, room in ((26, "raum-2"), (52, "raum-3")):
        asked = {**FORM, "room": room, "until_kind": "count", "count": str(number)}
        client = _ready(app, asked)
        yield _page(f"check {number}", lambda client=client: client.get("/anfrage/pruefen"))
        sent = [_sending(_ready(app, asked)) for _ in range(REPEATS * ROUNDS + 1)]
        yield _page(f"send {number}", lambda sent=sent: sent.pop()(), afterwards=_withdraw)


def _ready(app: Flask, asked: dict[str, str]) -> Client:
    """Somebody who has come to the page to check, with another room wherever theirs is taken."""
    client = Client(app, use_cookies=True)
    page = client.submit("/anfrage", asked, form="request")
    if "bulk" in page.text:
        client.submit("/anfrage/termine", {"for_all": "room"}, button="bulk", form="request")
    client.submit("/anfrage/termine", button="Weiter", form="request")
    answer = client.submit("/anfrage/ueber-euch", {**ABOUT, **OUTSIDE, "title": TITLE}, form="request")
    assert answer.request.path == "/anfrage/pruefen", answer.request.url
    return client


def _sending(client: Client) -> Callable[[], TestResponse]:
    """Presses the button below what is to be checked."""
    filled = find_form(client.get("/anfrage/pruefen").text, "request").filled({"rules": "yes"}, "")

    def send() -> TestResponse:
        answer = client.post("/anfrage/pruefen", data=filled.data)
        assert answer.location.startswith("/anfrage/danke"), answer.location
        return answer

    return send


def _withdraw() -> None:
    """What was asked for would stand in the way of the next one."""
    with transaction():
        of_bench = sa.select(Booking.id).where(Booking.title == TITLE)
        withdrawn = sa.update(Occurrence).where(Occurrence.booking_id.in_(of_bench)).values(status=Status.WITHDRAWN)
        db.session.execute(withdrawn)


def _page(name: str, ask: Callable[[], TestResponse], afterwards: Callable[[], None] = lambda: None) -> Page:
    with statements() as heard:
        answer = ask()
    afterwards()
    assert answer.status_code in (200, 303, 304), (name, answer.status)
    return Page(name, *_beside_floor(ask, afterwards), len(heard), len(answer.data))


def _beside_floor(work: Callable[[], object], afterwards: Callable[[], None] = lambda: None) -> tuple[float, float]:
    """The CPU time of some work and of the floor, in the round in the middle by how many times the floor it takes."""
    floor = partial(current_app.test_client().get, "/floor")
    of_rounds = [(_cpu_ms(work, afterwards), _cpu_ms(floor)) for _ in range(ROUNDS)]
    return sorted(of_rounds, key=lambda found: found[0] / found[1])[ROUNDS // 2]


def _cpu_ms(work: Callable[[], object], afterwards: Callable[[], None] = lambda: None) -> float:
    """The median of some repeats; ``afterwards`` is not counted."""
    taken = []
    for _ in range(REPEATS):
        begun = process_time()
        work()
        taken.append(process_time() - begun)
        afterwards()
    return statistics.median(taken) * 1000


def report(engines: Iterable[str], sizes: Sequence[int]) -> None:
    """Measure and print."""
    print("CPU time of a page in ms (times that of a view that reads one row, measured beside it); the median round.")
    print("In brackets: statements, and KB of the answer.\n")
    for engine in engines:
        found = {rows: measured(engine, rows) for rows in sizes}
        print(f"{engine:<14}" + "".join(f"{f'{rows:,} dates, {town.ROOMS[rows]} rooms':>34}" for rows in sizes))
        for pages in zip(*(figures.pages for figures in found.values()), strict=True):
            print(f"{pages[0].name:<14}" + "".join(f"{_said(page):>34}" for page in pages))
        print(f"{'peak memory':<14}" + "".join(f"{f'{figures.peak:.0f} MB':>34}" for figures in found.values()) + "\n")


def _said(page: Page) -> str:
    return f"{page.ms:.1f} ({page.ms / page.floor:.1f}×) [{page.statements}; {page.size / 1024:.0f}]"
