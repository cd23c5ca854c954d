"""Requests for the same times side by side: each contested date is decided once, and all groups hear of it at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import current_app, flash, render_template, request
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, contesting, wording
from booking.contesting import Ruling
from booking.database import RoomTaken, db
from booking.deciding import NotFree
from booking.domain.status import NotPossible, Status
from booking.house import house
from booking.lifecycle import Place, Stale
from booking.models import Booking, Occurrence
from booking.notices.decision import render_decision
from booking.notices.frame import Proposal, Text, preview_letter
from booking.web import filters, locale
from booking.web.access import staff_only
from booking.web.staff import around, contested, desk, history, places, verdicts
from booking.web.staff.afterwards import to_dates
from booking.web.staff.contested import Contested, Fate, Way
from booking.web.staff.desk import DateView
from booking.web.staff.forms import DateIds, LineField, MessageForm, ReasonForm, StepForm, usual_reasons
from booking.web.staff.frame import back_to, bookings_of, bp, member
from booking.web.staff.stale import Answer


class ContestForm(StepForm):
    """What belongs to all of the requests. ``seen``: what would be decided when the page was shown."""

    seen = LineField()


class SideForm(ReasonForm, MessageForm):
    """What one group reads, and which of its other dates are confirmed in the same letter."""

    free = DateIds()
    version = LineField()


class ShownLetter(NamedTuple):
    """A letter before it leaves. ``parts``: every second one is in the team's own words."""

    text: Text
    parts: list[str]
    attached: int


class Column:
    """One of the requests: what was chosen for its dates, and what its group would read."""

    def __init__(self, booking: Booking, views: Sequence[DateView], fate: Fate, ways: dict[Occurrence, Way]) -> None:
        gives_way = any(way.date.booking_id == booking.id for way in ways.values())
        usual = "" if gives_way else "taken"
        self.booking, self.fate = booking, fate
        self.form = SideForm(request.values, booking.language, usual, prefix=f"side-{booking.id}-")
        among = {*fate.approve, *fate.decline}
        self.free = [view.date for view in views if view.kind == "free" and view.date not in among]
        self.approve = [*fate.approve, *(date for date in self.free if date.id in self.form.free.data)]
        self.moved = {date: place for date in fate.gives_way if (place := ways[date].place)}
        self.cancelled = [date for date in fate.gives_way if date not in self.moved]
        self.losing = [*fate.decline, *fate.gives_way]
        if self.losing:
            self.form.validate()

    @property
    def mark(self) -> str:
        """What becomes of its dates in one word."""
        moved = {date.id: (place.room_id, place.slot.start.timestamp()) for date, place in self.moved.items()}
        ids = [sorted(date.id for date in dates) for dates in (self.approve, self.fate.decline, self.cancelled)]
        return f"{ids}{moved}" if self.approve or self.losing else ""

    @property
    def ruling(self) -> Ruling:
        told = self.form.told
        return Ruling(
            self.booking,
            int(self.form.version.text) if self.form.version.text.isdecimal() else 0,
            approve=[date.id for date in self.approve],
            decline={date.id: told for date in self.fate.decline},
            cancel={date.id: told for date in self.cancelled},
            move={date.id: place for date, place in self.moved.items()},
            reason=told,
            message=self.form.message.text,
        )

    @property
    def is_done(self) -> bool:
        """Whether its dates are as they were to become."""
        return all(date.status is Status.APPROVED for date in self.approve)

    @property
    def lost(self) -> list[str]:
        """What becomes impossible for its group."""
        lines = [gettext("%(date)s: not possible", date=_when(date)) for date in self.fate.decline]
        lines += [gettext("%(date)s: does not take place", date=_when(date)) for date in self.cancelled]
        return lines + [
            gettext("%(date)s: moves to %(place)s", date=_when(date), place=_line(_there(date, place)))
            for date, place in self.moved.items()
        ]

    def letters(self, now: datetime) -> list[ShownLetter]:
        """What its group would read, in the order in which it is sent."""
        if self.booking.addressee is None:
            return []
        message, told = self.form.message.text, self.form.told
        how: dict[str, Any] = {"message": message, "now": now}
        why = {date.id: told for date in self.losing}
        found: list[tuple[Text, int]] = []
        if self.cancelled:
            text = preview_letter("cancelled_by_team", self.booking, self.cancelled, reasons=why, **how)
            found.append((text, len(self.cancelled)))
        if self.moved:
            there = [_there(date, place) for date, place in self.moved.items()]
            text = preview_letter("moved", self.booking, list(self.moved), changes=there, reasons=why, **how)
            found.append((text, len(self.moved)))
        if self.approve or self.fate.decline:
            text = render_decision(self.booking, self.approve, self.fate.decline, [], message, why, now)
            found.append((text, len(self.approve)))
        return [ShownLetter(text, verdicts.parts(text.body, message, [told]), number) for text, number in found]


