"""What somebody of the team chose for the dates of a request, and the reasons they give; nothing is decided here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from booking.domain.status import Status
from booking.lifecycle import Place
from booking.models import Booking, Occurrence
from booking.notices.frame import Proposal, Text
from booking.web.forms.page import PageForm
from booking.web.forms.texts import ids_in
from booking.web.staff import desk, places
from booking.web.staff.desk import DateView
from booking.web.staff.forms import DateIds, LineField, MessageForm, ReasonForm, usual_reasons
from booking.web.staff.places import AnswerDay, PlaceEntry

#: What the controls begin with that say of one date what shall become of it.
VERDICT = "verdict-"


class Choice(NamedTuple):
    """Ids of dates as they were chosen on a page, whatever has become of them since."""

    approve: frozenset[int]
    decline: frozenset[int]
    propose: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return any(self)

    @property
    def mark(self) -> str:
        """What was chosen in one word, so that a form can tell whether it still is what somebody has read."""
        return ":".join(",".join(map(str, sorted(ids))) for ids in self)


class Verdicts(NamedTuple):
    """What a choice means for the dates as they are now. ``impossible``: to be approved, but the room is taken."""

    approve: list[DateView]
    decline: list[DateView]
    propose: list[DateView]
    undecided: list[DateView]
    impossible: list[DateView]

    @property
    def decided(self) -> list[DateView]:
        return [*self.approve, *self.propose, *self.decline]

    @property
    def mark(self) -> str:
        chosen = self.approve, self.decline, self.propose
        return Choice(*(frozenset(view.date.id for view in views) for views in chosen)).mark


class Compared(NamedTuple):
    """What holds for some dates, beside what was chosen for them. ``reason``: what the group reads."""

    dates: list[Occurrence]
    status: str
    reason: str
    mine: str  # approve, decline, propose or nothing

    @property
    def differs(self) -> bool:
        status = {"approve": "approved", "decline": "declined", "propose": "proposed", "": "requested"}[self.mine]
        return status != self.status


class DatesForm(PageForm):
    """The page of a request: dates that are ticked, those that say themselves what shall become of them, and a button.

    ``free``: the free ones, as the page showed them. ``way``: a date and the place to suggest for it.
    """

    step = LineField()
    date = DateIds()
    decline = DateIds()
    propose = DateIds()
    free = DateIds()

    def __init__(self, form: MultiDict[str, str]) -> None:
        super().__init__(form)
        ways = (way.partition("=") for way in form.getlist("way"))
        self.ways = {id_: code for id_, _, code in ways if ids_in([id_])}

    def for_panel(self, form: MultiDict[str, str]) -> MultiDict[str, str]:
        """The form as the panel would send it, with the places that were ticked."""
        return MultiDict([*form.items(multi=True), *((f"date-{id_}-place", code) for id_, code in self.ways.items())])

    @property
    def choice(self) -> Choice:
        """What the button means for the dates that are ticked; single dates say it themselves."""
        decline = self.decline.data
        propose = (self.propose.data | ids_in(self.ways)) - decline
        ticked = self.date.data - decline - propose
        match self.step.text:
            case "free":
                return Choice(self.free.data - decline - propose, decline, propose)
            case "selection":
                return Choice(ticked, decline, propose)
            case "propose":
                return Choice(frozenset(), decline, propose | ticked)
        return Choice(frozenset(), decline | ticked, propose)


class PanelForm(MessageForm):
    """What stands on the panel: chosen before, and the choices for dates that were still open then.

    The controls of those dates are as many as the request has, so they are read together and not as a field each.
    """

    seen = LineField()  # what was chosen when the panel was shown
    approve = DateIds()
    decline = DateIds()
    propose = DateIds()
    answer_by = LineField(lazy_gettext("Keep free until"))

    def __init__(self, form: MultiDict[str, str]) -> None:
        super().__init__(form)
        self.is_panel = self.seen.data is not None
        self.chosen_anew = {key.removeprefix(VERDICT): value for key, value in form.items() if key.startswith(VERDICT)}

    @property
    def choice(self) -> Choice:
        approve, decline, propose = (self._chosen(field) for field in (self.approve, self.decline, self.propose))
        return Choice(approve - decline - propose, decline, propose - decline)

    def _chosen(self, field: DateIds) -> frozenset[int]:
        anew = (id_ for id_, verdict in self.chosen_anew.items() if verdict == field.name)
        return frozenset(field.data | ids_in(anew))


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote on the panel: where dates are proposed, why others are declined, and the team's own words."""

    form: PanelForm
    reasons: dict[str, ReasonForm]  # by cause
    entries: dict[int, PlaceEntry]  # by id of the date
    sentences: dict[int, str]  # by id of a declined date
    answer_day: AnswerDay

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Pairs of a control's id and a sentence."""
        found = [error for entry in self.entries.values() for error in entry.form.mistakes]
        found += self.answer_day.errors if self.entries else []
        found += [error for form in self.reasons.values() for error in form.mistakes]
        return [*found, *self.form.mistakes]

    @property
    def message(self) -> str:
        return str(self.form.message.text)

    @property
    def places(self) -> dict[int, Place]:
        return {id_: entry.place for id_, entry in self.entries.items() if entry.place}

    @property
    def proposals(self) -> list[Proposal]:
        """What the letter tells of, as far as it can be understood."""
        return [
            Proposal(entry.date, entry.room, entry.place.slot, self.answer_day.at)
            for entry in self.entries.values()
            if entry.place and entry.room
        ]


