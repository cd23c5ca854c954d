"""The team's pages: requests, decisions and letters."""

from booking.web.staff import decision, inbox, letters
from booking.web.staff.frame import bp

__all__ = ["bp", "decision", "inbox", "letters"]
