"""People who use the service over HTTP, as browsers do, and write down what it confirmed to them.

An ``Asker`` goes through the four pages of the form, a ``Decider`` signs in and
approves. ``Acknowledged`` keeps what both have been shown as done;
``broken_promises`` compares that with the database afterwards.
"""

import random
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser
from http.client import HTTPException
from http.cookiejar import CookieJar

import sqlalchemy as sa
from holidays import country_holidays

from booking import guard

#: What a request ends with while the service is being killed, or is not there.
GONE = (urllib.error.URLError, HTTPException, ConnectionError, TimeoutError)

PATIENCE = 30  # seconds until a service that was killed must answer again
HOLIDAYS = country_holidays("DE", subdiv="NW")
SERIES = (1, 4, 12, 24)  # dates of a request, each as often as it stands here


class Unexpected(Exception):
    """The service answered with something that it should not answer."""


class _Form(HTMLParser):
    """The form with this id or action, or the first one that is sent: where it goes and what a browser would send."""

    def __init__(self, html: str, wanted: str = "") -> None:
        super().__init__()
        self.wanted = wanted
        self.action: str | None = None
        self.fields: list[tuple[str, str]] = []
        self._inside = False
        self._select: str | None = None
        self._text: tuple[str, list[str]] | None = None
        self.feed(html)
        self.close()
        if self.action is None:
            raise Unexpected(f"a page without the form {wanted!r}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        is_wanted = not self.wanted or self.wanted in (given.get("id"), given.get("action"))
        if tag == "form" and self.action is None and given.get("method") == "post" and is_wanted:
            self.action, self._inside = given.get("action", ""), True
        if not self._inside or not (name or tag == "option"):
            return
        if tag == "input":
            kind = given.get("type", "text")
            if kind not in ("checkbox", "radio", "submit", "button") or "checked" in given:
                self.fields.append((name, value))
        elif tag == "textarea":
            self._text = (name, [])
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.fields.append((self._select, value))

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._text:
            self.fields.append((self._text[0], "".join(self._text[1]).removeprefix("\n")))
            self._text = None

    def filled(self, values: dict[str, str]) -> list[tuple[str, str]]:
        return [pair for pair in self.fields if pair[0] not in values] + list(values.items())


@dataclass(frozen=True)
class Page:
    url: str
    text: str

    @property
    def path(self) -> str:
        return urllib.parse.urlsplit(self.url).path


class Browser:
    """Cookies, and requests that follow where they are sent. Answers above 399 are ``Unexpected``.

    ``rest`` waits before each request, as a person reads before they click;
    ``note`` is told method, path and seconds of each.
    """

    def __init__(
        self,
        base: str,
        *,
        rest: Callable[[], None] = lambda: None,
        note: Callable[[str, str, float], None] = lambda method, path, seconds: None,
    ) -> None:
        self.base = base
        self._rest = rest
        self._note = note
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def open(self, path: str, data: list[tuple[str, str]] | None = None) -> Page:
        body = None if data is None else urllib.parse.urlencode(data).encode()
        address = urllib.parse.urljoin(self.base, path)
        headers = {"Origin": self.base, "Sec-Fetch-Site": "same-origin"} if body is not None else {}
        request = urllib.request.Request(address, body, headers)  # noqa: S310 - our own address
        self._rest()
        begun = time.perf_counter()
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                page = Page(answer.url, answer.read().decode())
            self._note("POST" if body else "GET", urllib.parse.urlsplit(address).path, time.perf_counter() - begun)
            return page
        except urllib.error.HTTPError as error:
            with error:
                raise Unexpected(f"{error.code} from {urllib.parse.urlsplit(error.url).path}") from None

    def send(self, page: Page, values: dict[str, str], form: str = "") -> Page:
        """Fill a form of this page in and send it."""
        found = _Form(page.text, form)
        return self.open(found.action or page.url, found.filled(values))


@dataclass
class Acknowledged:
    """What people were shown as done. Safe to be written by many threads."""

    requests: dict[str, int] = field(default_factory=dict)  # by reference, how many dates were asked for
    approvals: set[int] = field(default_factory=set)  # ids of dates
    unexpected: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Asker:
    """Asks for rooms, for one date or a series. A form that got no answer is sent again until it does."""

    def __init__(
        self, base: str, rooms: list[str], first_day: date, number: int, browser: Callable[[str], Browser] = Browser
    ) -> None:
        self.base = base
        self.new_browser = browser
        self.rooms = rooms
        self.first_day = first_day
        self.number = number
        self.random = random.Random(number)
        self.asked = 0

    def ask(self, acknowledged: Acknowledged) -> bool:
        """One request from the first page to the last; whether it was acknowledged. False where a date was taken."""
        self.asked += 1
        browser, dates = self.new_browser(self.base), self.random.choice(SERIES)
        page = browser.send(browser.open("/anfrage"), self._when(dates), "request")
        if page.path.endswith("/termine"):  # a free single date leads on at once
            page = browser.send(page, {}, "request")
        if page.path.endswith("/termine"):
            return False
        if not page.path.endswith("/ueber-euch"):
            raise Unexpected(f"the dates lead to {page.url}")
        page = browser.send(page, self._about(dates), "request")
        if not page.path.endswith("/pruefen"):
            raise Unexpected(f"the third page of the form leads to {page.url}")
        page = _until_answered(lambda: browser.send(page, {"rules": "yes"}, "request"))
        if not page.path.endswith("/danke"):
            return False
        found = re.search(r'class="ref">[^<]*<b>([^<]+)</b>', page.text)
        if found is None:
            raise Unexpected("thanks without a reference")
        with acknowledged.lock:
            acknowledged.requests[found[1]] = dates
        return True

    def _when(self, dates: int) -> dict[str, str]:
        day = self._day(dates)
        start = self.random.randrange(9, 16)
        rhythm = {"rhythm": "once"} if dates == 1 else {"rhythm": "week", "until_kind": "count", "count": str(dates)}
        return {
            **rhythm,
            "date": f"{day.day}.{day.month}.{day.year}",
            "start": str(start),
            "end": str(start + 1),
            "people": "5",
            "room": self.random.choice(self.rooms),
        }

    def _day(self, dates: int) -> date:
        """A day on which a series may begin without meeting a holiday, so that it has as many dates as asked for."""
        while True:
            day = self.first_day + timedelta(days=self.random.randrange(175 - 7 * dates))
            days = [day + timedelta(weeks=number) for number in range(dates)]
            if day.weekday() < 5 and not any(each in HOLIDAYS for each in days):
                return day

    def _about(self, dates: int) -> dict[str, str]:
        return {
            "title": title_of(dates),
            "group": f"Gruppe {self.number}",
            "kind": "initiative",
            "purpose": "Wir bereiten Projekte vor.",
            "is_open": "yes",
            "name": "Zoë Müller",
            "email": f"zoe-{self.number}-{self.asked}@example.org",  # a mailbox gets few letters a day
            "way_in": "have",
            "onsite_name": "Zoë Müller",
            "onsite_phone": "0170 1234567",
        }


class Decider:
    """One of the team: approves whatever is free of a request chosen at random from the inbox."""

    def __init__(
        self, base: str, email: str, password: str, number: int, browser: Callable[[str], Browser] = Browser
    ) -> None:
        self.browser = browser(base)
        self.random = random.Random(number)
        page = self.browser.send(self.browser.open("/team/anmelden"), {"email": email, "password": password})
        if page.path != "/team":
            raise Unexpected(f"signing in leads to {page.path}")

    def decide(self, acknowledged: Acknowledged) -> int:
        """Approve what is free of one request; how many dates that were."""
        found = sorted(set(re.findall(r'href="(/team/anfragen/[^"/?#]+)"', self.browser.open("/team").text)))
        if not found:
            return 0
        page = self.browser.open(self.random.choice(found))
        if 'value="free"' not in page.text:
            return 0
        panel = self.browser.send(page, {"step": "free"}, "decision")
        if not panel.path.endswith("/pruefen"):
            return 0
        form = _Form(panel.text, "panel")
        wanted = {int(value) for name, value in form.fields if name == "approve"}
        try:
            page = self.browser.open(form.action or panel.path, form.filled({"step": "send"}))
        except Unexpected as answer:
            if str(answer).startswith(("409", "422")):  # somebody else was faster
                return 0
            raise
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(page.url).query)
        wanted -= {int(value) for value in query.get("vergeben", [])}
        if page.path.endswith(("/pruefen", "/entscheiden")):
            return 0
        with acknowledged.lock:
            acknowledged.approvals |= wanted
        return len(wanted)


