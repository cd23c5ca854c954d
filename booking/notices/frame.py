"""How a letter is made from its template, and owed to whom."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from flask import current_app
from jinja2 import Environment, StrictUndefined

from booking import ical, links, wording
from booking.database import db
from booking.domain.policy import is_outside_hours
from booking.domain.status import PUBLIC, Status
from booking.house import house, house_rules, opening_hours
from booking.languages import DEFAULT
from booking.letters import message, outbox
from booking.letters.html import LINE, unlinked
from booking.models import Booking, Contact, Letter, Occurrence, day_of

LONGEST_SUBJECT = 200

#: The marks that stand for a secret address, and what kind of link that is.
ADDRESSES = {"link": "page", "confirm": "handover"}


class Text(NamedTuple):
    subject: str
    body: str


def to_group(
    kind: str,
    booking: Booking,
    *,
    now: datetime,
    contact: Contact | None = None,
    send_at: datetime | None = None,
    calendar: str | None = None,
    **values: Any,
) -> Letter | None:
    """Owe a letter to a person, to who speaks for the booking where none is named.

    ``None`` where the office entered the booking itself. Whoever is sent an
    address gets a link of their own, if they have none yet.
    """
    person = contact or booking.contact
    if person is None:
        return None
    text = letter_text(kind, booking, **values)
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
        calendar=calendar,
        now=now,
        send_at=send_at,
    )


def to_office(kind: str, booking: Booking, now: datetime, **values: Any) -> Letter:
    """Owe a letter to the office, in its language."""
    text = _text(kind, booking, DEFAULT, **values)
    return outbox.put(kind, booking=booking, language=DEFAULT, subject=text.subject, body=text.body, now=now)


def letter_text(kind: str, booking: Booking, **values: Any) -> Text:
    """What a group reads: the letter in its language, and below it in the house's where that is another."""
    return with_translation(booking.language, lambda language: _text(kind, booking, language, **values))


def with_translation(language: str, write: Callable[[str], Text]) -> Text:
    """A letter in this language, and the same in the house's below."""
    text = write(language)
    if language == DEFAULT:
        return text
    return Text(text.subject, f"{text.body}\n\n{LINE}\n\n{write(DEFAULT).body}")


def for_the_team(text: str, contact: Contact | None) -> str:
    """A subject or body as the team reads it: with the name, and without the person's secret addresses."""
    for mark in (*ADDRESSES, "links"):
        text = text.replace(f"⟦{mark}⟧", "…")
    return text.replace("⟦name⟧", (contact.name if contact else None) or "…")


def attached(booking: Booking, occurrences: Iterable[Occurrence]) -> str | None:
    """The dates of these that a group has for certain, or has no more, as a file for its calendar."""
    told = [date for date in occurrences if date.status in PUBLIC]
    if not told:
        return None
    # RFC 5546, section 3.2.5: all that a CANCEL holds has the same UID, so several dates are published as cancelled.
    is_cancel = len(told) == 1 and told[0].status is Status.CANCELLED
    return ical.of_dates(told, method="CANCEL" if is_cancel else "PUBLISH", language=booking.language)


def is_staying(booking: Booking, others: Sequence[Occurrence], now: datetime) -> bool:
    """Whether there are approved dates to come besides these."""
    return any(date not in others for date in booking.coming(now))


def is_outside(occurrences: Iterable[Occurrence]) -> bool:
    """Whether one of these dates lies outside the house's hours, so that the group needs a way in."""
    rules = house_rules()
    return any(is_outside_hours(occurrence.slot, rules) for occurrence in occurrences)


@message.mark("name")
def _name(letter: Letter) -> str:
    return unlinked(one_line(letter.contact.name or "")) if letter.contact else ""


@message.mark("link")
def _link(letter: Letter) -> str:
    return _address(letter, "page")


@message.mark("confirm")
def _confirm(letter: Letter) -> str:
    return _address(letter, "handover")


def _address(letter: Letter, purpose: str) -> str:
    link = links.current(letter.booking, letter.contact, purpose) if letter.booking else None
    return links.page_url(link, letter.language) if link else current_app.config["PUBLIC_URL"]


def title_of(booking: Booking) -> str:
    """A title as a letter may hold it: before the team has agreed to a date, no mail program makes a link of it."""
    title = one_line(booking.title)
    return title if is_agreed(booking) else unlinked(title)


def is_agreed(booking: Booking) -> bool:
    """Whether the team has said yes to a date. Before that strangers' words stand in no subject: they could be used to
    write to anybody in our name."""
    return bool(booking.dates(*PUBLIC))


def text_of(kind: str, language: str, **values: Any) -> Text:
    """Subject and body from the template of this kind."""
    template = _environment().get_template(f"mail/{language}/{kind}.txt")
    rendered = template.render(house=house(), public_url=current_app.config["PUBLIC_URL"], unlinked=unlinked, **values)
    subject, _, body = rendered.strip().partition("\n")
    if len(subject) > LONGEST_SUBJECT:
        subject = subject[: LONGEST_SUBJECT - 1].rstrip() + "…"
    return Text(subject, re.sub(r"\n{3,}", "\n\n", body.replace("\r\n", "\n")).strip())


def _text(kind: str, booking: Booking, language: str, **values: Any) -> Text:
    zone = house().zone
    agreed = is_agreed(booking) or bool(values.get("approved"))  # a letter that is read before it is sent
    title, group = one_line(booking.title), one_line(booking.initiative.name)
    return text_of(
        kind,
        language,
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
        date_line=lambda occurrence: wording.date_line(occurrence, zone, language),
        short_line=lambda occurrence: wording.short_line(occurrence, zone, language),
        place_line=lambda place: wording.place_line(place.room, place.slot, zone, language),
        change_line=lambda change: wording.change_line(change, zone, language),
        before_line=lambda change: wording.before_line(change, zone, language),
        reason_in_words=lambda sentence: wording.reason_in(sentence, language),
        office_hours=wording.office_hours(opening_hours(), language),
        **values,
    )


def _environment() -> Environment:
    """The app's templates, read as plain text. What people typed is never read as one of our marks."""
    extensions = current_app.extensions
    if "mail-templates" not in extensions:
        extensions["mail-templates"] = current_app.jinja_env.overlay(
            autoescape=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=lambda value: re.sub("[⟦⟧]", "", value) if isinstance(value, str) else value,
        )
    environment: Environment = extensions["mail-templates"]
    return environment


def one_line(text: str) -> str:
    return " ".join(text.split())
