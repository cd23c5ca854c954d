"""Which language a visitor reads: that of the house, or another below its prefix, as /en.

The prefix becomes part of the script name, so that ``url_for`` keeps it by
itself and every page has one address in each language.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, current_app, g, request
from flask_babel import Domain, force_locale, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from werkzeug.utils import redirect

from booking import catalogues, languages, sentences
from booking.house import room_rows
from booking.languages import DEFAULT, LANGUAGES, Language, in_language
from booking.models import House

PREFIXED = [language for language in LANGUAGES.values() if language.prefix]

#: The language of the answer at hand, by its code, and that in which a screen says what matters once more. Pages ask a
#: thousand times.
_language, _second_language = ContextVar("language", default=DEFAULT), ContextVar("second_language", default="")


class Prefixes:
    """WSGI middleware that takes the path of the house and the prefix of a language off an address, and remembers which
    language it was.

    Several houses may stand behind one host name, each below a path of its own. What comes without it is answered all
    the same, since monitoring asks the server itself, and some proxies take the path off.
    """

    def __init__(self, app: Flask) -> None:
        self.wsgi_app = app.wsgi_app
        self.config = app.config

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        base, path = base_path(self.config["PUBLIC_URL"]), environ.get("PATH_INFO", "")
        if base:
            environ["SCRIPT_NAME"] = base
            if path == base or path.startswith(f"{base}/"):
                path = environ["PATH_INFO"] = path.removeprefix(base) or "/"
        spoken, said = self.config["LANGUAGES"].split(), DEFAULT
        for language in PREFIXED:
            if path == language.prefix or path.startswith(f"{language.prefix}/"):
                environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + language.prefix
                environ["PATH_INFO"] = path.removeprefix(language.prefix) or "/"
                if language.code not in spoken or (_is_of_team(environ) and not language.is_whole):
                    # It was spoken once, as letters know; or the team reads another one.
                    query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
                    there = base + "/" + quote(environ["PATH_INFO"].lstrip("/"), encoding="latin-1") + query
                    found = redirect(there, 302)  # not for good: it may be spoken some day
                    found.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
                    return found(environ, start_response)
                said = language.code
                break
        tokens = _language.set(said), _second_language.set("")
        try:
            with catalogues.one_answer():
                answer: Iterable[bytes] = self.wsgi_app(environ, start_response)
                return answer
        finally:
            for each, token in zip((_language, _second_language), tokens, strict=True):
                each.reset(token)


def _is_of_team(environ: dict[str, Any]) -> bool:
    return f"{environ['PATH_INFO']}/".startswith("/team/")


def base_path(public_url: str) -> str:
    """The path below which the house stands, as /raeume; empty where it has a host name for itself."""
    return urlsplit(public_url).path


def selected() -> str:
    """The language of this page, by its code."""
    return _language.get()


def second_language() -> str:
    """The language in which a screen says what matters once more, by its code; empty on all other pages."""
    return _second_language.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let what is said meanwhile be said in this language."""
    token = _language.set(language)
    try:
        with force_locale(language):
            yield
    finally:
        _language.reset(token)


def in_second(say: Callable[[], str]) -> str:
    """What is said, in the second language; empty where there is none."""
    if not second_language():
        return ""
    with speaking(second_language()):
        return str(say())


def below(text: str) -> Markup:
    """An element for what is said in the second language, where a screen has one."""
    if not second_language():
        return Markup()
    hidden = Markup(" hidden") if not text else Markup()
    return Markup('<span class="also" lang="{}"{}>{}</span>').format(second_language(), hidden, text)


def also(sentence: str) -> Markup:
    """A sentence of the catalogue that stands before this in the first language, once more in the second, as the office
    says it."""
    second = second_language()
    return below(sentences.said_by_house(catalogues.words(second).gettext(sentence), second)) if second else Markup()


def root() -> str:
    """What stands before the addresses of all languages."""
    return request.script_root.removesuffix(LANGUAGES[selected()].prefix)


def languages_here() -> list[Language]:
    """In which languages people can read the service."""
    return languages.spoken_languages(current_app.config["LANGUAGES"])


def codes_here(*, whole: bool = False) -> list[str]:
    """Their codes; of those alone that are ``whole``, where the team or the house has to write in each."""
    return [language.code for language in languages_here() if language.is_whole or not whole]


def speak_here(first: str, second: str = "") -> None:
    """Let this page speak a language, and a screen say what matters in a second one below it, where the house has them;
    in that of the house else."""
    spoken = codes_here()
    _language.set(first if first in spoken else DEFAULT)
    _second_language.set(second if second in spoken and second != selected() else "")


def others(path: str | None = None) -> list[tuple[Language, str]]:
    """The other languages of this page, and its address in each; or that of another ``path``."""
    if path is None:
        query = g.get("heeded", request.query_string.decode("ascii", "replace"))
        path = "/" + quote(request.path.lstrip("/")) + (f"?{query}" if query else "")  # two slashes begin a host's name
    return [(each, f"{root()}{each.prefix}{path}") for each in languages_here() if each.code != selected()]


def translated(row: object, name: str) -> str:
    """What a row says in the reader's language, as the reason of a closure or the way to a room."""
    return in_language(row, name, selected())


def thing(name: str) -> str:
    """A thing that a room has, as the reader's language calls it."""
    for room in room_rows().values():
        others: tuple[str, ...] = getattr(room, f"equipment_{selected()}", ())
        if len(others) == len(room.equipment) and name in room.equipment:
            return others[room.equipment.index(name)]
    return name


def name_of(language: str) -> str:
    """Englisch: a language as the reader's language calls it."""
    return str(Locale(language).get_language_name(selected()))


def phone(house: House) -> str:
    """As it is dialled by those who read this: with the code of the country where they may be elsewhere."""
    return house.national_phone if selected() == DEFAULT else house.phone


class HouseWords(Domain):
    """Lets Flask-Babel read the catalogues as all others do."""

    def get_translations(self) -> NullTranslations:
        return catalogues.words(str(get_locale() or DEFAULT))


def init_app(app: Flask) -> None:
    app.extensions["babel"].instance.domain_instance = HouseWords()
    app.wsgi_app = Prefixes(app)  # type: ignore[method-assign]  # Flask's way to put something in front
    # Flask-Babel finds out for each sentence of a template which languages there are; here that is known. And Jinja
    # asks three functions for a sentence.
    app.jinja_env.globals.update(also=also, below=below)
    app.jinja_env.globals.update(_=_saying("gettext"), ngettext=_saying("ngettext"), pgettext=_saying("pgettext"))


def _saying(method: str) -> Callable[..., str]:
    @lru_cache(4096)
    def found(catalogue: NullTranslations, is_of_page: bool, sentence: tuple[Any, ...]) -> str:
        text: str = getattr(catalogue, method)(*sentence)
        return Markup(text) if is_of_page else text  # noqa: S704 - the catalogue is ours

    @pass_eval_context
    def say(about: EvalContext, *sentence: Any, **values: Any) -> str:
        """The sentence with its values, which are escaped where the template is a page."""
        text = found(catalogues.words(selected()), about.autoescape, sentence)
        return text % {"num": sentence[-1], **values} if "%" in text else text

    return say
