"""What the screen in the entrance shows: rows with their phases, day by day, and what is on it at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext
from markupsafe import Markup, escape

from booking import catalogues, wording
from booking.agenda import AgendaRow, Beginning, beginnings
from booking.domain.board import HAPPENING, Phase, State, is_gone, pages, phase_at
from booking.house import closures, house, notice, opening_hours
from booking.languages import DEFAULT, said_in
from booking.models import Closure
from booking.web import filters, locale, moments, phrases
from booking.web.lobby.viewpoint import FROM_THE_LOBBY, Viewpoint
from booking.web.lobby.words import NIGHT, day_label, midnight, named_day, opening, quiet_words

#: How many days each day looks ahead.
LOOKS_AHEAD = 7

#: Rows that a screen holds of the day, and of each day to come; a larger house has more of them.
MOST_TODAY, MOST_AHEAD = 24, 10
ALL = 10**6

#: Rows that surely fit on a screen in its tight form. The script measures; this is for the moment before.
MOST_ROWS = 4

#: Letters from which on a word may have to break within a row.
LONG_WORD = 18

#: What the house itself says, in which language, and the same in the second language of a screen.
TwiceSaid = tuple[str, str, str]


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
    def is_gone(self) -> bool:
        return is_gone(self.row.slot, self.now, is_off=self.row.is_off)

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
    def also(self) -> str:
        """Its words in the second language."""
        return locale.in_second(lambda: self.words)

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
        text = catalogues.words(locale.selected())
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
        return filters.short_day(start), filters.nbsp(gettext("at %(time)s", time=filters.spoken_clock(start)))

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
    closures: Sequence[Closure]  # of the whole house, that reach into it
    opens: bool  # whether the house has hours on that weekday
    following: "Day | None" = None  # the next one on which something takes place
    upcoming: Sequence[Line] = ()  # what takes place on the days after

    @property
    def takes_place(self) -> bool:
        return bool(self.left) or any(not line.row.is_off for line in self.lines)

    @property
    def is_closed(self) -> bool:
        """Nothing takes place. Where something does although the house is closed, the plan shows it."""
        begins, ends = (midnight(self.day + timedelta(days=n), house().zone) for n in (0, 1))
        return not self.takes_place and any(each.start <= begins and each.end >= ends for each in self.closures)

    def shut_by(self, now: datetime) -> Closure | None:
        """The closure that keeps people out now or, where nothing takes place, later on this day."""
        ahead = (each for each in self.closures if each.end > now)
        return next((each for each in ahead if each.start <= now or not self.takes_place), None)

    def closed_words(self, closure: Closure) -> str:
        reason = locale.translated(closure, "reason").rstrip(".")
        start, end = (at.astimezone(house().zone) for at in (closure.start, closure.end))
        if start.date() == end.date() == self.day and start.time() > time():
            hours = {"begins": wording.clock(start), "ends": wording.clock(end)}
            return gettext("Closed from %(begins)s to %(ends)s today: %(reason)s.", **hours, reason=reason)
        if start.date() == self.day and start.time() > time():
            return gettext("Closed from %(time)s today: %(reason)s.", time=wording.clock(start), reason=reason)
        if end.date() == self.day:
            return gettext("Closed until %(time)s today: %(reason)s.", time=wording.clock(end), reason=reason)
        return gettext("Closed today: %(reason)s.", reason=reason)

    def again(self, shows: str, now: datetime) -> str:
        """When the office opens, where that is what there is to say."""
        closure = self.shut_by(now)
        if shows == "closed" and closure:
            return opening(closure.end)
        return opening(midnight(self.day, house().zone)) if shows == "shut" else ""

    def sentence(self, shows: str, now: datetime) -> str:
        """What stands alone on the screen."""
        closure = self.shut_by(now)
        return self.closed_words(closure) if shows == "closed" and closure else quiet_words().get(shows, "")

    def also(self, shows: str, now: datetime) -> str:
        """The same in the second language."""
        return locale.in_second(lambda: self.sentence(shows, now))

    def hint(self, shows: str, now: datetime, own: TwiceSaid) -> TwiceSaid:
        """What stands below: that the house is closed although something takes place, or else ``own`` words."""
        if shows in ("closed", "shut"):
            return "", locale.selected(), ""
        closure = next((each for each in self.closures if each.end > now), None)
        if closure is None:
            return own
        return self.closed_words(closure), locale.selected(), locale.in_second(lambda: self.closed_words(closure))

    @property
    def left_out(self) -> int:
        return sum(self.left.values())

    def left_at(self, now: datetime) -> int:
        return sum(number for ends, number in self.left.items() if ends > now)

    @property
    def next_label(self) -> str:
        return day_label(self.following.day, self.day) if self.following else ""

    @property
    def next_also(self) -> str:
        return locale.in_second(lambda: self.next_label)

    @property
    def next_heading(self) -> str:
        """Morgen, Mittwoch, 9. Dezember; Donnerstag, 10. Dezember"""
        if self.following is None:
            return ""
        named = named_day(self.following.day)
        is_tomorrow = self.following.day == self.day + timedelta(days=1)
        return gettext("Tomorrow, %(day)s", day=named) if is_tomorrow else named

    def shows(self, now: datetime) -> str:
        """What there is to see of the day: rows, or a word for what is said instead."""
        if not (self.is_closed or all(line.is_gone for line in self.lines)):
            return "rows"
        if self.left_at(now):
            return "unknown"
        return "closed" if self.shut_by(now) else self.quiet

    @property
    def quiet(self) -> str:
        """What there is to say while no row is on: all is over, the house does not open, or there is room."""
        if self.lines:
            return "over" if self.following else "done"
        if not self.opens:
            return "shut"
        return "empty" if self.upcoming else "nothing"


class Scene(NamedTuple):
    """What of a day is on the screen at one moment, before the script has measured anything."""

    shows: str  # rows, or the day's word for quiet; door of a room
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
        return not (self.now or self.later or self.shows in ("night", "door"))


def own_hint() -> TwiceSaid:
    """The house's own words below the plan."""
    return said_twice(house(), "lobby_hint")


