"""What the pages of a request have in common."""

from flask import Blueprint

from booking.web.forms import draft

bp = Blueprint("request_form", __name__)
bp.after_request(draft.remember)

#: Weeks with and without a meeting, drawn as dots.
PATTERNS = {
    "once": (1, 0, 0, 0, 0, 0, 0, 0, 0),
    "week": (1, 1, 1, 1, 1, 1, 1, 1, 1),
    "two_weeks": (1, 0, 1, 0, 1, 0, 1, 0, 1),
    "month": (1, 0, 0, 0, 1, 0, 0, 0, 1),
    "last": (1, 0, 0, 0, 1, 0, 0, 0, 1),
    "single": (1, 0, 0, 1, 1, 0, 0, 1, 0),
}
