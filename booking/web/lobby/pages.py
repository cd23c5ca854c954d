"""The plan of the day: on the screen in the entrance, and on the phone behind its QR code.

A screen hangs there for months, and its network fails some day. So the page
carries seven days, each row with its phases (``booking.domain.board``), and
``static/js/lobby.js`` only has to pick what is true at the moment. The same
address, asked again with the tag of what the screen holds, answers 304 until
something changes.
"""

from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import segno
from flask import Blueprint, Response, current_app, render_template
from flask_babel import gettext

from booking import catalogues, clock
from booking.house import house, notice
from booking.languages import LANGUAGES
from booking.web import locale, moments, shared
from booking.web.access import public
from booking.web.lobby import door
from booking.web.lobby.board import MOST_TODAY, Day, Scene, later_label, notice_words, own_hint, plan, scene
from booking.web.lobby.held import SPECIMEN, as_json
from booking.web.lobby.viewpoint import FROM_THE_LOBBY, Viewpoint
from booking.web.lobby.words import THEMES, greetings, latest, soonest_words, towards

bp = Blueprint("lobby", __name__)
for function in (moments.counted, soonest_words, towards):
    bp.add_app_template_global(function)

#: Days that a screen holds.
HELD = 7

#: What ``static/js/lobby.js`` is made of; a screen keeps all of it.
MODULES = ("clock", "door", "draw", "fit", "keep", "plan", "pulse")


@bp.get("/lobby")
@public
def lobby() -> Response:
    """The screen in the entrance."""
    return screen()


def screen(view: Viewpoint = FROM_THE_LOBBY, pulse: str = "") -> Response:
    """The plan as a screen holds it; 304 as long as the one that asks holds the present one.

    ``pulse``: the address at which the screen tells that it is there.
    """
    now = clock.now()
    minute = int(now.timestamp()) // shared.MINUTE
    today = clock.today(house().zone)
    tag = f"{shared.present_tag(house().version)}-{today}"

    prefix = LANGUAGES[locale.selected()].prefix

    def render() -> str:
        days = plan(today, HELD, now, MOST_TODAY, view)
        on, hint, sign, blocks = scene(days[0], now), own_hint(), None, None
        codes = {page: qr_code(current_app.config["PUBLIC_URL"] + prefix, page) for page in ("heute", "anfrage")}
        if view.room:
            blocks = door.blocks_of(days, view)
            if on.shows in door.IN_VIEW:
                on, sign = Scene("door", is_roomy=True), door.sign(days, blocks, now)
            if view.room.is_active:
                codes["room"] = qr_code(current_app.config["PUBLIC_URL"] + prefix, f"raeume/{view.room.slug}")
                hint = (
                    gettext("Request this room: %(address)s", address=codes["anfrage"].address),
                    locale.selected(),
                    "",
                )
        return render_template(
            "lobby/lobby.html",
            day=days[0],
            scene=on,
            room=view.room,
            sign=sign,
            hint=hint,
            theme=latest(THEMES, now),
            greeting=latest(greetings(closed=bool(days[0].closures)), now),
            held=as_json(days, now, hint, blocks),
            specimen=SPECIMEN,
            notice=notice_words(now),
            is_important=bool((posted := notice(now)) and posted.is_important),
            nothing=Day(today, [], {}, [], opens=True),
            views=[Scene(shows) for shows in ("rows", "door" if view.room else "over", "alone", "unknown", "night")],
            now=now,
            tag=tag,
            pulse=pulse,
            minute=minute * shared.MINUTE * 1000,
            waiting=f"{locale.root()}{prefix}/lobby/warten",
            build=shared.build(current_app.root_path, current_app.config["PUBLIC_URL"]),
            modules=MODULES,
            codes=codes,
            others=", ".join(other.name for other, _ in locale.others()),
        )

    answer = shared.kept_or_304(render, tag, moment=str(minute))
    answer.headers["Cache-Control"] = "no-store"  # the screen keeps its plan itself, and knows how old it is
    # Not the header Date: a clock that BOOKING_NOW has set tells another time, and whole seconds are too coarse.
    answer.headers["House-Time"] = str(int(now.timestamp() * 1000))
    return answer


@bp.get("/lobby-worker.js")
@public
def worker() -> Response:
    """What answers for the screen on its machine. It stands this high up, as it can answer for nothing above itself."""
    script = Path(current_app.static_folder or "", "js", "lobby", "worker.js")
    answer = Response(script.read_bytes(), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.get("/lobby/warten")
@public
@shared.shared(by_minute=False)
def waiting() -> str:
    """What a screen shows as long as it has no plan at all; it asks again by itself."""
    return render_template("lobby/waiting.html")


@bp.get("/heute", endpoint="today")
@public
@shared.shared()
def today_page() -> str:
    """The same plan on the phone."""
    now = clock.now()
    (day,) = plan(clock.today(house().zone), 1, now)
    happening = [one for one in day.lines if one.happens]
    later = [one for one in day.lines if not (one.happens or one.is_gone)]
    greeting = latest(greetings(closed=bool(day.closures)), now)
    elsewhere = [(each, url, catalogues.words(each.code).gettext("Today in English")) for each, url in locale.others()]
    return render_template(
        "lobby/today.html",
        day=day,
        shows=day.shows(now),
        label=later_label(happening, later),
        happening=happening,
        later=later,
        greeting=greeting,
        notice=notice_words(now),
        hint=day.hint(day.shows(now), now, own_hint()),
        now=now,
        in_others=elsewhere,
    )


class QrCode(NamedTuple):
    """A QR code to a page of ours: its dark modules as lines of a drawing, and how many there are on a side."""

    host: str
    page: str
    path: str
    size: int

    @property
    def address(self) -> str:
        """As people type it, without https://."""
        return f"{self.host}/{self.page}"


@cache
def qr_code(public_url: str, page: str) -> QrCode:
    code = segno.make_qr(f"{public_url}/{page}", error="m")
    path = ""
    for y, row in enumerate(code.matrix):
        runs = [(dark, len(list(run))) for dark, run in groupby(row)]
        path += f"M0 {y}.5" + "".join(f"{'h' if dark else 'm'}{length}{'' if dark else ' 0'}" for dark, length in runs)
    return QrCode(public_url.partition("://")[2], page, path, len(code.matrix))
