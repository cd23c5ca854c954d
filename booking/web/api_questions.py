"""What programs ask, read and refused: the shape of a question, and in each language what is wrong with it."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

import marshmallow as ma
from flask import Request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest

from booking import catalogues, wording
from booking.domain.recurrence import MOST_DATES, WEEKDAY_CODES, Frequency, RecurrenceRule, RuleError
from booking.domain.slot import WeekdayTimes
from booking.languages import WHOLE
from booking.web import incoming
from booking.web.forms.line import LONGEST_LINE

DAY_MINUTES = 24 * 60

LONGEST_DOCUMENT = 64 * 1024  # bytes; a question with as many days as it may hold needs half of that


def _(message: str) -> str:
    """Mark a message for the catalogue; it is said in both languages."""
    return message


def in_each(message: str, params: dict[str, Any]) -> dict[str, str]:
    return dict(_in_each(message, catalogues.is_formal(), **params))


@lru_cache(256)  # an answer says the same of many of its dates
def _in_each(message: str, _formal: bool, **params: Any) -> list[tuple[str, str]]:
    said = []
    for language in WHOLE:
        values = {
            name: wording.full_date(value, language) if isinstance(value, date) else value
            for name, value in params.items()
        }
        said.append((language, catalogues.words(language).gettext(message) % values))
    return said


_LARGEST = {"most": LONGEST_DOCUMENT}


class DocumentParser(FlaskParser):
    """Python's own reader fails at documents that are too deep and at numbers that are too long."""

    def load_json(self, req: Request, schema: Any) -> Any:
        if not req.is_json:
            raise InvalidQuestion(
                "", in_each(_("Send the question as JSON, with Content-Type: application/json."), {}), 415
            )
        if len(req.get_data()) > LONGEST_DOCUMENT:
            words = in_each(_("This document is too large. It must not hold more than %(most)d bytes."), _LARGEST)
            raise InvalidQuestion("", words, 413)
        try:
            return incoming.readable(super().load_json(req, schema))
        except BadRequest:
            raise InvalidQuestion("", in_each(_("This is not JSON, or it is cut off."), {}), 400) from None
        except (RecursionError, ValueError):
            words = in_each(_("This document is too deep, or a number in it too long."), {})
            raise InvalidQuestion("", words, 400) from None


