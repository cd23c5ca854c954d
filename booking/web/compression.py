"""Answers in gzip, as a reverse proxy would send them: a first visit loads a third of the bytes.

Compressing what somebody else may have put into a page beside something secret
lets whoever sees the length of many answers guess the secret letter by letter
(BREACH). Here that leads nowhere. A request that a foreign page causes comes
without our cookies (SameSite=Lax), so its answer holds nothing of a session,
unless it opens a window for each guess. The token of a form is signed anew each
second, and only a whole one is worth anything. The secret of a private link
stands in pages at that very address, or behind a cookie. An answer to a form
with mistakes repeats what was sent, and is not compressed (it is no 200).
"""

from typing import Any

from flask import Flask, Response, request

from booking.extensions import compress

COMPRESSED = {
    "application/json",
    "image/svg+xml",
    "text/calendar",
    "text/css",
    "text/html",
    "text/javascript",
    "text/plain",
}

SETTINGS: dict[str, Any] = {
    "COMPRESS_REGISTER": False,  # _pack does it
    "COMPRESS_ALGORITHM": ["gzip"],  # every browser reads it, and the others gain little on top
    "COMPRESS_LEVEL": 6,
    "COMPRESS_MIN_SIZE": 500,  # bytes; what is smaller travels in one packet either way
    "COMPRESS_MIMETYPES": COMPRESSED,
}


def _pack(response: Response) -> Response:
    if response.content_encoding:
        return response
    is_part = response.status_code == 206  # of the file as it is
    if is_part or not request.accept_encodings["gzip"]:  # the library would not hear "gzip;q=0"
        response.vary.add("Accept-Encoding")
        return response
    if response.is_streamed and response.mimetype in COMPRESSED:
        response.direct_passthrough = False
        response.get_data()  # a file of ours: small, and as a whole it is closed and keeps its length
    return compress.after_request(response)


def init_app(app: Flask) -> None:
    compress.init_app(app)
    app.after_request(_pack)
