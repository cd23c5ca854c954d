"""What a group does with its dates after it has asked: cancel, take back, move, answer, go on."""

from collections.abc import Collection
from datetime import datetime

from booking import lifecycle
from booking.database import transaction
from booking.domain.status import Action, Status
from booking.models import Booking, Occurrence
from booking.schedule import claim_booking


def cancel(booking: Booking, ids: Collection[int], now: datetime) -> list[Occurrence]:
    """Cancel approved dates that are still to come, and free their rooms; returns those that were cancelled."""
    with transaction():
        claim_booking(booking)
        dates = [each for each in booking.dates(Status.APPROVED) if each.id in ids and each.end > now]
        if dates:
            lifecycle.take(booking, {Action.CANCEL: dates}, actor="group", now=now)
        return dates
