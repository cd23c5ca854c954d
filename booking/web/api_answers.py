"""What the JSON interface answers, for its document."""

import marshmallow as ma

from booking.availability.check import Availability


class BothLanguages(ma.Schema):
    de = ma.fields.String()
    en = ma.fields.String()


class NoteAnswer(BothLanguages):
    code = ma.fields.String(
        validate=ma.validate.OneOf(
            ["public_holiday", "school_holiday", "outside_hours", "tight", "nonexistent_time", "taken", "closed"]
        )
    )


class AlternativeAnswer(ma.Schema):
    kind = ma.fields.String(validate=ma.validate.OneOf(["room", "time", "day"]))
    room = ma.fields.String()
    start = ma.fields.String()
    end = ma.fields.String()


class OccurrenceAnswer(ma.Schema):
    start = ma.fields.String(metadata={"example": "2027-01-06T16:00:00+01:00"})
    end = ma.fields.String()
    start_utc = ma.fields.String()
    state = ma.fields.String(validate=ma.validate.OneOf([state.value for state in Availability]))
    notes = ma.fields.List(ma.fields.Nested(NoteAnswer))
    alternatives = ma.fields.List(ma.fields.Nested(AlternativeAnswer))


class LeftOutAnswer(BothLanguages):
    day = ma.fields.String(metadata={"example": "2027-03-29"})
    reason = ma.fields.String(validate=ma.validate.OneOf(["holiday", "school"]))


class PreviewAnswer(ma.Schema):
    """``complete`` is false where an open rule, or the limit, leaves further dates unlisted."""

    sentence = ma.fields.Nested(BothLanguages)
    complete = ma.fields.Boolean()
    occurrences = ma.fields.List(ma.fields.Nested(OccurrenceAnswer))
    left_out = ma.fields.List(ma.fields.Nested(LeftOutAnswer))
