"""Pages as html5lib reads them, in a tenth of the time.

About nearly every page HTML's rules leave no doubt: each element is ended where it has to be and stands where it may,
so that nothing is to be mended or complained of. ``plain_tree`` reads those, and html5lib all others.
``tests/test_support_markup.py`` compares the two.
"""

import re
from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element, SubElement

import html5lib
from html5lib.constants import adjustForeignAttributes, adjustSVGAttributes

_SPACE = " \t\n"
_ATTRIBUTES = r"""(?:[ \n]+[a-zA-Z][\w:.-]*(?:="[^"]*"|='[^']*')?)*"""
_BEGIN = re.compile(rf"[ \n]*<!doctype html>[ \n]*<html({_ATTRIBUTES})>[ \n]*<head>", re.ASCII)
_PIECE = re.compile(
    rf"([^<]*)<(?:/([a-z][a-zA-Z0-9]*)|([a-z][a-zA-Z0-9]*)({_ATTRIBUTES})[ \n]*(/?))>", re.ASCII
)  # a text that may be empty, and the end of an element or its beginning
_END = re.compile(r"([ \t\n]*)</html>([ \t\n]*)", re.ASCII)
_ATTRIBUTE = re.compile(r"""([^\s="']+)(?:="([^"]*)"|='([^']*)')?""", re.ASCII)
#: A sign or a reference that html5lib may have a word about.
_UNUSUAL = re.compile(
    r"[^\t\n -~\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0001fffd]|&(?!(?:amp|lt|gt|quot|nbsp|#34|#39);)"
)

_SVG = "{http://www.w3.org/2000/svg}"
_names = re.compile(r"\w+").findall
_DRAWN = set(_names("circle defs g line linearGradient path rect stop svg symbol text title use"))
_EMPTY = set(_names("br hr img input link meta wbr"))
_OF_TEXT = set(_names("script textarea title"))
_NEVER_OPEN = _EMPTY | _OF_TEXT
_HEADINGS = set(_names("h1 h2 h3 h4 h5 h6"))
_BLOCKS = set(
    _names(
        """address article aside blockquote details div dl fieldset figcaption figure footer form header hr main nav ol
        p pre section summary table ul"""
    )
)
_OF_LINES = set(
    _names(
        """a b br button code datalist del em i img input ins kbd label legend link mark meta progress q s script select
        small span strong svg template textarea time wbr"""
    )
)
_ANYWHERE = _HEADINGS | _BLOCKS | _OF_LINES
#: What stands in these and nowhere else.
_OWN = {"dl": {"dd", "dt"}, "ol": {"li"}, "ul": {"li"}, "template": {"li"}, "datalist": {"option"}}
#: What alone stands in these, with white space.
_STRICT = {
    "html": {"body"},
    "head": {"link", "meta", "noscript", "script", "title"},
    "noscript": {"link", "meta"},  # elsewhere it may hold more, and is left to html5lib
    "table": {"caption", "tbody", "tfoot", "thead"},
    **dict.fromkeys(("tbody", "tfoot", "thead"), {"tr"}),
    "tr": {"td", "th"},
}
#: What alone stands in these, with text.
_CHOICES: dict[str, set[str]] = {"optgroup": {"option"}, "option": set(), "select": {"optgroup", "option"}}
#: Where one of these is open and this begins, it is ended, or that is a mistake.
_NOT_INSIDE = {
    **dict.fromkeys(_BLOCKS | {"dd", "dt", "li"}, {"p"}),
    **dict.fromkeys(_HEADINGS, {"p"} | _HEADINGS),
    "form": {"form", "p"},
    "template": {"li"},
    "a": {"a"},
    "button": {"button"},
}


class Doubt(Exception):
    """Something that html5lib has to look at."""


@lru_cache(maxsize=8)  # a page is read to be looked at, to find its form, and by the test
def parse(html: str) -> tuple[Element, tuple[str, ...]]:
    """The tree of a page, to be read only, and what HTML's own rules say against it."""
    try:
        return plain_tree(html), ()
    except Doubt:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        root = parser.parse(html)
    errors = (f"line {line}: {code} {values or ''}".rstrip() for (line, _column), code, values in parser.errors)
    return root, tuple(errors)


