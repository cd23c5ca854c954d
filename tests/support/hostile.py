"""Requests full of what nobody means, for every address that the application has: found by themselves."""

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

from flask import Flask
from werkzeug.routing import Rule

from booking.web import incoming
from tests.support.app import Client
from tests.support.whole_house import FORMS, WholeHouse

#: What a text is filled with.
FILLINGS = {
    "blanks": " ",
    "digits": "9",
    "dots": ".",
    "combining marks": "\u0323\u0301",
    "plus": "+",
    "right-to-left marks": "\u200f\u202e",
}
LARGE = 64 * 1024
LARGEST_BODY = 60_000  # bytes; a draft takes no more, and looks at nothing then
AT_ONCE = 4  # fields filled in one form, so that each gets as much as it may
WIDEST = 9  # bytes of one percent-encoded character
HEADERS = ("Accept", "Origin", "Referer", "User-Agent", "X-CSRFToken", "X-Forwarded-For", "If-None-Match")

#: These end what the others look at, so they come last.
LAST = ("auth.sign_out", "status_page.send_erase")

_CONTROLS = re.compile(r'<(?:input|select|textarea|button)\b[^>]* name="([^"]+)"')
_LEADS = re.compile(r'(?:action|data-\w+)="([^"?]*)["?]')
_QUERY_NAMES = re.compile(r'request\.(?:args|values)(?:\.get(?:list)?)?[(\[]"(\w+)"|"(\w+)" in request\.args')


@dataclass
class Sent:
    """One request, as a client takes it."""

    what: str
    path: str
    method: str = "GET"
    data: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = None

    def to(self, client: Client) -> Any:
        more = {"json": self.json} if self.json is not None else {"data": self.data} if self.data else {}
        return client.open(self.path, method=self.method, headers=self.headers, **more)


@dataclass
class Address:
    """A rule with a path that leads to something, and the names that are read there."""

    rule: Rule
    path: str
    names: set[str]
    ordinary: Sent


def text(filling: str, length: int) -> str:
    """So many characters that begin and end as something meant."""
    unit = FILLINGS[filling]
    return "24" + unit * ((length - 3) // len(unit)) + "x"


def _width(filling: str) -> int:
    """Bytes of one of its characters in a form."""
    return len(quote_plus(FILLINGS[filling][0]))


def addresses(app: Flask, house: WholeHouse, client: Client, token: str) -> list[Address]:
    """Every rule, with the names of the controls on the pages that lead there and of what its module asks for."""
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint in LAST, rule.rule, rule.endpoint))
    found, pages = [], {}
    for rule in rules:
        path = house.address(rule, house.own_token(rule))
        found.append((rule, path))
        if "GET" in (rule.methods or ()):
            with client.get(path) as page:
                if page.mimetype == "text/html":
                    pages[path.partition("?")[0]] = page.text
    controls = {path: set(_CONTROLS.findall(html)) for path, html in pages.items()}
    leads = {path: set(_LEADS.findall(html)) for path, html in pages.items()}
    result = []
    for rule, path in found:
        bare = path.partition("?")[0]
        names = set(_asked_for(inspect.unwrap(app.view_functions[rule.endpoint]).__module__))
        names |= controls.get(bare, set()).union(*(controls[page] for page in pages if bare in leads[page]))
        ordinary = Sent("as usual", path)
        if rule.endpoint in FORMS:
            values = FORMS[rule.endpoint](house)
            names |= set(values)
            body = {"csrf_token": token, "version": house.version, **values}
            ordinary = Sent("as usual", path, "POST", {name: str(value) for name, value in body.items()})
        result.append(Address(rule, path, names - {"csrf_token", "version"}, ordinary))
    return result


@cache
def _asked_for(module: str) -> frozenset[str]:
    """The names of what a module reads of a query."""
    pairs = _QUERY_NAMES.findall(inspect.getsource(sys.modules[module]))
    return frozenset(name for pair in pairs for name in pair if name)


ALL = range(len(FILLINGS))


def requests(address: Address, token: str, version: int, rounds: Iterable[int] = ALL) -> Iterator[Sent]:
    """What is sent to one address: in each round each of its fields, and each part of its path, is filled.

    Fields are filled differently from each other, and in all rounds together each in every way.
    """
    names, kinds = sorted(address.names) or ["x"], list(FILLINGS)
    bare, method = address.path.partition("?")[0], address.ordinary.method
    known = {"csrf_token": token, "version": str(version)}
    for number in rounds:
        each = {name: kinds[(number + index) % len(kinds)] for index, name in enumerate(names)}
        if method == "POST":
            for first in range(0, len(names), AT_ONCE):
                some = names[first : first + AT_ONCE]
                share = LARGEST_BODY // len(some)
                longest = {
                    name: text(each[name], min(incoming.LONGEST_TEXT, share // _width(each[name]))) for name in some
                }
                yield Sent(f"round {number}, {some}", address.path, "POST", known | longest)
            yield Sent(f"round {number}, 64 kB", address.path, "POST", known | {names[0]: text(each[names[0]], LARGE)})
        else:
            share = incoming.LONGEST_QUERY // len(names) - 20
            longest = {name: text(kind, max(4, share // _width(kind))) for name, kind in each.items()}
            query = urlencode(longest)
            yield Sent(f"round {number}", f"{bare}?{query}")
            yield Sent(
                f"round {number}, 64 kB", f"{bare}?{quote(names[0])}={quote(text(each[names[0]], LARGE // WIDEST))}"
            )
        if address.rule.arguments:
            part = quote(text(kinds[number % len(kinds)], 250 // len(address.rule.arguments)), safe="")
            path = re.sub(r"<[^>]+>", lambda _, part=part: part, address.rule.rule)  # type: ignore[misc]  # mypy cannot tell the default of a lambda
            yield Sent(f"round {number}, path", path, method, known if method == "POST" else {})


def requests_to_all(app: Flask, rounds: Iterable[int] = ALL) -> Iterator[Sent]:
    """What is read whatever the address: path, headers and cookies; and documents."""
    for number in rounds:
        kind = list(FILLINGS)[number]
        for length in (incoming.LONGEST_HEADER // WIDEST, LARGE // WIDEST):
            written, long = quote(text(kind, length)), text(kind, length)
            yield Sent(f"{kind} in a path", f"/{written}")
            yield Sent(f"{kind} in headers", "/link", headers=dict.fromkeys(HEADERS, written))
            for name in (app.config["SESSION_COOKIE_NAME"], "draft", "remember_token"):
                yield Sent(f"{kind} in a cookie", "/link", headers={"Cookie": f"{name}={written}"})
            rule = dict.fromkeys(("start", "freq", "interval", "duration_minutes", "until", "count", long[:90]), long)
            rule |= {name: [long] for name in ("weekdays", "ordinals", "exdates", "extra_dates")}
            yield Sent(f"{kind} in a document", "/api/v1/preview", "POST", json={"rule": rule, "room": long})
