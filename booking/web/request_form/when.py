"""Step 1, "when do you meet?", with what it says while somebody types, and the calendar to choose a day from."""

from datetime import date, datetime
from typing import Any

from flask import redirect, render_template, request, url_for

from booking import clock, wording
from booking.domain import policy
from booking.house import house_rules, rooms
from booking.models import Draft
from booking.web import limits, locale
from booking.web.access import PageAnswer, public
from booking.web.dates import outlook
from booking.web.dates.calendar import month_of
from booking.web.dates.choices import Choices
from booking.web.forms import draft
from booking.web.forms.typed import as_typed
from booking.web.forms.when import AROUND, MORE, ORDINALS, OTHER_RHYTHMS, RHYTHMS, SERIES, WhenForm
from booking.web.request_form.frame import PATTERNS, bp
from booking.web.request_form.progress import Progress

#: Fields with a calendar beside them.
CALENDAR_FIELDS = ("date", "until", *MORE)
WEEK = tuple(date(2024, 1, 1 + number) for number in range(7))  # any week: its days lend their names


@bp.get("/anfrage")
@public
def when() -> PageAnswer:
    """When do you meet? With what was typed before, and what a link brings along (``?date=2026-12-08&room=…``)."""
    now = clock.now()
    stored = Progress(now).unsent
    form = _form_of(stored, now)
    form.fill_in({name: as_typed(text) for name, text in request.args.items()})
    looks = "check" in request.args or (stored is not None and "mistakes" in request.args)
    if looks:
        form.validate()
    if "check" in request.args:
        form.forgive_gaps()
    return when_page(form, looks=looks)


@bp.post("/anfrage")
@public
@limits.step
def send_when() -> PageAnswer:
    """Keep what was typed; go on if it can be meant, or say what is free."""
    now = clock.now()
    sent = request.form
    form = WhenForm(sent, now)
    typed = draft.typed(sent, form.names)
    stored = Progress(now).unsent
    changes: dict[str, Any] = {"when": typed}
    if stored is None or stored.data.get("when") != typed:
        changes["dates"] = _choices_that_last(stored, typed)
    draft.keep(changes, now, anew=stored is None)
    if "check" in request.form:
        return redirect(url_for(".when", check=1, _anchor="availability"), 303)
    if request.form.get("calendar") in CALENDAR_FIELDS:
        return redirect(url_for(".choose_day", field=request.form["calendar"]), 303)
    return redirect(url_for(".dates") if form.validate() else url_for(".when", mistakes=1), 303)


@bp.get("/anfrage/verfuegbarkeit")
@public
@limits.look_up
def availability() -> str:
    """What can be said about a wish as far as it is typed, as pieces of the page of step 1."""
    now = clock.now()
    form = WhenForm(request.args, now)
    form.validate()
    return render_template("request_form/look.html", form=form, echo=outlook.echo, found=outlook.outlook_of(form, now))


@bp.get("/anfrage/kalender")
@public
@limits.look_up
def choose_day() -> str:
    """A month to choose the day for a field from (``?field=until&month=2026-12``).

    The script sends along what stands in the form and takes the month out of this page; without it, the draft knows.
    """
    now = clock.now()
    sent = request.args
    form = WhenForm(sent, now) if "date" in sent else _form_of(Progress(now).unsent, now)
    form.validate()
    field = sent.get("field", "date")
    field = field if field in CALENDAR_FIELDS else "date"
    chosen = next(each.meant for each in form.controls() if each.name == field)
    day = _month(sent.get("month", "")) or chosen or form.date.meant or policy.earliest(now, house_rules(), {})
    people = form.people.meant or 0
    wanted = [form.wish] if form.wish else [room for room in rooms() if room.seats >= people] or rooms()
    return render_template(
        "request_form/calendar.html",
        found=month_of(day, wanted, now),
        room=form.wish,
        field=field,
        number=MORE.index(field) + 2 if field in MORE else 0,
        once=form.rhythm.data == "once",
        chosen=chosen,
        today=form.today,
        week=WEEK,
    )


def when_page(form: WhenForm, *, looks: bool = False, pause: bool = False) -> str:
    """The page with this form. ``looks``: say what is free; ``pause``: it lay open for too long."""
    return render_template(
        "request_form/when.html",
        form=form,
        mistakes=form.mistakes,
        echo=outlook.echo,
        found=outlook.outlook_of(form, form.now) if looks else None,
        rooms=rooms(),
        last_day=policy.horizon(form.today),
        rhythms=RHYTHMS,
        other_rhythms=OTHER_RHYTHMS,
        ordinals=ORDINALS,
        ordinal_names={number: wording.ordinal_name(number, locale.selected()) for number in ORDINALS},
        series=SERIES,
        around=AROUND,
        week=WEEK,
        patterns=PATTERNS,
        pause=pause,
    )


def _form_of(stored: Draft | None, now: datetime) -> WhenForm:
    return WhenForm(draft.as_form_data(stored.data.get("when")) if stored else None, now)


def _choices_that_last(stored: Draft | None, typed: draft.Typed) -> Choices:
    """What of the choices outlives a change of step 1. The room that suits best is looked for anew."""
    if stored is None:
        return {}
    old, before = stored.data.get("dates", {}), stored.data.get("when", {})
    names = ["choices", "unwanted"]
    if all(before.get(name) == typed[name] for name in ("rhythm", "date")):
        names.append("reading")
    return {name: old[name] for name in names if name in old}


def _month(text: str) -> date | None:
    """The first day of 2026-12; None for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return None
