"""The line above step 1: a whole wish in one sentence, marked and said back, with its readings side by side."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from flask_babel import gettext, ngettext

from booking import wording
from booking.domain.sentence import Meant, Understanding
from booking.house import offered_rooms
from booking.web import locale
from booking.web.dates.choices import Choices
from booking.web.dates.chooser import SKIP, Plan
from booking.web.forms import draft
from booking.web.forms.line import TOPICS, asked_back, fits_form, minutes_of

#: More dates are counted.
MOST_DAYS_SAID = 12


class LineShown(NamedTuple):
    """A line as the page shows it.

    ``marks``: its text in pieces, each with what it is: ``got``, ``lost``, ``asked``, or nothing; ``said``: what was
    understood, in the words of the line and in ours; ``chosen``: the reading in the form, and ``number`` which one was
    pressed; ``seen``: what tells that the dates on this page are those that are asked for.
    """

    text: str
    marks: list[tuple[str, str]]
    said: list[tuple[str, str]]
    lost: list[str]
    questions: list[tuple[str, str]]
    readings: list[tuple[str, str, str]]
    chosen: Meant | None
    number: str
    plan: Plan | None
    seen: str


def chosen_of(found: Understanding, number: str) -> Meant | None:
    """The reading that is meant: the only one, or the one that was chosen."""
    if len(found.readings) == 1:
        return found.readings[0]
    return next((each for each in found.readings if str(found.readings.index(each)) == number), None)


def choices_of_line(meant: Meant | None) -> Choices:
    """What a line leaves out, as it is chosen in step 2."""
    days = sorted(day.isoformat() for day in (meant.rule.exception_dates if meant else ()))
    return {"unwanted": days, "choices": dict.fromkeys(days, SKIP)} if days else {}


def mark_of_dates(plan: Plan) -> str:
    """Changes with each date, its time and its state, and with the room that was wished for."""
    dates = [[each.slot.start.isoformat(), each.slot.end.isoformat(), each.state.value] for each in plan.preview.dates]
    return draft.mark_of([dates, plan.asked.room.slug if plan.asked.room else ""])


def shown_line(found: Understanding, number: str, plan: Plan | None) -> LineShown:
    """What the page shows of a line, of which this reading was pressed."""
    language, chosen = locale.selected(), chosen_of(found, number)
    questions = [
        (found.text[place.start : place.end] if place else "", asked_back(doubt.code)) for doubt, place in found.doubts
    ]
    if chosen and not fits_form(chosen):
        questions.append(("", asked_back("form")))
    several = [
        (str(nth), *_in_words(each, language)) for nth, each in enumerate(found.readings) if len(found.readings) > 1
    ]
    return LineShown(
        found.text,
        list(_marks(found)),
        list(_said(found, chosen, language)),
        [found.text[each.start : each.end] for each in found.unknown],
        questions,
        several,
        chosen,
        number,
        plan,
        mark_of_dates(plan) if plan and not plan.open_rows else "",
    )


def _marks(found: Understanding) -> Iterator[tuple[str, str]]:
    places = [(place.start, place.end, "asked") for _, place in found.doubts if place]
    places += [(each.start, each.end, "lost") for each in found.unknown]
    taken = [(start, end) for start, end, _ in places]
    places += [
        (each.start, each.end, "got")
        for each in found.pieces
        if not any(start < each.end and each.start < end for start, end in taken)
    ]
    at = 0
    for start, end, kind in sorted(set(places)):
        if start < at or start == end:
            continue
        if start > at:
            yield "", found.text[at:start]
        yield kind, found.text[start:end]
        at = end
    if found.text[at:]:
        yield "", found.text[at:]


def _said(found: Understanding, chosen: Meant | None, language: str) -> Iterator[tuple[str, str]]:
    """The words of the line for each thing that it says, and what was understood."""
    about: dict[str, list[str]] = {}
    for each in found.pieces:
        about.setdefault(TOPICS.get(each.kind, "days"), []).append(found.text[each.start : each.end])
    begins, ends = (chosen.begins, chosen.ends) if chosen else found.times
    room = next((room.name for room in offered_rooms() if room.slug == found.room), "")
    around = [
        gettext("%(num)d minutes before", num=found.before) if found.before else "",
        gettext("%(num)d minutes after", num=found.after) if found.after else "",
        gettext("Doors are open during this time") if found.doors else "",
    ]
    words = {
        "days": _days_in_words(chosen, language) if chosen else "",
        "time": wording.times(begins, ends, language) if begins and ends else wording.clock(begins) if begins else "",
        "around": ", ".join(each for each in around if each),
        "people": ngettext("%(num)d person", "%(num)d people", found.people) if found.people else "",
        "room": room or (gettext("Any room that fits") if found.room == "any" else ""),
    }
    if chosen and chosen.others and begins and ends:
        minutes = minutes_of(chosen) or 0
        words["time"] = wording.series_times(chosen.rule, begins, minutes, chosen.others, language)
    if found.open_end and begins:
        words["time"] = f"{wording.clock(begins)}, {gettext('Open end')}"
    for topic, said in words.items():
        if said and topic in about:
            yield " … ".join(about[topic]), said


def _in_words(meant: Meant, language: str) -> tuple[str, str]:
    """Alle zwei Wochen am Dienstag, 19:00 bis 21:00 Uhr; and its dates."""
    said = [wording.rhythm(meant.rule, language)]
    if meant.begins and meant.ends:
        said.append(wording.times(meant.begins, meant.ends, language))
    return ", ".join(said), _days_in_words(meant, language)


def _days_in_words(meant: Meant, language: str) -> str:
    """12. Januar, 9. Februar, …: the last with its year."""
    days = meant.days
    is_open, first = meant.rule.is_open, days[:MOST_DAYS_SAID]
    if is_open or len(days) > MOST_DAYS_SAID:
        first = days[:4]
    said = [_day_in_words(each, first[-1], language) for each in first]
    if is_open:
        return ", ".join([*said, "…"])
    if len(days) > len(first):
        said.append(f"… {wording.full_date(days[-1], language)}")
        number = ngettext("%(num)d date", "%(num)d dates", len(days))
        return f"{', '.join(said)} ({number})"
    return ", ".join(said)


def _day_in_words(day: date, last: date, language: str) -> str:
    if day == last or day.year != last.year:
        return wording.full_date(day, language)
    return wording.day_and_month(day, language)
