"""Letters to single people that go to several of them, or about no booking.

No letter names another person: they are written down without personal data.
"""

from datetime import datetime

from booking.letters import outbox
from booking.models import Booking, Contact, Handover, Letter
from booking.notices.frame import text_of, to_group, with_translation


def new_link(contact: Contact, language: str, now: datetime) -> Letter:
    """Somebody has asked for fresh links; which bookings they open is looked up when the letter leaves."""
    text = with_translation(language, lambda language: text_of("new_link", language))
    return outbox.put("new_link", contact=contact, language=language, subject=text.subject, body=text.body, now=now)


def handover_begun(booking: Booking, handover: Handover, now: datetime) -> None:
    """Asks the old address whether it really wants to hand the booking over, and the new one to speak for it."""
    to_group("handover_give", booking, contact=handover.former_contact, now=now)
    to_group("handover_take", booking, contact=handover.contact, now=now)


def handed_over(booking: Booking, former: Contact, successor: Contact, now: datetime) -> None:
    """Both have said yes: the former person is thanked, the successor gets link and dates."""
    to_group("handed_over_former", booking, contact=former, now=now)
    to_group("handed_over", booking, booking.coming(now), contact=successor, now=now)