def keep_doing(work: Callable[[Acknowledged], object], acknowledged: Acknowledged, stop: threading.Event) -> None:
    """Do one thing after the other until stopped, whatever happens to the service meanwhile."""
    while not stop.is_set():
        try:
            work(acknowledged)
        except GONE:
            stop.wait(0.1)
        except Unexpected as answer:
            with acknowledged.lock:
                acknowledged.unexpected.append(str(answer))
            stop.wait(0.5)


def _until_answered(send: Callable[[], Page]) -> Page:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return send()
        except (*GONE, Unexpected):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def title_of(dates: int) -> str:
    """The title of a request for so many dates, by which the database can be asked for half ones."""
    return f"Runde zu {dates}"


def broken_promises(connection: sa.Connection, acknowledged: Acknowledged) -> dict[str, int]:
    """How many of what was promised are broken, by kind; all are to be 0."""
    run = connection.exec_driver_sql
    dates = {
        reference: (title, number)
        for reference, title, number in run(
            "SELECT reference, title, (SELECT count(*) FROM occurrence WHERE booking_id = booking.id) FROM booking"
        )
    }
    approved = set(run("SELECT id FROM occurrence WHERE status = 'approved'").scalars())
    lettered = set(
        run("SELECT reference FROM booking JOIN letter ON booking_id = booking.id WHERE kind = 'requested'").scalars()
    )
    told = set(run("SELECT occurrence.id FROM occurrence JOIN letter ON letter.id = letter_id").scalars())
    overlaps = run(
        'SELECT count(*) FROM (SELECT "end", lead(start) OVER (PARTITION BY part_id ORDER BY start) AS next'
        ' FROM occupancy) AS rows WHERE next < "end"'
    ).scalar_one()
    return {
        "lost requests": sum(dates.get(each, ("", 0))[1] != n for each, n in acknowledged.requests.items()),
        "lost approvals": len(acknowledged.approvals - approved),
        "half series": sum(
            title.startswith(title_of(0)[:-1]) and title != title_of(number) for title, number in dates.values()
        ),
        "lost letters": len(acknowledged.requests.keys() - lettered) + len(acknowledged.approvals - told),
        "overlaps": int(overlaps),
        "untrue occupancy": len(guard.untruths(connection)),
    }
