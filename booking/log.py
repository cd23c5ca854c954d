"""The record of who did what to which booking, and when: append-only, ids and codes only.

``STEPS`` has one line for each thing that can happen: what the office reads in
its history, what the group reads, and the letter.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask_babel import gettext, ngettext
from sqlalchemy.orm import joinedload

from booking import catalogues, wording
from booking.database import UtcDateTime, db
from booking.domain.slot import Slot
from booking.domain.status import Action
from booking.house import house, rooms
from booking.languages import DEFAULT
from booking.letters import outbox
from booking.models import Booking, Change, Contact, Letter, LogEntry, Occurrence, Room, StaffMember

#: The letter about a decision, whose kind depends on all that was decided; see ``notices.decision``.
DECISION = "decision"
#: Letters that ``booking.news`` writes when they leave: to the office, and to a group of its second person.
NEWS_LETTER, NEWS_OF_SECOND = "news", "news_of_second"

#: So many dates of an entry are named; the others are counted.
MOST_TOLD = 3


class Phrase(NamedTuple):
    """A message of the catalogue, or its singular and plural."""

    one: str
    many: str = ""

    def of(self, number: int) -> str:
        """It in the reader's language."""
        return str(ngettext(self.one, self.many, number) if self.many else gettext(self.one))

    def say(self, number: int, language: str) -> str:
        """It in a language, where nobody reads a page."""
        text = catalogues.words(language)
        return text.ngettext(self.one, self.many, number) % {"num": number} if self.many else text.gettext(self.one)


class Step(NamedTuple):
    """How one thing that happened is told.

    ``group`` is ``None`` for what concerns the office alone. ``letter`` is the
    kind of the one that tells the group of steps that its dates take; other
    letters are owed by the verb itself.
    """

    team: Phrase
    group: Phrase | None = None
    letter: str = ""


