"""A request that somebody is still writing: a row for each tab, which only the browser with its cookie can open.

What was typed is kept as it was typed. Nothing is written before something is sent, and everything is forgotten a day
after the last change. The address of each page names the draft, so that tabs do not mix; the cookie holds the secret of
the browser, and which draft came last. A copy travels in each page, for a tab that lies open until ours is forgotten.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import Response, abort, current_app, g, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.datastructures import MultiDict

from booking import requesting
from booking.database import db, transaction
from booking.models import Booking, Draft
from booking.web import access
from booking.web.incoming import LONGEST_TEXT

LIFETIME = timedelta(hours=24)

#: Characters in all that is kept of one request; many times what anybody types.
LONGEST = 64 * 1024

#: The control that the copy of a page stands in.
COPY = "draft_copy"

Typed = dict[str, list[str]]


def id_of_tab() -> str:
    """The id in the address of this page; empty for a tab that has not sent anything yet."""
    return str(g.get("draft_id") or request.args.get("draft", ""))


def latest_id() -> str:
    """The id of the draft that this browser wrote last, in whichever tab."""
    return request.cookies.get(_cookie_name(), "").partition(".")[2]


class KeptDraft(NamedTuple):
    """A draft, and what has come of it once it was sent."""

    row: Draft | None = None
    booking: Booking | None = None


def draft_of(draft_id: str, now: datetime) -> KeptDraft:
    """The draft with this id, as long as it is kept; of no other browser."""
    if not (_secret() and draft_id):
        return KeptDraft()
    found = db.session.execute(
        db.select(Draft, Booking)
        .outerjoin(Booking, Booking.form_id == Draft.form_id)
        .where(Draft.token_hash == _hash(_secret(), draft_id), Draft.changed_at > now - LIFETIME)
    ).one_or_none()
    return KeptDraft(*found) if found else KeptDraft()


def sent_by_tab(now: datetime) -> Booking | None:
    """What this browser has sent from this tab, or last from any: a copy in a page opens nothing that was sent."""
    return draft_of(id_of_tab() or latest_id(), now).booking


def of_tab(now: datetime, *, begins: bool = False) -> KeptDraft:
    """The draft of this page, to which its links lead; what we have forgotten, a page that was sent has a copy of.

    Without an id in its address it is the latest of this browser, but not for a page that ``begins`` another.
    """
    draft_id = id_of_tab() or ("" if begins else latest_id())
    found = draft_of(draft_id, now)
    if found.row is None and (row := _copied(request.form.get(COPY, ""))):
        found = KeptDraft(row, requesting.find_by_form(row.form_id))
    elif found.row and not found.booking:
        g.draft_id = draft_id
    if not found.booking:
        g.draft_row = found.row
    return found


def keep(row: Draft | None, changes: Mapping[str, Any], now: datetime) -> Draft:
    """Store changes of a draft; of none, they make one. 413 for too much."""
    with transaction():
        if row is None or row.id is None:
            row = _stored_anew(row, now)
        else:
            db.session.refresh(row, with_for_update=True)
        g.keep_draft = True  # for another day
        row.data = {**row.data, **changes}
        if len(json.dumps(row.data)) > LONGEST:
            abort(413)
        row.changed_at = now
    return row


def remember(response: Response) -> Response:
    """Hand the secret to the browser, and which draft is the latest, after something was kept."""
    if g.pop("keep_draft", False):
        response.set_cookie(
            _cookie_name(),
            f"{_secret()}.{id_of_tab()}",
            max_age=LIFETIME,
            path=current_app.config["SESSION_COOKIE_PATH"],
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    for name in ("draft_id", "draft_row", "draft_secret"):  # g may live on, and the next page belongs to another tab
        g.pop(name, None)
    return response


def typed(data: MultiDict[str, str], names: list[str]) -> Typed:
    """What was sent for these controls."""
    return {name: data.getlist(name) for name in names}


def typed_in(row: Draft | None, step: str) -> MultiDict[str, str] | None:
    """What was typed in a step, as forms take it."""
    return MultiDict(row.data[step]) if row and step in row.data else None


def line_of(row: Draft) -> tuple[str, str]:
    """The wish in one sentence, and which of its readings was chosen."""
    text, number = row.data.get("line", ("", ""))
    return text, number


def copy_of(row: Draft) -> str:
    """All of a draft as it travels in a page, signed; empty where it would be too long to come back."""
    copy = str(_signer().dumps([id_of_tab(), row.form_id, row.created_at.isoformat(), row.data]))
    return copy if len(copy) <= LONGEST_TEXT else ""


def mark_of(data: Any) -> str:
    """A short text that changes with every change of what is kept."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]


def _copied(text: str) -> Draft | None:
    """The draft of which a page holds the copy; stored by ``keep`` alone."""
    try:
        g.draft_id, form_id, created_at, data = _signer().loads(text)
    except BadData:
        return None
    return Draft(form_id=form_id, data=data, created_at=datetime.fromisoformat(created_at))


def _stored_anew(copy: Draft | None, now: datetime) -> Draft:
    db.session.execute(db.delete(Draft).where(Draft.changed_at <= now - LIFETIME))
    g.draft_secret = _secret() or secrets.token_urlsafe(32)
    g.draft_id = id_of_tab() if copy else secrets.token_urlsafe(8)
    row = copy or Draft(form_id=secrets.token_hex(16), data={}, created_at=now)
    known = db.session.scalars(db.select(Draft).where(Draft.form_id == row.form_id)).one_or_none()
    row = known or row  # it is still kept, but the cookie that opened it is gone
    row.token_hash = _hash(g.draft_secret, g.draft_id)
    db.session.add(row)
    return row


def _secret() -> str:
    return str(g.get("draft_secret") or request.cookies.get(_cookie_name(), "").partition(".")[0])


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="draft")


def _cookie_name() -> str:
    return access.cookie_name("draft", current_app.config["PUBLIC_URL"])


def _hash(secret: str, draft_id: str) -> str:
    return hashlib.sha256(f"{secret}.{draft_id}".encode("utf-8", "surrogatepass")).hexdigest()
