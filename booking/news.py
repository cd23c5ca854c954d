"""What people of a group have done, for those who have to know: the office, and whoever speaks for the booking.

``log.record`` owes the letter; one tells all that happens within minutes. It is
written from the record when it leaves, so nothing of it is stored before.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

import sqlalchemy as sa

from booking import log
from booking.database import db
from booking.models import Booking, Change, Contact, Letter, LogEntry, Occurrence
from booking.notices.frame import Mark, person_mark, write_letter


class ToldStep(NamedTuple):
    """Steps of one kind that one person took; ``name`` stands for theirs, while they are known."""

    step: log.Step
    action: str
    name: Mark | None
    is_second: bool
    dates: list[Occurrence]
    number: int

    @property
    def changes(self) -> list[Change]:
        return [each.changes[-1] for each in self.dates if each.changes]


def write_news(letter: Letter, now: datetime) -> bool:
    """Write a letter of news from the record; ``False`` where nothing is left to tell."""
    booking = letter.booking
    deeds = _deeds(booking, letter) if booking else []
    if booking and deeds:
        text = write_letter(letter.kind, booking, letter.language, deeds=deeds, now=now)
        letter.subject, letter.body = text.subject, text.body
    return bool(deeds)


#: What completes letters when they leave, by their kind.
WRITERS = dict.fromkeys((log.NEWS_LETTER, log.NEWS_OF_SECOND), write_news)


def _deeds(booking: Booking, letter: Letter) -> list[ToldStep]:
    """What was done since the letter was begun, steps of one kind by one person together."""
    entries = _entries(booking, letter)
    undone = _undone(entries)
    left = {entry.id: [each for each in _ids(entry) if (entry.id, each) not in undone] for entry in entries}
    by_id = {each.id: each for each in booking.occurrences}
    deeds = []
    for (action, person), alike in groupby(
        (entry for entry in entries if left[entry.id] or not _ids(entry)),
        key=lambda entry: (entry.action, entry.detail.get("person")),
    ):
        steps = list(alike)
        is_second = person is not None and person != booking.contact_id
        ids = {each for entry in steps for each in left[entry.id]}
        dates = sorted((by_id[each] for each in ids if each in by_id), key=lambda date: date.start)
        is_told = is_second and log.is_news_of_second(action) if letter.contact else action in log.NEWSWORTHY
        if is_told:
            number = len(dates) or sum(entry.count for entry in steps)
            known = db.session.get(Contact, person) if person else None
            name = person_mark(known) if known and known.name else None
            deeds.append(ToldStep(log.step(steps[0]), action, name, is_second, dates, number))
    return deeds


def _entries(booking: Booking, letter: Letter) -> Sequence[LogEntry]:
    """What the record tells of the group since the letter was begun, up to where the next such letter begins."""
    next_begins = (
        sa.select(sa.func.min(Letter.created_at))
        .where(
            Letter.booking_id == booking.id,
            Letter.kind == letter.kind,
            Letter.contact_id == letter.contact_id,
            Letter.id > letter.id,
        )
        .scalar_subquery()
    )
    return db.session.scalars(
        sa.select(LogEntry)
        .where(
            LogEntry.booking_id == booking.id,
            LogEntry.actor == "group",
            LogEntry.at >= letter.created_at,
            sa.or_(next_begins.is_(None), LogEntry.at < next_begins),
        )
        .order_by(LogEntry.id)
    ).all()


def _ids(entry: LogEntry) -> list[int]:
    """The dates that an entry is about."""
    found: list[int] = entry.detail.get("ids", [])
    return found


def _undone(entries: Sequence[LogEntry]) -> set[tuple[int, int]]:
    """Wishes taken back and moves that led back, and the steps that did it: entry and date, by their ids."""
    undone: set[tuple[int, int]] = set()
    wishes: dict[int, list[int]] = {}
    moves: dict[int, list[tuple[int, list[int]]]] = {}
    for entry in entries:
        for date, place in zip(_ids(entry), entry.detail.get("dates", ()), strict=False):
            if entry.action == "ask_for_change":
                wishes.setdefault(date, []).append(entry.id)
            elif entry.action == "take_back_change" and date in wishes:
                undone |= {(each, date) for each in (*wishes.pop(date), entry.id)}
            elif entry.action == "move":
                moves.setdefault(date, []).append((entry.id, place))
                if moves[date][0][1][3:] == place[:3]:  # where it was before the first of them
                    undone |= {(each, date) for each, _ in moves.pop(date)}
    return undone
