"""A lobby screen in fast motion: the house's clock is set from moment to moment, and what the screen shows is compared
with what the database says."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import WSGIRequestHandler, make_server

from booking import clock
from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import House, Occurrence
from tests import make

MINUTE = timedelta(minutes=1)

#: The meetings of a long day: room, start, minutes.
MEETINGS = (
    (0, "07:30", 90), (1, "08:00", 240), (2, "09:15", 45), (3, "10:00", 60), (4, "10:10", 110), (5, "12:00", 30),
    (0, "12:30", 150), (1, "13:00", 120), (2, "16:00", 120), (3, "17:30", 120), (4, "18:00", 180), (5, "18:05", 55),
    (0, "19:00", 120), (1, "22:15", 90),
)  # fmt: skip

#: The screen is laid out, and its first question answered: the page itself knows the minute alone.
ANSWERED = "() => (({pages, time}) => pages && time % 60_000)(document.querySelector('.frame').dataset)"

#: What is on the screen: where each row stands, its title, and what is said of it.
SHOWN = r"""() => [...document.querySelectorAll('.frame[data-shows="rows"] .row')].map((row) => [
  row.closest('.now') ? 'now' : 'later',
  row.querySelector('.title').textContent,
  row.closest('.now') ? row.querySelector('.words').textContent : row.querySelector('.off')?.textContent.trim() ?? '',
]).sort()"""


def fill(day: str) -> list[Occurrence]:
    """Fourteen meetings in six rooms on a day, one of them cancelled and one closed, and others the day after."""
    make.house()
    rooms = [make.room(f"Raum {number}", 20) for number in range(6)]
    found = []
    for number, (room, start, minutes) in enumerate(MEETINGS):
        values = {"title": f"Treffen {number}", "group": f"Gruppe {number}", "is_open": number != 5}
        booking = make.booking(rooms[room], f"{day}T{start}", minutes=minutes, status=Status.APPROVED, **values)
        found += booking.occurrences
    change(found[9], status=Status.CANCELLED)
    return found


def change(occurrence: Occurrence, **values: Any) -> None:
    """As a step of the team does it, with what follows for the public."""
    with transaction():
        row = db.session.get_one(Occurrence, occurrence.id)
        for name, value in values.items():
            setattr(row, name, value)
        db.session.get_one(House, 1).version += 1


def due(found: list[Occurrence], now: datetime) -> list[list[str]]:
    """What must be on the screen: an answer from the rows of the day alone, minute by minute."""
    rows = []
    for each in found:
        begins, ends = (ceil((at - now) / MINUTE) for at in (each.start, each.end))
        title = each.booking.title if each.booking.is_open else "Geschlossenes Treffen"
        end = f"{each.end.astimezone(make.ZONE):%H:%M}"
        if each.status is Status.CANCELLED:
            rows += [["later", title, "Fällt heute aus"]] if now < each.end else []
        elif now >= each.end + 5 * MINUTE:
            continue
        elif now >= each.end:
            rows.append(["now", title, "gerade zu Ende"])
        elif now >= each.end - 10 * MINUTE:
            rows.append(["now", title, "noch 1 Minute" if ends == 1 else f"noch {ends} Minuten"])
        elif now >= each.start:
            rows.append(["now", title, f"läuft bis {end}"])
        elif now >= each.start - 15 * MINUTE:
            rows.append(["now", title, "in 1 Minute" if begins == 1 else f"in {begins} Minuten"])
        else:
            rows.append(["later", title, ""])
    is_night = not 6 <= now.astimezone(make.ZONE).hour < 23
    return [] if is_night and not any(where == "now" for where, *_ in rows) else sorted(rows)


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of what went well."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The application in this process, so that its clock can be set; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    app.config["PUBLIC_URL"] = url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def differences(page: Page, found: list[Occurrence], now: datetime) -> list[str]:
    """Let the screen ask at this moment, and say where it is not as the database is."""
    clock.stand_at(now)
    page.evaluate("() => { dispatchEvent(new Event('online')); }")
    page.wait_for_function(
        "time => document.querySelector('.frame').dataset.time === time", arg=str(int(now.timestamp() * 1000))
    )
    for each in found:
        db.session.refresh(each)
    shown, expected = page.evaluate(SHOWN), due(found, now)
    db.session.rollback()
    local = now.astimezone(make.ZONE)
    return [] if shown == expected else [f"{local:%a %H:%M:%S}: shown {shown}, due {expected}"]