class Few(ma.fields.List[Any]):
    """A list that is counted before anything in it is read."""

    def __init__(self, inner: ma.fields.Field[Any], most: int, too_many: str) -> None:
        super().__init__(inner, load_default=list, metadata={"maxItems": most})
        self.most = most
        self.too_many = too_many

    def _deserialize(self, value: Any, *args: Any, **more: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > self.most:
            raise ma.ValidationError(self.too_many)
        return super()._deserialize(value, *args, **more)


#: What is wrong with a value, in place of marshmallow's words, which know one language only.
_WRONG_KIND: dict[type[ma.fields.Field[Any]], str] = {
    ma.fields.Date: _("%(field)s must be a day like 2027-01-06."),
    ma.fields.Integer: _("%(field)s must be a whole number."),
    Few: _("%(field)s must be a list."),
    ma.fields.NaiveDateTime: _("%(field)s must be a local time like 2027-01-06T16:00."),
    ma.fields.Time: _("%(field)s must be a local time like 09:00."),
    ma.fields.String: _("%(field)s must be text."),
}
_RULE_ERRORS = {
    "frequency": _("freq must be single, weekly or monthly."),
    "interval": _("interval must be a whole number from 1 to %(most)d."),
    "weekdays": _("weekdays must be MO, TU, WE, TH, FR, SA or SU."),
    "ordinals": _("ordinals must be 1 to 5, or -1 for the last, and go with monthly rules only."),
    "count": _("count must be a whole number from 1 to %(most)d."),
    "day": _("This must be a day from %(first)s to %(last)s."),
    "until_and_count": _("Give until or count, not both."),
    "meetings": _("meetings must be a whole number from 1 to %(most)d."),
    "one_end": _("Give one of until, count and meetings."),
    "other_number": _("With extra_dates and what is left out, it would be %(number)d instead of %(meetings)d dates."),
    "until_before_start": _("The series ends before its first date."),
    "too_many": _("That would be more than %(most)d dates. Choose an earlier end."),
    "start_not_in_rule": _("The start is no date of its rule. The first one would be %(first)s."),
    "no_start": _("The start is no date of its rule, and the rule has no other."),
    "empty": _("The exceptions leave no date."),
}
DAYS_OFF = ("holiday", "school")
_LEAVE_OUT = _("leave_out must be a list of holiday, school or both.")
_UP_TO_A_DAY = ma.validate.Range(0, DAY_MINUTES, error=_("%(field)s must be from 0 to %(minutes)d minutes."))
_LENGTH = ma.validate.Range(1, DAY_MINUTES, error=_("%(field)s must be from 1 to %(minutes)d minutes."))
_OTHER_TIMES = _("other_times must be a list of weekdays with their times, those of the rule and each once.")
_MANY_DAYS = _("%(field)s must not hold more than %(most)d days.")


class QuestionPart(ma.Schema):
    """A part of a question, which says in our own words what is wrong with it."""

    error_messages = {
        "type": _("A JSON object belongs here."),
        "unknown": _("There is no field %(field)s here."),
    }

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field[Any]) -> None:
        for each in (field_obj, getattr(field_obj, "inner", None)):
            if each is not None:
                each.error_messages.update(required=_("%(field)s is missing."), null=_("%(field)s must not be null."))
            if each is not None and not isinstance(each, ma.fields.Nested):
                each.error_messages.update(dict.fromkeys(("invalid", "invalid_awareness"), _WRONG_KIND[type(each)]))


class OwnTimes(QuestionPart):
    """When a series meets on one weekday, where that is not as on the others."""

    weekday = ma.fields.String(required=True, validate=ma.validate.OneOf(WEEKDAY_CODES, error=_RULE_ERRORS["weekdays"]))
    start = ma.fields.Time(
        required=True,
        format="%H:%M",
        metadata={"format": "time-local", "pattern": "^[0-9]{2}:[0-9]{2}$", "example": "09:00"},
    )
    duration_minutes = ma.fields.Integer(required=True, strict=True, validate=_LENGTH)


class Rule(QuestionPart):
    """A recurrence rule in closed form: local days and wall time of the house."""

    start = ma.fields.NaiveDateTime(
        required=True,
        format="%Y-%m-%dT%H:%M",
        metadata={
            "format": "date-time-local",
            "pattern": "^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$",
            "example": "2027-01-06T16:00",
        },
    )
    duration_minutes = ma.fields.Integer(required=True, strict=True, validate=_LENGTH)
    other_times = Few(ma.fields.Nested(OwnTimes), 7, _OTHER_TIMES)
    freq = ma.fields.String(
        required=True, validate=ma.validate.OneOf([each.value for each in Frequency], error=_RULE_ERRORS["frequency"])
    )
    interval = ma.fields.Integer(load_default=1, strict=True)
    weekdays = Few(
        ma.fields.String(validate=ma.validate.OneOf(WEEKDAY_CODES, error=_RULE_ERRORS["weekdays"])),
        7,
        _RULE_ERRORS["weekdays"],
    )
    ordinals = Few(ma.fields.Integer(strict=True), 6, _RULE_ERRORS["ordinals"])
    until = ma.fields.Date(load_default=None, allow_none=True)
    count = ma.fields.Integer(
        load_default=None, allow_none=True, strict=True, metadata={"description": "Of RFC 5545: exdates are counted."}
    )
    meetings = ma.fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=ma.validate.Range(1, MOST_DATES, error=_RULE_ERRORS["meetings"]),
        metadata={
            "description": "How many dates take place: in place of count, without exdates and what leave_out drops."
        },
    )
    exdates = Few(ma.fields.Date(), MOST_DATES, _MANY_DAYS)
    extra_dates = Few(ma.fields.Date(), MOST_DATES, _MANY_DAYS)


