"""Dates that are asked for: what each meets with, the ways out, and what was chosen.

What was chosen is looked at anew each time. Nothing that a browser sends is
believed: a way out counts only if it is offered now, or found to be free.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from booking.availability.check import Availability, Checked, broken_rules, check, without_days_off
from booking.availability.preview import COMPETED, LeftOut, Preview, PreviewDate, preview
from booking.availability.wanted import AnyRoom, Wanted, WishedDate
from booking.availability.ways_out import Alternative, WayForAll, seats, ways_for_all
from booking.domain import policy
from booking.domain.recurrence import FIRST_DAY, LAST_DAY, Frequency, RecurrenceRule, RuleError, is_last, readings
from booking.domain.slot import Slot
from booking.house import house, house_rules, offered_rooms, room_rows
from booking.requesting import Wish
from booking.web.forms.when import AskedDates

SKIP, ANYWAY = "skip", "anyway"
#: Why a date is left out, as it is stored with the request.
REASONS = {Availability.TAKEN: "taken", Availability.CLOSED: "closed", Availability.REQUESTED: "requested"}
#: From so many clashes on, if they are most dates, somebody rather changes the series than each of them.
MANY = 3
STAMP = "%Y%m%dT%H%MZ"


@dataclass(frozen=True, slots=True)
class DateOption:
    """One way out for a date: ``value`` is sent by the browser. ``wished`` None: the date is left out."""

    value: str
    kind: str  # room, time, day, anyway or skip
    wished: WishedDate | None
    way: Alternative | None = None


@dataclass(frozen=True, slots=True)
class DateToDecide:
    """A date that somebody has to decide about. ``met_by``: it would sit where this other date does."""

    date: PreviewDate
    options: tuple[DateOption, ...]
    chosen: DateOption | None
    met_by: dt.date | None = None

    @property
    def name(self) -> str:
        return control(self.date.day)


@dataclass(frozen=True, slots=True)
class RhythmReading:
    """One way to read the rhythm, with the dates it would have."""

    key: str
    rule: RecurrenceRule
    days: tuple[date, ...]


@dataclass(frozen=True)
class Plan:
    """All dates of a request and what was chosen for them."""

    asked: AskedDates
    rule: RecurrenceRule
    reading: str
    readings: tuple[RhythmReading, ...]
    preview: Preview
    rows: tuple[DateToDecide, ...]
    unwanted: frozenset[date]  # free dates that were unticked
    looked_up: Mapping[str, Checked]  # what was found at ways out that were chosen before, by their values

    @property
    def free(self) -> list[PreviewDate]:
        return self.preview.free

    @property
    def room(self) -> AnyRoom | None:
        return self.preview.room

    @property
    def open_rows(self) -> list[DateToDecide]:
        return [row for row in self.rows if row.chosen is None or row.met_by]

    @property
    def ways(self) -> dict[str, int]:
        """For how many of the dates to decide there is a way out of each kind."""
        return Counter(kind for row in self.rows for kind in {option.kind for option in row.options})

    @cached_property
    def wished(self) -> list[WishedDate]:
        """What is asked for, in the order of time."""
        kept = [_wished(each) for each in self.free if each.day not in self.unwanted]
        chosen = [row.chosen.wished for row in self.rows if row.chosen and row.chosen.wished]
        return sorted([*kept, *chosen], key=lambda each: (each.day, each.begins))

    def wish(self, **told: Any) -> Wish:
        """What is to be stored of it, with what else was told."""
        return Wish(
            rule=self.rule,
            times=self.asked.times,
            dates=self.wished,
            skipped=self.skipped,
            room_id=self.asked.room.id if self.asked.room else None,
            together=self.asked.room.together if self.asked.room else (),
            people=self.asked.people,
            doors_open=self.asked.doors_open,
            open_end=self.asked.open_end,
            **told,
        )

    def room_of(self, each: WishedDate) -> AnyRoom:
        """Where a wished date is to be; of several rooms at once, which may be no row yet, those that are asked for."""
        room = room_rows().get(each.room_id) or self.asked.room
        if room is None:
            raise ValueError("a date in a room that is not there")
        return room

    @property
    def skipped(self) -> dict[date, str]:
        """The dates of the rule that are not asked for, and why."""
        reasons = {each.day: each.reason for each in self.preview.left_out}
        reasons |= {each.day: "left_out" for each in self.free if each.day in self.unwanted}
        for row in self.rows:
            if row.chosen and row.chosen.kind == SKIP:
                reasons[row.date.day] = REASONS.get(row.date.state, "holiday")
        return dict(sorted(reasons.items()))

    @property
    def left_out(self) -> list[LeftOut]:
        """Days off, each once, although a public holiday may lie in the school holidays."""
        return list({each.day: each for each in reversed(self.preview.left_out)}.values())[::-1]

    @property
    def outside_hours(self) -> bool:
        rules = house_rules()
        return any(
            policy.is_outside_hours(Slot.on(each.day, each.begins, each.minutes, rules.zone), rules, each.room_id)
            for each in self.wished
        )


def control(day: date) -> str:
    """The name of the control that decides about a date."""
    return f"d-{day.isoformat()}"


def plan_dates(
    asked: AskedDates,
    stored: Mapping[str, Any],
    now: datetime,
    language: str,
    *,
    exclude: Collection[int] = (),
    alternatives: bool = True,
) -> Plan:
    """The dates that are asked for, looked up now, with the choices in ``stored``.

    ``stored`` holds ``reading``; ``room`` (the id of the one that was found to
    suit best); ``choices`` by ISO day; ``unwanted`` and ``accepted`` ISO days.
    ``exclude``: ids of stored dates that are to move, and do not stand in the way.
    Without ``alternatives`` only what was chosen before is looked at.
    """
    possible = _readings(asked, now)
    reading = next((each for each in possible if each.key == stored.get("reading")), None) or _first_reading(
        asked, possible
    )
    rule = reading.rule if reading else asked.rule
    room = asked.room or next((room for room in offered_rooms() if room.id == stored.get("room")), None)
    named = {
        value: way
        for day, value in stored.get("choices", {}).items()
        if (way := _read_value(value, asked.times.on(date.fromisoformat(day)).minutes))
    }
    found = preview(
        rule,
        asked.times,
        room=room,
        now=now,
        language=language,
        people=asked.people,
        any_room=room is None,
        leave_out=asked.leave_out,
        exclude=exclude,
        alternatives=alternatives,
        names=alternatives,
        own=asked.own,
        bound=asked.bound,
        beside=[Wanted(way.room, asked.times.occupied(way.slot)) for way in named.values()],
    )
    looked_up = dict(zip(named, found.beside, strict=False))  # there is none where there is no room at all
    key = reading.key if reading else ""
    return decide_dates(
        Plan(asked, rule, key, possible, found, (), frozenset(), looked_up), stored, now, exclude=exclude
    )


def ways_for_series(plan: Plan, now: datetime) -> list[WayForAll]:
    """What else the whole series could be, where most of its dates clash and are not decided yet."""
    clashes = [row for row in plan.open_rows if row.date.state in COMPETED]
    days = [each.day for each in plan.preview.dates]
    if plan.room is None or len(clashes) < MANY or 2 * len(clashes) <= len(days):
        return []
    return ways_for_all(plan.room, days, plan.asked.times, plan.asked.people, now)


def decide_dates(plan: Plan, stored: Mapping[str, Any], now: datetime, *, exclude: Collection[int] = ()) -> Plan:
    """The same dates as they were looked up, with the choices in ``stored``."""
    accepted = stored.get("accepted", ())
    choices: dict[date, str] = {}
    undecided = plan.preview.undecided
    for each in undecided:
        chosen = stored.get("choices", {}).get(each.day.isoformat())
        if chosen is None and each.state is Availability.REQUESTED and each.day.isoformat() in accepted:
            chosen = ANYWAY  # it was free when they said yes, and others asking does not stop them
        if chosen is not None:
            choices[each.day] = chosen
    offered = {each.day: _options(each, plan.preview, plan.asked) for each in undecided}
    others = [
        (each, choices[each.day])
        for each in undecided
        if choices.get(each.day) and choices[each.day] not in [option.value for option in offered[each.day]]
    ]
    kept = _still_free(others, plan, now, exclude)
    rows = []
    for each in undecided:
        options = (*kept.get(each.day, ()), *offered[each.day])
        option = next((option for option in options if option.value == choices.get(each.day)), None)
        if each.day not in choices:
            option = _suggested(each, options, plan.asked)
        rows.append(DateToDecide(each, options, option))
    unwanted = frozenset(each.day for each in plan.free if each.day.isoformat() in stored.get("unwanted", ()))
    decided = replace(plan, rows=tuple(rows), unwanted=unwanted)
    return replace(decided, rows=tuple(_with_clashes(decided)))


def _readings(asked: AskedDates, now: datetime) -> tuple[RhythmReading, ...]:
    """The ways to read the rhythm that people mix up; none where nothing can be mixed up."""
    start, until, meetings = asked.rule.start, asked.rule.until, asked.meetings
    is_monthly = asked.rule.freq is Frequency.MONTHLY
    if asked.rhythm not in ("two_weeks", "month") and not (asked.rhythm == "few" and is_monthly and is_last(start)):
        return ()
    last = policy.horizon(now.astimezone(house().zone).date())

    def kept(days: Sequence[date]) -> list[date]:
        return without_days_off(days, asked.leave_out, now)

    found = []
    for each in readings(start, asked.rule.interval if is_monthly else 1):
        try:
            rule = each.rule(start, until=until, count=meetings)
            rule = rule.for_meetings(meetings, kept) if meetings else rule
            if asked.bound and rule.days()[-1] > last:  # as many dates as were wanted, as far as the house plans
                rule = each.rule(start, until=last)
        except RuleError:
            continue
        if days := kept(rule.days()):
            found.append(RhythmReading(each.key, rule, tuple(days)))
    first = _first_reading(asked, found)
    return tuple(sorted(found, key=lambda each: each is not first))


def _first_reading(asked: AskedDates, possible: Sequence[RhythmReading]) -> RhythmReading | None:
    wanted = asked.rule.freq, asked.rule.interval, asked.rule.ordinals
    return next((each for each in possible if (each.rule.freq, each.rule.interval, each.rule.ordinals) == wanted), None)


def _wished(each: PreviewDate, way: Alternative | None = None) -> WishedDate:
    room = way.room if way else each.room
    slot = way.slot if way else each.slot
    if room is None:
        raise ValueError("a date without a room cannot be asked for")
    zone = house_rules().zone
    local = slot.start.astimezone(zone)
    return WishedDate(local.date(), local.time(), slot.wall_minutes(zone), room.id, rule_day=each.day)


def _value(way: Alternative) -> str:
    return f"{way.kind}_{way.room.id}_{way.slot.start:{STAMP}}"


def _options(each: PreviewDate, found: Preview, asked: AskedDates) -> tuple[DateOption, ...]:
    """The ways out, best first. A way into another date of the same request is none."""
    ways = [way for way in each.alternatives if not _meets_others(way, each, found, asked)]
    options = [DateOption(_value(way), way.kind, _wished(each, way), way) for way in ways]
    if len(found.dates) > 1:
        options.append(DateOption(SKIP, SKIP, None))
    if each.state is Availability.REQUESTED or (each.is_holiday and each.state is Availability.FREE):
        options.append(DateOption(ANYWAY, ANYWAY, _wished(each)))
    return tuple(options)


def _suggested(each: PreviewDate, options: Sequence[DateOption], asked: AskedDates) -> DateOption | None:
    """What is chosen beforehand: nobody meets on holidays, and who takes any room takes another one."""
    if each.is_holiday:
        return next((option for option in options if option.kind == SKIP), None)
    if asked.room is None:
        return next((option for option in options if option.kind == "room"), None)
    return None


def _meets_others(way: Alternative, each: PreviewDate, found: Preview, asked: AskedDates) -> bool:
    wanted = Wanted(way.room, asked.times.occupied(way.slot))
    return any(
        other.day != each.day
        and other.room is not None
        and Wanted(other.room, asked.times.occupied(other.slot)).meets(wanted)
        for other in found.dates
    )


def _still_free(
    chosen: Iterable[tuple[PreviewDate, str]], plan: Plan, now: datetime, exclude: Collection[int]
) -> dict[date, list[DateOption]]:
    """Ways out that were chosen before and are not among the best any more, as far as they hold, by the date's day."""
    ways = [(each, value, way) for each, value in chosen if (way := _way_of(each, value, plan.asked))]
    new = {value: Wanted(way.room, plan.asked.times.occupied(way.slot)) for _, value, way in ways}
    new = {value: wanted for value, wanted in new.items() if value not in plan.looked_up}
    found = {**plan.looked_up, **dict(zip(new, check([*new.values()], now, exclude=exclude), strict=True))}
    wished = [_wished(each, way) for each, _, way in ways]
    forbidden = {each for each, _ in broken_rules(wished, now)} if plan.asked.bound else set()
    return {
        each.day: [DateOption(value, way.kind, wish, way)]
        for (each, value, way), wish in zip(ways, wished, strict=True)
        if found[value].state is Availability.FREE and wish not in forbidden
    }