#: By what is done, and by whom: the group, the team, or the system where it happens by itself.
STEPS = {
    # The steps of dates, see booking.domain.status.
    (Action.APPROVE, "team"): Step(
        Phrase("%(num)d date confirmed", "%(num)d dates confirmed"),
        Phrase("The team confirmed %(num)d date.", "The team confirmed %(num)d dates."),
        DECISION,
    ),
    (Action.DECLINE, "team"): Step(
        Phrase("%(num)d date not possible", "%(num)d dates not possible"),
        Phrase("%(num)d date was not possible.", "%(num)d dates were not possible."),
        DECISION,
    ),
    (Action.PROPOSE, "team"): Step(
        Phrase("%(num)d suggestion made", "%(num)d suggestions made"),
        Phrase("The team made a suggestion.", "The team made %(num)d suggestions."),
        DECISION,
    ),
    (Action.UNDO, "team"): Step(
        Phrase("%(num)d date open again", "%(num)d dates open again"),
        Phrase("The team is looking at %(num)d date once more.", "The team is looking at %(num)d dates once more."),
    ),
    (Action.ACCEPT, "group"): Step(
        Phrase("%(num)d suggestion accepted", "%(num)d suggestions accepted"),
        Phrase("You accepted a suggestion.", "You accepted %(num)d suggestions."),
        "accepted",
    ),
    (Action.REFUSE, "group"): Step(
        Phrase("%(num)d suggestion does not suit", "%(num)d suggestions do not suit"),
        Phrase("A suggestion didn’t work for you.", "%(num)d suggestions didn’t work for you."),
    ),
    (Action.EXPIRE, "system"): Step(
        Phrase("%(num)d suggestion without an answer", "%(num)d suggestions without an answer"),
        Phrase("A suggestion has run out.", "%(num)d suggestions have run out."),
        "proposal_expired",
    ),
    (Action.WITHDRAW, "group"): Step(
        Phrase("%(num)d date withdrawn", "%(num)d dates withdrawn"),
        Phrase("You withdrew %(num)d date.", "You withdrew %(num)d dates."),
        "withdrawn",
    ),
    (Action.CANCEL, "group"): Step(
        Phrase("%(num)d date cancelled", "%(num)d dates cancelled"),
        Phrase("You cancelled %(num)d date.", "You cancelled %(num)d dates."),
        "cancelled_by_group",
    ),
    (Action.CANCEL, "team"): Step(
        Phrase("%(num)d date cancelled", "%(num)d dates cancelled"),
        Phrase("The team cancelled %(num)d date.", "The team cancelled %(num)d dates."),
        "cancelled_by_team",
    ),
    (Action.RESTORE, "group"): Step(
        Phrase("%(num)d cancellation taken back", "%(num)d cancellations taken back"),
        Phrase("You took the cancellation of %(num)d date back.", "You took the cancellation of %(num)d dates back."),
        "restored",
    ),
    (Action.MOVE, "group"): Step(
        Phrase("%(num)d date moved", "%(num)d dates moved"),
        Phrase("You changed %(num)d date.", "You changed %(num)d dates."),
    ),
    (Action.MOVE, "team"): Step(
        Phrase("%(num)d date moved", "%(num)d dates moved"),
        Phrase("The team moved %(num)d date.", "The team moved %(num)d dates."),
        "moved",
    ),
    (Action.MOVE_BACK, "team"): Step(
        Phrase("move of %(num)d date taken back", "move of %(num)d dates taken back"),
        Phrase("The team moved %(num)d date back.", "The team moved %(num)d dates back."),
    ),
    (Action.RESTORE, "team"): Step(
        Phrase("%(num)d cancellation taken back", "%(num)d cancellations taken back"),
        Phrase("The team reinstated %(num)d date.", "The team reinstated %(num)d dates."),
    ),
    # What else becomes of a request.
    ("request", "group"): Step(
        Phrase("request for %(num)d date sent", "request for %(num)d dates sent"),
        Phrase("You asked for %(num)d date.", "You asked for %(num)d dates."),
    ),
    ("enter", "team"): Step(
        Phrase("%(num)d date entered by the team", "%(num)d dates entered by the team"),
        Phrase("The team entered %(num)d date for you.", "The team entered %(num)d dates for you."),
    ),
    ("extend", "group"): Step(
        Phrase("%(num)d further date asked for", "%(num)d further dates asked for"),
        Phrase("You asked for %(num)d further date.", "You asked for %(num)d further dates."),
    ),
    ("extend", "team"): Step(
        Phrase("%(num)d further date entered", "%(num)d further dates entered"),
        Phrase("The team entered %(num)d further date for you.", "The team entered %(num)d further dates for you."),
    ),
    ("ask_for_change", "group"): Step(
        Phrase("asked to change %(num)d date", "asked to change %(num)d dates"),
        Phrase("You asked for a change of %(num)d date.", "You asked for a change of %(num)d dates."),
    ),
    ("take_back_change", "group"): Step(
        Phrase("wish to change %(num)d date taken back", "wish to change %(num)d dates taken back"),
        Phrase("You took a change back that you had asked for.", "You took %(num)d changes back that you asked for."),
    ),
    ("refuse_change", "team"): Step(
        Phrase("%(num)d change not possible", "%(num)d changes not possible"),
        Phrase("A change that you asked for was not possible.", "%(num)d changes you asked for were not possible."),
    ),
    ("ask", "team"): Step(Phrase("question to the group"), Phrase("The team asked you something.")),
    ("undo_refusal", "team"): Step(
        Phrase("wish for a change open again"), Phrase("The team is looking at your wish for a change once more.")
    ),
    ("undo_question", "team"): Step(Phrase("question taken back"), Phrase("The team took its question back.")),
    ("close", "team"): Step(Phrase("closure entered")),
    ("change_closure", "team"): Step(Phrase("closure changed")),
    ("end_closure", "team"): Step(Phrase("closure ended")),
    ("undo_closure", "team"): Step(Phrase("closure taken back")),
    ("set_hours", "team"): Step(Phrase("opening hours changed")),
    ("seen", "team"): Step(Phrase("seen")),
    ("hold", "team"): Step(Phrase("letter held back")),
    ("later", "team"): Step(Phrase("put off for later")),
    ("answer", "group"): Step(Phrase("question answered"), Phrase("You answered the team’s question.")),
    ("edit", "group"): Step(Phrase("details changed"), Phrase("You changed your details.")),
    ("ask_title", "group"): Step(Phrase("new title wished for"), Phrase("You asked for a new title.")),
    ("accept_title", "team"): Step(Phrase("new title taken over"), Phrase("The team agreed to your new title.")),
    ("refuse_title", "team"): Step(Phrase("title stays"), Phrase("Your new title was not possible.")),
    ("send_now", "team"): Step(Phrase("letter sent at once")),
    ("send_again", "team"): Step(Phrase("letter sent again")),
    ("key_out", "team"): Step(Phrase("key handed out"), Phrase("You got a key.")),
    ("key_back", "team"): Step(Phrase("key returned"), Phrase("The key came back.")),
    ("ask_for_key", "team"): Step(Phrase("asked for the key"), Phrase("We asked you for your key.")),
    ("no_show", "team"): Step(Phrase("nobody came")),
    ("came", "team"): Step(Phrase("somebody came after all")),
    ("post_notice", "team"): Step(Phrase("notice put into the lobby")),
    ("end_notice", "team"): Step(Phrase("notice taken from the lobby")),
    ("add_room", "team"): Step(Phrase("room added")),
    ("follow_calendar", "team"): Step(Phrase("calendar that a room follows changed")),
    ("add_display", "team"): Step(Phrase("display added")),
    ("edit_display", "team"): Step(Phrase("display changed")),
    ("end_display", "team"): Step(Phrase("display removed")),
    ("edit_room", "team"): Step(Phrase("room changed")),
    ("edit_rules", "team"): Step(Phrase("house rules changed")),
    ("edit_text", "team"): Step(Phrase("words of a text changed")),
    ("bring_in", "team"): Step(Phrase("%(num)d date brought in", "%(num)d dates brought in")),
    ("take_back_import", "team"): Step(
        Phrase("%(num)d date that was brought in taken back", "%(num)d dates that were brought in taken back")
    ),
    # The team itself; whom it is about stands in ``detail``.
    ("invite", "team"): Step(Phrase("colleague invited")),
    ("join", "team"): Step(Phrase("invitation accepted")),
    ("change_member", "team"): Step(Phrase("role of a colleague changed")),
    ("let_go", "team"): Step(Phrase("colleague removed")),
    # Who speaks for it; nobody is named.
    ("correct_address", "team"): Step(
        Phrase("e-mail address corrected"), Phrase("The team corrected your e-mail address.")
    ),
    ("came_back", "team"): Step(Phrase("letter came back")),
    ("correct_address", "group"): Step(
        Phrase("e-mail address corrected"), Phrase("You corrected your e-mail address.")
    ),
    ("renew_calendar", "group"): Step(
        Phrase("new address for calendar programs"), Phrase("A new address for calendar programs was made.")
    ),
    ("end_calendar", "group"): Step(
        Phrase("address for calendar programs ended"), Phrase("The address for calendar programs has ended.")
    ),
    ("fresh_link", "group"): Step(Phrase("fresh link asked for"), Phrase("A new link was sent.")),
    ("share", "group"): Step(
        Phrase("link given to a second person"), Phrase("A second person got a link of their own.")
    ),
    ("unshare", "group"): Step(
        Phrase("link of a second person ended"), Phrase("The link of a second person has ended.")
    ),
    ("leave", "group"): Step(Phrase("second person has left"), Phrase("The link of a second person has ended.")),
    ("hand_over", "group"): Step(Phrase("handover begun"), Phrase("You asked to hand this over to somebody else.")),
    ("handed_over", "group"): Step(Phrase("handed over to somebody else"), Phrase("The handover is done.")),
    ("call_off", "group"): Step(Phrase("handover called off"), Phrase("The handover was called off.")),
    ("tell_of_key", "system"): Step(Phrase("told where the key is"), Phrase("We told you where your key is.")),
    ("ask_for_key", "system"): Step(Phrase("asked for the key"), Phrase("We asked you for your key.")),
    ("end_handover", "system"): Step(Phrase("handover ended without a yes from both")),
    ("erase_contact", "team"): Step(Phrase("contact erased"), Phrase("The team deleted personal details.")),
    ("edit_group", "team"): Step(Phrase("group changed")),
    ("merge_groups", "team"): Step(Phrase("two groups merged")),
    ("erase", "group"): Step(Phrase("personal data erased"), Phrase("Personal details were deleted.")),
    ("forget", "system"): Step(Phrase("personal data forgotten as promised")),
}

