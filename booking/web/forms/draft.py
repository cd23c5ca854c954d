"""A request that somebody is still writing: a row that only the browser with its cookie can open.

What was typed is kept as it was typed. Nothing is written before something is
sent, and everything is forgotten a day after the last change.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Response, abort, current_app, g, request
from werkzeug.datastructures import MultiDict

from booking.database import db, transaction
from booking.models import Draft

LIFETIME = timedelta(hours=24)

#: Characters in all that is kept of one request; many times what anybody types.
LONGEST = 64 * 1024

Typed = dict[str, list[str]]


def of_browser(now: datetime) -> Draft | None:
    """The draft that belongs to the browser that asks."""
    token = g.get("draft_token") or request.cookies.get(_cookie_name())
    if not token:
        return None
    row = db.session.scalars(db.select(Draft).where(Draft.token_hash == _hash(token))).one_or_none()
    return row if row and row.changed_at > now - LIFETIME else None


def keep(changes: Mapping[str, Any], now: datetime, *, anew: bool = False) -> Draft:
    """Store ``changes`` in the draft; the first ones, or all that come ``anew``, make one. 413 for too much."""
    with transaction():
        row = None if anew else of_browser(now)
        if row is None:
            db.session.execute(db.delete(Draft).where(Draft.changed_at <= now - LIFETIME))
            g.draft_token = secrets.token_urlsafe(32)
            row = Draft(token_hash=_hash(g.draft_token), form_id=secrets.token_hex(16), data={}, created_at=now)
            db.session.add(row)
        else:
            db.session.refresh(row, with_for_update=True)
            g.draft_token = g.get("draft_token") or request.cookies[_cookie_name()]  # for another day
        row.data = {**row.data, **changes}
        if len(json.dumps(row.data)) > LONGEST:
            abort(413)
        row.changed_at = now
    return row


def remember(response: Response) -> Response:
    """Hand the secret of the draft to the browser, after something was kept."""
    token = g.pop("draft_token", None)
    if token:
        response.set_cookie(
            _cookie_name(),
            token,
            max_age=LIFETIME,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return response


def typed(data: MultiDict[str, str], names: list[str]) -> Typed:
    """What was sent for these controls."""
    return {name: data.getlist(name) for name in names}


def typed_in(row: Draft | None, step: str) -> MultiDict[str, str] | None:
    """What was typed in a step, as forms take it."""
    return MultiDict(row.data[step]) if row and step in row.data else None


def fingerprint(row: Draft) -> str:
    """Changes with every change of the draft."""
    return hashlib.sha256(repr(sorted(row.data.items())).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _cookie_name() -> str:
    return "__Host-draft" if current_app.config["SESSION_COOKIE_SECURE"] else "draft"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
