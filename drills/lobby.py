"""A day of the lobby screen in fast motion: each minute it asks and is compared with the database, row by row.

Held if every row stands where it must, nothing complains, and the page does not grow. ``minutes=120`` for less of it.
"""

import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import CDPSession, sync_playwright

from booking.domain.status import Status
from drills.service import settings
from tests import make
from tests.support.app import application, migrate
from tests.support.browser import ARGUMENTS
from tests.support.fast_motion import MINUTE, change, differences, fill, serving
from tools import machine

DAY = "2026-12-08"
GROWS = 1.1  # times what the page used after its first hour
COMPLAINTS = ("error", "warning")


def main(arguments: list[str]) -> int:
    minutes = settings(arguments, minutes=24 * 60)["minutes"]
    program = machine.find_chromium()
    if program is None:
        raise SystemExit(machine.NO_CHROMIUM)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        os.environ["BOOKING_INSTANCE"] = name
        url = f"sqlite:///{Path(name) / 'booking.sqlite'}"
        migrate(url)
        with application(url) as app, serving(app) as address:
            found = fill(DAY)
            browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
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
                    change(found[8], doors=make.instant(f"{DAY}T15:30"), status=Status.CANCELLED)
                wrong += differences(page, found, begin + number * MINUTE)
                if number % 60 == 59:
                    sizes.append(used(watched))
                    print(f"  {number + 1} minutes, {len(wrong)} wrong, {sizes[-1] // 1024} KiB", flush=True)
            browser.close()
    for line in [*wrong[:10], *told[:10]]:
        print(f"  {line}")
    grown = sizes[-1] / sizes[0] if sizes else 1.0
    print(f"{minutes} minutes: {len(wrong)} wrong, {len(told)} complaints, memory x {grown:.3f}")
    return int(bool(wrong or told) or grown > GROWS)


def used(watched: CDPSession) -> int:
    """Bytes that the page needs."""
    watched.send("HeapProfiler.collectGarbage")
    return int(watched.send("Runtime.getHeapUsage")["usedSize"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
