"""What single people get: a link of their own, and the handover from one to another.

No letter names another person: they are written down without personal data.
"""

from datetime import datetime

from booking.domain.policy import HANDOVER_WAITS
from booking.letters import outbox
from booking.models import Booking, Contact, Handover, Letter
from booking.notices.frame import attached, text_of, to_group, with_translation


def new_link(contact: Contact, language: str, now: datetime) -> Letter:
    """Somebody has asked for fresh links; which bookings they open is looked up when the letter leaves."""
    text = with_translation(language, lambda language: text_of("new_link", language))
    return outbox.put("new_link", contact=contact, language=language, subject=text.subject, body=text.body, now=now)


def link_for_second(booking: Booking, contact: Contact, now: datetime) -> Letter | None:
    """A second person may see and change the booking too."""
    return to_group("link_for_second", booking, contact=contact, now=now)


def handover_give(booking: Booking, handover: Handover, now: datetime) -> Letter | None:
    """Asks the old address whether it really wants to hand the booking over."""
    return to_group("handover_give", booking, contact=handover.former_contact, now=now, waits_days=HANDOVER_WAITS.days)


def handover_take(booking: Booking, handover: Handover, now: datetime) -> Letter | None:
    """Asks the new address whether it wants to speak for the booking."""
    return to_group("handover_take", booking, contact=handover.contact, now=now, waits_days=HANDOVER_WAITS.days)


def handed_over(booking: Booking, former: Contact, successor: Contact, now: datetime) -> Letter | None:
    """Both have said yes: the former person is thanked, the successor gets link and dates; returns the latter."""
    to_group("handed_over_former", booking, contact=former, now=now)
    dates = booking.coming(now)
    return to_group("handed_over", booking, contact=successor, now=now, calendar=attached(booking, dates), coming=dates)
