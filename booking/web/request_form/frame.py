"""What the pages of a request have in common."""

from flask import Blueprint

from booking.web.forms import draft

bp = Blueprint("request_form", __name__)
bp.after_request(draft.remember)
