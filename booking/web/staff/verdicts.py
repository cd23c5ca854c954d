"""What somebody of the team chose for the dates of a request, and the reasons they give; nothing is decided here."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from booking import wording
from booking.models import Booking, Occurrence
from booking.web.staff.desk import DateView

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

    @property
    def mark(self) -> str:
        """What was chosen in one word, so that a form can tell whether it still is what somebody has read."""
        return ":".join(",".join(map(str, sorted(ids))) for ids in self)


class Verdicts(NamedTuple):
    """What a choice means for the dates as they are now. ``impossible``: to be approved, but the room is taken."""

    approve: list[DateView]
    decline: list[DateView]
    undecided: list[DateView]
    impossible: list[DateView]

    @property
    def mark(self) -> str:
        return Choice(*(frozenset(view.date.id for view in views) for views in (self.approve, self.decline))).mark


class Compared(NamedTuple):
    """What holds for some dates, beside what was chosen for them. ``reason``: what the group reads."""

    dates: list[Occurrence]
    status: str
    reason: str
    mine: str  # approve, decline or nothing

    @property
    def differs(self) -> bool:
        return {"approve": "approved", "decline": "declined", "": "requested"}[self.mine] != self.status


@dataclass(frozen=True, slots=True)
class Answer:
    """Why dates are declined, and the team's own words. ``errors``: pairs of a control's id and a sentence."""

    codes: dict[str, str]  # by cause
    own: dict[str, str]  # by cause: the sentence instead of the usual one
    sentences: dict[int, str]  # by id of the date
    message: str
    errors: list[tuple[str, str]] = field(default_factory=list)


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
    """What the buttons of the decision page mean: all dates shown as free, those ticked, or none of those ticked."""
    ticked, decline = _ids(form.getlist("termin")), _ids(form.getlist("absagen"))
    action = form.get("aktion")
    if action == "freie":
        approve = _ids(form.get("frei", "").split(","))
    elif action == "auswahl":
        approve = ticked
    else:
        approve, decline = frozenset(), decline | ticked
    return Choice(approve - decline, decline)


def on_panel(form: Form) -> Choice:
    """What stands on the panel: chosen before, and the choices for dates that were still open then."""
    choices = {key.removeprefix("termin-"): value for key, value in form.items() if key.startswith("termin-")}
    approve = _ids([*form.getlist("zusagen"), *(key for key, value in choices.items() if value == "zusagen")])
    decline = _ids([*form.getlist("ablehnen"), *(key for key, value in choices.items() if value == "ablehnen")])
    return Choice(approve - decline, decline)


def _ids(values: Iterable[str]) -> frozenset[int]:
    return frozenset(int(value) for value in values if re.fullmatch("[0-9]{1,9}", value))


def sort(choice: Choice, views: Sequence[DateView]) -> Verdicts:
    """The dates that can still be decided, by what was chosen for them."""
    still_open = [view for view in views if view.is_open]
    wanted = [view for view in still_open if view.date.id in choice.approve]
    approve = [view for view in wanted if view.kind != "taken"]
    decline = [view for view in still_open if view.date.id in choice.decline]
    undecided = [view for view in still_open if view not in approve and view not in decline]
    return Verdicts(approve, decline, undecided, [view for view in wanted if view.kind == "taken"])


def compared(booking: Booking, choice: Choice) -> list[Compared]:
    """Dates with the same fate on both sides are one line, those that differ come first."""
    rows: dict[tuple[str, str, str], list[Occurrence]] = {}
    for date in booking.occurrences:
        mine = "approve" if date.id in choice.approve else "decline" if date.id in choice.decline else ""
        rows.setdefault((date.status.value, date.reason, mine), []).append(date)
    return sorted((Compared(dates, *key) for key, dates in rows.items()), key=lambda row: not row.differs)


def by_cause(declined: Iterable[DateView]) -> dict[str, list[DateView]]:
    """Declined dates with one reason together: taken, closed, or whatever the team has to say."""
    groups: dict[str, list[DateView]] = {}
    for view in declined:
        groups.setdefault(view.kind if view.kind in ("taken", "closed") else "other", []).append(view)
    return groups


def answer(form: Form, verdicts: Verdicts, booking: Booking) -> Answer:
    """Reasons and message as they were written, with what is wrong about them."""
    sentence_of = {reason.code: reason.sentence for reason in reasons(booking.language)}
    found = Answer({}, {}, {}, tidied(form.get("nachricht", "")))
    for cause, views in by_cause(verdicts.decline).items():
        code = form.get(f"grund-{cause}", "" if cause == "other" else cause)
        own = " ".join(tidied(form.get(f"satz-{cause}", "")).split())
        found.codes[cause], found.own[cause] = code, own
        sentence = own or sentence_of.get(code, "")
        found.sentences.update({view.date.id: sentence for view in views})
        if code not in sentence_of:
            found.errors.append((f"grund-{cause}", gettext("Choose a reason.")))
        elif not sentence:
            found.errors.append((f"satz-{cause}", gettext("Write the reason that the group shall read.")))
        elif len(own) > LONGEST_REASON:
            sentence = gettext("Make the reason shorter: at most %(number)d characters.", number=LONGEST_REASON)
            found.errors.append((f"satz-{cause}", sentence))
    if len(found.message) > LONGEST_MESSAGE:
        sentence = gettext("Make the message shorter: at most %(number)d characters.", number=LONGEST_MESSAGE)
        found.errors.append(("nachricht", sentence))
    return found


def tidied(text: str) -> str:
    """What was typed, without control characters and piles of empty lines."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(char for char in plain if char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"))
    return re.sub(r"\n{3,}", "\n\n", plain).strip()
