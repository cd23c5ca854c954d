"""What is said about a wish while it is still being typed: whether it is free, and what else is worth knowing."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext, ngettext

from booking import wording
from booking.availability.check import Availability
from booking.availability.preview import Preview, PreviewDate, preview
from booking.availability.wanted import AnyRoom
from booking.domain.policy import Objection
from booking.domain.recurrence import Frequency, RecurrenceRule
from booking.house import house, offered_rooms
from booking.languages import beginning
from booking.web import locale
from booking.web.filters import the
from booking.web.forms.when import WhenForm
from booking.web.phrases import opening_times_in_short


@dataclass(frozen=True, slots=True)
class Outlook:
    """The answer, what follows from it, and further sentences, each with the name of its symbol."""

    symbol: str
    answer: str
    advice: str
    notes: tuple[tuple[str, str], ...]


def outlook_of(form: WhenForm, now: datetime) -> Outlook | None:
    """What can be said about a form that was read; None while day or times are missing or cannot be."""
    answers = (form.date, form.start, form.end, form.until, form.count, *form.more, *form.own_times)
    if form.date.meant is None or form.times is None or any(field.data and field.errors for field in answers):
        return None
    rule = form.rule or RecurrenceRule(start=form.date.meant, freq=Frequency.SINGLE)
    found = preview(
        rule,
        form.times,
        room=form.wish,
        now=now,
        language=locale.selected(),
        people=form.people.meant or 0,
        any_room=form.wish is None,
        leave_out=form.leave_out,
        alternatives=False,
        names=False,
    )
    if not found.dates:
        return None
    answer, advice = _of_one(found.dates[0], form.wish) if len(found.dates) == 1 else _of_many(found)
    return Outlook(_symbol(found), answer, advice, tuple(_notes(form, found)))


def what_is_missing(form: WhenForm) -> Outlook | None:
    """What has to be filled in before anything can be looked up; None if nothing has to."""
    needed = ((form.date, gettext("the day")), (form.start, gettext("the start")), (form.end, gettext("the end")))
    missing = [name for field, name in needed if not field.data]
    if not missing:
        return None
    names = wording.joined(missing, locale.selected())
    return Outlook("clock", gettext("To look that up, we still need %(names)s.", names=names), "", ())


def _symbol(found: Preview) -> str:
    """The state of what is open as an icon; the words beside it say the same."""
    states = {each.state for each in found.undecided}
    if not states:
        return "check"
    if len(states) > 1 or found.free or Availability.FREE in states:  # some are free, or there are holidays
        return "calendar"
    return {
        Availability.TAKEN: "x",
        Availability.CLOSED: "lock",
        Availability.REQUESTED: "people",
        Availability.PAST: "clock",
    }[states.pop()]


def tight_note(note: Objection) -> str:
    """How little time there is to the meeting before or after."""
    minutes = note.params["minutes"]
    if note.params["before"]:
        if not minutes:
            return gettext("The meeting before yours ends just when you come in.")
        return ngettext(
            "There is only %(num)d minute after the meeting before yours.",
            "There are only %(num)d minutes after the meeting before yours.",
            minutes,
        )
    if not minutes:
        return gettext("The meeting after yours begins just when you leave.")
    return ngettext(
        "There is only %(num)d minute before the meeting after yours.",
        "There are only %(num)d minutes before the meeting after yours.",
        minutes,
    )


def echo(day: date | None) -> str:
    """That is a Tuesday: 8 December 2026."""
    if day is None:
        return ""
    language = locale.selected()
    return gettext(
        "That is a %(weekday)s: %(day)s.",
        weekday=wording.weekday(day, language),
        day=wording.full_date(day, language),
    )


def too_small(room: AnyRoom | None, people: int) -> str:
    """That a room, without one the largest, does not hold so many, and which one does; empty where it does."""
    rooms = offered_rooms()
    room = room or max(rooms, key=lambda one: one.seats, default=None)
    if room is None or people <= room.seats:
        return ""
    better = min((other for other in rooms if other.seats >= people), key=lambda other: other.seats, default=None)
    said = {"room": the(room), "seats": room.seats, "people": people}
    if better is None:
        sentence = gettext(
            "%(room)s holds %(seats)d people, you are about %(people)d. That is more than any of our rooms holds.",
            **said,
        )
    else:
        sentence = gettext(
            "%(room)s holds %(seats)d people, you are about %(people)d. Better take %(better)s (up to %(more)d).",
            **said,
            better=the(better, "object"),
            more=better.seats,
        )
    return beginning(sentence)


def outside() -> str:
    """That the house is closed then, and that this is no problem."""
    return gettext(
        "That’s outside opening hours (%(hours)s). No problem; we’ll ask how you get in.",
        hours=opening_times_in_short(),
    )


def _of_one(each: PreviewDate, wish: AnyRoom | None) -> tuple[str, str]:
    zone, language = house().zone, locale.selected()
    if each.is_holiday and each.state is Availability.FREE:
        name = next(note.params["name"] for note in each.notes if note.code == "public_holiday")
        return gettext("That is a public holiday: %(name)s.", name=name), gettext("In the next step you can decide.")
    if each.state is Availability.FREE:
        when = {
            "day": wording.long_day(each.day, language).rsplit(" ", 1)[0],
            "times": wording.span(each.slot, zone, language),
        }
        return gettext("Good news: %(day)s, %(times)s, is free.", **when), ""
    if each.state is Availability.REQUESTED:
        return (
            gettext("Someone else has asked for this date too."),
            gettext("You can still ask; we’ll see how it fits."),
        )
    options = gettext("We’ll show you alternatives in the next step.")
    if each.state is Availability.CLOSED and each.found and each.found.closure:
        closure = each.found.closure
        reason = locale.translated(closure, "reason")
        return gettext("The house is closed then: %(reason)s.", reason=reason), options
    if wish is None:
        return gettext("No room that fits is free then."), options
    in_the_way = each.not_free[0] if len(each.not_free) == 1 else wish
    return beginning(gettext("%(room)s is taken then.", room=the(in_the_way))), options


def _of_many(found: Preview) -> tuple[str, str]:
    number, free = len(found.dates), len(found.free)
    others = number - free
    if not others:
        return gettext("Good news: all %(number)d dates are free.", number=number), ""
    advice = ngettext(
        "In the next step you’ll find options for the other one.",
        "In the next step you’ll find options for the other %(num)d.",
        others,
    )
    if all(each.state is Availability.REQUESTED and not each.is_holiday for each in found.undecided):
        answer = ngettext(
            "Someone else has asked for %(num)d of %(number)d dates too.",
            "Others have asked for %(num)d of %(number)d dates too.",
            others,
            number=number,
        )
        return answer, gettext("You can still ask; we’ll see how it fits.")
    if not free:
        answer = gettext("None of the %(number)d dates is free.", number=number)
        return answer, gettext("We’ll show you alternatives in the next step.")
    return (
        ngettext("%(num)d of %(number)d dates is free.", "%(num)d of %(number)d dates are free.", free, number=number),
        advice,
    )


def _notes(form: WhenForm, found: Preview) -> list[tuple[str, str]]:
    notes = []
    if found.outside_hours:
        notes.append(("key", outside()))
    shifted = [each for each in found.dates if any(note.code == "nonexistent_time" for note in each.notes)]
    for each in shifted[:1]:
        day, times = (
            wording.full_date(each.day, locale.selected()),
            wording.span(each.slot, house().zone, locale.selected()),
        )
        sentence = gettext(
            "In the night to %(day)s the clocks go forward: there it would be %(times)s.", day=day, times=times
        )
        notes.append(("clock", sentence))
    close = [note for each in found.dates for note in each.notes if note.code == "tight"]
    if len(close) == 1 and len(found.dates) == 1:
        notes.append(("clock", tight_note(close[0])))
    elif close:
        sentence = ngettext(
            "At one date there are less than %(minutes)d minutes to the meeting before or after yours.",
            "At %(num)d dates there are less than %(minutes)d minutes to the meeting before or after yours.",
            len(close),
            minutes=house().tight_minutes,
        )
        notes.append(("clock", sentence))
    if found.left_out:
        names = list(dict.fromkeys(each.name for each in found.left_out))
        sentence = ngettext(
            "One date is left out: %(names)s.",
            "%(num)d dates are left out: %(names)s.",
            len({each.day for each in found.left_out}),
            names=wording.joined(names, locale.selected()),
        )
        notes.append(("calendar", sentence))
    small = too_small(form.wish, form.people.meant or 0)
    return [*notes, ("people", small)] if small else notes
