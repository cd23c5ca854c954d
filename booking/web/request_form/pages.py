"""Asking for a room, from its second page on: your dates, about you, check and send, thanks.

Every page is complete by itself and works without JavaScript. What is typed is
kept in a draft from the first sending on, so that going back, reloading and a
second window lose nothing.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from booking import clock, requesting, sharing, wording
from booking.database import db
from booking.extensions import sender
from booking.models import Draft, Initiative
from booking.requesting import ChangedMeanwhile, Refused
from booking.web import limits, locale
from booking.web.access import public
from booking.web.errors import handle_http
from booking.web.request_form import choosing, dates_page, draft, progress, when_page
from booking.web.request_form.choosing import Plan
from booking.web.request_form.forms import About, likely_address, mailbox
from booking.web.request_form.frame import PATTERNS, Answer, bp
from booking.web.request_form.when import When

SOONEST = timedelta(seconds=3)  # nobody fills in four pages faster


# ---- step 2


@bp.get("/anfrage/termine")
@public
def dates() -> Answer:
    """Every date with its state, and the ways out where it is not free."""
    now = clock.now()
    stored = draft.find(now)
    asked = progress.asked(stored, now)
    if stored is None or asked is None:
        return _to_step_1(stored)
    plan = choosing.plan(asked, progress.choices(stored), now, locale.selected())
    gone = bool(progress.choices(stored).get("done") and plan.open_rows)
    return _dates_page(plan, mistakes=gone or "mistakes" in request.args, gone=gone)


@bp.post("/anfrage/termine")
@public
@limits.step
def send_dates() -> Answer:
    """Keep the choices. Another reading of the rhythm shows its dates first; go on if all is decided."""
    now = clock.now()
    stored = draft.find(now)
    if _was_sent(stored):
        return redirect(url_for(".thanks", again=1), 303)
    asked = progress.asked(stored, now)
    if stored is None or asked is None:
        return _to_step_1(stored)
    before = choosing.plan(asked, progress.choices(stored), now, locale.selected())
    if request.form.get("reading") == "other":
        draft.keep({"when": progress.as_single_dates(stored), "dates": {}}, now)
        return redirect(url_for(".when", _anchor="date"), 303)
    choices = progress.choices_sent(request.form, before)
    if choices["reading"] != before.reading or "readings" in request.form:
        draft.keep({"dates": choices}, now)
        return redirect(url_for(".dates"), 303)
    if "bulk" in request.form:
        choices["choices"] |= progress.for_all(before, request.form.get("for_all", ""))
        draft.keep({"dates": choices}, now)
        return redirect(url_for(".dates", _anchor="decide"), 303)
    plan = choosing.plan(asked, choices, now, locale.selected())
    choices["accepted"] = [each.day.isoformat() for each in plan.free if each.day not in plan.unwanted]
    choices["done"] = bool(plan.wished) and not plan.open_rows
    stored = draft.keep({"dates": choices}, now)
    if not choices["done"]:
        return redirect(url_for(".dates", mistakes=1), 303)
    return redirect(url_for(".check" if progress.told(stored, plan) else ".about"), 303)


# ---- step 3


@bp.get("/anfrage/ueber-euch")
@public
def about() -> Answer:
    """Who meets, what for, and whom to write to."""
    now = clock.now()
    stored = draft.find(now)
    plan = progress.planned(stored, now)
    if stored is None or plan is None:
        return redirect(url_for(".dates"), 303)
    form = About(draft.again(stored.data.get("about")))
    if "mistakes" in request.args:
        form.told(progress.equipment(), outside_hours=plan.outside_hours)
    return _about_page(form, plan)


@bp.post("/anfrage/ueber-euch")
@public
@limits.step
def send_about() -> Answer:
    """Keep what was typed; go on if nothing is missing."""
    now = clock.now()
    if _was_sent(draft.find(now)):
        return redirect(url_for(".thanks", again=1), 303)
    sent = request.form
    form = About(sent)
    stored = draft.keep({"about": draft.typed(sent, form.names)}, now)
    plan = progress.planned(stored, now)
    if plan is None:
        return redirect(url_for(".dates"), 303)
    if form.told(progress.equipment(), outside_hours=plan.outside_hours) is None:
        return redirect(url_for(".about", mistakes=1), 303)
    return redirect(url_for(".check"), 303)


# ---- step 4


@bp.get("/anfrage/pruefen")
@public
def check() -> Answer:
    """Everything once more, before it is sent."""
    now = clock.now()
    stored = draft.find(now)
    plan = progress.planned(stored, now)
    if stored is None or plan is None:
        return redirect(url_for(".dates"), 303)
    told = progress.told(stored, plan)
    if told is None:
        return redirect(url_for(".about", mistakes=1), 303)
    return _check_page(stored, plan, told, request.args)


def _address_to_write_to() -> str:
    """Nobody's mailbox is filled from many places: the limit is on the address that gets the letter."""
    stored = draft.find(clock.now())
    typed = stored.data.get("about", {}).get("email") if stored else None
    return (mailbox(typed[0]) if typed else "") or sender()


