"""Asking for a room, in four steps: when, your dates, about you, check and send."""

from booking.web.request_form import pages, when_page
from booking.web.request_form.frame import bp

__all__ = ["bp", "pages", "when_page"]
