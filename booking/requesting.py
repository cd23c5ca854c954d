"""What the public does: ask, and withdraw. What is free it sees through ``availability``."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import chain, count
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import lazyload
from sqlalchemy.orm.attributes import set_committed_value

from booking import lifecycle, links, log
from booking.availability.check import Availability, Checked, broken_rules, check
from booking.availability.claim import claim_house
from booking.availability.wanted import Times, Wanted, WishedDate
from booking.database import db, transaction
from booking.domain import policy
from booking.domain.policy import Objection
from booking.domain.recurrence import RecurrenceRule
from booking.domain.slot import Slot
from booking.domain.status import Action, Status
from booking.house import house, house_rules, is_offered, is_one_too_many, room_rows, rooms, store_together
from booking.lifecycle import updating
from booking.models import Booking, Contact, Initiative, Occurrence, Room, StaffMember
from booking.notices.frame import to_group, to_office


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """All that a group sends with its request; the shape is checked, the house rules are not."""

    form_id: str
    language: str
    rule: RecurrenceRule
    times: Times
    dates: Sequence[WishedDate]
    skipped: Mapping[date, str] = field(
        default_factory=dict
    )  # reason code: taken, closed, requested, holiday, school, left_out
    room_id: int | None = None
    together: Sequence[int] = ()  # ids of rooms at once; dates in all of them have the room 0, as long as there is none
    people: int
    title: str
    group: str
    kind: str
    purpose: str
    is_open: bool
    url: str = ""
    equipment: Sequence[str] = ()
    access_needs: str = ""
    way_in: str = ""
    onsite_name: str = ""
    onsite_phone: str = ""
    name: str
    email: str
    phone: str = ""
    note: str = ""
    open_end: bool = False
    doors_open: bool = False  # guests may come in during the time before, and the public plan says so
    reminders: bool = False  # before every date, not only the first


class Refused(Exception):
    """The house rules forbid the wish; ``objections`` says which, all at once."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(", ".join(objection.code for objection in objections))
        self.objections = objections


class ChangedMeanwhile(Exception):
    """Dates that were free when the page was shown are so no longer; nothing was stored."""

    def __init__(self, days: Sequence[date]) -> None:
        super().__init__(", ".join(map(str, days)))
        self.days = days


def submit(wish: Wish, now: datetime) -> tuple[Booking, bool]:
    """Store a request and owe the letters that tell of it; a request holds no room.

    The same form sent again gives the booking it made the first time, and
    ``False``. Raises ``Refused`` for what the house rules forbid and
    ``ChangedMeanwhile`` where a date is taken or closed by now.
    """
    with transaction():
        claim_house()
        earlier = find_by_form(wish.form_id)
        if earlier:
            return earlier, False
        if is_one_too_many(wish.together):
            raise Refused([Objection("too_many_together", {})])
        rules, wish = house_rules(), in_stored_rooms(wish)
        broken = [objection for _, objection in broken_rules(wish.dates, now)]
        broken += policy.request_objections([each.day for each in wish.dates], rules)
        if broken:
            raise Refused(broken)
        found, gone = look_up(wish.dates, wish.times, now)
        if gone:
            raise ChangedMeanwhile(gone)
        booking = _new_booking(wish, _group_of(wish), now)
        links.issue(booking, now)  # is stored with it
        _store_dates(booking, wish, now)
        log.record("request", booking, actor="group", count=len(wish.dates), now=now)
        outside = sum(policy.is_outside_hours(each.slot, rules, each.room_id) for each in booking.occurrences)
        rivals = sum(checked.state is Availability.REQUESTED for checked in found)
        to_group("requested", booking, now=now)
        free = len(found) - rivals
        copies = db.session.scalars(_HEARING).all()
        to_office("new_request", booking, free=free, requested=rivals, outside_hours=outside, copies=copies, now=now)
        return booking, True


def in_stored_rooms(wish: Wish) -> Wish:
    """The same wish with several rooms at once as a row, in the transaction at hand."""
    if not wish.together:
        return wish
    room_id = store_together([room for room in rooms() if room.id in wish.together]).id
    dates = [replace(each, room_id=each.room_id or room_id) for each in wish.dates]
    return replace(wish, together=(), room_id=room_id, dates=dates)


def find_by_form(form_id: str) -> Booking | None:
    """The booking that a form made when it was sent, if it was."""
    return db.session.scalars(_BY_FORM, {"form_id": form_id}).one_or_none()


