"""How a letter is made from its template, and owed to whom."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

from flask import current_app
from jinja2 import Environment, StrictUndefined, Template

from booking import catalogues, ical, links, texts, wording
from booking.database import db
from booking.domain.policy import HANDOVER_WAITS, UNDO_CANCEL, is_outside_hours
from booking.domain.slot import Slot
from booking.domain.status import PUBLIC, Status
from booking.house import house, house_rules, opening_hours
from booking.languages import DEFAULT, LANGUAGES, in_sentence
from booking.letters import message, outbox
from booking.letters.html import LINE, NEXT, unlinked
from booking.models import Booking, Change, Contact, Letter, Occurrence, Room, StaffMember, day_of
from booking.reasons import curable, reason_in

LONGEST_SUBJECT = 200

#: The marks that stand for a secret address, and what kind of link that is.
ADDRESSES = {"link": "page", "confirm": "handover"}

#: Letters with which the team agrees to dates: they may be read before these are approved.
AGREEING = {"approved", "partly_approved"}


class Text(NamedTuple):
    subject: str
    body: str


class Mark(str):
    """One of our marks, put together by code: what people typed is a plain string and loses its brackets."""

    __slots__ = ()


def person_mark(person: Contact) -> Mark:
    """What stands in a letter for the name of somebody else than its reader."""
    return Mark(f"⟦person{person.id}⟧")


class Proposal(NamedTuple):
    """Another time or room for a date, not stored yet; ``answer_by`` only where the group is asked."""

    occurrence: Occurrence
    room: Room
    slot: Slot
    answer_by: datetime | None = None

    @property
    def former_room(self) -> Room:
        return self.occurrence.room

    @property
    def former_slot(self) -> Slot:
        return self.occurrence.slot

    @property
    def proposed_by(self) -> str:
        """The group, where this is what it has asked for."""
        wish = self.occurrence.open_change
        is_wish = wish is not None and (wish.room, wish.slot) == (self.room, self.slot)
        return wish.proposed_by if wish and is_wish else "team"


def to_group(
    kind: str,
    booking: Booking,
    dates: Sequence[Occurrence] = (),
    *,
    now: datetime,
    contact: Contact | None = None,
    send_at: datetime | None = None,
    with_calendar: bool = True,
    **values: Any,
) -> Letter | None:
    """Owe a letter to a person, to who speaks for the booking where none is named.

    ``dates`` are those it tells of, ``values`` what else its template knows of
    them (``about_dates``). What the group has for certain of these, or has no more, is
    attached ``with_calendar``. ``None`` where no address is known.
    """
    person = contact or booking.contact
    if person is None or person.email is None:
        return None
    text = write_letter(kind, booking, booking.language, dates, now=now, **values)
    db.session.flush()  # a new person has no id yet
    for mark, purpose in ADDRESSES.items():
        if f"⟦{mark}⟧" in text.body and links.current(booking, person, purpose) is None:
            links.issue(booking, now, person, purpose)
    return outbox.put(
        kind,
        booking=booking,
        contact=person,
        language=booking.language,
        subject=text.subject,
        body=text.body,
        calendar=_file_of(booking, dates) if with_calendar else None,
        now=now,
        send_at=send_at,
    )


def preview_letter(
    kind: str, booking: Booking, dates: Sequence[Occurrence] = (), *, now: datetime, **values: Any
) -> Text:
    """What ``to_group`` would write, as the team reads it before; nothing is stored."""
    text = write_letter(kind, booking, booking.language, dates, now=now, **values)
    return Text(*(for_the_team(part, booking.contact) for part in text))


def to_office(
    kind: str,
    booking: Booking,
    dates: Sequence[Occurrence] = (),
    *,
    now: datetime,
    copies: Iterable[StaffMember] = (),
    **values: Any,
) -> Letter:
    """Owe a letter to the office, in its language, and ``copies`` to some of the team."""
    text = write_letter(kind, booking, DEFAULT, dates, now=now, **values)
    put = partial(outbox.put, kind, booking=booking, language=DEFAULT, subject=text.subject, body=text.body, now=now)
    for member in copies:
        put(staff_member=member)
    return put()


def write_letter(
    kind: str, booking: Booking, language: str, dates: Sequence[Occurrence] = (), *, now: datetime, **values: Any
) -> Text:
    """Subject and body of a letter about a booking, from its template."""
    about = about_dates(booking, dates, now, **values)
    return with_translation(language, lambda each: _text(kind, booking, each, **about))


def with_translation(language: str, write: Callable[[str], Text]) -> Text:
    """A letter in this language or the one for its readers, and the same in the house's below where that is another."""
    language = LANGUAGES[language].letters
    text = write(language)
    if language == DEFAULT:
        return text
    return Text(text.subject, f"{text.body}\n\n{LINE}\n\n{write(DEFAULT).body}")


