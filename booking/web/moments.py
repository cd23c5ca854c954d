"""What is said of a date at each moment: in the public plan, and by the lobby screen for days to come."""

from datetime import datetime
from functools import cache

from babel import Locale

from booking.agenda import AgendaRow
from booking.catalogues import words
from booking.domain.board import Phase, State, minutes_until, phases, phases_off
from booking.web import filters, locale


def life(row: AgendaRow) -> list[Phase]:
    """The phases of a line of the plan."""
    if row.is_off:
        return phases_off(row.slot, State.CANCELLED if row.cancelled else State.MOVED)
    return phases(row.slot, doors=row.doors, open_end=row.open_end)


def said(row: AgendaRow, state: State, now: datetime) -> str:
    """What there is to say of a line in this state besides its time; empty where that is all."""
    if state is State.SOON:
        return counted("soon", minutes_until(row.slot.start, now))
    if state is State.ENDING:
        return counted("ending", minutes_until(row.slot.end, now))
    at = row.doors if state is State.DOORS else row.slot.end
    key = "begun" if state is State.RUNNING and row.open_end else state
    return sentences(locale.selected()).get(key, "").replace("{time}", filters.local_clock(at))


def counted(key: str, number: int) -> str:
    """One of the sentences that differ by their number."""
    language = locale.selected()
    return by_number(language)[Locale(language).plural_form(number)][key].replace("{num}", str(number))


@cache
def sentences(language: str) -> dict[str, str]:
    """By states. Whoever says them puts a clock time in place of ``{time}``."""
    text = words(language)
    return {
        "doors": text.gettext("doors open %(time)s") % {"time": "{time}"},
        "running": text.gettext("on until %(time)s") % {"time": "{time}"},
        "begun": text.gettext("in progress"),
        "over": text.gettext("just ended"),
    }


@cache
def by_number(language: str) -> dict[str, dict[str, str]]:
    """With ``{num}`` for a number, by the kinds of numbers that the language tells apart (Unicode's plural rules)."""
    text = words(language)

    def about(number: int) -> dict[str, str]:
        return {
            "soon": text.ngettext("in %(num)s minute", "in %(num)s minutes", number) % {"num": "{num}"},
            "ending": text.ngettext("%(num)s minute left", "%(num)s minutes left", number) % {"num": "{num}"},
            "more": text.ngettext("+ %(num)s more meeting", "+ %(num)s more meetings", number) % {"num": "{num}"},
        }

    return {Locale(language).plural_form(number): about(number) for number in range(100)}
