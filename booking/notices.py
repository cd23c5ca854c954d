"""Which letter goes to whom when something happened, and its words.

The words stand in ``templates/mail/<language>/<kind>.txt``: the first line is
the subject. A group that asked in English reads English first and the German
letter below. ⟦name⟧ and ⟦link⟧ are filled in when a letter is sent. Lists of
dates come from the stored dates, never from a rule.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from flask import current_app
from jinja2 import Environment, StrictUndefined

from booking import ical, links, outbox, wording
from booking.domain.policy import is_outside_hours
from booking.domain.status import Status
from booking.models import Booking, Letter, Occurrence, day_of
from booking.schedule import house, house_rules, opening_hours

LONGEST_SUBJECT = 200

#: Between the English letter and the German one below it.
LINE = "-" * 60


class Counts(NamedTuple):
    """What the team wants to know of a request at a glance: dates that are …"""

    free: int
    taken: int
    requested: int  # wanted by others too
    outside: int  # of opening hours


class Text(NamedTuple):
    subject: str
    body: str


def requested(booking: Booking, counts: Counts, now: datetime) -> None:
    """A request has come in: the group gets its link, the office a link to decide."""
    _to_group("requested", booking, now=now, days=house().answer_working_days)
    text = _text("new_request", booking, "de", counts=counts, times=_subject_times(booking))
    outbox.put("new_request", booking=booking, language="de", subject=text.subject, body=text.body, now=now)


def decided(
    booking: Booking,
    approved: Sequence[Occurrence],
    declined: Sequence[Occurrence],
    proposed: Sequence[Occurrence],
    message: str,
    now: datetime,
) -> Letter | None:
    """Dates were decided. The letter waits while the decision can be taken back; approved dates are attached."""
    kind = _decision(booking, approved, declined)
    attached = ical.calendar(approved, method="PUBLISH", language=booking.language) if approved else None
    return _to_group(
        kind,
        booking,
        now=now,
        send_at=now + timedelta(seconds=current_app.config["UNDO_SECONDS"]),
        calendar=attached,
        **_decision_values(booking, approved, declined, message, {}),
    )


def render_decision(
    booking: Booking,
    approved: Sequence[Occurrence],
    declined: Sequence[Occurrence],
    message: str,
    reasons: Mapping[int, str] | None = None,
) -> Text:
    """The letter that ``decided`` would put, for the team to read before; nothing is stored.

    ``reasons`` gives the reasons that are not stored yet, by occurrence id.
    """
    values = _decision_values(booking, approved, declined, message, reasons or {})
    text = _letter_text(_decision(booking, approved, declined), booking, **values)
    return Text(*(for_the_team(part, booking) for part in text))


def for_the_team(text: str, booking: Booking | None) -> str:
    """A subject or body as the team reads it: with the name, and without the group's secret address."""
    name = booking.contact.name if booking and booking.contact else None
    return text.replace("⟦name⟧", name or "…").replace("⟦link⟧", "…")


def withdrawn(booking: Booking, occurrences: Sequence[Occurrence], now: datetime) -> Letter | None:
    """The group has taken its request back."""
    return _to_group("withdrawn", booking, now=now, staying=_staying(booking, occurrences, now))


def cancelled_by_group(booking: Booking, occurrences: Sequence[Occurrence], now: datetime) -> Letter | None:
    """The group has cancelled approved dates; the attached file takes them out of its calendar."""
    # RFC 5546, section 3.2.5: all that a CANCEL holds has the same UID, so several dates are published as cancelled.
    method = "CANCEL" if len(occurrences) == 1 else "PUBLISH"
    return _to_group(
        "cancelled_by_group",
        booking,
        now=now,
        calendar=ical.calendar(occurrences, method=method, language=booking.language),
        cancelled=occurrences,
        staying=_staying(booking, occurrences, now),
    )


@outbox.mark("name")
def _name(letter: Letter) -> str:
    return " ".join((letter.contact.name or "").split()) if letter.contact else ""


@outbox.mark("link")
def _link(letter: Letter) -> str:
    link = links.current(letter.booking, letter.contact) if letter.booking else None
    return links.page_url(link, letter.language) if link else current_app.config["PUBLIC_URL"]


def _to_group(
    kind: str,
    booking: Booking,
    *,
    now: datetime,
    send_at: datetime | None = None,
    calendar: str | None = None,
    **values: Any,
) -> Letter | None:
    """Owe a letter to whoever speaks for the booking; ``None`` where the office entered it itself."""
    if booking.contact is None:
        return None
    if links.current(booking) is None:
        links.issue(booking, now)
    text = _letter_text(kind, booking, **values)
    return outbox.put(
        kind,
        booking=booking,
        contact=booking.contact,
        language=booking.language,
        subject=text.subject,
        body=text.body,
        calendar=calendar,
        now=now,
        send_at=send_at,
    )


