"""What the JSON interface answers, for its document."""

from collections.abc import Callable
from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from booking.availability.check import Availability

PROBLEM = "application/problem+json"

#: What is wrong, by its status.
PROBLEMS = {
    400: "Not JSON, or JSON that cannot be read to its end.",
    413: "JSON of more than 64 KiB.",
    415: "Not sent as JSON.",
    422: "Something that cannot be meant: the field, and what to do.",
    429: "Asked too often; Retry-After says in how many seconds to come back.",
    503: "Nothing can be read at the moment; Retry-After says in how many seconds to come back.",
}


class AnswerPart(ma.Schema):
    """A part of an answer: it has all of these keys, but for what is ``seldom`` there, and no other."""

    class Meta:
        unknown = ma.RAISE

    def on_bind_field(self, _field_name: str, field_obj: ma.fields.Field[Any]) -> None:
        field_obj.required = not field_obj.metadata.get("seldom")


class BothLanguages(AnswerPart):
    de = ma.fields.String()
    en = ma.fields.String()


class NoteAnswer(BothLanguages):
    code = ma.fields.String(
        validate=ma.validate.OneOf(
            ["public_holiday", "school_holiday", "outside_hours", "tight", "nonexistent_time", "taken", "closed"]
        )
    )


class AlternativeAnswer(AnswerPart):
    kind = ma.fields.String(validate=ma.validate.OneOf(["room", "time", "day"]))
    room = ma.fields.String()
    start = ma.fields.String()
    end = ma.fields.String()


class OccurrenceAnswer(AnswerPart):
    start = ma.fields.String(metadata={"example": "2027-01-06T16:00:00+01:00"})
    end = ma.fields.String()
    start_utc = ma.fields.String()
    state = ma.fields.String(validate=ma.validate.OneOf([state.value for state in Availability]))
    notes = ma.fields.List(ma.fields.Nested(NoteAnswer))
    alternatives = ma.fields.List(ma.fields.Nested(AlternativeAnswer))


class LeftOutAnswer(BothLanguages):
    day = ma.fields.String(metadata={"example": "2027-03-29"})
    reason = ma.fields.String(validate=ma.validate.OneOf(["holiday", "school"]))


class PreviewAnswer(AnswerPart):
    """``complete`` is false where an open rule, or the limit, leaves further dates unlisted."""

    sentence = ma.fields.Nested(BothLanguages)
    complete = ma.fields.Boolean()
    occurrences = ma.fields.List(ma.fields.Nested(OccurrenceAnswer))
    left_out = ma.fields.List(ma.fields.Nested(LeftOutAnswer))


class SpanAnswer(AnswerPart):
    start = ma.fields.Integer(metadata={"description": "Of ``text``, in characters."})
    end = ma.fields.Integer()


class PieceAnswer(SpanAnswer):
    about = ma.fields.String(validate=ma.validate.OneOf(["days", "time", "around", "people", "room"]))


class ReadingAnswer(AnswerPart):
    """One thing that the text can mean. ``preview`` can be asked as it is; null where times or days are missing, and
    ``sentence`` with it. Of a series without an end there are the first days."""

    sentence = ma.fields.Nested(BothLanguages, allow_none=True)
    days = ma.fields.List(ma.fields.String(metadata={"example": "2027-01-12"}))
    preview = ma.fields.Dict(allow_none=True)


class DoubtAnswer(BothLanguages):
    """What has to be asked back; ``start`` and ``end`` are null where something is missing."""

    code = ma.fields.String()
    start = ma.fields.Integer(allow_none=True)
    end = ma.fields.Integer(allow_none=True)


class SentenceAnswer(AnswerPart):
    """``text`` is what was read: places in it count its characters. ``room``: a slug, "any", or null."""

    text = ma.fields.String()
    pieces = ma.fields.List(ma.fields.Nested(PieceAnswer))
    readings = ma.fields.List(ma.fields.Nested(ReadingAnswer))
    questions = ma.fields.List(ma.fields.Nested(DoubtAnswer))
    not_understood = ma.fields.List(ma.fields.Nested(SpanAnswer))
    people = ma.fields.Integer(allow_none=True)
    room = ma.fields.String(allow_none=True)
    doors_open = ma.fields.Boolean()
    open_end = ma.fields.Boolean()


class RoomAnswer(AnswerPart):
    slug = ma.fields.String()
    name = ma.fields.String()
    seats = ma.fields.Integer()
    step_free = ma.fields.Boolean()
    way = ma.fields.Nested(BothLanguages)
    equipment = ma.fields.List(ma.fields.String())
    url = ma.fields.String()


class RoomsAnswer(AnswerPart):
    rooms = ma.fields.List(ma.fields.Nested(RoomAnswer))


class PublicDateAnswer(AnswerPart):
    """``title``, ``group`` and ``link`` are null for a closed group; ``status`` says whether it takes place."""

    id = ma.fields.Integer()
    start = ma.fields.String(metadata={"example": "2027-01-06T16:00:00+01:00"})
    end = ma.fields.String()
    doors = ma.fields.String(allow_none=True)
    room = ma.fields.String()
    status = ma.fields.String(validate=ma.validate.OneOf(["confirmed", "cancelled"]))
    moved_from = ma.fields.String(allow_none=True)
    open = ma.fields.Boolean()
    open_end = ma.fields.Boolean()
    title = ma.fields.String(allow_none=True)
    group = ma.fields.String(allow_none=True)
    link = ma.fields.String(allow_none=True)
    url = ma.fields.String()
    updated = ma.fields.String()


class OccurrencesAnswer(AnswerPart):
    """``next`` is the address of the following page; null on the last."""

    occurrences = ma.fields.List(ma.fields.Nested(PublicDateAnswer))
    next = ma.fields.String(allow_none=True)


class BusyAnswer(AnswerPart):
    room = ma.fields.String()
    start = ma.fields.String()
    end = ma.fields.String()
    reason = ma.fields.String(validate=ma.validate.OneOf(["taken", "closed"]))


class OccupancyAnswer(AnswerPart):
    occupancy = ma.fields.List(ma.fields.Nested(BusyAnswer))


class TodayAnswer(AnswerPart):
    """``closed``: why the house is closed all day, null where it is not."""

    day = ma.fields.String()
    occurrences = ma.fields.List(ma.fields.Nested(PublicDateAnswer))
    closed = ma.fields.Nested(BothLanguages, allow_none=True)


class MistakeAnswer(BothLanguages):
    field = ma.fields.String()


class ProblemAnswer(AnswerPart):
    """What is wrong (RFC 9457). ``errors`` names each field with what to do about it, where fields are to blame."""

    type = ma.fields.String()
    title = ma.fields.String()
    status = ma.fields.Integer()
    detail = ma.fields.String()
    field = ma.fields.String(metadata={"seldom": True})
    errors = ma.fields.List(ma.fields.Nested(MistakeAnswer), metadata={"seldom": True})


def answers(bp: Blueprint, schema: type[ma.Schema], said: str, *problems: int) -> Callable[[Any], Any]:
    """Document what a view answers, and which problems."""

    def mark(view: Any) -> Any:
        for code in (*problems, 429, 503):
            view = bp.alt_response(code, schema=ProblemAnswer, content_type=PROBLEM, description=PROBLEMS[code])(view)
        return bp.alt_response(200, schema=schema, description=said)(view)

    return mark
