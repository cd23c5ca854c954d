"""Going on: further dates of a booking, which the group asks for or the office enters."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from booking import lifecycle, log
from booking.availability.check import broken_rules
from booking.availability.wanted import Times, WishedDate
from booking.changing import is_taken
from booking.database import db
from booking.deciding import send_waiting
from booking.domain import policy
from booking.domain.policy import Objection
from booking.domain.recurrence import Frequency, RecurrenceRule, RuleError
from booking.domain.slot import Slot
from booking.domain.status import GOING_ON, Action
from booking.house import house, house_rules
from booking.lifecycle import Place, updating
from booking.models import Booking, Contact, Letter, Occurrence, StaffMember
from booking.requesting import ChangedMeanwhile, Refused, look_up, new_date


class TooEarly(Exception):
    """The series runs on for longer than it takes to extend it."""


def is_series(booking: Booking) -> bool:
    """Whether it has a rhythm that can go on."""
    return booking.recurrence_rule.freq is not Frequency.SINGLE and bool(booking.dates(*GOING_ON))


def can_extend(booking: Booking, now: datetime) -> bool:
    """Whether a series ends soon enough, or has ended, to ask for its continuation."""
    return is_series(booking) and now >= booking.dates(*GOING_ON)[-1].end - policy.EXTEND_FROM


def continuation(booking: Booking, until: date, now: datetime, *, bound: bool = True) -> RecurrenceRule | None:
    """The rule of a series after its last date, on days that can still be asked for; ``None`` where it has none.

    Without ``bound``, on all days to come: the office enters them. Raises
    ``RuleError`` for more dates than a rule can have.
    """
    zone = house().zone
    rule = booking.recurrence_rule
    asked = [each.original_start.astimezone(zone).date() for each in booking.occurrences]
    last = max([*asked, *([] if rule.is_open else rule.days())])
    if until <= last:
        return None
    longer = replace(rule, until=until, count=None, exception_dates=frozenset(), extra_dates=frozenset())
    later = [WishedDate(day, *booking.usual_times(zone), 0) for day in longer.days() if day > last]
    codes = ("past", "too_soon") if bound else ("past",)
    too_soon = {each for each, objection in broken_rules(later, now) if objection.code in codes}
    first = next((each.day for each in later if each not in too_soon), None)
    return replace(longer, start=first) if first else None


def extend(
    booking: Booking,
    dates: Sequence[WishedDate],
    until: date | None,
    skipped: Mapping[date, str],
    now: datetime,
    person: Contact | None = None,
) -> list[Occurrence]:
    """Ask for further dates of a booking, in a series ``until`` a day, or single ones at any time.

    The same dates sent again are not stored again. Raises ``TooEarly`` where a
    series still runs for long, ``Refused`` for what the house rules forbid and
    ``ChangedMeanwhile`` where a date is taken or closed by now.
    """
    with updating(booking):
        known = {(each.start, each.room_id) for each in booking.dates(*GOING_ON)}
        if dates and all((_slot(each).start, each.room_id) in known for each in dates):
            return []
        if until and not can_extend(booking, now):
            raise TooEarly
        broken = [objection for _, objection in broken_rules(dates, now)]
        broken += policy.request_objections([each.day for each in dates], house_rules())
        if broken:
            raise Refused(broken)
        added = _add(booking, dates, until, skipped, now)
        log.record("extend", booking, actor="group", person=person, dates=added, now=now)
        return added


def lengthen(
    booking: Booking,
    dates: Sequence[WishedDate],
    until: date | None,
    skipped: Mapping[date, str],
    *,
    approve: bool,
    message: str = "",
    seen_version: int,
    by: StaffMember,
    now: datetime,
) -> Letter | None:
    """Enter further dates of a series: confirmed at once, which a letter tells, or to be decided on like others.

    What binds groups does not bind the office, as in ``entering``. Raises ``Stale``, ``Refused`` for more dates than a
    series can have, and ``ChangedMeanwhile`` where a date is taken or closed by now; then nothing is stored.
    """
    places = [Place(each.room_id, _slot(each)) for each in dates]
    with updating(booking, places=places, seen_version=seen_version):
        added = _add(booking, dates, until, skipped, now)
        log.record("extend", booking, by=by, dates=added, now=now)
        if not approve:
            return None
        send_waiting(booking, by, now)
        return lifecycle.take(booking, {Action.APPROVE: added}, by=by, message=message, now=now)


def _add(
    booking: Booking, dates: Sequence[WishedDate], until: date | None, skipped: Mapping[date, str], now: datetime
) -> list[Occurrence]:
    """Store further dates in the transaction at hand, and what the rule of the series is with them."""
    found, gone = look_up(dates, Times.of(booking, house().zone), now)
    gone += [each.day for each, checked in zip(dates, found, strict=True) if is_taken(checked, booking)]
    if gone:
        raise ChangedMeanwhile(sorted(set(gone)))
    added = [new_date(booking, each, now) for each in dates]
    booking.rule = _longer(booking.recurrence_rule, dates, until).as_json()
    booking.skipped = _skipped(booking, dates, skipped)
    booking.occurrences.extend(added)
    booking.end_told_at = None
    db.session.flush()
    return added


def _slot(each: WishedDate) -> Slot:
    return Slot.on(each.day, each.begins, each.minutes, house().zone)


def _longer(rule: RecurrenceRule, dates: Sequence[WishedDate], until: date | None) -> RecurrenceRule:
    """The rule with further dates, so that it names the days that are asked for and no others."""
    days = {each.day for each in dates}
    stood_for = {each.rule_day or each.day for each in dates}
    left_out = stood_for
    try:
        if until:
            before = set(rule.days())
            rule = replace(rule, until=until, count=None)
            left_out = {*rule.days()} - before | stood_for
            days -= set(rule.days())
        return replace(
            rule,
            exception_dates=(rule.exception_dates | left_out) - {each.day for each in dates},
            extra_dates=rule.extra_dates | days,
        )
    except RuleError as fault:
        raise Refused(
            [Objection("too_many", {"number": fault.params.get("number"), "most": house().most_dates})]
        ) from None


def _skipped(booking: Booking, dates: Sequence[WishedDate], skipped: Mapping[date, str]) -> list[dict[str, str]]:
    """What was left out of a booking, with what is left out of its continuation; not what is asked for after all."""
    reasons = {each["day"]: each["reason"] for each in booking.skipped}
    reasons |= {day.isoformat(): reason for day, reason in skipped.items()}
    for each in dates:
        reasons.pop(each.day.isoformat(), None)
    return [{"day": day, "reason": reason} for day, reason in sorted(reasons.items())]
