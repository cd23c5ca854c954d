"""What people of a group have done, for those who have to know: the office, and whoever speaks for the booking.

``log.record`` owes the letter; one tells all that happens within minutes. It is
written from the record when it leaves, so nothing of it is stored before.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

import sqlalchemy as sa

from booking import log
from booking.database import db
from booking.domain.status import ChangeState
from booking.models import Booking, Change, Contact, Letter, LogEntry, Occurrence
from booking.notices.frame import Mark, person_mark, write_letter


class ToldStep(NamedTuple):
    """Steps of one kind that one person took; ``name`` stands for theirs, while they are known.

    ``places`` are those of the record: the team may have moved a date since. ``notes``: what the group wrote to them.
    """

    step: log.Step
    action: str
    name: Mark | None
    is_second: bool
    places: list[log.LoggedPlace]
    notes: list[str]
    number: int


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
        is_second = steps[0].detail.get("is_second", False)
        is_told = is_second and log.is_news_of_second(action) if letter.contact else action in log.NEWSWORTHY
        if is_told:
            places, notes = _places(steps, left, by_id)
            number = len(places) or sum(entry.count for entry in steps)
            known = db.session.get(Contact, person) if person else None
            name = person_mark(known) if known and known.name else None
            deeds.append(ToldStep(log.step(steps[0]), action, name, is_second, places, notes, number))
    return deeds


def _places(
    steps: Sequence[LogEntry], left: Mapping[int, Collection[int]], by_id: Mapping[int, Occurrence]
) -> tuple[list[log.LoggedPlace], list[str]]:
    """Where the dates of alike steps were by the record, several moves of one as one, and what was written to them."""
    places: dict[int, log.LoggedPlace] = {}
    notes: dict[int, str] = {}
    for entry in steps:
        for id_, numbers in zip(_ids(entry), entry.detail.get("dates", ()), strict=False):
            if id_ not in left[entry.id]:
                continue
            change = _change(by_id[id_], entry.action, numbers) if id_ in by_id else None
            place = log.place_of(numbers)
            if change:
                place = log.LoggedPlace(change.room, change.slot, change.former_room, change.former_slot)
                notes[id_] = change.note.strip()
            if entry.action == "move" and (before := places.get(id_)):
                place = place._replace(former_room=before.former_room, former_slot=before.former_slot)
            places[id_] = place
    return sorted(places.values(), key=lambda place: place.slot.start), [*filter(None, dict.fromkeys(notes.values()))]


def _change(date: Occurrence, action: str, numbers: list[int]) -> Change | None:
    """The change of a date that a step is about: the proposal that was refused, or what the group wished for itself."""
    for change in reversed(date.changes):
        if action == "refuse" and (change.proposed_by, change.state) == ("team", ChangeState.REFUSED):
            return change
        if action != "refuse" and change.proposed_by == "group" and log.of_date(change) == numbers:
            return change
    return None


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
