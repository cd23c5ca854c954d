"""A registered display: the lobby screen as seen from where it hangs, and how it tells that it is there."""

import re
from typing import Any

from flask import Response, g, jsonify, render_template, request, url_for

from booking import clock, displays
from booking.extensions import csrf
from booking.models import Display
from booking.web import limits, locale
from booking.web.access import POLICY, link_holder
from booking.web.lobby.pages import bp, screen
from booking.web.lobby.viewpoint import Viewpoint

TOKEN = "<string(length=43):token>"  # noqa: S105 - a place in the address

#: What a screen may tell of itself, by name: its build, its panel, what is on it, how old its plan is and how far its
#: clock is off in seconds, and what went wrong last. Whatever else is sent is left out.
TOLD = {
    "build": re.compile(r"[\w.-]{1,64}"),
    "viewport": re.compile(r"\d{2,5}x\d{2,5}"),
    "shows": re.compile(r"[a-z]{1,20}"),
}
COUNTED = ("age", "drift")
MOST_COUNTED = 10**9
LONGEST_ERROR = 200


@bp.get(f"/display/{TOKEN}")
@link_holder
def display(token: str) -> Response:
    """The plan for this display; in ``?vorschau`` it gives no sign of life, as that is no screen on a wall."""
    found = displays.display_of(token)
    if found is None:
        return _ended()
    g.heeded = "vorschau" if "vorschau" in request.args else ""
    locale.speak_here(found.language, found.second_language)
    answer = screen(Viewpoint.of(found), "" if g.heeded else url_for(".pulse", token=token))
    # The team's page shows it in small.
    answer.headers["Content-Security-Policy"] = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    return _kept_out_of_indexes(answer)


@bp.post(f"/display/{TOKEN}/puls")
@link_holder
@csrf.exempt  # type: ignore[untyped-decorator]  # Flask-WTF has no types; why: ADR 26
@limits.heartbeat
def pulse(token: str) -> Response:
    """Note a sign of life: 204, or 403 where the address has ended."""
    is_known = displays.hear_of(token, _report(request.get_json(silent=True)), clock.now())
    return Response(status=204) if is_known else _ended()


@bp.get(f"/display/{TOKEN}/puls")
@link_holder
@limits.heartbeat
def last_pulse(token: str) -> Response:
    """For how many seconds nothing was heard of the display, for what watches the browser on its machine."""
    found = displays.display_of(token)
    if found is None:
        return _ended()
    return jsonify(silent_seconds=_seconds_silent(found))


def _seconds_silent(display: Display) -> int | None:
    return None if display.seen_at is None else max(0, int((clock.now() - display.seen_at).total_seconds()))


def _ended() -> Response:
    """What a screen shows that is registered no more, or never was: who asks learns nothing from it."""
    limits.count_unknown_link()
    return _kept_out_of_indexes(Response(render_template("lobby/ended.html"), 403))


def _kept_out_of_indexes(answer: Response) -> Response:
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _report(sent: Any) -> dict[str, Any]:
    if not isinstance(sent, dict):
        return {}
    told = {name: sent[name] for name, form in TOLD.items() if form.fullmatch(str(sent.get(name, "")))}
    for name in COUNTED:
        if isinstance(sent.get(name), int | float) and abs(sent[name]) < MOST_COUNTED:
            told[name] = int(sent[name])
    error = "".join(char for char in str(sent.get("error") or "") if char.isprintable())
    return {**told, "error": error[:LONGEST_ERROR]} if error else told
