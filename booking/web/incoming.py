"""What comes in, before anything else looks at it: no more than somebody types, and text that can be read and stored.

Views, forms, limits and libraries all ask this request, so none of them meets
an endless text, a NUL, or half a character.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from flask import Flask, Request, abort, current_app, request, session
from werkzeug.datastructures import ImmutableMultiDict

#: Characters in one field. How many a field holds the forms know, and say so in a sentence; these are more than anybody
#: writes there, and everything that looks at a text takes time for each.
LONGEST_TEXT = 20_000
LONGEST_NAME = 100
MOST_FIELDS = 2000
#: Characters of a path; bytes of what follows the question mark, and of one header.
LONGEST_PATH = 300
LONGEST_QUERY = 8000
LONGEST_HEADER = 8000

#: Where the team sends pictures, which may be larger than all else.
UPLOAD = "staff.send_photo"

_PRINTED_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def readable(value: Any) -> Any:
    """A text, or all texts of a JSON document, without what no keyboard makes.

    PostgreSQL does not store NUL, and halves of surrogate pairs are no UTF-8.
    """
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {readable(name): readable(each) for name, each in value.items()}
    return [readable(each) for each in value] if isinstance(value, list) else value


class Texts(ImmutableMultiDict[str, Any]):
    """Names and texts that a browser has sent, each readable."""

    def __init__(self, sent: Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__([(readable(name), readable(value)) for name, value in sent])


class Incoming(Request):
    """The request, as all of the application sees it."""

    parameter_storage_class = Texts  # of query and form
    dict_storage_class = Texts  # of cookies

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Werkzeug fails at bytes that nobody has percent-encoded and that are no UTF-8.
        self.query_string = quote(self.query_string, safe=_PRINTED_ASCII).encode()

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The document that was sent, as any; one that is too deep for Python's reader is none."""
        try:
            return super().get_json(force, silent, cache)
        except RecursionError:
            return None if silent else abort(400)


def _refuse_too_much() -> None:
    """Look at the size of everything; 404, 413, 414 or 431 where it is nothing that a person sends."""
    if len(request.path) > LONGEST_PATH or not request.path.isprintable():
        abort(404)
    if len(request.query_string) > LONGEST_QUERY:
        abort(414)
    if any(len(value) > LONGEST_HEADER for _, value in request.headers):
        abort(431)
    if request.endpoint == UPLOAD and "_user_id" in session:  # whoever is signed in, before anybody asks who it is
        request.max_content_length = current_app.config["MAX_UPLOAD"]
    sent = list(request.form.items(multi=True))
    if len(sent) > MOST_FIELDS or any(len(name) > LONGEST_NAME or len(text) > LONGEST_TEXT for name, text in sent):
        abort(413)


def init_app(app: Flask) -> None:
    """Before all that registers something to be done first, such as limits and the check of tokens."""
    app.request_class = Incoming
    app.before_request(_refuse_too_much)
