"""What the pages of a request have in common."""

from typing import Any

from flask import Blueprint, g

from booking.models import Draft
from booking.web.forms import draft

bp = Blueprint("request_form", __name__)
bp.after_request(draft.remember)


@bp.context_processor
def _draft() -> dict[str, Any]:
    """What a page carries along: which draft it belongs to, a copy of it, and a mark of what is kept of its step."""
    row: Draft | None = g.get("draft_row")
    return {
        "draft_id": g.get("draft_id", ""),
        "draft_copy": draft.copy_of(row) if row else "",
        "mark_of": lambda step: draft.mark_of(row.data.get(step)) if row else "",
    }


@bp.url_defaults
def _of_the_same_tab(_endpoint: str, values: dict[str, Any]) -> None:
    if "draft_id" in g:
        values.setdefault("draft", g.draft_id)
