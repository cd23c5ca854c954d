"""The group's own page for one request: the state of each date, and what can be done."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from flask import g, get_flashed_messages
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking import changing, continuing, links, log, wording
from booking.domain.policy import UNDO_CANCEL, is_outside_hours
from booking.domain.slot import Slot
from booking.domain.status import ChangeState, Status
from booking.house import house, house_rules
from booking.letters import outbox
from booking.models import Booking, Change, LogEntry, Occurrence
from booking.reasons import reason_in
from booking.sharing import handover, people
from booking.web import filters, locale
from booking.web.access import PageAnswer
from booking.web.status_page.calendar import addresses
from booking.web.status_page.details import tells_way_in
from booking.web.status_page.frame import back, page, pages, reader
from booking.web.status_page.sentences import cancelled, wished_elsewhere

SHOWN = 10  # dates to come; further ones are folded


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
    """What was done at once a moment ago, until when it can be undone, and what is said of it.

    ``view`` takes it back, ``name`` is the control that holds the ids. ``is_fresh``: it was done from this page.
    """

    at: datetime
    until: datetime
    text: str
    is_fresh: bool
    view: str
    name: str
    ids: list[int]


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
        around=wording.times_around(following, house().zone, locale.selected()) if following else "",
        is_outside=following is not None and is_outside_hours(following.slot, rules, following.room_id),
        others_outside=sum(is_outside_hours(each.slot, rules, each.room_id) for each in meetings[1:]),
        shown=rows[:SHOWN],
        folded=rows[SHOWN:],
        past=[each for each in booking.occurrences if each.end <= now],
        wishes=[row.wish for row in rows if row.wish],
        proposals=[_proposal(each) for each in changing.answerable(booking, now)],
        undos=undos,
        messages=[text for text in flashed if text not in {undo.text for undo in undos}],
        restorable={each.id for each in changing.restorable(booking, now)}
        - {id_ for undo in undos for id_ in undo.ids},
        can_change=bool(changing.changeable(booking, now)),
        can_cancel=[each.id for each in meetings],
        can_withdraw=len(booking.dates(Status.REQUESTED)),
        can_extend=continuing.can_extend(booking, now),
        **addresses(),
        speaks=people.speaks_for(booking, reader()),
        asks_onsite=_asks_onsite(booking, now),
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
    told = [(entry, phrase) for entry in log.history(booking) if (phrase := log.step(entry).group)]
    by_second = any(entry.detail.get("is_second") for entry, _ in told)
    names = {each.id: each.name or "" for each in people.seconds(booking)} if by_second else {}
    return [
        (entry.at, _named(entry, phrase.of(entry.count), names), log.places_told(entry, locale.selected()))
        for entry, phrase in told
    ]


def _named(entry: LogEntry, what: str, names: Mapping[int, str]) -> str:
    """What happened, with whoever did it for the group, where that was its second person."""
    if not entry.detail.get("is_second"):
        return what
    name = names.get(entry.detail["person"])
    if name:
        return gettext("%(what)s (%(name)s, second person)", what=what, name=name)
    return gettext("%(what)s (second person)", what=what)


def _asks_onsite(booking: Booking, now: datetime) -> bool:
    """Whether nobody is named any more who is responsible on the evening, as after a handover."""
    is_missing = booking.way_in and booking.contact and not booking.contact.onsite_name
    return bool(is_missing) and tells_way_in(booking, now)


def _undos(booking: Booking, now: datetime, flashed: Sequence[str]) -> list[Undo]:
    """What the group did in the last minutes, the latest first. What was flashed stands above its button instead."""
    gone = [each for each in changing.restorable(booking, now) if now < _decided(each) + UNDO_CANCEL]
    undos = [
        _undo(at, at + UNDO_CANCEL, cancelled(dates), flashed, ".restore_dates", "date", dates)
        for at, dates in _together(gone, _decided)
    ]
    for at, changes in _together(changing.fresh_changes(booking, now), lambda each: each.created_at):
        wished = sum(each.state is ChangeState.OPEN for each in changes)
        told = wished_elsewhere([each.occurrence for each in changes], wished)
        undos.append(_undo(at, outbox.undo_until(at), told, flashed, ".take_back_change", "change", changes))
    return sorted(undos, key=lambda undo: undo.at, reverse=True)


def _undo(
    at: datetime,
    until: datetime,
    told: str,
    flashed: Sequence[str],
    view: str,
    name: str,
    rows: Sequence[Occurrence | Change],
) -> Undo:
    """``told`` is what is said of it; with the time, where whoever reads it may not have done it."""
    fresh = next((text for text in flashed if text.startswith(told)), "")
    text = fresh or gettext("%(time)s – %(what)s", time=filters.local_clock(at), what=told)
    return Undo(at, until, text, bool(fresh), view, name, [each.id for each in rows])


def _together(rows: Iterable[Any], at: Callable[[Any], datetime]) -> list[tuple[datetime, list[Any]]]:
    return [(instant, list(found)) for instant, found in groupby(sorted(rows, key=at), key=at)]


def _decided(each: Occurrence) -> datetime:
    return each.decided_at or each.changed_at


def _row(each: Occurrence) -> DateRow:
    wish = each.open_change if each.status is Status.APPROVED else None
    can = {Status.APPROVED: "cancel", Status.REQUESTED: "withdraw"}.get(each.status, "")
    return DateRow(each, gettext("change under review") if wish else "", tuple(_notes(each, wish)), wish, can)


def _notes(each: Occurrence, wish: Change | None) -> Iterable[str]:
    """What is to be said of a date beside its status."""
    if each.reason:
        yield reason_in(each.reason, locale.selected())
    if wish:
        yield gettext("asked for: %(place)s", place=_before(_there_and_back(wish)))
    elif each.status is Status.APPROVED and each.is_moved:
        yield _instead_of(_from_origin(each))
    elif each.status is Status.PROPOSED:
        yield gettext("please answer above")


def _proposal(each: Occurrence) -> ShownProposal:
    change = each.changes[-1]
    why = reason_in(each.reason, locale.selected())
    return ShownProposal(each, why, _instead_of(change), change.former_start, change.answer_by)


def _instead_of(move: wording.Elsewhere) -> str:
    """instead of 16:30 bis 18:30 Uhr"""
    return gettext("instead of %(place)s", place=_before(move))


def _before(move: wording.Elsewhere) -> str:
    return wording.before_line(move, house().zone, locale.selected())


def _there_and_back(wish: Change) -> log.LoggedPlace:
    """The other way round, so that what differs is told of the place that is wished."""
    return log.LoggedPlace(wish.former_room, wish.former_slot, wish.room, wish.slot)


def _from_origin(each: Occurrence) -> log.LoggedPlace:
    former = Slot(each.original_start, each.original_start + (each.end - each.start))
    return log.LoggedPlace(each.room, each.slot, each.original_room, former)