def sort(choice: Choice, views: Sequence[DateView]) -> Verdicts:
    """The dates that can still be decided, by what was chosen for them."""
    still_open = [view for view in views if view.is_open]
    wanted = [view for view in still_open if view.date.id in choice.approve]
    approve = [view for view in wanted if view.kind != "taken"]
    decline = [view for view in still_open if view.date.id in choice.decline]
    propose = [view for view in still_open if view.date.id in choice.propose]
    undecided = [view for view in still_open if view not in approve + decline + propose]
    return Verdicts(approve, decline, propose, undecided, [view for view in wanted if view.kind == "taken"])


def side_by_side(booking: Booking, choice: Choice) -> list[Compared]:
    """Dates with the same fate on both sides are one line, those that differ come first."""
    rows: dict[tuple[str, str, str], list[Occurrence]] = {}
    for date in booking.occurrences:
        mine = next((verdict for verdict, ids in choice._asdict().items() if date.id in ids), "")
        rows.setdefault((date.status.value, date.reason, mine), []).append(date)
    return sorted((Compared(dates, *key) for key, dates in rows.items()), key=lambda row: not row.differs)


def by_cause(declined: Iterable[DateView]) -> dict[str, list[DateView]]:
    """Declined dates with one reason together: taken, closed, or whatever the team has to say."""
    groups: dict[str, list[DateView]] = {}
    for view in declined:
        groups.setdefault(view.kind if view.kind in ("taken", "closed") else "other", []).append(view)
    return groups


def read_panel(form: MultiDict[str, str], choice: Choice, booking: Booking, now: datetime) -> tuple[Verdicts, Written]:
    """What was chosen and written on the panel, with what is wrong about it.

    What all dates meet, where they are and where they are to go, is asked once.
    """
    panel = PanelForm(form)
    panel.validate()
    to_propose = [date for date in booking.dates(Status.REQUESTED) if date.id in choice.propose]
    views, met, _ = desk.look(places.written(form, to_propose, now), booking, now)
    verdicts = sort(choice, views)
    entries = places.read(form, to_propose, met, now)
    proposed = [entry.place.slot for entry in entries.values() if entry.place]
    reasons, sentences = {}, {}
    for cause, declined in by_cause(verdicts.decline).items():
        given = ReasonForm(form, booking.language, "" if cause == "other" else cause, prefix=f"{cause}-")
        given.validate()
        reasons[cause] = given
        sentences.update({view.date.id: given.told for view in declined})
    answer_day = places.answer_day(panel.answer_by, proposed, now)
    return verdicts, Written(panel, reasons, entries, sentences, answer_day)


def letter_values(
    booking: Booking, letter: Text | None, form: PageForm, sentences: Iterable[str] = (), *, message: str = ""
) -> dict[str, Any]:
    """What a page shows with a letter, in which the team's own words are marked. ``sentences``: reasons of its own."""
    message = form.message.text if isinstance(form, MessageForm) else message
    return {
        "booking": booking,
        "form": form,
        "reasons": usual_reasons(booking.language),
        "letter": letter,
        "undo_seconds": current_app.config["UNDO_SECONDS"],
        "parts": parts(letter.body, message, sentences) if letter else [],
    }


def parts(body: str, message: str, sentences: Iterable[str]) -> list[str]:
    """The letter cut where the team's own words begin and end: every second part is theirs."""
    own = [rf"^{re.escape(message)}$"] if message else []
    own += [rf"(?<=: ){re.escape(sentence)}$" for sentence in sentences if sentence]
    return re.split(f"({'|'.join(own)})", body, flags=re.MULTILINE) if own else [body]