def _way_of(each: PreviewDate, value: str, asked: AskedDates) -> Alternative | None:
    """The way out that a browser names, if it is one for this date: another room, or another time or day of its room.

    Another day lies in the same week, at the time that is asked for.
    """
    zone = house_rules().zone
    minutes = each.slot.wall_minutes(zone)
    way = _read_value(value, minutes)
    if way is None or each.room is None or way.kind == "room" and not seats(way.room, asked.people, each.room.together):
        return None
    day, begins = way.slot.start.astimezone(zone).date(), each.slot.start.astimezone(zone).time()
    week = day.isocalendar()[:2] == each.day.isocalendar()[:2]
    fits = {
        "room": way.slot.start == each.slot.start and way.room.id != each.room.id,
        "time": day == each.day and way.room.id == each.room.id,
        "day": week and way.room.id == each.room.id and way.slot.start == Slot.on(day, begins, minutes, zone).start,
    }
    return way if fits.get(way.kind) else None


def _read_value(value: str, minutes: int) -> Alternative | None:
    """The way out of this value, so many minutes long; None for anything else."""
    try:
        kind, room_id, stamp = value.split("_")
        start = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    room = next((each for each in offered_rooms() if str(each.id) == room_id), None)
    if room is None or not FIRST_DAY <= start.date() <= LAST_DAY:
        return None
    zone = house_rules().zone
    local = start.astimezone(zone)
    return Alternative(kind, room, Slot.on(local.date(), local.time(), minutes, zone))


def _with_clashes(result: Plan) -> Iterable[DateToDecide]:
    """Mark rows whose choice would sit in the room of another date of the same request."""
    rules, times = house_rules(), result.asked.times
    used = {row.chosen.way.room.id: row.chosen.way.room for row in result.rows if row.chosen and row.chosen.way}
    used |= {each.room.id: each.room for each in result.preview.dates if each.room}
    sitting = [
        (each.day, Wanted(each.room, times.occupied(each.slot)))
        for each in result.free
        if each.room and each.day not in result.unwanted
    ]
    for row in result.rows:
        wished = row.chosen.wished if row.chosen else None
        if wished is None:
            yield row
            continue
        room = used[wished.room_id]
        slot = times.occupied(Slot.on(wished.day, wished.begins, wished.minutes, rules.zone))
        wanted = Wanted(room, slot)
        met = [day for day, other in sitting if other.meets(wanted)]
        sitting.append((row.date.day, wanted))
        yield replace(row, met_by=met[0]) if met else row
