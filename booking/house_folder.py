"""What a house's folder holds beside ``house.toml``: facts that the law asks for, texts of its own, and its look."""

import hashlib
import importlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from flask import current_app

from booking.database import db
from booking.domain import theme
from booking.facts import FACTS, PERIODS, TEXTS, called_where_missing, file_of_text, period_in_words, said_of
from booking.languages import DEFAULT, LANGUAGES, WHOLE, in_language, spoken_languages
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

#: What a house may say in languages that are not whole too, beside its facts: in others its own file says it.
SAID = ("site_name", "operator", "welcome", "way_in", "lobby_hint")

#: The rules that hold, if the house has its own; all that ever held stand in rules/, see ``rulebook``.
RULES = {file_of_text("house_rules", code) for code in LANGUAGES}

_PLACEHOLDER = re.compile(r"(?:\{|%7B)(\w+)(?:\}|%7D)")
_SVG = "{http://www.w3.org/2000/svg}"


class NotAHouse(ValueError):
    """A house that cannot be meant; the message says where."""


class UnknownWord(NotAHouse):
    """A text names what there is not, in braces."""

    def __init__(self, where: str, line: int, word: str) -> None:
        self.line, self.word, self.known = line, word, ", ".join([*OF_HOUSE, *PERIODS, *FACTS])
        super().__init__(f"{where}, line {line}: there is nothing called {{{word}}}, only {self.known}.")


class BadLink(NotAHouse):
    """A link in a text leads where none may, such as into a script."""

    def __init__(self, where: str, line: int, address: str) -> None:
        self.line, self.address = line, address
        super().__init__(f"{where}, line {line}: no link may lead to {address}.")


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
    known |= {f"{name}_{code}" for name in SAID for code in LANGUAGES if code not in WHOLE}
    for name, value in said.items():
        if name not in known:
            raise NotAHouse(f"{path}: there is no fact {name!r}, only {', '.join(sorted(known))}.")
        if not isinstance(value, str) or not value.replace("\n", "").isprintable():
            raise NotAHouse(f'{path}: {name} stands there as {name} = "…", not as {value!r}.')
    return {name: value.strip() for name, value in said.items() if value.strip()}


def _texts(folder: Path, house: House) -> Iterator[tuple[str, bytes]]:
    for name in TEXTS:
        spoken = spoken_languages(current_app.config["LANGUAGES"])
        paths = {language.code: folder / f"{name}.{language.code}.md" for language in spoken}
        there = {code: path for code, path in paths.items() if path.exists()}
        needed = {language.code for language in spoken if language.is_whole}
        for code in needed - there.keys() if there else ():
            raise NotAHouse(
                f"{paths[code]} is missing: {next(iter(there.values())).name} needs its other languages beside it."
            )
        for language, path in there.items():
            yield file_of_text(name, language), _page_of(path, house, language).encode()


def _page_of(path: Path, house: House, language: str) -> str:
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise NotAHouse(f"{path} cannot be read: {fault}") from None
    return as_page(source, str(path), house, language)


def as_page(source: str, where: str, house: House, language: str) -> str:
    """A text in Markdown, as it stands on a page below its headline. HTML in it is shown as it is typed.

    Raises ``UnknownWord`` for what it names and there is not, and ``BadLink`` for a link that leads where none may.
    """
    library = importlib.import_module("markdown_it")  # by who brings a house or rules: a megabyte
    markdown = library.MarkdownIt("js-default", {"html": False, "linkify": False}).disable("image")
    filling = _Filling(house, language, where)
    tokens = markdown.parse(source)
    for token in tokens:
        line = (token.map or [0])[0] + 1
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"  # the page has its headline already
        if token.type == "inline":
            token.children = list(_with_house(markdown, token.children or [], filling, line))
        elif token.content:
            token.content = filling.plain(token.content, line)
    return str(markdown.renderer.render(tokens, markdown.options, {}))


class _Filling(NamedTuple):
    """What takes the place of a word in braces."""

    house: House
    language: str
    where: str

    def of(self, word: str, line: int) -> str:
        """What the house says there; empty for a fact that is missing."""
        if word in OF_HOUSE:
            return in_language(self.house, word, self.language)
        if word in PERIODS:
            return period_in_words(self.house, word, self.language)
        if word not in FACTS:
            raise UnknownWord(self.where, line, word)
        return said_of(self.house, word, self.language)

    def plain(self, text: str, line: int) -> str:
        """In an address there is no room for a mark."""
        return _PLACEHOLDER.sub(lambda found: self.of(found[1], line), text)

    def pieces(self, text: str, line: int) -> Iterator[Any]:
        token = importlib.import_module("markdown_it.token").Token
        for number, piece in enumerate(_PLACEHOLDER.split(text)):
            said = self.of(piece, line) if number % 2 else piece
            if number % 2 and not said:
                missing = escape(called_where_missing(piece, self.language))
                yield token("html_inline", "", 0, content=f'<mark class="fill-in">{missing}</mark>')
            else:
                yield token("text", "", 0, content=said)


def _with_house(markdown: Any, tokens: list[Any], filling: _Filling, line: int) -> Iterator[Any]:
    """The parts of a paragraph that begins in a line, with what the house is."""
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            line += 1
        token.attrs = {
            name: filling.plain(said, line) if isinstance(said, str) else said for name, said in token.attrs.items()
        }
        if token.type == "link_open" and not markdown.validateLink(str(token.attrs["href"])):
            raise BadLink(filling.where, line, str(token.attrs["href"]))
        if token.type == "text":
            yield from filling.pieces(token.content, line)
        else:
            token.content = filling.plain(token.content, line)
            yield token


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
