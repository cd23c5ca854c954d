"""What the office is told of what groups do: in German, with a link to the decision."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from booking import wording
from booking.models import Booking, Change, Letter, Occurrence, day_of
from booking.notices.frame import to_office
from booking.schedule import house


class Counts(NamedTuple):
    """What the team wants to know of a request at a glance: dates that are …"""

    free: int
    taken: int
    requested: int  # wanted by others too
    outside: int  # of opening hours


def new_request(booking: Booking, counts: Counts, now: datetime) -> Letter:
    """A group asks for dates."""
    return to_office("new_request", booking, now, counts=counts, times=_subject_times(booking))


def change_requested(booking: Booking, changes: Sequence[Change], now: datetime) -> Letter:
    """A group wants another time or room; for dates that were not decided yet it has it already."""
    return to_office(
        "change_requested",
        booking,
        now,
        wished=[change for change in changes if change.state == "open"],
        made=[change for change in changes if change.state != "open"],
        notes=list(dict.fromkeys(change.note.strip() for change in changes if change.note.strip())),
    )


def answered(booking: Booking, now: datetime) -> Letter:
    """A group has answered the team's question."""
    return to_office("answered", booking, now)


def proposal_refused(booking: Booking, occurrences: Sequence[Occurrence], note: str, now: datetime) -> Letter:
    """A group does not want what the team has proposed; ``note`` is what it says to that."""
    changes = [occurrence.changes[-1] for occurrence in occurrences]
    return to_office("proposal_refused", booking, now, changes=changes, note=note.strip())


def extended(booking: Booking, occurrences: Sequence[Occurrence], now: datetime) -> Letter:
    """A group wants to go on, with these further dates."""
    return to_office("extended", booking, now, added=sorted(occurrences, key=lambda occurrence: occurrence.start))


def _subject_times(booking: Booking) -> str:
    """Mi 16–18 Uhr, 25 Termine; or Di, 8. Dezember, 19–21 Uhr for a single date."""
    zone = house().zone
    dates = booking.occurrences
    ends = (datetime.combine(date.min, booking.begins) + timedelta(minutes=booking.minutes)).time()
    times = f"{wording.hour(booking.begins)}–{wording.hour(ends)} Uhr"
    if len(dates) == 1:
        only = dates[0].slot
        times = (
            f"{wording.hour(only.start.astimezone(zone).time())}–{wording.hour(only.end.astimezone(zone).time())} Uhr"
        )
        return f"{wording.short_day(day_of(only.start, zone), 'de')}, {times}"
    days = sorted({day_of(each.start, zone).weekday() for each in dates})
    names = [wording.weekday(wording.a_day(n), "de")[:2] for n in days]
    return f"{'/'.join(names)} {times}, {len(dates)} Termine"
