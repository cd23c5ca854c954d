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


class RoomAnswer(ma.Schema):
    slug = ma.fields.String()
    name = ma.fields.String()
    seats = ma.fields.Integer()
    step_free = ma.fields.Boolean()
    way = ma.fields.Nested(BothLanguages)
    equipment = ma.fields.List(ma.fields.String())
    url = ma.fields.String()


class RoomsAnswer(ma.Schema):
    rooms = ma.fields.List(ma.fields.Nested(RoomAnswer))


class PublicDateAnswer(ma.Schema):
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


class OccurrencesAnswer(ma.Schema):
    """``next`` is the address of the following page; null on the last."""

    occurrences = ma.fields.List(ma.fields.Nested(PublicDateAnswer))
    next = ma.fields.String(allow_none=True)


class BusyAnswer(ma.Schema):
    room = ma.fields.String()
    start = ma.fields.String()
    end = ma.fields.String()
    reason = ma.fields.String(validate=ma.validate.OneOf(["taken", "closed"]))


class OccupancyAnswer(ma.Schema):
    occupancy = ma.fields.List(ma.fields.Nested(BusyAnswer))


class TodayAnswer(ma.Schema):
    """``closed``: why the house is closed all day, null where it is not."""

    day = ma.fields.String()
    occurrences = ma.fields.List(ma.fields.Nested(PublicDateAnswer))
    closed = ma.fields.Nested(BothLanguages, allow_none=True)
