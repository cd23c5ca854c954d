"""What the screen in the entrance shows: rows with their phases, day by day, and what is on it at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext
from markupsafe import Markup, escape

from booking import wording
from booking.agenda import AgendaRow, Beginning, beginnings, closed_days
from booking.domain.board import HAPPENING, Phase, State, is_gone, pages, phase_at
from booking.domain.slot import Slot
from booking.house import house, opening_hours
from booking.models import Closure
from booking.web import filters, locale, moments, phrases

#: How many days each day looks ahead.
LOOKS_AHEAD = 7

#: Rows that a screen holds of the day, and of each day to come; a larger house has more of them.
MOST_TODAY, MOST_AHEAD = 24, 10
ALL = 10**6

#: Rows that surely fit on a screen in its tight form. The script measures; this is for the moment before.
MOST_ROWS = 4

#: Letters from which on a word may have to break within a row.
LONG_WORD = 18

#: From which hour on, by the clock of the house: light while the office is, dark so as not to glare at the street.
THEMES = ((0, "dark"), (8, "light"), (17, "dark"))


@dataclass(frozen=True, slots=True)
class Line:
    """One row as people read it."""

    row: AgendaRow
    now: datetime
    title: str
    zone: ZoneInfo

    @property
    def life(self) -> list[Phase]:
        return moments.life(self.row)

    @property
    def state(self) -> State:
        return phase_at(self.life, self.now).state

    @property
    def is_moved(self) -> bool:
        return self.row.is_moved and not self.row.is_off

    @property
    def happens(self) -> bool:
        return self.state in HAPPENING

    @property
    def parts(self) -> list[str]:
        """Of what the row consists, by the names that template and script know."""
        row = self.row
        found = ["was" if row.moved_away else "open" if row.open_end else "fixed"]
        if not (row.open_end or row.is_off):
            found.append("progress")
        if self.is_moved:
            found.append("chip")
        elif row.is_open and not row.is_off:
            found.append("note")
        if self.is_moved or row.moved_away:
            found.append("change")
        elif row.group:
            found.append("name")
        return [*found, "off" if row.cancelled else "away" if row.moved_away else "sign"]

    @property
    def starts(self) -> str:
        return filters.local_clock(self.row.slot.start)

    @property
    def ends(self) -> str:
        return filters.local_clock(self.row.slot.end)

    @property
    def words(self) -> str:
        return moments.said(self.row, self.state, self.now)

    @property
    def way(self) -> str:
        return filters.way(self.row.room)

    @property
    def percent(self) -> int:
        """How far the meeting has come."""
        slot = self.row.slot
        return round(100 * max(0.0, min(1.0, (self.now - slot.start) / (slot.end - slot.start))))

    @property
    def change(self) -> Markup:
        """Where a moved row went, or came from: what was is struck through, and the sentence says so as well."""
        if not (self.is_moved or self.row.moved_away):
            return Markup()
        text = wording.words(locale.selected())
        new, old = self._place()
        if self.row.moved_away:
            return escape(text.gettext("now %(place)s") % {"place": new})
        today = text.gettext("%(moved)s today instead of %(old)s")
        changed = today if self._changed_day() else text.gettext("%(moved)s now %(new)s instead of %(old)s")
        moved = Markup('<span class="chipped">{}</span>').format(text.gettext("Moved:"))
        return escape(changed) % {"moved": moved, "new": new, "old": Markup("<s>{}</s>").format(old)}

    @property
    def when(self) -> tuple[str, str]:
        """Do, 10. Dezember and um 18:30 Uhr"""
        start = self.row.slot.start
        return filters.short_day(start), filters.nbsp(gettext("at %(time)s", time=filters.local_clock(start)))

    def _place(self) -> tuple[str, str]:
        """How it is, and how it was, as far as they differ."""
        row, language = self.row, locale.selected()
        start, before = (at.astimezone(self.zone) for at in (row.start, row.original_start))
        if self._changed_day():
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

    def _changed_day(self) -> bool:
        return self.row.start.astimezone(self.zone).date() != self.row.original_start.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Day:
    """All that the screen shows on one day."""

    day: date
    lines: list[Line]
    left: Mapping[datetime, int]  # how many more meetings there are, by the time at which they end
    closure: Closure | None  # of the whole house, all day
    opens_again: datetime | None
    following: "Day | None" = None  # the next one with anything on
    upcoming: Sequence[Line] = ()  # what takes place on the days after

    @property
    def is_closed(self) -> bool:
        """Nothing takes place. Where something does although the house is closed, the plan shows it."""
        return self.closure is not None and not self.left and all(line.row.is_off for line in self.lines)

    @property
    def closed_words(self) -> str:
        if self.closure is None:
            return ""
        return gettext("Closed today: %(reason)s.", reason=locale.translated(self.closure, "reason").rstrip("."))

    @property
    def opening(self) -> str:
        """Montag, 4. Januar, 9:00 Uhr"""
        if self.opens_again is None:
            return ""
        day = filters.nbsp(_named(self.opens_again.date()))
        time = filters.local_clock(self.opens_again).lstrip("0")
        hour = gettext("%(time)s o’clock", time=time)
        return f"{day}, {filters.nbsp(hour)}"

    def sentence(self, shows: str) -> str:
        """What stands alone on the screen."""
        return self.closed_words if shows == "closed" else quiet_words().get(shows, "")

    @property
    def left_out(self) -> int:
        return sum(self.left.values())

    def left_at(self, now: datetime) -> int:
        return sum(number for ends, number in self.left.items() if ends > now)

    @property
    def next_label(self) -> str:
        return day_label(self.following.day, self.day) if self.following else ""

    @property
    def next_heading(self) -> str:
        """Morgen, Mittwoch, 9. Dezember; Donnerstag, 10. Dezember"""
        if self.following is None:
            return ""
        named = _named(self.following.day)
        is_tomorrow = self.following.day == self.day + timedelta(days=1)
        return gettext("Tomorrow, %(day)s", day=named) if is_tomorrow else named

    @property
    def quiet(self) -> str:
        """What there is to say while no row is on: the house is closed, all is over, or there is room."""
        if self.is_closed:
            return "closed"
        if self.lines:
            return "over" if self.following else "done"
        return "empty" if self.upcoming else "nothing"


class Scene(NamedTuple):
    """What of a day is on the screen at one moment, before the script has measured anything."""

    shows: str  # rows, or the day's word for quiet
    now: Sequence[Line] = ()
    later: Sequence[Line] = ()
    left: int = 0  # how many more meetings there are than the screen holds
    page: int = 1
    pages: int = 1
    is_roomy: bool = False
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


def plan(first: date, number: int, now: datetime, most_today: int = ALL) -> list[Day]:
    """The days from ``first`` on, which is today; ``most_today`` rows of it."""
    zone = house().zone
    plans = beginnings(first, number + LOOKS_AHEAD, now, most_today=most_today, most=MOST_AHEAD)
    days = [_day(each, now, zone) for each in plans]
    return [_looking_ahead(days[n : n + LOOKS_AHEAD + 1]) for n in range(number)]


def _shown(plan: Beginning, zone: ZoneInfo) -> list[AgendaRow]:
    """Without dates that were moved on their own day, whose new row stays as long as people might come for the old."""
    return [
        row
        for row in plan.rows
        if not (row.moved_away and row.end >= row.slot.end and row.start.astimezone(zone).date() == plan.day)
    ]


def _day(plan: Beginning, now: datetime, zone: ZoneInfo) -> Day:
    lines = [line(row, now, zone) for row in _shown(plan, zone)]
    return Day(plan.day, lines, plan.left_out, plan.closure, _opens_again(plan.closure) if plan.closure else None)


def _looking_ahead(days: Sequence[Day]) -> Day:
    """The first of some days, with what it tells of the others."""
    today, *ahead = days
    coming = [line for day in ahead for line in day.lines if not line.row.is_off]
    return replace(today, following=next((day for day in ahead if day.lines), None), upcoming=coming[:3])


def line(row: AgendaRow, now: datetime, zone: ZoneInfo) -> Line:
    has_long_word = any(len(word) >= LONG_WORD for word in row.title.split())
    title = phrases.breakable(row.title) if has_long_word else row.title
    return Line(row, now, title or gettext("Closed meeting"), zone)


def scene(day: Day, now: datetime) -> Scene:
    """The screen at one moment. Pages turn with the minute."""
    on = [one for one in day.lines if not is_gone(one.row.slot, now, is_off=one.row.is_off)]
    left = day.left_at(now)
    shows = "rows" if on and not day.is_closed else "unknown" if left else day.quiet
    happening = [one for one in on if one.happens]
    later = [one for one in on if not one.happens]
    if shows != "rows":
        happening, later = [], day.following.lines if shows == "over" and day.following else []
        left = day.following.left_out if shows == "over" and day.following else 0
    pinned = happening if len(happening) < MOST_ROWS else []  # more of them than fit have to take turns
    turning = [one for one in [*happening, *later] if one not in pinned]
    cut = pages(len(turning), MOST_ROWS - len(pinned))
    page = int(now.timestamp() // 60) % len(cut)
    shown = turning[cut[page]]
    short = all(len(one.title) <= 22 for one in happening) and all(len(one.title) <= 30 for one in later)
    is_roomy = short and len(cut) == 1 and len(happening) <= 1 and len(happening) + len(later) <= 3
    label = "alone" if not happening else "begun" if any(one.row.slot.start <= now for one in later) else "later"
    now_on = [*pinned, *(one for one in shown if one in happening)]
    rest = [one for one in shown if one not in now_on]
    return Scene(shows, now_on, rest, left, page + 1, len(cut), is_roomy, label)


def _opens_again(closure: Closure) -> datetime | None:
    """When the office opens after a closure, holidays considered; ``None`` if not within a month."""
    hours = opening_hours()
    zone = house().zone
    ends = closure.end.astimezone(zone)
    closed = closed_days(ends.date(), 31)
    for day in (ends.date() + timedelta(days=n) for n in range(31)):
        if day.weekday() in hours and day not in closed:
            opens, closes = (datetime.combine(day, at, zone) for at in hours[day.weekday()])
            if max(opens, ends) < closes:
                return max(opens, ends)
    return None


def quiet_words() -> dict[str, str]:
    """What is said of a quiet day."""
    return {
        "done": gettext("That’s all for today."),
        "empty": gettext("There’s room for your idea today."),
        "nothing": gettext("Nothing planned for the next few days."),
    }


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
        return [(0, gettext("Good morning!")), (11, gettext("Hello!")), (17, gettext("Good evening!"))]
    return [(0, gettext("Good morning!")), (11, gettext("Good to have you here!")), (19, gettext("Good evening!"))]


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
    return gettext("On %(day)s", day=wording.weekday(day, locale.selected()) if near else _named(day))


def _named(day: date) -> str:
    """Donnerstag, 10. Dezember"""
    return wording.plain_day(day, locale.selected())
