"""Answers that everybody gets alike: tagged, and kept until what the public sees changes.

``House.version`` is raised by every transaction that changes what the public
sees. So it is the tag of these answers (RFC 9110, section 8.8.3), together with
the minute where the time of the day matters, the language, and the build. Who
holds the present answer is told so after one read; the others share one
rendering. No such page may depend on who asks: no session, no token of a form.
"""

import gzip
import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, g, request

from booking import clock
from booking.house import house, shown_at, shown_version
from booking.web import locale
from booking.web.access import View, public

#: Bytes of packed bodies that a process keeps, the last ones asked for.
ROOM = 8 * 1024 * 1024

#: How hard to pack: somebody waits for it, and 6 takes three times as long for a seventh less, in as many packets.
LEVEL = 3

#: Seconds to wait for somebody else who renders the same page.
PATIENCE = 2.0

#: Parameters that say yes, whatever stands in them.
FLAGS, YES = {"offen", "stufenlos"}, "ja"

MINUTE = 60


class Kept:
    """Packed bodies by their keys; the one that was not asked for the longest goes first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._bodies: OrderedDict[tuple[str, ...], bytes] = OrderedDict()
        self._size = 0
        self._rendering = [Lock() for _ in range(16)]

    def body(self, key: tuple[str, ...], render: Callable[[], str]) -> bytes:
        """The packed body of this key; rendered once, however many ask for it at a time."""
        found = self._find(key)
        if found is not None:
            return found
        turn = self._rendering[hash(key) % len(self._rendering)]
        is_ours = turn.acquire(timeout=PATIENCE)
        try:
            found = self._find(key)
            if found is None:
                found = gzip.compress(render().encode(), LEVEL, mtime=0)
                self._keep(key, found)
            return found
        finally:
            if is_ours:
                turn.release()

    def _find(self, key: tuple[str, ...]) -> bytes | None:
        with self._lock:
            if key in self._bodies:
                self._bodies.move_to_end(key)
            return self._bodies.get(key)

    def _keep(self, key: tuple[str, ...], body: bytes) -> None:
        with self._lock:
            self._size += len(body) - len(self._bodies.pop(key, b""))
            self._bodies[key] = body
            while self._size > ROOM:
                self._size -= len(self._bodies.popitem(last=False)[1])


def shared(*queries: str, by_minute: bool = True) -> Callable[[View], View]:
    """Answer with what is kept, or with 304; for views that return the text of a page.

    ``queries`` are the parameters of the address that the page heeds; what else
    links bring along makes no other page. ``by_minute``: the page tells of the
    time, such as what runs and what can still be asked for.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def answered(**values: Any) -> Response:
            heed(*queries)
            tag = present_tag()
            tag = f"{tag}-{int(clock.now().timestamp()) // MINUTE}" if by_minute else tag
            return kept_or_304(lambda: view(**values), tag)

        return answered

    return mark


def heed(*queries: str) -> None:
    """Let the answer at hand depend on these parameters of its address, and on no other.

    Of one that stands there twice the first counts, and of one that says yes only that it is there: nobody makes us
    render one page again and again.
    """
    first = {name: value for name, value in request.args.items() if name in queries and (value or name not in FLAGS)}
    g.heeded = urlencode(sorted((first | dict.fromkeys(first.keys() & FLAGS, YES)).items()))


def for_programs(mimetype: str, *queries: str) -> Callable[[Callable[..., str]], View]:
    """A view of a whole file that programs of any website may read, and that changes with the plan, or with the day.

    ``queries``: the parameters that it heeds.
    """

    def mark(view: Callable[..., str]) -> View:
        @wraps(view)
        def answered(**values: Any) -> Response:
            heed(*queries)
            answer = kept_or_304(lambda: view(**values), f"{present_tag()}-{clock.today(house().zone)}")
            answer.mimetype = mimetype
            answer.headers["Access-Control-Allow-Origin"] = "*"
            return answer

        return public(answered)

    return mark


def kept_or_304(render: Callable[[], str], tag: str, *, moment: str = "") -> Response:
    """The page, or 304 for who holds it by this tag. It is kept by its address, the tag and ``moment``."""
    g.is_shared = True
    held = request.if_none_match
    if held.contains_weak(tag) and not held.star_tag:
        found = Response(status=304)
    else:
        kept: Kept = current_app.extensions.setdefault("kept", Kept())
        body = kept.body((request.script_root, _address(), tag, moment), lambda: _rendered(render))
        is_packed = bool(request.accept_encodings["gzip"])
        found = Response(body if is_packed else gzip.decompress(body))
        if is_packed:
            found.content_encoding = "gzip"
        found.vary.add("Accept-Encoding")
    found.set_etag(tag, weak=True)  # the page is the same, whatever its bytes, packed or not
    found.headers["Cache-Control"] = "no-cache"
    return found


def _rendered(render: Callable[[], str]) -> str:
    with shown_at(g.shown_version, clock.now()) as g.pieces:
        return render()


def present_tag(version: int | None = None) -> str:
    """What a page that is shown to everybody depends on: its address, the version of the house, language and build.

    ``version``: of the house, for whoever has read it already.
    """
    address = f"{zlib.crc32(_address().encode()):08x}"
    language = locale.selected()
    g.shown_version = shown_version() if version is None else version
    return f"{g.shown_version}-{language}-{address}-{build(current_app.root_path, current_app.config['PUBLIC_URL'])}"


def _address() -> str:
    return f"{request.path}?{g.get('heeded', '')}"


@cache
def build(root: str, public_url: str) -> str:
    """A digest of all that makes pages: another one after an update, or at another address."""
    digest = hashlib.sha256(public_url.encode())
    for folder in ("booking", "static", "templates"):
        for path in sorted(Path(root, folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                stat = path.stat()
                digest.update(f"{path}{stat.st_size}{stat.st_mtime_ns}".encode())
    return digest.hexdigest()[:12]
