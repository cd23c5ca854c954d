"""Step 1, "when do you meet?", with what it says while somebody types, and the calendar to choose a day from."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from booking import clock, wording
from booking.availability.check import earliest_day
from booking.domain import policy
from booking.domain.recurrence import Frequency
from booking.domain.typed import as_typed
from booking.house import offered_rooms
from booking.models import Draft
from booking.web import limits, locale
from booking.web.access import PageAnswer, public
from booking.web.dates import chooser, outlook
from booking.web.dates.calendar import month_of
from booking.web.dates.choices import Choices, choices_sent
from booking.web.forms import draft
from booking.web.forms.line import LONGEST_LINE, cleaned_line, read_line, takes_lines, values_of
from booking.web.forms.when import (
    AROUND,
    EVERY_MONTHS,
    EVERY_WEEKS,
    MORE,
    ORDINALS,
    OTHER_RHYTHMS,
    RHYTHMS,
    SERIES,
    WEEK,
    WhenForm,
    choices_of,
)
from booking.web.request_form.dates import decide_and_go_on, needs_no_page
from booking.web.request_form.frame import bp
from booking.web.request_form.line import LineShown, choices_of_line, chosen_of, mark_of_dates, shown_line
from booking.web.request_form.progress import Progress, guarded

#: Above so many, rooms are folded: whoever has no wish would have to go past all of them.
MOST_UNFOLDED = 8

#: Fields with a calendar beside them.
CALENDAR_FIELDS = ("date", "until", *MORE)


@bp.get("/anfrage")
@public
@guarded(begins=True)
def when(found: Progress) -> PageAnswer:
    """When do you meet? With what was typed before, and what a link brings along (``?date=2026-12-08&room=…``)."""
    form = found.when_form()
    form.fill_in({name: as_typed(text) for name, text in request.args.items()})
    line = _line(found, form)
    looks = "check" in request.args or (found.kept is not None and "mistakes" in request.args)
    if looks:
        form.validate()
    if "check" in request.args or (line and "mistakes" not in request.args):
        form.forgive_gaps()
    earlier = None if found.kept else draft.draft_of(draft.latest_id(), found.now)
    return when_page(
        form,
        looks=looks,
        earlier=earlier.row if earlier and not earlier.booking else None,
        is_forgotten=found.kept is None and "draft" in request.args,
        line=line,
    )


def _line(found: Progress, form: WhenForm) -> LineShown | None:
    """What the line says, and with it in the form the dates; of a link, it is put in here. None without a line."""
    text, number = draft.line_of(found.kept) if found.kept else (request.args.get("line", ""), "")
    return _read(found, form, text, number) if text.strip() else None


@limits.look_up
def _read(found: Progress, form: WhenForm, text: str, number: str) -> LineShown:
    understood = read_line(cleaned_line(text), found.now)
    chosen = chosen_of(understood, number)
    if not found.kept:
        form.put_in(values_of(understood, chosen))
    asked = form.asked() if chosen else None
    choices = found.kept.data.get("dates", {}) if found.kept else choices_of_line(chosen)
    plan = chooser.plan_dates(asked, choices, found.now, locale.selected()) if asked else None
    return shown_line(understood, number, plan)


@bp.post("/anfrage")
@public
@limits.step
@guarded(begins=True)
def send_when(found: Progress) -> PageAnswer:
    """Keep what was typed; go on if it can be meant, or say what is free."""
    sent = request.form
    form = WhenForm(sent, found.now)
    typed = draft.typed(sent, form.names)
    before = found.kept.data if found.kept else {}
    goes_on = not {"back", "check", "calendar"} & set(sent)
    changes: dict[str, Any]
    line, is_new = cleaned_line(sent.get("line", "")), bool({"read", "reading"} & set(sent))
    is_new = bool(line) and (is_new or (goes_on and line != sent.get("line_read", "")))
    number = sent.get("reading", "" if is_new else sent.get("line_reading", ""))
    understood = read_line(line, found.now) if line else None
    chosen = chosen_of(understood, number) if understood else None
    if understood and is_new:
        changes = {"when": typed | values_of(understood, chosen), "dates": choices_of_line(chosen)}
        draft.keep(found.kept, {**changes, "line": [line, number]}, found.now)
        return redirect(url_for(".when", read=1, _anchor="line-said"), 303)
    changes = {"when": typed, **({"line": [line, number]} if line or "line" in before else {})}
    if before.get("when") != typed:
        changes["dates"] = {**choices_of_line(chosen), **_choices_that_last(before, typed)}
    asked = form.asked()
    if asked and goes_on and "seen_dates" in sent:
        choices = changes.get("dates", before.get("dates", {}))
        plan = chooser.plan_dates(asked, choices, found.now, locale.selected())
        if not plan.open_rows and mark_of_dates(plan) == sent["seen_dates"]:
            return decide_and_go_on(found, plan, {**changes, "dates": choices_sent(MultiDict(), plan) | choices})
    if asked and asked.rhythm == "once" and goes_on:
        plan = chooser.plan_dates(asked, changes.get("dates", {}), found.now, locale.selected())
        if needs_no_page(plan):
            return decide_and_go_on(found, plan, {**changes, "dates": choices_sent(MultiDict(), plan)})
    draft.keep(found.kept, changes, found.now)
    if "back" in sent:
        return redirect(url_for("public.start"), 303)
    if "check" in sent:
        return redirect(url_for(".when", check=1, _anchor="availability"), 303)
    if sent.get("calendar") in CALENDAR_FIELDS:
        return redirect(url_for(".choose_day", field=sent["calendar"]), 303)
    return redirect(url_for(".dates") if asked else url_for(".when", mistakes=1), 303)


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
    form = WhenForm(sent, now) if "date" in sent else Progress(now, begins=True).when_form()
    form.validate()
    field = sent.get("field", "date")
    field = field if field in CALENDAR_FIELDS else "date"
    chosen = next(each.meant for each in form.controls() if each.name == field)
    day = _month(sent.get("month", "")) or chosen or form.date.meant or earliest_day(now)
    people = form.people.meant or 0
    rooms = offered_rooms()
    wanted = [form.wish] if form.wish else [room for room in rooms if room.seats >= people] or rooms
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


def when_page(
    form: WhenForm,
    *,
    looks: bool = False,
    pause: bool = False,
    earlier: Draft | None = None,
    is_forgotten: bool = False,
    line: LineShown | None = None,
) -> str:
    """The page with this form. ``looks``: say what is free; ``pause``: it lay open for too long.

    ``earlier``: another request, which was begun today; ``is_forgotten``: this one was begun longer ago.
    """
    is_good = looks and not form.mistakes  # what is free is no answer to what is wrong
    return render_template(
        "request_form/when.html",
        form=form,
        mistakes=form.mistakes,
        echo=outlook.echo,
        found=(outlook.outlook_of(form, form.now) or outlook.what_is_missing(form)) if is_good else None,
        rooms=offered_rooms(),
        most_unfolded=MOST_UNFOLDED,
        last_day=policy.horizon(form.today),
        rhythms=RHYTHMS,
        other_rhythms=OTHER_RHYTHMS,
        weeks=choices_of(Frequency.WEEKLY, EVERY_WEEKS),
        months=choices_of(Frequency.MONTHLY, EVERY_MONTHS),
        ordinals=ORDINALS,
        ordinal_names={number: wording.ordinal_name(number, locale.selected()) for number in ORDINALS},
        series=SERIES,
        around=AROUND,
        week=WEEK,
        pause=pause,
        earlier=_in_short(earlier) if earlier else "",
        earlier_id=draft.latest_id(),
        is_forgotten=is_forgotten,
        line=line,
        longest_line=LONGEST_LINE,
        takes_lines=takes_lines(),
    )


def _choices_that_last(before: Mapping[str, Any], typed: draft.Typed) -> Choices:
    """What of the choices outlives a change of step 1. The room that suits best is looked for anew."""
    when, dates = before.get("when", {}), before.get("dates", {})
    is_same = all(when.get(name) == typed[name] for name in ("rhythm", "few", "date"))
    return {name: dates[name] for name in ("choices", "unwanted", *(["reading"] if is_same else [])) if name in dates}


def _in_short(row: Draft) -> str:
    """What a request is called and when its first date is, as it was typed."""
    typed = [row.data.get("about", {}).get("title"), row.data["when"].get("date")]
    return ", ".join(text for texts in typed for text in texts or () if text)


def _month(text: str) -> date | None:
    """The first day of 2026-12; None for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return None