def for_the_team(text: str, person: Contact | StaffMember | None, *, name: str = "…") -> str:
    """A subject or body as the team reads it: with the name, or this one, and without the person's secret addresses."""
    for mark in (*ADDRESSES, "links", "invitation"):
        text = text.replace(f"⟦{mark}⟧", "…")
    for language in LANGUAGES:
        text = text.replace(f"⟦free{language}⟧", catalogues.words(language).gettext("(What is free instead then.)"))
    text = re.sub(r"⟦person(\d+)⟧", lambda found: _person(found[1]), text)
    return text.replace(NEXT, "").replace("⟦name⟧", (person.name if person else None) or name)


def about_dates(
    booking: Booking,
    dates: Sequence[Occurrence],
    now: datetime,
    *,
    changes: Sequence[Change | Proposal] | None = None,
    declined: Sequence[Occurrence] = (),
    reasons: Mapping[int, str] | None = None,
    message: str = "",
    second: Mark | None = None,
    **values: Any,
) -> dict[str, Any]:
    """What a template knows of the dates that its letter tells of.

    ``changes`` are where they have gone or shall go, the last of each where none
    are named; ``reasons`` those not stored yet, by occurrence id; ``message`` the
    team's own words; ``second`` names the second person, where it was one who did it.
    """
    if changes is None:
        changes = [each.changes[-1] for each in dates if each.changes]
    told = {each: (reasons or {}).get(each.id, each.reason) for each in (*dates, *declined)}
    sentences = {*told.values()}
    rules = house_rules()
    return {
        "dates": sorted(dates, key=lambda each: each.start),
        "one": len(dates) == 1,
        "changes": sorted(changes, key=lambda change: change.slot.start),
        "as_wished": all(change.proposed_by == "group" for change in changes),
        "declined": declined,
        "reasons": told,
        "reason": min(sentences) if len(sentences) == 1 else "",  # the one that holds for all
        "curable": bool(sentences and sentences & curable()),
        "message": message.strip(),
        "has_key": any(loan.returned_at is None for loan in booking.key_loans),
        "outside": any(
            is_outside_hours(each.slot, rules, each.room_id) for each in dates
        ),  # so that the group needs a way in
        "staying": any(each not in dates for each in booking.coming(now)),
        "waiting": any(each not in dates for each in booking.dates(Status.REQUESTED, Status.PROPOSED)),
        "undo_until": now + UNDO_CANCEL,
        "second": second,
        **values,
    }


def _file_of(booking: Booking, dates: Iterable[Occurrence]) -> str | None:
    """The dates of these that a group has for certain, or has no more, as a file for its calendar."""
    return "".join(ical.objects([each for each in dates if each.status in PUBLIC], booking.language)) or None


def _name(letter: Letter) -> str:
    return unlinked(one_line(letter.person.name or "")) if letter.person else ""


def _address(letter: Letter, purpose: str) -> str:
    link = links.current(letter.booking, letter.contact, purpose) if letter.booking else None
    return links.page_url(link, letter.language) if link else current_app.config["PUBLIC_URL"]


def _person(number: str) -> str:
    """The name of somebody of the group, while they are known."""
    contact = db.session.get(Contact, int(number))
    return unlinked(one_line((contact.name if contact else None) or "…"))


message.MARKS["name"] = _name
message.MARKS["person"] = lambda _letter, number: _person(number)
message.MARKS.update({mark: partial(_address, purpose=purpose) for mark, purpose in ADDRESSES.items()})


