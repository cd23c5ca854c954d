"""How far a request has come: from what stands in its draft to what is meant, step by step."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from booking import requesting, wording
from booking.availability.wanted import Times
from booking.domain.slot import Slot
from booking.house import house, rooms
from booking.models import Booking, Draft, Room
from booking.requesting import Wish
from booking.web import locale
from booking.web.request_form import choosing, draft
from booking.web.request_form.choosing import SKIP, Plan
from booking.web.request_form.forms import About
from booking.web.request_form.when import Asked, When

Choices = dict[str, Any]


def unsent(now: datetime) -> Draft | None:
    """The draft of this browser, unless it was sent already: then the next request begins empty."""
    row = draft.find(now)
    return None if row is None or requesting.find_by_form(row.form_id) else row


def asked(row: Draft | None, now: datetime) -> Asked | None:
    """What stands in step 1, as far as the house still allows it today."""
    if row is None or "when" not in row.data:
        return None
    return When(draft.again(row.data["when"])).asked(now)


def planned(row: Draft | None, now: datetime) -> Plan | None:
    """The dates, once somebody has decided about each of them, and only while all of that still holds."""
    wanted = asked(row, now)
    if row is None or wanted is None or not choices(row).get("done"):
        return None
    plan = choosing.plan(wanted, choices(row), now, locale.selected())
    return plan if plan.wished and not plan.open_rows else None


def told(row: Draft, plan: Plan) -> dict[str, Any] | None:
    """What stands in step 3, if nothing is missing there."""
    form = About(draft.again(row.data.get("about")))
    return form.told(equipment(), outside_hours=plan.outside_hours)


def wish(row: Draft, plan: Plan, about: Mapping[str, Any]) -> Wish:
    return Wish(
        form_id=row.form_id,
        language=locale.selected(),
        rule=plan.rule,
        times=plan.asked.times,
        dates=plan.wished,
        skipped=plan.skipped,
        room_id=plan.asked.room.id if plan.asked.room else None,
        people=plan.asked.people,
        doors_open=plan.asked.doors_open,
        **about,
    )


def equipment() -> list[str]:
    """What the rooms have to offer, each thing once."""
    return list(dict.fromkeys(thing for room in rooms() for thing in room.equipment))


def choices(row: Draft) -> Choices:
    """What was chosen in step 2."""
    found: Choices = row.data.get("dates", {})
    return found


def choices_that_last(row: Draft | None, typed: draft.Typed) -> Choices:
    """What of the choices outlives a change of step 1. The room that suits best is looked for anew."""
    if row is None:
        return {}
    old, before = choices(row), row.data.get("when", {})
    names = ["choices", "unwanted"]
    if all(before.get(name) == typed[name] for name in ("rhythm", "date")):
        names.append("reading")
    return {name: old[name] for name in names if name in old}


def choices_sent(form: MultiDict[str, str], plan: Plan) -> Choices:
    """What the page of step 2 sends about the dates of this plan.

    Free dates count as wanted unless they were shown with a tick that is gone,
    so a date that came free in the meantime is not lost.
    """
    keys = {each.key for each in plan.readings}
    shown, ticked = set(form.get("shown", "").split()), set(form.getlist("keep"))
    chosen = {
        each.day.isoformat(): form[choosing.control(each.day)]
        for each in plan.preview.dates
        if choosing.control(each.day) in form
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


def as_single_dates(row: Draft) -> draft.Typed:
    """Step 1 again, with the same first day, for dates without a rhythm."""
    typed: draft.Typed = {**row.data["when"], "rhythm": ["single"]}
    return typed


def ends(times: Times) -> time:
    """When a meeting ends on the wall clock."""
    return (datetime.combine(date.min, times.begins) + timedelta(minutes=times.minutes)).time()


def date_lines(plan: Plan, language: str) -> list[str]:
    """Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche: as the letter will say it."""
    zone, names = house().zone, {room.id: room.name for room in rooms()}
    return [
        f"{wording.day(each.day, language)},"
        f" {wording.span(Slot.on(each.day, each.begins, each.minutes, zone), zone, language)},"
        f" {names[each.room_id]}"
        for each in plan.wished
    ]


def main_room(booking: Booking) -> Room:
    """The room of most of its dates."""
    by_id = {each.room_id: each.room for each in booking.occurrences}
    ids = [each.room_id for each in booking.occurrences]
    return by_id[max(by_id, key=ids.count)]


def month_asked_for(text: str) -> date | None:
    """The first day of 2026-12; None for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return None


def as_typed(text: str) -> str:
    """2026-12-08, as it stands in links, the way people write it: 8.12.2026"""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day}.{day.month}.{day.year}"
