"""What the dates of a wish meet with, and the ways out that are really free. Nothing here is stored."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from booking.conflicts import Gap, Wanted, gaps
from booking.database import db
from booking.domain import policy
from booking.domain.days_off import DaysOff, days_off
from booking.domain.policy import HouseRules, Objection
from booking.domain.recurrence import RecurrenceRule
from booking.domain.slot import Slot, skipped
from booking.models import Occurrence, Room
from booking.schedule import Checked, State, check, house, house_rules, rooms

#: How far from the wished time another time of the same day is looked for, and in which steps.
NEARBY = timedelta(hours=3)
STEP = timedelta(minutes=15)

#: How far from today holidays are looked up. A rule may span two thousand years, and their calendars take a while.
FORESEEN = timedelta(days=20 * 365)


@dataclass(frozen=True, slots=True)
class Times:
    """When a meeting is within its day: local wall time, and minutes kept free around it."""

    begins: time
    minutes: int
    before: int = 0
    after: int = 0

    def slot(self, day: date, rules: HouseRules) -> Slot:
        return Slot.on(day, self.begins, self.minutes, rules.zone)

    def occupied(self, slot: Slot) -> Slot:
        return slot.widened(timedelta(minutes=self.before), timedelta(minutes=self.after))


@dataclass(frozen=True, slots=True)
class WishedDate:
    """One date that is asked for. ``rule_day``: the date of the rule it stands for, where it was moved."""

    day: date
    begins: time
    minutes: int
    room_id: int
    rule_day: date | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """A way out that was just found to be free. ``kind`` is room, time or day."""

    kind: str
    room: Room
    slot: Slot


@dataclass(frozen=True, slots=True)
class Date:
    """One date of a wish and what was found there.

    ``notes`` are codes with what they need to be said: public_holiday (name),
    school_holiday (name), outside_hours, tight (minutes to the meeting that is
    nearest, and whether that is the one before), nonexistent_time (when it
    really begins and ends).
    ``objections`` are house rules that forbid the date.
    """

    day: date
    room: Room | None
    slot: Slot
    state: State
    found: Checked | None = None
    notes: tuple[Objection, ...] = ()
    objections: tuple[Objection, ...] = ()
    alternatives: tuple[Alternative, ...] = ()

    @property
    def is_holiday(self) -> bool:
        return any(note.code == "public_holiday" for note in self.notes)

    @property
    def needs_decision(self) -> bool:
        return self.state is not State.FREE or self.is_holiday


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A date of the rule that falls on a day off and is not asked for."""

    day: date
    reason: str  # holiday or school
    name: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The dates of a rule with their states. ``complete``: none was cut off. ``room``: the one that suits best."""

    dates: tuple[Date, ...]
    left_out: tuple[LeftOut, ...] = ()
    complete: bool = True
    room: Room | None = None
    school_holidays_known_until: date | None = None

    @property
    def free(self) -> list[Date]:
        return [each for each in self.dates if not each.needs_decision]

    @property
    def undecided(self) -> list[Date]:
        return [each for each in self.dates if each.needs_decision]

    @property
    def outside_hours(self) -> bool:
        return any(note.code == "outside_hours" for each in self.dates for note in each.notes)


def preview(
    rule: RecurrenceRule,
    times: Times,
    *,
    room: Room | None,
    now: datetime,
    language: str,
    people: int = 0,
    any_room: bool = False,
    leave_out: Collection[str] = (),
    limit: int = 520,
    alternatives: bool = True,
    but: Collection[int] = (),
) -> Preview:
    """What the dates of a rule meet with, day by day. Nothing is stored.

    ``room`` None checks no room, unless ``any_room``: then the room that suits
    best is looked for, and its name stands in the answer. ``leave_out``:
    "holiday" and "school" drop days off. Of an open rule the first ``limit``
    dates are listed. ``but``: ids of stored dates that do not stand in the way,
    such as those that are to move.
    """
    rules = house_rules()
    days = rule.days(limit + 1) if rule.is_open else rule.days()
    complete = len(days) <= limit and not rule.is_open
    days = days[:limit]
    off = holidays_among(days, now, language)
    public, school = off.public, off.school
    left_out = [each for day in days if (each := _left_out(day, leave_out, public, school))]
    gone = {each.day for each in left_out}
    kept = [(day, times.slot(day, rules)) for day in days if day not in gone]
    if any_room and kept:
        room = best_room([times.occupied(slot) for _, slot in kept], people, now)
    found = check([Wanted(room, times.occupied(slot)) for _, slot in kept], now, rules.tight, but) if room else []
    tight = [index for index, each in enumerate(found) if each.tight]
    gap_of = {tight[nth]: gap for nth, gap in gaps([found[index].wanted for index in tight], but).items()}
    dates = []
    for index, (day, slot) in enumerate(kept):
        checked = found[index] if found else None
        dates.append(
            Date(
                day,
                room,
                slot,
                _state(checked, slot, now),
                checked,
                notes=tuple(_notes(day, slot, times, rules, public, school, gap_of.get(index))),
            )
        )
    if alternatives and room:
        dates = _with_ways_out(dates, room, times, people, rules, now, public, but)
    return Preview(tuple(dates), tuple(left_out), complete, room, off.school_known_until)


def holidays_among(days: Sequence[date], now: datetime, language: str) -> DaysOff:
    """The holidays from the first to the last of these days; none beyond ``FORESEEN``, where nobody knows them."""
    first = max(days[0], (now - FORESEEN).date()) if days else now.date()
    last = min(days[-1], (now + FORESEEN).date()) if days else now.date()
    if last < first:
        return DaysOff({}, {}, None)
    return days_off(first, last, house().country, house().subdivision, language)


def best_room(slots: Sequence[Slot], people: int, now: datetime) -> Room:
    """The room with the fewest clashes for a series among those that seat everybody; of equals the smallest."""
    fitting = [room for room in rooms() if room.seats >= people] or sorted(rooms(), key=lambda room: -room.seats)[:1]
    found = check([Wanted(room, slot) for room in fitting for slot in slots], now)
    clashes = {
        room: sum(each.state is not State.FREE for each in found[n * len(slots) : (n + 1) * len(slots)])
        for n, room in enumerate(fitting)
    }
    return min(fitting, key=lambda room: (clashes[room], room.seats, room.position))


def objections(dates: Iterable[WishedDate], now: datetime) -> list[tuple[WishedDate, Objection]]:
    """The house rules that wished dates break, each with its date."""
    rules = house_rules()
    holidays = _holidays_after(now, rules)
    return [
        (wished, objection)
        for wished in dates
        for objection in policy.objections(
            Slot.on(wished.day, wished.begins, wished.minutes, rules.zone),
            now=now,
            rules=rules,
            public_holidays=holidays,
        )
    ]


def _holidays_after(now: datetime, rules: HouseRules) -> Mapping[date, str]:
    today = now.astimezone(rules.zone).date()
    row = house()
    return days_off(today, today + timedelta(days=60), row.country, row.subdivision, "de").public


def _left_out(
    day: date, leave_out: Collection[str], public: Mapping[date, str], school: Mapping[date, str]
) -> LeftOut | None:
    if "holiday" in leave_out and day in public:
        return LeftOut(day, "holiday", public[day])
    if "school" in leave_out and day in school:
        return LeftOut(day, "school", school[day])
    return None


def _state(checked: Checked | None, slot: Slot, now: datetime) -> State:
    if slot.start < now:
        return State.PAST
    return checked.state if checked else State.FREE


def _notes(
    day: date,
    slot: Slot,
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
    if policy.is_outside_hours(slot, rules):
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


def _with_ways_out(
    dates: list[Date],
    room: Room,
    times: Times,
    people: int,
    rules: HouseRules,
    now: datetime,
    public: Mapping[date, str],
    but: Collection[int],
) -> list[Date]:
    """Add to each date that clashes the ways out that are really free, best first. All are checked in one go.

    Where one of ``but`` is already is no way out for it.
    """
    ways = {
        index: list(_candidates(each, room, times, people, rules, public))
        for index, each in enumerate(dates)
        if each.state in (State.TAKEN, State.REQUESTED, State.CLOSED) or (each.is_holiday and each.state is State.FREE)
    }
    flat = [(index, way) for index, candidates in ways.items() for way in candidates]
    holidays = _holidays_after(now, rules)
    moving = db.session.scalars(db.select(Occurrence).where(Occurrence.id.in_(but))) if but else ()
    places = {(each.room_id, each.start) for each in moving}
    found = check([Wanted(way.room, times.occupied(way.slot)) for _, way in flat], now, rules.tight, but)
    free: dict[int, list[tuple[bool, Alternative]]] = {index: [] for index in ways}
    for (index, way), checked in zip(flat, found, strict=True):
        is_free = checked.state is State.FREE and (way.room.id, way.slot.start) not in places
        if is_free and not policy.objections(way.slot, now=now, rules=rules, public_holidays=holidays):
            free[index].append((checked.tight, way))
    return [
        Date(each.day, each.room, each.slot, each.state, each.found, each.notes, each.objections, _best(free[index]))
        if index in free
        else each
        for index, each in enumerate(dates)
    ]


def _candidates(
    each: Date, room: Room, times: Times, people: int, rules: HouseRules, public: Mapping[date, str]
) -> Iterable[Alternative]:
    """Other rooms, then other times of that day, nearest first, then other days of that week."""
    if not each.is_holiday:
        others = [other for other in rooms() if other.id != room.id and other.seats >= people]
        for other in sorted(others, key=lambda other: (room.step_free and not other.step_free, other.seats)):
            yield Alternative("room", other, each.slot)
        was_outside = policy.is_outside_hours(each.slot, rules)
        for n in range(1, NEARBY // STEP + 1):
            for shift in (n * STEP, -n * STEP):
                moved = Slot(each.slot.start + shift, each.slot.end + shift)
                if was_outside or not policy.is_outside_hours(moved, rules):
                    yield Alternative("time", room, moved)
    monday = each.day - timedelta(days=each.day.weekday())
    week = [monday + timedelta(days=n) for n in range(7)]
    for day in sorted(week, key=lambda day: (abs(day - each.day), day)):
        if day != each.day and day.weekday() in rules.hours and day not in public:
            yield Alternative("day", room, times.slot(day, rules))


def _best(ways: Sequence[tuple[bool, Alternative]]) -> tuple[Alternative, ...]:
    """One room, one time and one day; a second day where nothing else is free. Roomy ones before tight ones."""
    ordered = sorted(ways, key=lambda way: way[0])
    chosen = [next((way for _, way in ordered if way.kind == kind), None) for kind in ("room", "time", "day")]
    best = [way for way in chosen if way]
    if best and all(way.kind == "day" for way in best):
        best = [way for _, way in ordered if way.kind == "day"][:2]
    return tuple(best)