# Others wait while a request is stored, and to make a statement anew takes longer than to run it.
_BY_FORM = sa.select(Booking).where(Booking.form_id == sa.bindparam("form_id"))
_HEARING = sa.select(StaffMember).where(StaffMember.active, StaffMember.hears_of_requests).order_by(StaffMember.id)
_ALIKE = sa.select(Initiative).where(
    sa.or_(Initiative.slug == sa.bindparam("base"), Initiative.slug.startswith(sa.bindparam("base_and_dash")))
)
_TABLE: Any = Occurrence.__table__  # of the class it takes the session longer
_STORE_DATES = sa.insert(_TABLE)
_DATES = (
    sa.select(Occurrence)
    .where(Occurrence.booking_id == sa.bindparam("of"))
    .order_by(Occurrence.start)
    .options(lazyload(Occurrence.room))
)
_ROOMS = sa.select(Room).where(Room.id.in_(sa.bindparam("ids", expanding=True)))


def withdraw(booking: Booking, now: datetime, ids: Collection[int] | None = None, person: Contact | None = None) -> int:
    """Take back what is not decided yet, or of that the dates with these ids; returns how many that were."""
    with updating(booking):
        dates = [each for each in booking.dates(Status.REQUESTED) if ids is None or each.id in ids]
        if dates:
            lifecycle.take(booking, {Action.WITHDRAW: dates}, actor="group", person=person, now=now)
        return len(dates)


def look_up(dates: Sequence[WishedDate], times: Times, now: datetime) -> tuple[list[Checked], list[date]]:
    """What wanted dates meet with now, and the days of those that cannot be had, each by the rule's day it stands for.

    A date cannot be had where its room is taken or closed, or where another of these dates would sit.
    """
    rules = house_rules()
    by_id = room_rows()
    wanted = [
        Wanted(by_id[each.room_id], times.occupied(Slot.on(each.day, each.begins, each.minutes, rules.zone)))
        for each in dates
    ]
    found = check(wanted, now)
    gone = [
        each.rule_day or each.day
        for each, checked in zip(dates, found, strict=True)
        if checked.state in (Availability.TAKEN, Availability.CLOSED) or not is_offered(by_id[each.room_id])
    ]
    gone += [dates[b].rule_day or dates[b].day for a, b in pairs_that_meet(wanted)]
    return found, sorted(set(gone))


def pairs_that_meet(wanted: Sequence[Wanted]) -> Iterable[tuple[int, int]]:
    """Dates of one wish that would sit in each other's room."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index].slot.start)
    for place, a in enumerate(order):
        for b in order[place + 1 :]:
            if wanted[b].slot.start >= wanted[a].slot.end:
                break  # and so are all that start later
            if wanted[a].meets(wanted[b]):
                yield a, b


def _contact(wish: Wish) -> Contact | None:
    """Who speaks for it; nobody where the office knows nobody."""
    told = {name: getattr(wish, name) or None for name in _OF_CONTACT}
    return Contact(**told) if any(told.values()) else None


_OF_CONTACT = ("name", "email", "phone", "onsite_name", "onsite_phone")
_OF_BOOKING = (
    *("form_id", "language", "title", "purpose", "is_open", "url", "people", "access_needs", "way_in", "note"),
    *("open_end", "doors_open", "reminders"),
)


def store(wish: Wish, now: datetime) -> Booking:
    """The rows of a wish in the transaction at hand, whatever the house rules say; ``submit`` is for everybody."""
    booking = _new_booking(wish, _group_of(wish), now)
    db.session.flush()
    _store_dates(booking, wish, now)
    return booking


def add_booking(wish: Wish, group: Initiative, now: datetime) -> Booking:
    """The same for a group that is there, without asking the database anything: for many at once."""
    booking = _new_booking(wish, group, now)
    booking.occurrences = sorted((new_date(booking, each, now) for each in wish.dates), key=lambda each: each.start)
    return booking


def _new_booking(wish: Wish, group: Initiative, now: datetime) -> Booking:
    """What is asked for, without its dates."""
    rules = house_rules()
    moved = {each.rule_day for each in wish.dates if each.rule_day and each.rule_day != each.day}
    elsewhere = [each.day for each in wish.dates if each.rule_day and each.rule_day != each.day]
    rule = wish.rule.with_extra(elsewhere).without({*wish.skipped, *moved})
    booking = Booking(
        reference=next_reference(now.astimezone(rules.zone).year),
        created_at=now,
        initiative=group,
        contact=_contact(wish),
        **{name: getattr(wish, name) for name in _OF_BOOKING},
        room_wish_id=wish.room_id,
        equipment=list(wish.equipment),
        rules_version=house().rules_version,
        rule=rule.as_json(),
        begins=wish.times.begins,
        minutes=wish.times.minutes,
        before_minutes=wish.times.before,
        after_minutes=wish.times.after,
        skipped=[{"day": day.isoformat(), "reason": reason} for day, reason in sorted(wish.skipped.items())],
        key_loans=[],  # so that no letter asks whether it has any
    )
    db.session.add(booking)
    return booking


def _store_dates(booking: Booking, wish: Wish, now: datetime) -> None:
    """The dates of a booking that was stored just now. As rows: to make objects and store these takes twice as long,
    and others wait meanwhile."""
    zone = house().zone
    rows = [{"booking_id": booking.id, **_date_values(booking, each, zone, now)} for each in wish.dates]
    rows.sort(key=itemgetter("start"))
    db.session.execute(_STORE_DATES, rows)
    set_committed_value(booking, "occurrences", db.session.scalars(_DATES, {"of": booking.id}).all())
    used = {row["room_id"] for row in rows}
    its_rooms = {room.id: room for room in db.session.scalars(_ROOMS, {"ids": [*used]})}  # once, not with each date
    for each in booking.occurrences:
        set_committed_value(each, "changes", [])
        set_committed_value(each, "room", its_rooms[each.room_id])


def new_date(booking: Booking, wished: WishedDate, now: datetime) -> Occurrence:
    """A date of a booking as it is asked for, with the booking's time around it."""
    found = Occurrence(**_date_values(booking, wished, house().zone, now))
    set_committed_value(found, "changes", [])  # so that nobody asks for each date whether it has any
    return found


