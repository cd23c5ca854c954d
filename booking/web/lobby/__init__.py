"""The plan of the day: on the screen in the entrance and on others, and on the phone behind its QR code."""

from booking.web.lobby import displays, pages
from booking.web.lobby.pages import bp

__all__ = ["bp", "displays", "pages"]
