"""The dates with which a series goes on: until when somebody says, and what they meet with."""

from datetime import date, datetime, timedelta

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, StringField

from booking import continuing
from booking.availability.wanted import Times
from booking.domain import policy
from booking.domain.policy import Objection
from booking.domain.recurrence import RecurrenceRule, RuleError
from booking.domain.status import GOING_ON
from booking.domain.typed import NotReadable, as_typed, read_date
from booking.house import house, is_offered, room_rows
from booking.models import Booking
from booking.web import locale
from booking.web.dates.choices import plan_as_sent
from booking.web.dates.chooser import Plan
from booking.web.forms import messages
from booking.web.forms.page import PageForm
from booking.web.forms.when import AskedDates

HALF_A_YEAR = timedelta(weeks=26)


class ExtensionForm(PageForm):
    """Until when a series should go on, and what it leaves out."""

    until = StringField(lazy_gettext("Last possible day"))
    skip_holidays = BooleanField()
    skip_school = BooleanField()

    last_day: date | None = None
    bound = True  # see ``AskedDates``

    def show(self, booking: Booking, now: datetime) -> None:
        """Begin with all that the house plans, or with half a year more where that is over; left out as before."""
        reasons = {each["reason"] for each in booking.skipped}
        zone = house().zone
        last_day = policy.horizon(now.astimezone(zone).date())
        if not self.bound:
            last_day = max(last_day, booking.dates(*GOING_ON)[-1].start.astimezone(zone).date() + HALF_A_YEAR)
        self.until.data = as_typed(last_day.isoformat())
        self.skip_holidays.data, self.skip_school.data = True, "school" in reasons

    def rule(self, booking: Booking, now: datetime) -> RecurrenceRule | None:
        """The rule of the continuation; None where there is none: then the field says why."""
        today = now.astimezone(house().zone).date()
        try:
            self.last_day = until = read_date(self.until.data or "", today)
            last = policy.horizon(today)
            if self.bound and until > last:
                self.refuse(self.until, messages.objection(Objection("too_far", {"last": last})))
                return None
            found = continuing.continuation(booking, until, now, bound=self.bound)
        except NotReadable as fault:
            self.refuse(self.until, messages.not_readable(fault))
            return None
        except RuleError as fault:
            self.refuse(self.until, messages.rule_error(fault, booking.recurrence_rule.start, house().most_dates))
            return None
        if found is None:
            self.refuse(self.until, gettext("There is no further date up to this day. Choose a later one."))
        return found

    @property
    def leave_out(self) -> tuple[str, ...]:
        wanted = (("holiday", self.skip_holidays.data), ("school", self.skip_school.data))
        return tuple(reason for reason, is_wanted in wanted if is_wanted)


def continued(form: ExtensionForm, booking: Booking, now: datetime) -> Plan | None:
    """The further dates of a series with their states, and what was chosen; None where there are none."""
    rule = form.rule(booking, now)
    if rule is None:
        return None
    times = Times.of(booking, house().zone)
    keeps_room = booking.room_wish_id or not form.bound
    usual = room_rows()[booking.usual_room.id]
    room = usual if keeps_room and is_offered(usual) else None
    asked = AskedDates("week", rule, times, room, booking.people, form.leave_out, bound=form.bound)
    plan = plan_as_sent(asked, request.form, now, locale.selected())
    if not plan.preview.dates:
        form.refuse(form.until, messages.objection(Objection("none_left", {})))
        return None
    return plan
