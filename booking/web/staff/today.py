"""The running order of a day: who is where and when, how to reach them, how they get in, and what the lobby says."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, ValidationError

from booking import clock, displays, hosting, wording
from booking.agenda import closed_days
from booking.domain.slot import Slot
from booking.house import closures, house, notice
from booking.models import Closure, day_of
from booking.web import locale, look
from booking.web.access import PageAnswer, role_may_open, staff_only
from booking.web.dates.weeks import day_or_404
from booking.web.forms.fields import DayField, EndField, Paragraph
from booking.web.forms.page import PageForm
from booking.web.staff.displays import ShownDisplay
from booking.web.staff.forms import in_one_line
from booking.web.staff.frame import booking_of, bp, member
from booking.web.staff.running import RunningDate, running

#: Letters of a notice, so that it leaves the screen its rows.
LONGEST_NOTICE = 120
#: A notice ends by itself, and in time.
NOTICE_HOLDS = timedelta(days=31)


class NoticeForm(PageForm):
    """What the lobby shall say, and until when."""

    text = Paragraph(
        lazy_gettext("Text"),
        lazy_gettext("Write what the lobby should say."),
        most=LONGEST_NOTICE,
        filters=[in_one_line],
        description=lazy_gettext("Up to %(number)d characters, which fit into two lines.", number=LONGEST_NOTICE),
    )
    text_en = Paragraph(lazy_gettext("In English (optional)"), most=LONGEST_NOTICE, filters=[in_one_line])
    is_important = BooleanField(lazy_gettext("Important: as a yellow band across the screen"))
    day = DayField(lazy_gettext("Show until"))
    time = EndField(lazy_gettext("Time of day"), "")

    def __init__(self, form: MultiDict[str, str] | None, now: datetime, **values: Any) -> None:
        super().__init__(form, **values)
        self.now, self.today = now, day_of(now, house().zone)

    @property
    def until(self) -> datetime:
        """The instant at which it ends; 24:00 is the end of the day."""
        day = self.day.meant if self.time.meant > time() else self.day.meant + timedelta(days=1)
        return Slot.on(day, self.time.meant, 1, house().zone).start

    def validate_time(self, field: EndField) -> None:
        if self.day.errors or not self.day.meant:
            return
        if self.until <= self.now:
            raise ValidationError(gettext("That is over already. Enter a time that is still to come."))
        if self.until > self.now + NOTICE_HOLDS:
            raise ValidationError(gettext("A notice can stay for a month at most. Enter an earlier day."))


class OrderLine(NamedTuple):
    """A line of the running order in the pieces of which it is put together; who is there stands in none of them."""

    id: int
    look: str
    told: Markup
    name: str
    phone: str
    steps: Markup


@bp.get("/heute", endpoint="today")
@staff_only
def running_order() -> str:
    """The running order of today, or of the day in ``tag``."""
    return _page(clock.now())


@bp.post("/heute/hinweis")
@staff_only
def send_notice() -> PageAnswer:
    """Put a notice into the lobby."""
    now = clock.now()
    form = NoticeForm(request.form, now)
    if not form.validate():
        return _page(now, form), 422
    said = {"text_en": "", **form.said("text", "text_en")}
    hosting.post_notice(**said, until=form.until, is_important=form.is_important.data, by=member(), now=now)
    flash(gettext("The lobby shows the notice."))
    return _to_day()


@bp.post("/heute/hinweis/weg")
@staff_only
def end_notice() -> AnyResponse:
    """Take the notice from the lobby before it ends by itself."""
    hosting.end_notice(by=member(), now=clock.now())
    flash(gettext("The lobby no longer shows the notice."))
    return _to_day()


@bp.post("/anfragen/<reference>/nicht-gekommen/<int:date_id>")
@staff_only
def note_no_show(reference: str, date_id: int) -> AnyResponse:
    """Note that nobody came to a date, or with ``came`` that somebody did after all."""
    booking = booking_of(reference)
    date = next((date for date in booking.occurrences if date.id == date_id), None)
    if date is None:
        abort(404)
    group, has_come = booking.initiative.name, "came" in request.form
    day = day_of(date.start, house().zone)
    try:
        hosting.note_no_show(booking, date_id, no_show=not has_come, by=member(), now=clock.now())
    except hosting.NotBegun:
        flash(gettext("That date has not begun, or does not take place. Nothing has been saved."), "error")
    else:
        said = gettext("Noted: %(group)s came after all.", group=group)
        flash(said if has_come else gettext("Noted: nobody from %(group)s came.", group=group))
    return _to_day(day)


def _to_day(day: date | None = None) -> AnyResponse:
    other = day if day != day_of(clock.now(), house().zone) else None
    return redirect(url_for(".today", tag=other, _anchor="said"), 303)


def _page(now: datetime, sent: NoticeForm | None = None) -> str:
    zone, today = house().zone, day_of(now, house().zone)
    day = day_or_404(request.args["tag"]) if request.args.get("tag") else today
    begin, end = (Slot.on(each, time(0), 1, zone).start for each in (day, day + timedelta(days=1)))
    dates, is_today = running(begin, end, now), day == today
    out = hosting.keys_out(now) if is_today else []
    return render_template(
        "staff/today.html",
        now=now,
        day=day,
        is_today=is_today,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        lines=_lines(dates),
        next_id=next((each.row.id for each in dates if not each.has_begun), None) if is_today else None,
        shut=_shut(day, begin, end),
        to_hand_out=_wished_keys(dates),
        to_come_back=[key for key in out if key.due <= today],
        form=sent or (_form(now) if is_today else None),
        notice=notice(now) if is_today else None,
        screens=[ShownDisplay.of(each, now) for each in displays.registered()] if is_today else [],
        longest=LONGEST_NOTICE,
    )


def _form(now: datetime) -> NoticeForm:
    """What the lobby shows now, or else an empty form."""
    shown = notice(now)
    if not shown:
        return NoticeForm(None, now, time=_closing(now), day=gettext("today"))
    local = shown.until.astimezone(house().zone)
    values = {"text": shown.text, "text_en": shown.text_en, "is_important": shown.is_important}
    return NoticeForm(None, now, **values, day=_day_in_words(local, now), time=wording.clock(local))


def _lines(dates: Sequence[RunningDate]) -> list[OrderLine]:
    """Their pieces: what is told, and what the office can do, which hangs on who reads it."""
    role = current_user.role
    may_note, may_change = (role_may_open(role, page) for page in ("staff.note_no_show", "staff.cancel"))
    persons = [each.person if each.takes_place and not each.is_over else ("", "") for each in dates]
    steps = [
        (each.url, row.id, row.title, row.no_show, row.cancelled_by_group, each.takes_place, each.has_begun)
        + (each.is_over, any(person))
        for each, person in zip(dates, persons, strict=True)
        for row in [each.row]
    ]
    told = look.piece_of_each("staff/_pieces/order_line.html", [each.told for each in dates])
    done = look.piece_of_each("staff/_pieces/order_steps.html", steps, may_note, may_change)
    return [
        OrderLine(each.row.id, each.look, line, *person, of_line)
        for each, line, person, of_line in zip(dates, told, persons, done, strict=True)
    ]


def _shut(day: date, begin: datetime, end: datetime) -> list[Closure]:
    """What is closed on that day: the house on a holiday, and the closures of house and rooms."""
    found = [closure for closure in closures(begin, end) if closure.id]  # and not what calendars from outside say
    whole = closed_days(day, 1).get(day)
    return found if whole is None or whole in found else [whole, *found]


def _wished_keys(dates: Sequence[RunningDate]) -> list[RunningDate]:
    """Whose group needs a key for the day and has none, each once."""
    needed = {
        each.row.booking_id: each
        for each in reversed(dates)
        if each.row.way_in == "need" and each.takes_place and not each.is_over and not each.keys and each.is_outside
    }
    return list(reversed(needed.values()))


def _closing(now: datetime) -> str:
    """When a notice of today usually ends: as the last groups leave."""
    return wording.clock(house().latest_end) if now.astimezone(house().zone).time() < house().latest_end else "24:00"


def _day_in_words(local: datetime, now: datetime) -> str:
    today = day_of(now, house().zone)
    return gettext("today") if local.date() == today else wording.full_date(local.date(), locale.selected())
