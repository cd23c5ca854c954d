"""The JSON interface, /api/v1: what others may ask the house. Public data only; nothing here stores anything.

Errors are problem documents (RFC 9457) and say in both languages what to do.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any

import marshmallow as ma
from flask import Flask, Request, Response, g, json, jsonify
from flask_smorest import Api, Blueprint
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnprocessableEntity
from werkzeug.http import HTTP_STATUS_CODES

from booking import availability, clock, wording
from booking.availability.check import holidays_among
from booking.availability.preview import Preview, PreviewDate
from booking.availability.wanted import Times
from booking.domain.recurrence import MOST_DATES, WEEKDAY_CODES, Frequency, RecurrenceRule, RuleError
from booking.extensions import csrf
from booking.house import RoomRow, house, house_rules, room_rows
from booking.languages import LANGUAGES
from booking.web import incoming, limits
from booking.web.access import public
from booking.web.api_answers import PreviewAnswer

DAY_MINUTES = 24 * 60

LONGEST_DOCUMENT = 64 * 1024  # bytes; a question with as many days as it may hold needs half of that
LONGEST_FIELD = 100  # characters of the name of a field in an answer
MOST_ERRORS = 20


class _Parser(FlaskParser):
    """Python's own reader fails at documents that are too deep and at numbers that are too long."""

    def load_json(self, req: Request, schema: Any) -> Any:
        if not req.is_json:
            raise InvalidQuestion(
                "", _both(_("Send the question as JSON, with Content-Type: application/json."), {}), 415
            )
        if len(req.get_data()) > LONGEST_DOCUMENT:
            words = _both(_("This document is too large. It must not hold more than %(most)d bytes."), _LARGEST)
            raise InvalidQuestion("", words, 413)
        try:
            return incoming.readable(super().load_json(req, schema))
        except BadRequest:
            raise InvalidQuestion("", _both(_("This is not JSON, or it is cut off."), {}), 400) from None
        except (RecursionError, ValueError):
            words = _both(_("This document is too deep, or a number in it too long."), {})
            raise InvalidQuestion("", words, 400) from None


_LARGEST = {"most": LONGEST_DOCUMENT}
bp = Blueprint("api", __name__, url_prefix="/api/v1", description="What is free in the house, and when.")
bp.ARGUMENTS_PARSER = _Parser()


def _(message: str) -> str:
    """Mark a message for the catalogue; it is said in both languages."""
    return message


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
    "until_before_start": _("The series ends before its first date."),
    "too_many": _("That would be more than %(most)d dates. Choose an earlier end."),
    "start_not_in_rule": _("The start is no date of its rule. The first one would be %(first)s."),
    "no_start": _("The start is no date of its rule, and the rule has no other."),
    "empty": _("The exceptions leave no date."),
}
_UP_TO_A_DAY = ma.validate.Range(0, DAY_MINUTES, error=_("%(field)s must be from 0 to %(minutes)d minutes."))
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


class Rule(QuestionPart):
    """A recurrence rule in closed form: local days and wall time of the house."""

    start = ma.fields.NaiveDateTime(required=True, format="%Y-%m-%dT%H:%M", metadata={"example": "2027-01-06T16:00"})
    duration_minutes = ma.fields.Integer(
        required=True,
        strict=True,
        validate=ma.validate.Range(1, DAY_MINUTES, error=_("%(field)s must be from 1 to %(minutes)d minutes.")),
    )
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
        metadata={"description": "How many dates take place: in place of count, and without exdates."},
    )
    exdates = Few(ma.fields.Date(), MOST_DATES, _MANY_DAYS)
    extra_dates = Few(ma.fields.Date(), MOST_DATES, _MANY_DAYS)


class Question(QuestionPart):
    """A rule, and the room it is wanted in; null checks no room."""

    rule = ma.fields.Nested(Rule, required=True)
    room = ma.fields.String(load_default=None, allow_none=True, metadata={"example": "grosse-flaeche"})
    before_minutes = ma.fields.Integer(load_default=0, strict=True, validate=_UP_TO_A_DAY)
    after_minutes = ma.fields.Integer(load_default=0, strict=True, validate=_UP_TO_A_DAY)
    limit = ma.fields.Integer(
        load_default=MOST_DATES,
        strict=True,
        validate=ma.validate.Range(1, MOST_DATES, error=_("%(field)s must be from 1 to %(most)d.")),
    )