class _Place(dict[str, "_Place"]):
    """Where an element stands: it, within all that is open around it. By their names, the places of what is in it."""

    def __init__(self, *names: str) -> None:
        self.names, self.name = names, names[-1]
        self.is_drawn = "svg" in names
        self.is_strict = self.name in _STRICT
        self.is_of_text = self.name in _OF_TEXT and not self.is_drawn
        self.is_never_open = self.name in _NEVER_OPEN and not self.is_drawn
        self.may_be_closed_at_once = self.is_drawn or self.name in _EMPTY

    def __missing__(self, name: str) -> "_Place":
        """Asked once for each place that any page has."""
        if not _fits(name, self.names):
            raise Doubt
        self[name] = place = _Place(*self.names, name)
        return place


_HEAD = _Place("html", "head")
_ROOT = _Place("html")


def plain_tree(html: str) -> Element:
    """The tree that html5lib makes of a page, if it has nothing to mend in it and nothing to say against it."""
    html = html.replace("\r\n", "\n")
    begin = _BEGIN.match(html)
    if begin is None or _UNUSUAL.search(html):
        raise Doubt
    root = Element("html", _attributes(begin[1]))
    opened = [(root, _ROOT)]
    element, place, before = SubElement(root, "head"), _HEAD, None  # in which the next piece stands, and after which
    at = begin.end()
    while piece := _PIECE.match(html, at):
        at = piece.end()
        text, end, name, written, slash = piece.groups()
        if text:
            _add_text(element, place, before, text)
        if end:
            if place.name != end or not opened:
                raise Doubt
            if end == "body":
                return _ended(root, element, html, at)
            before = element
            element, place = opened.pop()
            continue
        inner = place[name]
        if slash and not inner.may_be_closed_at_once:
            raise Doubt
        before = SubElement(element, *(_drawn(name, written) if inner.is_drawn else (name, _attributes(written))))
        if inner.is_of_text:
            at = _take_text(before, html, at)
        elif not (slash or inner.is_never_open):
            opened.append((element, place))
            element, place, before = before, inner, None
    raise Doubt


def _fits(name: str, names: tuple[str, ...]) -> bool:
    """Whether an element may begin within these, and neither ends nor makes any other by that."""
    within = names[-1]
    alone = _STRICT.get(within) or _CHOICES.get(within)
    if alone is not None:
        return name in alone
    if "svg" in names:
        return name in _DRAWN and within != "title"
    if not _NOT_INSIDE.get(name, set()).isdisjoint(names):
        return False
    return name in _ANYWHERE or name in _OWN.get("dl" if within == "div" and names[-2] == "dl" else within, ())


def _add_text(element: Element, place: _Place, before: Element | None, text: str) -> None:
    """A text in an element, after that one in it."""
    if place.is_strict and text.strip(_SPACE):
        raise Doubt
    if "&" in text:
        text = unescape(text)
    if before is not None:
        before.tail = text
    elif place.name == "pre":
        element.text = text.removeprefix("\n") or None
    else:
        element.text = text


def _take_text(element: Element, html: str, at: int) -> int:
    """Where an element ends in which everything is text."""
    end = f"</{element.tag}>"
    stop = html.find(end, at)
    text = html[at:stop]
    if stop < 0 or end[:-1] in text.lower() or (element.tag == "script" and ("<!--" in text or "&" in text)):
        raise Doubt
    text = text.removeprefix("\n") if element.tag == "textarea" else text
    if text:
        element.text = unescape(text)
    return stop + len(end)


def _ended(root: Element, body: Element, html: str, at: int) -> Element:
    end = _END.fullmatch(html, at)
    if end is None:
        raise Doubt
    if more := end[1] + end[2]:
        if len(body):
            body[-1].tail = (body[-1].tail or "") + more
        else:
            body.text = (body.text or "") + more
    return root


@lru_cache(maxsize=4096)
def _attributes(written: str) -> dict[str, str]:
    pairs = [(name.lower(), unescape(value or other)) for name, value, other in _ATTRIBUTE.findall(written)]
    values = dict(pairs)
    if len(values) < len(pairs):
        raise Doubt
    return values


@lru_cache(maxsize=512)
def _drawn(name: str, written: str) -> tuple[str, dict[str, str]]:
    values = _attributes(written)
    if not adjustForeignAttributes.keys().isdisjoint(values):
        raise Doubt
    return _SVG + name, {adjustSVGAttributes.get(name, name): value for name, value in values.items()}