#: What makes no page stale that shows the booking.
_ASIDE = {
    *("request", "enter", "seen", "send_now", "hold", "send_again", "key_out", "key_back"),
    *("renew_calendar", "end_calendar"),
    *("fresh_link", "share", "unshare", "leave", "hand_over", "call_off", "end_handover", "forget"),
    *("tell_of_key", "ask_for_key", "no_show", "came"),
}


#: What a group does that the team hears of until it has seen it.
NEWS = {"accept", "refuse", "answer", "cancel", "restore", "withdraw", "erase", "handed_over"}
#: What can be undone at once, so that letters of it wait for so long.
UNDOABLE = {"move", "ask_for_change"}
#: What the office hears of by letter: that, and what stands in its inbox anyway until it is decided.
NEWSWORTHY = NEWS | UNDOABLE | {"extend", "take_back_change", "ask_title"}


def changes(action: str) -> bool:
    """Whether a page that shows the booking is stale afterwards."""
    return action not in _ASIDE


def of_date(date: Occurrence | Change) -> list[int]:
    """What an entry keeps of a date: start, end and room; of a change where it was before as well."""
    found = [int(date.start.timestamp()), int(date.end.timestamp()), date.room_id]
    if isinstance(date, Change):
        found += [int(date.former_start.timestamp()), int(date.former_end.timestamp()), date.former_room_id]
    return found


class LoggedPlace(NamedTuple):
    """Where a date was when something happened to it, and before."""

    room: Room
    slot: Slot
    former_room: Room
    former_slot: Slot


