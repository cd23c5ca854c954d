"""What somebody of the team chose for the dates of a request, and the reasons they give; nothing is decided here."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from booking import wording
from booking.lifecycle import Place
from booking.models import Booking, Occurrence
from booking.notices import Proposal, Text
from booking.web.staff import places
from booking.web.staff.desk import DateView
from booking.web.staff.places import Entry

LONGEST_REASON = 300
LONGEST_MESSAGE = 2000

Form = MultiDict[str, str]


class Reason(NamedTuple):
    """A reason for declining: its name for the team, and the sentence that the group reads."""

    code: str
    name: str
    sentence: str


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


@dataclass(frozen=True, slots=True)
class Answer:
    """Where dates are proposed, why others are declined, and the team's own words.

    ``errors``: pairs of a control's id and a sentence.
    """

    codes: dict[str, str]  # by cause
    own: dict[str, str]  # by cause: the sentence instead of the usual one
    sentences: dict[int, str]  # by id of the date
    message: str
    entries: dict[int, Entry] = field(default_factory=dict)  # by id of the date
    answer_day: str = ""  # as written …
    answer_by: datetime | None = None  # … and understood
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def places(self) -> dict[int, Place]:
        return {id_: entry.place for id_, entry in self.entries.items() if entry.place}

    @property
    def proposals(self) -> list[Proposal]:
        """What the letter tells of, as far as it can be understood."""
        return [
            Proposal(entry.date, entry.room, entry.place.slot, self.answer_by)
            for entry in self.entries.values()
            if entry.place
        ]


def reasons(language: str) -> list[Reason]:
    """The reasons to choose from; sentences in the language of the group."""
    names = {
        "taken": gettext("given to others"),
        "closed": gettext("closed"),
        "access": gettext("access"),
        "size": gettext("size"),
        "profile": gettext("profile"),
        "short_notice": gettext("short notice"),
        "own_need": gettext("needed by ourselves"),
        "other": gettext("something else"),
    }
    sentences = wording.reasons(language)
    return [Reason(code, name, sentences.get(code, "")) for code, name in names.items()]


def on_page(form: Form) -> Choice:
    """What the buttons of the decision page mean for the dates that are ticked; single dates say it themselves."""
    decline = _ids(form.getlist("absagen"))
    propose = _ids(form.getlist("vorschlagen")) - decline
    ticked = _ids(form.getlist("termin")) - decline - propose
    match form.get("aktion"):
        case "freie":
            return Choice(_ids(form.get("frei", "").split(",")) - decline - propose, decline, propose)
        case "auswahl":
            return Choice(ticked, decline, propose)
        case "vorschlagen":
            return Choice(frozenset(), decline, propose | ticked)
    return Choice(frozenset(), decline | ticked, propose)


def on_panel(form: Form) -> Choice:
    """What stands on the panel: chosen before, and the choices for dates that were still open then."""
    choices = {key.removeprefix("termin-"): value for key, value in form.items() if key.startswith("termin-")}

    def chosen(verdict: str) -> frozenset[int]:
        return _ids([*form.getlist(verdict), *(key for key, value in choices.items() if value == verdict)])

    decline = chosen("ablehnen")
    propose = chosen("vorschlagen") - decline
    return Choice(chosen("zusagen") - decline - propose, decline, propose)


def _ids(values: Iterable[str]) -> frozenset[int]:
    return frozenset(int(value) for value in values if re.fullmatch("[0-9]{1,9}", value))


def sort(choice: Choice, views: Sequence[DateView]) -> Verdicts:
    """The dates that can still be decided, by what was chosen for them."""
    still_open = [view for view in views if view.is_open]
    wanted = [view for view in still_open if view.date.id in choice.approve]
    approve = [view for view in wanted if view.kind != "taken"]
    decline = [view for view in still_open if view.date.id in choice.decline]
    propose = [view for view in still_open if view.date.id in choice.propose]
    undecided = [view for view in still_open if view not in approve + decline + propose]
    return Verdicts(approve, decline, propose, undecided, [view for view in wanted if view.kind == "taken"])


def compared(booking: Booking, choice: Choice) -> list[Compared]:
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


def answer(form: Form, verdicts: Verdicts, booking: Booking, now: datetime) -> Answer:
    """Places, reasons and message as they were written, with what is wrong about them."""
    entries = places.read(form, [view.date for view in verdicts.propose], now)
    errors = [error for entry in entries.values() for error in entry.errors]
    day, answer_by, wrong = places.answer_day(
        form, [entry.place.slot for entry in entries.values() if entry.place], now
    )
    if entries:
        errors += wrong
    found = Answer({}, {}, {}, tidied(form.get("nachricht", "")), entries, day, answer_by, errors)
    for cause, views in by_cause(verdicts.decline).items():
        usual = "" if cause == "other" else cause
        given = reason(form, cause, booking.language, usual)
        found.codes[cause], found.own[cause] = given.code, given.own
        found.sentences.update({view.date.id: given.sentence for view in views})
        found.errors.extend(given.errors)
    found.errors.extend(message_errors(found.message))
    return found


class Given(NamedTuple):
    """A reason as it was chosen and written, and the sentence that the group reads."""

    code: str
    own: str
    sentence: str
    errors: list[tuple[str, str]]


def reason(form: Form, cause: str, language: str, usual: str = "") -> Given:
    """The reason that a form gives for one cause."""
    sentence_of = {each.code: each.sentence for each in reasons(language)}
    code = form.get(f"grund-{cause}", usual)
    own = " ".join(tidied(form.get(f"satz-{cause}", "")).split())
    sentence = own or sentence_of.get(code, "")
    errors = []
    if code not in sentence_of:
        errors.append((f"grund-{cause}", gettext("Choose a reason.")))
    elif not sentence:
        errors.append((f"satz-{cause}", gettext("Write the reason that the group shall read.")))
    elif len(own) > LONGEST_REASON:
        too_long = gettext("Make the reason shorter: at most %(number)d characters.", number=LONGEST_REASON)
        errors.append((f"satz-{cause}", too_long))
    return Given(code, own, sentence, errors)


def message_errors(message: str) -> list[tuple[str, str]]:
    if len(message) <= LONGEST_MESSAGE:
        return []
    return [("nachricht", gettext("Make the message shorter: at most %(number)d characters.", number=LONGEST_MESSAGE))]


def values(booking: Booking, letter: Text | None, message: str, given: Given) -> dict[str, Any]:
    """What a page with one reason, a message and the letter shows."""
    return {
        "message": message,
        "given": given,
        "reasons": reasons(booking.language),
        "longest_reason": LONGEST_REASON,
        "longest_message": LONGEST_MESSAGE,
        "letter": letter,
        "parts": parts(letter.body, message, [given.own]) if letter else [],
    }


def parts(body: str, message: str, sentences: Iterable[str]) -> list[str]:
    """The letter cut where the team's own words begin and end: every second part is theirs."""
    own = [rf"^{re.escape(message)}$"] if message else []
    own += [rf"(?<=: ){re.escape(sentence)}$" for sentence in sentences if sentence]
    return re.split(f"({'|'.join(own)})", body, flags=re.MULTILINE) if own else [body]


def tidied(text: str) -> str:
    """What was typed, without control characters and piles of empty lines."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(char for char in plain if char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"))
    return re.sub(r"\n{3,}", "\n\n", plain).strip()
