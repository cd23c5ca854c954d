"""The lines of the inbox: what each tells of a request and of how its dates stand now. Plain rows only."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from markupsafe import Markup

from booking import wording
from booking.availability.check import found_at
from booking.availability.wanted import Wanted
from booking.database import db
from booking.domain.recurrence import RecurrenceRule
from booking.domain.status import Status
from booking.house import house, house_rules, room_rows
from booking.models import Change, Occurrence, day_of
from booking.web import filters, locale
from booking.web.staff import desk
from booking.web.staff.requests import PlainDate, ages, path_of_request

#: Units from mark to mark in the run of dates, and the further gap where a month begins.
STEP, GAP = 9, 5
#: How dates are drawn there, by what they are: what stands before and after where a mark begins, which may be some
#: units further right.
_CROSS = ('<path class="run__taken" d="m', 0, ' 7.2 5.6 5.6m0-5.6-5.6 5.6"/>')
MARKS = {
    "free": ('<rect class="run__free" x="', 0, '" y="4" width="6" height="12" rx="2"/>'),
    "approved": ('<rect class="run__yes" x="', 0, '" y="4" width="6" height="12" rx="2"/>'),
    "tight": ('<rect class="run__tight" x="', 1, '" y="4" width="4" height="12"/>'),
    "asked": ('<circle class="run__asked" cx="', 3, '" cy="10" r="3.75"/>'),
    "taken": _CROSS,
    "closed": _CROSS,
}
GONE = ('<path class="run__gone" d="M', 0, ' 10h6"/>')
RUN = (
    '<svg class="run" width="{0}" height="20" viewBox="0 0 {0} 20" preserveAspectRatio="xMinYMid"'
    ' aria-hidden="true">{1}</svg>'
)


class InboxLine(NamedTuple):
    """A request in the inbox: all that its line tells. ``kind``: of the group. ``counts``: how many dates are what.

    ``run``: its dates as marks, where there are several. ``received``: in place of how old it is, where no date waits
    for the team. ``put_off_by``: who has noted it for later, if nothing has happened since.
    """

    url: str
    reference: str
    title: str
    sentence: Markup
    group: str
    kind: str
    people: int
    rooms: str
    any_room: bool
    is_for_all: bool
    way_in: str
    needs_access: bool
    run: Markup
    counts: tuple[tuple[str, int], ...]
    wishes: int
    wishes_words: bool
    has_question: bool
    has_answer: bool
    received: str
    age: str
    is_late: bool
    put_off_by: str


#: A date of a request with its kind, and whether it is tight.
Seen = tuple[PlainDate, str, bool]


class PlainRequest(NamedTuple):
    """A request with what its line tells of it, read as a plain row; ``rule`` as the text that is stored."""

    id: int
    reference: str
    created_at: datetime
    room_wish_id: int | None
    title: str
    is_open: bool
    people: int
    access_needs: str
    way_in: str
    title_wish: str
    url_wish: str
    question: str
    answer: str
    rule: str
    group: str
    kind: str


_DATES = (
    sa.select(*PlainDate.columns(), Change.id)
    .outerjoin(
        Change, sa.and_(Change.occurrence_id == Occurrence.id, Change.state == "open", Change.proposed_by == "group")
    )
    .where(Occurrence.booking_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(Occurrence.start)
)


def read_lines(requests: Sequence[PlainRequest], put_off_by: Mapping[int, str], now: datetime) -> list[InboxLine]:
    """Requests as the inbox shows them. Their dates are read as plain rows; what they meet is asked in one go."""
    found = db.session.execute(_DATES, {"ids": [each.id for each in requests]})
    rooms, rows, wishes = room_rows(), [], Counter[int]()
    for *values, wish_id in found:
        rows.append(PlainDate(*values))
        if wish_id:
            wishes[rows[-1].booking_id] += 1
    still_open = [row for row in rows if row.status is Status.REQUESTED]
    met = found_at([Wanted(rooms[row.room_id], row.occupied) for row in still_open], now, house_rules().tight)
    kinds = {}
    for row, each in zip(still_open, met, strict=True):
        kind = desk.kind_of(each, is_wanted=bool({rival.booking_id for rival in each.rivals} - {row.booking_id}))
        kinds[row.id] = kind, each.gap is not None and kind == "free"
    dates = defaultdict(list)
    for row in rows:
        known = kinds.get(row.id)
        kind, is_tight = known or (row.status.value, False)
        dates[row.booking_id].append((row, kind, is_tight))
    waits = ages([request.created_at for request in requests], now)
    return [
        _line(request, dates[request.id], wishes[request.id], put_off_by.get(request.id, ""), wait)
        for request, wait in zip(requests, waits, strict=True)
    ]


def _line(
    request: PlainRequest, dates: Sequence[Seen], wishes: int, put_off_by: str, wait: tuple[str, bool]
) -> InboxLine:
    rooms, is_open = room_rows(), Status.REQUESTED in [date.status for date, _, _ in dates]
    zone, language = house().zone, locale.selected()
    rule, plain = RecurrenceRule.from_text(request.rule), [date for date, _, _ in dates]
    return InboxLine(
        url=path_of_request(request.reference),
        reference=request.reference,
        title=request.title,
        sentence=filters.nbsp(wording.sentence_of_dates(rule, plain, zone, language)),
        group=request.group,
        kind=request.kind,
        people=request.people,
        rooms=", ".join(rooms[id_].name for id_ in dict.fromkeys([date.room_id for date in plain])),
        any_room=not request.room_wish_id,
        is_for_all=request.is_open,
        way_in=request.way_in,
        needs_access=bool(request.access_needs),
        run=_run(dates, zone) if len(dates) > 1 else Markup(),
        counts=_counts(dates),
        wishes=wishes,
        wishes_words=bool(request.title_wish or request.url_wish),
        has_question=is_open and bool(request.question),
        has_answer=is_open and bool(request.question and request.answer),
        received="" if is_open else wording.full_date(day_of(request.created_at, zone), language),
        age=wait[0] if is_open else "",
        is_late=is_open and wait[1],
        put_off_by=put_off_by if is_open else "",
    )


def _counts(dates: Sequence[Seen]) -> tuple[tuple[str, int], ...]:
    """How many dates are what; after the free ones, how many of them are tight."""
    tight, found = sum([is_tight for _, _, is_tight in dates]), []
    for kind, number in desk.count([kind for _, kind, _ in dates]):
        found.append((kind, number))
        if kind == "free" and tight:
            found.append(("tight", tight))
    return tuple(found)


def _run(dates: Sequence[Seen], zone: ZoneInfo) -> Markup:
    """All dates as one line of marks, from left to right, months apart; the same in words stands beside it."""
    x, before, marks = 2, None, ""
    for row, kind, is_tight in dates:
        local = row.start.astimezone(zone)
        month = local.year, local.month
        x += GAP if before not in (None, month) else 0
        begin, right, end = MARKS.get("tight" if is_tight else kind, GONE)
        marks += f"{begin}{x + right}{end}"
        x, before = x + STEP, month
    return Markup(RUN.format(x - STEP + 8, marks))  # noqa: S704 - all of it stands above
