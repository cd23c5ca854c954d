"""What the screen says besides its rows: greetings, the quiet days, and when the house opens."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext, pgettext

from booking import wording
from booking.agenda import closed_days
from booking.domain.slot import Slot
from booking.house import house, opening_hours
from booking.web import filters, locale

#: From which hour on the screen is dark where nothing is on, and until when.
NIGHT = (23, 6)

#: From which hour on, by the clock of the house: light while the office is, dark so as not to glare at the street.
THEMES = ((0, "dark"), (8, "light"), (17, "dark"))


def opening(after: datetime) -> str:
    """Montag, 4. Januar, 9:00 Uhr: when the office opens after an instant; empty if not within a month."""
    zone, hours = house().zone, opening_hours()
    first = after.astimezone(zone).date()
    closed = closed_days(first, 31)
    for day in (first + timedelta(days=n) for n in range(31)):
        if day.weekday() not in hours or day in closed:
            continue
        spans = [[datetime.combine(day, at, zone) for at in span] for span in hours[day.weekday()]]
        begins = next((max(opens, after) for opens, closes in spans if max(opens, after) < closes), None)
        if begins:
            hour = pgettext("by the clock", "%(time)s", time=filters.spoken_clock(begins))
            return f"{filters.nbsp(named_day(day))}, {filters.nbsp(hour)}"
    return ""


def quiet_words() -> dict[str, str]:
    """What is said of a quiet day."""
    said = {
        "over": gettext("That’s all for today."),
        "done": gettext("That’s all for today."),
        "shut": gettext("The house is not open today."),
        "empty": gettext("There’s room for your idea today."),
        "nothing": gettext("Nothing planned for the next few days."),
    }
    return {case: filters.own(each) for case, each in said.items()}


def soonest_words(when: str, title: str) -> str:
    """What is said beside the next opening of the first meeting to come."""
    return gettext("Next meeting: %(when)s, %(title)s", when=when, title=title)


def towards() -> dict[str, str]:
    """Where to go from the screen, by the direction of the arrow."""
    return {
        "up": gettext("straight ahead"),
        "right": gettext("to the right"),
        "down": gettext("behind you"),
        "left": gettext("to the left"),
    }


def greetings(*, closed: bool) -> list[tuple[int, str]]:
    """From which hour on the house says what."""
    if closed:
        said = [(0, gettext("Good morning!")), (11, gettext("Hello!")), (17, gettext("Good evening!"))]
    else:
        said = [(0, gettext("Good morning!")), (11, gettext("Good to have you here!")), (19, gettext("Good evening!"))]
    return [(hour, filters.own(each)) for hour, each in said]


def latest(marks: Sequence[tuple[int, str]], now: datetime) -> str:
    """What goes for this hour, by the clock of the house."""
    return [word for hour, word in marks if hour <= now.astimezone(house().zone).hour][-1]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins."""
    return Slot.on(day, time(0), 1, zone).start


def day_label(day: date, today: date) -> str:
    """Morgen; Am Donnerstag; Am Dienstag, 15. Dezember, where the weekday alone would be today's."""
    if day == today + timedelta(days=1):
        return gettext("Tomorrow")
    near = day < today + timedelta(days=7)
    return gettext("On %(day)s", day=wording.weekday(day, locale.selected()) if near else named_day(day))


def named_day(day: date) -> str:
    """Donnerstag, 10. Dezember"""
    return wording.plain_day(day, locale.selected())
