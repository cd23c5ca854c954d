"""The example house, alive on whatever day it is loaded; nobody is written to.

Who meets, how, and what they ask for stands in a file beside the house's own.
"""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from booking import deciding, lifecycle, requesting
from booking.availability.check import Availability
from booking.availability.preview import preview
from booking.availability.wanted import Times, WishedDate
from booking.database import db, transaction
from booking.domain.days_off import days_off
from booking.domain.policy import earliest, horizon
from booking.domain.recurrence import WEEKDAY_CODES, Frequency, RecurrenceRule, ordinal_of
from booking.domain.repeats import Repeats
from booking.domain.slot import Slot
from booking.domain.status import Action
from booking.house import house, house_rules, public_changed
from booking.lifecycle import Place
from booking.models import Booking, Closure, Letter, Occurrence, Room, StaffMember, YearFigure
from booking.requesting import Wish

#: What a wish needs, where an example says nothing about it.
USUAL = {"kind": "initiative", "is_open": True, "open_end": False, "way_in": "", "access_needs": "", "note": ""}

#: By which an example house is known: the mark of its colleague who cannot sign in.
_MARK = "example"

ExampleBooking = Mapping[str, Any]


def is_example_house() -> bool:
    """Whether the house at hand began as the example."""
    return db.session.scalar(db.select(StaffMember.id).where(StaffMember.fs_uniquifier == _MARK)) is not None


def load_examples(path: Path, now: datetime) -> None:
    """Fill an installation that has a house and nothing else with what the file says."""
    examples = tomllib.loads(path.read_text(encoding="utf-8"))
    today = now.astimezone(house().zone).date()
    first = date(today.year, 1, 1) if today.month > 6 else date(today.year - 1, 7, 1)
    last = horizon(today)
    with transaction():
        colleague = StaffMember(  # who cannot sign in
            name="Kollegin A", email="kollegin@example.org", password=None, active=False, fs_uniquifier=_MARK
        )
        db.session.add(colleague)
        _close(examples["closure"], first.year)
        for kind, (planned, counted) in examples["figures"].items():
            db.session.add(YearFigure(year=today.year, kind=kind, planned=planned))
            db.session.add(YearFigure(year=today.year - 1, kind=kind, counted=counted))
        public_changed()
    with transaction():
        for series in examples["series"]:
            booking = _hold(series, first, last, colleague)
            _change(booking, series, now)
            booking.initiative.is_public = True
        public_changed()
    holidays = days_off(today, last, house().country, house().subdivision, "de").public
    soon = earliest(now, house_rules(), holidays) + timedelta(days=14)
    for request in examples["requests"]:
        asked_at = now - timedelta(hours=request["hours_ago"])
        furthest = horizon(asked_at.astimezone(house().zone).date())
        booking, _ = requesting.submit(_wish(request, soon, furthest, asked_at), asked_at)
        _decide(booking, request, colleague, asked_at + timedelta(hours=2))
    with transaction():  # nobody is written to
        db.session.execute(
            db.update(Letter).where(Letter.state == "waiting").values(state="sent", sent_at=Letter.created_at)
        )


def _close(closure: ExampleBooking, year: int) -> None:
    """The closure of every year from a first one on; its last day may lie in the next."""
    first, last = (date.fromisoformat(f"{year}-{closure[end]}") for end in ("from", "until"))
    if last < first:
        last = last.replace(year=year + 1)
    start, end = (Slot.on(day, time(0), 1, house().zone).start for day in (first, last + timedelta(days=1)))
    words = {"reason": closure["reason"], "reason_en": closure["reason_en"]}
    db.session.add(Closure(start=start, end=end, repeats=Repeats.YEARLY, **words))


def _hold(series: ExampleBooking, first: date, last: date, by: StaffMember) -> Booking:
    """A series that was asked for and approved before it began."""
    asked_at = Slot.on(first - timedelta(days=21), time(10), 1, house().zone).start
    booking = requesting.store(_wish({"way_in": "have", **series}, first, last, asked_at), asked_at)
    lifecycle.take(booking, {Action.APPROVE: booking.occurrences}, by=by, now=asked_at + timedelta(days=1))
    return booking


