# The part of Flask-Babel that is used here; the library's own types are not published.
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from babel import Locale
from babel.support import NullTranslations
from flask import Flask

class Babel:
    def init_app(
        self,
        app: Flask,
        default_locale: str = ...,
        default_translation_directories: str = ...,
        locale_selector: Callable[[], str] | None = ...,
    ) -> None: ...

class Domain:
    def get_translations(self) -> NullTranslations: ...

def get_locale() -> Locale | None: ...
def gettext(string: str, **variables: Any) -> str: ...
def ngettext(singular: str, plural: str, num: int, **variables: Any) -> str: ...
def pgettext(context: str, string: str, **variables: Any) -> str: ...
def lazy_gettext(string: str, **variables: Any) -> str: ...  # behaves like one, and is put into words when it is shown
def force_locale(locale: str) -> AbstractContextManager[None]: ...
