"""Which language a visitor reads: German, or English below /en.

The prefix becomes part of the script name, so that ``url_for`` keeps it by
itself and every page has one address in each language.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from flask import Flask, has_request_context, request

PREFIX = "/en"


class EnglishPrefix:
    """WSGI middleware that takes /en off the path and remembers it."""

    def __init__(self, wsgi_app: Any) -> None:
        self.wsgi_app = wsgi_app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == PREFIX or path.startswith(f"{PREFIX}/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + PREFIX
            environ["PATH_INFO"] = path.removeprefix(PREFIX) or "/"
            environ["booking.language"] = "en"
        answer: Iterable[bytes] = self.wsgi_app(environ, start_response)
        return answer


def selected() -> str:
    """The language of this page: "de" or "en"."""
    return str(request.environ.get("booking.language", "de")) if has_request_context() else "de"


def switch_url() -> str:
    """The address of this page in the other language."""
    root = request.script_root.removesuffix(PREFIX)
    query = request.query_string.decode("ascii", "replace")
    path = "/" + quote(request.path.lstrip("/")) + (f"?{query}" if query else "")  # two slashes begin a host's name
    return f"{root}{path}" if selected() == "en" else f"{root}{PREFIX}{path}"


def init_app(app: Flask) -> None:
    # Flask's documented way to put something in front; for mypy wsgi_app is a method.
    app.wsgi_app = EnglishPrefix(app.wsgi_app)  # type: ignore[method-assign]
