"""What happened to a request, as the office tells it."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext, ngettext

from booking import log
from booking.domain.status import Action
from booking.house import house
from booking.models import Booking, Letter, LogEntry, day_of
from booking.web import filters


class Told(NamedTuple):
    """One line of the history; ``letter`` where it tells of one."""

    at: datetime
    text: str
    letter: Letter | None = None


def told(booking: Booking, letters: Iterable[Letter]) -> list[Told]:
    """The record and those of the letters that have left, newest first. What one person did at once is one line."""
    entries: list[Told] = []
    for steps in _bursts(log.history(booking)):
        text = gettext("%(who)s: %(what)s", who=who(steps[0]), what=", ".join(_told(each) for each in reversed(steps)))
        entries.append(Told(steps[0].at, text))
    entries += [Told(each.sent_at or each.send_at, "", each) for each in reversed([*letters]) if each.state == "sent"]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def last_change(booking: Booking) -> list[LogEntry]:
    """The steps that made the booking what it is now, taken at once; none for a fresh request."""
    taken = [entry for entry in log.history(booking) if log.step(entry).changes]
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


def _told(entry: LogEntry) -> str:
    return log.step(entry).team.of(entry.count)


def is_unknown_address(said: str) -> bool:
    """Whether a mail server's no means that there is no such recipient (RFC 3463, section 3.2)."""
    return re.match(r"5\d\d 5\.1\.", said) is not None


def changed(steps: Sequence[LogEntry], now: datetime) -> str:
    """Who was faster, and what they did."""
    if not steps:
        return gettext("This request has changed.")
    values = {"who": who(steps[0]), "when": at(steps[0].at, now)}
    numbers = {step.action: step.count for step in steps}
    approved, declined, proposed = (numbers.get(step, 0) for step in ("approve", "decline", "propose"))
    if approved and declined and not proposed:
        return ngettext(
            "%(who)s confirmed %(num)d date %(when)s and declined %(declined)d.",
            "%(who)s confirmed %(num)d dates %(when)s and declined %(declined)d.",
            approved,
            declined=declined,
            **values,
        )
    if (approved, declined, proposed).count(0) < 2:
        return gettext("%(who)s decided %(when)s: %(what)s", what=decided(approved, declined, proposed), **values)
    if approved:
        return ngettext(
            "%(who)s confirmed %(num)d date %(when)s.", "%(who)s confirmed %(num)d dates %(when)s.", approved, **values
        )
    if declined:
        return ngettext(
            "%(who)s declined %(num)d date %(when)s.", "%(who)s declined %(num)d dates %(when)s.", declined, **values
        )
    if proposed:
        return ngettext(
            "%(who)s made %(num)d suggestion %(when)s.",
            "%(who)s made %(num)d suggestions %(when)s.",
            proposed,
            **values,
        )
    if "undo" in numbers:
        return gettext("%(who)s took a decision back %(when)s.", **values)
    if steps[0].actor == "group" and numbers.keys() & {"withdraw", "cancel", "restore", "move", "extend"}:
        return gettext("The group changed its dates %(when)s.", **values)
    if steps[0].actor == "group":
        return gettext("The group wrote something new %(when)s.", **values)
    return gettext("%(who)s changed this request %(when)s.", **values)


def decided(approved: int, declined: int, proposed: int = 0) -> str:
    """22 Termine zugesagt. 1 Vorschlag gemacht. 2 Termine nicht möglich."""
    sentences = []
    if approved:
        sentences.append(ngettext("%(num)d date confirmed.", "%(num)d dates confirmed.", approved))
    if proposed:
        sentences.append(ngettext("%(num)d suggestion made.", "%(num)d suggestions made.", proposed))
    if declined:
        sentences.append(ngettext("%(num)d date not possible.", "%(num)d dates not possible.", declined))
    return " ".join(sentences)
