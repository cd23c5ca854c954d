"""What happened to a request, as the office tells it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import gettext
from sqlalchemy.orm import defer, joinedload

from booking import log
from booking.database import db
from booking.domain.status import Action
from booking.house import house
from booking.models import Booking, Letter, LogEntry, day_of
from booking.web import filters, locale


class Told(NamedTuple):
    """One line of the history, with the dates that it concerns; ``letter`` where it tells of one."""

    at: datetime
    text: str
    letter: Letter | None = None
    lines: tuple[str, ...] = ()


class Deed(NamedTuple):
    """What somebody of the team did that can still be taken back."""

    who: str
    what: str
    is_own: bool


def told(record: Sequence[LogEntry], letters: Iterable[Letter]) -> list[Told]:
    """The record and those of the letters that have left, newest first. What one person did at once is one line."""
    entries: list[Told] = []
    for steps in _bursts(record):
        text = gettext("%(who)s: %(what)s", who=who(steps[0]), what=what(steps))
        lines = [line for each in reversed(steps) for line in log.places_told(each, locale.selected())]
        entries.append(Told(steps[0].at, text, lines=tuple(lines)))
    entries += [Told(each.sent_at or each.send_at, "", each) for each in reversed([*letters]) if each.state == "sent"]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def record_and_letters(booking: Booking) -> tuple[list[LogEntry], list[Letter]]:
    """The record, newest first, and the letters that wait or have left, the oldest first, without their texts: one
    statement, in which the letters stand beside the first entry."""
    first = sa.select(sa.func.min(LogEntry.id)).where(LogEntry.booking_id == booking.id).scalar_subquery()
    is_about_it = sa.and_(Letter.booking_id == Booking.id, Letter.state.in_(("waiting", "sent")))
    rows = db.session.execute(
        sa.select(LogEntry, Letter)
        .select_from(Booking)
        .outerjoin(LogEntry, LogEntry.booking_id == Booking.id)
        .outerjoin(Letter, sa.and_(is_about_it, LogEntry.id.is_not_distinct_from(first)))
        .where(Booking.id == booking.id)
        .options(
            joinedload(LogEntry.staff_member), joinedload(Letter.contact), defer(Letter.body), defer(Letter.calendar)
        )
    ).all()
    entries = {row.LogEntry for row in rows if row.LogEntry}
    letters = {row.Letter for row in rows if row.Letter}
    return sorted(entries, key=lambda each: -each.id), sorted(letters, key=lambda each: each.id)


def deed(record: Sequence[LogEntry], letter: Letter, member_id: int) -> Deed:
    """What a letter of the team tells of. ``member_id``: of whoever asks."""
    steps = [
        each for each in record if each.at == letter.created_at and each.actor == "team" and log.changes(each.action)
    ]
    is_own = any(each.staff_member_id == member_id for each in steps)
    told = _sentences((each.action, each.count) for each in reversed(steps))
    return Deed(who(steps[0]), told, is_own) if steps else Deed(gettext("Team"), "", is_own)


def last_change(booking: Booking) -> list[LogEntry]:
    """The steps that made the booking what it is now, taken at once; none for a fresh request."""
    taken = [entry for entry in log.history(booking) if log.changes(entry.action)]
    return next(iter(_bursts(taken)), [])


def _bursts(entries: Iterable[LogEntry]) -> list[list[LogEntry]]:
    """The entries, newest first, with those of one act together. Acts are told apart by time and person; those within
    a second, as times are kept, where a step is repeated or a decision taken back."""
    bursts: list[list[LogEntry]] = []
    for entry in entries:
        steps = bursts[-1] if bursts else []
        if steps and _act(steps[0]) == _act(entry) and entry.action not in {step.action for step in steps}:
            steps.append(entry)
        else:
            bursts.append([entry])
    return bursts


def _act(entry: LogEntry) -> tuple[datetime, str, int | None, bool]:
    return entry.at, entry.actor, entry.staff_member_id, entry.action == Action.UNDO


def who(entry: LogEntry) -> str:
    if entry.staff_member:
        return entry.staff_member.name
    return {"group": gettext("Group"), "team": gettext("Team")}.get(entry.actor, gettext("System"))


def at(instant: datetime, now: datetime) -> str:
    """um 10:42 Uhr; with the day where it is another one"""
    day = day_of(instant, house().zone)
    if day == day_of(now, house().zone):
        return gettext("at %(time)s", time=filters.local_clock(instant))
    return gettext("on %(day)s at %(time)s", day=filters.short_day(day), time=filters.local_clock(instant))


def what(steps: Sequence[LogEntry]) -> str:
    """22 Termine zugesagt, 1 Vorschlag gemacht: what was done at once, in its order; the steps newest first."""
    return ", ".join(log.step(each).team.of(each.count) for each in reversed(steps))


def is_unknown_address(said: str) -> bool:
    """Whether a mail server's no means that there is no such recipient (RFC 3463, section 3.2)."""
    return re.match(r"5\d\d 5\.1\.", said) is not None


def changed(steps: Sequence[LogEntry], now: datetime) -> str:
    """Who was faster, and what they did."""
    if not steps:
        return gettext("This request has changed.")
    values = {"when": at(steps[0].at, now), "who": who(steps[0]), "what": what(steps)}
    return gettext("Changed %(when)s (%(who)s): %(what)s.", **values)


def decided(numbers: Mapping[Action, int]) -> str:
    """22 Termine zugesagt. 1 Vorschlag gemacht. 2 Termine nicht möglich."""
    return _sentences((action, number) for action, number in numbers.items() if number)


def _sentences(steps: Iterable[tuple[str, int]]) -> str:
    return " ".join(f"{log.STEPS[action, 'team'].team.of(number)}." for action, number in steps)
