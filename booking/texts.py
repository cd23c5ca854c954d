"""The letters in the office's own words: pieces of their templates that it may change.

A piece is a paragraph between two control lines of a template, or a part of one. What the service fills in stands in it
as a placeholder such as ⟨Termin⟩ and cannot be made up: words are put back as text, never read as a template. Own words
are kept by the original they replace, so an update that changes an original leaves nothing false behind.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from flask import current_app
from jinja2 import BaseLoader, Environment, TemplateNotFound

from booking.catalogues import variants
from booking.house import house

#: What stands between the pieces of a template, and what is filled in within one.
_CONTROL = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_FILLED_IN = re.compile(r"\{\{.*?\}\}|⟦\w+⟧", re.DOTALL)
PLACEHOLDER = re.compile(r"⟨[^⟨⟩\n]*⟩")
_BLANK_LINES = re.compile(r"\n[ \t]*\n")
#: The choices of an expression such as ``"Termin" if one else "Termine"``.
_CHOICES = re.compile(r'"([^"]*)"')
#: Addresses that a letter cannot do without.
_NEEDED = re.compile(r"⟦(?:link|links|confirm)⟧")

LONGEST = 2000

#: How the placeholders are called, by what fills them in. They are part of what own words are kept by.
NAMES = {
    "de": {
        "name": "Name",
        "next": "hervorgehoben",
        "link": "Link",
        "links": "Links",
        "confirm": "Link zum Bestätigen",
        "public_url": "Adresse",
        "what": "Titel",
        "what_on": "Titel",
        "title": "Titel",
        "title_wish": "neuer Titel",
        "who": "Gruppe",
        "group": "Gruppe",
        "second": "zweite Person",
        "sentence": "Terminregel",
        "day": "Tag",
        "until": "Tag",
        "begins": "Uhrzeit",
        "clock": "Uhrzeit",
        "date_line": "Termin",
        "short_line": "Termin",
        "change_line": "neuer Termin",
        "before_line": "bisheriger Termin",
        "reason_in_words": "Grund",
        "reason": "Grund",
        "message": "Nachricht",
        "question": "Frage",
        "answer": "Antwort",
        "house": "Haus",
        "at_house": "im Haus",
        "of_house": "vom Haus",
        "office_hours": "Öffnungszeiten",
        "handover_days": "Anzahl Tage",
        "booking": "Anfrage",
        "dates": "Anzahl",
        "changes": "Anzahl",
        "declined": "Anzahl",
        "undecided": "Anzahl",
        "counts": "Anzahl",
        "deed": "Ereignis",
    },
    "en": {
        "next": "in bold",
        "what": "title",
        "what_on": "title",
        "who": "group",
        "date_line": "date",
        "short_line": "date",
        "change_line": "new date",
        "before_line": "former date",
        "reason_in_words": "reason",
        "begins": "time",
        "clock": "time",
        "until": "day",
        "dates": "number",
        "changes": "number",
        "declined": "number",
        "undecided": "number",
        "counts": "number",
        "house": "house",
        "at_house": "at the house",
        "of_house": "of the house",
        "booking": "request",
    },
}


class TextPiece(NamedTuple):
    """A piece of a template. ``at``: where in the source; ``filled_in``: its placeholders with what stands for each."""

    at: slice
    original: str
    filled_in: dict[str, str]
    is_subject: bool
    where: str = ""  # what it belongs to, where that is no letter

    @property
    def needed(self) -> list[str]:
        """The placeholders that must stay."""
        return [name for name, source in self.filled_in.items() if _NEEDED.fullmatch(source)]

    def faults(self, words: str) -> list[tuple[str, list[str]]]:
        """What keeps these words from taking its place: a code, and the placeholders concerned."""
        used = PLACEHOLDER.findall(words)
        left = PLACEHOLDER.sub("", words)
        found: list[tuple[str, list[str]]] = []
        if unknown := [name for name in used if name not in self.filled_in]:
            found.append(("unknown", unknown))
        if missing := [name for name in self.needed if name not in used]:
            found.append(("missing", missing))
        if re.search("[{}⟦⟧⟨⟩]", left):
            found.append(("brackets", []))
        if self.is_subject and "\n" in words:
            found.append(("line", []))
        if len(words) > LONGEST:
            found.append(("long", []))
        return found

    def source(self, words: str) -> str:
        return PLACEHOLDER.sub(lambda found: self.filled_in[found[0]], words)


def pieces(source: str, language: str) -> list[TextPiece]:
    """What may be changed in a template, in its order; what has no words of its own is left out."""
    found = []
    greeting = source.find("⟦name⟧")  # what stands before the paragraph that greets is the subject
    end_of_subject = source.rfind("\n\n", 0, greeting) if greeting > 0 else -1
    for begin, end in _between(source, _CONTROL, 0, len(source)):
        for start, stop in _between(source, _BLANK_LINES, begin, end):
            text = source[start:stop]
            start += len(text) - len(text.lstrip())
            text = text.strip()
            if re.search(r"[^\W\d_]", _FILLED_IN.sub("", text)):
                filled_in: dict[str, str] = {}
                original = _FILLED_IN.sub(partial(_placeholder, filled_in, language), text)
                found.append(TextPiece(slice(start, start + len(text)), original, filled_in, start < end_of_subject))
    return found


def _between(source: str, separator: re.Pattern[str], begin: int, end: int) -> list[tuple[int, int]]:
    found = []
    for mark in separator.finditer(source, begin, end):
        found.append((begin, mark.start()))
        begin = mark.end()
    return [*found, (begin, end)]


def _placeholder(known: dict[str, str], language: str, mark: re.Match[str]) -> str:
    """What stands for something that is filled in: its choices, or a word for it; numbered where there are several."""
    source = mark[0]
    choices = "/".join(filter(None, _CHOICES.findall(source)))
    first, *others = re.findall(r"[^\W\d]\w*", source)
    name = choices or NAMES.get(language, {}).get(first) or ([first, *others][-1])
    placeholder, number = f"⟨{name}⟩", 1
    while known.get(placeholder, source) != source:
        number += 1
        placeholder = f"⟨{name} {number}⟩"
    known[placeholder] = source
    return placeholder


def with_own_words(source: str, language: str, own: Mapping[str, str]) -> str:
    """A template with the office's words in place of the originals they are kept by."""
    for piece in reversed(pieces(source, language)):
        words = own.get(piece.original)
        if words is not None and not piece.faults(words):
            source = source[: piece.at.start] + piece.source(words) + source[piece.at.stop :]
    return source


