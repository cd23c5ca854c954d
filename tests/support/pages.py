"""What every page must be, read from its HTML as a browser would build it, and its forms."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from booking.languages import LANGUAGES
from tests.support.markup import parse

#: Controls that bring their own words, or need none.
UNLABELLED = {"hidden", "submit", "button", "reset", "image"}
FOCUSABLE = {"input", "select", "textarea", "button", "summary"}
#: What names another element by its id.
POINTERS = ("for", "aria-describedby", "aria-labelledby", "aria-controls")
#: Script elements with these types hold data and run nothing.
DATA_TYPES = {"application/json", "application/ld+json"}

#: What differs between two answers though they are the same page: tokens, ids and counts of seconds.
CHANCE = re.compile(r'value="[^"]{20,}"|draft=[\w-]+|data-countdown="\d+"|data-request-form="[^"]+"|data-mark="[^"]+"')


def text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


_faultless: set[bytes] = set()  # pages that a test of this process has seen already, by what they say


def complaints(response: TestResponse) -> list[str]:
    """All that is wrong with an answer that is a page."""
    policy = response.headers.get("Content-Security-Policy", "")
    piece = urlsplit(response.history[-1].location or "").fragment if response.history else ""
    mark = hashlib.sha256(f"{policy} {piece} {CHANCE.sub('', response.text)}".encode()).digest()
    if mark in _faultless:
        return []
    root, errors = parse(response.text)
    faults = [*errors, *_arrival(root, piece)]
    for look in (_frame, _ids, _labels, _inline_code):
        faults += look(root)
    if "default-src 'none'" not in policy or "unsafe" in policy:
        faults.append(f"policy: {policy!r}")
    if not faults:
        _faultless.add(mark)
    return faults


def _arrival(root: Element, name: str) -> Iterator[str]:
    """Where a form leads to a piece of a page, that piece takes the focus; else it would be lost."""
    piece = next((each for each in root.iter() if name and each.get("id") == name), None)
    if piece is not None and piece.get("tabindex") is None and piece.tag not in FOCUSABLE:
        yield f"a form leads to #{name}, which takes no focus"


def _frame(root: Element) -> Iterator[str]:
    headings = [text(heading) for heading in root.iter("h1")]
    if len(headings) != 1 or not headings[0]:
        yield f"not exactly one h1: {headings}"
    titles = [text(title) for title in root.iterfind("head/title")]
    if len(titles) != 1 or not titles[0]:
        yield f"not exactly one title: {titles}"
    if root.get("lang") not in LANGUAGES:
        yield f"lang: {root.get('lang')!r}"


def _ids(root: Element) -> Iterator[str]:
    count = Counter(element.get("id") for element in root.iter() if element.get("id") is not None)
    yield from (f"id used {times} times: {name}" for name, times in count.items() if times > 1)
    for element in root.iter():
        if not element.attrib:
            continue
        wanted = [name for where in POINTERS if where in element.attrib for name in element.attrib[where].split()]
        address = element.get("href", "")
        if element.tag == "a" and address.startswith("#"):
            wanted.append(address[1:])
        yield from (f"{element.tag} points to no id: {name}" for name in wanted if name and name not in count)


def _labels(root: Element) -> Iterator[str]:
    labelled = {label.get("for") for label in root.iter("label") if text(label)}
    inside = {id(control) for label in root.iter("label") if text(label) for control in label.iter()}
    for control in root.iter():
        has_name = any(control.get(name) for name in ("aria-label", "aria-labelledby"))
        if control.tag == "button" and not (text(control) or has_name):
            yield f"button without words: {control.attrib}"
        if control.tag not in ("input", "select", "textarea") or control.get("type") in UNLABELLED:
            continue
        if not (has_name or control.get("id") in labelled or id(control) in inside):
            yield f"control without label: {control.tag} {control.get('name')}"


def _inline_code(root: Element) -> Iterator[str]:
    for element in root.iter():
        if not isinstance(element.tag, str):  # a comment
            continue
        if element.tag == "style" or "style" in element.attrib:
            yield f"inline style: {element.tag} {element.attrib}"
        if element.tag == "script" and not element.get("src") and element.get("type") not in DATA_TYPES:
            yield "inline script"
        for name in element.attrib:
            if name.startswith("on") and re.match(r"on[a-z]+$", name):
                yield f"inline script: {element.tag} {name}"
        if element.tag in ("script", "link", "img", "iframe"):
            for name in ("src", "href"):
                if "//" in element.get(name, "").split("?")[0]:
                    yield f"loaded from another host: {element.get(name)}"


@dataclass
class Filled:
    """A form as it is sent."""

    method: str
    target: str
    data: MultiDict[str, str]


@dataclass
class Form:
    """A form of a page as a browser sees it, with the controls elsewhere that say that they belong to it."""

    element: Element
    root: Element
    address: str = ""  # where one of its buttons leads by itself, and no other does

    @property
    def controls(self) -> Iterator[Element]:
        own = self.element.get("id")
        for control in self.element.iter():
            if control.get("form") in (None, own):
                yield control
        if own:
            inside = {id(control) for control in self.element.iter()}
            yield from (each for each in self.root.iter() if each.get("form") == own and id(each) not in inside)

    def filled(self, values: dict[str, Any], button: str) -> Filled:
        """With what the page had put in, then ``values``, then the button that is pressed."""
        data: MultiDict[str, str] = MultiDict(self._defaults())
        names = {control.get("name") for control in self.controls if control.get("name")}
        unknown = set(values) - names
        assert not unknown, f"the form has no {sorted(unknown)}; it has {sorted(filter(None, names))}"
        for name, value in values.items():
            data.setlist(name, [] if value is None else value if isinstance(value, list) else [value])
        pressed = self._button(button)
        if pressed.get("name"):
            data.add(pressed.get("name", ""), pressed.get("value", ""))
        return Filled(
            method=(pressed.get("formmethod") or self.element.get("method") or "get").lower(),
            target=pressed.get("formaction") or self.element.get("action") or "",
            data=data,
        )

    def _defaults(self) -> Iterator[tuple[str, str]]:
        for control in self.controls:
            name = control.get("name")
            if not name or "disabled" in control.attrib or control.tag == "button":
                continue
            kind = control.get("type", "text")
            if control.tag == "select":
                options = list(control.iter("option"))
                chosen = [option for option in options if "selected" in option.attrib]
                for option in chosen or ([] if "multiple" in control.attrib else options[:1]):
                    yield name, option.get("value", text(option))
            elif control.tag == "textarea":
                yield name, "".join(control.itertext())
            elif control.tag == "input" and kind in ("checkbox", "radio"):
                if "checked" in control.attrib:
                    yield name, control.get("value", "on")
            elif control.tag == "input" and kind not in ("submit", "button", "image", "reset", "file"):
                yield name, control.get("value", "")

    def _button(self, wanted: str) -> Element:
        buttons = [
            control
            for control in self.controls
            if (control.tag == "button" and control.get("type", "submit") == "submit")
            or (control.tag == "input" and control.get("type") == "submit")
        ]
        buttons = [each for each in buttons if self.address in ("", each.get("formaction"))]
        for control in buttons:
            if not wanted or wanted in (text(control), control.get("name"), control.get("value")):
                return control
        known = [text(control) or control.get("value") for control in buttons]
        raise AssertionError(f"the form has no button {wanted!r}; it has {known}")


def find_form(html: str, wanted: str = "") -> Form:
    """The form with this id or address, or with a button that leads there; without one, the first that is no search."""
    root = parse(html)[0]
    forms = list(root.iter("form"))
    for form in forms:
        if wanted in (form.get("id"), form.get("action")) or (not wanted and form.get("role") != "search"):
            return Form(form, root)
    for form in forms:
        if any(wanted == control.get("formaction") for control in Form(form, root).controls):
            return Form(form, root, wanted)
    known = [form.get("id") or form.get("action") for form in forms]
    raise AssertionError(f"the page has no form {wanted!r}; it has {known}")