def _letter_text(kind: str, booking: Booking, **values: Any) -> Text:
    german = _text(kind, booking, "de", **values)
    if booking.language != "en":
        return german
    english = _text(kind, booking, "en", **values)
    return Text(english.subject, f"{english.body}\n\n{LINE}\n\n{german.body}")


def _text(kind: str, booking: Booking, language: str, **values: Any) -> Text:
    house_row = house()
    zone = house_row.zone
    template = _environment().get_template(f"mail/{language}/{kind}.txt")
    rendered = template.render(
        booking=booking,
        title=_line(booking.title),
        group=_line(booking.initiative.name),
        house=house_row,
        public_url=current_app.config["PUBLIC_URL"],
        sentence=wording.booking_sentence(booking, zone, language),
        skipped=[(wording.day(date.fromisoformat(each["day"]), language), each["reason"]) for each in booking.skipped],
        day=lambda occurrence: wording.day(day_of(occurrence.start, zone), language),
        date_line=lambda occurrence: wording.date_line(occurrence, zone, language),
        reason_in_words=lambda sentence: wording.reason_in(sentence, language),
        office_hours=_office_hours(opening_hours(), language),
        **values,
    )
    subject, _, body = rendered.strip().partition("\n")
    if len(subject) > LONGEST_SUBJECT:
        subject = subject[: LONGEST_SUBJECT - 1].rstrip() + "…"
    return Text(subject, re.sub(r"\n{3,}", "\n\n", body.replace("\r\n", "\n")).strip())


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


def _decision(booking: Booking, approved: Sequence[Occurrence], declined: Sequence[Occurrence]) -> str:
    if not approved:
        return "declined"
    return "partly_approved" if declined or _undecided(booking, approved, declined) else "approved"


def _decision_values(
    booking: Booking,
    approved: Sequence[Occurrence],
    declined: Sequence[Occurrence],
    message: str,
    reasons: Mapping[int, str],
) -> dict[str, Any]:
    rules = house_rules()
    sentences = [reasons.get(occurrence.id, occurrence.reason) for occurrence in declined]
    return {
        "approved": sorted(approved, key=lambda occurrence: occurrence.start),
        "declined": list(zip(declined, sentences, strict=True)),
        "reason": sentences[0] if len(set(sentences)) == 1 else "",
        "undecided": _undecided(booking, approved, declined),
        "outside": any(is_outside_hours(occurrence.slot, rules) for occurrence in approved),
        "message": message.strip(),
    }


def _undecided(booking: Booking, approved: Sequence[Occurrence], declined: Sequence[Occurrence]) -> list[Occurrence]:
    return [date for date in booking.dates(Status.REQUESTED) if date not in approved and date not in declined]


def _staying(booking: Booking, leaving: Sequence[Occurrence], now: datetime) -> bool:
    """Whether approved dates are left that are still to come."""
    return any(date.end > now and date not in leaving for date in booking.dates(Status.APPROVED))


def _subject_times(booking: Booking) -> str:
    """Mi 16–18 Uhr, 25 Termine; or Di, 8. Dezember, 19–21 Uhr for a single date."""
    zone = house().zone
    dates = booking.occurrences
    ends = (datetime.combine(date.min, booking.begins) + timedelta(minutes=booking.minutes)).time()
    times = f"{_hour(booking.begins)}–{_hour(ends)} Uhr"
    if len(dates) == 1:
        only = dates[0].slot
        times = f"{_hour(only.start.astimezone(zone).time())}–{_hour(only.end.astimezone(zone).time())} Uhr"
        return f"{wording.short_day(day_of(only.start, zone), 'de')}, {times}"
    days = sorted({day_of(each.start, zone).weekday() for each in dates})
    names = [wording.weekday(_monday(n), "de")[:2] for n in days]
    return f"{'/'.join(names)} {times}, {len(dates)} Termine"


def _office_hours(hours: Mapping[int, tuple[time, time]], language: str) -> str:
    """montags bis freitags zwischen 9 und 17 Uhr"""
    runs = []
    in_a_row = groupby(enumerate(sorted(hours)), key=lambda entry: (entry[1] - entry[0], hours[entry[1]]))
    for (_, span), entries in in_a_row:
        run = [weekday for _, weekday in entries]
        first, last = (wording.weekday(_monday(n), language) for n in (run[0], run[-1]))
        begins, ends = map(_hour, span)
        if language == "de":
            name = f"{first.lower()}s bis {last.lower()}s" if len(run) > 1 else f"{first.lower()}s"
            runs.append(f"{name} zwischen {begins} und {ends} Uhr")
        else:
            name = f"{first} to {last}" if len(run) > 1 else first
            runs.append(f"{name} between {begins} and {ends}")
    return ", ".join(runs)


def _hour(at: time) -> str:
    """16 or 16:30"""
    return f"{at.hour}:{at.minute:02}" if at.minute else str(at.hour)


def _monday(weekday: int) -> date:
    """Some day that falls on this weekday."""
    return date(2026, 1, 5) + timedelta(days=weekday)


def _line(text: str) -> str:
    return " ".join(text.split())
