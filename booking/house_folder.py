"""What a house's folder holds beside ``house.toml``: facts that the law asks for, texts of its own, and its look."""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from flask import current_app
from markdown_it import MarkdownIt

from booking.database import db
from booking.domain import theme
from booking.facts import FACTS, TEXTS, called_where_missing, file_of_text, said_of
from booking.languages import DEFAULT, LANGUAGES, spoken_languages
from booking.models import House, HouseFile

HOUSE_FILE = "house.toml"
FACTS_FILE = "facts.toml"
THEME_FILE = "theme.toml"

#: Bytes of a drawing; a page with it is still loaded at once.
LARGEST = 40_000
#: How pictures of each kind begin (PNG, section 5.2; ICO), where they are no drawings.
BEGINS = {"png": b"\x89PNG\r\n\x1a\n", "ico": b"\x00\x00\x01\x00"}
#: The house's look, by name, and of which kinds it may be.
LOOK = {"logo": ("svg", "png"), "favicon": ("svg", "png", "ico"), "skyline": ("svg",), "skyline-wide": ("svg",)}
#: Those that stand in the page itself, where the stylesheet colours them: nothing but shapes.
INLINE = ("skyline", "skyline-wide")
SHAPES = {"svg", "g", "path", "rect", "circle", "ellipse", "polygon", "polyline", "line"}
SHAPE_WORDS = {
    *("class", "viewBox", "preserveAspectRatio", "d", "x", "y", "x1", "x2", "y1", "y2", "rx", "ry", "r", "cx", "cy"),
    *("width", "height", "points", "transform", "fill-rule"),
}

#: What texts can name of the house, in braces, besides its facts.
OF_HOUSE = ("name", "site_name", "operator", "address", "email", "phone", "website", "city")

#: The rules that hold, if the house has its own; all that ever held stand in rules/, see ``rulebook``.
RULES = {file_of_text("house_rules", code) for code in LANGUAGES}

_PLACEHOLDER = re.compile(r"(?:\{|%7B)(\w+)(?:\}|%7D)")
_SVG = "{http://www.w3.org/2000/svg}"


class NotAHouse(ValueError):
    """A house that cannot be meant; the message says where."""


class UnknownWord(NotAHouse):
    """A text names what there is not, in braces."""

    def __init__(self, where: str, line: int, word: str) -> None:
        self.line, self.word, self.known = line, word, ", ".join([*OF_HOUSE, *FACTS])
        super().__init__(f"{where}, line {line}: there is nothing called {{{word}}}, only {self.known}.")


def read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise NotAHouse(f"{path} cannot be read: {fault}") from None


def furnish(house: House, folder: Path, held: str, today: date) -> None:
    """Give the house what its folder holds, instead of what it had; part of a transaction at hand.

    ``held``: the version of the house rules until now. Raises ``NotAHouse``.
    """
    _look_at_names(folder)
    house.facts = _facts(folder / FACTS_FILE)
    files = dict([*_look(folder), *_colours(folder / THEME_FILE), *_texts(folder / "legal", house)])
    staying = {name for name in house.files if name.startswith("rules/")}
    if RULES & files.keys():
        files |= dict(_edition(house, files, folder, held, today)) if staying else {}
    elif edition_file(house, held):
        house.rules_version = held
        staying |= RULES & house.files.keys()
    staying -= files.keys()
    kept = {name: house.files[name] for name in staying}
    house.files = kept | {name: hashlib.sha256(content).hexdigest()[:12] for name, content in files.items()}
    db.session.execute(db.delete(HouseFile).where(HouseFile.name.not_in(staying)))
    db.session.add_all(HouseFile(name=name, content=content) for name, content in files.items())


def edition_file(house: House, version: str, kind: str = "html") -> str:
    """The file of an edition of the house rules in the house's language; empty where there is none."""
    return max((name for name in house.files if name.endswith(f"/{version}.{DEFAULT}.{kind}")), default="")


def _edition(
    house: House, files: Mapping[str, bytes], folder: Path, held: str, today: date
) -> Iterator[tuple[str, bytes]]:
    """The rules of a folder as one more edition from today on, or as the one that it has brought before."""
    version, day = house.rules_version, str(today)
    if known := edition_file(house, version):
        if version != held or edition_file(house, version, "md"):
            raise NotAHouse(
                f"{folder / HOUSE_FILE}: rules_version {version!r} is that of rules which the office wrote or replaced."
                " Give yours another one, or take them out of legal: then those of the office hold on."
            )
        day = known.split("/")[1]
    for code in LANGUAGES:
        if page := files.get(file_of_text("house_rules", code)):
            yield f"rules/{day}/{version}.{code}.html", page


def _look_at_names(folder: Path) -> None:
    known = {HOUSE_FILE, FACTS_FILE, THEME_FILE, "examples.toml", "legal"}
    known |= {f"{name}.{kind}" for name, kinds in LOOK.items() for kind in kinds}
    texts = {f"{name}.{language}.md" for name in TEXTS for language in LANGUAGES}
    legal = folder / "legal"
    for paths, names in ((folder.iterdir(), known), (legal.iterdir() if legal.is_dir() else (), texts)):
        for path in paths:
            if path.name not in names and not path.name.startswith((".", "README")):
                raise NotAHouse(f"{path} means nothing here. There can be: {', '.join(sorted(names))}.")


