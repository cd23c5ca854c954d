"""Every page in every state that it can be in, as its HTML: for a browser to show, or for a checker to read.

Found by themselves: what each address answers, what each form answers when it
is sent, and what it answers when nothing is filled in. What takes more than
one step is walked to.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.test import TestResponse

from booking import changing, links
from booking.database import db
from booking.domain.status import Status
from booking.models import Booking, Room, StaffMember
from tests import make
from tests.support.app import Client, Clock
from tests.support.pages import CHANCE, find_form
from tests.support.request_form import ONCE, OUTSIDE, WEEKLY, Asking
from tests.support.whole_house import FORMS, WholeHouse
from tests.web.test_methods import addresses, token_of

CONTESTED = "IO-26-0142"

#: The beginnings of elements as our templates write them, and what stands in one.
_TAG = re.compile(r'<([a-z][\w-]*)((?:\s+[^\s="<>/]+(?:="[^"]*")?)*)\s*/?>')
_ATTRIBUTE = re.compile(r'([^\s="]+)(?:="([^"]*)")?')


class State(NamedTuple):
    """A page as somebody has it before them."""

    name: str  # the language, and what was done to come there
    path: str
    answer: TestResponse


class Places(NamedTuple):
    """Addresses of further groups' pages, by what is special about them."""

    waiting: str
    approved: str
    over: str
    cancelled: str


class Novelty:
    """Whether a state has a piece that none before it had, by its name and these attributes."""

    def __init__(self, *marks: str) -> None:
        self._marks = marks
        self._known: set[tuple[Any, ...]] = set()

    def __call__(self, state: State) -> bool:
        tags = set(_TAG.findall(state.answer.text))
        pieces = {(tag, *map(dict(_ATTRIBUTE.findall(attributes)).get, self._marks)) for tag, attributes in tags}
        has_new = not pieces <= self._known
        self._known |= pieces
        return has_new


def crowded(house: WholeHouse, clock: Clock) -> Places:
    """Add what one booking alone does not show: dates that are taken or wanted by others, and other groups' pages."""
    hall = db.session.scalars(db.select(Room).where(Room.slug == "grosse-flaeche")).one()
    make.booking(hall, "2027-02-24T16:30", minutes=90, status=Status.APPROVED, group="eigenes Team", title="KI-Meetup")
    make.booking(hall, "2027-03-17T16:30", group="Ernährungsrat", title="Runder Tisch", way_in="talk")
    days = ("2027-01-06", "2027-01-13", "2027-02-24", "2027-03-17")
    make.booking(
        hall, *(f"{day}T16:00" for day in days), reference=CONTESTED, people=70, note="Gern auch später.", way_in="talk"
    )
    make.closure("2026-12-24T00:00", "2027-01-03T00:00")
    waiting = make.booking(hall, "2027-01-20T19:00", group="Chor", way_in="talk")
    approved = make.booking(hall, "2027-01-27T10:00", "2027-01-28T19:00", status=Status.APPROVED, group="Lesekreis")
    over = make.booking(hall, "2026-09-01T10:00", status=Status.APPROVED, group="Ehemalige")
    gone = make.booking(hall, "2027-01-29T10:00", status=Status.APPROVED, group="Nachbarn")
    changing.cancel_dates(gone, [gone.occurrences[0].id], clock.now)
    found = Places(*(_page(each) for each in (waiting, approved, over, gone)))
    house.keep()
    return found


def _page(booking: Booking) -> str:
    return f"/a/{links.token(make.link(booking))}"


def states(app: Flask, house: WholeHouse, places: Places, clock: Clock, prefix: str) -> Iterator[State]:
    """All of them in the language of this prefix, each once; the house is afterwards as it was."""
    return _pages(_found(app, house, places, clock, prefix))


def opened(app: Flask, house: WholeHouse, prefix: str) -> Iterator[State]:
    """What each address answers by itself, in the language of this prefix."""
    admin = make.staff(role="admin")
    house.keep()
    return _pages(_opened(app, house, admin, prefix, forms=False))


def _pages(found: Iterator[State]) -> Iterator[State]:
    """Those that are pages, each once."""
    seen = set()
    for state in found:
        shown = CHANCE.sub("", state.answer.text)
        state.answer.close()  # it may be a file
        if shown.startswith("<!doctype html>") and shown not in seen:
            seen.add(shown)
            yield state


def _found(app: Flask, house: WholeHouse, places: Places, clock: Clock, prefix: str) -> Iterator[State]:
    admin = make.staff(role="admin")
    house.keep()
    yield from _opened(app, house, admin, prefix)
    member, stranger = Client(app), Client(app)
    member.sign_in(admin)
    for name, path in places._asdict().items():
        yield _got(f"group, {name}", stranger, prefix + path)
    for token in ("second", "other"):
        for rest in ("", "/daten-loeschen", "/angaben"):
            yield _got(f"group, {token}{rest}", stranger, f"{prefix}/a/{house.tokens[token]}{rest}")
    for path in ("/team", "/gibt/es/nicht", "/team/gibt-es-nicht", "/uebergabe/x", "/kalender/tag/2026-12-24"):
        yield _got("stranger", stranger, prefix + path)
        yield _got("team", member, prefix + path)
    yield _sent("without a token", stranger, f"{prefix}/link", {"email": "zoe@example.org"})
    yield from asked(app, prefix)
    house.restore()
    yield from _decided(house, member, prefix)
    house.restore()
    yield from _over(house, stranger, prefix)
    for moment in ("2026-12-09T16:30", "2027-02-24T15:40", "2026-12-24T11:00"):
        clock.set(moment)
        for path in ("/lobby", "/heute", "/"):
            yield _got(f"on {moment}", stranger, prefix + path)
    clock.set("2026-11-30T10:00")
    house.restore()


