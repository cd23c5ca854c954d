"""The plan of the day: on the screen in the entrance, and on the phone behind its QR code.

A screen hangs there for months, and its network fails some day. So the page
carries seven days, each row with its phases (``booking.domain.board``), and
``static/js/lobby.js`` only has to pick what is true at the moment. The same
address, asked again with the tag of what the screen holds, answers 304 until
something changes.
"""

from functools import cache
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

import segno
from flask import Blueprint, Response, current_app, render_template

from booking import clock, wording
from booking.domain.board import State
from booking.house import house
from booking.web import filters, locale, shared
from booking.web.access import public
from booking.web.lobby.board import plan, scene, whole

bp = Blueprint("lobby", __name__)

#: Stands in the kept page where each answer tells the time.
TIME = "house-time"

#: Days that a screen holds.
HELD = 7


@bp.get("/lobby")
@public
def lobby() -> Response:
    """The screen in the entrance. 304 as long as the screen that asks holds the present plan."""
    now = clock.now()
    today = now.astimezone(house().zone).date()
    tag = f"{shared.present_tag()}-{today}"

    def render() -> str:
        days = plan(today, HELD, now)
        return render_template(
            "lobby/lobby.html",
            days=days,
            scene=scene(days[0], now),
            whole=whole,
            now=now,
            tag=tag,
            time=TIME,
            build=filters.asset("css/lobby.css")[-12:] + filters.asset("js/lobby.js")[-12:],
            codes={page: qr_code(current_app.config["PUBLIC_URL"], page) for page in ("heute", "anfrage")},
        )

    milliseconds = str(int(now.timestamp() * 1000))
    minute = str(int(now.timestamp()) // shared.MINUTE)
    # A screen that begins takes the time from the page; one that asks again reads it in the header.
    told = milliseconds.encode()
    answer = shared.kept_or_304(render, tag, moment=minute, finish=lambda page: page.replace(TIME.encode(), told))
    answer.headers["Cache-Control"] = "no-store"  # the screen keeps its plan itself, and knows how old it is
    # Not the header Date: a clock that BOOKING_NOW has set tells another time, and whole seconds are too coarse.
    answer.headers["House-Time"] = milliseconds
    return answer


@bp.get("/heute", endpoint="today")
@public
@shared.shared()
def today_page() -> str:
    """The same plan on the phone."""
    now = clock.now()
    day = plan(now.astimezone(house().zone).date(), 1, now)[0]
    later = [one for one in day.lines if one.now.state is not State.GONE and not one.happens]
    elsewhere = [(each, url, wording.words(each.code).gettext("Today in English")) for each, url in locale.others()]
    return render_template(
        "lobby/today.html", day=day, scene=scene(day, now), later=later, now=now, in_others=elsewhere
    )


class QrCode(NamedTuple):
    """A QR code to a page of ours: its dark modules as the path of a drawing, and how many there are on a side."""

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
    runs = []
    for y, row in enumerate(code.matrix):
        edges = [x for x, (left, right) in enumerate(pairwise([0, *row, 0])) if left != right]
        runs += [f"M{x} {y}h{end - x}v1h-{end - x}z" for x, end in zip(edges[::2], edges[1::2], strict=True)]
    return QrCode(urlsplit(public_url).netloc, page, "".join(runs), len(code.matrix))