class InvalidQuestion(Exception):
    """An invalid question: the field, in each language what to do about it, and the status to answer."""

    def __init__(self, field: str, words: dict[str, str], status: int = 422) -> None:
        super().__init__(words["en"])
        self.field = field
        self.words = words
        self.status = status


@bp.post("/preview")
@public
@csrf.exempt
@limits.ask_as_program
@bp.arguments(Question)
@bp.alt_response(200, schema=PreviewAnswer, description="The dates.")
@bp.alt_response(400, description="Not JSON, or JSON that cannot be read to its end.")
@bp.alt_response(413, description="JSON of more than 64 KiB.")
@bp.alt_response(415, description="Not sent as JSON.")
@bp.alt_response(422, description="An invalid rule: the field, and what to do.")
def preview(question: dict[str, Any]) -> Response:
    """The dates of a rule with their states. Past dates are previewed as well; nothing is stored."""
    asked = question["rule"]
    rule = _rule(asked)
    room = _room(question["room"])
    times = Times(
        asked["start"].time(), asked["duration_minutes"], question["before_minutes"], question["after_minutes"]
    )
    now = clock.now()
    g.dates = len(rule.days(question["limit"]) if rule.is_open else rule.days()[: question["limit"]])
    found = _looked_up(rule, times, room, now, question["limit"])
    days = [each.day for each in found.dates]
    off = holidays_among(days, now, "en")
    english = {"public_holiday": off.public, "school_holiday": off.school}
    zone = house().zone
    return jsonify(
        {
            "sentence": {
                language: wording.rule_sentence(
                    rule, times.begins, times.minutes, days or [rule.start], language, is_open=rule.is_open
                )
                for language in LANGUAGES
            },
            "complete": found.complete,
            "occurrences": [
                {
                    "start": each.slot.start.astimezone(zone).isoformat(),
                    "end": each.slot.end.astimezone(zone).isoformat(),
                    "start_utc": each.slot.start.isoformat().replace("+00:00", "Z"),
                    "state": each.state.value,
                    "notes": _notes(each, english),
                    "alternatives": [
                        {
                            "kind": way.kind,
                            "room": way.room.slug,
                            "start": way.slot.start.astimezone(zone).isoformat(),
                            "end": way.slot.end.astimezone(zone).isoformat(),
                        }
                        for way in each.alternatives
                    ],
                }
                for each in found.dates
            ],
        }
    )


@limits.look_up_dates
def _looked_up(rule: RecurrenceRule, times: Times, room: RoomRow | None, now: datetime, limit: int) -> Preview:
    """The dates, of which ``g.dates`` says how many there are."""
    return availability.preview.preview(rule, times, room=room, now=now, language="de", limit=limit, names=False)


def _rule(asked: dict[str, Any]) -> RecurrenceRule:
    meetings: int | None = asked["meetings"]
    if meetings and (asked["until"] or asked["count"] is not None):
        raise InvalidQuestion("rule.meetings", _both(_RULE_ERRORS["one_end"], {}))
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
        return rule.for_meetings(meetings, list) if meetings else rule
    except RuleError as error:
        nowhere = error.code == "start_not_in_rule" and error.params["first"] is None
        message = _RULE_ERRORS["no_start" if nowhere else error.code]
        raise InvalidQuestion(f"rule.{error.field}", _both(message, error.params)) from None


def _room(slug: str | None) -> RoomRow | None:
    if slug is None:
        return None
    known = {room.slug: room for room in room_rows().values()}
    if slug not in known:
        raise InvalidQuestion(
            "room", _both(_("There is no such room. The rooms are: %(rooms)s."), {"rooms": ", ".join(known)})
        )
    return known[slug]