def title_of(booking: Booking) -> str:
    """A title as a letter may hold it: before the team has agreed to a date, no mail program makes a link of it."""
    title = one_line(booking.title)
    return title if is_agreed(booking) else unlinked(title)


def is_agreed(booking: Booking) -> bool:
    """Whether the team has said yes to a date. Before that strangers' words stand in no subject: they could be used to
    write to anybody in our name."""
    return bool(booking.dates(*PUBLIC))


def text_of(kind: str, language: str, reference: str = "", **values: Any) -> Text:
    """Subject and body from the template of this kind; the subject names the reference, at its end unless it did."""
    template = environment().select_template(catalogues.variants(f"mail/{{}}/{kind}.txt", language))
    return rendered(template, reference, language, **values)


def rendered(template: Template, reference: str, language: str, **values: Any) -> Text:
    place = house()
    about = {
        "house": place,
        "at_house": in_sentence(place, "at", language),
        "of_house": in_sentence(place, "of", language),
        "public_url": current_app.config["PUBLIC_URL"],
        "unlinked": unlinked,
    }
    rendered = template.render(**about, **values)
    subject, _, body = rendered.strip().partition("\n")
    ending = "" if reference in subject else f" ({reference})"
    longest = LONGEST_SUBJECT - len(ending)
    if len(subject) > longest:
        subject = subject[: longest - 1].rstrip() + "…"
    return Text(subject + ending, re.sub(r"\n{3,}", "\n\n", body.replace("\r\n", "\n")).strip())


def _text(kind: str, booking: Booking, language: str, **values: Any) -> Text:
    """A letter about a booking; its number in the subject lets it, and an answer to it, be found again."""
    return text_of(kind, language, booking.reference, **known_of(kind, booking, language, **values))


def known_of(kind: str, booking: Booking, language: str, **values: Any) -> dict[str, Any]:
    """What a template knows of a booking."""
    zone = house().zone
    agreed = is_agreed(booking) or kind in AGREEING  # a letter that is read before it is sent
    title, group = one_line(booking.title), one_line(booking.initiative.name)
    return dict(
        booking=booking,
        title=title if agreed else unlinked(title),
        group=group if agreed else unlinked(group),
        # For subjects, where the template adds nothing, days of its own, or speaks to the office of the group.
        what=title if agreed else f"{booking.reference}, {wording.in_short(booking, zone, language)}",
        what_on=title if agreed else booking.reference,
        who=group if agreed else booking.reference,
        sentence=wording.booking_sentence(booking, zone, language),
        skipped=[(wording.day(date.fromisoformat(each["day"]), language), each["reason"]) for each in booking.skipped],
        day=lambda slot: wording.day(day_of(slot.start, zone), language),
        begins=lambda slot: wording.clock(slot.start.astimezone(zone)),
        clock=lambda instant: wording.clock(instant.astimezone(zone)),
        until=lambda instant: wording.day(wording.last_day(instant, zone), language),
        date_line=lambda date: wording.date_line(date, zone, language),
        short_line=lambda date: wording.date_line(date, zone, language, wording.short_day),
        change_line=lambda change: wording.change_line(change, zone, language),
        before_line=lambda change: wording.before_line(change, zone, language),
        say=lambda step, number: step.team.say(number, language),
        reason_in_words=lambda sentence: reason_in(sentence, language),
        office_hours=wording.office_hours(opening_hours(), language),
        handover_days=HANDOVER_WAITS.days,
        **values,
    )


def environment() -> Environment:
    """The app's templates, read as plain text. What people typed is never read as one of our marks."""
    extensions = current_app.extensions
    if "mail-templates" not in extensions:
        extensions["mail-templates"] = current_app.jinja_env.overlay(
            autoescape=False,
            loader=texts.OwnWords(),
            auto_reload=True,  # when the office has changed its words
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=lambda value: re.sub("[⟦⟧]", "", value) if type(value) is str else value,
        )
    found: Environment = extensions["mail-templates"]
    return found


def one_line(text: str) -> str:
    return " ".join(text.split())
