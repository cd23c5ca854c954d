"""HTML read by html5lib, with the same tree and the same complaints, in half the time.

html5lib looks at a page one character at a time. Nearly all of a page are tags
and texts that nothing can be said against; those are taken whole, and whatever
is anything else is left to html5lib. ``tests/test_support_markup.py`` compares them.
"""

import re
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import html5lib
from html5lib._tokenizer import HTMLTokenizer
from html5lib.constants import tokenTypes

_NAME = r"[a-zA-Z][\w:.-]*"
_ATTRIBUTES = rf'(?:[ \n]+{_NAME}(?:="[^"&\0]*")?)*'
#: White space, a text, the end of an element or its beginning, without a character reference or anything unusual.
_PIECE = re.compile(
    r"(?P<SpaceCharacters>[ \t\n\f]+)|(?P<Characters>[^&<\0 \t\n\f\r][^&<\0]*)"
    rf"|</(?P<EndTag>{_NAME})>|<(?P<StartTag>{_NAME})(?P<attributes>{_ATTRIBUTES})[ \n]*(?P<slash>/?)(?P<Start>>)",
    re.ASCII,
)
_ATTRIBUTE = re.compile(r'([^\s="]+)(?:="([^"]*)")?', re.ASCII)


class Tokenizer(HTMLTokenizer):
    def __iter__(self) -> Iterator[dict[str, Any]]:
        self.tokenQueue: deque[dict[str, Any]] = deque()
        stream, data_state = self.stream, self.dataState
        going_on = True
        while going_on:
            if self.state == data_state:
                found = _PIECE.match(stream.chunk, stream.chunkOffset)
                # What ends where the part of the page that is read ends may go on.
                if found and found.end() < stream.chunkSize and (token := self._token(found)):
                    stream.chunkOffset = found.end()
                    yield token
                    continue
            going_on = self.state()
            while going_on and stream.errors:
                yield {"type": tokenTypes["ParseError"], "data": stream.errors.pop(0)}
            while going_on and self.tokenQueue:
                yield self.tokenQueue.popleft()

    def _token(self, found: re.Match[str]) -> dict[str, Any] | None:
        kind = found.lastgroup
        if kind in ("SpaceCharacters", "Characters"):
            return {"type": tokenTypes[kind], "data": found[0]}
        if kind == "EndTag":
            self.currentToken = {
                "type": tokenTypes[kind],
                "name": found[kind].lower(),
                "data": [],
                "selfClosing": False,
            }
            return self.currentToken
        attributes = _attributes(found["attributes"])
        if attributes is None:
            return None
        self.currentToken = {
            "type": tokenTypes["StartTag"],
            "name": found["StartTag"].lower(),
            "data": attributes.copy(),
            "selfClosing": bool(found["slash"]),
            "selfClosingAcknowledged": False,
        }
        return self.currentToken


@lru_cache(maxsize=4096)
def _attributes(written: str) -> dict[str, str] | None:
    """None where one stands there twice, about which html5lib has a word."""
    pairs = [(name.lower(), value) for name, value in _ATTRIBUTE.findall(written)]
    values = dict(pairs)
    return values if len(values) == len(pairs) else None


class Parser(html5lib.HTMLParser):
    def _parse(self, stream: str, innerHTML: bool = False, container: str = "div", scripting: bool = False) -> None:  # noqa: N803 - html5lib's name
        self.innerHTMLMode = innerHTML
        self.container = container
        self.scripting = scripting
        self.tokenizer = Tokenizer(stream, parser=self)
        self.reset()
        self.mainLoop()
