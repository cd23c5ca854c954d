"""How far a request has come: from what stands in its draft to what is meant, step by step."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property, wraps
from typing import Any

from flask import redirect, request, url_for
from werkzeug.datastructures import MultiDict

from booking import clock
from booking.database import db
from booking.models import Draft
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
    """The request that this tab is writing. Parts that are still missing raise ``StepMissing``."""

    def __init__(self, now: datetime, *, begins: bool = False) -> None:
        self.now = now
        self.kept, self.sent = draft.of_tab(now, begins=begins)

    def when_form(self) -> WhenForm:
        """Step 1, with what stands in the draft."""
        return WhenForm(draft.typed_in(self.kept, "when"), self.now)

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
            raise StepMissing(".about", mistakes=1 if "about" in self.draft.data else None)
        return form.told

    def wish(self) -> Wish:
        return self.plan.wish(form_id=self.draft.form_id, language=locale.selected(), **self.told)


def guarded(*, begins: bool = False) -> Callable[[Callable[[Progress], PageAnswer]], Callable[[], PageAnswer]]:
    """Hand the progress to a step, and lead to the page that asks for what the step misses, or says that all was sent
    already."""

    def guard(view: Callable[[Progress], PageAnswer]) -> Callable[[], PageAnswer]:
        @wraps(view)
        def wrapped() -> PageAnswer:
            found = Progress(clock.now(), begins=begins)
            if request.method == "POST" and found.kept and found.kept not in db.session:
                found.kept = draft.keep(found.kept, {}, found.now)  # of a copy, so that the next page opens it again
            if found.sent:
                again, back = (1, None) if request.method == "POST" else (None, 1)
                return redirect(url_for(".thanks", again=again, back=back, draft=request.args.get("draft")), 303)
            try:
                return view(found)
            except StepMissing as missing:
                return redirect(missing.address, 303)

        return wrapped

    return guard
