"""The group's own pages for one request, for whoever knows its secret address.

Looking changes nothing, so that mail scanners may open what they like: a page
asks first, and only what is sent from it acts.
"""

from booking.web.status_page import (  # noqa: F401 - so that their addresses exist
    again,
    answers,
    calendar,
    changes,
    dates,
    details,
    erase,
    going_on,
    handover,
    second_person,
    show,
)
from booking.web.status_page.frame import bp

__all__ = ["bp"]