def _notes(each: PreviewDate, english: dict[str, dict[date, str]]) -> list[dict[str, str]]:
    hours = house_rules().hours.get(each.day.weekday())
    notes = []
    for note in each.notes:
        params = dict(note.params)
        message = _NOTES[note.code]
        if note.code == "outside_hours":
            message = _NOTES["outside_hours"] if hours else _NOTES["closed_weekday"]
            params = {"opens": wording.clock(hours[0]), "closes": wording.clock(hours[1])} if hours else {}
        if note.code == "nonexistent_time":
            params = {name: wording.clock(at) for name, at in params.items()}
        words = _both(message, params)
        if "name" in params:
            words["en"] = _both(message, {"name": english[note.code].get(each.day, params["name"])})["en"]
        notes.append({"code": note.code, **words})
    closure = each.found.closure if each.found else None
    if closure:
        words = {"de": _both(_NOTES["closed"], {"reason": closure.reason})["de"]}
        words["en"] = _both(_NOTES["closed"], {"reason": closure.reason_en})["en"]
        notes.append({"code": "closed", **words})
    return notes


def _both(message: str, params: dict[str, Any]) -> dict[str, str]:
    said = {}
    for language in LANGUAGES:
        values = {
            name: wording.full_date(value, language) if isinstance(value, date) else value
            for name, value in params.items()
        }
        said[language] = wording.words(language).gettext(message) % values
    return said


_NOTES = {
    "public_holiday": _("Public holiday: %(name)s"),
    "school_holiday": _("School holidays: %(name)s"),
    "outside_hours": _("Outside opening hours (%(opens)s to %(closes)s). Allowed, but the group needs a way in."),
    "closed_weekday": _("The house has no opening hours on that day. Allowed, but the group needs a way in."),
    "tight": _("There is little time to the meeting before or after in this room."),
    "nonexistent_time": _("Clocks skip this time in that night; the meeting would be from %(begins)s to %(ends)s."),
    "closed": _("House closed: %(reason)s"),
}


@bp.errorhandler(InvalidQuestion)
def _say_what_to_do(error: InvalidQuestion) -> Response:
    return _problem([{"field": error.field, **error.words}], error.status)


@bp.errorhandler(422)
def _say_what_is_wrong(error: UnprocessableEntity) -> Response:
    """The shape of the document is wrong: marshmallow says where."""
    found = _flat(getattr(error, "data", {}).get("messages", {}).get("json", {}))
    errors = [
        {"field": field, **_both(message, {"field": field, "minutes": DAY_MINUTES, "most": MOST_DATES})}
        for field, message in found[:MOST_ERRORS]
    ]
    if found[MOST_ERRORS:]:
        more = _both(_("Further mistakes: %(number)d."), {"number": len(found) - MOST_ERRORS})
        errors.append({"field": "", **more})
    return _problem(errors)


def _flat(messages: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(messages, dict):
        return [
            each
            for name, below in messages.items()
            for each in _flat(below, path if name == "_schema" else f"{path}.{name}".lstrip(".")[:LONGEST_FIELD])
        ]
    return [(path, message) for message in messages]


def _problem(errors: list[dict[str, str]], status: int = 422) -> Response:
    document = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES[status],
        "status": status,
        "detail": " ".join(error["en"] for error in errors),
        "field": errors[0]["field"] if errors else "",
        "errors": errors,
    }
    return Response(json.dumps(document), status, content_type="application/problem+json")


class _Api(Api):  # type: ignore[misc]  # the library has no types
    """Its handlers would take over every error of the whole application; ours are in errors.py and above."""

    def _register_error_handlers(self) -> None:
        pass


def _as_function(method: Callable[..., Any]) -> Callable[..., Any]:
    """A bound method takes no mark."""

    @wraps(method)
    def view(**arguments: Any) -> Any:
        return method(**arguments)

    return view


def init_app(app: Flask) -> None:
    app.config.update(
        API_TITLE="Room booking",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = _Api(app)
    api.register_blueprint(bp)
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("api-docs."):
            app.view_functions[endpoint] = public(_as_function(view))