class Question(QuestionPart):
    """A rule, and the room it is wanted in; null checks no room."""

    rule = ma.fields.Nested(Rule, required=True)
    room = ma.fields.String(
        load_default=None,
        allow_none=True,
        metadata={
            "example": "grosse-flaeche",
            "description": "Several rooms at once have + between: grosse-flaeche+werkstatt.",
        },
    )
    leave_out = Few(
        ma.fields.String(validate=ma.validate.OneOf(DAYS_OFF, error=_LEAVE_OUT)),
        len(DAYS_OFF),
        _LEAVE_OUT,
    )
    before_minutes = ma.fields.Integer(load_default=0, strict=True, validate=_UP_TO_A_DAY)
    after_minutes = ma.fields.Integer(load_default=0, strict=True, validate=_UP_TO_A_DAY)
    limit = ma.fields.Integer(
        load_default=MOST_DATES,
        strict=True,
        validate=ma.validate.Range(1, MOST_DATES, error=_("%(field)s must be from 1 to %(most)d.")),
    )


class Sentence(QuestionPart):
    """A wish in one sentence, in German or English."""

    text = ma.fields.String(
        required=True,
        validate=ma.validate.Length(1, LONGEST_LINE, error=_("text must have from 1 to %(longest)d characters.")),
        metadata={"example": "jeden zweiten Dienstag im Monat, 19 bis 21 Uhr, Januar bis Juni, 12 Leute"},
    )


class InvalidQuestion(Exception):
    """An invalid question: the field, in each language what to do about it, and the status to answer."""

    def __init__(self, field: str, words: dict[str, str], status: int = 422) -> None:
        super().__init__(words["en"])
        self.field = field
        self.words = words
        self.status = status


def rule_of(asked: dict[str, Any], kept: Callable[[list[date]], list[date]]) -> RecurrenceRule:
    """The rule of a question. ``kept``: those of its days that take place, which ``meetings`` counts."""
    meetings: int | None = asked["meetings"]
    if meetings and (asked["until"] or asked["count"] is not None):
        raise InvalidQuestion("rule.meetings", in_each(_RULE_ERRORS["one_end"], {}))
    try:
        rule = RecurrenceRule(
            start=asked["start"].date(),
            freq=Frequency(asked["freq"]),
            interval=asked["interval"],
            weekdays=tuple(WEEKDAY_CODES.index(code) for code in asked["weekdays"]),
            ordinals=tuple(asked["ordinals"]),
            until=asked["until"],
            count=asked["count"],
            exception_dates=frozenset(asked["exdates"]),
            extra_dates=frozenset(asked["extra_dates"]),
        )
        if meetings:
            rule = rule.for_meetings(meetings, kept)
            number = len(kept(rule.days()))
            if number != meetings:
                raise RuleError("meetings", "other_number", number=number, meetings=meetings)
        return rule
    except RuleError as error:
        nowhere = error.code == "start_not_in_rule" and error.params["first"] is None
        message = _RULE_ERRORS["no_start" if nowhere else error.code]
        raise InvalidQuestion(f"rule.{error.field}", in_each(message, error.params)) from None


def other_times_of(asked: dict[str, Any], rule: RecurrenceRule) -> tuple[WeekdayTimes, ...]:
    """The weekdays of a question's rule that meet at times of their own."""
    found = {
        WEEKDAY_CODES.index(each["weekday"]): (each["start"], each["duration_minutes"]) for each in asked["other_times"]
    }
    if len(found) < len(asked["other_times"]) or not found.keys() <= {*rule.weekdays}:
        raise InvalidQuestion("rule.other_times", in_each(_OTHER_TIMES, {}))
    return tuple(WeekdayTimes(weekday, *times) for weekday, times in sorted(found.items()))