def _is_thanked(answer: Response) -> bool:
    return (answer.location or "").startswith(url_for(".thanks"))


@bp.post("/anfrage/pruefen")
@public
@limits.request_to(_address_to_write_to, _is_thanked)
def send() -> Answer:
    """Send the request: once, however often the button is pressed."""
    now = clock.now()
    stored = draft.find(now)
    if _was_sent(stored):
        return redirect(url_for(".thanks", again=1), 303)
    plan = progress.planned(stored, now)
    if stored is None or plan is None:
        return redirect(url_for(".dates"), 303)
    told = progress.told(stored, plan)
    if told is None:
        return redirect(url_for(".about", mistakes=1), 303)
    mistakes = _mistakes_in_sending(stored, now)
    if mistakes:
        rules, by_hand = request.form.get("rules"), request.form.get("by_hand")
        return redirect(url_for(".check", mistakes=mistakes, rules=rules, by_hand=by_hand), 303)
    try:
        _, is_new = requesting.submit(progress.wish(stored, plan, told), now)
    except ChangedMeanwhile:
        return redirect(url_for(".dates"), 303)
    except Refused:
        return redirect(url_for(".when", mistakes=1), 303)
    return redirect(url_for(".thanks", again=None if is_new else 1), 303)


@bp.get("/anfrage/danke")
@public
def thanks() -> Answer:
    """What was sent and what happens next. Only the browser that sent it gets to see it.

    There is no way from here to the group's page: the mailed link proves the address, and this browser does not.
    """
    now = clock.now()
    stored = draft.find(now)
    booking = requesting.find_by_form(stored.form_id) if stored else None
    if booking is None:
        return redirect(url_for(".when"), 303)
    address = Markup("<strong>{}</strong>").format(booking.contact.email if booking.contact else "")
    sentence = gettext("We've sent an e-mail to %(address)s. It contains the link to view and change everything.")
    letter = Markup(sentence) % {"address": address}  # noqa: S704 - our own sentence
    return render_template(
        "request_form/thanks.html",
        booking=booking,
        letter=letter,
        skipped=[(date.fromisoformat(each["day"]), each["reason"]) for each in booking.skipped],
        main_room=progress.main_room(booking),
        again="again" in request.args,
        can_correct=sharing.can_correct(booking, now),
    )


