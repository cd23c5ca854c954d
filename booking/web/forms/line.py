"""The line: a whole wish in one sentence, read with what the house knows, and what is asked back about it."""

from collections.abc import Mapping
from datetime import datetime

from booking.domain import policy
from booking.domain.sentence import Meant, RoomNamed, Surroundings, Understanding, read_sentence
from booking.house import house, house_rules, offered_rooms
from booking.web.forms.when import AROUND

#: Characters of a line.
LONGEST_LINE = 1000

#: What each kind of phrase is about.
TOPICS: Mapping[str, str] = {
    **dict.fromkeys(("span", "bare_span", "start", "ending", "begin_at", "end_at", "lasting_minutes"), "time"),
    **dict.fromkeys(("open_end", "daypart"), "time"),
    **dict.fromkeys(("before_it", "after_it", "before_it_at", "after_it_at", "doors_at"), "around"),
    **dict.fromkeys(("people", "crew"), "people"),
    **dict.fromkeys(("room", "any_room", "step_free"), "room"),
}


def _(message: str) -> str:
    """Mark a message for the catalogue."""
    return message


#: What is asked back, by the code of a doubt.
DOUBTS: Mapping[str, str] = {
    "day": _("On which day, or on which days?"),
    "weekday": _("On which weekday?"),
    "start": _("From what time?"),
    "end": _("Until what time?"),
    "until": _("Until which day, or how many times?"),
    "from": _("From which day on?"),
    "rhythm": _("How often is that?"),
    "nth": _("Which one of the month: the first, the second, the last?"),
    "times": _("From what time until what time? On single dates we can only take one time."),
    "room": _("Which room?"),
    "around": _("How many minutes before or after? We plan with 15, 30, 45, 60 and 90."),
    "or": _("Which of them?"),
    "often": _("How often is that, and on which weekday?"),
    "workdays": _("Which weekdays are that?"),
    "range": _("Every day of it, or on one weekday?"),
    "number": _("Is that a time, or how many you are?"),
    "count": _("How many dates shall it be? That many there are not."),
    "left_out": _("Which dates are left out?"),
    "deviations": _("Which dates are different?"),
    "no_such_day": _("There is no such day. Which one is it?"),
    "weekday_clash": _("That day is another weekday. Which of the two is right?"),
    "hour": _("There is no such time. Which one is it?"),
    "quarter": _("We plan in quarters of an hour. Which one is it?"),
    "form": _("We can’t put that into one request. Please choose the dates below."),
    "unclear": _("What does that mean? Please say it in other words."),
}


def read_line(text: str, now: datetime) -> Understanding:
    """What a line says, read today in this house."""
    return read_sentence(text, _surroundings(now))


def _surroundings(now: datetime) -> Surroundings:
    rules, of = house_rules(), house()
    rooms = tuple(
        RoomNamed(room.slug, tuple({room.name, room.short_name, room.inflected} - {""}), room.seats, room.step_free)
        for room in offered_rooms()
    )
    today = now.astimezone(rules.zone).date()
    earliest = policy.earliest(now, rules, {})
    return Surroundings(today, earliest, rules.latest_end, rooms, of.country, of.subdivision, AROUND)


def minutes_of(meant: Meant) -> int | None:
    """How long a reading lasts; None where that is not told."""
    if meant.begins is None or meant.ends is None:
        return None
    return (60 * (meant.ends.hour - meant.begins.hour) + meant.ends.minute - meant.begins.minute) % (24 * 60)
