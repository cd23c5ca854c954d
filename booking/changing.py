"""What a group does with its dates after it has asked: cancel, take back, move, answer.

``person`` is whoever of the group it is: who speaks for it, or a second person.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import NamedTuple

from booking import lifecycle, log
from booking.availability.check import Availability, Checked, broken_rules, check
from booking.availability.wanted import AnyRoom, Wanted, WishedDate
from booking.database import db
from booking.domain.policy import Objection
from booking.domain.slot import Slot
from booking.domain.status import GOING_ON, Action, ChangeState, Status
from booking.house import house, room_rows
from booking.letters import outbox
from booking.lifecycle import Place, updating
from booking.models import Booking, Change, Contact, Occurrence, day_of
from booking.requesting import ChangedMeanwhile, Refused, pairs_that_meet


class TooLate(Exception):
    """What was possible for a while is so no longer: to take a cancellation back, to answer a proposal."""


class Restored(NamedTuple):
    """What came of it. ``taken``: dates whose rooms others have by now; they stay cancelled."""

    back: tuple[Occurrence, ...]
    taken: tuple[Occurrence, ...]


def cancel_dates(
    booking: Booking, ids: Collection[int], now: datetime, person: Contact | None = None
) -> list[Occurrence]:
    """Cancel approved dates that are still to come, and free their rooms; returns those that were cancelled."""
    with updating(booking):
        dates = [each for each in booking.coming(now) if each.id in ids]
        if dates:
            lifecycle.take(booking, {Action.CANCEL: dates}, actor="group", person=person, now=now)
        return dates


def restorable(booking: Booking, now: datetime) -> list[Occurrence]:
    """The dates whose cancellation the group can still take back, as long as nobody else has their rooms."""
    return [each for each in booking.dates(Status.CANCELLED) if each.cancelled_by_group and each.end > now]


def restore_dates(booking: Booking, ids: Collection[int], now: datetime, person: Contact | None = None) -> Restored:
    """Take cancellations of these dates back, each where its room is still free. ``TooLate`` for one that is over."""
    with updating(booking):
        dates = [each for each in restorable(booking, now) if each.id in ids]
        if not dates and any(each.id in ids for each in booking.dates(Status.CANCELLED)):
            raise TooLate
        found = check([Wanted(each.room, each.occupied) for each in dates], now)
        gone = [
            each
            for each, met in zip(dates, found, strict=True)
            if met.state in (Availability.TAKEN, Availability.CLOSED)
        ]
        back = [each for each in dates if each not in gone]
        if back:
            lifecycle.take(booking, {Action.RESTORE: back}, actor="group", person=person, now=now)
        return Restored(tuple(back), tuple(gone))


def changeable(booking: Booking, now: datetime) -> list[Occurrence]:
    """The dates for which a group can ask for another time or room."""
    return [each for each in booking.dates(Status.REQUESTED, Status.APPROVED) if each.start > now]


def own_date_at(booking: Booking, room: AnyRoom | None, occupied: Slot, exclude: Collection[int] = ()) -> date | None:
    """The day of another date of a booking that meets a time in a room; ``exclude``: ids of dates that do not count."""
    if room is None:
        return None
    return next(
        (
            day_of(each.start, house().zone)
            for each in booking.dates(*GOING_ON)
            if each.id not in exclude and Wanted(each.room, each.occupied).meets(Wanted(room, occupied))
        ),
        None,
    )


def ask_for_change(
    booking: Booking, places: Mapping[int, Place], note: str, now: datetime, person: Contact | None = None
) -> list[Change]:
    """Ask for another time or room for dates, by their ids.

    What nobody has promised yet moves at once; an approved date stays where it
    is until the team says yes. A change that was asked for before and is still
    open makes room for the new one. Raises ``Refused`` for what the house rules
    forbid and ``ChangedMeanwhile`` where a place is taken or closed.
    """
    with updating(booking):
        dates = [
            each
            for each in changeable(booking, now)
            if each.id in places and not _is_asked_for(each, places[each.id], note)
        ]
        places = {each.id: places[each.id] for each in dates}
        broken = _objections(booking, places, now)
        if broken:
            raise Refused(broken)
        gone = _taken_places(booking, places, now)
        if gone:
            raise ChangedMeanwhile(gone)
        moved = [each for each in dates if each.status is Status.REQUESTED]
        asked = [each for each in dates if each.status is Status.APPROVED]
        if moved:
            lifecycle.take(booking, {Action.MOVE: moved}, places=places, actor="group", person=person, now=now)
        if asked:
            for each in asked:
                lifecycle.wish_for(each, places[each.id], now)
            wished = [each.changes[-1] for each in asked]
            log.record("ask_for_change", booking, actor="group", person=person, dates=wished, now=now)
        changes = [each.changes[-1] for each in dates]
        for change in changes:
            change.note = note
        db.session.flush()
        return changes


def fresh_changes(booking: Booking, now: datetime) -> list[Change]:
    """What the group has just asked for or moved: the office's letter still waits, so that it can be undone."""
    return [
        change
        for each in booking.dates(Status.REQUESTED, Status.APPROVED)
        for change in each.changes[-1:]
        if change.proposed_by == "group"
        and now < outbox.undo_until(change.created_at)
        and (change.state is ChangeState.OPEN or _is_fresh_move(each, change))
    ]


