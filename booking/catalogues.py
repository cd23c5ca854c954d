"""What people read, by its English: a catalogue for each language in ``translations``.

Where a language has two ways to address people, such as *du* and *Sie* in German, its catalogue ``messages`` has the
familiar one, and ``formal`` what is said otherwise in the other; it is laid over the first where the house is formal.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations
from flask import current_app, has_app_context
from sqlalchemy.exc import SQLAlchemyError

from booking.database import NotStored, db, once
from booking.house import NoHouse, house
from booking.models import House

TRANSLATIONS = Path(__file__).parent / "translations"
_FORM = "is formal"

#: Of the answer at hand: whether it is formal, and its catalogues by their languages. Pages ask a thousand times.
_answer: ContextVar[dict[str, Any] | None] = ContextVar("answer", default=None)


@contextmanager
def one_answer() -> Iterator[None]:
    """Let all that is said meanwhile be in one form of address, which is read once, whatever is written."""
    token = _answer.set({})
    try:
        yield
    finally:
        _answer.reset(token)


def words(language: str) -> NullTranslations:
    """The catalogue of one language, as the house addresses people; English needs none."""
    known = _answer.get()
    if known is None:
        return _catalogue(language, is_formal())
    if language not in known:
        known[language] = _catalogue(language, is_formal())
    found: NullTranslations = known[language]
    return found


def words_in(form: str) -> NullTranslations:
    """The same in one of its ``forms`` of address."""
    language, _, formal = form.partition("_")
    return _catalogue(language, bool(formal))


def is_formal() -> bool:
    """Whether the house addresses people formally: by what was last known of it, where the database does not answer."""
    known = _answer.get()
    if known is None:
        return has_app_context() and once(_is_formal, House)
    if _FORM not in known:
        known[_FORM] = once(_is_formal, House)
    return bool(known[_FORM])


def assume_last_known() -> None:
    """Let nothing that is said in this context wait for the database, as it does not answer."""
    db.session.info.setdefault("once", {})[_is_formal] = current_app.extensions.get("is_formal", False), ()


def variants(template: str, language: str) -> list[str]:
    """Where a template of this language stands, by its name with ``{}`` for the language; the first there is counts.

    mail/de_formal/key_ready.txt, mail/de/key_ready.txt: what addresses nobody, or the team, has one for both forms.
    """
    return [template.format(form) for form in forms(language) if form == language or is_formal()][::-1]


def forms(language: str) -> list[str]:
    """The forms of address of a language, as folders and files have them in their names: de, de_formal."""
    return [language, f"{language}_formal"][: 1 + _has_formal(language)]


@lru_cache
def _catalogue(language: str, formal: bool) -> NullTranslations:
    found = Translations.load(str(TRANSLATIONS), [language])
    if formal:
        other = Translations.load(str(TRANSLATIONS), [language], "formal")
        if isinstance(found, Translations) and isinstance(other, Translations):
            found.merge(other)
    return found


@lru_cache
def _has_formal(language: str) -> bool:
    return (TRANSLATIONS / language / "LC_MESSAGES" / "formal.mo").exists()


def _is_formal() -> bool:
    try:
        known = house().is_formal
    except (NoHouse, NotStored, SQLAlchemyError):
        return bool(current_app.extensions.get("is_formal"))
    current_app.extensions["is_formal"] = known
    return known