def places_told(entry: LogEntry, language: str) -> list[str]:
    """Which key or dates that was about, and from where to where they went; of many dates the first ones."""
    if "key" in entry.detail:
        return [gettext("Key %(number)s", number=entry.detail["key"])]
    dates = entry.detail.get("dates", [])
    zone = house().zone
    found = [
        wording.change_line(place, zone, language) if is_change else wording.date_line(place, zone, language)
        for place, is_change in ((place_of(each), len(each) > 3) for each in dates[:MOST_TOLD])
    ]
    if (further := len(dates) - MOST_TOLD) > 0:
        found.append(ngettext("and %(num)d further date", "and %(num)d further dates", further))
    return found


def place_of(numbers: list[int]) -> LoggedPlace:
    """The place that an entry keeps of a date, see ``of_date``; what was not changed is its former place, too."""
    start, end, room, former_start, former_end, former_room = (numbers * 2)[:6]
    slots = [
        Slot(datetime.fromtimestamp(begins, UTC), datetime.fromtimestamp(ends, UTC))
        for begins, ends in ((start, end), (former_start, former_end))
    ]
    by_id = {each.id: each for each in rooms()}
    return LoggedPlace(by_id[room], slots[0], by_id[former_room], slots[1])


def step(entry: LogEntry) -> Step:
    """How an entry is told; by its bare code where an older version of the service wrote it."""
    return STEPS.get((entry.action, entry.actor)) or Step(Phrase(entry.action))


def record(
    action: str,
    booking: Booking | None,
    *,
    by: StaffMember | None = None,
    actor: str = "system",
    person: Contact | None = None,
    count: int = 0,
    dates: Iterable[Occurrence | Change] = (),
    now: datetime,
    **detail: Any,
) -> None:
    """Write one entry in the transaction at hand. ``actor`` is group, team or system; ``detail`` is never free text.
    ``dates``: those concerned, counted by themselves. ``person``: who of the group it was, where that is known.

    What changes a booking raises its version, so that nobody decides on a page that does not show it; see
    ``lifecycle.updating``. Raises ``KeyError`` for what ``STEPS`` does not tell.
    """
    actor = "team" if by else actor
    dates = list(dates)
    if dates:
        detail["dates"] = [of_date(each) for each in dates]
    if dates and actor == "group":
        detail["ids"] = [each.occurrence.id if isinstance(each, Change) else each.id for each in dates]
    if person:
        detail["person"] = person.id
        if booking and booking.contact and person is not booking.contact:
            detail["is_second"] = True  # then; they may speak for it by the time it is read
    if (action, actor) not in STEPS:
        raise KeyError(action)
    if changes(action) and booking:
        booking.version += 1
    db.session.add(
        LogEntry(
            at=now,
            actor=actor,
            staff_member_id=by.id if by else None,
            booking_id=booking.id if booking else None,
            action=action,
            count=count or len(dates),
            detail=detail,
        )
    )
    if booking and actor == "group":
        if action in NEWSWORTHY:
            _owe(NEWS_LETTER, action, booking, None, now)
        if is_news_of_second(action) and person and booking.contact and person is not booking.contact:
            _owe(NEWS_OF_SECOND, action, booking, booking.contact, now)


def is_news_of_second(action: str) -> bool:
    """Whether a group is told that its second person did this: where no letter of its own tells it."""
    return changes(action) and (action, "group") in STEPS and not STEPS[action, "group"].letter


def _owe(kind: str, action: str, booking: Booking, contact: Contact | None, now: datetime) -> None:
    """Owe a letter of news, unless one waits that will tell of this too; none leaves before this can be undone."""
    hold_until = db.literal(outbox.undo_until(now) if action in UNDOABLE else now, UtcDateTime)
    waiting = (
        db.update(Letter)
        .where(*outbox.unsent(kind, booking, contact))
        # Even where it stays as it is: no worker takes the letter before what it is to tell is stored.
        .values(send_at=db.case((Letter.send_at < hold_until, hold_until), else_=Letter.send_at))
    )
    with db.session.no_autoflush:  # letters are stored at once; all else may wait for further steps
        waits = db.session.scalars(waiting.returning(Letter.id)).all()
    if not waits:
        outbox.put(
            kind,
            booking=booking,
            contact=contact,
            language=booking.language if contact else DEFAULT,
            subject=booking.reference,
            body="",
            now=now,
            send_at=now + outbox.gathering(),
        )


def history(booking: Booking) -> list[LogEntry]:
    """What happened to a booking, newest first."""
    entries = db.select(LogEntry).where(LogEntry.booking_id == booking.id).options(joinedload(LogEntry.staff_member))
    return list(db.session.scalars(entries.order_by(LogEntry.id.desc())))