def _is_fresh_move(date: Occurrence, last: Change) -> bool:
    """Whether a date under review is where its last change has put it, which has not undone the one before."""
    if date.status is not Status.REQUESTED or last.state is not ChangeState.ACCEPTED:
        return False
    before = date.changes[-2:-1]
    return not any((each.former_room_id, each.former_slot) == (last.room_id, last.slot) for each in before)


def take_back_changes(
    booking: Booking, change_ids: Collection[int], now: datetime, person: Contact | None = None
) -> int:
    """Do without changes that were asked for; returns how many there were.

    Dates under review that have just been moved go back, where their places
    are still free. While the office's letter waits, it tells of none of them.
    """
    with updating(booking):
        fresh = fresh_changes(booking, now)
        wished = [
            change
            for each in booking.occurrences
            if (change := each.open_change) and change.proposed_by == "group" and change.id in change_ids
        ]
        back = {
            each.occurrence_id: Place(each.former_room_id, each.former_slot)
            for each in fresh
            if each.id in change_ids and each not in wished
        }
        moved = [each for each in booking.occurrences if each.id in back]
        if _taken_places(booking, back, now):
            moved = []
        for change in wished:
            lifecycle.end_change(change, Action.WITHDRAW)
        if wished:
            log.record("take_back_change", booking, actor="group", person=person, dates=wished, now=now)
        if moved:
            lifecycle.take(booking, {Action.MOVE: moved}, places=back, actor="group", person=person, now=now)
        return len(wished) + len(moved)


def answerable(booking: Booking, now: datetime) -> list[Occurrence]:
    """The dates that are proposed elsewhere and still kept free for an answer."""
    return [
        each
        for each in booking.dates(Status.PROPOSED)
        if (change := each.open_change) and (change.answer_by is None or now <= change.answer_by)
    ]


def accept(booking: Booking, ids: Collection[int], now: datetime, person: Contact | None = None) -> list[Occurrence]:
    """Say yes to what the team has proposed for these dates; they are approved. ``TooLate`` once it has run out."""
    with updating(booking):
        dates = _to_answer(booking, ids, now)
        if dates:
            lifecycle.take(booking, {Action.ACCEPT: dates}, actor="group", person=person, now=now)
        return dates


def refuse(
    booking: Booking, ids: Collection[int], note: str, now: datetime, person: Contact | None = None
) -> list[Occurrence]:
    """Say no to what the team has proposed for these dates, in the group's own words or without."""
    with updating(booking):
        dates = _to_answer(booking, ids, now)
        if dates:
            for each in dates:
                each.changes[-1].note = note
            lifecycle.take(booking, {Action.REFUSE: dates}, actor="group", person=person, now=now)
        return dates


def answer_question(booking: Booking, text: str, now: datetime, person: Contact | None = None) -> bool:
    """Answer what the team has asked; says whether the question was still open."""
    with updating(booking):
        if not booking.waits_for_answer:
            return False
        booking.answer = text
        log.record("answer", booking, actor="group", person=person, now=now)
        return True


def _is_asked_for(each: Occurrence, place: Place, note: str) -> bool:
    """Whether a date is there already, or is wished there in the same words: then nothing needs to be done."""
    change = each.open_change
    wished = (change.room_id, change.slot, change.note) if change else None
    return place == (each.room_id, each.slot) or wished == (*place, note)


def _wished(place: Place) -> WishedDate:
    zone = house().zone
    local = place.slot.start.astimezone(zone)
    return WishedDate(local.date(), local.time(), place.slot.wall_minutes(zone), place.room_id)


def _objections(booking: Booking, places: Mapping[int, Place], now: datetime) -> list[Objection]:
    """The house rules that dates would break at other places. A date that stays on its day is near enough."""
    zone = house().zone
    days = {each.id: each.start.astimezone(zone).date() for each in booking.occurrences}
    wished = {_wished(place): days[number] for number, place in places.items()}
    return [
        objection
        for each, objection in broken_rules(wished, now)
        if objection.code != "too_far" or each.day != wished[each]
    ]


def is_taken(checked: Checked, booking: Booking) -> bool:
    """Whether a date cannot be had: others have the room, it is closed, or the group itself has asked for it."""
    return checked.state in (Availability.TAKEN, Availability.CLOSED, Availability.PAST) or any(
        rival.booking_id == booking.id for rival in checked.rivals
    )


def _taken_places(booking: Booking, places: Mapping[int, Place], now: datetime) -> list[date]:
    """The days of places that dates of a booking, by their ids, cannot have. They do not stand in their own way."""
    by_id = room_rows()
    dates = [each for each in booking.occurrences if each.id in places]
    wanted = [Wanted(by_id[places[each.id].room_id], each.occupied_at(places[each.id].slot)) for each in dates]
    found = check(wanted, now, exclude=[each.id for each in dates])
    meet = {b for _, b in pairs_that_meet(wanted)}
    return sorted(
        {
            _wished(places[each.id]).day
            for index, (each, checked) in enumerate(zip(dates, found, strict=True))
            if index in meet or is_taken(checked, booking)
        }
    )


def _to_answer(booking: Booking, ids: Collection[int], now: datetime) -> list[Occurrence]:
    dates = [each for each in answerable(booking, now) if each.id in ids]
    if not dates and any(each.id in ids and _has_run_out(each) for each in booking.occurrences):
        raise TooLate
    return dates


def _has_run_out(each: Occurrence) -> bool:
    """Whether nobody has answered a proposal in time, be it noticed already or not."""
    last = each.changes[-1] if each.changes else None
    return each.status is Status.PROPOSED or (last is not None and last.state is ChangeState.EXPIRED)