def _facts(path: Path) -> dict[str, str]:
    said = read_toml(path) if path.exists() else {}
    known = {f"{name}{end}" for name in FACTS for end in ("", *(f"_{code}" for code in LANGUAGES if code != DEFAULT))}
    for name, value in said.items():
        if name not in known:
            raise NotAHouse(f"{path}: there is no fact {name!r}, only {', '.join(sorted(known))}.")
        if not isinstance(value, str) or not value.replace("\n", "").isprintable():
            raise NotAHouse(f'{path}: {name} stands there as {name} = "…", not as {value!r}.')
    return {name: value.strip() for name, value in said.items() if value.strip()}


def _texts(folder: Path, house: House) -> Iterator[tuple[str, bytes]]:
    for name in TEXTS:
        codes = [language.code for language in spoken_languages(current_app.config["LANGUAGES"])]
        paths = {code: folder / f"{name}.{code}.md" for code in codes}
        there = [path for path in paths.values() if path.exists()]
        for path in set(paths.values()) - set(there) if there else ():
            raise NotAHouse(f"{path} is missing: {there[0].name} needs its other languages beside it.")
        for language, path in paths.items() if there else ():
            yield file_of_text(name, language), _page_of(path, house, language).encode()


def _page_of(path: Path, house: House, language: str) -> str:
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise NotAHouse(f"{path} cannot be read: {fault}") from None
    return as_page(source, str(path), house, language)


def as_page(source: str, where: str, house: House, language: str) -> str:
    """A text in Markdown, as it stands on a page below its headline. HTML in it is shown as it is typed."""
    for number, line in enumerate(source.splitlines(), 1):
        for word in re.findall(r"\{(\w+)\}", line):
            if word not in FACTS and word not in OF_HOUSE:
                raise UnknownWord(where, number, word)
    markdown = MarkdownIt("js-default", {"html": False, "linkify": False}).disable("image")
    tokens = markdown.parse(source)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"  # the page has its headline already
    page = str(markdown.renderer.render(tokens, markdown.options, {}))
    return _PLACEHOLDER.sub(lambda found: _said(house, found, language), page)


def _said(house: House, found: re.Match[str], language: str) -> str:
    name, ending = found[1], "" if language == DEFAULT else f"_{language}"
    if name in OF_HOUSE:
        return escape(str(getattr(house, f"{name}{ending}", "") or getattr(house, name)))
    said = said_of(house, name, language)
    if said or found[0].startswith("%"):  # in an address there is no room for a mark
        return escape(said)
    return f'<mark class="fill-in">{escape(called_where_missing(name, language))}</mark>'


def _colours(path: Path) -> Iterator[tuple[str, bytes]]:
    if not path.exists():
        return
    said = read_toml(path)
    for name, value in said.items():
        if name not in ("main", "accent", "dark"):
            raise NotAHouse(f"{path}: there is no colour {name!r}, only main, accent and dark.")
        if not theme.is_colour(value):
            raise NotAHouse(f'{path}: {name} stands there as {name} = "#00737a", not as {value!r}.')
    if not {"main", "accent"} <= set(said):
        raise NotAHouse(f"{path} needs at least main and accent.")
    try:
        yield "theme.css", theme.stylesheet(theme.palette(**said)).encode()
    except theme.TooFaint as fault:
        raise NotAHouse(f"{path}: {fault}") from None


def _look(folder: Path) -> Iterator[tuple[str, bytes]]:
    for name, kinds in LOOK.items():
        there = [path for kind in kinds if (path := folder / f"{name}.{kind}").is_file()]
        if len(there) > 1:
            raise NotAHouse(f"{there[1]}: there is {there[0].name} already. Keep one of them.")
        for path in there:
            content = path.read_bytes()
            if len(content) > LARGEST:
                raise NotAHouse(f"{path} has {len(content)} bytes; more than {LARGEST} make pages slow.")
            kind = path.suffix[1:]
            if kind == "svg":
                content = _drawing(path, content, is_inline=name in INLINE)
            elif not content.startswith(BEGINS[kind]):
                raise NotAHouse(f"{path} is no picture of the kind that its name says.")
            yield path.name, content


class _HasDoctype(Exception):
    """A document that could name others, or make much of little."""


class _Plain(ElementTree.TreeBuilder):
    """Without a DOCTYPE nothing expands; in which letters it is written only the parser knows."""

    def doctype(self, *_about: str | None) -> None:
        raise _HasDoctype


def _drawing(path: Path, content: bytes, *, is_inline: bool) -> bytes:
    """A drawing as browsers take it; one that stands in a page holds nothing but shapes."""
    try:
        root = ElementTree.fromstring(content, ElementTree.XMLParser(target=_Plain()))  # noqa: S314 - see there
    except _HasDoctype:
        raise NotAHouse(f"{path} has a DOCTYPE. Take that line out.") from None
    except ElementTree.ParseError as fault:
        raise NotAHouse(f"{path} is no drawing: {fault}") from None
    if root.tag != f"{_SVG}svg":
        raise NotAHouse(f'{path} is no drawing: it does not begin with <svg xmlns="http://www.w3.org/2000/svg">.')
    for element in root.iter():
        tag, words = str(element.tag).removeprefix(_SVG), set[str](element.attrib)
        acting = {word for word in words if word.lower().startswith("on")}
        odd = words - SHAPE_WORDS if is_inline else acting
        if tag.lower() in ("script", "foreignobject") or (is_inline and tag not in SHAPES) or odd:
            raise NotAHouse(f"{path}: <{tag}{''.join(f' {word}' for word in sorted(odd))}> may not stand in it.")
    if not is_inline:
        return content
    ElementTree.register_namespace("", _SVG[1:-1])
    root.set("class", path.stem.replace("skyline-wide", "wide").replace("skyline", "low"))
    return ElementTree.tostring(root)
