"""Step 1 of a request, "when do you meet?": from what people type to a rule, times and a room."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, FieldList, SelectMultipleField, StringField

from booking.availability.check import broken_rules
from booking.availability.preview import preview, skipped_times
from booking.availability.wanted import Times, WishedDate
from booking.domain import policy
from booking.domain.recurrence import MOST_DATES, Frequency, RecurrenceRule, RuleError, is_last, ordinal_of
from booking.house import house_rules, rooms
from booking.models import Room
from booking.web import locale
from booking.web.forms import messages
from booking.web.forms.page import PageForm
from booking.web.forms.typed import NotReadable, read_date, read_end, read_number, read_time

RHYTHMS = ("once", "week", "two_weeks", "month", "single")
#: Rarer ones: several weekdays a week, several times a month. They stand apart, so that the five stay plain.
OTHER_RHYTHMS = ("weekdays", "ordinals")
SERIES = ("week", "two_weeks", "month", *OTHER_RHYTHMS)
ORDINALS = (1, 2, 3, 4, -1)
AROUND = (0, 15, 30, 45, 60, 90)  # minutes before and after
MOST_SINGLE = 12

MORE = tuple(f"more-{number}" for number in range(MOST_SINGLE - 1))
_FROM_LINKS = ("date", "until", "start", "end", "room", "people")
_EARLY = time(6)  # an end before it after a start after noon is meant as the next day's
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class AskedDates:
    """When and where a group wants to meet. ``room`` None: any that fits."""

    rhythm: str
    rule: RecurrenceRule
    times: Times
    room: Room | None
    people: int
    leave_out: tuple[str, ...]
    doors_open: bool = False  # the time before is when guests may come in


#: More are a slip of the fingers.
MOST_PEOPLE = 9999


class WhenForm(PageForm):
    """Step 1: how often, when, how many and where."""

    rhythm = StringField()
    weekday = SelectMultipleField(choices=[], validate_choice=False)  # Monday 0, for the rhythm "weekdays"
    every = StringField(default="1")  # week or second week
    ordinal = SelectMultipleField(choices=[], validate_choice=False)  # for the rhythm "ordinals"
    ordinal_weekday = StringField()  # empty: that of the first meeting
    date = StringField()
    more = FieldList(StringField(), min_entries=MOST_SINGLE - 1, max_entries=MOST_SINGLE - 1)
    start = StringField()
    end = StringField()
    before = StringField(default="0")
    after = StringField(default="0")
    doors = BooleanField()
    until_kind = StringField()
    until = StringField()
    count = StringField()
    skip_holidays = BooleanField(default=True)
    skip_school = BooleanField()
    people = StringField()
    room = StringField(default="any")

    day: dt.date | None = None
    last_day: dt.date | None = None
    times: Times | None = None
    rule: RecurrenceRule | None = None
    number: int = 0
    wish: Room | None = None
    entered: dict[dt.date, Field]

    def __init__(self, typed: MultiDict[str, str] | None = None) -> None:
        super().__init__(None if typed is None else _of_this_page(typed))
        self.entered = {}

    def asked(self, now: datetime) -> AskedDates | None:
        """What is wanted; None where something is missing or cannot be: then the fields say what.

        What could be read stands in the attributes either way.
        """
        rules = house_rules()
        self._read_rhythm()
        today = now.astimezone(rules.zone).date()
        self.day = self._read_date(self.date, today)
        self._read_times(rules.latest_end)
        self._read_people_and_room()
        if self.day and self.is_series:
            self._read_end(self.day, rules.most_dates)
        elif self.day and self.rhythm.data == "single":
            self._read_single_days(self.day, today)
        elif self.day:
            self.rule = RecurrenceRule(start=self.day, freq=Frequency.SINGLE)
        if self.rule and self.times:
            self._look_at_house_rules(self.rule, self.times, now)
        if self.mistakes or not (self.rule and self.times):
            return None
        return AskedDates(
            str(self.rhythm.data),
            self.rule,
            self.times,
            self.wish,
            self.number,
            self.leave_out,
            doors_open=bool(self.doors.data and self.times.before),
        )

    @property
    def is_series(self) -> bool:
        return self.rhythm.data in SERIES

    @property
    def days_read(self) -> dict[str, dt.date]:
        """The day that each field holds, by its name."""
        found = {field.name: day for day, field in self.entered.items()}
        if self.day:
            found["date"] = self.day
        return found

    @property
    def leave_out(self) -> tuple[str, ...]:
        if not self.is_series:
            return ()
        wanted = (("holiday", self.skip_holidays.data), ("school", self.skip_school.data))
        return tuple(reason for reason, is_wanted in wanted if is_wanted)

    @property
    def weekdays(self) -> list[int]:
        """The weekdays that were ticked."""
        return [number for number in range(7) if str(number) in (self.weekday.data or [])]

    @property
    def ordinals(self) -> list[int]:
        """Which of its weekday in a month were ticked; -1 is the last."""
        return [number for number in ORDINALS if str(number) in (self.ordinal.data or [])]

    def fill_in(self, values: Mapping[str, str]) -> None:
        """What a link brings along, such as a day that was chosen in the calendar."""
        for field in self._controls():
            if field.name in values and (field.name in _FROM_LINKS or field.name in MORE):
                field.data = values[field.name]
                if field is self.until:
                    self.until_kind.data = "date"
                elif field.name in MORE:
                    self.rhythm.data = self.rhythm.data or "single"

    def _read_rhythm(self) -> None:
        if self.rhythm.data not in (*RHYTHMS, *OTHER_RHYTHMS):
            self.refuse(self.rhythm, gettext("Choose how often you meet."))
        elif self.rhythm.data == "weekdays" and not self.weekdays:
            self.refuse(self.weekday, gettext("Choose at least one weekday."))
        elif self.rhythm.data == "ordinals" and not self.ordinals:
            self.refuse(self.ordinal, gettext("Choose how often in the month, for example the first and the third."))

    def _read_date(self, field: Field, today: dt.date) -> dt.date | None:
        try:
            return read_date(field.data or "", today, locale.selected())
        except NotReadable as fault:
            self.refuse(field, messages.not_readable(fault))
            return None

    def _read_times(self, latest: time) -> None:
        read: list[time | None] = []
        for field, missing in (
            (self.start, gettext("Enter when you start, for example 19:00.")),
            (self.end, gettext("Enter until when you need the room, for example 21:00.")),
        ):
            try:
                read.append((read_end if field is self.end else read_time)(field.data or ""))
            except NotReadable as fault:
                self.refuse(field, missing if fault.code == "time_empty" else messages.not_readable(fault))
                read.append(None)
        begins, ends = read
        if begins is None or ends is None:
            return
        if begins == ends:
            self.refuse(self.end, gettext("Start and end are the same. Until when do you need the room?"))
        elif ends < _EARLY and begins >= _NOON:
            self.refuse(self.end, messages.objection(policy.Objection("too_late", {"latest": latest})))
        elif ends < begins:
            self.refuse(
                self.end,
                gettext(
                    "The end (%(end)s) is before the start (%(start)s). Please check both.",
                    end=f"{ends:%H:%M}",
                    start=f"{begins:%H:%M}",
                ),
            )
        else:
            minutes = (ends.hour - begins.hour) * 60 + ends.minute - begins.minute
            self.times = Times(begins, minutes, _minutes(self.before.data), _minutes(self.after.data))

    def _read_people_and_room(self) -> None:
        try:
            self.number = read_number(self.people.data or "")
            if self.number > MOST_PEOPLE:
                raise NotReadable("number_unreadable", text=self.people.data)
        except NotReadable as fault:
            self.refuse(self.people, messages.not_readable(fault))
        if self.room.data != "any":
            self.wish = next((room for room in rooms() if room.slug == self.room.data), None)
            if self.wish is None:
                self.refuse(self.room, gettext("Choose a room, or any room that fits."))

    def _read_end(self, start: dt.date, most: int) -> None:
        """Until when a series runs, by a date or a number of meetings."""
        field = self.end_field
        until, count = None, None
        if field is self.until_kind:
            self.refuse(field, gettext("Choose how long the series should run."))
            return
        try:
            if field is self.until:
                self.last_day = until = read_date(self.until.data or "", start, locale.selected())
            else:
                count = read_number(self.count.data or "")
        except NotReadable as fault:
            self.refuse(field, messages.not_readable(fault))
            return
        if count and count > MOST_DATES:
            self.refuse(field, messages.too_many(count, most))
            return
        if self.weekday.errors or self.ordinal.errors:
            return
        try:
            self.rule = RecurrenceRule(start, until=until, count=count, **self._rhythm_from(start))
        except RuleError as fault:
            self.refuse(self.date if fault.field == "start" else field, messages.rule_error(fault, start, most))

    def _rhythm_from(self, start: dt.date) -> dict[str, Any]:
        """The chosen rhythm as a rule has it."""
        match self.rhythm.data:
            case "month":
                nth = ordinal_of(start)
                last = nth == 5 and is_last(start)  # not every month has one
                return {"freq": Frequency.MONTHLY, "ordinals": (-1 if last else nth,)}
            case "ordinals":
                on = [number for number in range(7) if str(number) == self.ordinal_weekday.data]
                return {"freq": Frequency.MONTHLY, "ordinals": tuple(self.ordinals), "weekdays": tuple(on)}
            case "weekdays":
                interval = 2 if self.every.data == "2" else 1
                return {"freq": Frequency.WEEKLY, "interval": interval, "weekdays": tuple(self.weekdays)}
            case rhythm:
                return {"freq": Frequency.WEEKLY, "interval": 2 if rhythm == "two_weeks" else 1}

    @property
    def end_field(self) -> Field:
        """The one that says until when: what was chosen, else what was filled in."""
        filled = [field for field in (self.until, self.count) if (field.data or "").strip()]
        if self.until_kind.data == "date" or (not self.until_kind.data and filled == [self.until]):
            return self.until
        if self.until_kind.data == "count" or (not self.until_kind.data and filled == [self.count]):
            return self.count
        return self.until_kind

    def _read_single_days(self, first: dt.date, today: dt.date) -> None:
        self.entered = {first: self.date}
        for field in self.more:
            day = self._read_date(field, today) if (field.data or "").strip() else None
            if day in self.entered:
                self.refuse(field, gettext("You have entered this day already."))
            elif day:
                self.entered[day] = field
        start, *others = sorted(self.entered)
        self.rule = RecurrenceRule(start=start, freq=Frequency.SINGLE, extra_dates=frozenset(others))

    def _look_at_house_rules(self, rule: RecurrenceRule, times: Times, now: datetime) -> None:
        shown = preview(rule, times, room=None, now=now, language=locale.selected(), leave_out=self.leave_out)
        days = [each.day for each in shown.dates]
        for day in () if self.is_series else days:  # of a series such a date can be left out in the next step
            for at, gap in skipped_times(day, times, house_rules()):
                self.refuse(self.start if at == times.begins else self.end, messages.no_such_time(at, day, gap))
        whole = policy.request_objections(days, house_rules())
        for found in whole:
            field = self.end_field if found.code == "too_many" else self.skip_holidays
            self.refuse(field, messages.objection(found))
        wished = [WishedDate(day, times.begins, times.minutes, 0) for day in days if not whole]
        for each, found in broken_rules(wished, now):
            field = self._field_for(found.code, each.day)
            if not field.errors:
                self.refuse(field, messages.objection(found))

    def _field_for(self, code: str, day: dt.date) -> Field:
        if code == "too_late":
            return self.end
        if self.is_series and day != self.day:
            return self.end_field
        return self.entered.get(day, self.date)


def _of_this_page(typed: MultiDict[str, str]) -> MultiDict[str, str]:
    """Without controls that it does not have. WTForms would take more-² for a number and fail."""
    return MultiDict((name, text) for name, text in typed.items(multi=True) if "-" not in name or name in MORE)


def _minutes(text: object) -> int:
    return next((each for each in AROUND if str(each) == text), 0)
