"""The lobby screen: how it looks in every state, and a day of it in fast motion.

Each state is measured on three panels in both languages, and at once, and at
the door of a room; TEST_SHOTS names a folder for pictures. Then each minute of a day it asks and is compared with the
database, row by row. Held if nothing is too small, too pale or out of its
place, every row stands where it must, nothing complains, and the page does not
grow. ``minutes=120`` for less of the day, ``looks=0`` without the states.
"""

import math
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, ViewportSize, sync_playwright

from booking import clock, links
from booking.database import db
from booking.domain.status import Status
from booking.models import Room
from drills.service import settings
from tests import make
from tests.support.app import application, migrate
from tests.support.board import DOORS, LANDSCAPE, SCREENS, faults_of, measured
from tests.support.browser import ARGUMENTS, shoot
from tests.support.fast_motion import ANSWERED, MINUTE, change, differences, fill, serving
from tools import machine

DAY = "2026-12-08"
GROWS = 1.1  # times what the page used after its first hour
COMPLAINTS = ("error", "warning")


#: When which state is to be seen, in a week with an evening on its Tuesday and a closure on its Friday.
STATES = {
    "quiet": "2026-12-08T15:00",
    "soon": "2026-12-08T17:20",
    "normal": "2026-12-08T18:42",
    "over": "2026-12-08T21:40",
    "night": "2026-12-08T23:04",
    "empty": "2026-12-07T12:00",
    "cancelled": "2026-12-09T12:00",
    "closed": "2026-12-11T12:00",
    "weekend": "2026-12-12T12:00",
    "nothing": "2026-12-17T12:00",
    "holiday": "2026-12-25T12:00",
}


def main(arguments: list[str]) -> int:
    wanted = settings(arguments, looks=1, minutes=24 * 60)
    faults = looks() if wanted["looks"] else 0
    return int(bool(faults) or not (wanted["minutes"] == 0 or day(wanted["minutes"])))


def looks() -> int:
    """How much is wrong in all states."""
    number, least_of = 0, {name: [math.inf] for name in ("smallest", "essential", "contrast")}
    with screen() as (browser, address):
        a_week()
        for (name, path, panel), (state, at) in product(all_screens(), STATES.items()):
            clock.stand_at(make.instant(at) + timedelta(seconds=29))
            page = browser.new_page(viewport=panel)
            page.goto(f"{address}{path}")
            page.wait_for_function(ANSWERED)
            shoot(page, f"{name}-{state}-{panel['width']}", full_page=False)
            found = measured(page)
            for figure, least in least_of.items():
                least.append(found[figure])
            for fault in faults_of(page):
                number += 1
                print(f"  {name} {state} {panel['width']}: {fault}", flush=True)
            page.context.close()
    figures = ", ".join(f"{name} {min(least):.2f}" for name, least in least_of.items())
    print(f"{len(least_of['smallest']) - 1} looks, {number} faults: {figures}")
    return number


def all_screens() -> list[tuple[str, str, ViewportSize]]:
    """A name, an address and a panel each."""
    workshop = db.session.scalars(db.select(Room).order_by(Room.position)).all()[1]
    by = make.staff()
    found = [(f"lobby{prefix}", f"{prefix}/lobby", panel) for prefix, panel in product(("", "/en"), SCREENS)]
    for language, second, rooms, panels in (
        ("de", "en", [], SCREENS),
        ("de", "", [workshop], DOORS),
        ("en", "", [workshop], DOORS),
        ("de", "en", [workshop], DOORS),
    ):
        made = make.display("Tür", *rooms, language=language, second_language=second, by=by)
        name = f"{'door' if rooms else 'lobby'}-{language}{second}"
        found += [(name, f"/display/{links.token(made)}?vorschau", panel) for panel in panels]
    return [(name.replace("/", "-"), path, panel) for name, path, panel in found]


def a_week() -> None:
    make.house()
    large, workshop, small = make.rooms()
    evening = (
        (large, "08T17:30", "Arbeitstreffen", True),
        (workshop, "08T19:00", "Utopische Schreibwerkstatt", True),
        (small, "08T19:30", "Mut zur Lücke", False),
        (large, "09T16:00", "Gesundes Städte-Netzwerk", True),
        (workshop, "10T18:30", "Größe zählt: Füße, Straße & Ökologie – „Über-Mut“ für alle", True),
    )
    for room, begins, title, is_open in evening:
        values = {"title": title, "group": title, "is_open": is_open, "status": Status.APPROVED}
        booking = make.booking(room, f"2026-12-{begins}", **values)
        if begins.startswith("09"):
            change(booking.occurrences[0], status=Status.CANCELLED)
    make.closure("2026-12-11T00:00", "2026-12-12T00:00", reason="Inventur")


@contextmanager
def screen() -> Iterator[tuple[Browser, str]]:
    """A browser, and the address of a service without a house on a database of its own."""
    program = machine.find_chromium()
    if program is None:
        raise SystemExit(machine.NO_CHROMIUM)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        os.environ["BOOKING_INSTANCE"] = name
        url = f"sqlite:///{Path(name) / 'booking.sqlite'}"
        migrate(url)
        with application(url) as app, serving(app) as address:
            browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            yield browser, address
            browser.close()


def day(minutes: int) -> bool:
    """Whether it held for so many minutes."""
    with screen() as (browser, address):
        found = fill(DAY)
        page = browser.new_page(viewport=LANDSCAPE)
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text) if message.type in COMPLAINTS else None)
        page.on("pageerror", lambda error: told.append(str(error)))
        begin = make.instant(f"{DAY}T00:00") + timedelta(seconds=29)
        page.goto(f"{address}/lobby")
        watched, wrong, sizes = page.context.new_cdp_session(page), [], []
        for number in range(minutes):
            if number == 11 * 60:
                change(found[11], status=Status.CANCELLED)
            if number == 15 * 60 + 50:
                change(found[8], status=Status.CANCELLED)
            wrong += differences(page, found, begin + number * MINUTE)
            if number % 60 == 59:
                sizes.append(used(watched))
                print(f"  {number + 1} minutes, {len(wrong)} wrong, {sizes[-1] // 1024} KiB", flush=True)
    for line in [*wrong[:10], *told[:10]]:
        print(f"  {line}")
    grown = sizes[-1] / sizes[0] if sizes else 1.0
    print(f"{minutes} minutes: {len(wrong)} wrong, {len(told)} complaints, memory x {grown:.3f}")
    return not (wrong or told) and grown <= GROWS


def used(watched: CDPSession) -> int:
    """Bytes that the page needs."""
    watched.send("HeapProfiler.collectGarbage")
    return int(watched.send("Runtime.getHeapUsage")["usedSize"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
