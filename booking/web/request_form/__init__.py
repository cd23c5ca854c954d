"""Asking for a room, in four steps: when, your dates, about you, check and send."""

from booking.web.request_form import address, pages, when_page
from booking.web.request_form.frame import bp

__all__ = ["address", "bp", "pages", "when_page"]
