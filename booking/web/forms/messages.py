"""What a form says about input that cannot be: the sentence for each code, saying what to do."""

from datetime import date, time, timedelta

from flask_babel import gettext

from booking import clock, wording
from booking.availability.check import earliest_day
from booking.domain.policy import Objection
from booking.domain.recurrence import RuleError
from booking.domain.typed import NotReadable
from booking.house import house
from booking.languages import LANGUAGES
from booking.web import locale


def not_readable(fault: NotReadable) -> str:
    """Why a date, a time or a number cannot be read."""
    said = fault.params
    match fault.code:
        case "date_empty":
            return gettext("Enter the day you want to meet, for example %(day)s.", day=example_day())
        case "date_unreadable":
            return gettext(
                "We can’t read “%(text)s” as a date. Write it like this: %(day)s.", text=said["text"], day=example_day()
            )
        case "no_such_day":
            return gettext("There is no %(day)s. Which day do you mean?", day=_no_day(**said))
        case "weekday_clash":
            return gettext(
                "%(day)s is a %(weekday)s, but you wrote %(written)s. Which is right?",
                day=wording.full_date(said["day"], locale.selected()),
                weekday=wording.weekday(said["day"], locale.selected()),
                written=wording.weekday(wording.a_day(said["written"]), locale.selected()),
            )
        case "time_unreadable":
            return gettext("We can’t read “%(text)s” as a time. Write for example 19:30.", text=said["text"])
        case "span_unreadable":
            return gettext("We can’t read “%(text)s” as two times. Write for example 9–11.", text=said["text"][:40])
        case "time_twice":
            return gettext(
                "“%(text)s” can be %(earlier)s or %(later)s. Write the one that you mean.",
                text=said["text"],
                earlier=wording.clock(said["earlier"]),
                later=wording.clock(said["later"]),
            )
        case "time_quarter" if said["later"] is None:
            return gettext("We plan in quarters of an hour. Write for example 23:45.")
        case "time_quarter":
            return gettext(
                "We plan in quarters of an hour. Write %(earlier)s or %(later)s instead of %(text)s.",
                earlier=wording.clock(said["earlier"]),
                later=wording.clock(said["later"]),
                text=said["text"],
            )
        case _:
            return gettext("Enter a number, for example 12.")


def _no_day(day: int, month: int, year: int | None) -> str:
    """30. Februar; with its year, where that is why there is none."""
    language = locale.selected()
    mark = LANGUAGES[language].day_of_month.removeprefix("d")
    words = f"{day}{mark} {wording.month_name(date(2024, month, 1), language)}"
    return words if year is None else f"{words} {year}"


def example_day() -> str:
    """A day as people write it, which can be asked for today."""
    now = clock.now()
    soon = now.astimezone(house().zone).date() + timedelta(days=8)
    day = max(soon, earliest_day(now))
    return f"{day.day}.{day.month}.{day.year}"


def objection(found: Objection) -> str:
    """Which rule of the house forbids a date or a request."""
    said = found.params
    match found.code:
        case "past":
            first = wording.day(said["first"], locale.selected())
            return gettext(
                "%(day)s is in the past. The first possible day is %(first)s.", day=_day(said["day"]), first=first
            )
        case "too_soon":
            phone = locale.phone(house())
            return gettext(
                "That’s too short notice for this form: the first possible day is %(first)s."
                " If it can’t wait, call us on %(phone)s.",
                first=wording.day(said["first"], locale.selected()),
                phone=phone,
            )
        case "too_far":
            last = _day(said["last"])
            return gettext("We don’t plan that far ahead yet. The last possible day is %(day)s.", day=last)
        case "too_late":
            return gettext("Sorry, we can’t offer the room beyond %(time)s.", time=wording.clock(said["latest"]))
        case "too_many":
            return too_many(said["number"], said["most"])
        case _:
            return gettext("With these settings no date is left (all fall in holidays).")


def rule_error(fault: RuleError, start: date, most: int) -> str:
    """Why dates make no series that begins on ``start``. ``most`` dates go into one request."""
    if fault.code == "too_many":
        return too_many(fault.params["number"], most)
    if fault.code == "start_not_in_rule":
        first = fault.params["first"]
        if first is None:
            return gettext("%(day)s does not fit this rhythm. Choose another day.", day=_day(start))
        return gettext(
            "%(day)s does not fit this rhythm. The first meeting would be on %(first)s.",
            day=_day(start),
            first=wording.long_day(first, locale.selected()),
        )
    return gettext("The series ends before the first meeting.")


def no_such_time(at: time, day: date, gap: tuple[time, time]) -> str:
    """Why a time cannot be in the night when summer time begins, and which times there are."""
    before, after = (wording.clock(each) for each in gap)
    return gettext(
        "In the night to %(day)s the clocks go from %(before)s straight to %(after)s, so there is no %(time)s."
        " Choose a time before %(before)s, or from %(after)s on.",
        day=_day(day),
        before=before,
        after=after,
        time=wording.clock(at),
    )


def too_many(number: int | None, most: int) -> str:
    if number is None:
        return gettext(
            "That would be very many dates. No more than %(most)d at once: choose an earlier end.", most=most
        )
    return gettext(
        "That would be %(number)d dates. No more than %(most)d at once: choose an earlier end.",
        number=number,
        most=most,
    )


def _day(day: date) -> str:
    return wording.full_date(day, locale.selected())
