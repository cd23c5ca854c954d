"""The team's pages: requests, decisions and letters."""

from booking.web.staff import afterwards, decision, inbox, keys, letters, panel, wishes
from booking.web.staff.frame import bp

__all__ = ["afterwards", "bp", "decision", "inbox", "keys", "letters", "panel", "wishes"]