@bp.errorhandler(CSRFError)
def after_a_pause(error: CSRFError) -> Answer:
    """The page lay open for too long, or somebody else sent it: store nothing, show what was typed, ask again.

    Where nothing is left to be shown, the page of errors says what to do.
    """
    now = clock.now()
    if request.endpoint == f"{bp.name}.send_when":
        return when_page.shown(When(request.form), now, pause=True), 400
    stored = draft.find(now)
    asked = progress.asked(stored, now)
    if stored is None or asked is None:
        return handle_http(error)
    if request.endpoint == f"{bp.name}.send_dates":
        before = choosing.plan(asked, progress.choices(stored), now, locale.selected())
        typed = progress.choices_sent(request.form, before)
        return _dates_page(choosing.plan(asked, typed, now, locale.selected()), pause=True), 400
    plan = progress.planned(stored, now)
    if plan is None:
        return handle_http(error)
    if request.endpoint == f"{bp.name}.send_about":
        return _about_page(About(request.form), plan, pause=True), 400
    told = progress.told(stored, plan)
    if told is None:
        return handle_http(error)
    return _check_page(stored, plan, told, request.form, pause=True), 400


# ---- what the pages show


def _dates_page(plan: Plan, *, mistakes: bool = False, gone: bool = False, pause: bool = False) -> str:
    said = dates_page.shown(plan, mistakes=mistakes, gone=gone)
    return render_template("request_form/dates.html", **said, patterns=PATTERNS, pause=pause)


def _about_page(form: About, plan: Plan, *, pause: bool = False) -> str:
    names = db.select(Initiative.name).where(Initiative.is_public).order_by(Initiative.name)
    return render_template(
        "request_form/about.html",
        form=form,
        mistakes=form.mistakes,
        groups=db.session.scalars(names).all(),
        equipment=progress.equipment(),
        outside_hours=plan.outside_hours,
        is_series=len(plan.wished) > 1,
        pause=pause,
    )


def _check_page(
    stored: Draft,
    plan: Plan,
    told: Mapping[str, Any],
    sent: MultiDict[str, str],
    *,
    pause: bool = False,
) -> str:
    mistakes = sent.getlist("mistakes")
    language = locale.selected()
    times = plan.asked.times
    return render_template(
        "request_form/check.html",
        plan=plan,
        told=told,
        sentence=wording.rule_sentence(
            plan.rule, times.begins, times.minutes, [each.day for each in plan.wished], language
        ),
        lines=progress.date_lines(plan, language),
        skipped=plan.skipped.items(),
        times=wording.times(times.begins, progress.ends(times), language),
        meant=likely_address(told["email"]),
        mistakes=[said for code, said in _mistakes().items() if code in mistakes],
        rules_agreed="rules" in sent,
        by_hand="by_hand" in mistakes or "by_hand" in sent,
        seen=draft.fingerprint(stored),
        pause=pause,
    )


def _to_step_1(stored: Draft | None) -> Response:
    return redirect(url_for(".when", mistakes=1 if stored and "when" in stored.data else None), 303)


def _was_sent(stored: Draft | None) -> bool:
    return stored is not None and requesting.find_by_form(stored.form_id) is not None


def _mistakes_in_sending(stored: Draft, now: datetime) -> list[str]:
    """What keeps the request from being sent, as codes of ``_mistakes``."""
    found = {
        "changed": request.form.get("seen") != draft.fingerprint(stored),
        "by_hand": bool(request.form.get("leave_empty")),
        "rules": "rules" not in request.form,
        "quick": current_app.config["RATE_LIMITS"] != "off" and now - stored.created_at < SOONEST,
    }
    return [code for code, is_so in found.items() if is_so]


def _mistakes() -> dict[str, tuple[str, str]]:
    """The control that each leads to, and its sentence."""
    return {
        "changed": (
            "everything",
            gettext("Something was changed in another window. Please look through it again."),
        ),
        "by_hand": (
            "send",
            gettext(
                "This looks as if a program had filled it in. Are you a person? Then please send the request"
                " once more; we check it by hand."
            ),
        ),
        "rules": ("rules", gettext("Please confirm that you have read the house rules.")),
        "quick": ("send", gettext("That was very quick. Please send the request once more.")),
    }
