"""A new request with the answers of an earlier one, for a group that comes again."""

from datetime import datetime

from flask import Response, make_response, redirect, url_for

from booking.availability.wanted import Times
from booking.domain.recurrence import Frequency
from booking.domain.slot import wall_end
from booking.house import house
from booking.models import Booking
from booking.sharing import people
from booking.web import limits
from booking.web.forms import draft
from booking.web.forms.people import KINDS, AboutForm, equipment
from booking.web.forms.when import AROUND, OWN_TIMES, WhenForm
from booking.web.status_page.frame import pages, reader


@pages.post("/neue-anfrage", limits.step)
def again(booking: Booking, now: datetime) -> Response:
    """Begin a request in which only the dates are missing."""
    begun = {"when": _when(booking, now), "dates": {}, "about": _about(booking), "again": booking.reference}
    draft.keep(None, begun, now)
    return draft.remember(make_response(redirect(url_for("request_form.when"), 303)))


def _when(booking: Booking, now: datetime) -> draft.Typed:
    """Step 1 as it would be typed for the same rhythm, without a day."""
    rule, times = booking.recurrence_rule, Times.of(booking, house().zone)
    said = {
        "rhythm": _rhythm(booking),
        "few": f"{'month' if rule.freq is Frequency.MONTHLY else 'week'}_{rule.interval}",
        "every": str(rule.interval),
        "every_months": str(rule.interval),
        "start": f"{times.begins:%H:%M}",
        "end": f"{times.ends:%H:%M}",
        "before": _around(booking.before_minutes),
        "after": _around(booking.after_minutes),
        "open_end": "yes" if booking.open_end else "",
        "doors": "yes" if booking.doors_open else "",
        "until_kind": "count" if rule.count else "date" if rule.until else "",
        "count": str(len(booking.occurrences)) if rule.count else "",
        "skip_holidays": "yes",
        "skip_school": "yes" if any(each["reason"] == "school" for each in booking.skipped) else "",
        "people": str(booking.people),
        "room": booking.room_wish.slug if booking.room_wish else "any",
    }
    typed = {name: [said[name]] if said.get(name) else [] for name in WhenForm(None, now).names}
    if booking.room_wish and booking.room_wish.together:
        typed["room"], typed["several"] = ["several"], booking.room_wish.slug.split("+")
    typed["weekday"] = [str(number) for number in rule.weekdays]
    typed["ordinal"] = [str(number) for number in rule.ordinals]
    typed["ordinal_weekday"] = [str(rule.weekdays[0])] if rule.weekdays else []
    for each in times.others:
        ends = wall_end(each.begins, each.minutes)
        typed[OWN_TIMES[each.weekday]] = [f"{each.begins:%H:%M}-{ends:%H:%M}"]
    return typed


def _rhythm(booking: Booking) -> str:
    rule = booking.recurrence_rule
    match rule.freq:
        case Frequency.WEEKLY if len(rule.weekdays) > 1:
            return "weekdays"
        case Frequency.WEEKLY if rule.interval <= 2:
            return "two_weeks" if rule.interval == 2 else "week"
        case Frequency.MONTHLY if len(rule.ordinals) > 1:
            return "ordinals"
        case Frequency.MONTHLY if rule.interval == 1:
            return "month"
        case Frequency.WEEKLY | Frequency.MONTHLY:
            return "few"
        case _:
            return "single" if len(booking.occurrences) > 1 else "once"


def _around(minutes: int) -> str:
    return str(minutes) if minutes in AROUND else "0"


def _about(booking: Booking) -> draft.Typed:
    """Step 3 as it was answered, by whoever asks again."""
    person = reader()
    contact = booking.contact if people.speaks_for(booking, person) else None  # a second person gets none of theirs
    offered = equipment()
    said = {
        "title": booking.title,
        "group": booking.initiative.name,
        "kind": booking.initiative.kind if booking.initiative.kind in KINDS else "other",
        "purpose": booking.purpose,
        "is_open": "yes" if booking.is_open else "no",
        "url": booking.url,
        "equipment_other": ", ".join(thing for thing in booking.equipment if thing not in offered),
        "access_needs": booking.access_needs,
        "way_in": booking.way_in,
        "onsite_name": contact.onsite_name if contact else None,
        "onsite_phone": contact.onsite_phone if contact else None,
        "reminders": "yes" if booking.reminders else "",
        "name": person.name if person else None,
        "email": person.email if person else None,
        "phone": person.phone if person else None,
        "note": booking.note,
    }
    typed = {name: [text] if (text := said.get(name)) else [] for name in AboutForm().names}
    typed["equipment"] = [thing for thing in booking.equipment if thing in offered]
    return typed
