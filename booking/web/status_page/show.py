"""The group's own page for one request: the state of each date, and what can be done."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from flask import g, get_flashed_messages
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking import changing, links, log, wording
from booking.domain.policy import UNDO_CANCEL, is_outside_hours
from booking.domain.slot import Slot
from booking.domain.status import Status
from booking.house import house, house_rules
from booking.models import Booking, Change, Occurrence, Room
from booking.sharing import handover, people
from booking.web import locale
from booking.web.access import PageAnswer
from booking.web.status_page.calendar import addresses
from booking.web.status_page.frame import back, page, pages, reader
from booking.web.status_page.sentences import cancelled

SHOWN = 10  # dates to come; further ones are folded


class Move(NamedTuple):
    """A time and room, and those before."""

    room: Room
    slot: Slot
    former_room: Room
    former_slot: Slot


class DateRow(NamedTuple):
    """A date in the table. ``word`` replaces that of its status; ``can`` is cancel, withdraw or nothing."""

    date: Occurrence
    word: str
    notes: tuple[str, ...]
    wish: Change | None
    can: str


class ShownProposal(NamedTuple):
    """What the team proposes for a date, why, and until when it is kept free."""

    date: Occurrence
    why: str
    instead: str
    former_start: datetime
    until: datetime | None


class Undo(NamedTuple):
    """Dates that the group has just cancelled together, until when that can be taken back, and what is said of it."""

    ids: list[int]
    until: datetime
    text: str
    is_fresh: bool


@pages.get()
def show(booking: Booking, now: datetime) -> PageAnswer:
    """The state of each date, what is next, and what can be done."""
    coming = [each for each in booking.occurrences if each.end > now]
    meetings = [each for each in coming if each.status is Status.APPROVED]
    following = meetings[0] if meetings else None
    rows = [_row(each) for each in coming]
    flashed = [str(text) for text in get_flashed_messages()]
    undos = _undos(booking, now, flashed)
    rules = house_rules()
    return page(
        "status_page/show.html",
        following=following,
        is_outside=following is not None and is_outside_hours(following.slot, rules),
        others_outside=sum(is_outside_hours(each.slot, rules) for each in meetings[1:]),
        shown=rows[:SHOWN],
        folded=rows[SHOWN:],
        past=[each for each in booking.occurrences if each.end <= now],
        wishes=[row.wish for row in rows if row.wish],
        proposals=[_proposal(each) for each in changing.answerable(booking, now)],
        undos=undos,
        messages=[text for text in flashed if text not in {undo.text for undo in undos}],
        can_change=bool(changing.changeable(booking, now)),
        can_cancel=[each.id for each in meetings],
        can_withdraw=len(booking.dates(Status.REQUESTED)),
        can_extend=changing.can_extend(booking, now),
        **addresses(),
        speaks=people.speaks_for(booking, reader()),
        under_way=handover.open_handover(booking, now),
        history=_history(booking),
        has_older_link=any(each.id < g.link.id for each in links.held_beside(g.link, g.link.purpose)),
    )


@pages.post("/frueherer-link")
def end_older_link(booking: Booking, now: datetime) -> Response:
    """End the links that came before this one: any step from here does, and this is one that does nothing else."""
    return back(gettext("Your earlier link no longer works."))


def _history(booking: Booking) -> list[tuple[datetime, str, list[str]]]:
    """What has happened, newest first: when, what, and which dates; what concerns the office alone is left out."""
    told = [(entry, log.step(entry).group) for entry in log.history(booking)]
    return [(entry.at, phrase.of(entry.count), log.places_told(entry, locale.selected())) for entry, phrase in told if phrase]


def _undos(booking: Booking, now: datetime, flashed: Sequence[str]) -> list[Undo]:
    """What was cancelled in the last minutes, the latest first. What was flashed stands above its button instead."""
    dates = sorted(changing.restorable(booking, now), key=_decided, reverse=True)
    return [
        Undo([each.id for each in gone], at + UNDO_CANCEL, text := cancelled(gone), text in flashed)
        for at, gone in ((at, list(group)) for at, group in groupby(dates, key=_decided))
    ]


def _decided(each: Occurrence) -> datetime:
    return each.decided_at or each.changed_at


def _row(each: Occurrence) -> DateRow:
    wish = each.open_change if each.status is Status.APPROVED else None
    can = {Status.APPROVED: "cancel", Status.REQUESTED: "withdraw"}.get(each.status, "")
    return DateRow(each, gettext("change under review") if wish else "", tuple(_notes(each, wish)), wish, can)


def _notes(each: Occurrence, wish: Change | None) -> Iterable[str]:
    """What is to be said of a date beside its status."""
    if each.reason:
        yield wording.reason_in(each.reason, locale.selected())
    if wish:
        yield gettext("asked for: %(place)s", place=_before(_there_and_back(wish)))
    elif each.status is Status.APPROVED and each.is_moved:
        yield _instead_of(_from_origin(each))
    elif each.status is Status.PROPOSED:
        yield gettext("please answer above")


def _proposal(each: Occurrence) -> ShownProposal:
    change = each.changes[-1]
    why = wording.reason_in(each.reason, locale.selected())
    return ShownProposal(each, why, _instead_of(change), change.former_start, change.answer_by)


def _instead_of(move: wording.Elsewhere) -> str:
    """instead of 16:30 bis 18:30 Uhr"""
    return gettext("instead of %(place)s", place=_before(move))


def _before(move: wording.Elsewhere) -> str:
    return wording.before_line(move, house().zone, locale.selected())


def _there_and_back(wish: Change) -> Move:
    """The other way round, so that what differs is told of the place that is wished."""
    return Move(wish.former_room, wish.former_slot, wish.room, wish.slot)


def _from_origin(each: Occurrence) -> Move:
    former = Slot(each.original_start, each.original_start + (each.end - each.start))
    return Move(each.room, each.slot, each.original_room, former)
