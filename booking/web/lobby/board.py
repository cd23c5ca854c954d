"""What the screen in the entrance shows: rows with their phases, day by day, and what is on it at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext

from booking import wording
from booking.agenda import AgendaDay, AgendaRow, agenda, closed_days
from booking.domain.board import ALWAYS, HAPPENING, Phase, State, pages, phase_at, phases, phases_off
from booking.domain.days_off import days_off
from booking.domain.slot import Slot
from booking.house import house, opening_hours
from booking.models import Closure
from booking.web import locale, phrases

#: How many days each day looks ahead.
LOOKS_AHEAD = 7

#: Rows that a screen holds of a day to come; a larger house has more of them.
MOST_HELD = 12

#: Rows that surely fit on a screen in its tight form. The script measures; this is for the moment before.
MOST_ROWS = 4

#: Letters from which on a word may have to break within a row.
LONG_WORD = 18

#: Light while the office is, dark so as not to glare at the street; by the clock of the house.
THEMES = ((0, "dark"), (8, "light"), (17, "dark"))


@dataclass(frozen=True, slots=True)
class Line:
    """One row as people read it, and what it will say when."""

    row: AgendaRow
    life: list[Phase]
    now: Phase
    title: str
    zone: ZoneInfo

    @property
    def is_off(self) -> bool:
        """Nothing takes place here, or no longer."""
        return self.row.is_off

    @property
    def is_moved(self) -> bool:
        return not self.is_off and self.row.is_moved

    @property
    def happens(self) -> bool:
        return self.now.state in HAPPENING

    @property
    def begins(self) -> int:
        return epoch(self.row.slot.start)

    @property
    def ends(self) -> int:
        return epoch(self.row.slot.end)

    @property
    def phases(self) -> list[tuple[int, State, bool, str]]:
        """For the script: from when (epoch seconds), the state, whether that is now, and how it is said."""
        return [(epoch(p.begins), p.state, p.state in HAPPENING, self.words(p)) for p in self.life]

    def words(self, phase: Phase) -> str:
        return phrases.of_phase(phase, self.row)

    def progress(self, now: datetime) -> int:
        """How far the meeting has come, in percent."""
        slot = self.row.slot
        return round(100 * max(0.0, min(1.0, (now - slot.start) / (slot.end - slot.start))))

    @property
    def place(self) -> tuple[str, str]:
        """Of a moved row: how it is, and how it was, as far as they differ."""
        row, language = self.row, locale.selected()
        start, before = (at.astimezone(self.zone) for at in (row.start, row.original_start))
        if start.date() != before.date():
            new_day, old_day = (wording.short_day(at.date(), language) for at in (start, before))
            return f"{new_day}, {wording.clock(start)}", f"{old_day}, {wording.clock(before)}"
        new, old = [], []
        if start != before:
            new.append(wording.clock(start))
            old.append(wording.clock(before))
        if row.now_in is not row.original_room:
            new.append(row.now_in.short_name)
            old.append(row.original_room.short_name)
        return ", ".join(new), ", ".join(old)

    @property
    def changed_day(self) -> bool:
        return self.row.start.astimezone(self.zone).date() != self.row.original_start.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Day:
    """All that the screen shows on one day."""

    day: date
    begins: int
    ends: int
    lines: list[Line]
    closure: Closure | None  # of the whole house, all day
    next_day: date | None  # the next one with anything on
    next_lines: list[Line]
    next_left_out: int  # rows of that day that the screen does not hold
    upcoming: list[Line]  # what takes place on the days after
    opens_again: datetime | None
    themes: list[tuple[int, str]]
    greetings: list[tuple[int, str]]

    @property
    def is_closed(self) -> bool:
        """Nothing takes place. Where something does although the house is closed, the plan shows it."""
        return self.closure is not None and all(line.is_off for line in self.lines)

    @property
    def closed_words(self) -> str:
        return (
            gettext("Closed today: %(reason)s.", reason=locale.translated(self.closure, "reason").rstrip("."))
            if self.closure
            else ""
        )

    def theme(self, now: datetime) -> str:
        return _latest(self.themes, now)

    def greeting(self, now: datetime) -> str:
        return _latest(self.greetings, now)

    @property
    def next_label(self) -> str:
        return day_label(self.next_day, self.day) if self.next_day else ""

    @property
    def next_heading(self) -> str:
        """Morgen, Mittwoch, 9. Dezember; Donnerstag, 10. Dezember"""
        if self.next_day is None:
            return ""
        named = _named(self.next_day)
        if self.next_day > self.day + timedelta(days=1):
            return named
        return gettext("Tomorrow, %(day)s", day=named)

    @property
    def more_words(self) -> list[str]:
        """What is said about the rows of the next day that do not fit, by their number."""
        numbers = [number + self.next_left_out for number in range(len(self.next_lines) + 1)]
        return [
            ngettext("+ %(num)d more meeting", "+ %(num)d more meetings", number) if number else ""
            for number in numbers
        ]

    @property
    def quiet(self) -> str:
        """What there is to say while no row is on: the house is closed, all is over, or there is room."""
        if self.is_closed:
            return "closed"
        if self.lines:
            return "over"
        return "empty" if self.upcoming else "nothing"


class Scene(NamedTuple):
    """What of a day is on the screen at one moment, before the script has measured anything."""

    shows: str  # rows, or the day's word for quiet
    now: list[Line]
    later: list[Line]
    page: int
    pages: int
    is_roomy: bool
    label: str = "later"  # of the rows that are not now: alone, begun or later

    @property
    def groups(self) -> str:
        """Whose groups are named: of all rows, of those that are now, or none, for want of room."""
        if self.is_roomy:
            return "now"
        return "all" if len(self.now) + len(self.later) < MOST_ROWS else "none"

    @property
    def is_stage(self) -> bool:
        """One sentence has the whole screen."""
        return not (self.now or self.later)


def plan(first: date, number: int, now: datetime) -> list[Day]:
    """The days that a screen holds, from ``first`` on."""
    plans = agenda(first, number + LOOKS_AHEAD)
    zone = house().zone
    shown = [[row for row in day.rows if not _told_by_its_new_row(row, zone)] for day in plans]
    held = [shown[0], *(rows[:MOST_HELD] for rows in shown[1:])]
    lines = [[line(row, now, zone) for row in rows] for rows in held]
    left_out = {of_day.day: len(rows) - len(some) for of_day, rows, some in zip(plans, shown, held, strict=True)}
    return [_day(plans[n : n + LOOKS_AHEAD + 1], lines[n : n + LOOKS_AHEAD + 1], left_out) for n in range(number)]


def _day(plans: Sequence[AgendaDay], lines: Sequence[list[Line]], left_out: Mapping[date, int]) -> Day:
    today, zone = plans[0], house().zone
    ahead = [(day.day, some) for day, some in zip(plans[1:], lines[1:], strict=True) if some]
    closed = today.closure is not None
    return Day(
        day=today.day,
        begins=epoch(_at(today.day, 0, zone)),
        ends=epoch(_at(today.day + timedelta(days=1), 0, zone)),
        lines=lines[0],
        closure=today.closure,
        next_day=ahead[0][0] if ahead else None,
        next_lines=ahead[0][1] if ahead else [],
        next_left_out=left_out[ahead[0][0]] if ahead else 0,
        upcoming=[one for _, some in ahead for one in some if not one.is_off][:3],
        opens_again=_opens_again(today.closure) if today.closure else None,
        themes=[(epoch(_at(today.day, hour, zone)), theme) for hour, theme in THEMES],
        greetings=[(epoch(_at(today.day, hour, zone)), words) for hour, words in _greetings(closed=closed)],
    )


def _latest(marks: Sequence[tuple[int, str]], now: datetime) -> str:
    return [word for begins, word in marks if begins <= now.timestamp()][-1]


def line(row: AgendaRow, now: datetime, zone: ZoneInfo) -> Line:
    if row.is_off:
        life = phases_off(row.slot, State.CANCELLED if row.cancelled else State.MOVED)
    else:
        life = phases(row.slot, doors=row.doors, open_end=row.open_end)
    has_long_word = any(len(word) >= LONG_WORD for word in row.title.split())
    title = phrases.breakable(row.title) if has_long_word else row.title
    return Line(row, life, phase_at(life, now), title or gettext("Closed meeting"), zone)


def scene(day: Day, now: datetime) -> Scene:
    """The screen at one moment. Pages turn with the minute."""
    on = [one for one in day.lines if one.now.state is not State.GONE]
    shows = "rows" if on and not day.is_closed else day.quiet
    happening = [one for one in on if one.happens]
    later = {"rows": [one for one in on if not one.happens], "over": day.next_lines}.get(shows, [])
    cut = pages(len(later), max(MOST_ROWS - len(happening), 1))
    page = int(now.timestamp() // 60) % len(cut)
    short = all(len(one.title) <= 22 for one in happening) and all(len(one.title) <= 30 for one in later)
    is_roomy = short and len(cut) == 1 and len(happening) <= 1 and len(happening) + len(later) <= 3
    label = "alone" if not happening else "begun" if any(one.row.slot.start <= now for one in later) else "later"
    return Scene(shows, happening, later[cut[page]], page + 1, len(cut), is_roomy, label)


def whole(lines: list[Line]) -> Scene:
    """All rows at once, from which the script takes what it shows."""
    return Scene("rows", [], lines, 1, 1, True)


def _told_by_its_new_row(row: AgendaRow, zone: ZoneInfo) -> bool:
    """Whether a date was moved on its own day, and its new row stays as long as people might come for the old."""
    same_day = row.start.astimezone(zone).date() == row.slot.start.astimezone(zone).date()
    return row.moved_away and same_day and row.end >= row.slot.end


def _opens_again(closure: Closure) -> datetime | None:
    """When the office opens after a closure, holidays considered; ``None`` if not within a month."""
    hours = opening_hours()
    zone, place = house().zone, (house().country, house().subdivision)
    ends = closure.end.astimezone(zone)
    holidays = days_off(ends.date(), ends.date() + timedelta(days=31), *place, "de").public
    closed = closed_days(ends.date(), 31)
    for day in (ends.date() + timedelta(days=n) for n in range(31)):
        if day.weekday() in hours and day not in holidays and day not in closed:
            opens, closes = (datetime.combine(day, at, zone) for at in hours[day.weekday()])
            if max(opens, ends) < closes:
                return max(opens, ends)
    return None


def _greetings(*, closed: bool) -> list[tuple[int, str]]:
    """From which hour on the house says what."""
    if closed:
        return [(0, gettext("Good morning!")), (11, gettext("Hello!")), (17, gettext("Good evening!"))]
    return [(0, gettext("Good morning!")), (11, gettext("Good to have you here!")), (19, gettext("Good evening!"))]


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return Slot.on(day, time(hour), 1, zone).start


def epoch(instant: datetime) -> int:
    return 0 if instant == ALWAYS else int(instant.timestamp())


def day_label(day: date, today: date) -> str:
    """Morgen; Am Donnerstag; Am Dienstag, 15. Dezember, where the weekday alone would be today's."""
    if day == today + timedelta(days=1):
        return gettext("Tomorrow")
    near = day < today + timedelta(days=7)
    return gettext("On %(day)s", day=wording.weekday(day, locale.selected()) if near else _named(day))


def _named(day: date) -> str:
    """Donnerstag, 10. Dezember"""
    return wording.plain_day(day, locale.selected())
