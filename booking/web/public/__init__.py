"""What everybody may see: what is on, which rooms there are, and who we are."""

from booking.web.public import dates, pages
from booking.web.public.pages import bp

__all__ = ["bp", "dates", "pages"]
