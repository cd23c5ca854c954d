"""Look at every page in every state, in both languages, for people with all kinds of needs, and at its HTML.

The Nu HTML checker is fetched by npm and needs Java; where there is none, the drill says so and does the rest.
``jar=PATH`` names a checker that is there already. Held if nothing is found.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from playwright.sync_api import sync_playwright

from booking.languages import LANGUAGES, WHOLE
from tests.support.app import Clock, application, migrate
from tests.support.browser import ARGUMENTS
from tests.support.every_state import State, crowded, states
from tests.support.shown import Reader
from tests.support.whole_house import lived_in
from tools import machine

CHECKER = "vnu-jar@26"


def main(arguments: list[str]) -> int:
    jar = dict(each.split("=", 1) for each in arguments).get("jar", "")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["BOOKING_INSTANCE"] = name
        url = f"sqlite:///{folder / 'booking.sqlite'}"
        migrate(url)
        with application(url) as app:
            faults = _read(app, folder)
        return int(_check(folder, jar) + faults > 0)


def _read(app: Flask, folder: Path) -> int:
    """How much is wrong for people; each page is left in the folder."""
    program = machine.find_chromium()
    if program is None:
        raise SystemExit(machine.NO_CHROMIUM)
    number, found = 0, 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        reader = Reader(browser)
        for number, (language, state) in enumerate(_all_states(app), 1):
            (folder / f"{number:03}-{language}-{state.name.replace('/', '-')}.html").write_text(state.answer.text)
            for fault in reader.faults(state, wide=True):
                found += 1
                print(f"  {language} {state.name} ({state.path}): {fault}", flush=True)
        reader.close()
        browser.close()
    print(f"{number} states, {found} faults for people")
    return found


def _all_states(app: Flask) -> Iterator[tuple[str, State]]:
    clock = Clock()
    house = lived_in(app, clock)
    house.keep()
    places = crowded(house, clock)
    for code in WHOLE:
        yield from ((code, state) for state in states(app, house, places, clock, LANGUAGES[code].prefix))


def _check(folder: Path, jar: str) -> int:
    """How much the checker finds in the pages of the folder."""
    if shutil.which("java") is None:
        print("There is no Java (Debian: sudo apt install default-jre-headless): the HTML was not checked.")
        return 0
    if not jar:
        machine.npm(
            ["install", "--ignore-scripts", "--prefix", str(folder), CHECKER], "npm could not fetch the checker."
        )
        jar = str(folder / "node_modules/vnu-jar/build/dist/vnu.jar")
    pages = sorted(folder.glob("*.html"))
    done = subprocess.run(
        ["java", "-Xss8m", "-jar", jar, "--format", "gnu", "--Werror", *pages],
        capture_output=True,
        text=True,
        check=False,
    )
    found = done.stderr.splitlines()
    print("\n".join(found), f"{len(found)} faults of HTML", sep="\n")
    return len(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
