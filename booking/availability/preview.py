"""What the dates of a wish meet with, day by day. Nothing here is stored."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from booking.availability.check import Availability, Checked, check, found_at, holidays_among
from booking.availability.occupied import Gap
from booking.availability.rooms_at import best_room
from booking.availability.wanted import AnyRoom, OwnPlaces, Times, Wanted
from booking.availability.ways_out import Alternative, Clash, ways_out
from booking.domain import policy
from booking.domain.policy import HouseRules, Objection
from booking.domain.recurrence import RecurrenceRule
from booking.domain.slot import Slot, skipped
from booking.house import house_rules, room_rows

#: States that a way out may lead away from.
COMPETED = frozenset({Availability.TAKEN, Availability.REQUESTED, Availability.CLOSED})


@dataclass(frozen=True, slots=True)
class PreviewDate:
    """One date of a wish and what was found there.

    ``notes`` are codes with what they need to be said: public_holiday (name),
    school_holiday (name), outside_hours, tight (minutes to the meeting that is
    nearest, and whether that is the one before), nonexistent_time (when it
    really begins and ends).
    ``objections`` are house rules that forbid the date. ``not_free``: of several
    rooms at once those in which something is in the way.
    """

    day: date
    room: AnyRoom | None
    slot: Slot
    state: Availability
    found: Checked | None = None
    notes: tuple[Objection, ...] = ()
    objections: tuple[Objection, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    not_free: tuple[AnyRoom, ...] = ()

    @property
    def is_holiday(self) -> bool:
        return any(note.code == "public_holiday" for note in self.notes)

    @property
    def needs_decision(self) -> bool:
        return self.state is not Availability.FREE or self.is_holiday


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A date of the rule that falls on a day off and is not asked for."""

    day: date
    reason: str  # holiday or school
    name: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The dates of a rule with their states. ``complete``: none was cut off. ``room``: the one that suits best."""

    dates: tuple[PreviewDate, ...]
    left_out: tuple[LeftOut, ...] = ()
    complete: bool = True
    room: AnyRoom | None = None
    school_holidays_known_until: date | None = None
    beside: tuple[Checked, ...] = ()

    @property
    def free(self) -> list[PreviewDate]:
        return [each for each in self.dates if not each.needs_decision]

    @property
    def undecided(self) -> list[PreviewDate]:
        return [each for each in self.dates if each.needs_decision]

    @property
    def outside_hours(self) -> bool:
        return any(note.code == "outside_hours" for each in self.dates for note in each.notes)


def preview(
    rule: RecurrenceRule,
    times: Times,
    *,
    room: AnyRoom | None,
    now: datetime,
    language: str,
    people: int = 0,
    any_room: bool = False,
    leave_out: Collection[str] = (),
    limit: int = 520,
    alternatives: bool = True,
    exclude: Collection[int] = (),
    beside: Sequence[Wanted] = (),
    names: bool = True,
    whose: bool = True,
    own: OwnPlaces | None = None,
    bound: bool = True,
) -> Preview:
    """What the dates of a rule meet with, day by day. Nothing is stored.

    ``room`` None checks no room, unless ``any_room``: then the room that suits
    best is looked for, and its name stands in the answer. ``leave_out``:
    "holiday" and "school" drop days off. Of an open rule the first ``limit``
    dates are listed. ``exclude``: ids of stored dates that do not stand in the way,
    such as those that are to move. ``beside``: what else is looked up in the same
    question. ``names``: read who sits where something is taken, to be told, with ``whose`` booking that is.
    ``own``: rooms and times of days that differ. ``bound``: ways out keep to the
    rules about when dates can be asked for.
    """
    rules = house_rules()
    days = rule.days(limit + 1) if rule.is_open else rule.days()
    complete = len(days) <= limit and not rule.is_open
    days = days[:limit]
    off = holidays_among(days, now, language)
    public, school = off.public, off.school
    left_out = [LeftOut(day, *why) for day in days if (why := off.left_out(day, leave_out))]
    gone = {each.day for each in left_out}
    kept = [(day, *(own or {}).get(day, (None, times.on(day)))) for day in days if day not in gone]
    if any_room and kept:
        room = best_room(
            [each.occupied(each.slot(day, rules)) for day, its_room, each in kept if not its_room], people, now
        )
    places = [(day, its_room or room, each, each.slot(day, rules)) for day, its_room, each in kept]
    wanted = [Wanted(place, each.occupied(slot)) for _, place, each, slot in places if place]
    found = check([*wanted, *beside], now, rules.tight, exclude, names=names, whose=whose) if wanted else []
    dates, clashes = [], {}
    for index, (day, place, its_times, slot) in enumerate(places):
        checked = found[index] if found else None
        state = _state(checked, slot, now)
        notes = tuple(_notes(day, slot, place, its_times, rules, public, school, checked.gap if checked else None))
        dates.append(PreviewDate(day, place, slot, state, checked, notes=notes))
        if place and (state in COMPETED or (dates[-1].is_holiday and state is Availability.FREE)):
            sitting = checked.taken_by if checked else None
            occupied = sitting.occupied if sitting and sitting.occupied != sitting.slot else None
            clashes[index] = Clash(place, slot, its_times, people, place.step_free, dates[-1].is_holiday, occupied)
    ways = ways_out(clashes, now, exclude, bound=bound) if alternatives and clashes else {}
    shown = _with_ways(dates, ways, _of_several(clashes, now, exclude))
    return Preview(shown, tuple(left_out), complete, room, off.school_known_until, tuple(found[len(kept) :]))


def _with_ways(
    dates: Sequence[PreviewDate],
    ways: Mapping[int, tuple[Alternative, ...]],
    not_free: Mapping[int, tuple[AnyRoom, ...]],
) -> tuple[PreviewDate, ...]:
    """The dates with what was found for some of them, by their indexes."""
    of_some = ways.keys() | not_free.keys()
    return tuple(
        replace(date, alternatives=ways.get(index, ()), not_free=not_free.get(index, ())) if index in of_some else date
        for index, date in enumerate(dates)
    )


def _of_several(
    clashes: Mapping[int, Clash], now: datetime, exclude: Collection[int]
) -> dict[int, tuple[AnyRoom, ...]]:
    """For each clash of several rooms at once, by its key, those of them that are not free."""
    by_id = room_rows()
    keys = [(key, by_id[id_]) for key, clash in clashes.items() for id_ in clash.room.together]
    wanted = [Wanted(room, clashes[key].times.occupied(clashes[key].slot)) for key, room in keys]
    found: dict[int, tuple[AnyRoom, ...]] = {}
    for (key, room), each in zip(keys, found_at(wanted, now, exclude=exclude) if wanted else (), strict=True):
        if each.state is not Availability.FREE:
            found[key] = (*found.get(key, ()), room)
    return found


def _state(checked: Checked | None, slot: Slot, now: datetime) -> Availability:
    if slot.start < now:
        return Availability.PAST
    return checked.state if checked else Availability.FREE


def _notes(
    day: date,
    slot: Slot,
    room: AnyRoom | None,
    times: Times,
    rules: HouseRules,
    public: Mapping[date, str],
    school: Mapping[date, str],
    gap: Gap | None,
) -> Iterable[Objection]:
    if day in public:
        yield Objection("public_holiday", {"name": public[day]})
    if day in school:
        yield Objection("school_holiday", {"name": school[day]})
    if policy.is_outside_hours(slot, rules, room.id if room else None):
        yield Objection("outside_hours", {})
    if gap:
        yield Objection("tight", gap._asdict())
    if skipped_times(day, times, rules):
        real = [instant.astimezone(rules.zone).time() for instant in (slot.start, slot.end)]
        yield Objection("nonexistent_time", {"begins": real[0], "ends": real[1]})


def skipped_times(day: date, times: Times, rules: HouseRules) -> list[tuple[time, tuple[time, time]]]:
    """Start and end, as far as clocks never show them that night, each with the gap: from when to when they jump."""
    ends = datetime.combine(day, times.begins) + timedelta(minutes=times.minutes)
    walls = ((day, times.begins), (ends.date(), ends.time()))
    return [(at, gap) for that_day, at in walls if (gap := skipped(that_day, at, rules.zone))]
