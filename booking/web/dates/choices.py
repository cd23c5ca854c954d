"""What a page sends about the dates that it shows."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from booking.web.dates import chooser
from booking.web.dates.chooser import SKIP, Plan
from booking.web.forms.when import AskedDates

Choices = dict[str, Any]


def plan_as_sent(
    asked: AskedDates, sent: MultiDict[str, str], now: datetime, language: str, *, exclude: Collection[int] = ()
) -> Plan:
    """The dates with what the page sends about them, nothing of which is stored."""
    before = chooser.plan_dates(asked, {"reading": sent.get("reading")}, now, language, exclude=exclude)
    choices = choices_sent(sent, before)
    if "bulk" in sent:
        choices["choices"] |= for_all(before, sent.get("for_all", ""))
    return chooser.decide_dates(before, choices, now, exclude=exclude)


def choices_sent(form: MultiDict[str, str], plan: Plan) -> Choices:
    """What a page sends about the dates of this plan.

    Free dates count as wanted unless they were shown with a tick that is gone,
    so a date that came free in the meantime is not lost.
    """
    keys = {each.key for each in plan.readings}
    shown, ticked = set(form.get("shown", "").split()), set(form.getlist("keep"))
    chosen = {
        each.day.isoformat(): form[chooser.control(each.day)]
        for each in plan.preview.dates
        if chooser.control(each.day) in form
    }
    unwanted = (shown - ticked) | {day for day, value in chosen.items() if value == SKIP}
    reading = form.get("reading", "")
    sent: Choices = {
        "reading": reading if reading in keys else plan.reading,
        "choices": chosen,
        "unwanted": sorted(unwanted & {each.day.isoformat() for each in plan.free}),
    }
    if plan.asked.room is None and plan.room and sent["reading"] == plan.reading:
        sent["room"] = plan.room.id
    return sent


def for_all(plan: Plan, kind: str) -> dict[str, str]:
    """The same way out for every date that has it."""
    return {
        row.date.day.isoformat(): option.value
        for row in plan.rows
        for option in reversed(row.options)
        if option.kind == kind
    }
