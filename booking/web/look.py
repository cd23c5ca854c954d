"""What makes the pages those of one house: its pictures, texts and facts; and pieces of pages that are made once."""

import re
from collections.abc import Hashable, Iterable
from functools import lru_cache
from mimetypes import types_map
from typing import Any

from babel import Locale
from flask import Blueprint, Response, abort, current_app, g, request
from jinja2 import Template
from markupsafe import Markup, escape
from sqlalchemy import select

from booking import catalogues, facts
from booking.database import db
from booking.domain.days_off import has_school_holidays, name_of_place
from booking.house import house
from booking.languages import DEFAULT, LANGUAGES, SOURCE
from booking.models import HouseFile
from booking.rulebook import Edition, has_edition, words_of
from booking.web import locale
from booking.web.access import public

bp = Blueprint("look", __name__)
bp.add_app_template_global(has_edition)

_ADDRESS = re.compile(r"https?://[^\s<>\"]+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_KINDS = types_map | {".svg": "image/svg+xml", ".ico": "image/x-icon"}
_SERVED = ("logo", "favicon", "theme")

#: Pieces that a process keeps, the last ones asked for: some kilobytes each.
MOST_PIECES = 2048


@bp.get("/haus/<name>")
@public
def file_of_house(name: str) -> Response:
    """The house's own logo, the small one of its tabs, or its colours."""
    digest = house().files.get(name)
    stem, dot, kind = name.partition(".")
    if not digest or stem not in _SERVED:
        abort(404)
    g.is_shared = True  # the same for all: no session in it
    answer = Response(_content(name), mimetype=_KINDS[dot + kind])
    is_this_one = request.args.get("v") == digest
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_this_one else "no-cache"
    return answer


@bp.app_template_global()
def house_file(stem: str) -> str:
    """Its address, the same in both languages; empty where the house has none."""
    for name, digest in house().files.items():
        if name.partition(".")[0] == stem:
            return f"{locale.root()}/haus/{name}?v={digest}"
    return ""


@bp.app_template_global()
def shared_piece(template: str, sheet: str = "") -> Markup:
    """A piece of a page that hangs on the house and the language alone, and on which stylesheet the page has; made once
    for all pages that share what they read of the house."""
    pieces, key = g.get("pieces", {}), (template, sheet, request.script_root, locale.selected())
    if key not in pieces:
        made = current_app.jinja_env.get_template(template).render(house=house(), sheet=sheet)
        pieces[key] = Markup(made)  # noqa: S704 - a template of ours
    found: Markup = pieces[key]
    return found


@bp.app_template_global()
def piece(template: str, *shown: Hashable) -> Markup:
    """What the macro ``piece`` of a template in a folder ``_pieces`` makes of these values; made once for each of them.

    It hangs on nothing else but the language; what such templates may use is a short list (tests/web/test_pieces.py).
    Values that are equal have to look alike; one instant in two zones does not. It outlives what it shows, so nothing
    of what we have to forget may stand in it: contacts, and what people write to each other.
    """
    return made_piece(template, request.script_root, locale.selected(), catalogues.is_formal(), *shown)


@bp.app_template_global()
def pieces_of(template: str, every: Iterable[Hashable], *shown: Hashable) -> Markup:
    """The pieces of some things, one after the other; ``shown`` is what all of them show besides."""
    return Markup("".join(piece_of_each(template, every, *shown)))  # noqa: S704 - each is of a template of ours


@bp.app_template_global()
def piece_of_each(template: str, every: Iterable[Hashable], *shown: Hashable) -> list[Markup]:
    """The same, for a page that puts something between them."""
    about = request.script_root, locale.selected(), catalogues.is_formal()
    return [made_piece(template, *about, each, *shown) for each in every]


@lru_cache(MOST_PIECES, typed=True)  # what is escaped already is not the same as what is not
def made_piece(template: str, _root: str, _language: str, _formal: bool, *shown: Hashable) -> Markup:
    """``piece``, by all it hangs on: what its macro finds out by itself too."""
    module: Any = current_app.jinja_env.get_template(template).module
    made: Markup = module.piece(*shown)
    return made


@bp.app_template_global()
def skyline() -> Markup:
    """The house's drawings of its town, one for each shape of the screen."""
    names = [name for name in house().files if name.startswith("skyline")]
    drawings = db.session.scalars(select(HouseFile.content).where(HouseFile.name.in_(names))) if names else ()
    return Markup("\n").join(Markup(each.decode()) for each in drawings)  # noqa: S704 - shapes alone, see house_folder


@bp.app_template_global()
def fact(name: str) -> Markup:
    """What the house says of itself, with its addresses as links; or a mark that it does not say it."""
    said = facts.said_of(house(), name, locale.selected())
    if not said:
        return Markup('<mark class="fill-in">{}</mark>').format(facts.called_where_missing(name, locale.selected()))
    lines = "<br>".join(_ADDRESS.sub(_linked, str(escape(line))) for line in said.splitlines())
    is_translated = locale.selected() == DEFAULT or f"{name}_{locale.selected()}" in house().facts
    return Markup(lines if is_translated else f'<span lang="{DEFAULT}">{lines}</span>')  # noqa: S704 - escaped above


@bp.app_template_global()
def period(name: str) -> str:
    """How long the house knows something of people, in words."""
    return facts.period_in_words(house(), name, locale.selected())


@bp.app_template_global()
def place_of_holidays() -> str:
    """Hessen: whose school holidays the house goes by; empty where nobody knows any."""
    place = house()
    if not has_school_holidays(place.country):
        return ""
    country = str(Locale(locale.selected()).territories.get(place.country, place.country))
    return name_of_place(place.country, place.subdivision) or country


def text_of_house(name: str) -> Markup:
    """A text that the house has written itself, as it stands on a page; empty where it has not. Who reads a language
    that is not whole gets that of the house rather than ours, which may be untrue."""
    language = locale.selected()
    for code in (language,) if LANGUAGES[language].is_whole else (language, DEFAULT):
        if (own := facts.file_of_text(name, code)) in house().files:
            return _marked(code, _content(own).decode())
    return Markup()


def edition_of_rules(edition: Edition) -> Markup:
    """House rules as they stand, or stood, on their page."""
    language = locale.selected()
    is_there = edition.file(language) in house().files
    return _marked(language if is_there else DEFAULT, words_of(edition, language))


def text_of_service(name: str) -> tuple[Template, str]:
    """Our own text where the house has none, and its language: that of the reader, or else of the code."""
    names = catalogues.variants(f"public/_texts/{name}.{{}}.html", locale.selected())
    found = current_app.jinja_env.select_template([*names, f"public/_texts/{name}.{SOURCE}.html"])
    return found, locale.selected() if found.name in names else SOURCE


def _marked(language: str, page: str) -> Markup:
    """A text of the house, which says in which language it is where that is not the page's."""
    text = Markup(page)  # noqa: S704 - made from Markdown without HTML, see house_folder and rulebook
    return text if language == locale.selected() else Markup('<div lang="{}">{}</div>').format(language, text)


def _content(name: str) -> bytes:
    found: bytes = db.session.scalars(select(HouseFile.content).where(HouseFile.name == name)).one()
    return found


def _linked(found: re.Match[str]) -> str:
    address = found[0].rstrip(".,;)")
    rest = found[0][len(address) :]
    kind = "" if address.startswith("http") else "mailto:"
    return f'<a href="{kind}{address}">{re.sub("^https?://(www[.])?", "", address)}</a>{rest}'