class OwnWords(BaseLoader):
    """The app's templates, those of letters in the office's own words."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Any]:
        source, own = original_source(template), own_words(template)
        return with_own_words(source, language_of(template), own), None, lambda: own_words(template) == own


def language_of(template: str) -> str:
    """mail/de/approved.txt is in German, and so is mail/de_formal/approved.txt."""
    return template.split("/")[1].partition("_")[0]


def own_words(template: str) -> dict[str, str]:
    """The office's words for a template, by the originals they replace."""
    words: dict[str, str] = house().own_words.get(template, {})
    return words


def original_source(template: str) -> str:
    """A template of letters as it came with the service. Raises ``jinja2.TemplateNotFound``."""
    environment = current_app.jinja_env
    return _loader().get_source(environment, template)[0]


def template_of(letter: str, language: str) -> str:
    """Where a letter, or a part of one, stands, as the house addresses people."""
    *others, plain = variants(f"mail/{{}}/{letter}.txt", language)
    for each in others:
        with suppress(TemplateNotFound):
            return original_source(each) and each
    return plain


def letter_names(language: str) -> list[str]:
    """The letters there are in a language, and the parts they share, whose names begin with an underscore."""
    names = (Path(name) for name in _loader().list_templates())
    return [name.stem for name in names if name.parent == Path("mail", language)]


def _loader() -> BaseLoader:
    loader = current_app.jinja_env.loader
    if loader is None:
        raise RuntimeError("the app has no templates")
    return loader
