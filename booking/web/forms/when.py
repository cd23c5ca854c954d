"""Step 1 of a request, "when do you meet?": from what people type to a rule, times and a room."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, FieldList, SelectMultipleField, StringField
from wtforms.validators import AnyOf, ValidationError

from booking import wording
from booking.availability.check import broken_rules, without_days_off
from booking.availability.preview import skipped_times
from booking.availability.wanted import AnyRoom, OwnPlaces, Times, WishedDate
from booking.domain import policy
from booking.domain.recurrence import MOST_DATES, Frequency, RecurrenceRule, RuleError, is_last, ordinal_of
from booking.domain.slot import WeekdayTimes
from booking.domain.typed import dates_in, is_open_end
from booking.house import RoomRow, house_rules, is_one_too_many, offered_rooms, room_called, sharing, together
from booking.web import locale
from booking.web.forms import messages
from booking.web.forms.fields import MOST_PEOPLE, DayField, EndField, NumberField, SpanField, StartField
from booking.web.forms.page import PageForm

RHYTHMS = ("once", "week", "two_weeks", "month", "single")
#: Rarer ones: every few weeks or months, several weekdays a week, several times a month. They stand apart, so that the
#: five stay plain.
OTHER_RHYTHMS = ("few", "weekdays", "ordinals")
EVERY_WEEKS = tuple(range(1, 9))
EVERY_MONTHS = (1, 2, 3, 6)
FEW = (*(f"week_{number}" for number in EVERY_WEEKS[2:]), *(f"month_{number}" for number in EVERY_MONTHS[1:]))
SERIES = ("week", "two_weeks", "month", *OTHER_RHYTHMS)
ORDINALS = (1, 2, 3, 4, -1)
AROUND = (0, 15, 30, 45, 60, 90)  # minutes before and after
MOST_SINGLE = 12
WEEK = tuple(map(wording.a_day, range(7)))  # its days lend their names

OWN_TIMES = tuple(f"own_times-{number}" for number in range(7))
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
    room: AnyRoom | None
    people: int
    leave_out: tuple[str, ...]
    meetings: int | None = None  # so many are to take place, where that is what was asked for
    doors_open: bool = False  # the time before is when guests may come in
    open_end: bool = False  # the public learns only when it begins
    own: OwnPlaces | None = None
    bound: bool = True  # by the house's rules about when dates can be asked for, which are for groups

    @property
    def is_mixed(self) -> bool:
        """Whether not all dates are at the same time and in the same room."""
        return bool(self.own or self.times.others)


class WhenForm(PageForm):
    """Step 1: how often, when, how many and where. ``times``, ``rule`` and ``wish`` stand there as far as they could
    be read, once the form is validated."""

    rhythm = StringField(
        id="rhythm-once",
        validators=[AnyOf((*RHYTHMS, *OTHER_RHYTHMS), lazy_gettext("Choose how often you meet."))],
    )
    few = StringField(default="week_3")  # for the rhythm "few": every third week, or month_2
    # Monday 0, for the rhythm "weekdays"
    weekday = SelectMultipleField(id="weekday-0", choices=[], validate_choice=False)
    own_times = FieldList(SpanField(missing=None), min_entries=7, max_entries=7)  # by weekday, where others than below
    every = StringField(default="1")  # week, or every so many
    ordinal = SelectMultipleField(id="ordinal-1", choices=[], validate_choice=False)  # for the rhythm "ordinals"
    every_months = StringField(default="1")
    ordinal_weekday = StringField()  # empty: that of the first meeting
    date = DayField()
    more = FieldList(DayField(missing=None), min_entries=MOST_SINGLE - 1, max_entries=MOST_SINGLE - 1)
    start = StartField(missing=lazy_gettext("Enter when you start, for example 19:00."))
    end = EndField(missing=lazy_gettext("Enter until when you need the room, for example 21:00."))
    before = StringField(default="0")
    after = StringField(default="0")
    open_end = BooleanField()
    doors = BooleanField()
    until_kind = StringField(id="until_kind-date")
    until = DayField(since="date")
    count = NumberField()
    skip_holidays = BooleanField(default=True)
    skip_school = BooleanField()
    people = NumberField(most=MOST_PEOPLE)
    room = StringField(default="any", id="room-any")
    several = SelectMultipleField(id="several-0", choices=[], validate_choice=False)  # slugs, for the room "several"

    times: Times | None = None
    rule: RecurrenceRule | None = None
    wish: RoomRow | None = None
    bound = True  # see ``AskedDates``

    def __init__(self, typed: MultiDict[str, str] | None, now: datetime) -> None:
        super().__init__(None if typed is None else _of_this_page(typed))
        self.now = now
        self.today = now.astimezone(house_rules().zone).date()
        self._spread_dates()

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Look at each field, at what makes the rule, and at what the house allows."""
        super().validate(extra_validators)
        for field in self._beside_the_point():
            field.errors = []
        if self.times and self.rhythm.data == "weekdays":
            self.times = replace(self.times, others=tuple(self._times_of_weekdays()))
        self.rule = self._read_rule()
        if self.rule:
            self._look_at_house_rules(self.rule, self.times or Times(_NOON, 60))
        return not self.mistakes

    def _spread_dates(self) -> None:
        """Put a list of days that stands in the first field into the further ones, where there is room for it."""
        days = dates_in(self.date.data or "", self.today)
        is_series = self.rhythm.data in SERIES or any(field.data for field in self.more)
        if days and len(days) <= MOST_SINGLE and not is_series:
            self.rhythm.data = "single"
            for field, day in zip((self.date, *self.more), days, strict=False):
                field.data = day

    @property
    def example(self) -> str:
        """A day that can be typed here."""
        return messages.example_day()

    def asked(self) -> AskedDates | None:
        """What is wanted; None where something is missing or cannot be: then the fields say what."""
        if not self.validate() or self.rule is None or self.times is None:
            return None
        return self._asked(self.rule, self.times)

    def _asked(self, rule: RecurrenceRule, times: Times) -> AskedDates:
        return AskedDates(
            str(self.rhythm.data),
            rule,
            times,
            self.wish,
            self.people.meant or 1,
            self.leave_out,
            meetings=self.count.meant if rule.count else None,
            doors_open=bool(self.doors.data and times.before),
            open_end=bool(self.open_end.data or is_open_end(self.end.data or "")),
            bound=self.bound,
        )

    @property
    def is_series(self) -> bool:
        return self.rhythm.data in SERIES

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
        for field in self.controls():
            if field.name in values and (field.name in _FROM_LINKS or field.name in MORE):
                field.data = values[field.name]
                if field is self.until:
                    self.until_kind.data = "date"
                elif field.name in MORE:
                    self.rhythm.data = self.rhythm.data or "single"

    def put_in(self, values: Mapping[str, Sequence[str]]) -> None:
        """What was understood of a line, by the names of the controls."""
        for field in self.controls():
            if field.name in values:
                said = values[field.name]
                is_tick, is_list = isinstance(field, BooleanField), isinstance(field, SelectMultipleField)
                field.data = bool(said) if is_tick else [*said] if is_list else "".join(said[:1])

    def validate_few(self, field: Field) -> None:
        if self.rhythm.data == "few" and field.data not in FEW:
            raise ValidationError(gettext("Choose how often you meet."))

    def validate_weekday(self, _field: Field) -> None:
        if self.rhythm.data == "weekdays" and not self.weekdays:
            raise ValidationError(gettext("Choose at least one weekday."))

    def validate_ordinal(self, _field: Field) -> None:
        if self.rhythm.data == "ordinals" and not self.ordinals:
            raise ValidationError(gettext("Choose how often in the month, for example the first and the third."))

    def validate_more(self, fields: Any) -> None:
        days = {self.date.meant}
        for field in fields:
            if field.meant and field.meant in days:
                self.refuse(field, gettext("You have entered this day already."))
            days.add(field.meant)

    def validate_end(self, field: EndField) -> None:
        begins, ends = self.start.meant, field.meant
        if begins is None:
            return
        minutes = _minutes_between(begins, ends)
        self.times = Times(begins, minutes, _minutes(self.before.data), _minutes(self.after.data))

    def validate_own_times(self, fields: Any) -> None:
        for field in fields:
            try:
                field.minutes = _minutes_between(*field.meant) if field.meant else 0
            except ValidationError as fault:
                self.refuse(field, str(fault))

    def validate_until_kind(self, field: Field) -> None:
        if self.end_field is field:
            raise ValidationError(gettext("Choose how long the series should run."))

    def validate_count(self, field: NumberField) -> None:
        if field.meant > MOST_DATES:
            raise ValidationError(messages.too_many(field.meant, house_rules().most_dates))

    def validate_room(self, field: Field) -> None:
        if field.data not in ("any", "several"):
            self.wish = room_called(field.data or "")
            if self.wish is None:
                raise ValidationError(gettext("Choose a room, or any room that fits."))

    def validate_several(self, field: Field) -> None:
        if self.room.data != "several":
            return
        chosen = [room for room in offered_rooms() if room.slug in (field.data or [])]
        if len(chosen) < 2:
            raise ValidationError(gettext("Choose two rooms or more, or one alone above."))
        if pair := sharing(chosen):
            both = {"one": pair[0].name, "other": pair[1].name}
            said = gettext("%(one)s and %(other)s can’t be used at the same time. Leave one of the two out.", **both)
            raise ValidationError(said)
        self.wish = together(chosen)
        if self.bound and is_one_too_many(self.wish.together):
            raise ValidationError(gettext("We can’t take these rooms together here. Just write to us or call us."))

    @property
    def end_field(self) -> Any:
        """The one that says until when: what was chosen, else what was filled in."""
        filled = [field for field in (self.until, self.count) if (field.data or "").strip()]
        if self.until_kind.data == "date" or (not self.until_kind.data and filled == [self.until]):
            return self.until
        if self.until_kind.data == "count" or (not self.until_kind.data and filled == [self.count]):
            return self.count
        return self.until_kind

    def _beside_the_point(self) -> list[Field]:
        """The fields that do not matter to the chosen rhythm and its end."""
        ends = [field for field in (self.until_kind, self.until, self.count) if field is not self.end_field]
        return [
            *(ends if self.is_series else (self.until_kind, self.until, self.count)),
            *(() if self.rhythm.data == "single" else self.more),
            *(field for number, field in enumerate(self.own_times) if not self._has_own_times(number)),
        ]

    def _has_own_times(self, weekday: int) -> bool:
        return self.rhythm.data == "weekdays" and weekday in self.weekdays and bool(self.own_times[weekday].data)

    def _times_of_weekdays(self) -> Iterable[WeekdayTimes]:
        for number, field in enumerate(self.own_times):
            if self._has_own_times(number) and field.meant and not field.errors:
                yield WeekdayTimes(number, field.meant[0], field.minutes)

    def _read_rule(self) -> RecurrenceRule | None:
        start = self.date.meant
        if start is None or (
            self.is_series and any(field.errors for field in (self.few, self.weekday, self.ordinal, self.end_field))
        ):
            return None
        if not self.is_series:
            days = {start, *self._entered} if self.rhythm.data == "single" else {start}
            first, *others = sorted(days)
            return RecurrenceRule(start=first, freq=Frequency.SINGLE, extra_dates=frozenset(others))
        field = self.end_field
        end = {"until" if field is self.until else "count": field.meant}
        try:
            rule = RecurrenceRule(start, **end, **self._rhythm_from(start))
            return rule.for_meetings(field.meant, self._without_days_off) if rule.count else rule
        except RuleError as fault:
            sentence = messages.rule_error(fault, start, house_rules().most_dates)
            self.refuse(self.date if fault.field == "start" else field, sentence)
            return None

    def _without_days_off(self, days: list[dt.date]) -> list[dt.date]:
        return without_days_off(days, self.leave_out, self.now)

    def _rhythm_from(self, start: dt.date) -> dict[str, Any]:
        """The chosen rhythm as a rule has it."""
        rhythm, interval = self.rhythm.data, 2 if self.rhythm.data == "two_weeks" else 1
        if rhythm == "few":
            rhythm, _, number = (self.few.data or "").partition("_")
            interval = int(number)
        match rhythm:
            case "month":
                nth = ordinal_of(start)
                last = nth == 5 and is_last(start)  # not every month has one
                return {"freq": Frequency.MONTHLY, "interval": interval, "ordinals": (-1 if last else nth,)}
            case "ordinals":
                on = [number for number in range(7) if str(number) == self.ordinal_weekday.data]
                monthly = {"freq": Frequency.MONTHLY, "interval": _one_of(EVERY_MONTHS, self.every_months.data)}
                return {**monthly, "ordinals": tuple(self.ordinals), "weekdays": tuple(on)}
            case "weekdays":
                interval = _one_of(EVERY_WEEKS, self.every.data)
                return {"freq": Frequency.WEEKLY, "interval": interval, "weekdays": tuple(self.weekdays)}
            case _:
                return {"freq": Frequency.WEEKLY, "interval": interval}

    @property
    def _entered(self) -> dict[dt.date, Any]:
        """Single dates, each with the first field that it stands in."""
        fields: list[Any] = [self.date, *self.more]
        return {field.meant: field for field in reversed(fields) if field.meant}

    def _look_at_house_rules(self, rule: RecurrenceRule, times: Times) -> None:
        days = self._without_days_off(rule.days())
        for day in () if self.is_series else days:  # of a series such a date can be left out in the next step
            for at, gap in skipped_times(day, times, house_rules()):
                self.refuse(self.start if at == times.begins else self.end, messages.no_such_time(at, day, gap))
        whole = policy.request_objections(days, house_rules())
        for found in whole:
            field = self.end_field if found.code == "too_many" else self.skip_holidays
            self.refuse(field, messages.objection(found))
        own = {day: times.on(day) for day in days if not whole}
        wished = [WishedDate(day, each.begins, each.minutes, 0) for day, each in own.items()]
        for each, found in broken_rules(wished, self.now) if self.bound else ():
            field = self._field_for(found.code, each.day)
            if not field.errors and (self.times or found.code != "too_late"):
                self.refuse(field, messages.objection(found))

    def _field_for(self, code: str, day: dt.date) -> Any:
        if code == "too_late":
            return self.own_times[day.weekday()] if self._has_own_times(day.weekday()) else self.end
        if self.is_series and day != self.date.meant:
            return self.end_field
        return self._entered.get(day, self.date)