def _date_values(booking: Booking, wished: WishedDate, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    slot = Slot.on(wished.day, wished.begins, wished.minutes, zone)
    return {
        "room_id": wished.room_id,
        "original_room_id": wished.room_id,
        "start": slot.start,
        "original_start": slot.start,
        "end": slot.end,
        "before_minutes": booking.before_minutes,
        "after_minutes": booking.after_minutes,
        "doors": slot.start - timedelta(minutes=booking.before_minutes) if booking.doors_open else None,
        "changed_at": now,
    }


def next_reference(year: int) -> str:
    """IO-26-0142: the house, the year, and a number that runs on within it."""
    row = house()
    if row.reference_year != year:
        row.reference_year, row.reference_number = year, 0
    row.reference_number += 1
    return f"{row.reference_prefix}-{year % 100:02}-{row.reference_number:04}"


def _group_of(wish: Wish) -> Initiative:
    """The group that a wish names, in the transaction at hand; a new one where nobody knows it."""
    alike = _alike(slug_of(wish.group))
    return _known(wish.group, alike) or _new_group(wish.group, wish.kind, alike)


def new_group(name: str, kind: str) -> Initiative:
    """A group that nobody knows, in the transaction at hand; not public until the office says so."""
    return _new_group(name, kind, _alike(slug_of(name)))


def known_group(name: str) -> Initiative | None:
    """The group of that name, however it is capitalised, or else one that has it among its other names."""
    return _known(name, _alike(slug_of(name)))


def _new_group(name: str, kind: str, alike: Sequence[Initiative]) -> Initiative:
    base, taken = slug_of(name), {each.slug for each in alike}
    slug = next(slug for slug in chain([base], (f"{base}-{n}" for n in count(2))) if slug not in taken)
    group = Initiative(name=name, slug=slug, kind=kind)
    db.session.add(group)
    return group


def _known(name: str, alike: Sequence[Initiative]) -> Initiative | None:
    wanted = name.casefold()
    named = next((each for each in alike if each.name.casefold() == wanted), None)
    return named or known_groups([name]).get(wanted)


def known_groups(names: Collection[str]) -> dict[str, Initiative]:
    """The groups of these names, by the names casefolded; looked for among all there are, in two statements."""
    wanted = {name.casefold() for name in names}
    every = db.session.execute(
        db.select(Initiative.id, Initiative.name, Initiative.other_names).order_by(Initiative.id)
    ).all()
    found: dict[str, int] = {}
    for id_, name, _ in every:
        if name.casefold() in wanted:
            found.setdefault(name.casefold(), id_)
    for id_, _, others in every:
        for name in wanted.intersection(others.casefold().splitlines() if others else ()):
            found.setdefault(name, id_)
    rows = db.session.scalars(db.select(Initiative).where(Initiative.id.in_(found.values()))) if found else ()
    by_id = {row.id: row for row in rows}
    return {name: by_id[id_] for name, id_ in found.items()}


def _alike(base: str) -> Sequence[Initiative]:
    """The groups whose addresses begin like this part of one."""
    return db.session.scalars(_ALIKE, {"base": base, "base_and_dash": f"{base}-"}).all()


def slug_of(name: str) -> str:
    """A name as part of an address: gesunde-staedte-netzwerk. Names that differ in capitals alone have the same."""
    folded = name.casefold().translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue"})
    ascii_only = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-") or "gruppe"
