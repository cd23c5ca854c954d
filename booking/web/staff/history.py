"""What happened to a request, as the office tells it."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext, ngettext

from booking import log
from booking.database import db
from booking.domain.status import Action
from booking.models import Booking, Letter, LogEntry, day_of
from booking.schedule import house
from booking.web import filters


class Entry(NamedTuple):
    """One line of the history; ``letter`` where it tells of one."""

    at: datetime
    text: str
    letter: Letter | None = None


def told(booking: Booking) -> list[Entry]:
    """The record and the letters that left, newest first. What one person did at once is one line."""
    entries: list[Entry] = []
    for steps in _bursts(log.history(booking)):
        text = gettext("%(who)s: %(what)s", who=who(steps[0]), what=", ".join(_told(step) for step in reversed(steps)))
        entries.append(Entry(steps[0].at, text))
    letters = db.session.scalars(
        db.select(Letter).where(Letter.booking_id == booking.id, Letter.state == "sent").order_by(Letter.id.desc())
    )
    entries += [Entry(letter.sent_at or letter.send_at, "", letter) for letter in letters]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def last_change(booking: Booking) -> list[LogEntry]:
    """The steps that made the booking what it is now, taken at once; none for a fresh request."""
    taken = [entry for entry in log.history(booking) if entry.action in list(Action)]
    return next(iter(_bursts(taken)), [])


def _bursts(entries: Iterable[LogEntry]) -> list[list[LogEntry]]:
    groups: dict[tuple[datetime, str, int | None], list[LogEntry]] = {}
    for entry in entries:
        groups.setdefault((entry.at, entry.actor, entry.staff_member_id), []).append(entry)
    return list(groups.values())


def who(entry: LogEntry) -> str:
    if entry.staff_member:
        return entry.staff_member.name
    return {"group": gettext("Group"), "team": gettext("Team")}.get(entry.actor, gettext("System"))


def at(instant: datetime, now: datetime) -> str:
    """um 10:42 Uhr; with the day where it is another one"""
    day = day_of(instant, house().zone)
    if day == day_of(now, house().zone):
        return gettext("at %(time)s", time=filters.clock(instant))
    return gettext("on %(day)s at %(time)s", day=filters.short_day(day), time=filters.clock(instant))


def _told(entry: LogEntry) -> str:
    number = entry.count
    return {
        "request": ngettext("request for %(num)d date sent", "request for %(num)d dates sent", number),
        "approve": ngettext("%(num)d date confirmed", "%(num)d dates confirmed", number),
        "decline": ngettext("%(num)d date not possible", "%(num)d dates not possible", number),
        "undo": ngettext("%(num)d date open again", "%(num)d dates open again", number),
        "withdraw": ngettext("%(num)d date withdrawn", "%(num)d dates withdrawn", number),
        "cancel": ngettext("%(num)d date cancelled", "%(num)d dates cancelled", number),
        "send_now": gettext("letter sent at once"),
        "send_again": gettext("letter sent again"),
    }.get(entry.action, entry.action)


def is_unknown_address(said: str) -> bool:
    """Whether a mail server's no means that there is no such recipient (RFC 3463, section 3.2)."""
    return re.match(r"5\d\d 5\.1\.", said) is not None


def changed(steps: Sequence[LogEntry], now: datetime) -> str:
    """Who was faster, and what they did."""
    if not steps:
        return gettext("This request has changed.")
    values = {"who": who(steps[0]), "when": at(steps[0].at, now)}
    numbers = {step.action: step.count for step in steps}
    approved, declined = numbers.get("approve", 0), numbers.get("decline", 0)
    if approved and declined:
        return ngettext(
            "%(who)s confirmed %(num)d date %(when)s and declined %(declined)d.",
            "%(who)s confirmed %(num)d dates %(when)s and declined %(declined)d.",
            approved,
            declined=declined,
            **values,
        )
    if approved:
        return ngettext(
            "%(who)s confirmed %(num)d date %(when)s.", "%(who)s confirmed %(num)d dates %(when)s.", approved, **values
        )
    if declined:
        return ngettext(
            "%(who)s declined %(num)d date %(when)s.", "%(who)s declined %(num)d dates %(when)s.", declined, **values
        )
    if "undo" in numbers:
        return gettext("%(who)s took a decision back %(when)s.", **values)
    if "withdraw" in numbers or "cancel" in numbers:
        return gettext("The group changed its dates %(when)s.", **values)
    return gettext("%(who)s changed this request %(when)s.", **values)


def decided(approved: int, declined: int) -> str:
    """22 Termine zugesagt. 2 Termine nicht möglich."""
    sentences = []
    if approved:
        sentences.append(ngettext("%(num)d date confirmed.", "%(num)d dates confirmed.", approved))
    if declined:
        sentences.append(ngettext("%(num)d date not possible.", "%(num)d dates not possible.", declined))
    return " ".join(sentences)