def _when(date: Occurrence) -> str:
    return f"{filters.short_day(date.start)}, {filters.local_span(date.slot)}"


def _line(there: Proposal) -> str:
    return wording.date_line(there, house().zone, locale.selected(), wording.short_day)


def _there(date: Occurrence, place: Place) -> Proposal:
    return Proposal(date, places.rooms_by_id()[place.room_id], place.slot)


class Contest:
    """The page: the requests in columns, those who asked first to the left, and the times that they all want."""

    def __init__(self, reference: str, now: datetime) -> None:
        self.now = now
        self.bookings = bookings_of([reference, *request.values.getlist("mit")])
        looked = desk.look_at(self.bookings, {}, now).views
        self.views = {each: [view for view in looked if view.date.booking_id == each.id] for each in self.bookings}
        self.times: list[Contested] = contested.contested(self.views, now)
        self.form = ContestForm(request.values)
        held = [date for each in self.times for date in each.held]
        self.ways = contested.ways(request.values, held, now) if held else {}
        self.chosen = {each.name: self._chosen(each) for each in self.times}
        fates = contested.merged((each.fates(self.chosen[each.name]) for each in self.times), self.bookings)
        self.columns = [Column(each, self.views[each], fates[each], self.ways) for each in self.bookings]

    def _chosen(self, each: Contested) -> str:
        """Who shall have it; nobody yet where they cannot."""
        wanted = request.values.get(each.name, "")
        return wanted if wanted in {option.value for option in each.options if not option.why_not} else ""

    @property
    def mark(self) -> str:
        return "".join(each.mark for each in self.columns)

    @property
    def is_stale(self) -> bool:
        return any(each.ruling.seen_version != each.booking.version for each in self.columns)

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        found = [mistake for each in self.columns for mistake in each.form.mistakes]
        if not any(each.mark for each in self.columns):
            found.append((self.times[0].name, gettext("Choose first who gets which date.")))
        return found

    def page(self, *, said: str = "") -> str:
        letters = {each.booking: each.letters(self.now) for each in self.columns}
        approved = [view for each in self.columns for view in self.views[each.booking] if view.date in each.approve]
        here = {each.id for each in self.bookings}
        return render_template(
            "staff/contest.html",
            contest=self,
            letters=letters,
            number=sum(map(len, letters.values())),
            facts=around.facts_of(self.bookings, self.now),
            first=self.bookings[0],
            others=[rival for rival in around.rivals(approved) if rival.id not in here],
            compared=desk.compared,
            reasons=usual_reasons,
            errors=self.mistakes if self.form.is_sent and not said else [],
            said=said,
            undo_seconds=current_app.config["UNDO_SECONDS"],
            now=self.now,
            reference=(request.view_args or {})["reference"],
        )


@bp.get("/anfragen/<reference>/nebeneinander")
@staff_only
def contest(reference: str) -> AnyResponse | str:
    """This request beside those named with ``?mit=IO-26-0143``, where they want the same times."""
    found = Contest(reference, clock.now())
    return found.page() if found.times else to_dates(reference)


@bp.post("/anfragen/<reference>/nebeneinander")
@staff_only
def send_contest(reference: str) -> Answer:
    """Decide on all of them at once; without the button that does, show their letters anew."""
    found = Contest(reference, clock.now())
    if found.is_stale and found.form.is_sent and _was_ones_own(found):
        return back_to(reference, "decided")
    if not found.times:
        return to_dates(reference)
    if found.is_stale:
        return _overtaken(found), 409
    if not found.form.is_sent:
        return found.page()
    if found.mistakes:
        return found.page(), 422
    if found.form.seen.text != found.mark:
        return found.page(said=gettext("You have chosen anew. Have a look at the letter, then send it.")), 422
    rulings = [each.ruling for each in found.columns if each.mark]
    try:
        letters = contesting.decide_together(rulings, by=member(), now=found.now)
    except (Stale, NotFree, NotPossible, RoomTaken):
        db.session.rollback()
        return _overtaken(Contest(reference, clock.now())), 409
    for each in (ruling.booking for ruling in rulings if ruling.booking.reference != reference):
        flash(gettext("Decided as well: %(title)s, %(reference)s.", title=each.title, reference=each.reference))
    return back_to(reference, "decided" if letters else "said")


def _overtaken(found: Contest) -> str:
    return found.page(said=gettext("Somebody was faster. Nothing has been saved; look at what holds now."))


def _was_ones_own(found: Contest) -> bool:
    """Whether the same person has sent the same form before."""
    steps = history.last_change(found.bookings[0])
    return bool(steps) and steps[0].staff_member_id == current_user.id and not found.times
