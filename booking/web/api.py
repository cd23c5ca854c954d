"""The JSON interface, /api/v1: what others may ask the house. Public data only; nothing here stores anything.

Errors are problem documents (RFC 9457) and say in both languages what to do.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, time
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, json, jsonify
from flask_smorest import Api, Blueprint
from werkzeug.exceptions import UnprocessableEntity
from werkzeug.http import HTTP_STATUS_CODES

from booking import availability, clock, wording
from booking.availability.check import holidays_among, without_days_off
from booking.availability.preview import LeftOut, Preview, PreviewDate
from booking.availability.wanted import Times
from booking.domain.days_off import DaysOff
from booking.domain.recurrence import MOST_DATES, WEEKDAY_CODES, RecurrenceRule
from booking.domain.sentence import Meant, Understanding
from booking.extensions import csrf
from booking.house import RoomRow, house, house_rules, offered_rooms, room_called, shown_at, shown_version
from booking.languages import WHOLE
from booking.web import limits, open_data
from booking.web.access import public
from booking.web.api_answers import PROBLEM, PreviewAnswer, SentenceAnswer, answers
from booking.web.api_questions import (
    DAY_MINUTES,
    DocumentParser,
    InvalidQuestion,
    Question,
    Sentence,
    _,
    in_each,
    other_times_of,
    rule_of,
)
from booking.web.forms.line import DOUBTS, LONGEST_LINE, NAMED, TOPICS, minutes_of, read_line

_MOST = {"minutes": DAY_MINUTES, "most": MOST_DATES, "longest": LONGEST_LINE}
#: Of a series without an end, so many days are told.
MOST_DAYS_OF_OPEN = 60
LONGEST_FIELD = 100  # characters of the name of a field in an answer
MOST_ERRORS = 20

bp = Blueprint("api", __name__, url_prefix="/api/v1", description="What is free in the house, and when.")
bp.ARGUMENTS_PARSER = DocumentParser()


@bp.post("/preview")
@public
@csrf.exempt
@limits.ask_as_program
@bp.arguments(Question())
@answers(bp, PreviewAnswer, "The dates.", 400, 413, 415, 422)
def preview(question: dict[str, Any]) -> Response:
    """The dates of a rule with their states. Past dates are previewed as well; nothing is stored."""
    with shown_at(shown_version(), clock.now()):
        return _previewed(question)


def _previewed(question: dict[str, Any]) -> Response:
    asked, leave_out, now = question["rule"], question["leave_out"], clock.now()
    rule = rule_of(asked, lambda days: without_days_off(days, leave_out, now))
    room = _room(question["room"])
    times = Times(
        asked["start"].time(),
        asked["duration_minutes"],
        question["before_minutes"],
        question["after_minutes"],
        other_times_of(asked, rule),
    )
    g.dates = len(rule.days(question["limit"]) if rule.is_open else rule.days()[: question["limit"]])
    found = _looked_up(rule, times, room, now, question["limit"], leave_out)
    days = [each.day for each in found.dates]
    every = sorted({*days, *(each.day for each in found.left_out)})
    off = {language: holidays_among(every, now, language) for language in WHOLE}
    zone = house().zone
    return jsonify(
        {
            "sentence": {
                language: wording.rule_sentence(
                    rule,
                    times.begins,
                    times.minutes,
                    days or [rule.start],
                    language,
                    others=times.others,
                    is_open=rule.is_open,
                )
                for language in WHOLE
            },
            "complete": found.complete,
            "occurrences": [_occurrence(each, off["en"], zone) for each in found.dates],
            "left_out": [
                {
                    "day": each.day.isoformat(),
                    "reason": each.reason,
                    **{language: _name(off[language], each) for language in WHOLE},
                }
                for each in found.left_out
            ],
        }
    )


@bp.post("/read")
@public
@csrf.exempt
@limits.ask_as_program
@bp.arguments(Sentence())
@answers(bp, SentenceAnswer, "What it means.", 400, 413, 415, 422)
def read_wish(question: dict[str, Any]) -> Response:
    """What a sentence asks for, read today: readings side by side, and what has to be asked back. Nothing is stored."""
    found = read_line(question["text"], clock.now())
    return jsonify(
        {
            "text": found.text,
            "pieces": [
                {"start": each.start, "end": each.end, "about": TOPICS.get(each.kind, "days")} for each in found.pieces
            ],
            "readings": [_reading(found, each) for each in found.readings],
            "questions": [
                {
                    "code": doubt.code,
                    "start": place.start if place else None,
                    "end": place.end if place else None,
                    **in_each(DOUBTS[doubt.code], NAMED),
                }
                for doubt, place in found.doubts
            ],
            "not_understood": [{"start": each.start, "end": each.end} for each in found.unknown],
            "people": found.people,
            "room": found.room,
            "doors_open": found.doors,
            "open_end": found.open_end,
        }
    )


def _reading(found: Understanding, meant: Meant) -> dict[str, Any]:
    """A reading, with the question about it that ``preview`` answers."""
    rule, minutes = meant.rule, minutes_of(meant)
    days = meant.days[:MOST_DAYS_OF_OPEN] if rule.is_open else meant.days
    answer: dict[str, Any] = {"sentence": None, "days": [day.isoformat() for day in days], "preview": None}
    if meant.begins is None or not minutes:
        return answer
    times = [
        {"weekday": WEEKDAY_CODES[day], "start": wording.clock(at), "duration_minutes": length}
        for day, at, length in meant.others
    ]
    start = f"{rule.start.isoformat()}T{wording.clock(meant.begins)}"
    answer["preview"] = {
        "rule": {**rule.as_json(), "start": start, "duration_minutes": minutes, "other_times": times},
        "room": None if found.room in (None, "any") else found.room,
        "leave_out": list(meant.leave_out),
        "before_minutes": found.before,
        "after_minutes": found.after,
    }
    answer["sentence"] = {
        language: wording.rule_sentence(
            rule, meant.begins, minutes, days, language, others=meant.others, is_open=rule.is_open
        )
        for language in WHOLE
    }
    return answer


def _occurrence(each: PreviewDate, english: DaysOff, zone: ZoneInfo) -> dict[str, Any]:
    """A date as it is answered."""
    return {
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


@limits.look_up_dates
def _looked_up(
    rule: RecurrenceRule, times: Times, room: RoomRow | None, now: datetime, limit: int, leave_out: list[str]
) -> Preview:
    """The dates, of which ``g.dates`` says how many there are."""
    return availability.preview.preview(
        rule, times, room=room, now=now, language="de", limit=limit, leave_out=leave_out, whose=False
    )


def _name(off: DaysOff, each: LeftOut) -> str:
    """What the day off is called for which a date is left out."""
    return (off.public if each.reason == "holiday" else off.school).get(each.day, each.name)


def _room(slug: str | None) -> RoomRow | None:
    if slug is None:
        return None
    found = room_called(slug)
    if found is None:
        known = ", ".join(room.slug for room in offered_rooms())
        message = _("There is no such room. The rooms are: %(rooms)s.")
        if "+" in slug:
            message = _("These rooms cannot all be had at once. The rooms are: %(rooms)s.")
        raise InvalidQuestion("room", in_each(message, {"rooms": known}))
    return found


def _hours_told(spans: Sequence[tuple[time, time]]) -> dict[str, str]:
    """09:00 to 17:00; 09:00–12:00, 13:00 to 17:00"""
    *earlier, (opens, closes) = [tuple(map(wording.clock, span)) for span in spans]
    return {"opens": ", ".join([*("–".join(span) for span in earlier), opens]), "closes": closes}


def _notes(each: PreviewDate, english: DaysOff) -> list[dict[str, str]]:
    named = {"public_holiday": english.public, "school_holiday": english.school}
    hours = house_rules().hours_of(each.room.id if each.room else None).get(each.day.weekday())
    notes = []
    for note in each.notes:
        params = dict(note.params)
        message = _NOTES[note.code]
        if note.code == "outside_hours":
            message = _NOTES["outside_hours"] if hours else _NOTES["closed_weekday"]
            params = _hours_told(hours) if hours else {}
        if note.code == "nonexistent_time":
            params = {name: wording.clock(at) for name, at in params.items()}
        words = in_each(message, params)
        if "name" in params:
            words["en"] = in_each(message, {"name": named[note.code].get(each.day, params["name"])})["en"]
        notes.append({"code": note.code, **words})
    sitting = each.found.taken_by if each.found else None
    if sitting:
        begins, ends = (instant.astimezone(house().zone) for instant in (sitting.occupied.start, sitting.occupied.end))
        occupied = {"begins": wording.clock(begins), "ends": wording.clock(ends)}
        message = _NOTES["taken"]
        if each.not_free:
            message, occupied["rooms"] = _NOTES["of_several"], ", ".join(room.name for room in each.not_free)
        notes.append({"code": "taken", **in_each(message, occupied)})
    closure = each.found.closure if each.found else None
    if closure:
        words = {"de": in_each(_NOTES["closed"], {"reason": closure.reason})["de"]}
        words["en"] = in_each(_NOTES["closed"], {"reason": closure.reason_en or closure.reason})["en"]
        notes.append({"code": "closed", **words})
    return notes


_NOTES = {
    "public_holiday": _("Public holiday: %(name)s"),
    "school_holiday": _("School holidays: %(name)s"),
    "outside_hours": _("Outside opening hours (%(opens)s to %(closes)s). Allowed, but the group needs a way in."),
    "closed_weekday": _("The house has no opening hours on that day. Allowed, but the group needs a way in."),
    "tight": _("There is little time to the meeting before or after in this room."),
    "nonexistent_time": _("Clocks skip this time in that night; the meeting would be from %(begins)s to %(ends)s."),
    "taken": _("Taken from %(begins)s to %(ends)s, setting up and tidying included."),
    "of_several": _("Not free: %(rooms)s. Taken from %(begins)s to %(ends)s, setting up and tidying included."),
    "closed": _("House closed: %(reason)s"),
}


@open_data.bp.errorhandler(InvalidQuestion)
@bp.errorhandler(InvalidQuestion)
def _say_what_to_do(error: InvalidQuestion) -> Response:
    return _problem([{"field": error.field, **error.words}], error.status)


@bp.errorhandler(422)
def _say_what_is_wrong(error: UnprocessableEntity) -> Response:
    """The shape of the document is wrong: marshmallow says where."""
    found = _flat(getattr(error, "data", {}).get("messages", {}).get("json", {}))
    errors = [{"field": field, **in_each(message, {"field": field, **_MOST})} for field, message in found[:MOST_ERRORS]]
    if found[MOST_ERRORS:]:
        more = in_each(_("Further mistakes: %(number)d."), {"number": len(found) - MOST_ERRORS})
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
    return Response(json.dumps(document), status, content_type=PROBLEM)


class _Api(Api):  # type: ignore[misc]  # the library has no types
    """Its handlers would take over every error of the whole application; ours are in errors.py and above."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass


def _said_format(_converter: object, field: Any, **_kwargs: Any) -> dict[str, str]:
    """The format that a field names for the document; the library writes none for a format of time of its own."""
    return {"format": field.metadata["format"]} if "format" in field.metadata else {}


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
    api.ma_plugin.converter.add_attribute_function(_said_format)
    for each in (bp, open_data.bp):
        api.register_blueprint(each)
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("api-docs."):
            app.view_functions[endpoint] = public(_as_function(view))
