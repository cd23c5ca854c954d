"""What a group can change by itself of what it told when it asked."""

from dataclasses import dataclass
from datetime import datetime

from booking import lifecycle, log
from booking.domain.status import PUBLIC, Status
from booking.lifecycle import updating
from booking.models import Booking, Contact
from booking.sharing.people import require_known

#: What the team has said yes to, a proposal too: with it a group makes a date public by its own yes.
PROMISED = PUBLIC | {Status.PROPOSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a group can change by itself. ``name`` and ``phone`` are those of whoever changes it."""

    title: str
    people: int
    is_open: bool
    url: str
    reminders: bool
    way_in: str
    onsite_name: str
    onsite_phone: str
    name: str
    phone: str


def may_open(booking: Booking) -> bool:
    """Whether a closed group can say that everybody may come: not after its dates were promised without that."""
    return booking.is_open or not booking.dates(*PROMISED)


def edit(booking: Booking, reader: Contact | None, details: Details, now: datetime) -> None:
    """Change what a group told about itself.

    What the public would read anew of an open group whose dates are promised,
    a title or a link, waits for the team; all else holds at once. Raises
    ``Forgotten``.
    """
    with updating(booking):
        require_known(reader)
        wished_url = booking.url_wish
        booking.is_open = details.is_open and may_open(booking)
        waits = booking.is_open and bool(booking.dates(*PROMISED))
        if not waits or not details.url:
            booking.url = details.url if booking.is_open else ""
        booking.url_wish = details.url if waits and details.url != booking.url else ""
        booking.people, booking.reminders, booking.way_in = details.people, details.reminders, details.way_in
        if booking.contact:
            booking.contact.onsite_name = details.onsite_name or None
            booking.contact.onsite_phone = details.onsite_phone or None
        if reader:
            reader.name, reader.phone = details.name, details.phone or None
        log.record("edit", booking, actor="group", person=reader, now=now)
        if waits:
            wish = details.title if details.title != booking.title else ""
            if (wish and wish != booking.title_wish) or (booking.url_wish and booking.url_wish != wished_url):
                log.record("ask_title", booking, actor="group", person=reader, now=now)
            booking.title_wish = wish
        elif details.title != booking.title:
            lifecycle.rename(booking, details.title, now)
        else:
            booking.title_wish = ""
