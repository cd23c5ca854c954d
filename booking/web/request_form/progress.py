"""How far a request has come: from what stands in its draft to what is meant, step by step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import redirect, url_for
from werkzeug.wrappers import Response

from booking import requesting
from booking.models import Draft
from booking.requesting import Wish
from booking.web import locale
from booking.web.dates import chooser
from booking.web.dates.choices import Choices
from booking.web.dates.chooser import Plan
from booking.web.forms import draft
from booking.web.forms.about import AboutForm, equipment
from booking.web.forms.when import AskedDates, WhenForm


def unsent(now: datetime) -> Draft | None:
    """The draft of this browser, unless it was sent already: then the next request begins empty."""
    row = draft.of_browser(now)
    return None if row is None or requesting.find_by_form(row.form_id) else row


def asked(row: Draft | None, now: datetime) -> AskedDates | None:
    """What stands in step 1, as far as the house still allows it today."""
    if row is None or "when" not in row.data:
        return None
    return WhenForm(draft.as_form_data(row.data["when"])).asked(now)


def planned(row: Draft | None, now: datetime) -> Plan | None:
    """The dates, once somebody has decided about each of them, and only while all of that still holds."""
    wanted = asked(row, now)
    if row is None or wanted is None or not choices(row).get("done"):
        return None
    plan = chooser.plan_dates(wanted, choices(row), now, locale.selected())
    return plan if plan.wished and not plan.open_rows else None


def about_told(row: Draft, plan: Plan) -> dict[str, Any] | None:
    """What stands in step 3, if nothing is missing there."""
    form = AboutForm(draft.as_form_data(row.data.get("about")))
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


def as_single_dates(row: Draft) -> draft.Typed:
    """Step 1 again, with the same first day, for dates without a rhythm."""
    typed: draft.Typed = {**row.data["when"], "rhythm": ["single"]}
    return typed


def was_sent(row: Draft | None) -> bool:
    return row is not None and requesting.find_by_form(row.form_id) is not None


def to_step_1(row: Draft | None) -> Response:
    return redirect(url_for(".when", mistakes=1 if row and "when" in row.data else None), 303)