def _of_this_page(typed: MultiDict[str, str]) -> MultiDict[str, str]:
    """Without controls that it does not have. WTForms would take more-² for a number and fail."""
    known = (*MORE, *OWN_TIMES)
    found = MultiDict((name, text) for name, text in typed.items(multi=True) if "-" not in name or name in known)
    if any(name in found for name in OWN_TIMES):  # WTForms would count those that there are
        for name in OWN_TIMES:
            found.setdefault(name, "")
    return found


def _minutes_between(begins: time, ends: time) -> int:
    """How long it is until the end of the same day. Raises ``ValidationError`` where that cannot be meant."""
    if begins == ends:
        raise ValidationError(gettext("Start and end are the same. Until when do you need the room?"))
    if ends < _EARLY and begins >= _NOON:
        latest = {"latest": house_rules().latest_end}
        raise ValidationError(messages.objection(policy.Objection("too_late", latest)))
    if ends < begins:
        raise ValidationError(
            gettext(
                "The end (%(end)s) is before the start (%(start)s). Please check both.",
                end=f"{ends:%H:%M}",
                start=f"{begins:%H:%M}",
            )
        )
    return (ends.hour - begins.hour) * 60 + ends.minute - begins.minute


def _minutes(text: object) -> int:
    return _one_of(AROUND, text)


def _one_of(numbers: Sequence[int], text: object) -> int:
    """The number that was chosen from a list; the first for anything else."""
    return next((each for each in numbers if str(each) == text), numbers[0])


def choices_of(freq: Frequency, intervals: Iterable[int]) -> list[tuple[str, str]]:
    """How often, to choose from: its number, and "alle drei Wochen"."""
    return [(str(number), wording.every(freq, number, locale.selected())) for number in intervals]
