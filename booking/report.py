"""What the house was used for in a year: counted from the dates themselves, all days local.

A use is a date that took place: approved, over, and somebody came. Its hours are those of the meeting, its room hours
those of the room, setting up and tidying up included.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any, NamedTuple

import sqlalchemy as sa

from booking.database import db
from booking.domain.days_off import days_off
from booking.domain.slot import Slot
from booking.domain.status import Action, Status
from booking.house import RoomRow, house, opening_hours, room_rows
from booking.models import Booking, Initiative, LogEntry, Occurrence, YearFigure, day_of
from booking.sentences import code_of

#: The kinds of groups, those first of which the city reports.
KINDS = ("initiative", "department", "own", "other")
#: A use that begins from then on is one of the evening.
EVENING = time(17)
#: A group that cancels less than this before the start leaves the room empty.
LATE = timedelta(hours=48)
#: A group with fewer uses is not named in what is published: who comes once or twice is easily found out.
FEW = 3
#: The hours of one column of the table of weekdays.
BAND = 2

_ANSWERS = (Action.APPROVE, Action.DECLINE, Action.PROPOSE, "ask")


class Use(NamedTuple):
    """One date that took place."""

    start: datetime
    end: datetime
    before_minutes: int
    after_minutes: int
    room_id: int
    people: int
    is_open: bool
    group: str
    kind: str

    @property
    def hours(self) -> float:
        return (self.end - self.start) / timedelta(hours=1)

    @property
    def room_hours(self) -> float:
        return self.hours + (self.before_minutes + self.after_minutes) / 60


class KindLine(NamedTuple):
    """The uses by one kind of groups. ``quarters``: None for one that has not begun. ``before``: in the year before."""

    kind: str
    quarters: list[int | None]
    total: int
    goal: int | None
    before: int | None


class GroupLine(NamedTuple):
    """The uses by one group; by all closed meetings together where ``name`` is empty."""

    name: str
    kind: str
    uses: int
    hours: float
    people: int
    evenings: int


class RoomLine(NamedTuple):
    """The uses of one room. ``share``: room hours, of the hours of which there were."""

    room: RoomRow
    uses: int
    room_hours: float
    share: float


class Process(NamedTuple):
    """What became of the requests that came in a year. ``answer``: the median time to the first answer."""

    requests: int
    dates: int
    confirmed: int
    declined: Counter[str]  # by the code of the reason, "other" for what the team wrote itself
    answer: timedelta | None
    late: int  # cancellations by groups
    unused: int  # dates to which nobody came


class YearReport(NamedTuple):
    """A year until ``until``, its last day or today."""

    year: int
    until: date
    uses: list[Use]
    figures: dict[tuple[int, str], YearFigure]  # of this year and the one before, by year and kind
    kinds: list[KindLine]
    groups: list[GroupLine]
    rooms: list[RoomLine]
    bands: range  # the first hour of each column of ``hours``
    hours: dict[int, list[int]]  # uses by weekday (Monday is 0) and the hour of their start
    open_hours: float
    evening_hours: float
    process: Process


def report_of(year: int, now: datetime) -> YearReport:
    """Count a year."""
    zone = house().zone
    until = min(date(year, 12, 31), day_of(now, zone))
    begin = _begin(year)
    found = _uses(_begin(year - 1), min(now, _begin(year + 1)), now)
    uses, before = [use for use in found if use.start >= begin], [use for use in found if use.start < begin]
    rows = db.session.scalars(sa.select(YearFigure).where(YearFigure.year.in_([year - 1, year])))
    figures = {(row.year, row.kind): row for row in rows}
    open_hours, evening_hours = _hours_there_were(date(year, 1, 1), until)
    bands, hours = _by_hour(uses)
    return YearReport(
        year=year,
        until=until,
        uses=uses,
        figures=figures,
        kinds=_by_kind(year, until, uses, before, figures),
        groups=_by_group(uses),
        rooms=_by_room(uses, open_hours + evening_hours),
        bands=bands,
        hours=hours,
        open_hours=open_hours,
        evening_hours=evening_hours,
        process=_process(year),
    )


def years(now: datetime) -> list[int]:
    """The years in which dates were held, and this one; the latest first."""
    zone = house().zone
    first = db.session.scalar(sa.select(sa.func.min(Occurrence.start)).where(Occurrence.status == Status.APPROVED))
    this = day_of(now, zone).year
    return list(range(this, min(this, day_of(first, zone).year if first else this) - 1, -1))


def quarter_of(moment: datetime) -> int:
    """1 to 4"""
    return (day_of(moment, house().zone).month + 2) // 3


def uses_of(year: int, now: datetime) -> list[Use]:
    """The uses of a year, earliest first, as the public may read them."""
    return published(_uses(_begin(year), _begin(year + 1), now))


def published(uses: Iterable[Use]) -> list[Use]:
    """The uses as the public may read them: closed meetings, and groups that hardly come, without a name."""
    uses = [use if use.is_open else use._replace(group="") for use in uses]
    number = Counter(use.group for use in uses)
    return [use if number[use.group] >= FEW else use._replace(group="") for use in uses]


def _begin(year: int) -> datetime:
    return Slot.on(date(year, 1, 1), time(0), 1, house().zone).start


def _uses(begin: datetime, end: datetime, now: datetime) -> list[Use]:
    found = db.session.execute(
        sa.select(
            *(getattr(Occurrence, name) for name in ("start", "end", "before_minutes", "after_minutes", "room_id")),
            *(Booking.people, Booking.is_open, Initiative.name, Initiative.kind),
        )
        .join(Occurrence.booking)
        .join(Booking.initiative)
        .where(Occurrence.status == Status.APPROVED, Occurrence.start >= begin, Occurrence.start < end)
        .where(Occurrence.end <= now, ~Occurrence.no_show)
        .order_by(Occurrence.start, Occurrence.id)
    )
    return [Use._make(row) for row in found]


def _by_kind(
    year: int,
    until: date,
    uses: Sequence[Use],
    before: Sequence[Use],
    figures: Mapping[tuple[int, str], YearFigure],
) -> list[KindLine]:
    """``before`` counts where the office has not written down what it counted itself that year."""
    numbers, earlier = Counter((use.kind, quarter_of(use.start)) for use in uses), Counter(use.kind for use in before)
    begun = (until.month + 2) // 3
    found = []
    for kind in KINDS:
        of_year, of_last = (figures.get((each, kind), YearFigure()) for each in (year, year - 1))
        quarters = [numbers[kind, quarter] if quarter <= begun else None for quarter in range(1, 5)]
        last = earlier[kind] if of_last.counted is None else of_last.counted
        total = sum(filter(None, quarters))
        if kind != "other" or total or last:
            has_last = bool(before) or of_last.counted is not None
            found.append(KindLine(kind, quarters, total, of_year.planned, last if has_last else None))
    return found


def _grouped(uses: Iterable[Use], key: Callable[[Use], Any]) -> dict[Any, list[Use]]:
    found: dict[Any, list[Use]] = defaultdict(list)
    for use in uses:
        found[key(use)].append(use)
    return found


def _by_group(uses: Sequence[Use]) -> list[GroupLine]:
    zone = house().zone
    lines = [
        GroupLine(
            name,
            kind,
            len(own),
            sum(use.hours for use in own),
            sum(use.people for use in own),
            sum(use.start.astimezone(zone).time() >= EVENING for use in own),
        )
        for (name, kind), own in _grouped(uses, lambda use: (use.group, use.kind)).items()
    ]
    return sorted(lines, key=lambda line: (-line.uses, line.name))


def _by_room(uses: Sequence[Use], hours: float) -> list[RoomLine]:
    own = _grouped(uses, lambda use: use.room_id)
    sums = {id_: sum(use.room_hours for use in each) for id_, each in own.items()}
    return [
        RoomLine(
            room, len(own.get(room.id, ())), sums.get(room.id, 0.0), sums.get(room.id, 0.0) / hours if hours else 0.0
        )
        for room in room_rows().values()
    ]


def _by_hour(uses: Sequence[Use]) -> tuple[range, dict[int, list[int]]]:
    """The table of weekdays and hours; Saturday and Sunday only where something was."""
    zone = house().zone
    starts = [use.start.astimezone(zone) for use in uses]
    hours = [8, 20, *(start.hour for start in starts)]
    bands = range(min(hours) // BAND * BAND, max(hours) + 1, BAND)
    numbers = Counter((start.weekday(), start.hour // BAND) for start in starts)
    days = [day for day in range(7) if day < 5 or any(numbers[day, band // BAND] for band in bands)]
    return bands, {day: [numbers[day, band // BAND] for band in bands] for day in days}


def _hours_there_were(first: date, last: date) -> tuple[float, float]:
    """How long the house was open on these days, public holidays excepted, and how long after that on them."""
    place = house()
    off = days_off(first, last, place.country, place.subdivision, "de").public
    opened = evening = 0.0
    hours = opening_hours()
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day in off or day.weekday() not in hours:
            continue
        spans = hours[day.weekday()]
        opened += sum(_between(opens, closes) for opens, closes in spans)
        evening += max(0.0, _between(spans[-1][1], place.latest_end))
    return opened, evening


def _between(first: time, last: time) -> float:
    return (last.hour - first.hour) + (last.minute - first.minute) / 60


def _process(year: int) -> Process:
    """What became of the requests of a year, and which of its dates went unused."""
    begin, end = _begin(year), _begin(year + 1)
    first_answer = (
        sa.select(LogEntry.booking_id, sa.func.min(LogEntry.at).label("at"))
        .where(LogEntry.actor == "team", LogEntry.action.in_(_ANSWERS))
        .group_by(LogEntry.booking_id)
        .subquery()
    )
    is_request = sa.exists().where(
        LogEntry.booking_id == Booking.id, LogEntry.action == "request", LogEntry.actor == "group"
    )
    of_year = (Booking.created_at >= begin, Booking.created_at < end, is_request)
    requests = db.session.execute(
        sa.select(Booking.created_at, first_answer.c.at)
        .outerjoin(first_answer, first_answer.c.booking_id == Booking.id)
        .where(*of_year)
    ).all()
    fates = db.session.execute(
        sa.select(Occurrence.status, Occurrence.reason, sa.func.count())
        .join(Occurrence.booking)
        .where(*of_year)
        .group_by(Occurrence.status, Occurrence.reason)
    ).all()
    declined: Counter[str] = Counter()
    for status, reason, number in fates:
        if status is Status.DECLINED:
            declined[_code_of(reason)] += number
    gone = db.session.execute(
        sa.select(Occurrence.start, Occurrence.changed_at, Occurrence.no_show).where(
            sa.or_(sa.and_(Occurrence.status == Status.CANCELLED, Occurrence.cancelled_by_group), Occurrence.no_show),
            Occurrence.start >= begin,
            Occurrence.start < end,
        )
    ).all()
    answered = [answered_at - asked_at for asked_at, answered_at in requests if answered_at]
    return Process(
        requests=len(requests),
        dates=sum(number for _, _, number in fates),
        confirmed=sum(number for status, _, number in fates if status in (Status.APPROVED, Status.CANCELLED)),
        declined=declined,
        answer=median(answered) if answered else None,
        late=sum(not no_show and start - changed_at < LATE for start, changed_at, no_show in gone),
        unused=sum(no_show for _, _, no_show in gone),
    )


def _code_of(sentence: str) -> str:
    return code_of(sentence) or "other"
