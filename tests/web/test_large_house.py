"""The office's pages in a house of thirty rooms, on a full day, with three hundred requests waiting.

``CheckedClient`` counts what each page asks the database.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from booking.database import db, transaction
from booking.domain.status import Status
from booking.models import Booking, Occurrence
from tests import make
from tests.support.app import CheckedClient
from tests.support.pages import parse, text

ROOMS, REQUESTS = 30, 300


def copied(booking: Booking, number: int) -> None:
    """Store so many more requests like this one, each a day later than the one before."""
    like = {table: db.session.execute(sa.select(table)).mappings().all()[-1] for table in TABLES}
    day = timedelta(days=1)
    for n in range(1, number + 1):
        its = {"id": booking.id + n, "reference": f"IO-27-{n:04}", "form_id": str(uuid4())}
        date = like[TABLES[1]]
        at = {name: date[name] + (n % 90) * day for name in ("start", "end", "original_start")}
        db.session.execute(sa.insert(TABLES[0]).values({**like[TABLES[0]], **its}))
        its = {"id": date["id"] + n, "uid": str(uuid4()), "booking_id": booking.id + n}
        db.session.execute(sa.insert(TABLES[1]).values({**date, **at, **its}))


TABLES = (Booking.__table__, Occurrence.__table__)


@pytest.fixture
def large(app: Flask) -> None:
    make.house()
    rooms = [make.room(f"Raum {n}", 10 + n) for n in range(1, ROOMS + 1)]
    for n, room in enumerate(rooms):
        starts = [f"2026-11-30T{hour:02}:00" for hour in range(9, 19, 3)]
        make.booking(room, *starts, status=Status.APPROVED, group=f"Gruppe {n % 10}", way_in="need")
    wish = make.booking(rooms[0], "2027-01-04T16:00", reference="IO-27-0000", title="Chorprobe")
    with transaction():
        copied(wish, REQUESTS - 1)


#: Pages, and what stands there.
PAGES = {
    "/team": "300 neue Anfragen",
    "/team?tab=all": "Chorprobe",
    "/team/anfragen/IO-27-0200": "Chorprobe",
    "/team/heute": "Raum 30",
    "/team/kalender/2026-W49": "Raum 1",
    "/team/wochenplan/2026-W49?fuer=team": "Raum 30",
    "/team/schluessel": "Schlüssel",
    "/kalender/tag/2026-11-30": "Raum 30",
    "/lobby": "Raum 1",
}


def test_pages_of_a_large_house_ask_no_more_than_any(staff_client: CheckedClient, large: None) -> None:
    for address, said in PAGES.items():
        answer = staff_client.get(address)

        assert answer.status_code == 200
        assert said in text(parse(answer.text)[0]), address