def _change(booking: Booking, series: ExampleBooking, now: datetime) -> None:
    """What happens to series: dates that are cancelled, in another room or at another hour."""
    coming = [each for each in booking.occurrences if each.start > now]
    for number, reason in series.get("cancelled", {}).items():
        for each in _nth(coming, int(number)):
            lifecycle.take(booking, {Action.CANCEL: [each]}, reasons={each.id: reason}, now=now)
    for number, slug in series.get("moved", {}).items():
        for each in _nth(coming, int(number)):
            room_id = db.session.scalars(db.select(Room.id).where(Room.slug == slug)).one()
            _move(each, Place(room_id, each.slot), now)
    for number in series.get("earlier", []):
        for each in _nth(coming, number):
            hour = timedelta(hours=1)
            _move(each, Place(each.room_id, Slot(each.start - hour, each.end - hour)), now)


def _move(date: Occurrence, place: Place, now: datetime) -> None:
    lifecycle.take(date.booking, {Action.MOVE: [date]}, places={date.id: place}, now=now)


def _decide(booking: Booking, request: ExampleBooking, by: StaffMember, now: datetime) -> None:
    """What the office has answered to a request, if it has."""
    dates = booking.occurrences
    approve = [each.id for number in request.get("approve", []) for each in _nth(dates, number)]
    decline = {
        each.id: reason for number, reason in request.get("decline", {}).items() for each in _nth(dates, int(number))
    }
    if approve or decline:
        deciding.decide(
            booking,
            approve=approve,
            decline=decline,
            message=request.get("message", ""),
            seen_version=booking.version,
            by=by,
            now=now,
        )


def _wish(entry: ExampleBooking, first: date, last: date, asked_at: datetime) -> Wish:
    """What a group would send: the dates of its rule that are free, no public holiday, and not after ``last``."""
    room = db.session.scalars(db.select(Room).where(Room.slug == entry["room"])).one()
    times = Times(entry["begins"], entry["minutes"], 0, entry.get("after", 0))
    rule = RecurrenceRule(
        start=_first_day(entry, first),
        freq=Frequency(entry["freq"]),
        interval=entry.get("interval", 1),
        ordinals=tuple(entry.get("ordinals", ())),
        count=entry.get("count"),
        until=None if "count" in entry else last,
    )
    found = preview(rule, times, room=room, now=asked_at, language="de", leave_out=("holiday",), alternatives=False)
    days = [
        each.day
        for each in found.dates
        if each.state in (Availability.FREE, Availability.REQUESTED)
        and each.day <= last
        and each.day.month != entry.get("skip_month")
    ]
    holidays = {each.day for each in found.left_out}
    return Wish(
        **{name: entry.get(name, usual) for name, usual in USUAL.items()},
        **{name: entry[name] for name in ("title", "group", "people", "purpose")},
        form_id=f"example: {entry['title']}",
        language="de",
        rule=rule,
        times=times,
        dates=[WishedDate(day, times.begins, times.minutes, room.id) for day in days],
        skipped={day: "holiday" if day in holidays else "left_out" for day in rule.days() if day not in days},
        room_id=room.id,
        name="Kim Beispiel",
        email=f"{requesting.slug_of(entry['group'])}@example.org",
        phone="0123 0000000",
    )


def _first_day(entry: ExampleBooking, not_before: date) -> date:
    """The first day of a series: on or after ``not_before``, or with a date of an earlier request that it meets."""
    if "with" in entry:
        met = db.session.scalars(db.select(Booking).where(Booking.title == entry["with"]["title"])).one()
        not_before = met.occurrences[entry["with"]["date"]].start.astimezone(house().zone).date()
    day = not_before + timedelta(days=(WEEKDAY_CODES.index(entry["weekday"]) - not_before.weekday()) % 7)
    ordinals = entry.get("ordinals", [1]) if entry["freq"] == "monthly" else []
    while ordinals and ordinal_of(day) not in ordinals:
        day += timedelta(days=7)
    return day


def _nth(dates: Sequence[Occurrence], number: int) -> Sequence[Occurrence]:
    """The date of that number, if there are so many."""
    return dates[number : number + 1]
