"""What several of these pages say of dates, and how they name them to each other."""

from collections.abc import Sequence

from flask import request
from flask_babel import gettext, ngettext

from booking import wording
from booking.house import house
from booking.models import Occurrence, day_of
from booking.web import locale
from booking.web.forms.texts import ids_in

MOST_NAMED = 3


def ids_sent(name: str = "date") -> frozenset[int]:
    """Dates, or other things, that a page names by their ids; whatever else it sends for them counts for nothing."""
    return ids_in(request.values.getlist(name))


def cancelled(gone: Sequence[Occurrence]) -> str:
    """What is said of dates that the group has cancelled."""
    if len(gone) > 1:
        return gettext("Cancelled: %(number)d dates. The rooms are free for others again.", number=len(gone))
    return gettext("Cancelled: %(day)s. The room is free for others again.", day=name_days(gone))


def name_days(dates: Sequence[Occurrence]) -> str:
    """Mittwoch, 6. Januar 2027 und Mittwoch, 13. Januar 2027; their number where there are many."""
    if len(dates) > MOST_NAMED:
        return ngettext("%(num)d date", "%(num)d dates", len(dates))
    language, zone = locale.selected(), house().zone
    return wording.joined([wording.long_day(day_of(each.start, zone), language) for each in dates], language)


def wished_elsewhere(dates: Sequence[Occurrence], wished: int) -> str:
    """What is said of dates that the group wants elsewhere, ``wished`` of which wait for the team's yes."""
    if wished:
        return ngettext(
            "We’ve got your wish. Your confirmed date stays in place until we confirm the change.",
            "We’ve got your wish for %(num)d dates. They stay in place until we confirm the change.",
            wished,
        )
    if len(dates) > 1:
        return ngettext("%(num)d date is changed.", "%(num)d dates are changed.", len(dates))
    line = wording.date_line(dates[0], house().zone, locale.selected())
    return gettext("So this is what you ask for now: %(date)s.", date=line)
