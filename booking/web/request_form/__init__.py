"""Asking for a room, in four steps: when, your dates, about you, check and send.

Every page is complete by itself and works without JavaScript. What is typed is kept in a draft from the first sending
on, so that going back, reloading and a second window lose nothing.
"""

from booking.web.request_form import about, check, dates, pause, thanks, when
from booking.web.request_form.frame import bp

__all__ = ["about", "bp", "check", "dates", "pause", "thanks", "when"]
