"""The line: a whole wish in one sentence, read with what the house knows, and what is asked back about it."""

from collections.abc import Mapping
from datetime import date, datetime

from flask_babel import gettext

from booking.availability.check import earliest_day
from booking.domain.recurrence import Frequency, ordinal_of
from booking.domain.sentence import (
    Meant,
    RoomNamed,
    Surroundings,
    Understanding,
    minutes_between,
    read_sentence,
    visible_text,
)
from booking.domain.slot import wall_end
from booking.domain.typed import as_typed
from booking.house import house, house_rules, offered_rooms
from booking.languages import LANGUAGES
from booking.web import locale
from booking.web.forms.when import AROUND, EVERY_MONTHS, EVERY_WEEKS, MORE, MOST_SINGLE, ORDINALS, OWN_TIMES
from booking.wording import clock

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
    "around": _("How many minutes before or after? We plan with %(minutes)s."),
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


#: What its sentence names.
NAMED = {"minutes": ", ".join(str(minutes) for minutes in AROUND if minutes)}


def asked_back(code: str) -> str:
    """What is asked back about a doubt."""
    return gettext(DOUBTS[code], **NAMED)


def takes_lines() -> bool:
    """Whether a line can be written in the language of this page."""
    return LANGUAGES[locale.selected()].is_whole


def cleaned_line(text: str) -> str:
    """A line as it is read and shown, whatever breaks and marks it was sent with."""
    return " ".join(visible_text(text[: 2 * LONGEST_LINE]).split())[:LONGEST_LINE]


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
    return Surroundings(today, earliest_day(now), rules.latest_end, rooms, of.country, of.subdivision, AROUND)


def minutes_of(meant: Meant) -> int | None:
    """How long a reading lasts; None where that is not told."""
    if meant.begins is None or meant.ends is None:
        return None
    return minutes_between(meant.begins, meant.ends)


def values_of(found: Understanding, meant: Meant | None) -> dict[str, list[str]]:
    """What was understood, as it would be typed in step 1; without a reading what all of them have."""
    begins, ends = (meant.begins, meant.ends) if meant else found.times
    said = {
        "start": clock(begins) if begins else None,
        "end": clock(ends) if ends else None,
        "open_end": "yes" if found.open_end else None,
        "before": str(found.before) if found.before else None,
        "doors": "yes" if found.doors else None,
        "after": str(found.after) if found.after else None,
        "people": str(found.people) if found.people else None,
        "room": found.room,
        "skip_school": "yes" if meant and "school" in meant.leave_out else None,
    }
    values = {name: [text] for name, text in said.items() if text is not None}
    if "holiday" in found.include:
        values["skip_holidays"] = []
    return values | ((meant and _rhythm_of(meant)) or {})


def fits_form(meant: Meant) -> bool:
    """Whether one request can hold it."""
    return _rhythm_of(meant) is not None


def _rhythm_of(meant: Meant) -> dict[str, list[str]] | None:
    """The rhythm of a reading as it would be typed, all other rhythms emptied; None where the form has none for it."""
    rule = meant.rule
    days = rule.days() if rule.freq is Frequency.SINGLE else [rule.start]
    told = _single(days) if rule.freq is Frequency.SINGLE else _weekly(meant) or _monthly(meant)
    if told is None or (rule.extra_dates and rule.freq is not Frequency.SINGLE):
        return None
    end = {"until_kind": "", "until": "", "count": ""}
    if rule.until:
        end |= {"until_kind": "date", "until": as_typed(rule.until.isoformat())}
    elif rule.count:
        end |= {"until_kind": "count", "count": str(rule.count)}
    empty: dict[str, list[str]] = {name: [""] for name in (*MORE, *OWN_TIMES)} | {"weekday": [], "ordinal": []}
    return empty | {name: [text] for name, text in end.items()} | {"date": [as_typed(days[0].isoformat())]} | told


def _single(days: list[date]) -> dict[str, list[str]] | None:
    if len(days) > MOST_SINGLE:
        return None
    more = dict(zip(MORE, ([as_typed(day.isoformat())] for day in days[1:]), strict=False))
    return {"rhythm": ["single" if more else "once"], **more}


def _weekly(meant: Meant) -> dict[str, list[str]] | None:
    rule = meant.rule
    if rule.freq is not Frequency.WEEKLY or rule.interval not in EVERY_WEEKS:
        return None
    if len(rule.weekdays) == 1:
        plain = {1: "week", 2: "two_weeks"}.get(rule.interval)
        return {"rhythm": [plain]} if plain else {"rhythm": ["few"], "few": [f"week_{rule.interval}"]}
    own = {
        OWN_TIMES[day]: [f"{clock(begins)}–{clock(wall_end(begins, minutes))}"] for day, begins, minutes in meant.others
    }
    days = [str(day) for day in rule.weekdays]
    return {"rhythm": ["weekdays"], "weekday": days, "every": [str(rule.interval)], **own}


def _monthly(meant: Meant) -> dict[str, list[str]] | None:
    rule = meant.rule
    is_held = rule.interval in EVERY_MONTHS and len(rule.weekdays) == 1 and {*rule.ordinals} <= {*ORDINALS}
    if rule.freq is not Frequency.MONTHLY or meant.others or not is_held:
        return None
    if rule.interval == 1 and rule.ordinals == (ordinal_of(rule.start),):
        return {"rhythm": ["month"]}
    return {
        "rhythm": ["ordinals"],
        "ordinal": [str(number) for number in rule.ordinals],
        "every_months": [str(rule.interval)],
        "ordinal_weekday": [str(rule.weekdays[0])],
    }
