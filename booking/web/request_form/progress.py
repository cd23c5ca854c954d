"""How far a request has come: from what stands in its draft to what is meant, step by step."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property, wraps
from typing import Any

from flask import redirect, request, url_for
from werkzeug.datastructures import MultiDict

from booking import clock, requesting
from booking.models import Booking, Draft
from booking.requesting import Wish
from booking.web import locale
from booking.web.access import PageAnswer
from booking.web.dates import chooser
from booking.web.dates.choices import Choices
from booking.web.dates.chooser import Plan
from booking.web.forms import draft
from booking.web.forms.people import WAY_IN, AboutForm
from booking.web.forms.when import AskedDates, WhenForm


class StepMissing(Exception):
    """Something is still missing; the page at ``address`` asks for it."""

    def __init__(self, endpoint: str, **values: Any) -> None:
        super().__init__(endpoint)
        self.address = url_for(endpoint, **values)


class Progress:
    """The request that this browser is writing. Parts that are still missing raise ``StepMissing``."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.kept = draft.of_browser(now)

    @cached_property
    def sent(self) -> Booking | None:
        """What has come of the draft, once it was sent."""
        return requesting.find_by_form(self.kept.form_id) if self.kept else None

    @property
    def unsent(self) -> Draft | None:
        """The draft, unless it was sent already: then the next request begins empty."""
        return None if self.sent else self.kept

    def when_form(self) -> WhenForm:
        """Step 1, with what stands in the draft."""
        return WhenForm(draft.typed_in(self.unsent, "when"), self.now)

    @property
    def draft(self) -> Draft:
        if self.kept is None or "when" not in self.kept.data:
            raise StepMissing(".when")
        return self.kept

    @cached_property
    def asked(self) -> AskedDates:
        """What stands in step 1, as far as the house still allows it today."""
        found = WhenForm(draft.typed_in(self.draft, "when"), self.now).asked()
        if found is None:
            raise StepMissing(".when", mistakes=1)
        return found

    @property
    def choices(self) -> Choices:
        """What was chosen in step 2."""
        found: Choices = self.draft.data.get("dates", {})
        return found

    @cached_property
    def dates(self) -> Plan:
        """The dates with their states, and what was chosen so far."""
        return chooser.plan_dates(self.asked, self.choices, self.now, locale.selected())

    @cached_property
    def plan(self) -> Plan:
        """The dates, once somebody has decided about each of them, and only while all of that still holds."""
        if not self.choices.get("done"):
            raise StepMissing(".dates")
        plan = chooser.plan_dates(self.asked, self.choices, self.now, locale.selected(), alternatives=False)
        plan = self.dates if plan.open_rows else plan  # somebody came in between, and there may be a way out
        if not plan.wished or plan.open_rows:
            raise StepMissing(".dates")
        return plan

    def about_form(self, typed: MultiDict[str, str] | None = None) -> AboutForm:
        """Step 3, with what stands in the draft, or was ``typed`` just now."""
        typed = typed or draft.typed_in(self.draft, "about")
        return AboutForm(typed, without=() if self.plan.outside_hours else WAY_IN)

    @cached_property
    def told(self) -> dict[str, Any]:
        """What stands in step 3, if nothing is missing there."""
        form = self.about_form()
        if not form.validate():
            raise StepMissing(".about", mistakes=1)
        return form.told

    def wish(self) -> Wish:
        plan = self.plan
        return Wish(
            form_id=self.draft.form_id,
            language=locale.selected(),
            rule=plan.rule,
            times=plan.asked.times,
            dates=plan.wished,
            skipped=plan.skipped,
            room_id=plan.asked.room.id if plan.asked.room else None,
            people=plan.asked.people,
            doors_open=plan.asked.doors_open,
            **self.told,
        )


def guarded(view: Callable[[Progress], PageAnswer]) -> Callable[[], PageAnswer]:
    """Hand the progress to a step, and lead to the page that asks for what the step misses; nothing that was sent
    already is changed."""

    @wraps(view)
    def wrapped() -> PageAnswer:
        found = Progress(clock.now())
        if request.method == "POST" and found.sent:
            return redirect(url_for(".thanks", again=1), 303)
        try:
            return view(found)
        except StepMissing as missing:
            return redirect(missing.address, 303)

    return wrapped
