"""What people read, by its English: a catalogue for each language in ``translations``.

Where a language has two ways to address people, such as *du* and *Sie* in German, its catalogue ``messages`` has the
familiar one, and ``formal`` what is said otherwise in the other; it is laid over the first where the house is formal.
"""

from functools import lru_cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from flask import current_app, has_app_context, has_request_context, request
from sqlalchemy.exc import SQLAlchemyError

from booking.database import NotStored, db, once
from booking.house import NoHouse, house
from booking.models import House

TRANSLATIONS = Path(__file__).parent / "translations"
_FORM = "booking.is_formal"


def words(language: str) -> NullTranslations:
    """The catalogue of one language, as the house addresses people; English needs none. Pages ask a thousand times."""
    if not has_request_context():
        return _catalogue(language, is_formal())
    environ, key = request.environ, f"booking.words {language}"
    if key not in environ:
        environ[key] = _catalogue(language, is_formal())
    found: NullTranslations = environ[key]
    return found


def words_in(form: str) -> NullTranslations:
    """The same in one of its ``forms`` of address."""
    language, _, formal = form.partition("_")
    return _catalogue(language, bool(formal))


def is_formal() -> bool:
    """Whether the house addresses people formally: by what was last known of it, where the database does not answer.

    An answer is in one form, and reads it once, whatever it writes meanwhile.
    """
    if not has_request_context():
        return has_app_context() and once(_is_formal, House)
    if _FORM not in request.environ:
        request.environ[_FORM] = once(_is_formal, House)
    return bool(request.environ[_FORM])


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
