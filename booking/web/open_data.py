"""The public plan as JSON, for everybody: rooms, dates, times in which rooms are taken, and today.

``from`` and ``to`` are local days of the house, both included. Nothing here tells of a person, of a closed group's
name, or of what is only asked for.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from functools import wraps
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import current_app, json, request
from flask_smorest import Blueprint

from booking import clock, published
from booking.agenda import closed_days
from booking.domain.slot import Slot
from booking.house import RoomRow, house, offered_rooms, room_called, room_rows
from booking.published import PublicDate, public_dates
from booking.web import limits, shared
from booking.web.access import View, public
from booking.web.api_answers import OccupancyAnswer, OccurrencesAnswer, RoomsAnswer, TodayAnswer, answers
from booking.web.api_questions import InvalidQuestion, _, in_each

bp = Blueprint("open_data", __name__, url_prefix="/api/v1", description="What is on in the house.")

#: Days of a period where none are asked for, and at most.
USUAL_DAYS, MOST_DAYS = 28, 366
#: Days of the occupied times of all rooms at once.
MOST_DAYS_OF_ALL = 62
#: The parameters that an answer depends on.
PARAMETERS = ("from", "to", "room", "after")
#: Dates on one page of an answer.
PAGE = 200

UNCHANGED = "What is held by the ETag in If-None-Match is still so."

_PERIOD = [
    {"in": "query", "name": name, "schema": {"type": "string", "format": "date"}, "description": said}
    for name, said in (("from", "The first local day; today without it."), ("to", "The last local day, included."))
]
_ROOM = {"in": "query", "name": "room", "schema": {"type": "string"}, "description": "The slug of one room."}
_AFTER = {
    "in": "query",
    "name": "after",
    "schema": {"type": "integer", "minimum": 0},
    "description": "How many dates to skip; ``next`` holds the whole address.",
}


def for_everybody(view: Callable[..., dict[str, Any]]) -> View:
    """A view of data that every website may read, tagged and kept as pages are."""
    return shared.for_programs("application/json", *PARAMETERS)(
        wraps(view)(lambda **values: json.dumps(view(**values)))
    )


@bp.get("/rooms", endpoint="rooms")
@public
@answers(bp, RoomsAnswer, "The rooms, in the house's order.")
@bp.alt_response(304, description=UNCHANGED)
@for_everybody
def rooms_data() -> dict[str, Any]:
    """The rooms."""
    return {
        "rooms": [
            {
                "slug": room.slug,
                "name": room.name,
                "seats": room.seats,
                "step_free": room.step_free,
                "way": {"de": room.way, "en": room.way_en or room.way},
                "equipment": list(room.equipment),
                "url": f"{current_app.config['PUBLIC_URL']}/raeume/{room.slug}",
            }
            for room in offered_rooms()
        ]
    }


@bp.get("/occurrences")
@public
@limits.ask_as_program
@bp.doc(parameters=[*_PERIOD, _ROOM, _AFTER])
@answers(bp, OccurrencesAnswer, "The dates, earliest first.", 422)
@bp.alt_response(304, description=UNCHANGED)
@for_everybody
def occurrences() -> dict[str, Any]:
    """The confirmed dates of a period, those that were cancelled among them."""
    asked = _asked()
    found = public_dates(
        published.between(asked.begin, asked.end),
        published.in_rooms(asked.rooms),
        after=asked.after,
        most=PAGE + 1,
    )
    return {"occurrences": list(map(_told, found[:PAGE])), "next": asked.following if found[PAGE:] else None}


@bp.get("/occupancy")
@public
@limits.ask_as_program
@bp.doc(parameters=[*_PERIOD, _ROOM])
@answers(bp, OccupancyAnswer, "The times, room by room.", 422)
@bp.alt_response(304, description=UNCHANGED)
@for_everybody
def occupancy() -> dict[str, Any]:
    """When rooms are taken or closed, setting up and tidying up included, without a word of what for."""
    asked, zone = _asked(MOST_DAYS if "room" in request.args else MOST_DAYS_OF_ALL), house().zone
    return {
        "occupancy": [
            {
                "room": each.room.slug,
                "start": each.slot.start.astimezone(zone).isoformat(),
                "end": each.slot.end.astimezone(zone).isoformat(),
                "reason": each.reason,
            }
            for each in published.occupancy_of(asked.rooms, asked.begin, asked.end)
        ]
    }


@bp.get("/today", endpoint="today")
@public
@answers(bp, TodayAnswer, "The day, and its dates.")
@bp.alt_response(304, description=UNCHANGED)
@for_everybody
def today_data() -> dict[str, Any]:
    """What is on today."""
    zone = house().zone
    today = clock.today(zone)
    begin, end = _midnights(today, today)
    found = public_dates(published.between(begin, end), most=PAGE)
    closure = closed_days(today, 1).get(today)
    return {
        "day": today.isoformat(),
        "closed": {"de": closure.reason, "en": closure.reason_en or closure.reason} if closure else None,
        "occurrences": list(map(_told, found)),
    }


def _told(date: PublicDate) -> dict[str, Any]:
    zone = house().zone

    def local(at: datetime | None) -> str | None:
        return at.astimezone(zone).isoformat() if at else None

    return {
        "id": date.id,
        "start": local(date.start),
        "end": local(date.end),
        "doors": local(date.doors),
        "room": date.room.slug,
        "status": "cancelled" if date.is_off else "confirmed",
        "moved_from": local(date.original_start) if date.original_start != date.start else None,
        "open": date.is_open,
        "open_end": date.open_end,
        "title": date.title or None,
        "group": date.group or None,
        "link": date.url or None,
        "url": f"{current_app.config['PUBLIC_URL']}/termine/{date.id}",
        "updated": local(date.changed_at),
    }


class Asked(NamedTuple):
    """A period as two instants, the rooms, how many dates to skip, and the address of the page after this one."""

    begin: datetime
    end: datetime
    rooms: list[RoomRow]
    after: int
    following: str


def _asked(most: int = MOST_DAYS) -> Asked:
    first = _day("from", clock.today(house().zone))
    last = _day("to", first + timedelta(days=USUAL_DAYS - 1))
    if not first <= last < first + timedelta(days=most):
        said = _("to must be a day from %(first)s on, and not more than %(most)d days later.")
        raise InvalidQuestion("to", in_each(said, {"first": first, "most": most}))
    slug, known = request.args.get("room"), {room.slug: room for room in room_rows().values()}
    room = known.get(slug) or room_called(slug) if slug is not None else None
    if slug is not None and room is None:  # rows of several rooms would tell of undecided requests
        said = _("There is no such room. The rooms are: %(rooms)s.")
        raise InvalidQuestion("room", in_each(said, {"rooms": ", ".join(room.slug for room in offered_rooms())}))
    after = request.args.get("after", "0")
    if not (after.isascii() and after.isdecimal() and len(after) < 8):
        raise InvalidQuestion("after", in_each(_("after must be a whole number from 0 on."), {}))
    same = {"from": first, "to": last, "after": int(after) + PAGE} | ({"room": slug} if slug else {})
    following = f"{current_app.config['PUBLIC_URL']}{request.path}?{urlencode(same)}"
    return Asked(*_midnights(first, last), [room] if room else offered_rooms(), int(after), following)


def _day(name: str, usual: date) -> date:
    text = request.args.get(name)
    try:
        found = date.fromisoformat(text) if text is not None else usual
        if text is not None and (len(text) != 10 or not 2000 <= found.year <= 2099):
            raise ValueError
    except ValueError:
        raise InvalidQuestion(name, in_each(_("%(field)s must be a day like 2027-01-06."), {"field": name})) from None
    return found


def _midnights(first: date, last: date) -> tuple[datetime, datetime]:
    days: Iterable[date] = (first, last + timedelta(days=1))
    begin, end = (Slot.on(day, time(0), 1, house().zone).start for day in days)
    return begin, end
