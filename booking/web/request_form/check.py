"""Step 4, "check and send": everything once more, then it is sent, once."""

from datetime import date, timedelta

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from booking import clock, requesting, wording
from booking.domain.slot import Slot
from booking.extensions import sender
from booking.house import house
from booking.requesting import ChangedMeanwhile, Refused
from booking.web import limits, locale
from booking.web.access import PageAnswer, public
from booking.web.dates.chooser import Plan
from booking.web.forms import draft
from booking.web.forms.texts import likely_address, mailbox
from booking.web.request_form.frame import bp
from booking.web.request_form.progress import Progress, guarded

SOONEST = timedelta(seconds=3)  # nobody fills in four pages faster

#: The control that each leads to, and its sentence.
MISTAKES_IN_SENDING = {
    "changed": (
        "everything",
        lazy_gettext("Something was changed in another window. Please look through it again."),
    ),
    "by_hand": (
        "send",
        lazy_gettext(
            "This looks as if a program had filled it in. Are you a person? Then please send the request"
            " once more; we check it by hand."
        ),
    ),
    "rules": ("rules", lazy_gettext("Please confirm that you have read the house rules.")),
    "quick": ("send", lazy_gettext("That was very quick. Please send the request once more.")),
}


@bp.get("/anfrage/pruefen")
@public
@guarded()
def check_request(found: Progress) -> PageAnswer:
    """Everything once more, before it is sent."""
    return check_page(found, request.args)


def _address_to_write_to() -> str:
    """Nobody's mailbox is filled from many places: the limit is on the address that gets the letter."""
    row = draft.of_tab(clock.now()).row
    typed = row.data.get("about", {}).get("email") if row else None
    return (mailbox(typed[0]) if typed else "") or sender()


def _is_thanked(answer: Response) -> bool:
    return (answer.location or "").startswith(url_for(".thanks"))


@bp.post("/anfrage/pruefen")
@public
@limits.request_to(_address_to_write_to, _is_thanked)
@guarded()
def send_request(found: Progress) -> PageAnswer:
    """Send the request: once, however often the button is pressed."""
    if meant := request.form.get("email"):
        if meant == likely_address(found.told["email"], house().email):
            draft.keep(found.kept, {"about": {**found.draft.data["about"], "email": [meant]}}, found.now)
        return redirect(url_for(".check_request", rules=request.form.get("rules")), 303)
    wish = found.wish()
    mistakes = _mistakes_in_sending(found)
    if mistakes:
        rules, by_hand = request.form.get("rules"), request.form.get("by_hand")
        return redirect(url_for(".check_request", mistakes=mistakes, rules=rules, by_hand=by_hand), 303)
    try:
        _, is_new = requesting.submit(wish, found.now)
    except ChangedMeanwhile:
        return redirect(url_for(".dates"), 303)
    except Refused:
        return redirect(url_for(".when", mistakes=1), 303)
    return redirect(url_for(".thanks", again=None if is_new else 1), 303)


def check_page(found: Progress, sent: MultiDict[str, str], *, pause: bool = False) -> str:
    plan, told = found.plan, found.told
    mistakes = sent.getlist("mistakes")
    language = locale.selected()
    times = plan.asked.times
    return render_template(
        "request_form/check.html",
        plan=plan,
        told=told,
        sentence=wording.rule_sentence(
            plan.rule,
            times.begins,
            times.minutes,
            [each.day for each in plan.wished],
            language,
            others=times.others,
            times_of={each.day: (each.begins, each.minutes) for each in plan.wished},
        ),
        lines=_date_lines(plan, language),
        rooms=_rooms(plan),
        skipped=plan.skipped.items(),
        times=wording.series_times(plan.rule, times.begins, times.minutes, times.others, language),
        meant=likely_address(told["email"], house().email),
        mistakes=[said for code, said in MISTAKES_IN_SENDING.items() if code in mistakes],
        rules_agreed="rules" in sent,
        by_hand="by_hand" in mistakes or "by_hand" in sent,
        seen=draft.mark_of(found.draft.data),
        pause=pause,
    )


def _rooms(plan: Plan) -> list[tuple[str, list[date]]]:
    """The rooms with their days, the one with most of them first: no date may be in the one that was wished for."""
    found: dict[str, list[date]] = {}
    for each in plan.wished:
        found.setdefault(plan.room_of(each).name, []).append(each.day)
    return sorted(found.items(), key=lambda room: -len(room[1]))


def _date_lines(plan: Plan, language: str) -> list[str]:
    """Mi, 6. Januar 2027, 16:00 bis 18:00 Uhr, Große Fläche: as the letter will say it."""
    zone = house().zone
    return [
        f"{wording.day(each.day, language)},"
        f" {wording.span(Slot.on(each.day, each.begins, each.minutes, zone), zone, language)},"
        f" {plan.room_of(each).name}"
        for each in plan.wished
    ]


def _mistakes_in_sending(progress: Progress) -> list[str]:
    """What keeps the request from being sent, as codes of ``MISTAKES_IN_SENDING``."""
    is_limited = current_app.config["RATE_LIMITS"] != "off"
    found = {
        "changed": request.form.get("seen") != draft.mark_of(progress.draft.data),
        "by_hand": bool(request.form.get("leave_empty")),
        "rules": "rules" not in request.form,
        "quick": is_limited and progress.now - progress.draft.created_at < SOONEST,
    }
    return [code for code, is_so in found.items() if is_so]