def notice_words(now: datetime) -> TwiceSaid:
    """What the team lets the lobby say at this moment, which goes before all hints."""
    posted = notice(now)
    return said_twice(posted, "text") if posted else ("", locale.selected(), "")


def said_twice(row: object, name: str) -> TwiceSaid:
    """What a row says; in the first language of the house where it says it in no other, and then once only."""
    says_it = said_in(row, name, locale.selected())
    said, also = locale.translated(row, name), locale.in_second(lambda: locale.translated(row, name))
    return said, locale.selected() if says_it else DEFAULT, also if also != said else ""


def plan(first: date, number: int, now: datetime, most_today: int = ALL, view: Viewpoint = FROM_THE_LOBBY) -> list[Day]:
    """The days from ``first`` on, which is today; ``most_today`` rows of it."""
    zone = house().zone
    looks = {"most_today": most_today, "most": MOST_AHEAD}
    plans = beginnings(first, number + LOOKS_AHEAD, now, **looks, room_ids=view.room_ids)
    days = [_day(view.seen(each), now, zone) for each in plans]
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
    begins, ends = (midnight(plan.day + timedelta(days=n), zone) for n in (0, 1))
    closed = [each for each in closures(begins, ends) if each.is_of_house]
    if plan.closure and plan.closure not in closed:  # a holiday
        closed.append(plan.closure)
    return Day(plan.day, lines, plan.left_out, closed, plan.day.weekday() in opening_hours())


def _looking_ahead(days: Sequence[Day]) -> Day:
    """The first of some days, with what it tells of the others."""
    today, *ahead = days
    coming = [line for day in ahead for line in day.lines if not line.row.is_off]
    return replace(today, following=next((day for day in ahead if day.takes_place), None), upcoming=coming[:3])


def line(row: AgendaRow, now: datetime, zone: ZoneInfo) -> Line:
    has_long_word = any(len(word) >= LONG_WORD for word in row.title.split())
    title = phrases.breakable(row.title) if has_long_word else row.title
    return Line(row, now, title or _closed_meeting(), zone)


def _closed_meeting() -> str:
    return " · ".join(filter(None, (gettext("Closed meeting"), locale.in_second(lambda: gettext("Closed meeting")))))


def scene(day: Day, now: datetime) -> Scene:
    """The screen at one moment. Pages turn with the minute."""
    shows, left = day.shows(now), day.left_at(now)
    happening = [one for one in day.lines if one.happens]
    later = [one for one in day.lines if not (one.happens or one.is_gone)]
    hour = now.astimezone(house().zone).hour
    if (hour >= NIGHT[0] or hour < NIGHT[1]) and not happening:
        return Scene("night")
    if shows != "rows":
        happening, later = [], day.following.lines if shows == "over" and day.following else []
        left = day.following.left_out if shows == "over" and day.following else 0
    # What is on stays on every page. Only where it does not fit by itself, all have to take turns.
    pinned = happening if len(happening) <= MOST_ROWS else []
    turning = [one for one in [*happening, *later] if one not in pinned]
    if len(pinned) == MOST_ROWS:
        left += sum(not one.row.is_off for one in turning)
        turning = []
    cut = pages(len(turning), MOST_ROWS - len(pinned))
    page = int(now.timestamp() // 60) % len(cut)
    shown = turning[cut[page]]
    short = all(len(one.title) <= 22 for one in happening) and all(len(one.title) <= 30 for one in later)
    is_roomy = short and len(cut) == 1 and len(happening) <= 1 and len(happening) + len(later) <= 3
    label = later_label(happening, later)
    now_on = [*pinned, *(one for one in shown if one in happening)]
    rest = [one for one in shown if one not in now_on]
    return Scene(shows, now_on, rest, left, page + 1, len(cut), is_roomy, label)


def later_label(happening: Sequence[Line], later: Sequence[Line]) -> str:
    """Of the rows that are not now: whether they are alone, have begun, or come later."""
    if not happening:
        return "alone"
    return "begun" if any(line.row.slot.start <= line.now for line in later) else "later"
