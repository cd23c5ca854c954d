"""What the office enters by itself: what came by telephone, its own events, the series that it knows of."""

from datetime import date, datetime, time, timedelta

from booking import lifecycle, log
from booking.availability.claim import claim, claim_house
from booking.database import transaction
from booking.domain.slot import Slot
from booking.domain.status import Action
from booking.house import house, public_changed, rooms
from booking.models import Booking, Letter, StaffMember
from booking.notices.frame import to_group
from booking.requesting import ChangedMeanwhile, Wish, find_by_form, in_stored_rooms, look_up, store


def enter(
    wish: Wish, *, approve: bool, with_letter: bool, by: StaffMember, now: datetime
) -> tuple[Booking, Letter | None, bool]:
    """Store dates that nobody asked for here: confirmed at once, or to be decided on like others.

    What binds groups, such as how long before they must ask, does not bind the office, and what is over it can write
    down too; of that alone no letter tells. The same form sent again gives the booking that it made the first time, and
    ``False``. Raises ``ChangedMeanwhile`` where a date is taken or closed by now; then nothing is stored.
    """
    with transaction():
        wanted = {*(each.room_id for each in wish.dates), *wish.together}
        claim(room for room in rooms() if room.id in wanted)
        claim_house()
        earlier = find_by_form(wish.form_id)
        if earlier:
            return earlier, None, False
        wish = in_stored_rooms(wish)
        _, gone = look_up(wish.dates, wish.times, seen_from(min(each.day for each in wish.dates), now))
        if gone:
            raise ChangedMeanwhile(gone)
        booking = store(wish, now)
        log.record("enter", booking, by=by, count=len(wish.dates), now=now)
        is_told = with_letter and any(each.end > now for each in booking.occurrences)
        letter = None
        if approve:
            steps = {Action.APPROVE: list(booking.occurrences)}
            letter = lifecycle.take(booking, steps, by=by, is_told=is_told, now=now)
            public_changed()
        elif is_told:
            letter = to_group("requested", booking, now=now)
        return booking, letter, True


def seen_from(first: date, now: datetime) -> datetime:
    """As of when dates are looked at, the earliest of which is on the day ``first``: none of them is past for that."""
    return min(now, Slot.on(first - timedelta(days=1), time(0), 1, house().zone).start)
