"""The booking that all of these tests are about."""

import pytest

from booking.database import transaction
from booking.domain.status import Status
from tests import make


@pytest.fixture
def booking(house_with_rooms):
    """Three Wednesdays at the hall: two approved, one under review."""
    booking = make.booking(
        house_with_rooms[0], "2027-01-06T16:00", "2027-01-13T16:00", "2027-01-20T16:00", title="Netzwerktreffen"
    )
    with transaction():
        booking.occurrences[0].status = booking.occurrences[1].status = Status.APPROVED
    make.link(booking)
    return booking
