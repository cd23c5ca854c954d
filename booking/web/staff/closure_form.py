"""What is entered of a closure: the form, and how a closure is told to the team."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import RadioField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from booking import clock, wording
from booking.database import db
from booking.domain.days_off import FORESEEN
from booking.domain.repeats import LONGEST, Repeats
from booking.domain.slot import Slot
from booking.house import house, room_rows
from booking.models import Closure, day_of
from booking.web import locale
from booking.web.forms.fields import DayField, EndField, StartField, TextLine
from booking.web.staff.forms import DateIds, LineField, MessageForm

DAY = timedelta(days=1)


class ClosureForm(MessageForm):
    """What is closed, when, and why; and on which page that was said."""

    reason = TextLine(
        lazy_gettext("Reason"),
        lazy_gettext("Write the reason that everybody reads."),
        most=120,
        description=lazy_gettext("Everybody reads this, for example “Stocktaking”."),
    )
    reason_en = TextLine(
        lazy_gettext("Reason in English"),
        most=120,
        description=lazy_gettext("Without it, the English pages and letters say the German reason."),
    )
    what = RadioField(
        lazy_gettext("What is closed?"),
        choices=[
            SelectChoice("house", lazy_gettext("the whole house")),
            SelectChoice("rooms", lazy_gettext("some rooms")),
        ],
        default="house",
    )
    room = DateIds()
    first = DayField(lazy_gettext("From"), lazy_gettext("Enter the first day."))
    last = DayField(lazy_gettext("To and including"), missing=None, since="first")
    start = StartField(lazy_gettext("From (time)"))
    end = EndField(lazy_gettext("Until (time)"))
    repeats = RadioField(
        lazy_gettext("How often?"),
        choices=[
            SelectChoice("once", lazy_gettext("once")),
            SelectChoice(Repeats.WEEKLY.value, lazy_gettext("every week")),
            SelectChoice(Repeats.YEARLY.value, lazy_gettext("every year")),
        ],
        default="once",
    )
    until = DayField(lazy_gettext("Until when does it come back?"), missing=None, since="first")
    step = LineField()
    seen = LineField()
    mark = LineField()
    all = LineField()

    def __init__(self, form: MultiDict[str, str] | None, **values: Any) -> None:
        super().__init__(form, **values)
        self.today = day_of(clock.now(), house().zone)

    def validate_room(self, field: DateIds) -> None:
        known = room_rows()
        field.data = frozenset(id_ for id_ in field.data if id_ in known)
        if self.what.data == "rooms" and not field.data:
            raise ValidationError(gettext("Choose the rooms that are closed."))
        if self.what.data == "house" and field.data:
            raise ValidationError(gettext("The whole house, or only these rooms? Choose one of both."))

    def read(self, closure_id: int | None, now: datetime) -> Closure | None:
        """The closure that is meant, not a row; None where it cannot be: then the fields say what."""
        if not self.validate():
            return None
        slot = self._slot()
        until = self._until() if self.until.meant else None
        if slot and not self.mistakes:
            self._look_at(slot, closure_id, now)
        if slot is None or self.mistakes:
            return None
        stored = db.session.get(Closure, closure_id) if closure_id else None
        return Closure(
            id=closure_id,
            room_ids=sorted(self.room.data),
            start=slot.start,
            end=slot.end,
            repeats=self.how_often,
            until=until,
            **{"reason_en": stored.reason_en if stored else "", **self.said("reason", "reason_en")},
        )

    @property
    def how_often(self) -> Repeats:
        return Repeats("" if self.repeats.data == "once" else self.repeats.data)

    def _slot(self) -> Slot | None:
        zone = house().zone
        first, last = self.first.meant, self.last.meant or self.first.meant
        begins, ends = self.start.meant or time(0), self.end.meant or time(0)
        if last < first:
            self.refuse(self.last, gettext("The last day is before the first. Please check both."))
            return None
        if last - first > FORESEEN or last - self.today > FORESEEN:
            self.refuse(self.last, gettext("Nobody plans that far ahead. Choose an earlier day."))
            return None
        end = datetime.combine(last, ends) + (timedelta(0) if ends > time(0) else DAY)
        minutes = int((end - datetime.combine(first, begins)).total_seconds() // 60)
        if minutes <= 0:
            self.refuse(self.end, gettext("The end is before the start. Please check both."))
            return None
        return Slot.on(first, begins, minutes, zone)

    def _until(self) -> datetime | None:
        """The end of the last day on which it comes back."""
        if not self.how_often:
            self.refuse(self.until, gettext("Choose how often it comes back, or leave this empty."))
        if self.until.meant < self.first.meant:
            self.refuse(self.until, gettext("That is before the first day. Please check both."))
        if self.until.meant - self.today > FORESEEN:
            self.refuse(self.until, gettext("Nobody plans that far ahead. Choose an earlier day."))
        return None if self.mistakes else Slot.on(self.until.meant + DAY, time(0), 1, house().zone).start

    def _look_at(self, slot: Slot, closure_id: int | None, now: datetime) -> None:
        if self.how_often and slot.end - slot.start > LONGEST[self.how_often] + timedelta(hours=1):
            self.refuse(self.last, gettext("It would come back before it is over. Choose an earlier last day."))
        if slot.end <= now and not (self.how_often or closure_id):
            self.refuse(self.last if self.last.meant else self.first, gettext("That is over already."))


def filled_in(row: Closure) -> ClosureForm:
    """The form filled in with what is stored."""
    zone, language = house().zone, locale.selected()
    start, end = row.start.astimezone(zone), row.end.astimezone(zone)
    last = (end - DAY if end.time() == time(0) else end).date()
    return ClosureForm(
        None,
        reason=row.reason,
        reason_en=row.reason_en,
        what="rooms" if row.room_ids else "house",
        room=row.room_ids,
        first=wording.day(start.date(), language),
        last=wording.day(last, language) if last > start.date() else "",
        start=wording.clock(start) if start.time() > time(0) else "",
        end=wording.clock(end) if end.time() > time(0) else "",
        repeats=row.repeats or "once",
        until=wording.day(wording.last_day(row.until, zone), language) if row.until else "",
    )


def day_as_typed(day: str) -> str:
    """A day of an address as people write it; whatever else stands there stays, and the form says what is wrong."""
    try:
        return wording.day(date.fromisoformat(day), locale.selected())
    except ValueError:
        return day


def what_is_closed(row: Closure) -> str:
    """Ganzes Haus; Werkstatt und Besprechung"""
    if row.is_of_house:
        return gettext("Whole house")
    by_id = room_rows()
    return wording.joined([by_id[id_].name for id_ in row.room_ids], locale.selected())


def times_told(row: Closure) -> str:
    """Do, 24. Dezember 2026 bis Fr, 1. Januar 2027; jede Woche, Montag, 08:00 bis 10:00 Uhr; jedes Jahr, …"""
    zone, language = house().zone, locale.selected()
    start, end = row.start.astimezone(zone), row.end.astimezone(zone)
    last = (end - DAY if end.time() == time(0) else end).date()
    say = {Repeats.WEEKLY: wording.weekday, Repeats.YEARLY: wording.day_and_month}.get(
        Repeats(row.repeats), wording.day
    )
    days = [say(day, language) for day in (start.date(), last)]
    if start.time() == end.time() == time(0):
        told = days[0] if start.date() == last else gettext("%(first)s to %(last)s", first=days[0], last=days[1])
    elif start.date() == last:
        told = f"{days[0]}, {wording.times(start.time(), end.time(), language)}"
    else:
        values = {"first": days[0], "start": wording.clock(start), "last": days[1], "end": wording.clock(end)}
        told = gettext("%(first)s, %(start)s to %(last)s, %(end)s", **values)
    if row.repeats == Repeats.WEEKLY:
        told = gettext("every week, %(when)s", when=told)
    if row.repeats == Repeats.YEARLY:
        told = gettext("every year, %(when)s", when=told)
    if row.until and row.repeats:
        told = gettext(
            "%(when)s, until %(day)s", when=told, day=wording.day(wording.last_day(row.until, zone), language)
        )
    return told