def _opened(app: Flask, house: WholeHouse, admin: StaffMember, prefix: str, *, forms: bool = True) -> Iterator[State]:
    """What each address answers, and each form: when all is right, and when nothing is filled in."""
    visitors = {is_signed_in: _visitor(app, admin if is_signed_in else None) for is_signed_in in (True, False)}
    for path, rule in addresses(house, app):
        session, token = visitors[not rule.endpoint.startswith("auth.")]
        sent = {"filled in": FORMS[rule.endpoint](house), "empty": {}} if forms and rule.endpoint in FORMS else {}
        for what, values in sent.items():
            known = {"csrf_token": token, "version": str(house.version)}
            asker = _asker(app, session)
            yield _sent(f"{rule.endpoint}, {what}", asker, prefix + path, {**known, **values})
            house.restore()
        if rule.endpoint != "static" and "GET" in (rule.methods or ()):
            yield _got(rule.endpoint, _asker(app, session), prefix + path)


def _visitor(app: Flask, member: StaffMember | None) -> tuple[str, str]:
    """The session of somebody, signed in or not, and the token of its forms."""
    client = Client(app)
    if member is not None:
        client.sign_in(member)
    token = token_of(client)
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value, token


def _asker(app: Flask, session: str) -> Client:
    """A browser with this session and nothing else: a form may change who is signed in."""
    client = Client(app)
    client.set_cookie("session", session)
    return client


def asked(app: Flask, prefix: str) -> Iterator[State]:
    """The steps of a request, with and without mistakes, as far as its thanks, and back after it."""
    onward = "Continue" if prefix else "Weiter"
    for rhythm in ("once", "two_weeks", "month", "single", "weeks", "months"):
        asking = Asking(Client(app), prefix=prefix)
        yield _answered(f"step 1, {rhythm}", asking.when({"rhythm": rhythm, "date": "31.2.2027", "people": "900"}))
    for what, values in (("second", {"rhythm": "month", "date": "12.1.2027"}), ("once", ONCE)):
        yield _answered(f"step 2, {what}", Asking(Client(app), prefix=prefix).when({**WEEKLY, **values}))
    asking = Asking(Client(app), prefix=prefix)
    yield _answered("step 2, holidays", asking.when({**WEEKLY, "date": "7.1.2027", "skip_holidays": "yes"}))
    yield _answered("step 2, each holiday", asking.dates(button="holidays"))
    asking = Asking(Client(app), prefix=prefix)
    yield _answered("step 1, looked", asking.when(WEEKLY, button="check"))
    yield _answered("step 2", asking.when({}))
    yield _answered("step 2, undecided", asking.dates(button=onward))
    yield _answered("step 1, a day", asking.open("/anfrage/kalender"))
    skipped = dict.fromkeys(_names(asking.open("/anfrage/termine"), "d-"), "skip")
    yield _answered("step 3", asking.dates(skipped, button=onward))
    yield _answered("step 3, empty", asking.sent("/anfrage/ueber-euch"))
    yield _answered("step 4", asking.about(**OUTSIDE, email="zoe@gmial.com"))
    yield _answered("step 4, not agreed", asking.sent("/anfrage/pruefen"))
    yield _answered("thanks", asking.send())
    yield _got("step 2 after thanks", asking.client, asking.address("/anfrage/termine"))


def _names(page: TestResponse, begin: str) -> set[str]:
    found = {control.get("name", "") for control in find_form(page.text, "request").controls}
    return {name for name in found if name.startswith(begin)}


def _decided(house: WholeHouse, client: Client, prefix: str) -> Iterator[State]:
    """A request whose dates others want: its page, its panel, and what is said when somebody was faster."""
    here = f"{prefix}/team/anfragen/{CONTESTED}"
    page = _got("contested", client, here)
    yield page
    met, free, taken, wanted = _values(page.answer, "date")
    chosen = {"date": [met, free], "decline": taken, "propose": wanted}
    shown = _answered("panel", client.submit(here, chosen, button="selection", form="decision"))
    yield shown
    yield _answered("contested, nothing chosen", client.submit(here, {}, button="selection", form="decision"))
    older = find_form(shown.answer.text, "panel").filled({}, "send")
    sure = client.submit(here, {"date": free}, button="selection", form="decision")
    sent = find_form(sure.text, "panel").filled({"message": "Bis bald!"}, "send")
    yield _sent("decided", client, sent.target, sent.data)
    yield _sent("stale", client, older.target, older.data)
    for name, path in (("inbox", "/team"), ("outbox", "/team/ausgang"), ("decided requests", "/team?tab=decided")):
        yield _got(name, client, prefix + path)


def _over(house: WholeHouse, client: Client, prefix: str) -> Iterator[State]:
    """What a link opens whose owner wished to be forgotten."""
    here = f"{prefix}/a/{house.tokens['other']}"
    client.submit(f"{here}/daten-loeschen", {"sure": "yes"}, form="form")
    yield _got("group, expired link", client, here)


def _values(page: TestResponse, name: str) -> list[str]:
    controls = find_form(page.text, "decision").controls
    return sorted({each.get("value", "") for each in controls if each.get("name") == name}, key=int)


def _got(name: str, client: Client, path: str) -> State:
    return _answered(name, client.get(path, follow_redirects=True))


def _sent(name: str, client: Client, path: str, values: Any) -> State:
    return _answered(name, client.post(path, data=values, follow_redirects=True))


def _answered(name: str, answer: TestResponse) -> State:
    return State(name, answer.request.path, answer)
